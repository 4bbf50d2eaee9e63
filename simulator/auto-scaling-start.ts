/** Completes the Auto Scaling part of a world file and takes up what it shows half done. */

import { BadInputError } from '../shared/errors.ts';
import { openActivity } from './auto-scaling-activities.ts';
import { hooksFor, openAction, watchAction } from './auto-scaling-hooks.ts';
import { checkHealth, continueLaunch, enterService, onAnswered, proceedTermination, terminateMember, zoneOfInstance } from './auto-scaling-members.ts';
import { needsLook, onInstanceState, onStatusChanged, reconcile } from './auto-scaling-reconcile.ts';
import {
  type Action,
  type Activity,
  type Group,
  type Hook,
  type Member,
  GLOBAL_HEARTBEATS,
  GLOBAL_MAX_SECONDS,
  HEARTBEAT_DEFAULT_SECONDS,
  LAUNCHING,
  SERVICE,
  TERMINATING,
  actionsOf,
  activitiesOf,
  groupNamed,
  groupsOf,
  hooksOf,
  membershipOf,
  requestReconcile,
  setHandlers,
} from './auto-scaling-state.ts';
import { instanceState } from './ec2-instances.ts';
import { isRecord } from './json.ts';
import type { Shape, World } from './model.ts';
import { uuid } from './uuid.ts';

const AT = `${SERVICE}.AutoScalingGroups`;

type Given<T> = { -readonly [K in keyof T]?: T[K] | undefined };
type GivenGroup = Given<Omit<Group, 'Instances'>> & { Instances?: Given<Member>[] };

const given = <T>(values: readonly (T | undefined)[]): T[] => [...new Set(values.filter((each) => each !== undefined))];

function instanceOf(world: World, instanceId: string, path: string): Shape {
  const found = world.records('ec2', 'Instances').find((each) => each['InstanceId'] === instanceId);
  if (found === undefined) throw new BadInputError(path, `${instanceId} is not in ec2.Instances: add the instance there, or take the member out`);
  return found;
}

function completeMember(group: GivenGroup, member: Given<Member>, instance: Shape): void {
  const type = instance['InstanceType'];
  if (typeof type === 'string') member.InstanceType ??= type;
  member.AvailabilityZone ??= zoneOfInstance(instance) ?? '';
  member.LifecycleState ??= 'InService';
  // DescribeAutoScalingInstances prints HEALTHY, DescribeAutoScalingGroups Healthy.
  member.HealthStatus = (member.HealthStatus ?? 'Healthy').toLowerCase() === 'unhealthy' ? 'Unhealthy' : 'Healthy';
  member.ProtectedFromScaleIn ??= group.NewInstancesProtectedFromScaleIn ?? false;
  if (group.LaunchTemplate !== undefined) member.LaunchTemplate ??= structuredClone(group.LaunchTemplate);
}

/** A member's instance has the group's tags; one that lacks even the group's name was written by hand, and gets them all. */
function tagInstance(group: Group, instance: Shape): void {
  const present: unknown = instance['Tags'] ?? [];
  const tags: Shape[] = Array.isArray(present) ? present.filter(isRecord) : [];
  instance['Tags'] = tags;
  if (tags.some((tag) => tag['Key'] === 'aws:autoscaling:groupName')) return;
  for (const { Key, Value, PropagateAtLaunch } of group.Tags) {
    if (PropagateAtLaunch && !tags.some((tag) => tag['Key'] === Key)) tags.push({ Key, Value });
  }
  tags.push({ Key: 'aws:autoscaling:groupName', Value: group.AutoScalingGroupName });
}

function zonesOf(world: World, group: GivenGroup, members: readonly Given<Member>[], subnets: readonly string[]): string[] {
  const ofSubnets = world.records('ec2', 'Subnets').filter((each) => subnets.includes(String(each['SubnetId']))).map((each) => String(each['AvailabilityZone']));
  return given([...(group.AvailabilityZones ?? []), ...(group.AvailabilityZones === undefined ? ofSubnets : []), ...members.map((each) => each.AvailabilityZone)]);
}

