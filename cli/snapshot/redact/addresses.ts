/**
 * Addresses that keep their networks: whole networks are moved, each to a place of its own kind, and what is in one stays where it is in it.
 * So a subnet stays inside its VPC and an address inside its subnet, neighbours stay neighbours, private stays private and public public.
 * Pure.
 */

import { readIpv4, readIpv6, IPV4, IPV6 } from '../../../shared/judgement/addresses/ranges.ts';
import { specialUse } from '../../../shared/judgement/addresses/special-use.ts';

type Family = 4 | 6;

interface Net {
  readonly family: Family;
  readonly base: bigint;
  readonly prefix: number;
}

/** A network that moves, and where to. */
interface Move {
  readonly from: Net;
  readonly to: bigint;
}

const BITS = { 4: 32, 6: 128 } as const;

function read(text: string): Net | undefined {
  const [address = '', length] = text.split('/');
  const v4 = readIpv4(address);
  const family = v4 === undefined ? 6 : 4;
  const value = v4 === undefined ? readIpv6(address) : BigInt(v4);
  const prefix = length === undefined ? BITS[family] : Number(length);
  if (value === undefined || !Number.isInteger(prefix) || prefix < 0 || prefix > BITS[family]) return undefined;
  return { family, base: value, prefix };
}

function sizeOf({ family, prefix }: Net): bigint {
  return 1n << BigInt(BITS[family] - prefix);
}

function floor({ family, base }: Net, prefix: number): Net {
  const size = 1n << BigInt(BITS[family] - prefix);
  return { family, base: (base / size) * size, prefix };
}

function covers(outer: Net, inner: Net): boolean {
  return (
    outer.family === inner.family && outer.prefix <= inner.prefix && floor(inner, outer.prefix).base === outer.base
  );
}

function overlaps(one: Net, other: Net): boolean {
  return covers(one, other) || covers(other, one);
}

function shown(family: Family, value: bigint): string {
  return family === 4 ? IPV4.textOf(Number(value)) : IPV6.textOf(value);
}

function net(text: string): Net {
  const found = read(text);
  if (found === undefined) throw new Error(`${text} is no network`);
  return found;
}

/** Where networks of a kind may be moved to. Single addresses move with the network of `unit` bits around them. */
interface Kind {
  readonly within: readonly Net[];
  readonly pools: readonly Net[];
  readonly unit: number;
}

const [TEN, SEVENTEEN, NINETEEN, CARRIER] = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'].map(net);

function privately(...pools: readonly (Net | undefined)[]): Kind {
  const known = pools.filter((one) => one !== undefined);
  return { within: known.slice(0, 1), pools: known, unit: 24 };
}

const PRIVATE: readonly Kind[] = [
  privately(TEN, SEVENTEEN),
  privately(SEVENTEEN, TEN),
  privately(NINETEEN, SEVENTEEN, TEN),
  privately(CARRIER),
  { within: [net('fc00::/7')], pools: [net('fd00::/8')], unit: 64 },
];

/** Source: RFC 5737, RFC 3849, RFC 9637; where these are full 11.0.0.0/8, which nobody announces, and whose owner serves no web. */
const PUBLIC: { readonly [F in Family]: Kind } = {
  4: {
    within: [],
    pools: ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '11.0.0.0/8'].map(net),
    unit: 28,
  },
  6: { within: [], pools: ['2001:db8::/32', '3fff::/20'].map(net), unit: 64 },
};

/** Shorter prefixes are half the world's: they identify nobody. */
const SHORTEST = { 4: 12, 6: 24 } as const;

/** Blocks that everybody writes, as a whole. */
const BLOCKS = new Set(['10.0.0.0/8', '172.16.0.0/12', '100.64.0.0/10', 'fc00::/7', 'fd00::/8']);

function kindOf(one: Net): Kind | undefined {
  if (BLOCKS.has(`${shown(one.family, one.base)}/${one.prefix}`)) return undefined;
  const own = PRIVATE.find(({ within }) => within.some((block) => covers(block, one)));
  if (own !== undefined) return own;
  if (one.prefix < SHORTEST[one.family]) return undefined;
  const cidr = `${shown(one.family, floor(one, one.prefix).base)}/${one.prefix}`;
  if (specialUse(cidr) !== undefined) return undefined;
  return PUBLIC[one.family];
}

/** The networks that contain all others, in their order. */
function tops(nets: readonly Net[]): readonly Net[] {
  const sorted = nets.toSorted((one, other) => {
    if (one.base !== other.base) return one.base < other.base ? -1 : 1;
    return one.prefix - other.prefix;
  });
  const kept: Net[] = [];
  for (const one of sorted) {
    const last = kept.at(-1);
    if (last === undefined || !covers(last, one)) kept.push(one);
  }
  return kept;
}

/** The first free place in the pools, which is none that was there. */
function place(one: Net, pools: readonly Net[], taken: readonly Net[]): bigint | undefined {
  const size = sizeOf(one);
  for (const pool of pools) {
    if (pool.prefix > one.prefix) continue;
    const end = pool.base + sizeOf(pool);
    for (let base = pool.base; base + size <= end;) {
      const wanted: Net = { ...one, base };
      const hit = taken.find((other) => overlaps(other, wanted));
      if (hit === undefined) return base;
      const behind = hit.base + sizeOf(hit);
      base = behind % size === 0n ? behind : (behind / size + 1n) * size;
    }
  }
  return undefined;
}

/** Moves addresses. Knows those that were told it before it was asked for the first. */
export class Addresses {
  readonly #seen = new Map<string, Net>();
  #moves: readonly Move[] | undefined;

  /** Whether a text is an address or a network. */
  isOne(text: string): boolean {
    return read(text) !== undefined;
  }

  /** Tells it of an address or a network. */
  learn(text: string): void {
    const one = read(text);
    if (one !== undefined) this.#seen.set(text, one);
  }

  #made(): readonly Move[] {
    if (this.#moves !== undefined) return this.#moves;
    const byKind = new Map<Kind, Net[]>();
    for (const one of this.#seen.values()) {
      const kind = kindOf(one);
      if (kind === undefined) continue;
      const whole = floor(one, Math.min(one.prefix, kind.unit));
      byKind.set(kind, [...(byKind.get(kind) ?? []), whole]);
    }
    const all = [...byKind].map(([kind, nets]) => [kind, tops(nets)] as const);
    const taken: Net[] = all.flatMap(([, nets]) => nets);
    const moves: Move[] = [];
    for (const [{ pools }, nets] of all)
      for (const from of nets) {
        const to = place(from, pools, taken);
        // Without room anywhere it stays: what is as large as its whole kind identifies nobody.
        if (to === undefined) continue;
        taken.push({ ...from, base: to });
        moves.push({ from, to });
      }
    this.#moves = moves;
    return moves;
  }

  /** Another address or network in the place of one; the same where it is special, or unknown. */
  moved(text: string): string {
    const one = read(text);
    if (one === undefined) return text;
    const move = this.#made().find(({ from }) => covers(from, one));
    if (move === undefined) return text;
    const address = shown(one.family, one.base - move.from.base + move.to);
    return text.includes('/') ? `${address}/${one.prefix}` : address;
  }
}
