/**
 * Reads and writes for `restrict-access`. Behind it, in `aws/`: what a run is started with (`requests`), security groups
 * (`security-groups`), the prefix lists that they are reduced to (`allow-lists`), `distributions`, and what is the account's own at
 * CloudFront (`anycast`).
 *
 * A person's request looks at what he names; the schedule at what is tagged, at what the ledger has noted as restricted, and at the
 * account's own addresses.
 */

import { arnParts, distributionArn, ec2Arn } from '../../shared/aws/arn.ts';
import { ANYCAST_READ } from '../../shared/judgement/blocklist/rows.ts';
import type { JsonObject, PlannedCall } from '../../shared/kernel/decision.ts';
import type { Change, Io, Located, Observed, Verification } from '../../shared/kernel/definition.ts';
import { classify, TerminalError } from '../../shared/kernel/errors.ts';
import { isJsonObject } from '../../shared/kernel/json.ts';
import { dataWrite } from '../../shared/kernel/ledger/data-write.ts';
import { openData, type DataItem } from '../../shared/kernel/ledger/data.ts';
import { DATA_WRITE } from '../../shared/kernel/ledger/planned-write.ts';
import { readAllowList } from './aws/allow-lists.ts';
import { locateAnycast, readAnycast } from './aws/anycast.ts';
import { readDistribution, taggedDistributions, updateDistribution, verifyDistribution } from './aws/distributions.ts';
import { askerOf, type Named, type Request } from './aws/requests.ts';
import {
  authorizeIngress,
  groupIn,
  idsNamed,
  readGroups,
  revokeIngress,
  taggedGroups,
  verifyGroup,
  type Groups,
} from './aws/security-groups.ts';
import {
  geoIn,
  isDue,
  isStanding,
  lockdownIn,
  RESTRICTION,
  type AnycastFacts,
  type DistributionFacts,
  type GroupFacts,
  type LockdownNote,
  type Noted,
  type SecurityGroup,
} from './decide.ts';

export { ofPerson, TICK, type Request } from './aws/requests.ts';

/** Facts as they are seen here; the kernel adds what it knows. */
export type Seen = Observed<GroupFacts> | Observed<DistributionFacts> | Observed<AnycastFacts>;

const RUNBOOK = 'restrict-access';

/** What the person names; else all that is tagged, and all that is restricted although it is tagged no more. */
export async function locate(request: Request, io: Io): Promise<readonly Located<Seen>[]> {
  if (request.asked === null) return locateAll(request, io);
  const { of } = request.asked;
  return isOurs(of, io) ? [await named(of, request, io)] : [];
}

/** The same id in another account or Region is another thing. */
function isOurs({ kind, text, arn }: Named, io: Io): boolean {
  const own = kind === 'distribution' ? distributionArn(text, io) : ec2Arn(kind, text, io);
  return arn === undefined || arn === own;
}

/** What cannot be understood of one of them is its own fault. */
async function locateAll(request: Request, io: Io): Promise<readonly Located<Seen>[]> {
  const [groups, distributions, items, anycast] = await Promise.all([
    taggedGroups(io),
    taggedDistributions(io),
    openData().list(RESTRICTION),
    locateAnycast(io),
  ]);
  const notes = new Map(items.map((item) => [item.key, item]));
  return [
    ...(await locateGroups(groups, notes, request, io)),
    ...(await locateDistributions(distributions, notes, request, io)),
    ...anycast,
  ];
}

type Notes = ReadonlyMap<string, DataItem>;

/** The ids of what is restricted, of one kind, and was not found by its tag. */
function notedBeside(
  notes: Notes,
  idIn: (arn: string) => string | undefined,
  found: (id: string) => boolean,
): string[] {
  return [...notes.values()].filter(isStanding).flatMap(({ key }) => {
    const id = idIn(key);
    return id === undefined || found(id) ? [] : [id];
  });
}

async function locateGroups(tagged: Groups, notes: Notes, request: Request, io: Io): Promise<readonly Located<Seen>[]> {
  const untagged = notedBeside(notes, groupIdIn, (id) => tagged.has(id));
  const beside = await readGroups(untagged, io);
  const lists = new Map<string, ReturnType<typeof readAllowList>>();
  return Promise.all(
    [...tagged.keys(), ...untagged].map(async (id): Promise<Located<Seen>> => {
      const target = ec2Arn('security-group', id, io);
      try {
        const group = groupIn(tagged.has(id) ? tagged : beside, id);
        const noted = lockdownIn(notes.get(target));
        const allowList = await readOnce(listToRead(group, noted, request, io), lists, io);
        return { target, facts: { ...unknownGroup(target, request, io), group, allowList, noted } };
      } catch (error) {
        return { target, fault: classify(error) };
      }
    }),
  );
}

/** Several groups may be reduced to one list. */
function readOnce(
  list: string,
  lists: Map<string, ReturnType<typeof readAllowList>>,
  io: Io,
): ReturnType<typeof readAllowList> {
  const reading = lists.get(list) ?? readAllowList(list, io);
  lists.set(list, reading);
  return reading;
}

/** The list whose entries matter: that of the tag where a lockdown begins, the noted one while it stands. Empty: none does. */
function listToRead(group: SecurityGroup | null, { note }: Noted<LockdownNote>, { asked }: Request, io: Io): string {
  if (group === null) return '';
  const isAsked = asked?.ask.action === 'lockdown';
  if (note === null || note.over !== null) return isAsked ? (group.allowList ?? '') : '';
  // What is to be opened is opened whatever the list says, and though it cannot be read.
  return isAsked || !isDue(note, io.now()) ? note.allowList.id : '';
}