function completeSizes(group: GivenGroup, members: readonly Given<Member>[], path: string): void {
  const staying = members.filter((each) => !(each.LifecycleState ?? '').startsWith('Terminating')).length;
  // A group that is shown with nothing but leaving members is one in the middle of a replacement.
  const size = Math.max(staying, Math.min(members.length, 1));
  group.DesiredCapacity ??= Math.min(Math.max(size, group.MinSize ?? 0), group.MaxSize ?? Number.MAX_SAFE_INTEGER);
  group.MinSize ??= group.DesiredCapacity;
  group.MaxSize ??= Math.max(group.DesiredCapacity, group.MinSize);
  if (group.MinSize > group.DesiredCapacity || group.DesiredCapacity > group.MaxSize) {
    throw new BadInputError(`${path}.DesiredCapacity`, `${group.DesiredCapacity} is not between MinSize ${group.MinSize} and MaxSize ${group.MaxSize}`);
  }
}

/** Members of a group that names none: every instance carries the name of its group as a tag. */
function taggedMembers(world: World, groupName: string): Given<Member>[] {
  const isOurs = (tag: unknown): boolean => isRecord(tag) && tag['Key'] === 'aws:autoscaling:groupName' && tag['Value'] === groupName;
  return world
    .records('ec2', 'Instances')
    .filter((each) => Array.isArray(each['Tags']) && each['Tags'].some(isOurs))
    .map((each) => String(each['InstanceId']))
    .filter((id) => instanceState(world, id) !== 'terminated')
    .map((InstanceId) => ({ InstanceId }));
}

function completeGroup(world: World, group: GivenGroup & Shape, index: number): void {
  const path = `${AT}[${index}]`;
  const name = group.AutoScalingGroupName ?? '';
  const members = (group.Instances ??= taggedMembers(world, name));
  const instances = members.map((member, at) => instanceOf(world, member.InstanceId ?? '', `${path}.Instances[${at}].InstanceId`));
  members.forEach((member, at) => completeMember(group, member, instances[at] ?? {}));
  completeSizes(group, members, path);
  group.AutoScalingGroupARN ??= `arn:aws:autoscaling:${world.region}:${world.account}:autoScalingGroup:${uuid(world)}:autoScalingGroupName/${name}`;
  const subnets = (group.VPCZoneIdentifier ?? '').split(',').filter((each) => each !== '');
  group.VPCZoneIdentifier ??= given(instances.map((each) => (typeof each['SubnetId'] === 'string' ? each['SubnetId'] : undefined))).join(',');
  group.AvailabilityZones = zonesOf(world, group, members, subnets);
  if (group.AvailabilityZones.length === 0 && (group.DesiredCapacity ?? 0) > 0) {
    throw new BadInputError(`${path}.AvailabilityZones`, 'no zone is named and there is no member to take one from: name the zones');
  }
  group.HealthCheckType ??= 'EC2';
  group.HealthCheckGracePeriod ??= 0;
  group.SuspendedProcesses ??= [];
  group.Tags = (group.Tags ?? []).map((tag) => ({ ...defaultTag(name), ...tag }));
  Object.assign(group, { DefaultCooldown: 300, CreatedTime: world.clock.iso(), EnabledMetrics: [], TerminationPolicies: ['Default'], LoadBalancerNames: [], TargetGroupARNs: [], ...group });
}

const defaultTag = (name: string) => ({ Key: '', Value: '', ResourceId: name, ResourceType: 'auto-scaling-group', PropagateAtLaunch: true });

function completeHook(world: World, hook: Given<Hook>, index: number): void {
  if (groupNamed(world, hook.AutoScalingGroupName) === undefined) {
    throw new BadInputError(`${SERVICE}.LifecycleHooks[${index}].AutoScalingGroupName`, `there is no Auto Scaling group ${String(hook.AutoScalingGroupName)}`);
  }
  hook.HeartbeatTimeout ??= HEARTBEAT_DEFAULT_SECONDS;
  hook.GlobalTimeout ??= Math.min(GLOBAL_MAX_SECONDS, GLOBAL_HEARTBEATS * hook.HeartbeatTimeout);
  hook.DefaultResult ??= 'ABANDON';
}

