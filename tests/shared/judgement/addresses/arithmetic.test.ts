/** What networks are to each other: by examples, and against sets of addresses in a universe small enough to write out. */

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  covers,
  familyOf,
  minimalCover,
  overlap,
  subtract,
  withoutCovered,
} from '../../../../shared/judgement/addresses/arithmetic.ts';
import { indexOf } from '../../../../shared/judgement/addresses/lookup.ts';

/** Eight bits of a network, `from` its first address on. */
interface Small {
  readonly from: number;
  readonly bits: number;
}

/** Where the universe of 256 addresses lies. */
interface Place {
  readonly name: string;
  readonly family: 'IPV4' | 'IPV6';
  readonly spell: (network: Small) => string;
}

const group = (text: string, from: number): string => (from === 0 ? `${text}:` : `${text}:${from.toString(16)}`);

const PLACES: readonly Place[] = [
  { name: '198.51.100.0/24', family: 'IPV4', spell: ({ from, bits }) => `198.51.100.${from}/${24 + bits}` },
  { name: '255.255.255.0/24', family: 'IPV4', spell: ({ from, bits }) => `255.255.255.${from}/${24 + bits}` },
  { name: '2001:db8::/120', family: 'IPV6', spell: ({ from, bits }) => `${group('2001:db8:', from)}/${120 + bits}` },
  {
    name: 'ffff:…:ff00/120',
    family: 'IPV6',
    spell: ({ from, bits }) => `ffff:ffff:ffff:ffff:ffff:ffff:ffff:${(0xff00 + from).toString(16)}/${120 + bits}`,
  },
];

const size = ({ bits }: Small): number => 2 ** (8 - bits);

const SMALL: fc.Arbitrary<Small> = fc
  .tuple(fc.nat(255), fc.oneof(fc.integer({ min: 4, max: 8 }), fc.nat(8)))
  .map(([address, bits]) => ({ from: address - (address % 2 ** (8 - bits)), bits }));
const LIST = fc.array(SMALL, { maxLength: 24 });

function addressesOf(networks: readonly Small[]): Set<number> {
  return new Set(
    networks.flatMap((network) => Array.from({ length: size(network) }, (_, step) => network.from + step)),
  );
}

/** The fewest networks of a set: the whole where it is full, else those of its halves. */
function fewest(addresses: ReadonlySet<number>, from = 0, bits = 0): Small[] {
  const whole = { from, bits };
  const held = Array.from({ length: size(whole) }, (_, step) => addresses.has(from + step));
  if (held.every(Boolean)) return [whole];
  if (!held.some(Boolean)) return [];
  return [...fewest(addresses, from, bits + 1), ...fewest(addresses, from + size(whole) / 2, bits + 1)];
}

const everyIn = (some: ReadonlySet<number>, all: ReadonlySet<number>): boolean =>
  [...some].every((address) => all.has(address));
const naiveCovers = (outer: Small, inner: Small): boolean => everyIn(addressesOf([inner]), addressesOf([outer]));
const naiveOverlap = (one: Small, other: Small): boolean =>
  [...addressesOf([one])].some((address) => addressesOf([other]).has(address));
const byAddress = (one: Small, other: Small): number => one.from - other.from || one.bits - other.bits;

function distinct(networks: readonly Small[]): Small[] {
  return networks.filter(
    ({ from, bits }, at) => networks.findIndex((other) => other.from === from && other.bits === bits) === at,
  );
}

const RUNS = { numRuns: 1_500 };

