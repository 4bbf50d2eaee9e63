/** Completes the groups, hooks, actions and activities of a world file: what is left out follows from members and defaults. */

import { BadInputError } from '../../../shared/kernel/errors.ts';
import { isRecord } from '../../engine/json.ts';
import type { Shape, World } from '../../engine/model.ts';
import { uuid } from '../../engine/uuid.ts';
import { instanceState } from '../ec2/instances.ts';
import { hooksFor, openAction } from './hooks.ts';
import { instanceRecord, zoneOfInstance } from './members.ts';
import {
  type Action,
  type Activity,
  type Group,
  type Hook,
  type Member,
  type Transition,
  type WarmPoolConfiguration,
  GLOBAL_HEARTBEATS,
  GLOBAL_MAX_SECONDS,
  HEARTBEAT_DEFAULT_SECONDS,
  LAUNCHING,
  SERVICE,
  TERMINATING,
  actionsOf,
  groupNamed,
  groupsOf,
  hooksOf,
  poolsOf,
} from './state.ts';

/** Where the groups stand in a world file. */
export const AT: string = `${SERVICE}.AutoScalingGroups`;

/** A record as a world file gives it: whatever is left out follows. */
export type Given<T> = { -readonly [K in keyof T]?: T[K] | undefined };
/** A group as a world file gives it. */
export type GivenGroup = Given<Omit<Group, 'Instances' | 'WarmPoolConfiguration'>> & {
  Instances?: Given<Member>[];
  WarmPoolConfiguration?: Given<WarmPoolConfiguration> | undefined;
};

const given = <T>(values: readonly (T | undefined)[]): T[] => [...new Set(values.filter((each) => each !== undefined))];

const defaultTag = (name: string) => ({
  Key: '',
  Value: '',
  ResourceId: name,
  ResourceType: 'auto-scaling-group',
  PropagateAtLaunch: true,
});

const EMPTY_ACTIVITY: Pick<Activity, 'AutoScalingGroupARN' | 'Description' | 'Cause' | 'Progress' | 'Details'> = {
  AutoScalingGroupARN: '',
  Description: '',
  Cause: '',
  Progress: 0,
  Details: '{}',
};

/** The instance that a member is, at `path`; `undefined`: EC2's part of a pasted file has none. */
export function instanceOf(world: World, instanceId: string, path: string): Shape | undefined {
  const found = world.records('ec2', 'Instances').find((each) => each['InstanceId'] === instanceId);
  const message = `${instanceId} is not in ec2.Instances: add the instance there, or take the member out`;
  if (found === undefined) world.gap({ path, id: instanceId, message });
  return found;
}