function completeAction(world: World, action: Given<Action>, index: number): void {
  const hook = hooksOf(world).find((each) => each.LifecycleHookName === action.LifecycleHookName && each.AutoScalingGroupName === action.AutoScalingGroupName);
  if (hook === undefined) throw new BadInputError(`${SERVICE}.LifecycleActions[${index}].LifecycleHookName`, `there is no such hook on ${String(action.AutoScalingGroupName)}`);
  Object.assign(action, { ...openAction(world, hook, action.EC2InstanceId ?? ''), ...action });
}

/** Hooks that the world file shows waiting without saying more: all of the transition's, from now on. */
function deriveActions(world: World, group: Group, member: Member, path: string): void {
  const transition = member.LifecycleState === 'Pending:Wait' ? LAUNCHING : TERMINATING;
  if (actionsOf(world).some((each) => each.EC2InstanceId === member.InstanceId)) return;
  const hooks = hooksFor(world, group, transition);
  if (hooks.length === 0) throw new BadInputError(`${path}.LifecycleState`, `${member.LifecycleState} needs a hook of ${transition} in ${SERVICE}.LifecycleHooks`);
  for (const hook of hooks) actionsOf(world).push(openAction(world, hook, member.InstanceId));
}

function takeUp(world: World, group: Group, member: Member): void {
  const kind = member.LifecycleState.startsWith('Pending') ? 'Launch' : member.LifecycleState.startsWith('Terminating') ? 'Terminate' : undefined;
  const shown = activitiesOf(world).find(({ AutoScalingGroupName: name, StatusCode: status, Description: description }) => name === group.AutoScalingGroupName && status === 'InProgress' && description.endsWith(` ${member.InstanceId}`));
  if (kind !== undefined && shown !== undefined) membershipOf(world, group, member).ActivityId = shown.ActivityId;
  else if (kind !== undefined) openActivity(world, group, { kind, zone: member.AvailabilityZone, subnetId: undefined, cause: 'the activity was under way when the world began', member });
  switch (member.LifecycleState) {
    case 'Pending':
      return continueLaunch(world, group, member);
    case 'Pending:Proceed':
      return enterService(world, group, member);
    case 'Terminating':
      return terminateMember(world, group, member, 'the termination was under way when the world began');
    case 'Terminating:Proceed':
      return proceedTermination(world, group, member);
    default:
      return checkHealth(world, group, member);
  }
}

/** Completes the state, listens to the instances, and starts what is due. */
export function startAutoScaling(world: World): void {
  setHandlers(world, { reconcile, answered: onAnswered });
  world.records(SERVICE, 'AutoScalingGroups').forEach((record, index) => completeGroup(world, record, index));
  world.records(SERVICE, 'LifecycleHooks').forEach((record, index) => completeHook(world, record, index));
  world.records(SERVICE, 'LifecycleActions').forEach((record, index) => completeAction(world, record, index));
  for (const activity of world.records(SERVICE, 'Activities')) Object.assign(activity, { ...EMPTY_ACTIVITY, ...activity });
  for (const group of groupsOf(world)) {
    for (const member of group.Instances) tagInstance(group, instanceOf(world, member.InstanceId, AT));
  }
  groupsOf(world).forEach((group, at) => {
    group.Instances.forEach((member, index) => {
      if (member.LifecycleState.endsWith(':Wait')) deriveActions(world, group, member, `${AT}[${at}].Instances[${index}]`);
    });
  });
  for (const action of actionsOf(world)) watchAction(world, action);
  world.on('instance-state', (payload) => onInstanceState(world, payload));
  world.on('status-changed', (payload) => onStatusChanged(world, payload));
  for (const group of groupsOf(world)) {
    for (const member of group.Instances.slice()) takeUp(world, group, member);
    if (needsLook(group)) requestReconcile(world, group.AutoScalingGroupName);
  }
}

const EMPTY_ACTIVITY: Pick<Activity, 'AutoScalingGroupARN' | 'Description' | 'Cause' | 'Progress' | 'Details'> = {
  AutoScalingGroupARN: '',
  Description: '',
  Cause: '',
  Progress: 0,
  Details: '{}',
};
