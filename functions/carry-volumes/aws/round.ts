/** One look at a group: all that belongs to its set is read side by side, then the instances that these answers name. */

import {
  AutoScalingClient,
  DescribeScalingActivitiesCommand,
  type Activity as ScalingActivity,
  type AutoScalingGroup,
} from '@aws-sdk/client-auto-scaling';
import {
  DescribeAvailabilityZonesCommand,
  EC2Client,
  paginateDescribeInstances,
  paginateDescribeSnapshots,
  paginateDescribeVolumes,
  type AvailabilityZone,
  type Instance,
  type Snapshot,
  type Volume,
} from '@aws-sdk/client-ec2';
import { readHooks } from '../../../shared/aws/auto-scaling/lifecycle.ts';
import { client } from '../../../shared/aws/clients.ts';
import { tagsOf } from '../../../shared/aws/ec2/reading.ts';
import { collect } from '../../../shared/aws/pages.ts';
import type { HookDescription } from '../../../shared/judgement/hooks.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { membersOf, nameOf, PAGE, SET, setOf, waitingInPool } from './groups.ts';

/** Activities kept: more than any row of abandons that matters. */
const ACTIVITIES = 40;
/** Snapshots kept, newest first, so that the facts fit a durable step (256 KB): people may keep thousands. */
const SNAPSHOTS = 300;

/** What AWS answered. */
export interface Round {
  readonly group: AutoScalingGroup;
  readonly zones: readonly AvailabilityZone[];
  readonly volumes: readonly Volume[];
  readonly snapshots: readonly Snapshot[];
  readonly activities: readonly ScalingActivity[];
  readonly hooks: readonly HookDescription[];
  readonly instances: readonly Instance[];
  /** The instance of the run waits on its way into the warm pool. */
  readonly isPooled: boolean;
}

/** The volumes that a tag filter selects. */
export function volumesTagged(
  filter: { readonly Name: string; readonly Values: string[] },
  { signal }: Io,
): Promise<Volume[]> {
  return collect(
    paginateDescribeVolumes(
      { client: client(EC2Client), pageSize: PAGE },
      { Filters: [filter] },
      { abortSignal: signal },
    ),
    ({ Volumes }) => Volumes,
  );
}

/** A launch into the pool says nothing of how launches fare that need the volumes. */
function isIntoPool({ Description }: ScalingActivity): boolean {
  return (Description ?? '').startsWith('Launching a new EC2 instance into warm pool');
}

/** A filter, not a list of ids: one that EC2 does not know any more would fail the whole request. */
async function readInstances(ids: ReadonlySet<string>, { signal }: Io): Promise<readonly Instance[]> {
  if (ids.size === 0) return [];
  const which = { Filters: [{ Name: 'instance-id', Values: [...ids] }] };
  return collect(
    paginateDescribeInstances({ client: client(EC2Client), pageSize: PAGE }, which, { abortSignal: signal }),
    ({ Reservations }) => Reservations?.flatMap(({ Instances }) => Instances ?? []),
  );
}

/** What belongs to the group's set. `instanceId`: an instance that may not be in the group's list (any more). */
export async function readRound(group: AutoScalingGroup, instanceId: string | null, io: Io): Promise<Round> {
  const ec2 = client(EC2Client);
  const options = { abortSignal: io.signal };
  const filter = { Name: `tag:${SET}`, Values: [setOf(group)] };
  const [zones, volumes, snapshots, activities, hooks, pooled] = await Promise.all([
    ec2.send(new DescribeAvailabilityZonesCommand({}), options),
    volumesTagged(filter, io),
    collect(
      paginateDescribeSnapshots({ client: ec2, pageSize: PAGE }, { OwnerIds: ['self'], Filters: [filter] }, options),
      ({ Snapshots }) => Snapshots,
    ),
    client(AutoScalingClient).send(
      new DescribeScalingActivitiesCommand({ AutoScalingGroupName: nameOf(group), MaxRecords: ACTIVITIES }),
      options,
    ),
    readHooks([nameOf(group)], io),
    instanceId === null ? [] : waitingInPool([group], [instanceId], io),
  ]);
  const members = membersOf(group).map(({ InstanceId }) => InstanceId);
  const ids = [...members, ...holdersOf(volumes), instanceId].flatMap((id) => id ?? []);
  const instances = await readInstances(new Set(ids), io);
  return {
    group,
    zones: zones.AvailabilityZones ?? [],
    volumes,
    snapshots,
    activities: (activities.Activities ?? []).filter((activity) => !isIntoPool(activity)),
    hooks: hooks.get(nameOf(group)) ?? [],
    instances,
    isPooled: pooled.length > 0,
  };
}

/** The instances that volumes are attached to. */
export function holdersOf(volumes: readonly Volume[]): readonly string[] {
  return volumes.flatMap(({ Attachments }) => Attachments ?? []).flatMap(({ InstanceId }) => InstanceId ?? []);
}

/** The snapshots that are judged: the newest. */
export function newestSnapshots({ snapshots }: Round): readonly Snapshot[] {
  return snapshots
    .toSorted((left, right) => Number(right.StartTime ?? 0) - Number(left.StartTime ?? 0))
    .slice(0, SNAPSHOTS);
}

/** The keys that the set needs: its volumes', or where none is left its newest snapshot's. */
export function keysOf(round: Round): ReadonlySet<string> {
  const live = round.volumes.filter(({ Tags: tags }) => !tagsOf(tags).has('runbook:superseded-at'));
  const sources = live.length > 0 ? live : newestSnapshots(round).slice(0, 1);
  return new Set(sources.flatMap(({ KmsKeyId }) => KmsKeyId ?? []));
}
