/** What AWS answered of the group and its set, converted once into the facts that `decide` judges from. */

import type { Activity as ScalingActivity, AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import type { Volume } from '@aws-sdk/client-ec2';
import { need } from '../../../shared/aws/ec2/reading.ts';
import { serviceHolding } from '../../../shared/aws/ec2/volume-sets.ts';
import type { Observed } from '../../../shared/kernel/definition.ts';
import { severalBecause, type Activity, type Facts, type GroupFacts } from '../decide.ts';
import { volumeFacts } from './ebs-reading.ts';
import { countsOf, isHealthy, membersOf, nameOf } from './groups.ts';
import { ourHooks } from './hooks.ts';
import { readMachines } from './machines.ts';
import type { Round } from './round.ts';
import { readSnapshots } from './snapshots.ts';

/** A message is shown, not parsed but for a word: this much tells. */
const MESSAGE_LENGTH = 300;

/** Source: the descriptions of scaling activities in AWS's own samples, `Launching a new EC2 instance into warm pool: i-1`. */
function kindOf(description: string): Activity['kind'] {
  if (description.startsWith('Terminating')) return 'terminate';
  return /\b(?:in)?to warm pool\b/u.test(description) ? 'pool' : 'launch';
}

/** The instance stands at the end of AWS's description: `Launching a new EC2 instance: i-1`. One without a description tells nothing. */
function activityFacts(activity: ScalingActivity): Activity[] {
  const { ActivityId: id, Description } = activity;
  if (Description === undefined) return [];
  return [
    {
      kind: kindOf(Description),
      instanceId: /i-[0-9a-z]+$/u.exec(Description)?.[0] ?? null,
      startedAt: need(activity.StartTime, `${id}.StartTime`).toISOString(),
      endedAt: activity.EndTime?.toISOString() ?? null,
      status: need(activity.StatusCode, `${id}.StatusCode`),
      message: (activity.StatusMessage ?? '').slice(0, MESSAGE_LENGTH),
    },
  ];
}

type Member = GroupFacts['members'][number];

function memberFacts(group: AutoScalingGroup): readonly Member[] {
  return membersOf(group).map((member) => ({
    instanceId: need(member.InstanceId, `${nameOf(group)}.Instances[].InstanceId`),
    lifecycleState: need(member.LifecycleState, `${member.InstanceId}.LifecycleState`),
    healthy: isHealthy(need(member.HealthStatus, `${member.InstanceId}.HealthStatus`)),
  }));
}

/** The group, its hooks that are ours, and its last activities, newest first. */
function groupFacts(round: Round): GroupFacts {
  const { group, sharers, activities } = round;
  return {
    name: nameOf(group),
    ...countsOf([group, ...sharers]),
    max: need(group.MaxSize, `${nameOf(group)}.MaxSize`),
    sharers: sharers.map(nameOf),
    members: memberFacts(group),
    launchSuspended: (group.SuspendedProcesses ?? []).some(({ ProcessName }) => ProcessName === 'Launch'),
    retains: group.InstanceLifecyclePolicy?.RetentionTriggers?.TerminateHookAbandon === 'retain',
    hooks: ourHooks(round),
    activities: activities
      .flatMap(activityFacts)
      .toSorted((left, right) => (left.startedAt < right.startedAt ? 1 : -1)),
  };
}

/** By zone EC2's word for it. */
function zoneStatesOf({ zones }: Round): Facts['zones'] {
  return Object.fromEntries(zones.map(({ ZoneName, State }) => [ZoneName ?? '', State ?? 'unknown']));
}

/** What of the facts is read out of the round alone. */
type Read = Pick<Facts, 'group' | 'machines' | 'zones' | 'volumes' | 'heldByServices' | 'snapshots' | 'leftOut'>;

/** The facts that one round of reads comes to. `instanceId`: the instance of the run, `null` for the whole group. */
export function readFacts(round: Round, instanceId: string | null): Read {
  const group = groupFacts(round);
  if (severalBecause(group) !== undefined) return readLittle(round, group, instanceId);

  const held = heldByServices(round.volumes);
  const volumes = round.volumes.filter((volume) => serviceHolding(volume) === undefined);
  const own = { ...round, volumes };
  const { machines, leftOut } = readMachines(own, instanceId);
  const { snapshots, leftOut: unjudged } = readSnapshots(own);
  return {
    group,
    machines,
    zones: zoneStatesOf(round),
    volumes: volumes.map(volumeFacts),
    heldByServices: held,
    snapshots,
    leftOut: [...leftOut, ...unjudged],
  };
}

/** Of a group that wants several instances nothing is carried: what concerns the instance of the run is all that is judged. */
function readLittle(round: Round, group: GroupFacts, instanceId: string | null): Read {
  const isOwn = ({ Attachments }: Volume): boolean =>
    instanceId !== null && (Attachments ?? []).some(({ InstanceId }) => InstanceId === instanceId);
  const volumes = round.volumes.filter((volume) => isOwn(volume) && serviceHolding(volume) === undefined);
  const instances = round.instances.filter(({ InstanceId }) => InstanceId === instanceId);
  const { machines, leftOut } = readMachines({ ...round, volumes, instances }, instanceId);
  return {
    group: { ...group, members: group.members.filter((member) => member.instanceId === instanceId) },
    machines,
    zones: {},
    volumes: volumes.map(volumeFacts),
    heldByServices: [],
    snapshots: [],
    leftOut,
  };
}

function heldByServices(volumes: readonly Volume[]): readonly string[] {
  return volumes.flatMap((volume) => {
    const service = serviceHolding(volume);
    return service === undefined ? [] : [`${volume.VolumeId ?? 'a volume'} is held by ${service}, and is not carried`];
  });
}

const NO_GROUP: GroupFacts = {
  name: '',
  desired: 0,
  max: 0,
  sharers: [],
  inGoodService: 0,
  members: [],
  launchSuspended: false,
  retains: false,
  hooks: [],
  activities: [],
};

const NO_SETTINGS: Facts['settings'] = {
  mayBeginEmpty: false,
  maxWaitSeconds: 0,
  oldestAcceptableSeconds: null,
  keepSnapshots: 0,
  freezeDocument: null,
  problems: [],
};

/** Where the group is gone, or no longer tagged: there is nothing left to judge. */
export function factsWithoutGroup(instanceId: string | null, ask: Facts['ask'], run: string): Observed<Facts> {
  return {
    ask,
    run,
    set: '',
    group: NO_GROUP,
    settings: NO_SETTINGS,
    instanceId,
    leaving: false,
    hook: null,
    hookUnseen: false,
    machines: [],
    zones: {},
    volumes: [],
    heldByServices: [],
    roots: [],
    snapshots: [],
    leftOut: [],
    freeze: null,
    keys: {},
  };
}
