/**
 * What network ACLs let through: the first entry that fits decides, and what none fits is denied. They keep no state, so that answers need
 * a way back. Source: https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html. Pure.
 */

import { overlap, subtract } from '../../../shared/judgement/addresses/arithmetic.ts';
import type { AclEntry, NetworkAcl } from './network.ts';

/** Packets: of these networks, to these ports. */
export interface Packets {
  readonly isOutbound: boolean;
  /** First and last. */
  readonly ports: readonly [first: number, last: number];
  /** Networks at the other end. */
  readonly cidrs: readonly string[];
}

/** What is denied, and by which entry. */
export interface Denial {
  /** `*`: none lets it through. */
  readonly rule: number | '*';
  readonly cidrs: readonly string[];
}

/** Source: as above; TCP has number 6. */
function isOfTcp({ protocol }: AclEntry): boolean {
  return protocol === '-1' || protocol === '6' || protocol === 'tcp';
}

function isOfPort(entry: AclEntry, port: number): boolean {
  if (!isOfTcp(entry)) return false;
  return entry.protocol === '-1' || ((entry.from ?? 0) <= port && port <= (entry.to ?? 65_535));
}

/** One port of each stretch in which all ports are judged alike. */
function portsToJudge(entries: readonly AclEntry[], [first, last]: Packets['ports']): readonly number[] {
  const edges = entries.flatMap(({ from, to }) => [from ?? 0, (to ?? 65_535) + 1]);
  const inside = edges.filter((port) => first < port && port <= last);
  return [...new Set([first, ...inside])].toSorted((one, other) => one - other);
}

function denialAt(entries: readonly AclEntry[], port: number, cidrs: readonly string[]): Denial | undefined {
  let open = cidrs;
  for (const entry of entries) {
    if (!isOfPort(entry, port)) continue;
    const denied = entry.isAllowed ? [] : open.filter((cidr) => entry.cidrs.some((each) => overlap(cidr, each)));
    if (denied.length > 0) return { rule: entry.number, cidrs: denied };
    open = subtract(open, entry.cidrs);
  }
  return open.length === 0 ? undefined : { rule: '*', cidrs: open };
}

/** What an ACL denies of the packets; `undefined`: all get through. */
export function denialOf({ entries }: NetworkAcl, { isOutbound, ports, cidrs }: Packets): Denial | undefined {
  const judging = entries
    .filter((entry) => entry.isOutbound === isOutbound)
    .toSorted((one, other) => one.number - other.number);
  for (const port of portsToJudge(judging, ports)) {
    const denial = denialAt(judging, port, cidrs);
    if (denial !== undefined) return denial;
  }
  return undefined;
}
