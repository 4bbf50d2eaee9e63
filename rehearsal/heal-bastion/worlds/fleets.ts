/** The fleets of generated worlds: target groups with their load balancers, hosts with and without Auto Scaling groups, and standbys. */

import * as fc from 'fast-check';
import type { Shape } from '../../../simulator/engine/model.ts';
import { ACCOUNT, BEGIN, REGION } from '../../worlds/case.ts';
import { chance, mostly, oddText, sometimes, tag, timeAt, zoneAt } from '../../worlds/pieces.ts';
import { addressOf, type Place } from './places.ts';
import { rules } from './walls.ts';

const BEGIN_MS = Date.parse(BEGIN);
export const TAG = 'runbook:bastion';
const ELB = `arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}`;

/** A target group that somebody has deleted. */
const GONE = `${ELB}:targetgroup/deleted/0123456789abcdef`;

/** Whose hosts a fleet after the first has. */
type Hosts = 'own' | 'group' | 'host';
type TagOf = 'right' | 'missing' | 'other' | 'odd';

const aTag = mostly<TagOf>('right', [8, 'missing'], [3, 'other'], [3, 'odd']);

const counting = fc.record({
  /** Sessions on each host; the last document is one too many. */
  kind: mostly<'counts' | 'fails' | 'hangs' | 'two'>('counts', [12, 'fails'], [8, 'hangs'], [8, 'two']),
  sessions: fc.array(mostly(0, [40, 2], [10, 1]), { minLength: 1, maxLength: 6 }),
  isAgentThere: chance(85),
});

/**
 * Hooks that nobody answers, so that each comes or goes for as long as they wait. None waits for longer than one does that says nothing:
 * whoever leaves for longer than that holds nobody up, and others go beside it.
 */
const hooks = fc.record({
  launching: mostly<number | undefined>(undefined, [25, 300], [15, 1_500]),
  terminating: mostly<number | undefined>(1_200, [30, undefined], [20, 3_600]),
  isAbandoned: chance(15),
});

/** Draws a fleet. */
export const aFleet = fc.record({
  zones: mostly(2, [35, 3], [15, 1]),
  /** Hosts, of which each zone has its share. */
  size: mostly(3, [25, 2], [15, 1], [10, 4], [10, 6], [4, 14], [2, 30]),
  kind: mostly<'group' | 'plain' | 'mixed'>('group', [25, 'plain'], [6, 'mixed']),
  hosts: mostly<Hosts>('own', [15, 'group'], [10, 'host']),
  standbys: mostly(1, [40, 0], [20, 2]),
  checksByElb: chance(15),
  checksByEbs: chance(10),
  namesGone: chance(5),
  grace: mostly<number | undefined>(180, [15, 0], [10, 900], [10, undefined]),
  suspended: sometimes(8, fc.constantFrom(['ReplaceUnhealthy'], ['Terminate'], ['Launch', 'AZRebalance'])),
  cross: mostly<'off' | 'on' | 'unsaid' | 'own-on' | 'own-off' | 'as-balancer'>(
    'unsaid',
    [15, 'off'],
    [20, 'on'],
    [15, 'own-on'],
    [8, 'own-off'],
    [8, 'as-balancer'],
  ),
  isSplit: chance(50),
  hasInterfaces: chance(50),
  hasSecondAddress: chance(15),
  isForged: chance(15),
  balancerGroups: mostly(0, [35, 1], [8, 2]),
  hostGroups: mostly(1, [25, 2], [15, 3]),
  areGroupsTurned: chance(25),
  balancerZones: mostly<'same' | 'one-more' | 'one-less'>('same', [8, 'one-more'], [6, 'one-less']),
  port: mostly(22, [12, 2_222]),
  checkPort: mostly<string | undefined>(undefined, [30, 'traffic-port'], [12, '22']),
  interval: mostly(10, [20, 30], [8, 5]),
  tag: mostly<TagOf>('right', [4, 'missing'], [4, 'odd']),
  groupTag: aTag,
  hostTag: mostly<TagOf>('right', [30, 'missing'], [3, 'other'], [3, 'odd']),
  isSameName: chance(10),
  odd: oddText,
  delay: mostly<number | undefined>(undefined, [15, 0], [20, 60], [6, 900]),
  keepsUnhealthy: chance(20),
  resetsDrained: chance(15),
  isYoung: chance(8),
  isBootLoop: chance(10),
  /** Hosts that nobody may end by EC2's own call. */
  protects: mostly<'nobody' | 'first' | 'all'>('nobody', [8, 'first'], [4, 'all']),
  type: mostly('instance', [6, 'ip']),
  isBare: chance(30),
  rules,
  counting: sometimes(45, counting),
  hooks: sometimes(12, hooks),
});

