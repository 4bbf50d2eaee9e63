/**
 * What `publish-blocklist` does about one enforcement point. Pure.
 *
 * A set is made equal to the ledger, and what others have put into it stays. Whose an entry is follows from what was written here
 * the last time; that is noted before the set is written, so that a run which dies in between leaves nothing that is nobody's.
 */

import type { Decision, PlannedCall } from '../../shared/kernel/decision.ts';
import { plannedWrite } from '../../shared/kernel/ledger/planned-write.ts';
import type { Facts, IpSet, Published, PublishLimits } from './decide/facts.ts';
import { secondsPastDue, wantedIn, worstOf } from './decide/wanted.ts';

export type { Facts, IpSet, Published, PublishLimits } from './decide/facts.ts';

/** Partition of the data ledger: what was written into each enforcement point, by ARN. */
export const PUBLISHED = 'published';

/** Entries of a change that are named one by one; the others are counted. */
const NAMED = 20;

/** What a set is, and what it is to be. */
interface Difference {
  readonly set: IpSet;
  /** Entries that were not written here. */
  readonly foreign: readonly string[];
  readonly wanted: readonly string[];
  readonly left: number;
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** Decides on one set. */
export function decide(facts: Facts, limits: PublishLimits, now: string): Decision {
  const { set, published } = facts;
  if (set === null)
    return {
      kind: 'nothing',
      code: 'gone',
      because: 'it is gone, or not tagged any more',
      evidence: { arn: facts.arn },
    };
  const difference = differenceOf(facts, set, limits, now);
  const { foreign, wanted, left, added, removed } = difference;
  const { unreadable } = facts;
  const evidence = { ...evidenceOf(difference), ...(unreadable.length === 0 ? {} : { unreadable: named(unreadable) }) };
  const isAmiss = left > 0 || unreadable.length > 0 ? { attention: true as const } : {};
  const isEqual = added.length + removed.length === 0;
  const ofOthers = new Set(foreign);
  const mine = inOrder(wanted.filter((cidr) => !ofOthers.has(cidr)));
  if (isEqual && isSame(mine, published.mine))
    return { kind: 'nothing', code: 'as-wanted', because: saidOf(difference), evidence, ...isAmiss };
  const late = secondsPastDue(facts, removed, now);
  return {
    kind: 'act',
    code: isEqual ? 'noted' : 'published',
    because: saidOf(difference),
    evidence,
    plan: planFor(facts, difference, mine),
    intent: `publish ${set.name}`,
    budget: 'free',
    ...(late === undefined ? {} : { metrics: { SecondsPastDue: late } }),
    ...isAmiss,
  };
}

function differenceOf(facts: Facts, set: IpSet, { setCapacity }: PublishLimits, now: string): Difference {
  const mine = new Set(facts.published.mine);
  const foreign = set.addresses.filter((cidr) => !mine.has(cidr));
  const isForeign = new Set(foreign);
  const all = wantedIn(facts, set.family, now);
  const own = all.filter((cidr) => !isForeign.has(cidr));
  const kept = new Set(worstOf(facts, own, setCapacity - foreign.length));
  // What others have put there needs no room of ours, however little it matters here.
  const wanted = all.filter((cidr) => kept.has(cidr) || isForeign.has(cidr));
  const [there, keep] = [new Set(set.addresses), new Set(wanted)];
  return {
    set,
    foreign,
    wanted,
    left: all.length - wanted.length,
    added: wanted.filter((cidr) => !there.has(cidr)),
    removed: set.addresses.filter((cidr) => !isForeign.has(cidr) && !keep.has(cidr)),
  };
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((cidr, index) => cidr === other[index]);
}

/** Notes what will be ours, writes the set, and notes what is. Where the set is as it should be, only the last. */
function planFor({ arn, published }: Facts, difference: Difference, mine: readonly string[]): readonly PlannedCall[] {
  const { set, foreign, wanted, added, removed } = difference;
  if (added.length + removed.length === 0)
    return [noteOf(arn, published, mine, 'what is in the set is as it should be')];
  const known = new Set(published.mine);
  const isAnnounced = added.every((cidr) => known.has(cidr));
  const before = isAnnounced ? published.mine : inOrder([...published.mine, ...added]);
  const announce = isAnnounced
    ? []
    : [noteOf(arn, published, before, 'what is about to be written is ours to take out again')];
  const between = { mine: before, version: published.version + announce.length };
  const after = isSame(mine, before) ? [] : [noteOf(arn, between, mine, 'what was taken out is no longer ours')];
  return [...announce, update(set, inOrder([...foreign, ...wanted]), difference), ...after];
}

function inOrder(cidrs: readonly string[]): readonly string[] {
  return [...new Set(cidrs)].toSorted();
}

function noteOf(arn: string, { version }: Published, mine: readonly string[], because: string): PlannedCall {
  return plannedWrite({ partition: PUBLISHED, key: arn, ifVersion: version, value: { mine } }, because);
}

function update(set: IpSet, addresses: readonly string[], difference: Difference): PlannedCall {
  const { name, scope, id, lockToken, description } = set;
  return {
    call: 'wafv2:UpdateIPSet',
    input: {
      Name: name,
      Scope: scope,
      Id: id,
      // Left out it would be cleared.
      ...(description === null ? {} : { Description: description }),
      Addresses: addresses,
      LockToken: lockToken,
    },
    because: saidOf(difference),
  };
}

function saidOf({ set, wanted, added, removed, foreign, left }: Difference): string {
  const full = left === 0 ? '' : `; ${left} more have no room in it`;
  const others = foreign.length === 0 ? '' : `, beside ${foreign.length} entries of others`;
  const change = `${added.length} more and ${removed.length} fewer`;
  const news = added.length + removed.length === 0 ? 'has' : `gets ${change}:`;
  return `${set.name} ${news} ${wanted.length} networks of ${set.blocklist}${others}${full}`;
}

function evidenceOf({ set, wanted, foreign, added, removed, left }: Difference): Decision['evidence'] {
  return {
    set: set.name,
    blocklist: set.blocklist,
    networks: wanted.length,
    foreign: foreign.length,
    ...(added.length === 0 ? {} : { added: named(added) }),
    ...(removed.length === 0 ? {} : { removed: named(removed) }),
    ...(left === 0 ? {} : { withoutRoom: left }),
  };
}

function named(cidrs: readonly string[]): readonly string[] {
  if (cidrs.length <= NAMED) return cidrs;
  return [...cidrs.slice(0, NAMED), `and ${cidrs.length - NAMED} more`];
}
