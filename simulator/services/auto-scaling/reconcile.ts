/** Keeps a group at its desired capacity and its members healthy. */

import { isOfPool, launches } from './activities.ts';
import {
  checkStatus,
  enterService,
  failLaunch,
  failsBeforehand,
  finishTermination,
  launchMember,
  terminateMember,
} from './members.ts';
import {
  type Group,
  type Member,
  LAUNCH_BACKOFF_MAX_MS,
  LAUNCH_BACKOFF_MS,
  LAUNCH_FAILURES_SHOWN,
  countOf,
  groupNamed,
  handlersOf,
  isCounted,
  isSuspended,
  isTimed,
  isUnmodelled,
  memberOf,
  startTimer,
  warmPoolName,
} from './state.ts';
import { checkTargets, markUnhealthy } from './targets.ts';
import { drawMember, launchWarm, missingWarm, poolOf, returnMember, reuses } from './warm-pool.ts';
import { NotSimulatedError, type Signals, type World } from '../../engine/model.ts';

/** The replacement comes first where the maintenance policy allows nothing below full health. */
function launchesFirst(group: Group): boolean {
  return (group.InstanceMaintenancePolicy?.MinHealthyPercentage ?? 0) >= 100;
}

/** To be replaced. Of a member whose instance was not pasted nothing is known but that it is one. */
function isSick(world: World, member: Member): boolean {
  return (
    member.LifecycleState === 'InService' &&
    member.HealthStatus === 'Unhealthy' &&
    !world.isMentionedOnly(member.InstanceId)
  );
}

// Replacing is a launch and a termination, so it rests when either does.
function mayReplace(group: Group): boolean {
  return !['ReplaceUnhealthy', 'Terminate', 'Launch'].some((process) => isSuspended(group, process));
}

function terminateUnhealthy(world: World, group: Group): void {
  if (!mayReplace(group)) return;
  for (const member of group.Instances.filter((each) => isSick(world, each))) {
    const healthy = group.Instances.filter(
      (each) => each.LifecycleState === 'InService' && each.HealthStatus === 'Healthy',
    ).length;
    if (launchesFirst(group) && healthy < group.DesiredCapacity) return;
    terminateMember(
      world,
      group,
      member,
      'an instance was taken out of service in response to a health check that found it unhealthy',
    );
  }
}

/** Launches into the group and into its warm pool pause each for their own failures. */
type Aim = 'group' | 'pool';

/** Moments of the failed launches since the last good one, oldest first; several zones tried at one moment count once. */
function failuresInARow(world: World, group: Group, aim: Aim): number[] {
  const ended = launches(world, group).filter(
    (each) => each.StatusCode !== 'InProgress' && isOfPool(each) === (aim === 'pool'),
  );
  const since = ended.slice(ended.findLastIndex((each) => each.StatusCode === 'Successful') + 1);
  return [...new Set(since.map((each) => Date.parse(each.EndTime ?? each.StartTime)))];
}

/** Waits out the pause after failed launches; false when there is none (any more). */
function pausesLaunches(world: World, group: Group, aim: Aim): boolean {
  const failures = failuresInARow(world, group, aim);
  const last = failures.at(-1);
  if (last === undefined) return false;
  const pauseMs = Math.min(LAUNCH_BACKOFF_MS * 2 ** (failures.length - 1), LAUNCH_BACKOFF_MAX_MS);
  const leftMs = last + pauseMs - world.clock.now();
  if (leftMs <= 0) return false;
  world.assume('auto-scaling: after a failed launch the next waits 10 s, doubling up to 15 minutes');
  const key = `backoff:${aim}:${group.AutoScalingGroupName}`;
  if (!isTimed(world, key)) {
    const again = (): void => handlersOf(world).reconcile(world, group.AutoScalingGroupName);
    if (failures.length < LAUNCH_FAILURES_SHOWN) startTimer(world, key, leftMs, again);
    else startTimer(world, key, leftMs, again, { background: true });
  }
  return true;
}

function missingMembers(world: World, group: Group): number {
  const counted = countOf(group);
  if (!launchesFirst(group) || !mayReplace(group)) return group.DesiredCapacity - counted;
  const sick = group.Instances.filter((each) => isSick(world, each)).length;
  // At least one more than desired, or a policy of 100 to 100 % could never replace anything.
  const ceiling = Math.max(
    Math.ceil((group.DesiredCapacity * (group.InstanceMaintenancePolicy?.MaxHealthyPercentage ?? 100)) / 100),
    group.DesiredCapacity + 1,
  );
  return Math.min(group.DesiredCapacity - (counted - sick), ceiling - counted);
}

function launchMissing(world: World, group: Group): void {
  if (isSuspended(group, 'Launch')) return;
  const missing = missingMembers(world, group);
  for (let count = 0; count < missing; count += 1) {
    if (pausesLaunches(world, group, 'group')) return;
    const counted = group.Instances.filter(isCounted).length;
    const cause = `an instance was started in response to a difference between desired and actual capacity, increasing the capacity from ${counted} to ${counted + 1}`;
    if (world.isMentionedOnly(warmPoolName(group.AutoScalingGroupName)))
      throw new NotSimulatedError(`a launch beside ${warmPoolName(group.AutoScalingGroupName)}, which was not pasted`);
    if (failsBeforehand(world, group, cause)) continue;
    if (!drawMember(world, group, cause)) launchMember(world, group, cause);
  }
  if (missingMembers(world, group) > 0) pausesLaunches(world, group, 'group');
}