export type DrawnFleet = typeof aFleet extends fc.Arbitrary<infer F> ? F : never;

/** A host as it is when the world begins. */
export interface Host {
  readonly id: string;
  readonly zone: number;
  /** A member of the fleet's group, registered without one, or standing by. */
  readonly role: 'member' | 'registered' | 'standby';
}

/** A fleet with its names. */
export interface Fleet extends DrawnFleet {
  readonly letter: string;
  readonly fleet: string;
  /** Of the target group. */
  readonly name: string;
  readonly arn: string;
  readonly balancerArn: string;
  /** Own hosts first. */
  readonly members: readonly Host[];
  readonly place: Place;
  /** The Auto Scaling group of its own. */
  readonly group: string;
}

const NAMES = ['bastion', 'bastion-2', 'bastion-eu'] as const;
const FLEETS = ['ops', 'ops-2', 'op'] as const;

/** An instance id that nobody else has. */
function hostId(letter: string, index: number): string {
  return `i-0ba5${letter}${String(index).padStart(3, '0')}`;
}

function placeOf(given: DrawnFleet, index: number, letter: string): Place {
  const { isSplit, hasInterfaces, hasSecondAddress, isForged } = given;
  const hostGroups = ['h', 'm', 'e'].slice(0, given.hostGroups).map((kind) => `sg-0b${letter}${kind}`);
  const zones = Array.from({ length: given.zones + Number(given.balancerZones === 'one-more') }, (_none, at) => {
    const node = { id: `subnet-0b${letter}1${at}`, cidr: `10.${index}.${at}.0/24` };
    const host = isSplit ? { id: `subnet-0b${letter}2${at}`, cidr: `10.${index}.${at + 10}.0/24` } : node;
    const addresses = [addressOf(node, 5), ...(hasSecondAddress ? [addressOf(node, 200)] : [])];
    return { name: zoneAt(at), index: at, node: { ...node, addresses }, host };
  });
  return {
    letter,
    vpc: 'vpc-0ba5',
    network: `10.${index}.0.0/16`,
    zones: zones.slice(0, 3),
    isSplit,
    hasInterfaces,
    isForged,
    balancerGroups: ['b', 'c'].slice(0, given.balancerGroups).map((kind) => `sg-0b${letter}${kind}`),
    hostGroups,
    port: given.checkPort === '22' ? 22 : given.port,
  };
}

function membersOf({ size, kind, standbys, zones }: DrawnFleet, letter: string): readonly Host[] {
  const registered = Array.from({ length: size }, (_none, index): Host => {
    const isOfGroup = kind === 'group' || (kind === 'mixed' && index % 2 === 0);
    return { id: hostId(letter, index), zone: index % zones, role: isOfGroup ? 'member' : 'registered' };
  });
  const spare = Array.from({ length: kind === 'group' ? 0 : standbys }, (_none, index): Host => ({
    id: hostId(letter, 900 + index),
    zone: index % zones,
    role: 'standby',
  }));
  return [...registered, ...spare];
}

/** The fleet of a number, beside the first. */
export function fleetOf(given: DrawnFleet, index: number): Fleet {
  const letter = 'abc'.charAt(index);
  const name = NAMES[index] ?? NAMES[0];
  const fleet = given.isSameName ? FLEETS[0] : (FLEETS[index] ?? FLEETS[0]);
  const id = `73e2d6bc24d8a06${index}`;
  return {
    ...given,
    hosts: index === 0 ? 'own' : given.hosts,
    // A group registers instances, and nothing else.
    type: given.kind === 'plain' && (index === 0 || given.hosts === 'own') ? given.type : 'instance',
    letter,
    fleet,
    name,
    arn: `${ELB}:targetgroup/${name}/${id}`,
    balancerArn: `${ELB}:loadbalancer/net/${name}/50dc6c495c0c918${index}`,
    members: membersOf(given, letter),
    place: placeOf(given, index, letter),
    group: `${name}-hosts`,
  };
}

/** The value of a tag, `undefined`: there is none. */
function valueOf(kind: TagOf, { fleet, odd }: Fleet): string | undefined {
  const values: { readonly [K in TagOf]: string | undefined } = {
    right: fleet,
    missing: undefined,
    other: 'somebody-elses',
    odd,
  };
  return values[kind];
}

function tagsOf(kind: TagOf, fleet: Fleet): readonly Shape[] {
  return tag(TAG, valueOf(kind, fleet));
}

function attribute(Key: string, value: string | number | boolean | undefined): readonly Shape[] {
  return value === undefined ? [] : [{ Key, Value: String(value) }];
}

