/** Auto Scaling's writing operations. */

import { activityOf, shownActivity } from './activities.ts';
import { activeAction, endAction, extendAction } from './hooks.ts';
import { checkHealth, checkStatus, proceedTermination, terminateMember } from './members.ts';
import { checkTargets, markUnhealthy } from './targets.ts';
import {
  type Group,
  type Member,
  groupNamed,
  isCounted,
  isUnmodelled,
  memberOf,
  membershipOf,
  requestReconcile,
  warmMemberOf,
} from './state.ts';
import { reuses } from './warm-pool.ts';
import { type Operation, type Shape, type World, NotSimulatedError, awsError } from '../../engine/model.ts';

export const API = 'https://docs.aws.amazon.com/autoscaling/ec2/APIReference';

const PROCESSES = [
  'Launch',
  'Terminate',
  'AddToLoadBalancer',
  'AlarmNotification',
  'AZRebalance',
  'HealthCheck',
  'InstanceRefresh',
  'ReplaceUnhealthy',
  'ScheduledActions',
];

export const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

/** The group of a request. @throws `ValidationError` */
export function theGroup(world: World, name: unknown): Group {
  const group = groupNamed(world, name);
  if (group === undefined)
    throw awsError('ValidationError', `AutoScalingGroup name not found - AutoScalingGroup '${String(name)}' not found`);
  return group;
}

function theMember(world: World, instanceId: unknown): { group: Group; member: Member } {
  const found = memberOf(world, instanceId);
  if (warmMemberOf(world, instanceId) !== undefined)
    throw new NotSimulatedError(
      `health and termination, by the API, of a member of a warm pool (${String(instanceId)})`,
    );
  if (found === undefined)
    throw awsError(
      'ValidationError',
      `Instance Id not found - No managed instance found for instance ID: ${String(instanceId)}`,
    );
  return found;
}

const reference = (input: Shape) => ({
  group: input['AutoScalingGroupName'],
  hook: input['LifecycleHookName'],
  token: input['LifecycleActionToken'],
  instanceId: input['InstanceId'],
});

function completeLifecycleAction(input: Shape, world: World): object {
  const result = input['LifecycleActionResult'];
  if (result !== 'CONTINUE' && result !== 'ABANDON')
    throw awsError('ValidationError', 'LifecycleActionResult must be CONTINUE or ABANDON.');
  endAction(world, activeAction(world, reference(input)), result, `Lifecycle Action Completed with ${result} Result`);
  return {};
}

function recordHeartbeat(input: Shape, world: World): object {
  extendAction(world, activeAction(world, reference(input)));
  return {};
}

/** Sets a member's health, as SetInstanceHealth does. @throws `ValidationError` */
export function setHealth(world: World, instanceId: unknown, health: unknown, respectsGrace: boolean): void {
  const { group, member } = theMember(world, instanceId);
  if (health !== 'Healthy' && health !== 'Unhealthy') {
    throw awsError(
      'ValidationError',
      `Valid instance health states are: [Healthy, Unhealthy]; '${String(health)}' is not one.`,
    );
  }
  if (health === 'Healthy') {
    member.HealthStatus = 'Healthy';
    checkStatus(world, group, member);
    checkTargets(world, group, member);
    return;
  }
  if (isUnmodelled(member)) throw new NotSimulatedError(`bad health of a member in state ${member.LifecycleState}`);
  const { InServiceAt: since } = membershipOf(world, group, member);
  const inGrace = since !== undefined && world.clock.now() < Date.parse(since) + group.HealthCheckGracePeriod * 1_000;
  if (inGrace && respectsGrace) {
    world.assume('auto-scaling: SetInstanceHealth within the grace period is accepted and has no effect');
    return;
  }
  markUnhealthy(world, group, member);
}

/** Sets the desired capacity, as SetDesiredCapacity does. @throws `ValidationError` outside of min and max */
export function setDesired(world: World, group: Group, desired: unknown): void {
  if (typeof desired !== 'number' || !Number.isInteger(desired) || desired < 0)
    throw awsError('ValidationError', 'DesiredCapacity must be a whole number of at least 0.');
  if (desired > group.MaxSize)
    throw awsError(
      'ValidationError',
      `New SetDesiredCapacity value ${desired} is above max value ${group.MaxSize} for the AutoScalingGroup.`,
    );
  if (desired < group.MinSize)
    throw awsError(
      'ValidationError',
      `New SetDesiredCapacity value ${desired} is below min value ${group.MinSize} for the AutoScalingGroup.`,
    );
  group.DesiredCapacity = desired;
  requestReconcile(world, group.AutoScalingGroupName);
}

