/**
 * Worlds for `scale-hpc-fleet` that nobody wrote: one to six fleets, with ladders of their own or of all, capacity that is scarce or comes
 * and goes, jobs and whoever does them, gangs from before, instances of others; what people ask for and change, and requests that go wrong.
 */

import * as fc from 'fast-check';
import type { Shape } from '../../simulator/engine/model.ts';
import { ACCOUNT, BEGIN, type Happening, type Part } from '../worlds/case.ts';
import { chance, mostly, sometimes, SUBNETS, timeAt, TOWARDS_THE_FIRST, ZONES } from '../worlds/pieces.ts';
import { arrivalsOf as arrivalsOfPeople, askings } from './worlds/askings.ts';
import {
  aFleet,
  OFFERINGS,
  parameterRecords,
  templateRecord,
  typeOf,
  typeRecords,
  VCPUS,
  versionRecords,
  type DrawnFleet,
  type Fleet,
} from './worlds/fleets.ts';
import { dataItems, gangsOf, instanceRecords, ownGroupRecords, type Gang } from './worlds/gangs.ts';
import { groupRecords as securityGroupRecords } from './worlds/interfaces.ts';
import { arrivalsOf as arrivalsOfJobs, queueRecord, workersOf } from './worlds/jobs.ts';
import { FRESH, OTHERS, placedRungs, poolsOf, reservationsOf } from './worlds/ladders.ts';
import { faults, happeningsOf, troubles } from './worlds/troubles.ts';

/** Boots take minutes, and dry spells hours. */
export const TRIED_ALONE = true;

const LETTERS = 'abcdef';

const drawn = fc.record({
  fleets: fc.oneof(
    TOWARDS_THE_FIRST,
    { weight: 5, arbitrary: fc.array(aFleet, { minLength: 1, maxLength: 1 }) },
    { weight: 4, arbitrary: fc.array(aFleet, { minLength: 2, maxLength: 2 }) },
    { weight: 2, arbitrary: fc.array(aFleet, { minLength: 3, maxLength: 6 }) },
  ),
  bootSeconds: mostly(60, [20, 200], [8, 500], [3, 5_400]),
  /** vCPUs that the account may have, in nodes; absent: nothing is said of it. */
  quota: sometimes(12, fc.constantFrom(0, 3, 8, 40)),
  strangers: sometimes(
    30,
    fc.record({ count: fc.integer({ min: 1, max: 3 }), whose: fc.constantFrom('queue', 'run', 'nobody') }),
  ),
  isLong: chance(25),
  troubles,
  askings,
  faults,
});

type Drawn = typeof drawn extends fc.Arbitrary<infer D> ? D : never;

function fleetOf(given: DrawnFleet, index: number): Fleet {
  const letter = LETTERS[index] ?? 'f';
  const instanceType = typeOf(given);
  const { nodes, isShared } = given;
  return {
    ...given,
    letter,
    templateId: `lt-0${letter}1`,
    queueName: given.isRival ? 'a-jobs' : `${letter}-jobs`,
    instanceType,
    placed: placedRungs(given.rungs, { letter, nodes, instanceType, isShared }),
  };
}

/** Instances that no gang knows: of others, of nobody, or of whoever has copied the tags of a fleet. */
function strangersOf({ strangers }: Drawn, fleets: readonly Fleet[]): readonly Shape[] {
  const [fleet] = fleets;
  if (strangers === undefined || fleet === undefined) return [];
  const { count, whose } = strangers;
  const queue = whose === 'nobody' ? 'jobs-of-nobody' : fleet.queueName;
  const Tags = [
    { Key: 'runbook:hpc-queue', Value: queue },
    ...(whose === 'run' ? [{ Key: 'runbook:run', Value: `scale-hpc-fleet/${'e'.repeat(32)}` }] : []),
    { Key: 'Name', Value: 'thesis' },
  ];
  return Array.from({ length: count }, (_none, index) => ({
    InstanceId: `i-0ffff${index}`,
    InstanceType: fleet.instanceType,
    State: { Code: 16, Name: 'running' },
    LaunchTime: timeAt(Date.parse(BEGIN), -90_000),
    AmiLaunchIndex: 0,
    SubnetId: SUBNETS[0]?.['SubnetId'],
    VpcId: 'vpc-0aa',
    Placement: { AvailabilityZone: ZONES[0], Tenancy: 'default' },
    Tags,
  }));
}

function groupRecords(fleets: readonly Fleet[]): readonly Shape[] {
  const names = fleets.flatMap(({ placed }) => placed.flatMap(({ group }) => group ?? []));
  return [...new Set(names)]
    .filter((name) => name !== FRESH)
    .map((GroupName) => ({
      GroupName,
      GroupId: `pg-0${GroupName.replaceAll(/[^a-z]/gu, '')}`,
    }));
}

