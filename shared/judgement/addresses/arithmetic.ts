/**
 * What networks are to each other, alone and in lists. Every text here is a network in the one spelling that `parseNetwork` gives,
 * and a text that is no network throws. In lists IPv4 comes before IPv6, and each family is in the order of its addresses. Pure.
 */

import { familyOf, IPV4, IPV6, ipv4Range, rangeOf, sizeOf, type Arithmetic, type Range } from './ranges.ts';

export { familyOf, type AddressFamily } from './ranges.ts';

/** Bits of a network's prefix: of `198.51.100.0/24` they are 24. */
export function prefixOf(cidr: string): number {
  return Number(cidr.split('/')[1]);
}

/** Whether every address of `inner` is one of `outer`. */
export function covers(outer: string, inner: string): boolean {
  if (familyOf(outer) !== familyOf(inner)) return false;
  const [wide, narrow] = [rangeOf(outer), rangeOf(inner)];
  return wide.start <= narrow.start && narrow.end <= wide.end;
}

/** Whether the two have an address in common. */
export function overlap(one: string, other: string): boolean {
  if (familyOf(one) !== familyOf(other)) return false;
  const [left, right] = [rangeOf(one), rangeOf(other)];
  return left.start <= right.end && right.start <= left.end;
}

/** IPv4 and IPv6 apart. */
function byFamily(cidrs: readonly string[]): readonly [ipv4: string[], ipv6: string[]] {
  const ipv4: string[] = [];
  const ipv6: string[] = [];
  for (const cidr of cidrs) (familyOf(cidr) === 'IPV4' ? ipv4 : ipv6).push(cidr);
  return [ipv4, ipv6];
}

const spelt = (ranges: readonly Range[]): string[] => ranges.map(({ cidr }) => cidr);

/** Those that lie in no other, in order. */
function outermost<A extends number | bigint>(cidrs: readonly string[], { sorted }: Arithmetic<A>): Range<A>[] {
  const outer: Range<A>[] = [];
  let last: Range<A> | undefined;
  for (const range of sorted(cidrs)) {
    if (last !== undefined && range.start <= last.end) continue;
    outer.push(range);
    last = range;
  }
  return outer;
}

/** Without those that lie inside another, and without repetition; two halves stay two. */
export function withoutCovered(cidrs: readonly string[]): string[] {
  const [ipv4, ipv6] = byFamily(cidrs);
  return spelt(outermost(ipv4, IPV4)).concat(spelt(outermost(ipv6, IPV6)));
}

/** What two halves are halves of. It begins where the first does, so that its address is spelt already. */
function whole<A extends number | bigint>({ start, prefix, cidr }: Range<A>, { end }: Range<A>): Range<A> {
  return { start, end, prefix: prefix - 1, cidr: `${cidr.slice(0, cidr.indexOf('/'))}/${prefix - 1}` };
}

/** The fewest ranges for the same addresses, in order: halves are put together as long as there are any. */
function fewest<A extends number | bigint>(cidrs: readonly string[], arithmetic: Arithmetic<A>): Range<A>[] {
  const { areHalves } = arithmetic;
  const cover: Range<A>[] = [];
  for (const range of outermost(cidrs, arithmetic)) {
    let last = range;
    for (let before = cover.at(-1); before !== undefined; before = cover.at(-1)) {
      if (before.prefix !== last.prefix || !areHalves(before.start, last.start, last.prefix)) break;
      cover.pop();
      last = whole(before, last);
    }
    cover.push(last);
  }
  return cover;
}

/** Above every prefix: an address times this, and a prefix, is one exact number, and such numbers are in the order of networks. */
const PREFIXES = 64;

interface Keys {
  readonly keys: Float64Array;
  /** Their texts, where they came in order already; else none. */
  readonly given: readonly string[];
}

