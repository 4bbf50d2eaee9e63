/**
 * The rules between load balancers and bastion hosts in generated worlds: such as let health checks through, in every way in which people
 * write that down, and walls that somebody puts up later, some of which only look like one.
 */

import * as fc from 'fast-check';
import type { Shape } from '../../../simulator/engine/model.ts';
import type { Happening } from '../../worlds/case.ts';
import { chance, mostly, sometimes } from '../../worlds/pieces.ts';
import { addressOf, aclId, listId, type Place, type Side } from './places.ts';

const ELSEWHERE = '203.0.113.0/24';
const PEOPLE = '198.51.100.0/24';

/** How the hosts' security groups let checks in. */
type Opening = 'subnets' | 'network' | 'nodes' | 'halves' | 'anyone' | 'range' | 'reference' | 'list' | 'split';
/** How the balancer's let them out. */
type Outlet = 'anywhere' | 'network' | 'reference' | 'list';
type Acl = 'none' | 'all' | 'tight' | 'ordered' | 'udp' | 'rdp' | 'stretches';

const HOST_WALLS = [
  'people-only',
  'one-zone',
  'half',
  'other-port',
  'other-group',
  'ipv6',
  'udp',
  'icmp',
  'other-list',
  'nothing',
] as const;
const BALANCER_WALLS = ['nothing', 'elsewhere', 'other-port', 'other-group', 'ipv6', 'one-zone'] as const;
const ACL_WALLS = [
  'deny-port',
  'deny-answers',
  'deny-some-answers',
  'few-answers',
  'low-answers',
  'high-answers',
  'deny-answers-twice',
  'deny-far',
  'deny-half',
  'deny-all',
  'no-rules',
  'late-deny',
  'deny-elsewhere',
  'deny-udp',
] as const;

/** Draws what is in the way; `which` chooses among the walls of the place. */
const aWall = fc.record({
  where: mostly<'host' | 'balancer' | 'acl'>('host', [15, 'balancer'], [45, 'acl']),
  which: fc.nat(209),
  side: mostly<Side>('host', [50, 'node']),
  zone: fc.nat(2),
  isOutbound: chance(50),
  seconds: fc.integer({ min: 5, max: 900 }),
  /** Somebody mends it so many seconds later. */
  mendedAfter: sometimes(25, fc.integer({ min: 60, max: 1_500 })),
});

type Wall = typeof aWall extends fc.Arbitrary<infer W> ? W : never;

/** The rules of a fleet. */
export const rules = fc.record({
  opening: mostly<Opening>(
    'subnets',
    [15, 'network'],
    [12, 'nodes'],
    [8, 'halves'],
    [8, 'anyone'],
    [8, 'range'],
    [15, 'reference'],
    [10, 'list'],
    [10, 'split'],
  ),
  outlet: mostly<Outlet>('anywhere', [25, 'network'], [20, 'reference'], [10, 'list']),
  acl: mostly<Acl>('all', [12, 'none'], [20, 'tight'], [12, 'ordered'], [8, 'udp'], [15, 'rdp'], [10, 'stretches']),
  walls: sometimes(42, fc.array(aWall, { minLength: 1, maxLength: 2 })).map((some) => some ?? []),
});

export type Rules = typeof rules extends fc.Arbitrary<infer R> ? R : never;

function tcp(port: number, what: Shape): Shape {
  return { IpProtocol: 'tcp', FromPort: port, ToPort: port, ...what };
}

function ranges(...cidrs: readonly string[]): Shape {
  return { IpRanges: cidrs.map((CidrIp) => ({ CidrIp })) };
}

function pairs(...groups: readonly string[]): Shape {
  return { UserIdGroupPairs: groups.map((GroupId) => ({ GroupId })) };
}

function halvesOf(cidr: string): readonly string[] {
  const base = cidr.replace(/\.0\/24$/u, '');
  return [`${base}.0/25`, `${base}.128/25`];
}

const USUAL_PEOPLE = (port: number): Shape => tcp(port, ranges(PEOPLE));

