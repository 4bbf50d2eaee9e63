/**
 * What is done about one WAF IP set. Pure.
 *
 * A set is made equal to the ledger, and what others have put into it stays. Whose an entry is follows from what was written here
 * the last time; that is noted before the set is written, so that a run which dies in between leaves nothing that is nobody's.
 */

import type { Decision, PlannedCall } from '../../../shared/kernel/decision.ts';
import type { IpSet, PublishLimits, SetFacts } from './facts.ts';
import { named, withNotes } from './notes.ts';
import { isSameNote, noteOf } from './published.ts';
import { placementOf, type Placement } from './shards.ts';
import { secondsPastDue } from './wanted.ts';

/** What a set is, and what it is to be. */
interface Difference extends Pick<Placement, 'left' | 'heldBack' | 'fill'> {
  readonly set: IpSet;
  /** Entries that were not written here. */
  readonly foreign: ReadonlySet<string>;
  /** Entries that are to be here by us. */
  readonly mine: readonly string[];
  /** Networks of the blocklist that will stand here, whoever has put them there. */
  readonly networks: number;
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** Decides on one set. */
export function decideIpSet(facts: SetFacts, limits: PublishLimits, now: string): Decision {
  const { set, published, wishes } = facts;
  if (set === null)
    return {
      kind: 'nothing',
      code: 'gone',
      because: 'it is gone, or not tagged any more',
      evidence: { arn: facts.arn },
    };
  const difference = differenceOf(facts, set, limits);
  const { mine, left, fill, added, removed } = difference;
  const faults = [...wishes.unreadable, ...wishes.guardFaults];
  const isFull = left > 0 || fill >= limits.fullShare;
  const evidence = {
    ...evidenceOf(difference),
    ...(isFull && left === 0 ? { fullPercent: Math.floor(fill * 100) } : {}),
    ...(faults.length === 0 ? {} : { unreadable: named(faults) }),
  };
  const isAmiss = isFull || faults.length > 0 ? { attention: true as const } : {};
  const isEqual = added.length + removed.length === 0;
  if (isEqual && isSameNote(noteOf(mine, published.version), published))
    return { kind: 'nothing', code: 'as-wanted', because: saidOf(difference, isFull), evidence, ...isAmiss };
  const late = secondsPastDue(wishes, removed, now);
  return {
    kind: 'act',
    code: isEqual ? 'noted' : 'published',
    because: saidOf(difference, isFull),
    evidence,
    plan: withNotes({ arn: facts.arn, published, added, mine }, isEqual ? [] : [update(set, difference, isFull)]),
    intent: `publish ${set.name}`,
    budget: 'free',
    ...(late === undefined ? {} : { metrics: { SecondsPastDue: late } }),
    ...isAmiss,
  };
}

function differenceOf({ arn, group, wishes }: SetFacts, set: IpSet, limits: PublishLimits): Difference {
  const placement = placementOf(group, set.family, wishes, limits);
  const { left, heldBack, fill } = placement;
  const foreign = placement.foreign.get(arn) ?? new Set<string>();
  const mine = placement.byArn.get(arn) ?? [];
  const [there, keep] = [new Set(set.addresses), new Set(mine)];
  return {
    set,
    foreign,
    mine,
    networks: mine.length + [...foreign].filter((cidr) => placement.byOthers.has(cidr)).length,
    left,
    heldBack,
    fill,
    added: mine.filter((cidr) => !there.has(cidr)),
    removed: set.addresses.filter((cidr) => !foreign.has(cidr) && !keep.has(cidr)),
  };
}

function update(set: IpSet, difference: Difference, isFull: boolean): PlannedCall {
  const { name, scope, id, lockToken, description } = set;
  return {
    call: 'wafv2:UpdateIPSet',
    input: {
      Name: name,
      Scope: scope,
      Id: id,
      // Left out it would be cleared.
      ...(description === null ? {} : { Description: description }),
      Addresses: [...difference.foreign, ...difference.mine].toSorted(),
      LockToken: lockToken,
    },
    because: saidOf(difference, isFull),
  };
}

function saidOf({ set, networks, added, removed, foreign, left, heldBack, fill }: Difference, isFull: boolean): string {
  const others = foreign.size === 0 ? '' : `, beside ${foreign.size} entries of others`;
  const nearly = isFull ? `; the sets of ${set.blocklist} are ${Math.floor(fill * 100)} % full` : '';
  const full = left === 0 ? nearly : `; ${left} more have no room in the sets of ${set.blocklist}`;
  const held = heldBack === 0 ? '' : `; ${heldBack} more wait until what may never be blocked can be read`;
  const change = `${added.length} more and ${removed.length} fewer`;
  const news = added.length + removed.length === 0 ? 'has' : `gets ${change}:`;
  return `${set.name} ${news} ${networks} networks of ${set.blocklist}${others}${full}${held}`;
}

function evidenceOf({ set, networks, foreign, added, removed, left, heldBack }: Difference): Decision['evidence'] {
  return {
    set: set.name,
    blocklist: set.blocklist,
    networks,
    foreign: foreign.size,
    ...(added.length === 0 ? {} : { added: named(added) }),
    ...(removed.length === 0 ? {} : { removed: named(removed) }),
    ...(left === 0 ? {} : { withoutRoom: left }),
    ...(heldBack === 0 ? {} : { heldBack }),
  };
}
