/**
 * Rules of a security group. AWS keeps one for each protocol, port range and peer, and prints them grouped: those of a protocol and
 * port range together, in four lists by the kind of peer.
 */

import { BadInputError } from '../../../shared/kernel/errors.ts';
import type { Shape, World } from '../../engine/model.ts';
import { canonical } from './network-acl-entries.ts';
import { find, isShape, list, records, show, text } from './state.ts';

/** The list that a rule stands in, by the kind of its peer. */
type PeerList = 'IpRanges' | 'Ipv6Ranges' | 'PrefixListIds' | 'UserIdGroupPairs';

/** By list the member that names a peer. */
const PEERS: readonly (readonly [PeerList, string])[] = [
  ['IpRanges', 'CidrIp'],
  ['Ipv6Ranges', 'CidrIpv6'],
  ['PrefixListIds', 'PrefixListId'],
  ['UserIdGroupPairs', 'GroupId'],
];

/** One rule. Two are the same if all but what they say beside is. */
export interface Rule {
  /** `tcp`, `udp`, `icmp`, `icmpv6`, another protocol's number, `-1` for all. */
  readonly protocol: string;
  /** Ports, or type and code of ICMP; none for other protocols. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly list: PeerList;
  /** A network, or the id of a list or group. */
  readonly peer: string;
  /** What stands in the list: the peer with its description. */
  readonly said: Shape;
}

/** Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html (IpProtocol). */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['1', 'icmp'],
  ['6', 'tcp'],
  ['17', 'udp'],
  ['58', 'icmpv6'],
]);
const NAMED: ReadonlySet<string> = new Set(NAMES.values());

/** A protocol as EC2 prints it; `undefined`: it is none. */
export function protocolOf(given: string): string | undefined {
  const protocol = NAMES.get(given) ?? given.toLowerCase();
  const isNumber = /^\d{1,3}$/u.test(protocol) && Number(protocol) <= 255;
  return NAMED.has(protocol) || protocol === '-1' || isNumber ? protocol : undefined;
}

/** Whether a protocol has ports, or types; for others EC2 keeps none. */
export function hasPorts(protocol: string): boolean {
  return NAMED.has(protocol);
}

/** A network as EC2 keeps it. Source: API_IpRange (CidrIp: canonicalized). `undefined`: it is none of the list's family. */
function networkFor(peers: PeerList, cidr: string): string | undefined {
  return canonical(peers === 'IpRanges' ? 'CidrBlock' : 'Ipv6CidrBlock', cidr);
}

/** What tells two rules apart. */
export function keyOf({ protocol, from, to, list: peers, peer }: Rule): string {
  return JSON.stringify([protocol, from ?? null, to ?? null, peers, peer]);
}

function port(permission: Shape, member: string): number | undefined {
  const value = permission[member];
  return typeof value === 'number' ? value : undefined;
}

/** The rules of a permission, as it is written: nothing is checked, networks are not yet as EC2 keeps them. */
export function rulesIn(permission: Shape): Rule[] {
  const given = show(permission['IpProtocol']);
  const protocol = protocolOf(given) ?? given;
  const [from, to] = hasPorts(protocol) ? [port(permission, 'FromPort'), port(permission, 'ToPort')] : [];
  return PEERS.flatMap(([peers, member]) =>
    list(permission, peers).map((said): Rule => {
      const peer = text(said, member) ?? '';
      return { protocol, from, to, list: peers, peer, said };
    }),
  );
}

/** The rule as EC2 keeps it; `undefined`: its peer is no network of its family. */
export function kept(rule: Rule): Rule | undefined {
  if (rule.list !== 'IpRanges' && rule.list !== 'Ipv6Ranges') return rule;
  const network = networkFor(rule.list, rule.peer);
  if (network === undefined) return undefined;
  return { ...rule, peer: network, said: { ...rule.said, [memberOf(rule.list)]: network } };
}

function memberOf(peers: PeerList): string {
  return PEERS.find(([name]) => name === peers)?.[1] ?? '';
}

/** Rules grouped as EC2 prints them, in the order in which they were given. */
export function permissionsOf(rules: readonly Rule[]): Shape[] {
  const permissions = new Map<string, Shape>();
  for (const { protocol, from, to, list: peers, said } of rules) {
    const key = JSON.stringify([protocol, from ?? null, to ?? null]);
    const ports = from === undefined ? {} : { FromPort: from, ToPort: to };
    const permission = permissions.get(key) ?? {
      IpProtocol: protocol,
      ...ports,
      IpRanges: [],
      Ipv6Ranges: [],
      PrefixListIds: [],
      UserIdGroupPairs: [],
    };
    permission[peers] = [...list(permission, peers), said];
    permissions.set(key, permission);
  }
  return [...permissions.values()];
}

