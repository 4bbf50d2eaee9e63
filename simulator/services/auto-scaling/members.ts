/** The life of a group's member: launch, hooks, in service, termination. */

import { activityOf, closeActivity, launches, moveOf, openActivity, zoneOf } from './activities.ts';
import { dropActions, hooksFor, startHooks } from './hooks.ts';
import type { Move } from './moves.ts';
import {
  type Action,
  type Group,
  type Member,
  AVOID_ZONE_MS,
  IMPAIRED_PATIENCE_MS,
  LAUNCHING,
  LAUNCH_TO_WAIT_MS,
  PROCEED_MS,
  isSuspended,
  isUnmodelled,
  memberOf,
  membershipOf,
  membershipsOf,
  removeFrom,
  requestReconcile,
  startTimer,
  stopTimer,
} from './state.ts';
import {
  checkTargets,
  graceEndsMs,
  joinTargets,
  launchFault,
  leaveTargets,
  markUnhealthy,
  typesIn,
} from './targets.ts';
import { instanceState, launchInstance, type LaunchRequest, statusOf, terminateInstance } from '../ec2/instances.ts';
import { list } from '../ec2/state.ts';
import { isRecord } from '../../engine/json.ts';
import { AwsError, NotSimulatedError, type Shape, type World } from '../../engine/model.ts';

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** EC2's record of a member. */
export const instanceRecord = (world: World, instanceId: string): Shape | undefined =>
  world.records('ec2', 'Instances').find((each) => each['InstanceId'] === instanceId);

/** Subnet of the group in a zone, where the world knows its subnets. */
function subnetIn(world: World, group: Group, zone: string): string | undefined {
  const mine = group.VPCZoneIdentifier.split(',').filter((each) => each !== '');
  const known = world
    .records('ec2', 'Subnets')
    .find((each) => each['AvailabilityZone'] === zone && mine.includes(String(each['SubnetId'])));
  if (known !== undefined) return text(known['SubnetId']);
  const neighbour = world
    .records('ec2', 'Instances')
    .find((each) => zoneOfInstance(each) === zone && mine.includes(String(each['SubnetId'])));
  return text(neighbour?.['SubnetId']);
}

/** Zone of an `ec2.Instances` record. */
export function zoneOfInstance(instance: Shape): string | undefined {
  const placement = instance['Placement'];
  return isRecord(placement) ? text(placement['AvailabilityZone']) : undefined;
}

/** Subnet of a member's instance. */
export function subnetOf(world: World, { InstanceId: instanceId }: Member): string | undefined {
  return text(instanceRecord(world, instanceId)?.['SubnetId']);
}

/** Zones in the order a launch tries them: not recently refused, fewest members (those that are leaving count too), the group's own order. */
export function zonesToTry(world: World, group: Group): string[] {
  const since = world.clock.now() - AVOID_ZONE_MS;
  const refused = new Set(
    launches(world, group)
      .filter((each) => each.StatusCode === 'Failed' && Date.parse(each.EndTime ?? each.StartTime) >= since)
      .map(zoneOf),
  );
  const load = (zone: string): number => group.Instances.filter((each) => each.AvailabilityZone === zone).length;
  const rank = (zone: string): number => (refused.has(zone) ? 1_000_000 : 0) + load(zone);
  return group.AvailabilityZones.toSorted((left, right) => rank(left) - rank(right));
}

/** Image, type, security groups and purchase of the group's instances, as far as its present and former members show them. */
function pattern(world: World, group: Group): Partial<LaunchRequest> {
  const ids = new Set(
    membershipsOf(world)
      .filter((each) => each.AutoScalingGroupName === group.AutoScalingGroupName)
      .map((each) => each.InstanceId),
  );
  const mine = world
    .records('ec2', 'Instances')
    .filter(
      (each) =>
        ids.has(String(each['InstanceId'])) ||
        (Array.isArray(each['Tags']) &&
          each['Tags'].some(
            (tag: Shape) => tag['Key'] === 'aws:autoscaling:groupName' && tag['Value'] === group.AutoScalingGroupName,
          )),
    );
  const model = mine.at(-1);
  const imageId = text(model?.['ImageId']);
  const instanceType = text(model?.['InstanceType']);
  const securityGroups = list(model, 'SecurityGroups');
  const isSpot = model?.['InstanceLifecycle'] === 'spot';
  if (isSpot)
    world.assume(
      'auto-scaling: a group whose newest instance is a Spot instance launches another, and Spot capacity is there',
    );
  return {
    ...(imageId === undefined ? {} : { imageId }),
    ...(instanceType === undefined ? {} : { instanceType }),
    ...(securityGroups.length === 0 ? {} : { securityGroups }),
    ...(isSpot ? { spot: true } : {}),
  };
}

