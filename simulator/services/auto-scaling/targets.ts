/**
 * Members as targets of the group's target groups: registered while they are in service, and unhealthy for the group where it asks.
 *
 * Sources: user guide, "Use Elastic Load Balancing to distribute incoming application traffic in your Auto Scaling group", "Health
 * checks for instances in an Auto Scaling group", "Suspend and resume Amazon EC2 Auto Scaling processes" (AddToLoadBalancer); that
 * a group waits until a target has drained: API reference, Activity, StatusCode (WaitingForELBConnectionDraining); that none launches
 * while it names a target group that is gone: user guide, "Troubleshoot load balancer issues", and
 * github.com/zalando-incubator/kube-ingress-aws-controller/issues/197.
 */

import type { World } from '../../engine/model.ts';
import { instanceState } from '../ec2/instances.ts';
import {
  deregisterMember,
  hasTargetGroup,
  isUnhealthyMember,
  registerMember,
} from '../elastic-load-balancing-v2/targets.ts';
import {
  type Group,
  type Member,
  isSuspended,
  isTimed,
  membershipOf,
  requestReconcile,
  startTimer,
  stopTimer,
} from './state.ts';

function arnsOf({ TargetGroupARNs: arns }: Group): readonly string[] {
  return arns ?? [];
}

/** Why a group can launch nobody; `undefined`: its target groups are there, or nobody has said which there are. */
export function launchFault(world: World, group: Group): string | undefined {
  if (world.isPasted || arnsOf(group).every((arn) => hasTargetGroup(world, arn))) return undefined;
  world.assume(
    'auto-scaling: a launch fails before it has an instance while its group names a target group that is gone',
  );
  return 'One or more Target Groups not found. Validating load balancer configuration failed.';
}

/** Registers a member that is in service now. */
export function joinTargets(world: World, group: Group, member: Member): void {
  if (arnsOf(group).length === 0 || isSuspended(group, 'AddToLoadBalancer')) return;
  world.assume('auto-scaling: a member is registered with its target groups when it is in service');
  registerMember(world, arnsOf(group), member.InstanceId);
}

/** Takes a member off its target groups; how many milliseconds what is to happen to it waits until it has drained. */
export function leaveTargets(world: World, group: Group, member: Member): number {
  if (arnsOf(group).length === 0) return 0;
  stopTimer(world, `targets:${member.InstanceId}`);
  const leftMs = deregisterMember(world, arnsOf(group), member.InstanceId);
  if (leftMs === 0 || instanceState(world, member.InstanceId) !== 'running') return 0;
  world.assume(
    'auto-scaling: a member drains from the beginning of its way out, beside its hooks; it is ended, in standby or detached once it has drained',
  );
  return leftMs;
}

/** Health check types, in AWS's own list. */
export function typesIn(types: string): readonly string[] {
  return types.split(',').map((type) => type.trim());
}

/** Whether target groups count for the group's health checks. */
function asksTargets({ HealthCheckType: types }: Group): boolean {
  return typesIn(types).includes('ELB');
}

/** Marks a member unhealthy; it will be replaced. */
export function markUnhealthy(world: World, group: Group, member: Member): void {
  if (member.HealthStatus === 'Unhealthy') return;
  member.HealthStatus = 'Unhealthy';
  requestReconcile(world, group.AutoScalingGroupName);
}

/** When the grace period of a member is over, in milliseconds since the epoch. */
export function graceEndsMs(world: World, group: Group, member: Member): number {
  const { InServiceAt: since } = membershipOf(world, group, member);
  return since === undefined ? 0 : Date.parse(since) + group.HealthCheckGracePeriod * 1_000;
}

/** Looks what the target groups say of a member in service: unhealthy there, and past its grace period, it is unhealthy. */
export function checkTargets(world: World, group: Group, member: Member): void {
  if (!asksTargets(group)) return;
  const timer = `targets:${member.InstanceId}`;
  const isBad = member.LifecycleState === 'InService' && isUnhealthyMember(world, arnsOf(group), member.InstanceId);
  if (!isBad) stopTimer(world, timer);
  else if (!isTimed(world, timer)) {
    world.assume(
      'auto-scaling: a member that a target group finds unhealthy is Unhealthy at once past its grace period',
    );
    const leftMs = graceEndsMs(world, group, member) - world.clock.now();
    startTimer(world, timer, Math.max(leftMs, 0), () => {
      if (!isSuspended(group, 'HealthCheck')) markUnhealthy(world, group, member);
    });
  }
}