/** Only those that are restricted are read. */
async function locateDistributions(
  tagged: readonly string[],
  notes: Notes,
  request: Request,
  io: Io,
): Promise<readonly Located<Seen>[]> {
  const ids = tagged.flatMap((arn) => distributionIdIn(arn) ?? []);
  const all = [...ids, ...notedBeside(notes, distributionIdIn, (id) => ids.includes(id))];
  return Promise.all(
    all.map(async (id): Promise<Located<Seen>> => {
      const target = distributionArn(id, io);
      try {
        return { target, facts: await aboutDistribution(target, id, request, io, notes.get(target)) };
      } catch (error) {
        return { target, fault: classify(error) };
      }
    }),
  );
}

async function aboutDistribution(
  target: string,
  id: string,
  request: Request,
  io: Io,
  item: DataItem | undefined,
): Promise<Observed<DistributionFacts>> {
  const ask = request.asked?.ask ?? null;
  const isNeeded = ask !== null || (item !== undefined && isStanding(item));
  const noted = geoIn(item);
  const distribution = isNeeded ? await readDistribution(id, io) : null;
  return { kind: 'distribution', target, ask, asker: askerOf(request, io.run), distribution, noted };
}

function groupIdIn(arn: string): string | undefined {
  const { service, kind, name } = arnParts(arn) ?? {};
  return service === 'ec2' && kind === 'security-group' ? name : undefined;
}

function distributionIdIn(arn: string): string | undefined {
  const { service, kind, name } = arnParts(arn) ?? {};
  return service === 'cloudfront' && kind === 'distribution' ? name : undefined;
}

const GROUP_ID = /^sg-[0-9a-f]+$/u;

async function named(of: Named, request: Request, io: Io): Promise<Located<Seen>> {
  if (of.kind === 'distribution') {
    const target = distributionArn(of.text, io);
    return { target, facts: await observe(target, request, io) };
  }
  const isId = GROUP_ID.test(of.text);
  const ids = isId ? [of.text] : await idsNamed(of.text, io);
  const [id, ...others] = ids;
  if (id !== undefined && others.length === 0) {
    const target = ec2Arn('security-group', id, io);
    return { target, facts: await aboutGroup(target, id, request, io) };
  }
  return { target: of.text, facts: { ...unknownGroup(of.text, request, io), named: ids } };
}

function unknownGroup(target: string, request: Request, io: Io): Observed<GroupFacts> {
  const ask = request.asked?.ask ?? null;
  const asker = askerOf(request, io.run);
  const noted = { note: null, version: 0 };
  return { kind: 'security-group', target, ask, asker, group: null, named: [], allowList: null, noted };
}

async function aboutGroup(target: string, id: string, request: Request, io: Io): Promise<Seen> {
  const [groups, item] = await Promise.all([readGroups([id], io), openData().read(RESTRICTION, target)]);
  const group = groupIn(groups, id);
  const noted = lockdownIn(item);
  const allowList = await readAllowList(listToRead(group, noted, request, io), io);
  return { ...unknownGroup(target, request, io), group, allowList, noted };
}

/**
 * Reads one of them again.
 * @throws TerminalError for a target that is none of ours
 */
export async function observe(target: string, request: Request, io: Io): Promise<Seen> {
  const group = groupIdIn(target);
  if (group !== undefined) return aboutGroup(target, group, request, io);
  const distribution = distributionIdIn(target);
  if (distribution !== undefined)
    return aboutDistribution(target, distribution, request, io, await openData().read(RESTRICTION, target));
  if (request.asked === null && target === ANYCAST_READ) return readAnycast(io);
  if (request.asked === null) throw new TerminalError(`${target} is neither a security group nor a distribution`);
  const { facts } = await named(request.asked.of, request, io);
  return facts ?? unknownGroup(target, request, io);
}

/** The changing calls a plan may hold. */
export const apply: { readonly [call: string]: Change } = {
  [DATA_WRITE]: dataWrite,
  'cloudfront:UpdateDistribution': updateDistribution,
  'ec2:AuthorizeSecurityGroupIngress': authorizeIngress,
  'ec2:RevokeSecurityGroupIngress': revokeIngress,
};

/**
 * Reads back what was written; where it is not that, somebody has changed it since, and it is looked at again.
 * @throws RetryableError
 */
export async function verify(
  _target: string,
  plan: readonly PlannedCall[],
  _request: Request,
  io: Io,
): Promise<Verification> {
  await Promise.all([verifyGroup(plan, io), verifyDistribution(plan, io)]);
  return { ok: true };
}

/** The request that ends a restriction; nothing takes its end back. */
export function undoRequest(target: string, plan: readonly PlannedCall[]): JsonObject | undefined {
  const notes = plan.filter(({ call }) => call === DATA_WRITE).map(({ input }) => input['value']);
  const begins = notes.some((note) => isJsonObject(note) && note['over'] === null && note['ended'] === null);
  const ends = notes.some((note) => isJsonObject(note) && typeof note['over'] === 'string');
  return begins && !ends ? { runbook: RUNBOOK, target, params: { action: 'lift' } } : undefined;
}