/** Where a launch goes, and why. */
export interface LaunchOrder {
  readonly zone: string;
  readonly move: Move;
  readonly cause: string;
}

function refuseLaunch(world: World, group: Group, { zone, move, cause }: LaunchOrder, message: string): void {
  const refused = openActivity(world, group, { move, zone, subnetId: subnetIn(world, group, zone), cause });
  closeActivity(world, group, refused, { move, status: 'Failed', message, instanceId: '' });
}

/** Fails a launch, in whatever zone and from wherever, where the group can have none; an activity tells. */
export function failsBeforehand(world: World, group: Group, cause: string): boolean {
  const message = launchFault(world, group);
  const [zone = ''] = zonesToTry(world, group);
  if (message !== undefined) refuseLaunch(world, group, { zone, move: 'launch', cause }, message);
  return message !== undefined;
}

/** Launches an instance with its activity; it is for the caller to list it. `undefined`: EC2 refused, and the activity tells. */
export function launchIn(world: World, group: Group, { zone, move, cause }: LaunchOrder): Member | undefined {
  const subnetId = subnetIn(world, group, zone);
  const tags = group.Tags.filter((tag) => tag.PropagateAtLaunch).map(({ Key, Value }) => ({ Key, Value }));
  let instanceId: string;
  try {
    instanceId = launchInstance(world, {
      availabilityZone: zone,
      ...(subnetId === undefined ? {} : { subnetId }),
      ...pattern(world, group),
      tags: [...tags, { Key: 'aws:autoscaling:groupName', Value: group.AutoScalingGroupName }],
    });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    refuseLaunch(world, group, { zone, move, cause }, error.message);
    return undefined;
  }
  const type = text(instanceRecord(world, instanceId)?.['InstanceType']);
  const member: Member = {
    InstanceId: instanceId,
    ...(type === undefined ? {} : { InstanceType: type }),
    AvailabilityZone: zone,
    LifecycleState: 'Pending',
    HealthStatus: 'Healthy',
    ProtectedFromScaleIn: group.NewInstancesProtectedFromScaleIn ?? false,
    ...(group.LaunchTemplate === undefined ? {} : { LaunchTemplate: structuredClone(group.LaunchTemplate) }),
    ...(group.LaunchConfigurationName === undefined ? {} : { LaunchConfigurationName: group.LaunchConfigurationName }),
  };
  openActivity(world, group, { move, zone, subnetId, cause, member });
  return member;
}

/** Launches one member in the best zone that takes it. */
export function launchMember(world: World, group: Group, cause: string): 'launched' | 'refused' {
  world.assume('auto-scaling: a replacement is launched in the zone with the fewest members, leaving ones included');
  for (const zone of zonesToTry(world, group)) {
    const member = launchIn(world, group, { zone, move: 'launch', cause });
    if (member === undefined) continue;
    group.Instances.push(member);
    continueLaunch(world, group, member);
    return 'launched';
  }
  return 'refused';
}

/** Brings a `Pending` member on its way: to its hooks, or to service once it runs. */
export function continueLaunch(world: World, group: Group, member: Member): void {
  if (hooksFor(world, group, LAUNCHING).length === 0) {
    enterService(world, group, member);
    return;
  }
  world.assume(
    'auto-scaling: a launch hook starts 2 s after the launch request, while the instance may still be pending',
  );
  startTimer(world, `launch:${member.InstanceId}`, LAUNCH_TO_WAIT_MS, () => {
    if (member.LifecycleState !== 'Pending') return;
    member.LifecycleState = 'Pending:Wait';
    startHooks(world, group, member, moveOf(world, group, member));
  });
}

