/**
 * What Auto Scaling remembers: the shapes of its records, the way to them, its timers and its durations.
 *
 * Besides AWS's own shapes there are two collections of ours, because AWS keeps this state too but never prints it:
 * `LifecycleActions` (hooks in progress) and `Memberships` (since when a member is in service or impaired).
 */

import type { Move } from './moves.ts';
import type { Clock, Shape, World } from '../../engine/model.ts';

export const SERVICE = 'auto-scaling';

/** How long an impaired member is watched before it counts as unhealthy. Documented: "waits a few minutes"; the number is assumed. */
export const IMPAIRED_PATIENCE_MS = 180_000;
/** From a reason to act to the scaling activity. Assumed; documented is only that a non-running member is replaced at once. */
const RECONCILE_DELAY_MS = 1_000;
/** From the launch request to `Pending:Wait`. Assumed; short, so that the hook's event finds the instance still pending, as users report. */
export const LAUNCH_TO_WAIT_MS = 2_000;
/** From `…:Proceed` to the next state. Assumed. */
export const PROCEED_MS = 1_000;
/** How long a zone whose last launch failed is tried last. Assumed. */
export const AVOID_ZONE_MS = 600_000;
/** First pause after a failed launch; doubles with each further one. Documented: "repeated launch failures are throttled"; the numbers are assumed. */
export const LAUNCH_BACKOFF_MS = 10_000;
export const LAUNCH_BACKOFF_MAX_MS = 900_000;
/** From this many failed launches in a row on, the next attempt no longer keeps a run from being quiescent: a loop has been shown. */
export const LAUNCH_FAILURES_SHOWN = 4;
/** Source: PutLifecycleHook, `HeartbeatTimeout`. */
export const HEARTBEAT_DEFAULT_SECONDS = 3_600;
/** Source: DescribeLifecycleHooks, `GlobalTimeout`: 172800 s or 100 heartbeats, whichever is smaller. */
export const GLOBAL_MAX_SECONDS = 172_800;
export const GLOBAL_HEARTBEATS = 100;

export type Transition = 'autoscaling:EC2_INSTANCE_LAUNCHING' | 'autoscaling:EC2_INSTANCE_TERMINATING';
export const LAUNCHING: Transition = 'autoscaling:EC2_INSTANCE_LAUNCHING';
export const TERMINATING: Transition = 'autoscaling:EC2_INSTANCE_TERMINATING';

/** An entry of a group's `Instances`. */
export type Member = {
  InstanceId: string;
  InstanceType?: string;
  AvailabilityZone: string;
  LifecycleState: string;
  HealthStatus: string;
  ProtectedFromScaleIn: boolean;
  LaunchTemplate?: Shape;
  LaunchConfigurationName?: string;
};

type GroupTag = {
  Key: string;
  Value: string;
  PropagateAtLaunch: boolean;
  ResourceId: string;
  ResourceType: string;
};

/** A group after `start` has completed it. */
export type Group = {
  AutoScalingGroupName: string;
  AutoScalingGroupARN: string;
  MinSize: number;
  MaxSize: number;
  DesiredCapacity: number;
  AvailabilityZones: string[];
  VPCZoneIdentifier: string;
  HealthCheckType: string;
  HealthCheckGracePeriod: number;
  Instances: Member[];
  SuspendedProcesses: { ProcessName: string; SuspensionReason?: string }[];
  Tags: GroupTag[];
  LaunchTemplate?: Shape;
  LaunchConfigurationName?: string;
  NewInstancesProtectedFromScaleIn?: boolean;
  InstanceMaintenancePolicy?: { MinHealthyPercentage?: number; MaxHealthyPercentage?: number };
  InstanceLifecyclePolicy?: { RetentionTriggers?: { TerminateHookAbandon?: string } };
  CapacityRebalance?: boolean;
  TargetGroupARNs?: string[];
  WarmPoolConfiguration?: WarmPoolConfiguration;
};

export type WarmPoolConfiguration = {
  MaxGroupPreparedCapacity?: number;
  MinSize?: number;
  PoolState: 'Stopped' | 'Running' | 'Hibernated';
  InstanceReusePolicy?: { ReuseOnScaleIn?: boolean };
};