function sortedKeys(cidrs: readonly string[]): Keys {
  const keys = new Float64Array(cidrs.length);
  let count = 0;
  let isSorted = true;
  let before = 0;
  for (const cidr of cidrs) {
    const { start, prefix } = ipv4Range(cidr);
    const key = start * PREFIXES + prefix;
    if (key < before) isSorted = false;
    before = key;
    keys[count] = key;
    count += 1;
  }
  return isSorted ? { keys, given: cidrs } : { keys: keys.toSorted(), given: [] };
}

/** `fewest` of IPv4 for lists as long as a threat feed: to keep 100,000 ranges as objects would cost more than the merge. */
function fewestIpv4(cidrs: readonly string[]): string[] {
  const { keys, given } = sortedKeys(cidrs);
  const starts: number[] = [];
  const prefixes: number[] = [];
  const texts: string[] = [];
  let end = -1;
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index] ?? 0;
    let start = Math.floor(key / PREFIXES);
    let prefix = key - start * PREFIXES;
    if (start <= end) continue;
    end = start + sizeOf(prefix) - 1;
    let text = given[index];
    for (let last = starts.at(-1); last !== undefined && prefixes.at(-1) === prefix; last = starts.at(-1)) {
      if (!IPV4.areHalves(last, start, prefix)) break;
      start = last;
      prefix -= 1;
      text = undefined;
      starts.pop();
      prefixes.pop();
      texts.pop();
    }
    starts.push(start);
    prefixes.push(prefix);
    texts.push(text ?? `${IPV4.textOf(start)}/${prefix}`);
  }
  return texts;
}

/** The fewest networks that cover exactly the same addresses. */
export function minimalCover(cidrs: readonly string[]): string[] {
  const [ipv4, ipv6] = byFamily(cidrs);
  return fewestIpv4(ipv4).concat(spelt(fewest(ipv6, IPV6)));
}

/** Networks to be cut holes into: what is left goes to `left`. */
interface Cutting<A extends number | bigint> {
  readonly arithmetic: Arithmetic<A>;
  /** None inside another, in order. */
  readonly holes: readonly Range<A>[];
  readonly left: string[];
}

/**
 * Cuts into the network of `prefix` at `start`: half by half, until a half has no hole or is one.
 * @returns the index of the first hole behind it; `next` is the first that is not before it.
 */
function cut<A extends number | bigint>(cutting: Cutting<A>, start: A, prefix: number, next: number): number {
  const { arithmetic, holes, left } = cutting;
  const end = arithmetic.last(start, prefix);
  const hole = holes[next];
  if (hole === undefined || hole.start > end) {
    left.push(`${arithmetic.textOf(start)}/${prefix}`);
    return next;
  }
  if (hole.prefix === prefix) return next + 1;
  const behindLower = cut(cutting, start, prefix + 1, next);
  return cut(cutting, arithmetic.first(end, prefix + 1), prefix + 1, behindLower);
}

function without<A extends number | bigint>(
  cidrs: readonly string[],
  gone: readonly string[],
  arithmetic: Arithmetic<A>,
): string[] {
  const left: string[] = [];
  const cutting = { arithmetic, holes: outermost(gone, arithmetic), left };
  let next = 0;
  for (const { start, end, prefix, cidr } of fewest(cidrs, arithmetic)) {
    let hole = cutting.holes[next];
    while (hole !== undefined && hole.end < start) {
      next += 1;
      hole = cutting.holes[next];
    }
    if (hole === undefined || hole.start > end) left.push(cidr);
    else if (hole.prefix > prefix) next = cut(cutting, start, prefix, next);
  }
  return left;
}

/** `cidrs` without any address of `holes`, as the fewest networks. */
export function subtract(cidrs: readonly string[], holes: readonly string[]): string[] {
  const [ipv4, ipv6] = byFamily(cidrs);
  const [ipv4Holes, ipv6Holes] = byFamily(holes);
  return without(ipv4, ipv4Holes, IPV4).concat(without(ipv6, ipv6Holes, IPV6));
}