function queueRecords(fleets: readonly Fleet[]): readonly Shape[] {
  return fleets
    .filter(
      ({ queue, isRival, letter }) => queue !== 'missing' && queue !== 'made-later' && (!isRival || letter === 'a'),
    )
    .map(({ jobs, queueName }) => queueRecord(jobs, queueName));
}

/** Queues that are made or deleted. */
function queueSteps(fleets: readonly Fleet[]): readonly Happening[] {
  return fleets.flatMap(({ queue, queueName, jobs }): readonly Happening[] => {
    const path = `sqs/Queues/${queueName}`;
    if (queue === 'deleted') return [{ seconds: 900, set: { [path]: null } }];
    return queue === 'made-later' ? [{ seconds: 600, set: { [path]: queueRecord(jobs, queueName) } }] : [];
  });
}

/** Fleets times minutes: what a world may cost. */
const MOST_LOOKS = 200;
const [USUAL_MINUTES, LONG_MINUTES, LEAST_MINUTES] = [60, 130, 45];
/** Where the ledger is lost a look costs ten times as much, and nothing is launched or ended, whatever happens. */
const MINUTES_WITHOUT_LEDGER = 15;

function minutesOf({ isLong }: Drawn, fleets: readonly Fleet[]): number {
  const wanted = isLong ? LONG_MINUTES : USUAL_MINUTES;
  return Math.max(LEAST_MINUTES, Math.min(wanted, Math.floor(MOST_LOOKS / fleets.length)));
}

function sectionsOf(given: Drawn, fleets: readonly Fleet[], gangs: readonly Gang[]): Part['sections'] {
  const Quotas = ['L-1216C47A', 'L-F7808C92', 'L-34B43A08'].map((QuotaCode) => ({
    ServiceCode: 'ec2',
    QuotaCode,
    Value: (given.quota ?? 0) * VCPUS,
  }));
  return {
    ec2: {
      AvailabilityZones: ZONES.map((ZoneName) => ({ ZoneName, State: 'available' })),
      Subnets: SUBNETS.map((subnet) => ({ ...subnet, CidrBlock: subnetBlock(subnet), AvailableIpAddressCount: 4_000 })),
      SecurityGroups: securityGroupRecords(),
      InstanceTypes: typeRecords(given.bootSeconds),
      InstanceTypeOfferings: OFFERINGS,
      PlacementGroups: [...groupRecords(fleets), ...OTHERS, ...gangs.flatMap(ownGroupRecords)],
      CapacityReservations: [
        ...new Map(
          fleets
            .flatMap(({ placed, nodes }) => reservationsOf(placed, nodes, ACCOUNT))
            .map((one) => [one['CapacityReservationId'], one]),
        ).values(),
      ],
      LaunchTemplates: fleets.map(templateRecord),
      LaunchTemplateVersions: fleets.flatMap(versionRecords),
      Instances: [...gangs.flatMap(instanceRecords), ...strangersOf(given, fleets)],
    },
    ssm: { Parameters: fleets.flatMap(parameterRecords) },
    sqs: { Queues: queueRecords(fleets) },
    ...(given.quota === undefined ? {} : { 'service-quotas': { Quotas } }),
  };
}

/** Large enough for some hundred nodes. */
function subnetBlock({ CidrBlock }: Shape): string {
  const [, , third] = String(CidrBlock).split('.');
  return `10.${Number(third) + 1}.0.0/20`;
}

function partOf(given: Drawn): Part {
  const fleets = given.fleets.map(fleetOf);
  const gangs = fleets.flatMap(gangsOf);
  const { capacity, script } = poolsOf(fleets.map(({ placed, nodes }) => ({ rungs: placed, nodes })));
  const queues = new Set(queueRecords(fleets).map(({ QueueName: name }) => name));
  const served = fleets.filter(
    ({ queueName, isRival, letter }) => queues.has(queueName) && (!isRival || letter === 'a'),
  );
  return {
    sections: sectionsOf(given, fleets, gangs),
    workers: served.flatMap(({ jobs, queueName, attest }) => workersOf(jobs, queueName, attest)),
    probes: {},
    capacity,
    remembered: [],
    data: gangs.flatMap(dataItems),
    script: [
      ...script,
      ...queueSteps(fleets),
      ...fleets.flatMap(({ jobs, queueName }) => arrivalsOfJobs(jobs, queueName)),
      ...happeningsOf(given.troubles, fleets, gangs),
    ],
    arrivals: arrivalsOfPeople(given.askings, fleets, gangs),
    optIn: [],
    faults: given.faults,
    minutes: minutesOf(given, fleets),
    minutesWithoutLedger: MINUTES_WITHOUT_LEDGER,
  };
}

/** Parts of worlds with fleets. */
export const WORLDS: fc.Arbitrary<Part> = drawn.map(partOf);