/** The warm members of a group: AWS lists them apart from the group's own. */
export type WarmPool = { AutoScalingGroupName: string; Instances: Member[] };

export type Hook = {
  AutoScalingGroupName: string;
  LifecycleHookName: string;
  LifecycleTransition: Transition;
  HeartbeatTimeout: number;
  GlobalTimeout: number;
  DefaultResult: 'CONTINUE' | 'ABANDON';
  NotificationMetadata?: string;
};

/** A hook in progress for one instance. Times are ISO 8601. */
export type Action = {
  /** Absent: the world file began in the middle of the hook and did not say; the first answer binds it. */
  LifecycleActionToken?: string;
  AutoScalingGroupName: string;
  LifecycleHookName: string;
  EC2InstanceId: string;
  LifecycleTransition: Transition;
  StartedAt: string;
  HeartbeatUntil: string;
  GlobalUntil: string;
};

export type Membership = {
  InstanceId: string;
  AutoScalingGroupName: string;
  InServiceAt?: string;
  ImpairedSince?: string;
  /** The scaling activity in progress for this member. */
  ActivityId?: string;
  /** The way it came or goes; absent: it was there when the world began. */
  Move?: Move;
};

export type Activity = {
  ActivityId: string;
  AutoScalingGroupName: string;
  AutoScalingGroupARN: string;
  Description: string;
  Cause: string;
  StartTime: string;
  EndTime?: string;
  StatusCode: string;
  StatusMessage?: string;
  Progress: number;
  /** JSON, as AWS prints it: `{"Subnet ID":"…","Availability Zone":"…"}`. */
  Details: string;
};

// The schema has checked what the world file holds and `start` has completed it; the guards look for one member that
// `start` adds last, so that a record which slipped past it is found here and not as an odd behaviour later.
const isGroup = (record: Shape): record is Group =>
  Array.isArray(record['Tags']) && Array.isArray(record['SuspendedProcesses']);
const isHook = (record: Shape): record is Hook => typeof record['DefaultResult'] === 'string';
const isAction = (record: Shape): record is Action => typeof record['GlobalUntil'] === 'string';
const isMembership = (record: Shape): record is Membership => typeof record['InstanceId'] === 'string';
const isPool = (record: Shape): record is WarmPool => Array.isArray(record['Instances']);
const isActivity = (record: Shape): record is Activity => typeof record['Details'] === 'string';

function checked<T extends Shape>(world: World, collection: string, is: (record: Shape) => record is T): T[] {
  const records = world.records(SERVICE, collection);
  if (!records.every(is))
    throw new Error(`${SERVICE}.${collection} holds a record that was not completed when the world began`);
  return records;
}

export const groupsOf = (world: World): Group[] => checked(world, 'AutoScalingGroups', isGroup);
export const hooksOf = (world: World): Hook[] => checked(world, 'LifecycleHooks', isHook);
export const actionsOf = (world: World): Action[] => checked(world, 'LifecycleActions', isAction);
export const membershipsOf = (world: World): Membership[] => checked(world, 'Memberships', isMembership);
export const activitiesOf = (world: World): Activity[] => checked(world, 'Activities', isActivity);

export const poolsOf = (world: World): WarmPool[] => checked(world, 'WarmPools', isPool);

/** What a warm pool is called that a group mentions, and that was not pasted: it has no id of its own. */
export function warmPoolName(groupName: string): string {
  return `the warm pool of ${groupName}`;
}

export function groupNamed(world: World, name: unknown): Group | undefined {
  return groupsOf(world).find((group) => group.AutoScalingGroupName === name);
}

/** The group and the member of an instance, if it is in one. */
export function memberOf(world: World, instanceId: unknown): { group: Group; member: Member } | undefined {
  for (const group of groupsOf(world)) {
    const member = group.Instances.find((each) => each.InstanceId === instanceId);
    if (member !== undefined) return { group, member };
  }
  return undefined;
}

/** The group and its warm member of an instance, if it is in a warm pool. */
export function warmMemberOf(
  world: World,
  instanceId: unknown,
): { group: Group; pool: WarmPool; member: Member } | undefined {
  for (const pool of poolsOf(world)) {
    const member = pool.Instances.find((each) => each.InstanceId === instanceId);
    const group = groupNamed(world, pool.AutoScalingGroupName);
    if (member !== undefined && group !== undefined) return { group, pool, member };
  }
  return undefined;
}

