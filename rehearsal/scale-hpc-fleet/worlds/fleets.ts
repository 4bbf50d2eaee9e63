/** Generated fleets: launch templates with their tags, ladders and queues, some of them set so that nothing can be launched. */

import * as fc from 'fast-check';
import type { Shape } from '../../../simulator/engine/model.ts';
import { chance, mostly, oddly, oddText, sometimes, tag, TOWARDS_THE_FIRST, ZONES } from '../../worlds/pieces.ts';
import { someRungs, TYPES, type PlacedRung } from './ladders.ts';
import { someGangs } from './gangs.ts';
import { someAttest, someJobs } from './jobs.ts';
import { interfacesOf, type Fabric, type Interfaces } from './interfaces.ts';

const nodesPerJob = mostly(4, [22, 2], [16, 1], [12, 8], [8, 16], [4, 3], [2, 200]);

type Says = 'nothing' | 'spot' | 'reservation' | 'protection' | 'host';

export const aFleet = fc.record({
  nodes: nodesPerJob,
  type: mostly<0 | 1>(0, [30, 1]),
  interfaces: mostly<Interfaces>('one', [20, 'two'], [10, 'sparse'], [6, 'plain'], [6, 'none']),
  fabric: mostly<Fabric>(
    'right',
    [2, 'type-without-efa'],
    [2, 'not-offered'],
    [2, 'no-such-group'],
    [2, 'group-without-ingress'],
    [2, 'group-without-egress'],
    [1, 'two-in-one-place'],
    [1, 'no-primary'],
    [1, 'efa-only-primary'],
    [1, 'public-beside-another'],
    [1, 'two-efa-on-one-card'],
  ),
  /** What its template says beside the ladder. */
  says: mostly<Says>('nothing', [2, 'spot'], [2, 'reservation'], [2, 'protection'], [2, 'host']),
  rungs: someRungs,
  ladder: fc.oneof(
    TOWARDS_THE_FIRST,
    { weight: 92, arbitrary: fc.constant('right') },
    { weight: 8, arbitrary: fc.constantFrom('none', 'empty', 'without-groups', 'torn', 'unknown-subnet', 'misspelt') },
  ),
  idle: fc.oneof(
    TOWARDS_THE_FIRST,
    { weight: 85, arbitrary: sometimes(85, oddly(2, '300', '120', '600', 'auto', '0')) },
    { weight: 1, arbitrary: fc.constant('86400') },
  ),
  /** Gangs that the tag for the most nodes has room for, of a hundred; absent: no such tag. */
  room: sometimes(40, mostly(200, [20, 100], [15, 300], [8, 99], [5, 0])),
  oddMost: sometimes(2, oddText),
  oddNodes: sometimes(2, oddText),
  oddQueue: sometimes(2, oddText),
  /** Its jobs are those of the first fleet. */
  isRival: chance(4),
  isShared: chance(40),
  queue: mostly<'there' | 'missing' | 'made-later' | 'deleted'>(
    'there',
    [3, 'missing'],
    [3, 'made-later'],
    [3, 'deleted'],
  ),
  jobs: someJobs,
  attest: sometimes(15, someAttest),
  gangs: someGangs,
});

/** A fleet as it is drawn. */
export type DrawnFleet = typeof aFleet extends fc.Arbitrary<infer F> ? F : never;

/** A fleet with its names. */
export interface Fleet extends DrawnFleet {
  readonly letter: string;
  readonly templateId: string;
  readonly queueName: string;
  readonly instanceType: string;
  readonly placed: readonly PlacedRung[];
}

function tagsOf(fleet: Fleet): readonly Shape[] {
  const { nodes, idle, room, letter, queueName } = fleet;
  const most = room === undefined ? undefined : String(Math.floor((room * nodes) / 100));
  return [
    ...tag('runbook:hpc-queue', fleet.oddQueue ?? queueName),
    ...tag('runbook:nodes-per-job', fleet.oddNodes ?? String(nodes)),
    ...tag('runbook:ladder', fleet.ladder === 'none' ? undefined : `/hpc/${letter}/ladder`),
    ...tag('runbook:idle-seconds', idle),
    ...tag('runbook:max-nodes', fleet.oddMost ?? (most === undefined && nodes > 64 ? '900' : most)),
    ...tag('runbook:attest', fleet.attest?.seconds),
    ...tag('team', 'solver'),
  ];
}