/** The inbound rules of a group. */
export function inboundOf(group: Shape): Rule[] {
  return list(group, 'IpPermissions').flatMap(rulesIn);
}

function outboundOf(group: Shape): Rule[] {
  return list(group, 'IpPermissionsEgress').flatMap(rulesIn);
}

/** Inbound rules of each family. Source: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html (security groups). */
const MOST_RULES = 60;

/** The quota by the error that exceeding it is answered with. */
export const RULES_CODE = 'RulesPerSecurityGroupLimitExceeded';

/** The quota of the account, in rules of a family. */
export function mostRules(world: World): number {
  const quota = records(world, 'Quotas').find((each) => each['QuotaCode'] === RULES_CODE)?.['Value'];
  return typeof quota === 'number' ? quota : MOST_RULES;
}

/** Rules that a list of AWS's counts as. Source: https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html (weight) */
const WEIGHTS: readonly (readonly [RegExp, number])[] = [
  [/^com\.amazonaws\.[^.]+\.(?:s3|dynamodb)$/u, 1],
  [/^com\.amazonaws\.global\.cloudfront\.origin-facing$/u, 55],
];

function weightOf(prefixList: Shape | undefined): number | undefined {
  const size = prefixList?.['MaxEntries'];
  if (typeof size === 'number') return size;
  const name = show(prefixList?.['PrefixListName']);
  return WEIGHTS.find(([pattern]) => pattern.test(name))?.[1];
}

/** How many rules of a family there are, and the first list of which the world does not say how many it counts as. */
export interface Count {
  readonly rules: number;
  readonly unknown: string | undefined;
}

function familyList(family: 'IPv4' | 'IPv6'): PeerList {
  return family === 'IPv4' ? 'IpRanges' : 'Ipv6Ranges';
}

/**
 * Counts the rules of a family as the quota does: one for each network, one in either family for a group, and for a prefix list as
 * many as its size. Source: amazon-vpc-limits.html.
 * @param sizes sizes of prefix lists that are not those of the world
 */
export function countOf(
  world: World,
  rules: readonly Rule[],
  family: 'IPv4' | 'IPv6',
  sizes: ReadonlyMap<string, number> = new Map(),
): Count {
  const single = rules.filter(({ list: peers }) => peers === familyList(family) || peers === 'UserIdGroupPairs');
  let count = single.length;
  let unknown: string | undefined;
  for (const { peer } of rules.filter(({ list: peers }) => peers === 'PrefixListIds')) {
    const prefixList = find(world, 'ManagedPrefixLists', peer);
    // A list of AWS's whose family is left out is one of IPv4 unless its name says otherwise.
    const own =
      prefixList?.['AddressFamily'] ?? (show(prefixList?.['PrefixListName']).includes('ipv6') ? 'IPv6' : 'IPv4');
    if (own !== family) continue;
    const weight = sizes.get(peer) ?? weightOf(prefixList);
    if (weight === undefined) unknown ??= peer;
    else count += weight;
  }
  return { rules: count, unknown };
}

/** Ids of the groups that refer to a prefix list and have no room for it when it has this size. */
export function groupsWithoutRoom(world: World, prefixListId: string, size: number): string[] {
  const sizes = new Map([[prefixListId, size]]);
  const most = mostRules(world);
  const isTooMuch = (rules: readonly Rule[]): boolean =>
    rules.some(({ peer }) => peer === prefixListId) &&
    (['IPv4', 'IPv6'] as const).some((family) => countOf(world, rules, family, sizes).rules > most);
  const full = records(world, 'SecurityGroups').filter((group) =>
    [inboundOf(group), outboundOf(group)].some(isTooMuch),
  );
  return full.map((group) => show(group['GroupId']));
}

/**
 * The permissions of a file or a script, as EC2 would print them.
 * @throws BadInputError that names the permission: its protocol or a network is none, or a rule is there twice
 */
export function keptPermissions(permissions: readonly unknown[], at: string): Shape[] {
  const seen = new Set<string>();
  const rules = permissions.flatMap((permission, index) => {
    const here = `${at}[${index}]`;
    if (!isShape(permission)) throw new BadInputError(here, 'expected a permission as describe-security-groups prints');
    const protocol = show(permission['IpProtocol']);
    if (protocolOf(protocol) === undefined) throw new BadInputError(`${here}.IpProtocol`, `${protocol} is no protocol`);
    return rulesIn(permission).map((written) => {
      const rule = kept(written);
      if (rule === undefined || rule.peer === '')
        throw new BadInputError(`${here}.${written.list}`, `${show(written.said)} names no peer of that list`);
      const key = keyOf(rule);
      if (seen.has(key)) throw new BadInputError(`${here}.${rule.list}`, `${rule.peer} is there twice`);
      seen.add(key);
      return rule;
    });
  });
  return permissionsOf(rules);
}