describe.each(PLACES)('as sets of addresses in $name', ({ spell, family }) => {
  const spellings = (networks: readonly Small[]): string[] => networks.map(spell);
  it('the minimal cover has the same addresses in the fewest networks', () => {
    fc.assert(
      fc.property(LIST, (networks) => {
        expect(minimalCover(spellings(networks))).toEqual(spellings(fewest(addressesOf(networks))));
      }),
      RUNS,
    );
  });
  it('what is left beside the holes is the difference, in the fewest networks', () => {
    fc.assert(
      fc.property(LIST, LIST, (networks, holes) => {
        const gone = addressesOf(holes);
        const left = new Set([...addressesOf(networks)].filter((address) => !gone.has(address)));
        expect(subtract(spellings(networks), spellings(holes))).toEqual(spellings(fewest(left)));
      }),
      RUNS,
    );
  });
  it('only those stay that lie in no other', () => {
    fc.assert(
      fc.property(LIST, (networks) => {
        const once = distinct(networks);
        const outer = once.filter((inner) => !once.some((other) => other !== inner && naiveCovers(other, inner)));
        expect(withoutCovered(spellings(networks))).toEqual(spellings(outer.toSorted(byAddress)));
      }),
      RUNS,
    );
  });
  it('one covers or overlaps another when its addresses do', () => {
    fc.assert(
      fc.property(SMALL, SMALL, (one, other) => {
        expect(covers(spell(one), spell(other))).toBe(naiveCovers(one, other));
        expect(overlap(spell(one), spell(other))).toBe(naiveOverlap(one, other));
        expect(familyOf(spell(one))).toBe(family);
      }),
      RUNS,
    );
  });
  it('an index finds what a look at each would', () => {
    fc.assert(
      fc.property(LIST, SMALL, (networks, asked) => {
        const once = distinct(networks).toSorted(byAddress);
        const index = indexOf(spellings(networks));
        const narrowest = once.filter((outer) => naiveCovers(outer, asked)).at(-1);
        expect(index.covering(spell(asked))).toBe(narrowest === undefined ? undefined : spell(narrowest));
        const touching = once.filter((other) => naiveOverlap(other, asked));
        expect(index.overlapping(spell(asked))).toEqual(spellings(touching));
      }),
      RUNS,
    );
  });
});

describe('networks', () => {
  it('of different families have nothing in common', () => {
    expect(covers('::/1', '1.2.3.4/32')).toBe(false);
    expect(overlap('1.2.3.4/32', '::/1')).toBe(false);
    expect(subtract(['1.2.3.4/32', '2001:db8::/32'], ['::/1'])).toEqual(['1.2.3.4/32']);
    expect(indexOf(['::/1', '1.2.3.4/32']).overlapping('1.2.3.0/24')).toEqual(['1.2.3.4/32']);
    expect(indexOf(['::/1']).covering('1.2.3.4/32')).toBeUndefined();
  });
  it('come by address, IPv4 first', () => {
    const mixed = ['2001:db8::1/128', '198.51.100.9/32', '9.0.0.0/8', '2001:db8::/128', '200.0.0.1/32'];
    expect(withoutCovered(mixed)).toEqual([
      '9.0.0.0/8',
      '198.51.100.9/32',
      '200.0.0.1/32',
      '2001:db8::/128',
      '2001:db8::1/128',
    ]);
    expect(minimalCover(mixed)).toEqual(['9.0.0.0/8', '198.51.100.9/32', '200.0.0.1/32', '2001:db8::/127']);
  });
  it('that are halves of everything stay two, since no prefix of 0 is ever made', () => {
    expect(minimalCover(['0.0.0.0/1', '128.0.0.0/1'])).toEqual(['0.0.0.0/1', '128.0.0.0/1']);
    expect(minimalCover(['::/1', '8000::/1'])).toEqual(['::/1', '8000::/1']);
  });
  it('lose a hole by as many networks as bits lie between', () => {
    expect(subtract(['128.0.0.0/1'], ['255.255.255.255/32'])).toHaveLength(31);
    expect(subtract(['8000::/1'], ['8000::/128'])).toHaveLength(127);
  });
  it.each(['1.2.3.4', '1.2.3.4/24', '1.2.3.4/0', '256.1.1.1/32', '2001:db8::1/64', '2001:db8::', 'x', ''])(
    'throw where a text is none in its one spelling: %j',
    (text) => {
      const sentence = `not a network in its one spelling: ${text}`;
      expect(() => minimalCover([text])).toThrow(sentence);
      expect(() => withoutCovered([text])).toThrow(sentence);
      expect(() => subtract([], [text])).toThrow(sentence);
      expect(() => indexOf([text])).toThrow(sentence);
      expect(() => covers(text, text)).toThrow(sentence);
    },
  );
});