/** The launch template, with two versions that say the same: a script makes the second the default. */
export function templateRecord(fleet: Fleet): Shape {
  return {
    LaunchTemplateId: fleet.templateId,
    LaunchTemplateName: `fleet-${fleet.letter}`,
    DefaultVersionNumber: 1,
    LatestVersionNumber: 2,
    Tags: tagsOf(fleet),
  };
}

/** What is the ladder's to say, or the worker's. */
const OVERSTEPS: { readonly [says in Says]: Shape } = {
  nothing: {},
  spot: { InstanceMarketOptions: { MarketType: 'spot' } },
  reservation: {
    CapacityReservationSpecification: { CapacityReservationTarget: { CapacityReservationId: 'cr-0ffffffffffffffff' } },
  },
  protection: { DisableApiTermination: true },
  host: { Placement: { Tenancy: 'host' } },
};

export function versionRecords(fleet: Fleet): readonly Shape[] {
  const NetworkInterfaces = interfacesOf(fleet);
  return [1, 2].map((VersionNumber) => ({
    LaunchTemplateId: fleet.templateId,
    VersionNumber,
    DefaultVersion: VersionNumber === 1,
    LaunchTemplateData: {
      ImageId: `ami-0a${VersionNumber}`,
      ...(NetworkInterfaces.length === 0 ? {} : { NetworkInterfaces }),
      ...OVERSTEPS[fleet.says],
    },
  }));
}

function ladderText({ ladder, placed }: Fleet): string {
  const rungs = placed.map(({ written: { placementGroup, ...rest } }) =>
    ladder === 'without-groups' ? rest : { ...rest, placementGroup },
  );
  if (ladder === 'empty') return '[]';
  if (ladder === 'unknown-subnet') return JSON.stringify([{ ...placed[0]?.written, subnetId: 'subnet-0f' }, ...rungs]);
  if (ladder === 'misspelt') return JSON.stringify(rungs.map((rung) => ({ ...rung, placementgroup: 'x' })));
  const text = JSON.stringify(rungs);
  return ladder === 'torn' ? text.slice(0, -1) : text;
}

export function parameterRecords(fleet: Fleet): readonly Shape[] {
  if (fleet.ladder === 'none') return [];
  return [{ Name: `/hpc/${fleet.letter}/ladder`, Type: 'String', Value: ladderText(fleet) }];
}

/** A type without EFA, and one that is offered in no zone: others than those of fleets that are to be served. */
const [BARE_TYPE, RARE_TYPE] = ['c5.24xlarge', 'c7gn.16xlarge'] as const;

function typeRecord(InstanceType: string, cards: number, PendingSeconds: number): Shape {
  return {
    InstanceType,
    PendingSeconds,
    VCpuInfo: { DefaultVCpus: VCPUS },
    NetworkInfo: {
      EfaSupported: InstanceType !== BARE_TYPE,
      EnaSupport: 'required',
      MaximumNetworkCards: cards,
      ...(InstanceType === BARE_TYPE ? {} : { EfaInfo: { MaximumEfaInterfaces: cards } }),
      NetworkCards: Array.from({ length: cards }, (_none, NetworkCardIndex) => ({
        NetworkCardIndex,
        MaximumNetworkInterfaces: 15,
      })),
    },
    PlacementGroupInfo: { SupportedStrategies: ['cluster', 'partition', 'spread'] },
    SupportedUsageClasses: ['on-demand', 'spot'],
  };
}

/** Of each type. */
export const VCPUS = 96;

/** What EC2 knows of the types. */
export function typeRecords(pendingSeconds: number): readonly Shape[] {
  return [...TYPES, BARE_TYPE, RARE_TYPE].map((type) => typeRecord(type, type === TYPES[1] ? 2 : 1, pendingSeconds));
}

/** Where each type is offered. */
export const OFFERINGS: readonly Shape[] = [...TYPES, BARE_TYPE].flatMap((InstanceType) =>
  ZONES.map((Location) => ({ InstanceType, LocationType: 'availability-zone', Location })),
);

/** The type that a fleet's rungs name. */
export function typeOf({ fabric, type, interfaces }: DrawnFleet): string {
  if (fabric === 'type-without-efa') return BARE_TYPE;
  if (fabric === 'not-offered') return RARE_TYPE;
  return interfaces === 'two' || fabric === 'two-efa-on-one-card' ? TYPES[1] : TYPES[type];
}
