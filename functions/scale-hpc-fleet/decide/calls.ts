/** The calls of a plan. A launch is made of what the ledger keeps of the gang alone: asked for twice it is the same call. Pure. */

import type { JsonObject, PlannedCall } from '../../../shared/kernel/decision.ts';
import { plannedWrite } from '../../../shared/kernel/ledger/planned-write.ts';
import {
  FRESH,
  type CapacityRefusal,
  type GangLease,
  type GangRecord,
  type InterfaceSpec,
  type LaunchWords,
  type Rung,
  type RungMemory,
} from './facts.ts';
import type { Gang } from './gangs.ts';
import { afterSuccess, keyOf, nameOf } from './rungs.ts';

/** Partitions of the data ledger. */
export const PARTITIONS = {
  gangs: 'hpc-gang',
  capacity: 'hpc-capacity',
  leases: 'hpc-lease',
  attests: 'hpc-attest',
  staging: 'hpc-stage-in',
} as const;

export const LAUNCH = 'ec2:RunInstances';
export const TERMINATE = 'ec2:TerminateInstances';
export const CREATE_GROUP = 'ec2:CreatePlacementGroup';
export const DELETE_GROUP = 'ec2:DeletePlacementGroup';
/** What starts a stage-in, of either kind. */
export const IMPORT = 'fsx:CreateDataRepositoryTask';
export const TRANSFER = 'datasync:StartTaskExecution';

/** As long as other records. */
export const KEPT_MS = 400 * 24 * 3_600_000;

/** What is over is read with the others each minute: kept for a day, in which whatever EC2 did not show has shown. */
export const OVER_KEPT_MS = 24 * 3_600_000;

/** Of a rung nothing is known after a day in which nobody has asked. Assumed. */
const CAPACITY_KEPT_MS = 24 * 3_600_000;

/** A time after another. */
export function later(now: string, milliseconds: number): string {
  return new Date(Date.parse(now) + milliseconds).toISOString();
}

/** Key of a gang in the ledger. */
export function gangKey(templateId: string, gang: string): string {
  return `${templateId}/${gang}`;
}

/** The instances' tags: by the first they are found, by the second told apart; the third is for the worker. */
function tagsOf({ id, nodes, queue }: GangRecord): readonly JsonObject[] {
  return [
    { Key: 'runbook:hpc-queue', Value: queue },
    { Key: 'runbook:run', Value: `scale-hpc-fleet/${id}` },
    { Key: 'runbook:nodes-per-job', Value: String(nodes) },
  ];
}

/** How the names of placement groups begin that are made for one gang; its id follows. */
export const OWN_GROUP = 'runbook-hpc-';

/** The placement group that a gang is launched into; `null`: none. */
export function groupOf({ id, rung }: Pick<GangRecord, 'id' | 'rung'>): string | null {
  return rung.placementGroup === FRESH ? `${OWN_GROUP}${id}` : rung.placementGroup;
}

/** What else has to be there before a gang can be: its own placement group. Made twice it is one. */
function groupCalls(record: GangRecord): readonly PlannedCall[] {
  if (record.rung.placementGroup !== FRESH) return [];
  const [queue, run] = tagsOf(record);
  return [
    {
      call: CREATE_GROUP,
      input: {
        GroupName: `${OWN_GROUP}${record.id}`,
        Strategy: 'cluster',
        TagSpecifications: [{ ResourceType: 'placement-group', Tags: [queue, run].filter((tag) => tag !== undefined) }],
      },
      because: 'the gang has a placement group of its own',
    },
  ];
}

/** The group of a gang that is over goes. */
export function deleteGroupCall(gang: string): PlannedCall {
  return { call: DELETE_GROUP, input: { GroupName: `${OWN_GROUP}${gang}` }, because: `gang ${gang} is over` };
}

function interfaceOf(spec: InterfaceSpec, { subnetId }: Rung): JsonObject {
  const { AssociatePublicIpAddress, Groups, ...rest } = spec;
  const isPublic = AssociatePublicIpAddress === null ? {} : { AssociatePublicIpAddress };
  return { ...rest, Groups: [...Groups], SubnetId: subnetId, ...isPublic };
}

/** EC2 takes a subnet beside the interfaces or in each of them, never both. */
function networkOf({ interfaces }: LaunchWords, rung: Rung): JsonObject {
  if (interfaces.length === 0) return { SubnetId: rung.subnetId };
  return { NetworkInterfaces: interfaces.map((spec) => interfaceOf(spec, rung)) };
}

const SPOT = {
  MarketType: 'spot',
  SpotOptions: { SpotInstanceType: 'one-time', InstanceInterruptionBehavior: 'terminate' },
};

function marketOf({ market, reservation }: Rung): JsonObject {
  if (market === 'spot') return { InstanceMarketOptions: SPOT };
  if (reservation === null) return {};
  return { CapacityReservationSpecification: { CapacityReservationTarget: { CapacityReservationId: reservation } } };
}

