/** Security groups, as EC2 answers and as the runbook means them; and the calls that change what comes in. */

import {
  AuthorizeSecurityGroupIngressCommand,
  EC2Client,
  paginateDescribeSecurityGroups,
  RevokeSecurityGroupIngressCommand,
  type Filter,
  type SecurityGroup as Described,
} from '@aws-sdk/client-ec2';
import { client } from '../../../shared/aws/clients.ts';
import { literally } from '../../../shared/aws/ec2/filters.ts';
import { chunksOf, collect } from '../../../shared/aws/pages.ts';
import { objectsOf, textOf } from '../../../shared/aws/planned-input.ts';
import type { JsonObject, PlannedCall } from '../../../shared/kernel/decision.ts';
import type { Change, Io } from '../../../shared/kernel/definition.ts';
import { RetryableError, TerminalError } from '../../../shared/kernel/errors.ts';
import { among, permissionsOf, rulesIn, without, type Rule, type SecurityGroup } from '../decide.ts';

/** The tag that opts a group in, and names its allow-list. */
const TAG = 'runbook:lockdown';

/** EC2 takes so many values for a filter. Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Filter.html */
const FILTER_VALUES = 200;

/** As they were read, by id. */
export type Groups = ReadonlyMap<string, Described>;

async function described(filter: Filter, io: Io): Promise<readonly Described[]> {
  return collect(
    paginateDescribeSecurityGroups({ client: client(EC2Client) }, { Filters: [filter] }, { abortSignal: io.signal }),
    ({ SecurityGroups }) => SecurityGroups,
  );
}

/** @throws TerminalError for an answer that cannot be understood: whom it lets in is not known */
function groupOf(group: Described): SecurityGroup {
  const { GroupId: id, GroupName: name = '', VpcId: vpcId = null, IpPermissions: permissions, Tags = [] } = group;
  if (id === undefined || permissions === undefined)
    throw new TerminalError(`${id ?? 'a security group'}: EC2's answer lacks its id or its rules`);
  const allowList = Tags.find(({ Key }) => Key === TAG)?.Value ?? null;
  return { id, name, vpcId, allowList, rules: rulesIn(permissions) };
}

/** All that are tagged, by id. */
export async function taggedGroups(io: Io): Promise<Groups> {
  return byId(await described({ Name: 'tag-key', Values: [TAG] }, io));
}

function byId(groups: readonly Described[]): Groups {
  return new Map(groups.map((group) => [group.GroupId ?? '', group]));
}

/** Those that are there, by id; by filter: an id that is gone is then no error. */
export async function readGroups(ids: readonly string[], io: Io): Promise<Groups> {
  const found = await Promise.all(
    chunksOf(ids, FILTER_VALUES).map((some) => described({ Name: 'group-id', Values: some }, io)),
  );
  return byId(found.flat());
}

/**
 * One of those that were read; `null`: it is gone.
 * @throws TerminalError for an answer that cannot be understood
 */
export function groupIn(groups: Groups, id: string): SecurityGroup | null {
  const group = groups.get(id);
  return group === undefined ? null : groupOf(group);
}

/** Ids of the groups that are called so, by `GroupName` or by the tag `Name`. */
export async function idsNamed(name: string, io: Io): Promise<readonly string[]> {
  const found = await Promise.all(
    ['group-name', 'tag:Name'].map((by) => described({ Name: by, Values: [literally(name)] }, io)),
  );
  return [...new Set(found.flat().flatMap(({ GroupId: id }) => id ?? []))].toSorted();
}

function rulesOf(input: JsonObject): readonly Rule[] {
  return rulesIn(objectsOf(input, 'IpPermissions'));
}

/** What every plan of ours writes, and nothing else of the input. */
function changeOf(input: JsonObject) {
  const rules = rulesOf(input);
  // Without rules EC2 would ask for them in other words.
  if (rules.length === 0) throw new TerminalError('plan: IpPermissions: no rule is named');
  return { GroupId: textOf(input, 'GroupId'), IpPermissions: permissionsOf(rules) };
}

/** Source of the names: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
export const authorizeIngress: Change = {
  send: (input, io) =>
    client(EC2Client).send(new AuthorizeSecurityGroupIngressCommand(changeOf(input)), { abortSignal: io.signal }),
  means: {
    'InvalidPermission.Duplicate': 'conflict',
    RulesPerSecurityGroupLimitExceeded: 'capacity',
    // The group itself, or one that a rule lets in: another look tells which.
    'InvalidGroup.NotFound': 'refused',
    'InvalidPrefixListID.NotFound': 'refused',
    'InvalidPrefixListId.NotFound': 'refused',
    'InvalidVpcPeeringConnectionID.NotFound': 'refused',
    InvalidParameterValue: 'refused',
  },
};

/** Takes away exactly these; where one is not there any more nothing was taken away, and another look tells. */
export const revokeIngress: Change = {
  send: (input, io) =>
    client(EC2Client).send(new RevokeSecurityGroupIngressCommand(changeOf(input)), { abortSignal: io.signal }),
  means: { 'InvalidPermission.NotFound': 'conflict', 'InvalidGroup.NotFound': 'gone' },
};

/**
 * Reads the group back. Where it is not what was written somebody has changed it since, and it is looked at again.
 * @throws RetryableError
 */
export async function verifyGroup(plan: readonly PlannedCall[], io: Io): Promise<void> {
  const of = (name: string): readonly Rule[] =>
    plan.filter(({ call, optional }) => call === name && optional !== true).flatMap(({ input }) => rulesOf(input));
  const id = plan.filter(({ call }) => call.startsWith('ec2:')).map(({ input }) => textOf(input, 'GroupId'))[0];
  if (id === undefined) return;
  const group = groupIn(await readGroups([id], io), id);
  // With the group everything is gone that could be taken away, and the next look says so.
  if (group === null) return;
  const missing = without(of('ec2:AuthorizeSecurityGroupIngress'), group.rules);
  const left = among(group.rules, of('ec2:RevokeSecurityGroupIngress'));
  if (missing.length + left.length > 0)
    throw new RetryableError(`${id} is not what was written: somebody has changed it since`);
}
