/**
 * What is done about a set of networks: a WAF IP set, or a managed prefix list. Pure.
 *
 * A set is made equal to the ledger, and what others have put into it stays. Whose an entry is follows from what was written here
 * the last time; that is noted before the set is written, so that a run which dies in between leaves nothing that is nobody's.
 */

import type { Act, Decision, PlannedCall } from '../../kernel/decision.ts';
import type { AddressFamily } from '../addresses/arithmetic.ts';
import { named, withNotes } from './notes.ts';
import { placementOf, type Member, type Placement, type SetLimits } from './placement.ts';
import { isSameNote, noteOf, type Published } from './published.ts';
import { secondsPastDue, secondsToWrite } from './wanted.ts';
import type { Wishes } from './wishes.ts';

/** What holds networks of a blocklist, as it is. */
export interface NetworkSet {
  readonly name: string;
  readonly id: string;
  readonly family: AddressFamily;
  /** Canonical: AWS spells IPv6 its own way. */
  readonly addresses: readonly string[];
  /** The blocklist that it enforces: the value of `runbook:block`. */
  readonly blocklist: string;
}

/** A set as it was found, among those that share its blocklist with it. */
export interface FoundSet<S extends NetworkSet> {
  readonly arn: string;
  readonly set: S;
  readonly published: Published;
  readonly group: readonly Member[];
  readonly wishes: Wishes;
}

/** What a set is, and what it is to be. */
export interface Difference<S extends NetworkSet> extends Pick<Placement, 'left' | 'heldBack' | 'fill'> {
  readonly set: S;
  /** Entries that were not written here. */
  readonly foreign: ReadonlySet<string>;
  /** Entries that are to be here by us. */
  readonly mine: readonly string[];
  /** Networks of the blocklist that will stand here, whoever has put them there. */
  readonly networks: number;
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** What one call makes of a difference: all of it, or as much as it takes. */
export interface Write {
  readonly call: PlannedCall;
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** How sets of one kind are written. */
export interface Writer<S extends NetworkSet> {
  /** Where the networks of a blocklist have room together, as people call it. Plural. */
  readonly whole: (set: S) => string;
  readonly write: (difference: Difference<S>, because: string) => Write;
}

/** Decides on one set. */
export function decideNetworkSet<S extends NetworkSet>(
  found: FoundSet<S>,
  writer: Writer<S>,
  limits: SetLimits,
  now: string,
): Decision {
  const { arn, set, published, wishes } = found;
  const difference = differenceOf(found, limits);
  const { mine, left, fill, added, removed } = difference;
  const faults = [...wishes.unreadable, ...wishes.guardFaults];
  const isFull = left > 0 || fill >= limits.fullShare;
  const because = saidOf(difference, isFull, writer.whole(set));
  const evidence = {
    ...evidenceOf(difference),
    ...(isFull && left === 0 ? { fullPercent: Math.floor(fill * 100) } : {}),
    ...(faults.length === 0 ? {} : { unreadable: named(faults) }),
  };
  const isAmiss = isFull || faults.length > 0 ? { attention: true as const } : {};
  const isEqual = added.length + removed.length === 0;
  if (isEqual && isSameNote(noteOf(mine, published.version), published))
    return { kind: 'nothing', code: 'as-wanted', because, evidence, ...isAmiss };
  const write = isEqual ? undefined : writer.write(difference, because);
  const late = secondsPastDue(wishes, write?.removed ?? [], now);
  return {
    kind: 'act',
    code: isEqual ? 'noted' : 'published',
    because,
    evidence,
    plan: withNotes(
      { arn, published, added: write?.added ?? [], mine: oursAfter(difference, write) },
      write === undefined ? [] : [write.call],
    ),
    intent: `publish ${set.name}`,
    budget: 'free',
    ...measured({ SecondsPastDue: late, SecondsLedgerToWrite: secondsToWrite(wishes, write?.added ?? [], now) }),
    ...(isWhole(difference, write) ? {} : { more: true as const }),
    ...isAmiss,
  };
}

/** What could be measured. */
function measured(metrics: { readonly [name: string]: number | undefined }): Pick<Act, 'metrics'> {
  const known = Object.entries(metrics).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return known.length === 0 ? {} : { metrics: Object.fromEntries(known) };
}

function isWhole<S extends NetworkSet>({ added, removed }: Difference<S>, write: Write | undefined): boolean {
  return write === undefined || (write.added.length === added.length && write.removed.length === removed.length);
}

/** What is ours when the write is done; what goes later is still ours until then. */
function oursAfter<S extends NetworkSet>(difference: Difference<S>, write: Write | undefined): readonly string[] {
  if (write === undefined || isWhole(difference, write)) return difference.mine;
  const gone = new Set(write.removed);
  const stays = difference.set.addresses.filter((cidr) => !difference.foreign.has(cidr) && !gone.has(cidr));
  return [...stays, ...write.added];
}

function differenceOf<S extends NetworkSet>(found: FoundSet<S>, limits: SetLimits): Difference<S> {
  const { arn, set, group, wishes } = found;
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

function saidOf<S extends NetworkSet>(difference: Difference<S>, isFull: boolean, whole: string): string {
  const { set, networks, added, removed, foreign, left, heldBack, fill } = difference;
  const others = foreign.size === 0 ? '' : `, beside ${foreign.size} entries of others`;
  const nearly = isFull ? `; ${whole} are ${Math.floor(fill * 100)} % full` : '';
  const full = left === 0 ? nearly : `; ${left} more have no room in ${whole}`;
  const held = heldBack === 0 ? '' : `; ${heldBack} more wait until what may never be blocked can be read`;
  const change = `${added.length} more and ${removed.length} fewer`;
  const news = added.length + removed.length === 0 ? 'has' : `gets ${change}:`;
  return `${set.name} ${news} ${networks} networks of ${set.blocklist}${others}${full}${held}`;
}

function evidenceOf<S extends NetworkSet>(difference: Difference<S>): Decision['evidence'] {
  const { set, networks, foreign, added, removed, left, heldBack } = difference;
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
