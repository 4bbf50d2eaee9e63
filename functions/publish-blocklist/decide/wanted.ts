/** What the ledger says is to be blocked now. */

import {
  familyOf,
  prefixOf,
  subtract,
  withoutCovered,
  type AddressFamily,
} from '../../../shared/judgement/addresses/arithmetic.ts';
import { indexOf } from '../../../shared/judgement/addresses/lookup.ts';
import { specialUse } from '../../../shared/judgement/addresses/special-use.ts';
import { isAllowed, lastEnd, standing } from '../../../shared/judgement/blocklist/rows.ts';
import type { Facts } from './facts.ts';

/**
 * The networks of a family that are blocked now: each as it was asked for, but for those inside another, and without what is allowed
 * or may never be blocked (it may have become so since it was asked for).
 */
export function wantedIn({ blocks, allow, neverBlock }: Facts, family: AddressFamily, now: string): readonly string[] {
  const isOfFamily = (cidr: string): boolean => familyOf(cidr) === family;
  const blocked = blocks.filter(
    (row) => isOfFamily(row.cidr) && specialUse(row.cidr) === undefined && standing(row, now).length > 0,
  );
  const allowed = allow.filter((entry) => isAllowed(entry, now)).map(({ cidr }) => cidr);
  const open = indexOf([...allowed, ...neverBlock.flatMap(({ ranges }) => ranges)].filter(isOfFamily));
  return withoutCovered(blocked.map(({ cidr }) => cidr)).flatMap((cidr) => {
    const holes = open.overlapping(cidr);
    return holes.length === 0 ? [cidr] : subtract([cidr], holes);
  });
}

/** Those that stay where not all have room: what is blocked for longest, and of these the widest. */
export function worstOf({ blocks }: Facts, wanted: readonly string[], room: number): readonly string[] {
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

/** How long after its end the last of these is taken out, seconds; `undefined`: none of them ended by time. */
export function secondsPastDue({ blocks }: Facts, removed: readonly string[], now: string): number | undefined {
  const gone = new Set(removed);
  const ends = blocks.filter(({ cidr }) => gone.has(cidr)).map(({ reasons }) => lastEnd(reasons));
  const over = ends.filter((end) => end !== '' && end <= now);
  const late = over.map((end) => (Date.parse(now) - Date.parse(end)) / 1_000);
  return late.length === 0 ? undefined : Math.max(...late);
}