/** What the first of the hosts' groups lets in, and the second. */
function openings({ opening }: Rules, place: Place): readonly [readonly Shape[], readonly Shape[]] {
  const { port, zones, network, balancerGroups, hostGroups, hasInterfaces } = place;
  const subnets = zones.map(({ node }) => node.cidr);
  const people = USUAL_PEOPLE(port);
  const [first = '', ...rest] = subnets;
  const ways: { readonly [K in Opening]: readonly [readonly Shape[], readonly Shape[]] } = {
    subnets: [[tcp(port, ranges(...subnets, PEOPLE))], []],
    network: [[people, tcp(port, ranges(network))], []],
    nodes: [
      [people, tcp(port, ranges(...zones.flatMap(({ node }) => node.addresses.map((each) => `${each}/32`))))],
      [],
    ],
    halves: [[people, ...subnets.flatMap(halvesOf).map((half) => tcp(port, ranges(half)))], []],
    anyone: [[{ IpProtocol: '-1', ...ranges('0.0.0.0/0') }], []],
    range: [[people, { IpProtocol: '6', FromPort: 0, ToPort: 1_024 + port, ...ranges(network) }], []],
    reference: [[people, tcp(port, pairs(...balancerGroups))], []],
    list: [[people, tcp(port, { PrefixListIds: [{ PrefixListId: listId(place) }] })], []],
    split: [[people, tcp(port, ranges(first))], rest.map((cidr) => tcp(port, ranges(cidr)))],
  };
  // Nodes whose addresses cannot be seen may have any of their subnet, without groups there is nothing to refer to, and one cannot be split.
  const isMeaningless =
    (opening === 'nodes' && !hasInterfaces) ||
    (opening === 'reference' && balancerGroups.length === 0) ||
    (opening === 'split' && hostGroups.length < 2);
  return isMeaningless ? ways.subnets : ways[opening];
}

function outlets({ outlet }: Rules, place: Place): readonly Shape[] {
  const { port, network, hostGroups } = place;
  const ways: { readonly [K in Outlet]: readonly Shape[] } = {
    anywhere: [{ IpProtocol: '-1', ...ranges('0.0.0.0/0') }],
    network: [tcp(port, ranges(network))],
    reference: [tcp(port, pairs(hostGroups[0] ?? ''))],
    list: [tcp(port, { PrefixListIds: [{ PrefixListId: `${listId(place)}all` }] })],
  };
  return ways[outlet];
}

const entry = (RuleNumber: number, Egress: boolean, RuleAction: 'allow' | 'deny', what: Shape = {}): Shape => ({
  RuleNumber,
  Egress,
  RuleAction,
  Protocol: '-1',
  CidrBlock: '0.0.0.0/0',
  ...what,
});

function ports(From: number, To: number): Shape {
  return { Protocol: '6', PortRange: { From, To } };
}

/** What AWS puts last in each ACL. */
const lastOf = (egress: boolean): Shape => entry(32_767, egress, 'deny');

/** The rules of an ACL that let everything through which health checks need. */
function entriesOf({ acl }: Rules, port: number): readonly Shape[] {
  return [true, false].flatMap((egress) => {
    const all = entry(100, egress, 'allow');
    if (acl === 'tight')
      return [
        entry(100, egress, 'allow', ports(port, port)),
        entry(105, egress, 'allow', ports(22, 22)),
        entry(110, egress, 'allow', ports(1_024, 65_535)),
      ];
    if (acl === 'ordered')
      return [
        entry(90, egress, 'deny', { ...ports(port, port), CidrBlock: ELSEWHERE }),
        all,
        entry(110, egress, 'deny'),
      ];
    // AWS Security Hub's control EC2.21 wants the first of these. None keeps a check away.
    if (acl === 'rdp') return [entry(90, egress, 'deny', ports(3_389, 3_389)), all, lastOf(egress)];
    if (acl === 'stretches')
      return [
        ...[ports(1_024, 1_100), ports(3_389, 3_389), ports(5_432, 5_433), ports(27_017, 27_117)].map((each, index) =>
          entry(80 + index, egress, 'deny', each),
        ),
        all,
      ];
    return acl === 'udp'
      ? [entry(50, egress, 'deny', { Protocol: '17', PortRange: { From: 0, To: 65_535 } }), all]
      : [all];
  });
}

