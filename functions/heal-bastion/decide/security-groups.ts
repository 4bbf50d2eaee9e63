/** What security groups let through. Source: https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html. Pure. */

import { subtract } from '../../../shared/judgement/addresses/arithmetic.ts';
import type { Network, Permission, SecurityGroup } from './network.ts';

/** A connection: to this port, from or to these. */
export interface Connection {
  readonly port: number;
  /** Networks at the other end. */
  readonly cidrs: readonly string[];
  /** Security groups of the other end. */
  readonly groups: readonly string[];
}

/** Networks of prefix lists, by id; `null`: they cannot be read. */
export type Lists = ReadonlyMap<string, readonly string[] | null>;

/** What the security groups of a network refer to. */
export function listsIn({ prefixLists }: Network): Lists {
  return new Map(prefixLists.map(({ id, cidrs }) => [id, cidrs]));
}

/** Security groups by their ids. */
export function groupsNamed({ securityGroups }: Network, ids: readonly string[]): readonly SecurityGroup[] {
  return securityGroups.filter(({ id }) => ids.includes(id));
}

const TCP: ReadonlySet<string> = new Set(['-1', 'tcp', '6']);

/** Whether a rule says something of TCP at a port. */
export function isOfPort({ protocol, from, to }: Pick<Permission, 'protocol' | 'from' | 'to'>, port: number): boolean {
  if (!TCP.has(protocol)) return false;
  return protocol === '-1' || ((from ?? 0) <= port && port <= (to ?? 65_535));
}

/** The networks of a connection that none of the permissions lets through. */
export function notAdmitted(
  permissions: readonly Permission[],
  { port, cidrs, groups }: Connection,
  known: Lists,
): readonly string[] {
  const fitting = permissions.filter((permission) => isOfPort(permission, port));
  if (fitting.some((permission) => permission.groups.some((group) => groups.includes(group)))) return [];
  return subtract(
    cidrs,
    fitting.flatMap((permission) => [...permission.cidrs, ...permission.lists.flatMap((id) => known.get(id) ?? [])]),
  );
}

/** Prefix lists that might let a connection through, and cannot be read. */
export function unreadFor(permissions: readonly Permission[], port: number, known: Lists): readonly string[] {
  const named = permissions.filter((permission) => isOfPort(permission, port)).flatMap(({ lists }) => lists);
  return named.filter((id) => known.get(id) === null);
}

/** The group whose rules come nearest: one that says something of the port. What is allowed is the sum of all groups. */
export function nearest(
  groups: readonly SecurityGroup[],
  port: number,
  direction: 'inbound' | 'outbound',
): SecurityGroup | undefined {
  return groups.find((group) => group[direction].some((permission) => isOfPort(permission, port))) ?? groups[0];
}

const EVERYBODY = [
  ['0.0.0.0/0', '0.0.0.0/1', '128.0.0.0/1'],
  ['::/0', '::/1', '8000::/1'],
] as const;

/** Everybody as AWS writes it, where both halves are there. */
function spelt(cidrs: readonly string[]): readonly string[] {
  const whole = EVERYBODY.filter(([, ...halves]) => halves.every((half) => cidrs.includes(half)));
  const halved = new Set<string>(whole.flatMap(([, ...halves]) => halves));
  return [...whole.map(([all]) => all), ...cidrs.filter((cidr) => !halved.has(cidr))];
}

/** Its rules for a port in words: `tcp 22 for 198.51.100.0/24`; `nothing`. */
export function rulesFor(permissions: readonly Permission[], port: number): string {
  const fitting = permissions.filter((permission) => isOfPort(permission, port));
  if (fitting.length === 0) return 'nothing';
  return fitting.map(({ cidrs, groups, lists }) => [...spelt(cidrs), ...groups, ...lists].join(', ')).join(', ');
}
