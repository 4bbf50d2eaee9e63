/** What the ledger says is to be blocked now. */

import { familyOf, prefixOf, subtract, withoutCovered, type AddressFamily } from '../addresses/arithmetic.ts';
import { indexOf, type AddressIndex } from '../addresses/lookup.ts';
import { specialUse } from '../addresses/special-use.ts';
import type { ListUse } from './list-rows.ts';
import { isAllowed, lastEnd, SHARED_EGRESS_SECONDS, standing } from './rows.ts';
import type { Wishes } from './wishes.ts';

/** Of each reading of the ledger what it wants: a dozen sets of one blocklist ask the same. */
const KNOWN = new WeakMap<Wishes, Map<AddressFamily, readonly string[]>>();

/**
 * The networks of a family that are blocked now: each as it was asked for, but for those inside another, and without what is allowed
 * or may never be blocked (it may have become so since it was asked for).
 */
export function wantedIn(wishes: Wishes, family: AddressFamily): readonly string[] {
  const known = KNOWN.get(wishes) ?? new Map<AddressFamily, readonly string[]>();
  const wanted = known.get(family) ?? worked(wishes, family);
  KNOWN.set(wishes, known.set(family, wanted));
  return wanted;
}

/** Networks of lists that are used so. */
function listed({ lists }: Wishes, use: ListUse): readonly string[] {
  return lists.flatMap((list) => (list.use === use ? (list.networks ?? []) : []));
}

/** What is allowed or may never be blocked, of a family. */
function openIn(wishes: Wishes, family: AddressFamily): AddressIndex {
  const allowed = wishes.allow.filter((entry) => isAllowed(entry, wishes.asOf)).map(({ cidr }) => cidr);
  const never = [...wishes.neverBlock.flatMap(({ ranges }) => ranges), ...(wishes.cutOut ?? [])];
  return indexOf([...allowed, ...listed(wishes, 'allow'), ...never].filter((cidr) => familyOf(cidr) === family));
}

/** Ranges behind whose addresses many people sit. */
function sharedIn(wishes: Wishes): readonly string[] {
  return [...wishes.sharedEgress.flatMap(({ ranges }) => ranges), ...listed(wishes, 'shared-egress')];
}

/** What of networks is blocked for reasons: what many people share is let go soon after the last was given, whenever that reason ends. */
function soonOver(
  wishes: Wishes,
): (cidrs: readonly string[], reasons: readonly { readonly from?: string }[]) => readonly string[] {
  const shared = indexOf(sharedIn(wishes));
  const lately = Date.parse(wishes.asOf) - SHARED_EGRESS_SECONDS * 1_000;
  return (cidrs, reasons) => {
    if (reasons.length === 0) return [];
    // Of an operator's reason nobody knows when it was given: then it is no number, and not over.
    const isOver = reasons.every(({ from = '' }) => Date.parse(from) <= lately);
    if (!isOver) return cidrs;
    return cidrs.flatMap((cidr) => {
      const holes = shared.overlapping(cidr);
      return holes.length === 0 ? [cidr] : subtract([cidr], holes);
    });
  };
}

function worked(wishes: Wishes, family: AddressFamily): readonly string[] {
  const soon = soonOver(wishes);
  const asked = wishes.blocks
    .filter((row) => specialUse(row.cidr) === undefined)
    .flatMap((row) => soon([row.cidr], standing(row, wishes.asOf)));
  const lists = wishes.lists.filter(({ use }) => use === 'block');
  const named = lists.flatMap((list) => soon(list.networks ?? [], [list]));
  const blocked = [...asked, ...named].filter((cidr) => familyOf(cidr) === family);
  const open = openIn(wishes, family);
  return withoutCovered(blocked).flatMap((cidr) => {
    const holes = open.overlapping(cidr);
    return holes.length === 0 ? [cidr] : subtract([cidr], holes);
  });
}

/**
 * Of entries that nothing known wants, those that a list may want whose networks are not known now: all but what a row of the ledger
 * has had blocked and does no more, and what may not be blocked.
 */
export function perhapsWanted(wishes: Wishes, family: AddressFamily, entries: readonly string[]): readonly string[] {
  if (wishes.lists.every(({ use, networks }) => use !== 'block' || networks !== null)) return [];
  const over = indexOf(wishes.blocks.map(({ cidr }) => cidr));
  const open = openIn(wishes, family);
  return entries.filter((cidr) => over.covering(cidr) === undefined && open.overlapping(cidr).length === 0);
}

/**
 * What is to be enforced below the web ACLs: few rules have room there, and each is for all who share an address. So neither what lists
 * want nor what many people share is theirs to hold.
 */
export function forNetworks(wishes: Wishes): Wishes {
  return { ...wishes, lists: wishes.lists.filter(({ use }) => use !== 'block'), cutOut: sharedIn(wishes) };
}

/** Those that stay where not all have room: what is blocked for longest, and of these the widest. */
export function worstOf({ blocks }: Wishes, wanted: readonly string[], room: number): readonly string[] {
  if (wanted.length <= room) return wanted;
  const ends = new Map(blocks.map((row) => [row.cidr, lastEnd(row.reasons)]));
  const rows = indexOf([...ends.keys()]);
  // What is left of a range around a hole is no row itself: it is blocked as long as the range.
  const endOf = (cidr: string): string =>
    rows
      .overlapping(cidr)
      .map((each) => ends.get(each) ?? '')
      .reduce((one, other) => (one > other ? one : other), '');
  const ranked = wanted.map((cidr) => ({ cidr, end: endOf(cidr), prefix: prefixOf(cidr) }));
  const worstFirst = ranked.toSorted((one, other) => {
    if (one.end === other.end) return one.prefix - other.prefix;
    return one.end > other.end ? -1 : 1;
  });
  const kept = new Set(worstFirst.slice(0, Math.max(0, room)).map(({ cidr }) => cidr));
  return wanted.filter((cidr) => kept.has(cidr));
}

/** Blocks that are older came back by themselves: an allowance has ended, or a person's edit. */
const LATELY_SECONDS = 3_600;

/** How long ago the first of these was written to the ledger, seconds; `undefined`: none of them was lately. */
export function secondsToWrite({ blocks }: Wishes, added: readonly string[], now: string): number | undefined {
  const fresh = new Set(added);
  const begun = blocks.filter(({ cidr }) => fresh.has(cidr)).map((row) => standing(row, now).map(({ from }) => from));
  const waits = begun.map((froms) => (Date.parse(now) - Math.max(...froms.map(Date.parse))) / 1_000);
  const lately = waits.filter((seconds) => seconds < LATELY_SECONDS);
  return lately.length === 0 ? undefined : Math.max(...lately);
}

/** How long after its end the last of these is taken out, seconds; `undefined`: none of them ended by time. */
export function secondsPastDue({ blocks }: Wishes, removed: readonly string[], now: string): number | undefined {
  const gone = new Set(removed);
  const ends = blocks.filter(({ cidr }) => gone.has(cidr)).map(({ reasons }) => lastEnd(reasons));
  const over = ends.filter((end) => end !== '' && end <= now);
  const late = over.map((end) => (Date.parse(now) - Date.parse(end)) / 1_000);
  return late.length === 0 ? undefined : Math.max(...late);
}
