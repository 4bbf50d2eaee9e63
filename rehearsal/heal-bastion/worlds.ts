/**
 * Worlds for `heal-bastion` that nobody wrote: one to three fleets of hosts behind Network Load Balancers, with groups or without, whatever
 * lies between them; walls that go up, hosts that die, what load balancers say by themselves, and people who act meanwhile.
 */

import * as fc from 'fast-check';
import type { Shape } from '../../simulator/engine/model.ts';
import type { Part } from '../worlds/case.ts';
import { chance, TOWARDS_THE_FIRST, ZONES } from '../worlds/pieces.ts';
import { arrivalsOf, askings } from './worlds/askings.ts';
import {
  aFleet,
  agentRecords,
  balancerRecord,
  documentRecords,
  fleetOf,
  groupRecords,
  healthRecord,
  hookRecords,
  instanceRecords,
  standsWith,
  targetGroupRecord,
  type Fleet,
} from './worlds/fleets.ts';
import { happeningsOf, troubles } from './worlds/troubles.ts';
import { interfaceRecords, otherGroup, ruleRecords, wallSteps } from './worlds/walls.ts';

/** A replacement takes a quarter of an hour, and whoever is on a host an hour. */
export const TRIED_ALONE = true;

const drawn = fc.record({
  fleets: fc.oneof(
    TOWARDS_THE_FIRST,
    { weight: 6, arbitrary: fc.array(aFleet, { minLength: 1, maxLength: 1 }) },
    { weight: 3, arbitrary: fc.array(aFleet, { minLength: 2, maxLength: 2 }) },
    { weight: 1, arbitrary: fc.array(aFleet, { minLength: 3, maxLength: 3 }) },
  ),
  isLong: chance(25),
  troubles,
  askings,
});

type Drawn = typeof drawn extends fc.Arbitrary<infer D> ? D : never;

function subnetRecords(fleets: readonly Fleet[]): readonly Shape[] {
  const all = fleets.flatMap(({ place }) =>
    place.zones.flatMap(({ name, node, host }) => [
      { SubnetId: node.id, CidrBlock: node.cidr, AvailabilityZone: name, VpcId: place.vpc },
      { SubnetId: host.id, CidrBlock: host.cidr, AvailabilityZone: name, VpcId: place.vpc },
    ]),
  );
  return [...new Map(all.map((one) => [one.SubnetId, one])).values()];
}

/** Instances and a group of somebody else, in the same network. */
function strangers(first: Fleet): readonly Shape[] {
  const [zone] = first.place.zones;
  return zone === undefined
    ? []
    : [
        {
          InstanceId: 'i-0ba5f999',
          InstanceType: 't4g.micro',
          State: { Code: 16, Name: 'running' },
          Placement: { AvailabilityZone: zone.name },
          SubnetId: zone.host.id,
          VpcId: first.place.vpc,
          PrivateIpAddress: zone.host.cidr.replace('.0/24', '.250'),
          SecurityGroups: first.place.hostGroups.map((GroupId) => ({ GroupId })),
          Tags: [{ Key: 'Name', Value: 'wiki' }],
        },
      ];
}

/** Whoever shares a host with the first fleet checks it with a balancer of its own, at a port of its own. */
function letsOthersIn(record: Shape, fleets: readonly Fleet[], [first]: readonly Fleet[]): Shape {
  const others = fleets.filter((fleet) => fleet.hosts !== 'own');
  if (first === undefined || others.length === 0 || record['GroupId'] !== first.place.hostGroups[0]) return record;
  const own: readonly unknown[] = Array.isArray(record['IpPermissions']) ? record['IpPermissions'] : [];
  // In halves: the network as a whole may be there already.
  const IpRanges = ['10.0.0.0/17', '10.0.128.0/17'].map((CidrIp) => ({ CidrIp }));
  const ports = [...new Set(others.map(({ place: { port } }) => port))];
  const more = ports.map((port) => ({ IpProtocol: 'tcp', FromPort: port, ToPort: port, IpRanges }));
  return { ...record, IpPermissions: [...own, ...more] };
}