/** A member has come to the end of its way. */
function closeOwn(world: World, group: Group, member: Member): void {
  const membership = membershipOf(world, group, member);
  const activity = activityOf(world, group, member);
  if (activity !== undefined)
    closeActivity(world, group, activity, {
      move: moveOf(world, group, member),
      status: 'Successful',
      message: '',
      instanceId: member.InstanceId,
    });
  delete membership.ActivityId;
  delete membership.Move;
}

/** Puts a member in service if its hooks are done and its instance runs; else nothing, and the instance's next state asks again. */
export function enterService(world: World, group: Group, member: Member): void {
  const ready =
    member.LifecycleState === 'Pending:Proceed' ||
    (member.LifecycleState === 'Pending' && hooksFor(world, group, LAUNCHING).length === 0);
  if (!ready || instanceState(world, member.InstanceId) !== 'running') return;
  member.LifecycleState = 'InService';
  membershipOf(world, group, member).InServiceAt = world.clock.iso();
  closeOwn(world, group, member);
  joinTargets(world, group, member);
  checkStatus(world, group, member);
  checkTargets(world, group, member);
  requestReconcile(world, group.AutoScalingGroupName);
}

/** A launch that came to nothing: the instance goes, without terminate hooks, and is replaced. */
export function failLaunch(world: World, group: Group, member: Member, why: string): void {
  world.assume('auto-scaling: an abandoned launch is terminated without terminate hooks');
  dropActions(world, member.InstanceId);
  stopTimer(world, `launch:${member.InstanceId}`);
  const activity = activityOf(world, group, member);
  if (activity !== undefined)
    closeActivity(world, group, activity, {
      move: moveOf(world, group, member),
      status: 'Cancelled',
      message: why,
      instanceId: member.InstanceId,
    });
  openTermination(world, group, member, 'an instance was taken out of service because its launch did not complete');
  proceedTermination(world, group, member);
}

function openTermination(world: World, group: Group, member: Member, cause: string): void {
  member.LifecycleState = 'Terminating';
  openActivity(world, group, {
    move: 'terminate',
    zone: member.AvailabilityZone,
    subnetId: subnetOf(world, member),
    cause,
    member,
  });
  stopTimer(world, `impaired:${member.InstanceId}`);
  leaveTargets(world, group, member);
  requestReconcile(world, group.AutoScalingGroupName);
}

/** Begins to terminate a member: its hooks first, if it was in service. */
export function terminateMember(world: World, group: Group, member: Member, cause: string): void {
  if (world.isMentionedOnly(member.InstanceId))
    throw new NotSimulatedError(
      `the termination of ${member.InstanceId}, which the world file mentions and does not hold`,
    );
  if (member.LifecycleState.startsWith('Pending')) {
    failLaunch(world, group, member, 'Instance was terminated before its launch completed');
    return;
  }
  openTermination(world, group, member, cause);
  member.LifecycleState = 'Terminating:Wait';
  if (startHooks(world, group, member, 'terminate') === 0) proceedTermination(world, group, member);
}

/** Hooks are answered: terminates the instance once it has drained, or takes note that it is gone already. */
export function proceedTermination(world: World, group: Group, member: Member): void {
  member.LifecycleState = 'Terminating:Proceed';
  const waitMs = Math.max(PROCEED_MS, leaveTargets(world, group, member));
  startTimer(world, `terminate:${member.InstanceId}`, waitMs, () => {
    const state = instanceState(world, member.InstanceId);
    if (state !== undefined && state !== 'terminated') {
      // The group takes its members whatever their protection; the instance's state tells when it is done.
      terminateInstance(world, member.InstanceId);
      return;
    }
    finishTermination(world, group, member);
  });
}

/** The instance is gone: the member leaves the group. */
export function finishTermination(world: World, group: Group, member: Member): void {
  stopTimer(world, `terminate:${member.InstanceId}`);
  const activity = activityOf(world, group, member);
  removeFrom(group.Instances, member);
  removeFrom(membershipsOf(world), membershipOf(world, group, member));
  if (activity !== undefined)
    closeActivity(world, group, activity, {
      move: 'terminate',
      status: 'Successful',
      message: '',
      instanceId: member.InstanceId,
    });
  requestReconcile(world, group.AutoScalingGroupName);
}