const CROSS = 'load_balancing.cross_zone.enabled';

function crossOfBalancer({ cross }: Fleet): boolean | undefined {
  if (cross === 'unsaid') return undefined;
  return cross === 'on' || cross === 'own-off' || cross === 'as-balancer';
}

function crossOfGroup({ cross }: Fleet): string | undefined {
  if (cross === 'own-on') return 'true';
  if (cross === 'own-off') return 'false';
  return cross === 'as-balancer' ? 'use_load_balancer_configuration' : undefined;
}

/** Zones that the balancer is enabled in. */
function zonesOf({ place, balancerZones, zones }: Fleet): Place['zones'] {
  return balancerZones === 'one-less' && zones > 1 ? place.zones.slice(0, -1) : place.zones;
}

/** The balancer of a fleet. `of`: the fleet whose zones and subnets it stands in. */
export function balancerRecord(fleet: Fleet, of: Fleet): Shape {
  const own = fleet === of ? fleet.place.balancerGroups : [];
  return {
    LoadBalancerArn: fleet.balancerArn,
    LoadBalancerName: fleet.name,
    Type: 'network',
    Scheme: 'internet-facing',
    VpcId: of.place.vpc,
    ...(own.length === 0 && fleet.isBare ? {} : { SecurityGroups: own }),
    AvailabilityZones: zonesOf(of).map(({ name, node }) => ({ ZoneName: name, SubnetId: node.id })),
    Attributes: attribute(CROSS, crossOfBalancer(fleet)),
  };
}

/** The target group of a fleet. */
export function targetGroupRecord(fleet: Fleet): Shape {
  const { arn, name, balancerArn, port, interval, checkPort, isBare, type, isBootLoop } = fleet;
  const checks = { HealthCheckIntervalSeconds: interval, HealthyThresholdCount: 3, UnhealthyThresholdCount: 2 };
  return {
    TargetGroupArn: arn,
    TargetGroupName: name,
    Protocol: 'TCP',
    Port: port,
    VpcId: fleet.place.vpc,
    ...(type === 'instance' && isBare ? {} : { TargetType: type }),
    ...(checkPort === undefined ? {} : { HealthCheckPort: checkPort }),
    ...checks,
    LoadBalancerArns: [balancerArn],
    Attributes: [
      ...attribute(CROSS, crossOfGroup(fleet)),
      ...attribute('deregistration_delay.timeout_seconds', fleet.delay),
      ...attribute('deregistration_delay.connection_termination.enabled', fleet.resetsDrained ? true : undefined),
      ...attribute(
        'target_health_state.unhealthy.connection_termination.enabled',
        fleet.keepsUnhealthy ? false : undefined,
      ),
    ],
    Tags: [...tagsOf(fleet.tag, fleet), { Key: 'Name', Value: name }],
    RegistrationSeconds: 30,
    ...(isBootLoop ? { NewTargetsServe: false } : {}),
  };
}

/** Who is registered: all hosts of a fleet, or those of the first that it shares. */
export function registeredIn(fleet: Fleet, first: Fleet): readonly Host[] {
  const own = fleet.hosts === 'group' ? [] : fleet.members.filter(({ role }) => role !== 'standby');
  const theirs = first.members.filter(({ role }) => role !== 'standby');
  if (fleet.hosts === 'group') return theirs.filter(({ role }) => role === 'member');
  return fleet.hosts === 'host' ? [...own, ...theirs.slice(0, 1)] : own;
}

/** Whose subnets the balancer of a fleet stands in: who shares a host has to get at it. */
export function standsWith(fleet: Fleet, first: Fleet): Fleet {
  return fleet.hosts === 'own' ? fleet : first;
}

export function healthRecord(fleet: Fleet, first: Fleet): Shape {
  const enabled = new Set(zonesOf(standsWith(fleet, first)).map(({ name }) => name));
  return {
    TargetGroupArn: fleet.arn,
    TargetHealthDescriptions: registeredIn(fleet, first).map(({ id, zone }) => ({
      Target: { Id: id, Port: fleet.port },
      TargetHealth: enabled.has(zoneAt(zone)) ? { State: 'healthy' } : { State: 'unused', Reason: 'Target.NotInUse' },
    })),
  };
}