function fillPool(world: World, group: Group): void {
  const pool = poolOf(world, group);
  const missing = missingWarm(world, group);
  if (missing < 0)
    throw new NotSimulatedError(
      `a warm pool that holds more than it should (${group.AutoScalingGroupName}: ${-missing} too many)`,
    );
  // The process covers the pool, too. Source: user guide, "Suspend and resume Amazon EC2 Auto Scaling processes".
  if (pool === undefined || isSuspended(group, 'Launch')) return;
  for (let count = 0; count < missing; count += 1) {
    if (pausesLaunches(world, group, 'pool')) return;
    launchWarm(world, group, pool);
  }
  if (missingWarm(world, group) > 0) pausesLaunches(world, group, 'pool');
}

/** The next member to go on a scale-in: of the fullest zone, the oldest. */
function surplusMember(world: World, group: Group): Member | undefined {
  const free = group.Instances.filter(
    (each) => isCounted(each) && !each.ProtectedFromScaleIn && !world.isMentionedOnly(each.InstanceId),
  );
  const load = (zone: string): number =>
    group.Instances.filter((each) => isCounted(each) && each.AvailabilityZone === zone).length;
  const fullest = Math.max(...free.map((each) => load(each.AvailabilityZone)), 0);
  return free.find((each) => load(each.AvailabilityZone) === fullest);
}

function terminateSurplus(world: World, group: Group): void {
  if (isSuspended(group, 'Terminate')) return;
  for (;;) {
    const counted = group.Instances.filter(
      (each) => isCounted(each) && !(launchesFirst(group) && isSick(world, each)),
    ).length;
    const member = counted > group.DesiredCapacity ? surplusMember(world, group) : undefined;
    if (member === undefined) return;
    world.assume('auto-scaling: a scale-in takes the oldest member of the fullest zone');
    const cause = `an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from ${counted} to ${counted - 1}`;
    if (reuses(group)) returnMember(world, group, member, cause);
    else terminateMember(world, group, member, cause);
  }
}

/** Whether a look at the group would do something. */
export function needsLook(world: World, group: Group): boolean {
  return (
    group.Instances.some((each) => isSick(world, each)) ||
    countOf(group) !== group.DesiredCapacity ||
    missingWarm(world, group) !== 0
  );
}

/** One look at a group: replaces the unhealthy, launches what is missing, terminates what is too much, fills the warm pool. */
export function reconcile(world: World, groupName: string): void {
  const group = groupNamed(world, groupName);
  if (group === undefined) return;
  terminateUnhealthy(world, group);
  launchMissing(world, group);
  terminateSurplus(world, group);
  fillPool(world, group);
}

const GONE = new Set(['stopping', 'stopped', 'shutting-down', 'terminated']);

/** An instance changed its state: a member follows. */
export function onInstanceState(world: World, { instanceId, state }: Signals['instance-state']): void {
  const found = memberOf(world, instanceId);
  if (found === undefined) return;
  const { group, member } = found;
  if (member.LifecycleState.startsWith('Pending')) {
    if (state === 'running') enterService(world, group, member);
    else if (GONE.has(state))
      failLaunch(world, group, member, 'Instance became unhealthy while waiting for instance to be in InService state');
    return;
  }
  if (member.LifecycleState === 'InService') {
    // Not subject to the grace period, which is for checks that a starting instance cannot pass yet.
    if (GONE.has(state) && !isSuspended(group, 'HealthCheck')) markUnhealthy(world, group, member);
    return;
  }
  if (isUnmodelled(member) && GONE.has(state))
    throw new NotSimulatedError(
      `what a group does with a member that is ${member.LifecycleState} (${instanceId} is ${state})`,
    );
  // While hooks wait, a member stays even if somebody else has terminated its instance: the hooks still want their answer.
  if (member.LifecycleState === 'Terminating:Proceed' && state === 'terminated')
    finishTermination(world, group, member);
}

/** The status checks of an instance changed. */
export function onStatusChanged(world: World, { instanceId }: Signals['status-changed']): void {
  const found = memberOf(world, instanceId);
  if (found !== undefined) checkStatus(world, found.group, found.member);
}

/** A target is in another state. */
export function onTargetHealth(world: World, { instanceId }: Signals['target-health']): void {
  const found = memberOf(world, instanceId);
  if (found !== undefined) checkTargets(world, found.group, found.member);
}

/**
 * EC2 has given notice that it takes a Spot instance back: a group that rebalances its capacity replaces it at once, any other
 * when it finds it gone. Source: user guide, "Use Capacity Rebalancing to handle Amazon EC2 Spot interruptions".
 */
export function onSpotNotice(world: World, { instanceId }: Signals['spot-notice']): void {
  const found = memberOf(world, instanceId);
  if (found?.group.CapacityRebalance !== true || found.member.LifecycleState !== 'InService') return;
  terminateMember(
    world,
    found.group,
    found.member,
    'an instance was taken out of service in response to an EC2 instance interruption notice',
  );
}