/** Ends what EnterStandby or DetachInstances began: a member in standby stays one, a detached instance runs on without its group. */
export function stepAside(world: World, group: Group, member: Member): void {
  world.assume('auto-scaling: a member that enters standby or is detached is there after 1 s');
  stopTimer(world, `impaired:${member.InstanceId}`);
  const waitMs = Math.max(PROCEED_MS, leaveTargets(world, group, member));
  startTimer(world, `aside:${member.InstanceId}`, waitMs, () => {
    closeOwn(world, group, member);
    if (member.LifecycleState === 'EnteringStandby') member.LifecycleState = 'Standby';
    if (member.LifecycleState !== 'Detaching') return;
    removeFrom(group.Instances, member);
    removeFrom(membershipsOf(world), membershipOf(world, group, member));
  });
}

/** Ends what ExitStandby began: the member is in service once more. */
export function stepBack(world: World, group: Group, member: Member): void {
  world.assume('auto-scaling: a member leaves standby within 1 s, without launch hooks');
  startTimer(world, `aside:${member.InstanceId}`, PROCEED_MS, () => {
    member.LifecycleState = 'Pending:Proceed';
    enterService(world, group, member);
  });
}

/** Whether the status checks that count for the group fail. */
export function isImpaired(world: World, group: Group, member: Member): boolean {
  const checks = statusOf(world, member.InstanceId);
  // Attached EBS counts only where the group asks for it. Source: AutoScalingGroup, HealthCheckType.
  const ebs = typesIn(group.HealthCheckType).includes('EBS') && checks.attachedEbs === 'impaired';
  return checks.system === 'impaired' || checks.instance === 'impaired' || ebs;
}

/** Looks at the status checks of a member in service: impaired long enough, and past its grace period, it is unhealthy. */
export function checkStatus(world: World, group: Group, member: Member): void {
  if (member.LifecycleState !== 'InService') return;
  const membership = membershipOf(world, group, member);
  const timer = `impaired:${member.InstanceId}`;
  if (!isImpaired(world, group, member)) {
    delete membership.ImpairedSince;
    stopTimer(world, timer);
    return;
  }
  membership.ImpairedSince ??= world.clock.iso();
  const dueMs = Math.max(
    Date.parse(membership.ImpairedSince) + IMPAIRED_PATIENCE_MS,
    graceEndsMs(world, group, member),
  );
  world.assume('auto-scaling: an impaired member counts as unhealthy after 3 minutes');
  startTimer(world, timer, dueMs - world.clock.now(), () => {
    if (!isSuspended(group, 'HealthCheck')) markUnhealthy(world, group, member);
  });
}

/** Looks at a member in service as if anew: when the world begins, and when health checks are resumed. */
export function checkHealth(world: World, group: Group, member: Member): void {
  if (member.LifecycleState !== 'InService' || isSuspended(group, 'HealthCheck')) return;
  if (world.isMentionedOnly(member.InstanceId)) return;
  const state = instanceState(world, member.InstanceId) ?? 'terminated';
  if (state !== 'running' && state !== 'pending') {
    markUnhealthy(world, group, member);
    return;
  }
  checkStatus(world, group, member);
  checkTargets(world, group, member);
}

/** What the last answer of a hook sets off. */
export function onAnswered(world: World, action: Action, result: 'CONTINUE' | 'ABANDON', why: string): void {
  const found = memberOf(world, action.EC2InstanceId);
  if (found === undefined) return;
  const { group, member } = found;
  if (member.LifecycleState === 'Pending:Wait') {
    if (result === 'ABANDON') {
      failLaunch(
        world,
        group,
        member,
        `Instance failed to complete user's Lifecycle Action: Lifecycle Action with token ${action.LifecycleActionToken ?? ''} was abandoned: ${why}`,
      );
      return;
    }
    member.LifecycleState = 'Pending:Proceed';
    startTimer(world, `launch:${member.InstanceId}`, PROCEED_MS, () => enterService(world, group, member));
    return;
  }
  if (isUnmodelled(member))
    throw new NotSimulatedError(`the answer to a hook of a member in state ${member.LifecycleState}`);
  if (member.LifecycleState !== 'Terminating:Wait') return;
  const retained =
    result === 'ABANDON' && group.InstanceLifecyclePolicy?.RetentionTriggers?.TerminateHookAbandon === 'retain';
  if (retained) member.LifecycleState = 'Terminating:Retained';
  else proceedTermination(world, group, member);
}
