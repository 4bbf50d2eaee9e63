/** Network ACLs, as EC2 answers and as the runbook means them. */

import {
  CreateNetworkAclEntryCommand,
  DeleteNetworkAclEntryCommand,
  EC2Client,
  ReplaceNetworkAclEntryCommand,
  type Filter,
  type NetworkAcl as Described,
} from '@aws-sdk/client-ec2';
import { ec2Arn } from '../../../shared/aws/arn.ts';
import { aclOf, describeAcls } from '../../../shared/aws/blocklist/network-acls.ts';
import { TAG } from '../../../shared/aws/blocklist/tag.ts';
import { client } from '../../../shared/aws/clients.ts';
import { tagsOf } from '../../../shared/aws/ec2/reading.ts';
import { textOf } from '../../../shared/aws/planned-input.ts';
import { settingsReader, wholeNumber } from '../../../shared/aws/tag-settings.ts';
import type { JsonObject, PlannedCall } from '../../../shared/kernel/decision.ts';
import type { Change, Io, Verification } from '../../../shared/kernel/definition.ts';
import { RetryableError, TerminalError } from '../../../shared/kernel/errors.ts';
import type { NetworkAcl } from '../decide.ts';

/** Set by people where EC2 has raised the quota: it says nowhere in an ACL how many rules that takes. */
const RULES_TAG = 'runbook:rules';

/** The quota where nobody has raised it, and as far as EC2 raises it. Source: VPC user guide, "Amazon VPC quotas". */
const [USUAL_RULES, MOST_RULES] = [20, 40];

/** An ACL by its ARN. */
export interface LocatedAcl {
  readonly arn: string;
  readonly acl: NetworkAcl;
}

/** One that is tagged and cannot be understood. */
export interface FaultyAcl {
  readonly arn: string;
  readonly error: unknown;
}

/** @throws TerminalError for an answer that cannot be understood */
function ruledAclOf(answer: Described): NetworkAcl {
  const acl = aclOf(answer);
  const { read, problems } = settingsReader(acl.id, tagsOf(answer.Tags));
  return { ...acl, rules: read(RULES_TAG, null, rulesIn, `a number from ${USUAL_RULES} to ${MOST_RULES}`), problems };
}

function rulesIn(text: string): number | undefined {
  const count = wholeNumber(text);
  return count === undefined || count < USUAL_RULES || count > MOST_RULES ? undefined : count;
}

/** Those that are tagged, and pass the other filters. */
function described(filters: readonly Filter[], io: Io): Promise<readonly Described[]> {
  return describeAcls([{ Name: 'tag-key', Values: [TAG] }, ...filters], io);
}

function located(acl: Described, io: Io): LocatedAcl | FaultyAcl {
  const { OwnerId: account = io.account, NetworkAclId: id = '' } = acl;
  const arn = ec2Arn('network-acl', id, { ...io, account });
  try {
    return { arn, acl: ruledAclOf(acl) };
  } catch (error) {
    return { arn, error };
  }
}

/**
 * All that are tagged, in EC2's order; one that cannot be understood comes with that as its own fault.
 * Throws what AWS throws: an answer that failed is not an empty one.
 */
export async function findAcls(io: Io): Promise<readonly (LocatedAcl | FaultyAcl)[]> {
  return (await described([], io)).map((acl) => located(acl, io));
}

/**
 * One ACL as it is; `null`: it is gone, or not tagged any more.
 * @throws TerminalError for an answer that cannot be understood, and what AWS throws
 */
export async function readAcl(id: string, io: Io): Promise<NetworkAcl | null> {
  // By filter: an id that is gone is then no error.
  const [acl] = await described([{ Name: 'network-acl-id', Values: [id] }], io);
  return acl === undefined ? null : ruledAclOf(acl);
}

function numberOf(input: JsonObject): number {
  const { RuleNumber } = input;
  if (typeof RuleNumber === 'number') return RuleNumber;
  throw new TerminalError('plan: RuleNumber: a number is missing');
}

