/**
 * What network ACLs let through: the first entry that fits decides, and what none fits is denied. They keep no state, so that answers need
 * a way back. Source: https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html. Pure.
 */

import { subtract } from '../../../shared/judgement/addresses/arithmetic.ts';
import type { AclEntry, NetworkAcl } from './network.ts';

/** First and last. */
export type Ports = readonly [first: number, last: number];

/** Packets: of these networks, to these ports. */
export interface Packets {
  readonly isOutbound: boolean;
  readonly ports: Ports;
  /** Networks at the other end. */
  readonly cidrs: readonly string[];
}

/** What is denied, and by which entry. */
export interface Denial {
  /** `*`: none lets it through. */
  readonly rule: number | '*';
  /** A stretch in which all ports are judged alike. */
  readonly ports: Ports;
  readonly cidrs: readonly string[];
}

/** All that is denied to the same addresses. */
export interface Denied {
  readonly cidrs: readonly string[];
  readonly denials: readonly Denial[];
}

/** Numbers that a customer cannot give; the console shows them as `*`. Source: API_CreateNetworkAclEntry. */
const LAST_RULE = 32_767;

/** Source: as above; TCP has number 6. */
function isOfTcp({ protocol }: AclEntry): boolean {
  return protocol === '-1' || protocol === '6' || protocol === 'tcp';
}

function isOfPort(entry: AclEntry, port: number): boolean {
  if (!isOfTcp(entry)) return false;
  return entry.protocol === '-1' || ((entry.from ?? 0) <= port && port <= (entry.to ?? 65_535));
}

/** The stretches in which all ports are judged alike. */
function stretchesOf(entries: readonly AclEntry[], [first, last]: Ports): readonly Ports[] {
  const edges = entries.flatMap(({ from, to }) => [from ?? 0, (to ?? 65_535) + 1]);
  const inside = edges.filter((port) => first < port && port <= last);
  const starts = [...new Set([first, ...inside])].toSorted((one, other) => one - other);
  return starts.map((start, index) => [start, (starts[index + 1] ?? last + 1) - 1]);
}

function denialsAt(entries: readonly AclEntry[], ports: Ports, cidrs: readonly string[]): readonly Denial[] {
  const denials: Denial[] = [];
  let open = cidrs;
  for (const entry of entries) {
    if (!isOfPort(entry, ports[0])) continue;
    const left = subtract(open, entry.cidrs);
    const judged = subtract(open, left);
    const rule = entry.number >= LAST_RULE ? '*' : entry.number;
    if (!entry.isAllowed && judged.length > 0) denials.push({ rule, ports, cidrs: judged });
    open = left;
  }
  return open.length === 0 ? denials : [...denials, { rule: '*', ports, cidrs: open }];
}

/** All that an ACL denies of the packets, apart for addresses to which it does not deny the same; empty: all get through. */
export function deniedOf({ entries }: NetworkAcl, { isOutbound, ports, cidrs }: Packets): readonly Denied[] {
  const judging = entries
    .filter((entry) => entry.isOutbound === isOutbound)
    .toSorted((one, other) => one.number - other.number);
  const denials = stretchesOf(judging, ports).flatMap((stretch) => denialsAt(judging, stretch, cidrs));
  let apart: readonly Denied[] = [{ cidrs, denials: [] }];
  for (const denial of denials)
    apart = apart.flatMap((one) => {
      const spared = subtract(one.cidrs, denial.cidrs);
      const hit = subtract(one.cidrs, spared);
      const parts = [
        { cidrs: hit, denials: [...one.denials, denial] },
        { cidrs: spared, denials: one.denials },
      ];
      return parts.filter((part) => part.cidrs.length > 0);
    });
  return apart.filter((one) => one.denials.length > 0);
}

/** Stretches as the fewest that hold the same ports, in order. */
export function joined(stretches: readonly Ports[]): readonly Ports[] {
  const all: Ports[] = [];
  for (const [first, last] of stretches.toSorted(([one], [other]) => one - other)) {
    const before = all.at(-1);
    if (before === undefined || first > before[1] + 1) all.push([first, last]);
    else all[all.length - 1] = [before[0], Math.max(before[1], last)];
  }
  return all;
}

/** How many ports there are in stretches, each counted once. */
export function portsIn(stretches: readonly Ports[]): number {
  return joined(stretches).reduce((sum, [first, last]) => sum + last - first + 1, 0);
}