/** The record of ours about a member, made if absent. */
export function membershipOf(world: World, group: Group, member: Member): Membership {
  const all = membershipsOf(world);
  let found = all.find((each) => each.InstanceId === member.InstanceId);
  if (found === undefined) {
    found = { InstanceId: member.InstanceId, AutoScalingGroupName: group.AutoScalingGroupName };
    all.push(found);
  }
  return found;
}

export function removeFrom<T>(list: T[], item: T): void {
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
}

export function isSuspended(group: Group, process: string): boolean {
  return group.SuspendedProcesses.some((each) => each.ProcessName === process);
}

/** Pending in any of its forms, or in service: counts toward the desired capacity. */
export function isCounted(member: Member): boolean {
  return member.LifecycleState === 'InService' || member.LifecycleState.startsWith('Pending');
}

/**
 * States that AWS prints and does not say enough about: what the group does with such a member next is not modelled. It stays
 * as it is, and whatever would change it is not simulated. Source: API reference, Instance, LifecycleState.
 */
export function isUnmodelled({ LifecycleState: state }: Member): boolean {
  return /^(?:Quarantined|ReplacingRootVolume|RootVolumeReplaced|Warmed:)/u.test(state);
}

/** Members toward the desired capacity. Whether those count whose state is not modelled is not known: as the group stands, they do if they are wanted. */
export function countOf({ DesiredCapacity: desired, Instances: members }: Group): number {
  const counted = members.filter(isCounted).length;
  const most = counted + members.filter(isUnmodelled).length;
  return Math.max(counted, Math.min(desired, most));
}

/** What other parts of the service do when something they do not know of has happened; set once by `start`. */
export interface Handlers {
  readonly reconcile: (world: World, groupName: string) => void;
  readonly answered: (world: World, action: Action, result: 'CONTINUE' | 'ABANDON', why: string) => void;
}

interface Runtime {
  readonly timers: Map<string, () => void>;
  handlers: Handlers | undefined;
}

// Functions cannot live in the JSON state, so they hang on the world's clock, which outlives every copy of the data.
const runtimes = new WeakMap<Clock, Runtime>();

function runtimeOf(world: World): Runtime {
  let runtime = runtimes.get(world.clock);
  if (runtime === undefined) {
    runtime = { timers: new Map(), handlers: undefined };
    runtimes.set(world.clock, runtime);
  }
  return runtime;
}

export function setHandlers(world: World, handlers: Handlers): void {
  runtimeOf(world).handlers = handlers;
}

export function handlersOf(world: World): Handlers {
  const { handlers } = runtimeOf(world);
  if (handlers === undefined) throw new Error('the simulated Auto Scaling service was used before it was started');
  return handlers;
}

/** Starts the timer `key` anew; an earlier one of that key is cancelled. */
export function startTimer(
  world: World,
  key: string,
  milliseconds: number,
  effect: () => void,
  options?: { readonly background?: true },
): void {
  const { timers } = runtimeOf(world);
  timers.get(key)?.();
  const run = (): void => {
    timers.delete(key);
    effect();
  };
  timers.set(
    key,
    options === undefined ? world.clock.after(milliseconds, run) : world.clock.after(milliseconds, run, options),
  );
}

export function stopTimer(world: World, key: string): void {
  const { timers } = runtimeOf(world);
  timers.get(key)?.();
  timers.delete(key);
}

export function isTimed(world: World, key: string): boolean {
  return runtimeOf(world).timers.has(key);
}

/** Asks for a look at the group in a moment; several requests are one look. */
export function requestReconcile(world: World, groupName: string): void {
  const key = `reconcile:${groupName}`;
  if (!isTimed(world, key))
    startTimer(world, key, RECONCILE_DELAY_MS, () => handlersOf(world).reconcile(world, groupName));
}

/** ISO 8601 of a moment `milliseconds` from now. */
export function isoIn(world: World, milliseconds: number): string {
  return new Date(world.clock.now() + milliseconds).toISOString();
}