/** The instances of a fleet. */
export function instanceRecords(fleet: Fleet, place: Place): readonly Shape[] {
  const { isYoung, hostTag, groupTag, protects } = fleet;
  const launched = timeAt(BEGIN_MS, isYoung ? -100 : -86_400);
  const groups = fleet.areGroupsTurned ? place.hostGroups.toReversed() : place.hostGroups;
  return fleet.members.map(({ id, zone, role }, index) => {
    const { host, name } = place.zones[zone % place.zones.length] ?? { host: { id: '', cidr: '' }, name: '' };
    const kind = role === 'standby' && hostTag === 'missing' && groupTag === 'right' ? 'right' : hostTag;
    return {
      InstanceId: id,
      InstanceType: 't4g.micro',
      LaunchTime: launched,
      State: { Code: 16, Name: 'running' },
      Placement: { AvailabilityZone: name },
      SubnetId: host.id,
      VpcId: place.vpc,
      // Apart from those of a fleet in the same subnets.
      PrivateIpAddress: addressOf(host, 20 + 60 * 'abc'.indexOf(fleet.letter) + index),
      SecurityGroups: groups.map((GroupId) => ({ GroupId })),
      ...(protects === 'all' || (protects === 'first' && index === 0) ? { DisableApiTermination: true } : {}),
      Tags: [...tagsOf(kind, fleet), { Key: 'Name', Value: `bastion-${index}` }],
    };
  });
}

/** The Auto Scaling group of a fleet, where it has members. */
export function groupRecords(fleet: Fleet, place: Place, sharedWith: readonly Fleet[]): readonly Shape[] {
  const members = fleet.members.filter(({ role }) => role === 'member');
  const { zones, grace, suspended, checksByElb, checksByEbs, namesGone, groupTag, hostTag } = fleet;
  if (members.length === 0 || fleet.hosts === 'group') return [];
  const own = place.zones.slice(0, zones);
  return [
    {
      AutoScalingGroupName: fleet.group,
      MinSize: Math.max(0, members.length - 1),
      MaxSize: members.length + 2,
      DesiredCapacity: members.length,
      AvailabilityZones: own.map(({ name }) => name),
      VPCZoneIdentifier: own.map(({ host }) => host.id).join(','),
      HealthCheckType: ['EC2', ...(checksByEbs ? ['EBS'] : []), ...(checksByElb ? ['ELB'] : [])].join(','),
      ...(grace === undefined ? {} : { HealthCheckGracePeriod: grace }),
      TargetGroupARNs: [...[fleet, ...sharedWith].map(({ arn }) => arn), ...(namesGone ? [GONE] : [])],
      SuspendedProcesses: (suspended ?? []).map((ProcessName) => ({ ProcessName })),
      Instances: members.map(({ id, zone }) => ({
        InstanceId: id,
        AvailabilityZone: zoneAt(zone),
        LifecycleState: 'InService',
        HealthStatus: 'Healthy',
      })),
      Tags: tagsOf(groupTag, fleet).map((one) => ({ ...one, PropagateAtLaunch: hostTag === 'right' })),
    },
  ];
}

/** What its group waits for. */
export function hookRecords({ hooks: drawn, group, hosts, kind }: Fleet): readonly Shape[] {
  if (drawn === undefined || hosts === 'group' || kind === 'plain') return [];
  const { launching, terminating, isAbandoned } = drawn;
  const hook = (name: string, seconds: number | undefined): readonly Shape[] =>
    seconds === undefined
      ? []
      : [
          {
            AutoScalingGroupName: group,
            LifecycleHookName: name.toLowerCase(),
            LifecycleTransition: `autoscaling:EC2_INSTANCE_${name}`,
            HeartbeatTimeout: seconds,
            DefaultResult: isAbandoned ? 'ABANDON' : 'CONTINUE',
          },
        ];
  return [...hook('LAUNCHING', launching), ...hook('TERMINATING', terminating)];
}

/** What counts sessions. */
export function documentRecords(fleet: Fleet): readonly Shape[] {
  if (fleet.counting === undefined) return [];
  const { kind, sessions } = fleet.counting;
  const counts = fleet.members.map(({ id }, index) => [id, sessions[index % sessions.length] ?? 0] as const);
  const one = {
    Name: `count-${fleet.letter}`,
    DocumentType: 'Command',
    Owner: ACCOUNT,
    Tags: [{ Key: TAG, Value: fleet.fleet }],
    Parameters: [],
    Sessions: { Hosts: Object.fromEntries(counts) },
    ...(kind === 'fails' ? { Fails: true } : {}),
    ...(kind === 'hangs' ? { Hangs: true } : {}),
  };
  return kind === 'two' ? [one, { ...one, Name: `count-${fleet.letter}-too` }] : [one];
}

/** Agents that can be reached. */
export function agentRecords({ counting: by, members }: Fleet): readonly Shape[] {
  return by?.isAgentThere === true ? members.map(({ id }) => ({ InstanceId: id, PingStatus: 'Online' })) : [];
}
