/** What merging a block list costs of processor time, beside cidr-tools 12 on the same list in the same process. */

import { mergeCidr } from 'cidr-tools';
import { minimalCover } from '../shared/judgement/addresses/arithmetic.ts';

/** One list's figures. */
export interface MergingFigures {
  readonly list: string;
  readonly order: 'shuffled' | 'sorted';
  /** Networks that are left. */
  readonly left: number;
  readonly ms: number;
  readonly cidrToolsMs: number;
}

/** Both are compiled by then. */
const WARM_UP = 3;
const TURNS = 5;

/** Numbers from 0 to below 2^32, the same in each run (xorshift32). */
function randomNumbers(): () => number {
  let state = 0x9e3779b9;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** Addresses all over the internet, as lists of attackers have them. */
function ipv4Addresses(count: number): string[] {
  const next = randomNumbers();
  return Array.from({ length: count }, () => {
    const address = next();
    return `${1 + ((address >>> 24) % 223)}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}/32`;
  });
}

function ipv6Addresses(count: number): string[] {
  const next = randomNumbers();
  // No group is zero, so that it is the one spelling.
  const group = (): string => (1 + (next() % 0xffff)).toString(16);
  return Array.from({ length: count }, () => `2a06:${Array.from({ length: 7 }, group).join(':')}/128`);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Milliseconds of processor time, the collector's with it. */
function cpuMs(work: () => unknown): number {
  const began = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1_000;
}

function figures(list: string, order: MergingFigures['order'], cidrs: string[]): MergingFigures {
  const cover = minimalCover(cidrs);
  if (cover.join(' ') !== mergeCidr(cidrs).join(' '))
    throw new Error(`${list}, ${order}: not what cidr-tools makes of it`);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let turn = -WARM_UP; turn < TURNS; turn += 1) {
    // Each leaves its garbage to whoever comes next, so that they take turns at being first.
    const isFirst = turn % 2 === 0;
    if (!isFirst) theirs.push(cpuMs(() => mergeCidr(cidrs)));
    ours.push(cpuMs(() => minimalCover(cidrs)));
    if (isFirst) theirs.push(cpuMs(() => mergeCidr(cidrs)));
  }
  return {
    list,
    order,
    left: cover.length,
    ms: median(ours.slice(WARM_UP)),
    cidrToolsMs: median(theirs.slice(WARM_UP)),
  };
}

/** IPv4 lists of 10,000 and 100,000 and an IPv6 list of 10,000, each shuffled and sorted; median of five. */
export function measureMerging(): MergingFigures[] {
  const lists: readonly (readonly [string, string[]])[] = [
    ['10,000 IPv4', ipv4Addresses(10_000)],
    ['100,000 IPv4', ipv4Addresses(100_000)],
    ['10,000 IPv6', ipv6Addresses(10_000)],
  ];
  return lists.flatMap(([list, cidrs]) => [
    figures(list, 'shuffled', cidrs),
    figures(list, 'sorted', minimalCover(cidrs)),
  ]);
}
