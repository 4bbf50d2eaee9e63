/**
 * Network ACLs: described, and their entries made, replaced and deleted, within what AWS lets stand in one.
 *
 * Source of what is an entry: https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html
 */

import { NetworkAcl$ } from '@aws-sdk/client-ec2';
import { awsError, NotSimulatedError, type Operation, type Shape, type World } from '../../engine/model.ts';
import { filtered, page, read, strings, write, type FilterPaths } from './filters.ts';
import {
  canonical,
  entriesOf,
  entryAt,
  familyOfEntry,
  MOST_RULES,
  networkOf,
  withDefaultDenials,
} from './network-acl-entries.ts';
import { outputOf } from './shape.ts';
import { demand, demandOne, find, records, show, text } from './state.ts';

const output = outputOf(NetworkAcl$);

const FILTERS: FilterPaths = {
  'association.association-id': 'Associations.NetworkAclAssociationId',
  'association.network-acl-id': 'Associations.NetworkAclId',
  'association.subnet-id': 'Associations.SubnetId',
  default: 'IsDefault',
  'entry.cidr': 'Entries.CidrBlock',
  'entry.egress': 'Entries.Egress',
  'entry.ipv6-cidr': 'Entries.Ipv6CidrBlock',
  'entry.rule-action': 'Entries.RuleAction',
  'entry.rule-number': 'Entries.RuleNumber',
  'network-acl-id': 'NetworkAclId',
  'owner-id': 'OwnerId',
  'vpc-id': 'VpcId',
};

/** Answers give both directions, each in the order in which AWS judges by it. */
function inOrder(one: Shape, other: Shape): number {
  if (one['Egress'] !== other['Egress']) return one['Egress'] === true ? -1 : 1;
  return Number(one['RuleNumber']) - Number(other['RuleNumber']);
}

/** What AWS always gives, and a file may leave out. */
function asAnswered(acl: Shape, world: World): Shape {
  const vpc = find(world, 'Vpcs', text(acl, 'VpcId'));
  const entries = withDefaultDenials(acl, vpc).toSorted(inOrder);
  return { Associations: [], IsDefault: false, OwnerId: world.account, Tags: [], ...acl, Entries: entries };
}

function describeNetworkAcls(input: Shape, world: World): object {
  const ids = strings(input, 'NetworkAclIds');
  const acls = ids.length > 0 ? demand(world, 'NetworkAcls', ids) : records(world, 'NetworkAcls');
  const answered = acls.map((acl) => asAnswered(acl, world));
  const found = filtered('DescribeNetworkAcls', input, answered, FILTERS);
  const { items, rest } = page('DescribeNetworkAcls', input, found, 'NetworkAclIds');
  return { NetworkAcls: items.map(output), ...rest };
}

/** Above it AWS keeps the numbers for itself. Source: API_CreateNetworkAclEntry (RuleNumber). */
const LAST_NUMBER = 32_766;
const BEYOND = 'ec2: a network ACL entry with a number of AWS’s own fails with InvalidParameterValue';

interface Named {
  readonly acl: Shape;
  readonly ruleNumber: number;
  readonly egress: boolean;
}

/** The ACL of a request, and which of its entries. */
function named(input: Shape, world: World): Named {
  const missing = ['NetworkAclId', 'RuleNumber', 'Egress'].find((member) => input[member] === undefined);
  if (missing !== undefined)
    throw awsError('MissingParameter', `The request must contain the parameter ${lowerFirst(missing)}`);
  const acl = demandOne(world, 'NetworkAcls', text(input, 'NetworkAclId') ?? '');
  const ruleNumber = Number(input['RuleNumber']);
  if (!Number.isInteger(ruleNumber) || ruleNumber < 1 || ruleNumber > LAST_NUMBER) {
    world.assume(BEYOND);
    throw awsError('InvalidParameterValue', `Value (${ruleNumber}) for parameter ruleNumber is invalid.`);
  }
  return { acl, ruleNumber, egress: input['Egress'] === true };
}

function lowerFirst(member: string): string {
  return member.charAt(0).toLowerCase() + member.slice(1);
}

/** Protocols by number, with the member that each must come with. Source: API_CreateNetworkAclEntry. */
const COMES_WITH: { readonly [protocol: string]: string } = {
  '1': 'IcmpTypeCode',
  '6': 'PortRange',
  '17': 'PortRange',
  '58': 'IcmpTypeCode',
};

function demandProtocol(input: Shape): string {
  const protocol = text(input, 'Protocol');
  if (protocol === undefined) throw awsError('MissingParameter', 'The request must contain the parameter protocol');
  if (protocol !== '-1' && !/^\d{1,3}$/u.test(protocol))
    throw new NotSimulatedError(`ec2: a network ACL entry with the protocol ${protocol}: write its number, or -1`);
  const member = COMES_WITH[protocol];
  // Seen by users of the API: github.com/hashicorp/terraform/issues/19188.
  if (member !== undefined && input[member] === undefined)
    throw awsError('MissingParameter', `The request must contain the parameter ${lowerFirst(member)}`);
  return protocol;
}

