/**
 * Warm pools: instances that are launched beforehand, stopped or kept running beside their group, and drawn from when the
 * group needs another.
 *
 * Sources: user guide, "Warm pools for Amazon EC2 Auto Scaling" (size, states, cold starts), "Use lifecycle hooks with a warm
 * pool" (which hook waits in which state), "View health check status and the reason for health check failures";
 * PutWarmPool for the size. Warm members count neither toward the desired capacity nor among the group's `Instances`.
 */

import { activityOf, closeActivity, moveOf, openActivity } from './activities.ts';
import { dropActions, hooksFor, startHooks, transitionOf } from './hooks.ts';
import { continueLaunch, isImpaired, launchIn, subnetOf, zonesToTry } from './members.ts';
import {
  type Action,
  type Group,
  type Member,
  type WarmPool,
  LAUNCH_TO_WAIT_MS,
  PROCEED_MS,
  TERMINATING,
  membershipOf,
  membershipsOf,
  poolsOf,
  removeFrom,
  requestReconcile,
  startTimer,
  stopTimer,
  warmMemberOf,
} from './state.ts';
import { leaveTargets } from './targets.ts';
import { instanceState, startInstance, stopInstance, terminateInstance } from '../ec2/instances.ts';
import { demandOne } from '../ec2/state.ts';
import { AwsError, NotSimulatedError, type Signals, type World } from '../../engine/model.ts';

/** A warm member with where it belongs. */
interface Place {
  readonly group: Group;
  readonly pool: WarmPool;
  readonly member: Member;
}

/** The group's warm pool, if it has one. */
export function poolOf(world: World, group: Group): WarmPool | undefined {
  return group.WarmPoolConfiguration === undefined
    ? undefined
    : poolsOf(world).find((each) => each.AutoScalingGroupName === group.AutoScalingGroupName);
}

function readyState({ WarmPoolConfiguration: configuration }: Group): string {
  return `Warmed:${configuration?.PoolState ?? 'Stopped'}`;
}

/** How many warm members the group wants: up to the maximum, or the prepared capacity, beyond the desired capacity; at least the minimum. */
function wantedSize({ WarmPoolConfiguration: configuration, DesiredCapacity: desired, MaxSize: most }: Group): number {
  const prepared = configuration?.MaxGroupPreparedCapacity ?? -1;
  return Math.max((prepared < 0 ? most : prepared) - desired, configuration?.MinSize ?? 0);
}

/** Warm members that are missing; negative: there are too many. */
export function missingWarm(world: World, group: Group): number {
  const pool = poolOf(world, group);
  if (pool === undefined) return 0;
  return (
    wantedSize(group) - pool.Instances.filter((each) => !each.LifecycleState.startsWith('Warmed:Terminating')).length
  );
}

/** Launches one instance into the pool, in the best zone that takes it. */
export function launchWarm(world: World, group: Group, pool: WarmPool): void {
  world.assume(
    'auto-scaling: a warm pool is refilled as soon as it is drawn from, zones and pauses as for launches into the group',
  );
  const wanted = wantedSize(group);
  const cause = `an instance was started to keep the warm pool at its size of ${wanted}`;
  for (const zone of zonesToTry(world, group)) {
    const member = launchIn(world, group, { zone, move: 'warm', cause });
    if (member === undefined) continue;
    member.LifecycleState = 'Warmed:Pending';
    pool.Instances.push(member);
    continueWarming(world, { group, pool, member });
    return;
  }
}

/** Brings a `Warmed:Pending` member on its way: to its hooks, or into the state of the pool once it runs. */
export function continueWarming(world: World, place: Place): void {
  const { group, member } = place;
  const move = moveOf(world, group, member);
  if (hooksFor(world, group, transitionOf(move)).length === 0) {
    settleWarm(world, place);
    return;
  }
  world.assume(
    'auto-scaling: a launch hook starts 2 s after the launch request, while the instance may still be pending',
  );
  startTimer(world, `launch:${member.InstanceId}`, LAUNCH_TO_WAIT_MS, () => {
    if (member.LifecycleState !== 'Warmed:Pending') return;
    member.LifecycleState = 'Warmed:Pending:Wait';
    startHooks(world, group, member, move);
  });
}