/** Security groups, ACLs and prefix lists. */
export function ruleRecords(given: Rules, place: Place): { readonly [collection: string]: readonly Shape[] } {
  const { hostGroups, balancerGroups, letter, zones, network, vpc } = place;
  const [first, second] = openings(given, place);
  const IpPermissionsEgress = [{ IpProtocol: '-1', ...ranges('0.0.0.0/0') }];
  const monitoring = { IpProtocol: 'udp', FromPort: 161, ToPort: 161, ...ranges(network) };
  const inbound = [first, [monitoring, ...second], []];
  const sides: readonly Side[] = place.isSplit ? ['node', 'host'] : ['node'];
  const acls = sides.flatMap((side) =>
    zones.map((zone) => ({ id: aclId(place, side, zone.index), subnet: zone[side].id })),
  );
  const blocks = [...new Set(zones.map(({ node }) => node.cidr))];
  return {
    SecurityGroups: [
      ...hostGroups.map((GroupId, index) => ({
        GroupId,
        GroupName: `bastion-${letter}-${index}`,
        VpcId: vpc,
        IpPermissions: inbound[index] ?? [],
        IpPermissionsEgress,
      })),
      ...balancerGroups.map((GroupId, index) => ({
        GroupId,
        GroupName: `balancer-${letter}-${index}`,
        VpcId: vpc,
        IpPermissions: [USUAL_PEOPLE(22)],
        IpPermissionsEgress: index === 0 ? outlets(given, place) : [],
      })),
    ],
    NetworkAcls:
      given.acl === 'none'
        ? []
        : acls.map(({ id, subnet }) => ({
            NetworkAclId: id,
            VpcId: vpc,
            Associations: [{ NetworkAclAssociationId: `aclassoc-${id.slice(4)}`, NetworkAclId: id, SubnetId: subnet }],
            Entries: entriesOf(given, place.port),
          })),
    ManagedPrefixLists: [
      { id: listId(place), cidrs: blocks },
      { id: `${listId(place)}all`, cidrs: [network] },
      { id: `${listId(place)}else`, cidrs: [ELSEWHERE] },
    ].map(({ id, cidrs }) => ({
      PrefixListId: id,
      PrefixListName: id,
      AddressFamily: 'IPv4',
      MaxEntries: 10,
      Version: 1,
      State: 'create-complete',
      Entries: cidrs.map((Cidr) => ({ Cidr })),
    })),
  };
}

function hostWall({ which }: Wall, place: Place): readonly Shape[] {
  const { port, zones } = place;
  const [first = ''] = zones.map(({ node }) => node.cidr);
  const walls: { readonly [K in (typeof HOST_WALLS)[number]]: readonly Shape[] } = {
    'people-only': [USUAL_PEOPLE(port)],
    'one-zone': [USUAL_PEOPLE(port), tcp(port, ranges(first))],
    half: [tcp(port, ranges(...zones.map(({ node }) => halvesOf(node.cidr)[0] ?? '')))],
    'other-port': [{ IpProtocol: 'tcp', FromPort: port + 1, ToPort: 65_535, ...ranges('0.0.0.0/0') }],
    'other-group': [USUAL_PEOPLE(port), tcp(port, pairs('sg-0bother'))],
    ipv6: [tcp(port, { Ipv6Ranges: [{ CidrIpv6: '::/0' }] })],
    udp: [{ IpProtocol: 'udp', FromPort: port, ToPort: port, ...ranges('0.0.0.0/0') }],
    icmp: [{ IpProtocol: 'icmp', FromPort: -1, ToPort: -1, ...ranges('0.0.0.0/0') }],
    'other-list': [tcp(port, { PrefixListIds: [{ PrefixListId: `${listId(place)}else` }] })],
    nothing: [],
  };
  return walls[HOST_WALLS[which % HOST_WALLS.length] ?? 'nothing'];
}

function balancerWall({ which }: Wall, { port, zones }: Place): readonly Shape[] {
  const [first = ''] = zones.map(({ host }) => host.cidr);
  const walls: { readonly [K in (typeof BALANCER_WALLS)[number]]: readonly Shape[] } = {
    nothing: [],
    elsewhere: [tcp(port, ranges(PEOPLE))],
    'other-port': [tcp(443, ranges('0.0.0.0/0'))],
    'other-group': [tcp(port, pairs('sg-0bother'))],
    ipv6: [{ IpProtocol: '-1', Ipv6Ranges: [{ CidrIpv6: '::/0' }] }],
    'one-zone': [tcp(port, ranges(first))],
  };
  return walls[BALANCER_WALLS[which % BALANCER_WALLS.length] ?? 'nothing'];
}

