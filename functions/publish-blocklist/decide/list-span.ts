/** From one address to another, as networks. Pure. */

import {
  IPV4,
  IPV6,
  rangeOf,
  type AddressFamily,
  type Arithmetic,
} from '../../../shared/judgement/addresses/ranges.ts';
import { refusal, type Refusal } from './list-refusal.ts';

/** All addresses from one to another, both of them included. */
export interface Span {
  readonly family: AddressFamily;
  /** The fewest networks for them, in order: at most two of each prefix. */
  readonly networks: readonly string[];
  /** Bits of the narrowest network that has as many addresses; 0: more than half of all. */
  readonly prefix: number;
}

function networksFrom<A extends number | bigint>(
  { bits, first, last, textOf }: Arithmetic<A>,
  next: (address: A) => A,
  start: A,
  end: A,
): readonly string[] {
  const networks: string[] = [];
  for (let at = start; at <= end;) {
    let prefix: number = bits;
    while (prefix > 1 && first(at, prefix - 1) === at && last(at, prefix - 1) <= end) prefix -= 1;
    networks.push(`${textOf(at)}/${prefix}`);
    at = next(last(at, prefix));
  }
  return networks;
}

function ipv6Prefix(moreThanOne: bigint): number {
  return moreThanOne === 0n ? IPV6.bits : IPV6.bits - moreThanOne.toString(2).length;
}

/**
 * @param from the first address, as a network of itself in its one spelling.
 * @param to the last one.
 * @throws Error where either is no network in its one spelling.
 */
export function spanOf(from: string, to: string): Span | Refusal {
  const { start } = rangeOf(from);
  const { end } = rangeOf(to);
  if (typeof start === 'number' && typeof end === 'number') {
    if (end < start) return refusal('range-order');
    const networks = networksFrom(IPV4, (address) => address + 1, start, end);
    return { family: 'IPV4', networks, prefix: Math.clz32(end - start) };
  }
  if (typeof start === 'bigint' && typeof end === 'bigint') {
    if (end < start) return refusal('range-order');
    const networks = networksFrom(IPV6, (address) => address + 1n, start, end);
    return { family: 'IPV6', networks, prefix: ipv6Prefix(end - start) };
  }
  return refusal('range-family');
}