/** Brings a member whose hooks are done into the state of the pool; where that takes time, the instance's next state asks again. */
export function settleWarm(world: World, { group, member }: Place): void {
  const isFree =
    member.LifecycleState === 'Warmed:Pending' &&
    hooksFor(world, group, transitionOf(moveOf(world, group, member))).length === 0;
  if (member.LifecycleState !== 'Warmed:Pending:Proceed' && !isFree) return;
  const state = instanceState(world, member.InstanceId);
  const runs = readyState(group) === 'Warmed:Running';
  if (runs && (state === 'stopping' || state === 'stopped'))
    throw new NotSimulatedError(`a warm pool of running instances whose ${member.InstanceId} somebody stopped`);
  if (state === 'running' && !runs) {
    world.assume(
      'auto-scaling: an instance is Warmed:Stopped or Warmed:Hibernated once EC2 shows it stopped; hibernating takes as long as stopping',
    );
    stopInstance(world, demandOne(world, 'Instances', member.InstanceId), { force: false, skipOsShutdown: false });
  }
  if (state !== (runs ? 'running' : 'stopped')) return;
  const activity = activityOf(world, group, member);
  if (activity !== undefined)
    closeActivity(world, group, activity, {
      move: moveOf(world, group, member),
      status: 'Successful',
      message: '',
      instanceId: member.InstanceId,
    });
  member.LifecycleState = readyState(group);
  const membership = membershipOf(world, group, member);
  delete membership.ActivityId;
  delete membership.Move;
  requestReconcile(world, group.AutoScalingGroupName);
}

/** Moves a member from the pool to the group and starts it if it is stopped; one that EC2 has no room for stays where it is. */
function takeOut(world: World, { group, pool, member }: Place): boolean {
  removeFrom(pool.Instances, member);
  group.Instances.push(member);
  member.LifecycleState = 'Pending';
  if (instanceState(world, member.InstanceId) === 'running') return true;
  try {
    startInstance(world, demandOne(world, 'Instances', member.InstanceId));
    return true;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    world.assume('auto-scaling: a warm instance that EC2 has no capacity for stays in the pool');
    removeFrom(group.Instances, member);
    pool.Instances.push(member);
    member.LifecycleState = readyState(group);
    return false;
  }
}

/** Takes a warm member into the group; false: none is ready, and an instance must be launched instead. */
export function drawMember(world: World, group: Group, cause: string): boolean {
  const pool = poolOf(world, group);
  const zones = zonesToTry(world, group);
  const ready = (pool?.Instances ?? [])
    .filter((each) => each.LifecycleState === readyState(group) && each.HealthStatus === 'Healthy')
    .toSorted((left, right) => zones.indexOf(left.AvailabilityZone) - zones.indexOf(right.AvailabilityZone));
  for (const member of ready) {
    if (pool === undefined || !takeOut(world, { group, pool, member })) continue;
    world.assume(
      'auto-scaling: any launch into the group, a replacement too, takes the oldest ready member of the warm pool in the zone it would launch in, else in the next',
    );
    openActivity(world, group, {
      move: 'draw',
      zone: member.AvailabilityZone,
      subnetId: subnetOf(world, member),
      cause,
      member,
    });
    continueLaunch(world, group, member);
    return true;
  }
  return false;
}

/** Whether a scale-in gives the group's members back to its warm pool. */
export function reuses(group: Group): boolean {
  return group.WarmPoolConfiguration?.InstanceReusePolicy?.ReuseOnScaleIn === true;
}

/** Gives a member back to the pool on scale-in: its terminate hooks wait there, then it is stopped and not terminated. */
export function returnMember(world: World, group: Group, member: Member, cause: string): void {
  const pool = poolOf(world, group);
  if (pool === undefined || member.LifecycleState !== 'InService' || member.HealthStatus !== 'Healthy') {
    throw new NotSimulatedError(
      `the return of a member that is ${member.LifecycleState} and ${member.HealthStatus} to the warm pool`,
    );
  }
  world.assume(
    'auto-scaling: an instance on its way back to the warm pool is listed there from the beginning, and its activity is one of terminating',
  );
  stopTimer(world, `impaired:${member.InstanceId}`);
  leaveTargets(world, group, member);
  removeFrom(group.Instances, member);
  const membership = membershipOf(world, group, member);
  delete membership.InServiceAt;
  delete membership.ImpairedSince;
  member.LifecycleState = 'Warmed:Pending';
  pool.Instances.push(member);
  openActivity(world, group, {
    move: 'return',
    zone: member.AvailabilityZone,
    subnetId: subnetOf(world, member),
    cause,
    member,
  });
  const place = { group, pool, member };
  if (hooksFor(world, group, TERMINATING).length === 0) {
    settleWarm(world, place);
    return;
  }
  member.LifecycleState = 'Warmed:Pending:Wait';
  startHooks(world, group, member, 'return');
}

/** Removes a warm member and its instance; the pool is refilled. */
function discard(world: World, { group, member }: Place, cause: string): void {
  world.assume(
    'auto-scaling: an instance that leaves its warm pool for good does so with an activity of terminating, whose origin is the pool',
  );
  stopTimer(world, `launch:${member.InstanceId}`);
  member.LifecycleState = 'Warmed:Terminating:Proceed';
  openActivity(world, group, {
    move: 'discard',
    zone: member.AvailabilityZone,
    subnetId: subnetOf(world, member),
    cause,
    member,
  });
  requestReconcile(world, group.AutoScalingGroupName);
  proceedDiscard(world, member);
}

