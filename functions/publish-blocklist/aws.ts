/**
 * Reads and writes for `publish-blocklist`. Behind it, in `aws/`: what the ledger wants (`wishes`, with `lists`), which sets there are
 * (`enforcement-points`), what is in them (`ip-sets`), which of them share a blocklist (`set-groups`), and `network-acls`.
 */

import { textOf, textsOf } from '../../shared/aws/planned-input.ts';
import { listIncident } from '../../shared/judgement/blocklist/list-rows.ts';
import type { PlannedCall } from '../../shared/kernel/decision.ts';
import type { Change, Io, Located, Observed, Verification } from '../../shared/kernel/definition.ts';
import { classify, raise, RetryableError } from '../../shared/kernel/errors.ts';
import { dataWrite } from '../../shared/kernel/ledger/data-write.ts';
import { openData } from '../../shared/kernel/ledger/data.ts';
import { DATA_WRITE } from '../../shared/kernel/ledger/planned-write.ts';
import { findPoints } from './aws/enforcement-points.ts';
import { readSet, scopeIn, updateIpSet } from './aws/ip-sets.ts';
import {
  createAclEntry,
  deleteAclEntry,
  findAcls,
  readAcl,
  replaceAclEntry,
  verifyAcl,
  type FaultyAcl,
  type LocatedAcl,
} from './aws/network-acls.ts';
import { groupsOf, isTogether, publishedIn, readAll, type Reading } from './aws/set-groups.ts';
import { readWishes, type ListLook } from './aws/wishes.ts';
import { forNetworkAcls, PUBLISHED, type AclFacts, type ListFacts, type SetFacts, type Wishes } from './decide.ts';

/** What started the run: a name or an ARN, or `null` for everything. */
export type Request = { readonly target: string | null };

/** Facts as they are seen here; the kernel adds what it knows. */
export type Seen = Observed<SetFacts> | Observed<ListFacts> | Observed<AclFacts>;

function isMeant(names: readonly string[], target: string | null): boolean {
  return target === null || names.includes(target);
}

/** The lists, and the sets and ACLs that are meant; one that cannot be understood comes with that as its own fault. */
export async function locate({ target }: Request, io: Io): Promise<readonly Located<Seen>[]> {
  const [{ points, unasked }, acls, { wishes, lists }] = await Promise.all([
    findPoints(io),
    findAcls(io),
    readWishes(io),
  ]);
  const readings = await readAll(points, io);
  const groups = groupsOf(readings);
  const narrow = forNetworkAcls(wishes);
  return [
    ...(target === null ? [...lists.map(locatedList), ...unasked] : []),
    ...readings
      .filter(({ point: { arn, name, blocklist } }) => isMeant([arn, name, blocklist], target))
      .map((reading) => locatedSet(reading, groups, wishes)),
    ...(await Promise.all(
      acls.filter((each) => isMeant(namesOf(each), target)).map((each) => locatedAcl(each, narrow)),
    )),
  ];
}

function locatedSet(reading: Reading, groups: ReturnType<typeof groupsOf>, wishes: Wishes): Located<Seen> {
  const target = reading.point.arn;
  const { fault } = reading;
  return fault === undefined ? { target, facts: aboutSet(target, reading, groups, wishes) } : { target, fault };
}

function namesOf(found: LocatedAcl | FaultyAcl): readonly string[] {
  return 'acl' in found ? [found.arn, found.acl.id, found.acl.blocklist] : [found.arn];
}

async function locatedAcl(found: LocatedAcl | FaultyAcl, wishes: Wishes): Promise<Located<Seen>> {
  const { arn: target } = found;
  try {
    if ('error' in found) return { target, fault: classify(found.error) };
    return { target, facts: await aboutAcl(target, found.acl, wishes) };
  } catch (error) {
    return { target, fault: classify(error) };
  }
}

