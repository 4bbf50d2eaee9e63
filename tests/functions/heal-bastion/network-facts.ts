/** A network that lets every health check through: three subnets, a node in each, and a host in each. */

import type { AclEntry, Network, Permission, Reach, SecurityGroup } from '../../../functions/heal-bastion/decide.ts';

/** The zone of a host, as the tests name hosts. */
export function zoneOf(host: string): string {
  return `eu-west-1${host.at(-1)}`;
}

export const EVERYBODY = ['0.0.0.0/1', '128.0.0.0/1'];

/** Port 22 by TCP, for these. */
export function permission(cidrs: readonly string[], more: Partial<Permission> = {}): Permission {
  return { protocol: 'tcp', from: 22, to: 22, cidrs, lists: [], groups: [], ...more };
}

/** A security group that lets all out. */
export function group(id: string, inbound: readonly Permission[], more: Partial<SecurityGroup> = {}): SecurityGroup {
  return { id, inbound, outbound: [permission(EVERYBODY, { protocol: '-1', from: null, to: null })], ...more };
}

/** An entry that allows everything, but for what is said. */
export function entry(number: number, more: Partial<AclEntry> = {}): AclEntry {
  return {
    number,
    isOutbound: false,
    isAllowed: true,
    protocol: '-1',
    from: null,
    to: null,
    cidrs: EVERYBODY,
    ...more,
  };
}

export const ALL_OPEN = [entry(100), entry(100, { isOutbound: true })];

const NUMBERS = { a: 1, b: 2, c: 3 } as const;
type Letter = keyof typeof NUMBERS;
const LETTERS = ['a', 'b', 'c'] as const;

const SUBNETS = group('sg-subnets', [permission(['10.0.1.0/24', '10.0.2.0/24', '10.0.3.0/24'])]);

/** A way with its security groups whole. */
type Way = Omit<Reach, 'groups'> & { readonly groups: readonly SecurityGroup[] };

/** A network whose security groups stand where they are referred to. */
export type Change = Partial<Omit<Network, 'balancerGroups' | 'reaches'>> & {
  readonly balancerGroups?: readonly SecurityGroup[];
  readonly reaches?: readonly Way[];
};

/** How a check gets to the host of a zone. */
export function reach(letter: Letter, more: Partial<Way> = {}): Way {
  return {
    host: `i-${letter}`,
    cidrs: [`10.0.${NUMBERS[letter]}.10/32`],
    subnet: `subnet-${letter}`,
    groups: [SUBNETS],
    port: 22,
    ...more,
  };
}

/** A subnet with these entries at its edge, by an ACL of its own. */
export function subnet(id: string, entries: readonly AclEntry[] = ALL_OPEN): Network['subnets'][number] {
  return { id, acl: { id: id.replace('subnet', 'acl'), entries } };
}

/** The network, but for what is said. The hosts of the first two zones fail; `pl-1` cannot be read. */
export function network({ balancerGroups = [], reaches = [reach('a'), reach('b')], ...more }: Change = {}): Network {
  const all = new Set([...balancerGroups, ...reaches.flatMap(({ groups }) => groups)]);
  return {
    subnets: LETTERS.map((letter) => subnet(`subnet-${letter}`)),
    nodes: LETTERS.map((letter) => ({
      subnet: `subnet-${letter}`,
      zone: `eu-west-1${letter}`,
      cidrs: [`10.0.${NUMBERS[letter]}.200/32`],
    })),
    securityGroups: [...all],
    prefixLists: [{ id: 'pl-1', cidrs: null }],
    balancerGroups: balancerGroups.map(({ id }) => id),
    reaches: reaches.map(({ groups, ...way }) => ({ ...way, groups: groups.map(({ id }) => id) })),
    leftOut: [],
    ...more,
  };
}
