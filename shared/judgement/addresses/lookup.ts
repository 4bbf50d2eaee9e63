/** One network asked against many. Pure. */

import { familyOf, type AddressFamily } from './arithmetic.ts';
import { rangeOf, type Range } from './ranges.ts';

/** Networks to be asked about. Both questions take as long as halving the list does, and as what they answer. */
export interface AddressIndex {
  /** The narrowest that covers all of `cidr`. */
  readonly covering: (cidr: string) => string | undefined;
  /** All that have an address in common with `cidr`: those around it from the widest on, then those inside it by address. */
  readonly overlapping: (cidr: string) => readonly string[];
}

interface Entry {
  readonly cidr: string;
  readonly range: Range;
  /** The narrowest entry around this one. */
  readonly around: Entry | undefined;
}

/** Whatever lies around another comes before it. */
function compare(one: Range, other: Range): number {
  if (one.start < other.start) return -1;
  if (one.start > other.start) return 1;
  return one.prefix - other.prefix;
}

function entriesOf(cidrs: readonly string[]): Entry[] {
  const sorted = cidrs.map((cidr) => ({ cidr, range: rangeOf(cidr) })).toSorted((a, b) => compare(a.range, b.range));
  const entries: Entry[] = [];
  for (const { cidr, range } of sorted) {
    let around = entries.at(-1);
    while (around !== undefined && around.range.end < range.start) around = around.around;
    entries.push({ cidr, range, around });
  }
  return entries;
}

/** How many of the entries come before what lies inside `range`. */
function countBefore(entries: readonly Entry[], range: Range): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = entries[middle];
    if (entry !== undefined && compare(entry.range, range) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function narrowestAround(entries: readonly Entry[], range: Range, before: number): Entry | undefined {
  let entry = entries[before - 1];
  while (entry !== undefined && entry.range.end < range.end) entry = entry.around;
  return entry;
}

/**
 * An index of networks in their one spelling; a repeated one counts once.
 * @throws Error, at once or when asked, where a text is no network in its one spelling.
 */
export function indexOf(cidrs: readonly string[]): AddressIndex {
  const distinct = [...new Set(cidrs)];
  const families: { readonly [family in AddressFamily]: Entry[] } = {
    IPV4: entriesOf(distinct.filter((cidr) => familyOf(cidr) === 'IPV4')),
    IPV6: entriesOf(distinct.filter((cidr) => familyOf(cidr) === 'IPV6')),
  };
  return {
    covering: (cidr) => {
      const entries = families[familyOf(cidr)];
      const range = rangeOf(cidr);
      return narrowestAround(entries, range, countBefore(entries, range))?.cidr;
    },
    overlapping: (cidr) => {
      const entries = families[familyOf(cidr)];
      const range = rangeOf(cidr);
      const before = countBefore(entries, range);
      const found: string[] = [];
      for (let entry = narrowestAround(entries, range, before); entry !== undefined; entry = entry.around)
        found.unshift(entry.cidr);
      for (
        let at = before, entry = entries[at];
        entry !== undefined && entry.range.start <= range.end;
        entry = entries[at]
      ) {
        found.push(entry.cidr);
        at += 1;
      }
      return found;
    },
  };
}
