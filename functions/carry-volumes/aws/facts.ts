/** What AWS answered of the group and its instances, converted once into the facts that `decide` judges from. */

import type { Activity as ScalingActivity } from '@aws-sdk/client-auto-scaling';
import type { Instance } from '@aws-sdk/client-ec2';
import { absentInstance, instanceFacts, membershipOf, need, tagsOf } from '../../../shared/aws/ec2/reading.ts';
import type { Observed } from '../../../shared/kernel/definition.ts';
import type { Activity, Facts, GroupFacts, Machine } from '../decide.ts';
import { membersOf, nameOf, SET, setOf } from './groups.ts';
import { ourHooks } from './hooks.ts';
import { holdersOf, type Round } from './round.ts';

/** A message is shown, not parsed but for a word: this much tells. */
const MESSAGE_LENGTH = 300;

/** The instance stands at the end of AWS's description: `Launching a new EC2 instance: i-1`. */
function activityFacts(activity: ScalingActivity): Activity {
  const { ActivityId: id } = activity;
  const description = need(activity.Description, `${id}.Description`);
  return {
    kind: description.startsWith('Terminating') ? 'terminate' : 'launch',
    instanceId: /i-[0-9a-z]+$/u.exec(description)?.[0] ?? null,
    startedAt: need(activity.StartTime, `${id}.StartTime`).toISOString(),
    endedAt: activity.EndTime?.toISOString() ?? null,
    status: need(activity.StatusCode, `${id}.StatusCode`),
    message: (activity.StatusMessage ?? '').slice(0, MESSAGE_LENGTH),
  };
}

/** The group, its hooks that are ours, and its last activities, newest first. */
export function groupFacts(round: Round): GroupFacts {
  const { group, activities } = round;
  const name = nameOf(group);
  return {
    name,
    desired: need(group.DesiredCapacity, `${name}.DesiredCapacity`),
    members: membersOf(group).map((member) => ({
      instanceId: need(member.InstanceId, `${name}.Instances[].InstanceId`),
      lifecycleState: need(member.LifecycleState, `${member.InstanceId}.LifecycleState`),
      healthy: need(member.HealthStatus, `${member.InstanceId}.HealthStatus`).toLowerCase() === 'healthy',
    })),
    launchSuspended: (group.SuspendedProcesses ?? []).some(({ ProcessName }) => ProcessName === 'Launch'),
    retains: group.InstanceLifecyclePolicy?.RetentionTriggers?.TerminateHookAbandon === 'retain',
    hooks: ourHooks(round),
    activities: activities.map(activityFacts).toSorted((left, right) => (left.startedAt < right.startedAt ? 1 : -1)),
  };
}

/** `User initiated (2026-11-22 08:00:00 GMT)`: the time of the request. */
function stopAskedAt({ StateTransitionReason }: Instance): string | null {
  const [, day, time] = /\((\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) GMT\)/u.exec(StateTransitionReason ?? '') ?? [];
  return day === undefined || time === undefined ? null : `${day}T${time}.000Z`;
}

function machineOf(instance: Instance, { group, zones }: Round): Machine {
  const member = membersOf(group).find(({ InstanceId }) => InstanceId === instance.InstanceId);
  const known = new Map(zones.map((zone) => [need(zone.ZoneName, 'AvailabilityZones[].ZoneName'), zone]));
  return {
    ...instanceFacts(instance, {
      checks: null,
      membership: member === undefined ? null : membershipOf(group, member),
      zones: known,
    }),
    optedIn: tagsOf(instance.Tags).get(SET) === setOf(group),
    stopAskedAt: stopAskedAt(instance),
    stoppable: instance.RootDeviceType === 'ebs' && instance.InstanceLifecycle !== 'spot',
    devices: (instance.BlockDeviceMappings ?? []).map(({ DeviceName, Ebs }) => ({
      name: DeviceName ?? '',
      volumeId: Ebs?.VolumeId ?? '',
      root: DeviceName === instance.RootDeviceName,
    })),
  };
}

/** What EC2 does not know any more. */
function absentMachine(id: string): Machine {
  return { ...absentInstance(id), optedIn: true, stopAskedAt: null, stoppable: false, devices: [] };
}

/** The instances that were asked for. Asked for exactly these: whoever is not in the answer is gone. */
export function machinesOf(round: Round, instanceId: string | null): readonly Machine[] {
  const found = round.instances.map((instance) => machineOf(instance, round));
  const needed = new Set([...(instanceId === null ? [] : [instanceId]), ...holdersOf(round.volumes)]);
  const gone = [...needed].filter((id) => !found.some((machine) => machine.id === id));
  return [...found, ...gone.map(absentMachine)];
}

/** By zone EC2's word for it. */
export function zoneStatesOf({ zones }: Round): Facts['zones'] {
  return Object.fromEntries(zones.map(({ ZoneName, State }) => [ZoneName ?? '', State ?? 'unknown']));
}

const NO_GROUP: GroupFacts = {
  name: '',
  desired: 0,
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
    snapshots: [],
    freeze: null,
    keys: {},
  };
}