/** All of the gang, or nothing of it. */
export function launchCall(templateId: string, record: GangRecord, words: LaunchWords, because: string): PlannedCall {
  const { id, nodes, rung } = record;
  const group = groupOf(record);
  const Tags = tagsOf(record);
  return {
    call: LAUNCH,
    input: {
      ClientToken: id,
      LaunchTemplate: { LaunchTemplateId: templateId, Version: words.templateVersion },
      InstanceType: rung.instanceType,
      MinCount: nodes,
      MaxCount: nodes,
      ...networkOf(words, rung),
      ...(group === null ? {} : { Placement: { GroupName: group } }),
      ...marketOf(rung),
      TagSpecifications: ['instance', 'volume', 'network-interface'].map((ResourceType) => ({
        ResourceType,
        Tags: [...Tags],
      })),
    },
    because,
  };
}

/** Keeps what is known of a gang. What is no longer asked for needs no words; what is over is soon forgotten. */
export function gangWrite(templateId: string, record: GangRecord, now: string, because: string): PlannedCall {
  const { id, version, launch, ...value } = record;
  const words = record.state === 'launching' && launch !== null ? launch : null;
  const write = {
    partition: PARTITIONS.gangs,
    key: gangKey(templateId, id),
    ifVersion: version,
    value: {
      ...value,
      launch:
        words === null
          ? null
          : { ...words, interfaces: words.interfaces.map((one) => ({ ...one, Groups: [...one.Groups] })) },
    },
    expiresAt: later(now, record.state === 'over' ? OVER_KEPT_MS : KEPT_MS),
  };
  return plannedWrite(write, because);
}

/** Keeps for all fleets what a rung has refused. */
export function capacityWrite(
  rung: Rung,
  version: number,
  refusals: readonly CapacityRefusal[],
  now: string,
  because: string,
): PlannedCall {
  const write = {
    partition: PARTITIONS.capacity,
    key: keyOf(rung),
    ifVersion: version,
    value: { refusals: refusals.map((one) => ({ ...one })) },
    expiresAt: later(now, CAPACITY_KEPT_MS),
  };
  return plannedWrite(write, because);
}

/** What came is no longer remembered as refused; no call where that changes nothing. */
export function cameWrites(
  rung: Rung,
  memory: RungMemory,
  { nodes, launched }: { readonly nodes: number; readonly launched: string },
  now: string,
): readonly PlannedCall[] {
  const left = afterSuccess(memory, nodes, launched);
  const isSame = JSON.stringify(left) === JSON.stringify(memory.refusals);
  if (isSame) return [];
  return [capacityWrite(rung, memory.version, left, now, `${nodes} nodes came of ${nameOf(rung)}`)];
}

/** A gang that is asked for, for the first time or once more: first the ledger knows of it, then EC2. */
export function launchCalls(
  templateId: string,
  record: GangRecord,
  because: string,
  now: string,
): readonly PlannedCall[] {
  const { launch } = record;
  if (launch === null) return [];
  return [
    gangWrite(templateId, record, now, 'what is asked for is known before it is there'),
    ...groupCalls(record),
    launchCall(templateId, record, launch, because),
  ];
}

/** Workers on Spot instances cannot be protected: whose lease is closed takes no job any more. */
function leaseWrite(gang: string, lease: GangLease | undefined, now: string): PlannedCall {
  const write = {
    partition: PARTITIONS.leases,
    key: gang,
    ifVersion: lease?.version ?? 0,
    value: { state: 'closed' },
    expiresAt: later(now, KEPT_MS),
  };
  return plannedWrite(write, 'none of its nodes takes a job from here on');
}

/** A gang goes whole: fenced, ended by one call, and written off once EC2 has taken it. */
export function endCalls(
  templateId: string,
  { record, nodes }: Gang,
  lease: GangLease | undefined,
  why: string,
  now: string,
): readonly PlannedCall[] {
  const isWritten = record.state === 'ending' || record.state === 'over';
  const ending: GangRecord = isWritten ? record : { ...record, state: 'ending', why };
  const over: GangRecord = { ...ending, version: record.version + (isWritten ? 0 : 1), state: 'over' };
  const mayTakeJobs = record.rung.market === 'spot' && lease?.state !== 'closed';
  return [
    ...(isWritten ? [] : [gangWrite(templateId, ending, now, why)]),
    ...(mayTakeJobs ? [leaseWrite(record.id, lease, now)] : []),
    {
      call: TERMINATE,
      input: { InstanceIds: nodes.map(({ id }) => id) },
      because: `${why}: the ${nodes.length} nodes of gang ${record.id} go together, or none does`,
    },
    ...(record.state === 'over' ? [] : [gangWrite(templateId, over, now, 'EC2 has taken it')]),
  ];
}