/** Completes a member from its instance and its group. */
export function completeMember(group: GivenGroup, member: Given<Member>, instance: Shape = {}): void {
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
export function tagInstance(group: Group, instance: Shape | undefined): void {
  if (instance === undefined) return;
  const present: unknown = instance['Tags'] ?? [];
  const tags: Shape[] = Array.isArray(present) ? present.filter(isRecord) : [];
  instance['Tags'] = tags;
  if (tags.some((tag) => tag['Key'] === 'aws:autoscaling:groupName')) return;
  for (const { Key, Value, PropagateAtLaunch } of group.Tags) {
    if (PropagateAtLaunch && !tags.some((tag) => tag['Key'] === Key)) tags.push({ Key, Value });
  }
  tags.push({ Key: 'aws:autoscaling:groupName', Value: group.AutoScalingGroupName });
}

function zonesOf(
  world: World,
  group: GivenGroup,
  members: readonly Given<Member>[],
  subnets: readonly string[],
): string[] {
  const ofSubnets = world
    .records('ec2', 'Subnets')
    .filter((each) => subnets.includes(String(each['SubnetId'])))
    .map((each) => String(each['AvailabilityZone']));
  return given([
    ...(group.AvailabilityZones ?? []),
    ...(group.AvailabilityZones === undefined ? ofSubnets : []),
    ...members.map((each) => each.AvailabilityZone),
  ]);
}

/** States that no group wants its members in. */
const IS_GOING = /^(?:Terminat|Detach)/u;

function completeSizes(group: GivenGroup, members: readonly Given<Member>[], path: string): void {
  const staying = members.filter((each) => !IS_GOING.test(each.LifecycleState ?? '')).length;
  // A group that is shown with nothing but leaving members is one in the middle of a replacement.
  const size = Math.max(staying, Math.min(members.length, 1));
  group.DesiredCapacity ??= Math.min(Math.max(size, group.MinSize ?? 0), group.MaxSize ?? Number.MAX_SAFE_INTEGER);
  group.MinSize ??= group.DesiredCapacity;
  group.MaxSize ??= Math.max(group.DesiredCapacity, group.MinSize);
  if (group.MinSize > group.DesiredCapacity || group.DesiredCapacity > group.MaxSize) {
    throw new BadInputError(
      `${path}.DesiredCapacity`,
      `${group.DesiredCapacity} is not between MinSize ${group.MinSize} and MaxSize ${group.MaxSize}`,
    );
  }
}

/** Members of a group that names none: every instance carries the name of its group as a tag. */
function taggedMembers(world: World, groupName: string): Given<Member>[] {
  const isOurs = (tag: unknown): boolean =>
    isRecord(tag) && tag['Key'] === 'aws:autoscaling:groupName' && tag['Value'] === groupName;
  const warm = new Set(poolsOf(world).flatMap((pool) => pool.Instances.map((each) => each.InstanceId)));
  return world
    .records('ec2', 'Instances')
    .filter((each) => Array.isArray(each['Tags']) && each['Tags'].some(isOurs))
    .map((each) => String(each['InstanceId']))
    .filter((id) => instanceState(world, id) !== 'terminated' && !warm.has(id))
    .map((InstanceId) => ({ InstanceId }));
}

/** Completes a group: what is left out follows from its members, and from AWS's defaults. */
function completeGroup(world: World, group: GivenGroup & Shape, index: number): void {
  const path = `${AT}[${index}]`;
  const name = group.AutoScalingGroupName ?? '';
  const members = (group.Instances ??= taggedMembers(world, name));
  const instances = members.map((member, at) =>
    instanceOf(world, member.InstanceId ?? '', `${path}.Instances[${at}].InstanceId`),
  );
  members.forEach((member, at) => completeMember(group, member, instances[at]));
  completeSizes(group, members, path);
  group.AutoScalingGroupARN ??= `arn:aws:autoscaling:${world.region}:${world.account}:autoScalingGroup:${uuid(world)}:autoScalingGroupName/${name}`;
  const subnets = (group.VPCZoneIdentifier ?? '').split(',').filter((each) => each !== '');
  group.VPCZoneIdentifier ??= given(
    instances.map((each) => (typeof each?.['SubnetId'] === 'string' ? each['SubnetId'] : undefined)),
  ).join(',');
  group.AvailabilityZones = zonesOf(world, group, members, subnets);
  if (group.AvailabilityZones.length === 0 && (group.DesiredCapacity ?? 0) > 0) {
    throw new BadInputError(
      `${path}.AvailabilityZones`,
      'no zone is named and there is no member to take one from: name the zones',
    );
  }
  group.HealthCheckType ??= 'EC2';
  group.HealthCheckGracePeriod ??= 0;
  group.SuspendedProcesses ??= [];
  group.Tags = (group.Tags ?? []).map((tag) => ({ ...defaultTag(name), ...tag }));
  Object.assign(group, {
    DefaultCooldown: 300,
    CreatedTime: world.clock.iso(),
    EnabledMetrics: [],
    TerminationPolicies: ['Default'],
    LoadBalancerNames: [],
    TargetGroupARNs: [],
    ...group,
  });
}

function completeHook(world: World, hook: Given<Hook>, index: number): void {
  if (groupNamed(world, hook.AutoScalingGroupName) === undefined)
    world.gap({
      path: `${SERVICE}.LifecycleHooks[${index}].AutoScalingGroupName`,
      message: `there is no Auto Scaling group ${String(hook.AutoScalingGroupName)}`,
    });
  hook.HeartbeatTimeout ??= HEARTBEAT_DEFAULT_SECONDS;
  hook.GlobalTimeout ??= Math.min(GLOBAL_MAX_SECONDS, GLOBAL_HEARTBEATS * hook.HeartbeatTimeout);
  hook.DefaultResult ??= 'ABANDON';
}

function completeAction(world: World, action: Given<Action>, index: number): void {
  const hook = hooksOf(world).find(
    (each) =>
      each.LifecycleHookName === action.LifecycleHookName && each.AutoScalingGroupName === action.AutoScalingGroupName,
  );
  if (hook === undefined)
    throw new BadInputError(
      `${SERVICE}.LifecycleActions[${index}].LifecycleHookName`,
      `there is no such hook on ${String(action.AutoScalingGroupName)}`,
    );
  Object.assign(action, { ...openAction(world, hook, action.EC2InstanceId ?? ''), ...action });
}

/** Hooks that the world file shows waiting without saying more: all of the transition's, from now on. */
export function deriveActions(
  world: World,
  group: Group,
  member: Member,
  { path, transition }: { readonly path: string; readonly transition: Transition },
): void {
  if (actionsOf(world).some((each) => each.EC2InstanceId === member.InstanceId)) return;
  const hooks = hooksFor(world, group, transition);
  if (hooks.length === 0)
    world.gap({
      path: `${path}.LifecycleState`,
      message: `${member.LifecycleState} needs a hook of ${transition} in ${SERVICE}.LifecycleHooks`,
    });
  for (const hook of hooks) actionsOf(world).push(openAction(world, hook, member.InstanceId));
}

/** The states of the group's members in which hooks wait that are modelled. */
const WAITS_IN: ReadonlyMap<string, Transition> = new Map([
  ['Pending:Wait', LAUNCHING],
  ['Terminating:Wait', TERMINATING],
]);

/** Completes everything but the warm pools; those need their groups complete. */
export function completeGroups(world: World): void {
  world.records(SERVICE, 'AutoScalingGroups').forEach((record, index) => completeGroup(world, record, index));
  world.records(SERVICE, 'LifecycleHooks').forEach((record, index) => completeHook(world, record, index));
  world.records(SERVICE, 'LifecycleActions').forEach((record, index) => completeAction(world, record, index));
  for (const activity of world.records(SERVICE, 'Activities'))
    Object.assign(activity, { ...EMPTY_ACTIVITY, ...activity });
  for (const group of groupsOf(world)) {
    for (const member of group.Instances) tagInstance(group, instanceRecord(world, member.InstanceId));
  }
  groupsOf(world).forEach((group, at) => {
    group.Instances.forEach((member, index) => {
      const transition = WAITS_IN.get(member.LifecycleState);
      if (transition !== undefined)
        deriveActions(world, group, member, { path: `${AT}[${at}].Instances[${index}]`, transition });
    });
  });
}