function networkOf(fleets: readonly Fleet[]): Part['sections'][string] {
  const [first] = fleets;
  const own = fleets.map((fleet) => ruleRecords(fleet.rules, fleet.place));
  const all = (collection: string): readonly Shape[] => own.flatMap((records) => records[collection] ?? []);
  return {
    SecurityGroups: [
      ...all('SecurityGroups').map((record) => letsOthersIn(record, fleets, fleets)),
      ...(first === undefined ? [] : [otherGroup(first.place.vpc)]),
    ],
    NetworkAcls: all('NetworkAcls'),
    ManagedPrefixLists: all('ManagedPrefixLists'),
    NetworkInterfaces: fleets
      .filter((fleet) => fleet.hosts === 'own')
      .flatMap((fleet) => interfaceRecords(fleet.place, fleet.balancerArn.split(':loadbalancer/')[1] ?? '')),
  };
}

const [USUAL_MINUTES, LONG_MINUTES, LEAST_MINUTES] = [45, 110, 15];
/** Minutes times hosts: a group that ends what the balancer calls unhealthy may end them all every other minute, and each is told twice. */
const MOST_ENDED = 180;

function minutesOf({ isLong }: Drawn, fleets: readonly Fleet[]): number {
  const restless = fleets.filter(({ checksByElb, kind }) => checksByElb && kind !== 'plain');
  if (restless.length === 0) return isLong ? LONG_MINUTES : USUAL_MINUTES;
  const ended = restless.reduce((sum, { size }) => sum + size, 0) * fleets.length;
  return Math.max(LEAST_MINUTES, Math.min(USUAL_MINUTES, Math.floor(MOST_ENDED / ended)));
}

/** Without the ledger nothing is done, and each look is repeated. */
const MINUTES_WITHOUT_LEDGER = 15;

function partOf(given: Drawn): Part {
  const most = given.fleets[0]?.zones ?? 1;
  const fleets = given.fleets.map((one, index) =>
    // Beside whom it shares hosts with it has no further zones.
    fleetOf({ ...one, zones: one.hosts === 'own' ? one.zones : Math.min(one.zones, most) }, index),
  );
  const [first] = fleets;
  if (first === undefined) throw new Error('a world has a fleet at least');
  const sharing = fleets.filter(({ hosts }) => hosts === 'group');
  return {
    sections: {
      ec2: {
        AvailabilityZones: ZONES.map((ZoneName) => ({ ZoneName, State: 'available' })),
        Subnets: subnetRecords(fleets),
        ...networkOf(fleets),
        Instances: [
          ...fleets
            .filter(({ hosts }) => hosts !== 'group')
            // Beside a host that it shares a fleet has its own where that one is.
            .flatMap((fleet) => instanceRecords(fleet, standsWith(fleet, first).place)),
          ...strangers(first),
        ],
      },
      'elastic-load-balancing-v2': {
        LoadBalancers: fleets.map((fleet) => balancerRecord(fleet, standsWith(fleet, first))),
        TargetGroups: fleets.map(targetGroupRecord),
        TargetHealth: fleets.map((fleet) => healthRecord(fleet, first)),
      },
      'auto-scaling': {
        AutoScalingGroups: fleets.flatMap((fleet) =>
          groupRecords(fleet, standsWith(fleet, first).place, fleet === first ? sharing : []),
        ),
        LifecycleHooks: fleets.flatMap(hookRecords),
      },
      ssm: {
        Documents: fleets.flatMap(documentRecords),
        InstanceInformation: fleets.filter(({ hosts }) => hosts !== 'group').flatMap(agentRecords),
      },
    },
    probes: {},
    capacity: [],
    remembered: [],
    script: [
      ...fleets.filter(({ hosts }) => hosts === 'own').flatMap((fleet) => wallSteps(fleet.rules, fleet.place)),
      ...happeningsOf(given.troubles, fleets),
    ],
    arrivals: arrivalsOf(given.askings, fleets),
    optIn: [],
    minutes: minutesOf(given, fleets),
    minutesWithoutLedger: MINUTES_WITHOUT_LEDGER,
  };
}

/** Parts of worlds with bastions. */
export const WORLDS: fc.Arbitrary<Part> = drawn.map(partOf);
