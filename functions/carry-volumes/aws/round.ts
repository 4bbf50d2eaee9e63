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
  paginateDescribeSnapshots,
  paginateDescribeVolumes,
  type AvailabilityZone,
  type Instance,
  type Snapshot,
  type Volume,
} from '@aws-sdk/client-ec2';
import { readHooks } from '../../../shared/aws/auto-scaling/lifecycle.ts';
import { client } from '../../../shared/aws/clients.ts';
import { instancesNamed } from '../../../shared/aws/ec2/instances.ts';
import { tagsOf } from '../../../shared/aws/ec2/reading.ts';
import { serviceHolding } from '../../../shared/aws/ec2/volume-sets.ts';
import { collect } from '../../../shared/aws/pages.ts';
import type { HookDescription } from '../../../shared/judgement/hooks.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { severalBecause } from '../decide.ts';
import { countsOf, groupsOfSet, membersOf, nameOf, setOf, waitingInPool } from './groups.ts';
import { filterOf, isOfSet } from './of-set.ts';

/** The most EC2 gives in a page. */
const PAGE = 1_000;

/** Activities kept: more than any row of abandons that matters. */
const ACTIVITIES = 40;

/** What AWS answered. */
export interface Round {
  readonly group: AutoScalingGroup;
  /** Other groups that carry the same set. */
  readonly sharers: readonly AutoScalingGroup[];
  readonly zones: readonly AvailabilityZone[];
  readonly volumes: readonly Volume[];
  readonly snapshots: readonly Snapshot[];
  readonly activities: readonly ScalingActivity[];
  readonly hooks: readonly HookDescription[];
  readonly instances: readonly Instance[];
  /** The instance of the run waits on its way into the warm pool. */
  readonly isPooled: boolean;
}

/** The zones of the Region. */
export async function readZones({ signal }: Io): Promise<readonly AvailabilityZone[]> {
  const answer = await client(EC2Client).send(new DescribeAvailabilityZonesCommand({}), { abortSignal: signal });
  return answer.AvailabilityZones ?? [];
}

/** The volumes of a set; for `null` those of all sets. */
export async function volumesTagged(set: string | null, { signal }: Io): Promise<readonly Volume[]> {
  const found = await collect(
    paginateDescribeVolumes(
      { client: client(EC2Client), pageSize: PAGE },
      { Filters: [filterOf(set)] },
      { abortSignal: signal },
    ),
    ({ Volumes }) => Volumes,
  );
  return found.filter((volume) => isOfSet(volume, set));
}

/** The account's own snapshots of a set; for `null` those of all sets. */
export async function snapshotsTagged(set: string | null, { signal }: Io): Promise<readonly Snapshot[]> {
  const found = await collect(
    paginateDescribeSnapshots(
      { client: client(EC2Client), pageSize: PAGE },
      { OwnerIds: ['self'], Filters: [filterOf(set)] },
      { abortSignal: signal },
    ),
    ({ Snapshots }) => Snapshots,
  );
  return found.filter((snapshot) => isOfSet(snapshot, set));
}

/** A launch into the pool says nothing of how launches fare that need the volumes. */
function isIntoPool({ Description }: ScalingActivity): boolean {
  return (Description ?? '').startsWith('Launching a new EC2 instance into warm pool');
}

/** The group's last activities, but for those of its warm pool. */
export async function readActivities(group: AutoScalingGroup, { signal }: Io): Promise<readonly ScalingActivity[]> {
  const { Activities } = await client(AutoScalingClient).send(
    new DescribeScalingActivitiesCommand({ AutoScalingGroupName: nameOf(group), MaxRecords: ACTIVITIES }),
    { abortSignal: signal },
  );
  return (Activities ?? []).filter((activity) => !isIntoPool(activity));
}

/** What belongs to the group's set. `instanceId`: an instance that may not be in the group's list (any more). */
export async function readRound(group: AutoScalingGroup, instanceId: string | null, io: Io): Promise<Round> {
  const set = setOf(group);
  const [ofSet, zones, volumes, snapshots, activities, hooks, pooled] = await Promise.all([
    groupsOfSet(set, io),
    readZones(io),
    volumesTagged(set, io),
    snapshotsTagged(set, io),
    readActivities(group, io),
    readHooks([nameOf(group)], io),
    instanceId === null ? [] : waitingInPool([group], [instanceId], io),
  ]);
  const sharers = ofSet.filter((other) => nameOf(other) !== nameOf(group));
  return {
    group,
    sharers,
    zones,
    volumes,
    snapshots,
    activities,
    hooks: hooks.get(nameOf(group)) ?? [],
    instances: await instancesNamed([...idsAround([group, ...sharers], volumes, instanceId)], io),
    isPooled: pooled.length > 0,
  };
}

/**
 * The instances that a look concerns: the one of the run, the members of the group and whoever holds a volume of the set. Where
 * the groups want several, nobody but the one of the run: they may be thousands.
 * @param groups the group itself, and those that carry the same set
 */
export function idsAround(
  groups: readonly AutoScalingGroup[],
  volumes: readonly Volume[],
  instanceId: string | null,
): ReadonlySet<string> {
  const own = instanceId === null ? [] : [instanceId];
  if (isForSeveral(groups)) return new Set(own);
  const members = groups.slice(0, 1).flatMap(membersOf);
  return new Set([...members.flatMap(({ InstanceId }) => InstanceId ?? []), ...holdersOf(volumes), ...own]);
}

/** Whether these groups, of one set, want several instances or have several in good service. */
export function isForSeveral(groups: readonly AutoScalingGroup[]): boolean {
  return severalBecause({ ...countsOf(groups), name: '', sharers: [] }) !== undefined;
}

/** The instances that volumes are attached to. */
export function holdersOf(volumes: readonly Volume[]): readonly string[] {
  return volumes.flatMap(({ Attachments }) => Attachments ?? []).flatMap(({ InstanceId }) => InstanceId ?? []);
}

/** The keys that the set needs: its volumes', or where none is left its newest snapshot's. */
export function keysOf({ volumes, snapshots }: Round): ReadonlySet<string> {
  const live = volumes.filter(
    (volume) => !tagsOf(volume.Tags).has('runbook:superseded-at') && serviceHolding(volume) === undefined,
  );
  const newestFirst = snapshots.toSorted((left, right) => Number(right.StartTime ?? 0) - Number(left.StartTime ?? 0));
  const sources = live.length > 0 ? live : newestFirst.slice(0, 1);
  return new Set(sources.flatMap(({ KmsKeyId }) => KmsKeyId ?? []));
}