function aclWall({ which, isOutbound, side }: Wall, given: Rules, place: Place): readonly Shape[] {
  const { port, zones, network } = place;
  const base = entriesOf(given, port);
  const far = zones.at(-1)?.[side === 'node' ? 'host' : 'node'].cidr ?? network;
  const deny = (number: number, what: Shape): readonly Shape[] => [...base, entry(number, isOutbound, 'deny', what)];
  const others = base.filter(({ Egress: egress }) => egress !== isOutbound);
  const walls: { readonly [K in (typeof ACL_WALLS)[number]]: readonly Shape[] } = {
    'deny-port': deny(10, ports(port, port)),
    'deny-answers': deny(10, ports(1_024, 65_535)),
    'deny-some-answers': deny(10, ports(2_000, 2_999)),
    'few-answers': [
      ...others,
      entry(100, isOutbound, 'allow', ports(port, port)),
      entry(110, isOutbound, 'allow', ports(32_768, 60_999)),
    ],
    // Each of these two is too little by itself, and both at the two ends of a way are not.
    'low-answers': deny(10, ports(1_024, 23_000)),
    'high-answers': deny(10, ports(44_000, 65_535)),
    'deny-answers-twice': [...deny(10, ports(1_024, 23_000)), entry(11, isOutbound, 'deny', ports(40_000, 65_535))],
    'deny-far': deny(10, { CidrBlock: far }),
    'deny-half': deny(10, { CidrBlock: halvesOf(far)[1] ?? far }),
    'deny-all': deny(1, {}),
    'no-rules': others,
    'late-deny': deny(200, {}),
    'deny-elsewhere': deny(10, { ...ports(port, port), CidrBlock: ELSEWHERE }),
    'deny-udp': deny(10, { Protocol: '17', PortRange: { From: 0, To: 65_535 } }),
  };
  return walls[ACL_WALLS[which % ACL_WALLS.length] ?? 'late-deny'];
}

/** Where a wall is put up, with what stands there then, and before. */
function builtAt(wall: Wall, given: Rules, place: Place): readonly [path: string, then: unknown, before: unknown] {
  const { where, side, zone } = wall;
  const [hostGroup = ''] = place.hostGroups;
  const [balancerGroup] = place.balancerGroups;
  if (where === 'balancer' && balancerGroup !== undefined)
    return [
      `ec2/SecurityGroups/${balancerGroup}/IpPermissionsEgress`,
      balancerWall(wall, place),
      outlets(given, place),
    ];
  if (where === 'acl' && given.acl !== 'none') {
    const own: Side = place.isSplit ? side : 'node';
    const index = place.zones[zone % place.zones.length]?.index ?? 0;
    return [
      `ec2/NetworkAcls/${aclId(place, own, index)}/Entries`,
      aclWall({ ...wall, side: own }, given, place),
      entriesOf(given, place.port),
    ];
  }
  return [`ec2/SecurityGroups/${hostGroup}/IpPermissions`, hostWall(wall, place), openings(given, place)[0]];
}

/** Walls that are put up, and taken down. */
export function wallSteps(given: Rules, place: Place): readonly Happening[] {
  return given.walls.flatMap((wall) => {
    const { seconds, mendedAfter } = wall;
    const [path, then, before] = builtAt(wall, given, place);
    const up: Happening = { seconds, set: { [path]: then } };
    return mendedAfter === undefined ? [up] : [up, { seconds: seconds + mendedAfter, set: { [path]: before } }];
  });
}

/** Whoever is referred to by a wall. */
export function otherGroup(vpc: string): Shape {
  return { GroupId: 'sg-0bother', GroupName: 'other', VpcId: vpc, IpPermissions: [], IpPermissionsEgress: [] };
}

/** Interfaces of the nodes, where they can be seen, and such as are only called so. */
export function interfaceRecords(place: Place, balancer: string): readonly Shape[] {
  const { zones, letter, vpc, balancerGroups, hasInterfaces, isForged } = place;
  const Description = `ELB ${balancer}`;
  const own = zones.map(({ node, index }) => ({
    NetworkInterfaceId: `eni-0b${letter}${index}`,
    SubnetId: node.id,
    VpcId: vpc,
    Description,
    InterfaceType: 'network_load_balancer',
    RequesterId: 'amazon-elb',
    RequesterManaged: true,
    PrivateIpAddress: addressOf(node, 5),
    PrivateIpAddresses: node.addresses.map((PrivateIpAddress, each) => ({ PrivateIpAddress, Primary: each === 0 })),
    Groups: balancerGroups.map((GroupId) => ({ GroupId })),
  }));
  // Half of a subnet lets the one in, and shuts the other out.
  const forged = zones.map(({ node, index }) => ({
    NetworkInterfaceId: `eni-0b${letter}f${index}`,
    SubnetId: node.id,
    VpcId: vpc,
    Description,
    InterfaceType: 'interface',
    PrivateIpAddress: addressOf(node, index % 2 === 0 ? 230 : 100),
  }));
  return [...(hasInterfaces ? own : []), ...(isForged ? forged : [])];
}