function setDesiredCapacity(input: Shape, world: World): object {
  setDesired(world, theGroup(world, input['AutoScalingGroupName']), input['DesiredCapacity']);
  return {};
}

function terminateOne(world: World, instanceId: unknown, decrements: boolean): Shape {
  const { group, member } = theMember(world, instanceId);
  const size = group.DesiredCapacity;
  const shrinks = decrements && isCounted(member);
  if (shrinks) {
    if (reuses(group))
      throw new NotSimulatedError(
        `a termination by the API that shrinks a group which gives its members back to a warm pool (${member.InstanceId})`,
      );
    if (group.DesiredCapacity <= group.MinSize) {
      throw awsError(
        'ValidationError',
        `Currently, desiredSize equals minSize (${group.MinSize}). Terminating instance without replacement will violate group's min size constraint.`,
      );
    }
    group.DesiredCapacity -= 1;
  }
  if (member.LifecycleState === 'Terminating:Retained') proceedTermination(world, group, member);
  else if (isCounted(member))
    terminateMember(
      world,
      group,
      member,
      `instance ${member.InstanceId} was taken out of service in response to a user request${shrinks ? `, shrinking the capacity from ${size} to ${size - 1}` : ''}`,
    );
  else if (!member.LifecycleState.startsWith('Terminating'))
    throw new NotSimulatedError(`termination of a member in state ${member.LifecycleState}`);
  // A member on its way out already: AWS's answer is not documented; a caller can only want what is happening.
  else world.assume('auto-scaling: terminating a member that is terminating already answers with its activity');
  return shownActivity(activityOf(world, group, member));
}

function terminateInstances(input: Shape, world: World): object {
  const several = input['InstanceIds'];
  const decrements = input['ShouldDecrementDesiredCapacity'];
  if (typeof decrements !== 'boolean')
    throw awsError('ValidationError', 'ShouldDecrementDesiredCapacity must be given.');
  if (several === undefined) return { Activity: terminateOne(world, input['InstanceId'], decrements) };
  const group = theGroup(world, input['AutoScalingGroupName']);
  const ids = texts(several);
  const foreign = ids.find((id) => memberOf(world, id)?.group !== group);
  if (foreign !== undefined)
    throw awsError('ValidationError', `Instance Id not found - No managed instance found for instance ID: ${foreign}`);
  return { Activities: ids.map((id) => terminateOne(world, id, decrements)) };
}

function processesIn(input: Shape): string[] {
  const given = texts(input['ScalingProcesses']);
  const stranger = given.find((each) => !PROCESSES.includes(each));
  if (stranger !== undefined)
    throw awsError('ValidationError', `Supplied collection of process types contains an unknown one: ${stranger}.`);
  return given.length === 0 ? PROCESSES : given;
}

function suspendProcesses(input: Shape, world: World): object {
  const group = theGroup(world, input['AutoScalingGroupName']);
  const wanted = processesIn(input).filter(
    (name) => !group.SuspendedProcesses.some((each) => each.ProcessName === name),
  );
  group.SuspendedProcesses.push(
    ...wanted.map((ProcessName) => ({
      ProcessName,
      SuspensionReason: `User suspended at ${world.clock.iso().slice(0, 19)}Z`,
    })),
  );
  return {};
}

function resumeProcesses(input: Shape, world: World): object {
  const group = theGroup(world, input['AutoScalingGroupName']);
  const wanted = processesIn(input);
  group.SuspendedProcesses = group.SuspendedProcesses.filter((each) => !wanted.includes(each.ProcessName));
  for (const member of group.Instances) checkHealth(world, group, member);
  requestReconcile(world, group.AutoScalingGroupName);
  return {};
}

const write = (operation: string, run: Operation['run']): Operation => ({
  kind: 'write',
  grade: 'documented',
  source: `${API}/API_${operation}.html`,
  run,
});

export const autoScalingWrites: { readonly [operation: string]: Operation } = {
  CompleteLifecycleAction: write('CompleteLifecycleAction', completeLifecycleAction),
  RecordLifecycleActionHeartbeat: write('RecordLifecycleActionHeartbeat', recordHeartbeat),
  SetInstanceHealth: write('SetInstanceHealth', (input, world) => {
    setHealth(world, input['InstanceId'], input['HealthStatus'], input['ShouldRespectGracePeriod'] !== false);
    return {};
  }),
  TerminateInstanceInAutoScalingGroup: write('TerminateInstanceInAutoScalingGroup', terminateInstances),
  SuspendProcesses: write('SuspendProcesses', suspendProcesses),
  ResumeProcesses: write('ResumeProcesses', resumeProcesses),
  SetDesiredCapacity: write('SetDesiredCapacity', setDesiredCapacity),
};