/** @param wishes as `forNetworkAcls` narrows them */
async function aboutAcl(arn: string, acl: AclFacts['acl'], wishes: Wishes): Promise<Observed<AclFacts>> {
  const published = publishedIn(await openData().read(PUBLISHED, arn));
  return { kind: 'network-acl', arn, acl, published, wishes };
}

function locatedList({ row, note, content, fault }: ListLook): Located<Seen> {
  const target = listIncident(row.name);
  return fault === undefined ? { target, facts: { kind: 'list', row, note, content } } : { target, fault };
}

function aboutSet(
  arn: string,
  { set, published }: Pick<Reading, 'set' | 'published'>,
  groups: ReturnType<typeof groupsOf>,
  wishes: Wishes,
): Observed<SetFacts> {
  return { kind: 'ip-set', arn, set, published, group: groups.get(arn) ?? [], wishes };
}

const ACL = /^arn:[\w-]+:ec2:.*:network-acl\/([\w-]+)$/u;

/** Reads one of them again, a set with those that share its blocklist. */
export async function observe(target: string, _request: Request, io: Io): Promise<Seen> {
  const [, acl] = ACL.exec(target) ?? [];
  if (acl !== undefined) {
    const [now, { wishes }] = await Promise.all([readAcl(acl, io), readWishes(io)]);
    return aboutAcl(target, now, forNetworkAcls(wishes));
  }
  const [{ points, unasked }, { wishes, lists }] = await Promise.all([findPoints(io), readWishes(io)]);
  if (target.startsWith(listIncident(''))) return observedList(target, lists);
  const gone = { set: null, published: publishedIn(undefined) };
  const point = points.find(({ arn }) => arn === target);
  // While a place does not answer nobody knows whether a set is gone.
  const [silent] = point === undefined ? unasked : [];
  if (silent !== undefined) throw raise(silent.fault);
  if (point === undefined) return aboutSet(target, gone, new Map(), wishes);
  const together = points.filter((other) => isTogether(other, point));
  const readings = await readAll(together, io);
  const reading = readings.find((each) => each.point === point) ?? gone;
  if ('fault' in reading) throw raise(reading.fault);
  return aboutSet(target, reading, groupsOf(readings), wishes);
}

function observedList(target: string, lists: readonly ListLook[]): Seen {
  const look = lists.find(({ row }) => listIncident(row.name) === target);
  if (look === undefined) return { kind: 'list', row: null, note: null, content: null };
  if (look.fault !== undefined) throw raise(look.fault);
  const { row, note, content } = look;
  return { kind: 'list', row, note, content };
}

/** The changing calls a plan may hold. */
export const apply: { readonly [call: string]: Change } = {
  [DATA_WRITE]: dataWrite,
  'ec2:CreateNetworkAclEntry': createAclEntry,
  'ec2:DeleteNetworkAclEntry': deleteAclEntry,
  'ec2:ReplaceNetworkAclEntry': replaceAclEntry,
  'wafv2:UpdateIPSet': updateIpSet,
};

/**
 * Reads the set or the ACL back. Where it is not what was written, somebody has changed it since, and it is looked at again.
 * @throws RetryableError
 */
export async function verify(
  target: string,
  plan: readonly PlannedCall[],
  _request: Request,
  io: Io,
): Promise<Verification> {
  const update = plan.find(({ call }) => call === 'wafv2:UpdateIPSet');
  if (update === undefined)
    return plan.some(({ call }) => call.startsWith('ec2:')) ? verifyAcl(plan, io) : { ok: true };
  const [name, id] = [textOf(update.input, 'Name'), textOf(update.input, 'Id')];
  const set = await readSet({ arn: target, name, id, scope: scopeIn(update.input), blocklist: '', shard: 0 }, io);
  const wanted = new Set(textsOf(update.input, 'Addresses'));
  const isThere =
    set !== null && set.addresses.length === wanted.size && set.addresses.every((cidr) => wanted.has(cidr));
  if (isThere) return { ok: true };
  throw new RetryableError(`${name} is not what was written: somebody has changed it since`);
}