function networkOf({ CidrBlock, Ipv6CidrBlock }: JsonObject): { CidrBlock: string } | { Ipv6CidrBlock: string } {
  if (typeof CidrBlock === 'string') return { CidrBlock };
  if (typeof Ipv6CidrBlock === 'string') return { Ipv6CidrBlock };
  throw new TerminalError('plan: CidrBlock, Ipv6CidrBlock: one of the two is missing');
}

/** What every plan of ours writes: a denial of all protocols, of what comes in. Nothing else of the input is sent. */
function denialOf(input: JsonObject) {
  return {
    NetworkAclId: textOf(input, 'NetworkAclId'),
    RuleNumber: numberOf(input),
    Protocol: '-1',
    RuleAction: 'deny',
    Egress: false,
    ...networkOf(input),
  } as const;
}

/** The ACL is gone, or has another number of ours: another look tells. Source: the "error codes" page of the EC2 API. */
const MOVED_MEANWHILE = {
  'InvalidNetworkAclID.NotFound': 'conflict',
  NetworkAclEntryAlreadyExists: 'conflict',
  'InvalidNetworkAclEntry.NotFound': 'conflict',
  NetworkAclEntryLimitExceeded: 'capacity',
} as const;

/** Takes a number that was free. */
export const createAclEntry: Change = {
  send: (input, io) =>
    client(EC2Client).send(new CreateNetworkAclEntryCommand(denialOf(input)), { abortSignal: io.signal }),
  means: MOVED_MEANWHILE,
};

/** Puts another network in the place of one of ours. */
export const replaceAclEntry: Change = {
  send: (input, io) =>
    client(EC2Client).send(new ReplaceNetworkAclEntryCommand(denialOf(input)), { abortSignal: io.signal }),
  means: MOVED_MEANWHILE,
};

/** Takes one of ours out; who has taken it out before has done the same. */
export const deleteAclEntry: Change = {
  send: (input, io) =>
    client(EC2Client).send(
      new DeleteNetworkAclEntryCommand({
        NetworkAclId: textOf(input, 'NetworkAclId'),
        RuleNumber: numberOf(input),
        Egress: false,
      }),
      { abortSignal: io.signal },
    ),
  means: { 'InvalidNetworkAclEntry.NotFound': 'gone', 'InvalidNetworkAclID.NotFound': 'gone' },
};

/** By number, what a plan leaves there; `null`: nothing. */
function leftBy(plan: readonly PlannedCall[]): ReadonlyMap<number, string | null> {
  const left = new Map<number, string | null>();
  for (const { call, input } of plan.filter((each) => /^ec2:\w+NetworkAclEntry$/u.test(each.call))) {
    const network = call === 'ec2:DeleteNetworkAclEntry' ? null : Object.values(networkOf(input)).join('');
    left.set(numberOf(input), network);
  }
  return left;
}

function isAsLeft({ entries }: NetworkAcl, ruleNumber: number, cidr: string | null): boolean {
  const there = entries.find((entry) => !entry.egress && entry.ruleNumber === ruleNumber);
  if (cidr === null || there === undefined) return cidr === null && there === undefined;
  return there.cidr === cidr && there.action === 'deny' && there.protocol === '-1';
}

/**
 * Reads the ACL back. Where its entries are not what was written, somebody has changed it since, and it is looked at again.
 * @throws RetryableError
 */
export async function verifyAcl(plan: readonly PlannedCall[], io: Io): Promise<Verification> {
  const left = leftBy(plan);
  const written = plan.find(({ call }) => /^ec2:\w+NetworkAclEntry$/u.test(call));
  if (written === undefined) return { ok: true };
  const id = textOf(written.input, 'NetworkAclId');
  const acl = await readAcl(id, io);
  // Gone with all that was written.
  if (acl === null) return { ok: true };
  const isThere = [...left].every(([ruleNumber, cidr]) => isAsLeft(acl, ruleNumber, cidr));
  if (isThere) return { ok: true };
  throw new RetryableError(`${id} is not what was written: somebody has changed it since`);
}