/** The network of a request, as EC2 keeps it: of one family, its host bits zeroed. */
function demandNetwork(input: Shape): Shape {
  const [given, second] = networkOf(input);
  if (given === undefined || second !== undefined) {
    const code = given === undefined ? 'MissingParameter' : 'InvalidParameterCombination';
    throw awsError(code, 'The request must contain exactly one of the parameters cidrBlock and ipv6CidrBlock');
  }
  const [member, cidr] = given;
  const kept = canonical(member, cidr);
  // Seen by users of the API: github.com/hashicorp/terraform/pull/12735.
  if (kept === undefined) throw awsError('InvalidParameterValue', `CIDR block ${cidr} is malformed`);
  return { [member]: kept };
}

function requested(input: Shape, { ruleNumber, egress }: Named): Shape {
  const protocol = demandProtocol(input);
  const action = show(input['RuleAction']);
  if (action !== 'allow' && action !== 'deny')
    throw awsError('InvalidParameterValue', `Value (${action}) for parameter ruleAction is invalid.`);
  const { IcmpTypeCode, PortRange } = input;
  return {
    ...demandNetwork(input),
    Egress: egress,
    ...(IcmpTypeCode === undefined ? {} : { IcmpTypeCode }),
    ...(PortRange === undefined ? {} : { PortRange }),
    Protocol: protocol,
    RuleAction: action,
    RuleNumber: ruleNumber,
  };
}

/**
 * Refuses one rule too many: they are counted by direction and family, AWS's own denial among them.
 * Source: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html (network ACLs); the error and its text seen by users
 * of the API: github.com/binbashar/le-tf-infra-aws/issues/276, github.com/alphagov/paas-cf/pull/149.
 */
function demandRoom(world: World, acl: Shape, entry: Shape, replaced: Shape | undefined): void {
  const code = 'NetworkAclEntryLimitExceeded';
  const quota = records(world, 'Quotas').find((each) => each['QuotaCode'] === code)?.['Value'];
  const most = typeof quota === 'number' ? quota : MOST_RULES;
  const family = familyOfEntry(entry);
  const others = withDefaultDenials({ ...acl, Entries: [...entriesOf(acl), entry] }, undefined).filter(
    (each) => each !== replaced && each['Egress'] === entry['Egress'] && familyOfEntry(each) === family,
  );
  if (others.length > most) throw awsError(code, 'The maximum number of network acl entries has been reached.');
}

/** An entry is named by its number and direction: nothing in that names a family. */
const SHARED_NUMBERS = 'ec2: IPv4 and IPv6 entries of a network ACL share the numbers of their direction';

/** The error and its text were seen by users of the API: github.com/ansible-collections/amazon.aws/issues/2592. */
function demandFree(world: World, { acl, ruleNumber, egress }: Named, entry: Shape): void {
  const there = entryAt(acl, ruleNumber, egress);
  if (there === undefined) return;
  if (familyOfEntry(there) !== familyOfEntry(entry)) world.assume(SHARED_NUMBERS);
  throw awsError('NetworkAclEntryAlreadyExists', `The network acl entry identified by ${ruleNumber} already exists.`);
}

function createNetworkAclEntry(input: Shape, world: World): object {
  const asked = named(input, world);
  const entry = requested(input, asked);
  const { acl } = asked;
  demandFree(world, asked, entry);
  demandRoom(world, acl, entry, undefined);
  acl['Entries'] = [...entriesOf(acl), entry];
  world.signal('network-changed', {});
  return {};
}

/** The code was seen by users of the API: github.com/hashicorp/terraform-provider-aws/issues/12175. */
function demandEntry({ acl, ruleNumber, egress }: Named): Shape {
  const found = entryAt(acl, ruleNumber, egress);
  if (found !== undefined) return found;
  const direction = egress ? 'egress' : 'ingress';
  throw awsError('InvalidNetworkAclEntry.NotFound', `There is no ${direction} entry identified by ${ruleNumber}.`);
}

function replaceNetworkAclEntry(input: Shape, world: World): object {
  const asked = named(input, world);
  const entry = requested(input, asked);
  const { acl } = asked;
  const replaced = demandEntry(asked);
  demandRoom(world, acl, entry, replaced);
  acl['Entries'] = entriesOf(acl).map((each) => (each === replaced ? entry : each));
  world.signal('network-changed', {});
  return {};
}

function deleteNetworkAclEntry(input: Shape, world: World): object {
  const asked = named(input, world);
  const deleted = demandEntry(asked);
  asked.acl['Entries'] = entriesOf(asked.acl).filter((each) => each !== deleted);
  world.signal('network-changed', {});
  return {};
}

export const networkAclOperations: { readonly [operation: string]: Operation } = {
  DescribeNetworkAcls: read('DescribeNetworkAcls', describeNetworkAcls),
  CreateNetworkAclEntry: write('CreateNetworkAclEntry', createNetworkAclEntry),
  ReplaceNetworkAclEntry: write('ReplaceNetworkAclEntry', replaceNetworkAclEntry),
  DeleteNetworkAclEntry: write('DeleteNetworkAclEntry', deleteNetworkAclEntry),
};