/** Takes up a member that has begun to leave its pool for good: to its terminate hooks, or on to its end. */
export function endWarm(world: World, group: Group, member: Member): void {
  member.LifecycleState = 'Warmed:Terminating:Wait';
  if (startHooks(world, group, member, 'discard') > 0) return;
  member.LifecycleState = 'Warmed:Terminating:Proceed';
  proceedDiscard(world, member);
}

/** Terminates the instance of a member that is leaving the pool, or takes note that it is gone already. */
export function proceedDiscard(world: World, { InstanceId: instanceId }: Member): void {
  startTimer(world, `terminate:${instanceId}`, PROCEED_MS, () => {
    const state = instanceState(world, instanceId);
    const found = warmMemberOf(world, instanceId);
    if (state !== undefined && state !== 'terminated') terminateInstance(world, instanceId);
    else if (found !== undefined) finishDiscard(world, found);
  });
}

function finishDiscard(world: World, { group, pool, member }: Place): void {
  stopTimer(world, `terminate:${member.InstanceId}`);
  const activity = activityOf(world, group, member);
  removeFrom(pool.Instances, member);
  removeFrom(membershipsOf(world), membershipOf(world, group, member));
  if (activity !== undefined)
    closeActivity(world, group, activity, {
      move: 'discard',
      status: 'Successful',
      message: '',
      instanceId: member.InstanceId,
    });
  requestReconcile(world, group.AutoScalingGroupName);
}

function failWarming(world: World, place: Place, why: string): void {
  const { group, member } = place;
  const move = moveOf(world, group, member);
  if (move !== 'warm')
    throw new NotSimulatedError(`an instance whose return to the warm pool fails (${member.InstanceId}: ${why})`);
  world.assume('auto-scaling: an abandoned launch is terminated without terminate hooks');
  dropActions(world, member.InstanceId);
  const activity = activityOf(world, group, member);
  if (activity !== undefined)
    closeActivity(world, group, activity, { move, status: 'Cancelled', message: why, instanceId: member.InstanceId });
  discard(world, place, 'an instance was taken out of the warm pool because its launch did not complete');
}

/** What the last answer of a hook sets off for a member of a warm pool. */
export function onWarmAnswered(world: World, action: Action, result: 'CONTINUE' | 'ABANDON', why: string): void {
  const place = warmMemberOf(world, action.EC2InstanceId);
  if (place?.member.LifecycleState === 'Warmed:Terminating:Wait') {
    place.member.LifecycleState = 'Warmed:Terminating:Proceed';
    proceedDiscard(world, place.member);
  }
  if (place?.member.LifecycleState !== 'Warmed:Pending:Wait') return;
  if (result === 'ABANDON') {
    failWarming(
      world,
      place,
      `Instance failed to complete user's Lifecycle Action: Lifecycle Action with token ${action.LifecycleActionToken ?? ''} was abandoned: ${why}`,
    );
    return;
  }
  place.member.LifecycleState = 'Warmed:Pending:Proceed';
  startTimer(world, `launch:${place.member.InstanceId}`, PROCEED_MS, () => settleWarm(world, place));
}

/** An instance changed its state: a warm member follows. A stop while a hook waits shows only afterwards: until then health is not checked. */
export function onWarmInstanceState(world: World, { instanceId, state }: Signals['instance-state']): void {
  const place = warmMemberOf(world, instanceId);
  if (place === undefined) return;
  const { group, member } = place;
  const isGone = state === 'shutting-down' || state === 'terminated';
  if (member.LifecycleState.startsWith('Warmed:Terminating')) {
    if (state === 'terminated') finishDiscard(world, place);
  } else if (member.LifecycleState.startsWith('Warmed:Pending')) {
    if (isGone) failWarming(world, place, 'Instance was terminated before it reached the warm pool');
    else settleWarm(world, place);
  } else if (!isGone) {
    throw new NotSimulatedError(
      `a member of a warm pool that somebody starts or stops (${instanceId} is ${member.LifecycleState}, and ${state})`,
    );
  } else if (hooksFor(world, group, TERMINATING).length > 0) {
    throw new NotSimulatedError(
      `terminate hooks of a member that leaves its warm pool for good (${instanceId} is ${state})`,
    );
  } else {
    discard(
      world,
      place,
      'an instance was taken out of the warm pool in response to an EC2 health check that found it terminated',
    );
  }
}

/** The checks of a stopped instance say nothing; of a running one they count, but what follows is not modelled. */
export function onWarmStatusChanged(world: World, { instanceId }: Signals['status-changed']): void {
  const place = warmMemberOf(world, instanceId);
  if (place?.member.LifecycleState !== 'Warmed:Running' || !isImpaired(world, place.group, place.member)) return;
  throw new NotSimulatedError(`failing status checks of a running member of a warm pool (${instanceId})`);
}
