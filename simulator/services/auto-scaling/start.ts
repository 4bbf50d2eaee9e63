/** Completes the Auto Scaling part of a world file and takes up what it shows half done. */

import { BadInputError } from '../../../shared/kernel/errors.ts';
import { openActivity } from './activities.ts';
import { hooksFor, openAction, transitionOf, watchAction } from './hooks.ts';
import { type Move, MOVES, MOVE_NAMES } from './moves.ts';
import {
  checkHealth,
  continueLaunch,
  enterService,
  onAnswered,
  proceedTermination,
  terminateMember,
  zoneOfInstance,
} from './members.ts';
import { needsLook, onInstanceState, onSpotNotice, onStatusChanged, reconcile } from './reconcile.ts';
import {
  type Action,
  type Activity,
  type Group,
  type Hook,
  type Member,
  type Transition,
  type WarmPool,
  type WarmPoolConfiguration,
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
  membershipsOf,
  poolsOf,
  requestReconcile,
  setHandlers,
} from './state.ts';
import {
  continueWarming,
  onWarmAnswered,
  onWarmInstanceState,
  onWarmStatusChanged,
  poolOf,
  proceedDiscard,
  settleWarm,
} from './warm-pool.ts';
import { instanceState } from '../ec2/instances.ts';
import { isRecord } from '../../engine/json.ts';
import { NotSimulatedError, type Shape, type World } from '../../engine/model.ts';
import { uuid } from '../../engine/uuid.ts';

const AT = `${SERVICE}.AutoScalingGroups`;

type Given<T> = { -readonly [K in keyof T]?: T[K] | undefined };
type GivenGroup = Given<Omit<Group, 'Instances' | 'WarmPoolConfiguration'>> & {
  Instances?: Given<Member>[];
  WarmPoolConfiguration?: Given<WarmPoolConfiguration> | undefined;
};

const given = <T>(values: readonly (T | undefined)[]): T[] => [...new Set(values.filter((each) => each !== undefined))];

function instanceOf(world: World, instanceId: string, path: string): Shape {
  const found = world.records('ec2', 'Instances').find((each) => each['InstanceId'] === instanceId);
  if (found === undefined)
    throw new BadInputError(
      path,
      `${instanceId} is not in ec2.Instances: add the instance there, or take the member out`,
    );
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

function completeSizes(group: GivenGroup, members: readonly Given<Member>[], path: string): void {
  const staying = members.filter((each) => !(each.LifecycleState ?? '').startsWith('Terminating')).length;
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

function completeGroup(world: World, group: GivenGroup & Shape, index: number): void {
  const path = `${AT}[${index}]`;
  const name = group.AutoScalingGroupName ?? '';
  const members = (group.Instances ??= taggedMembers(world, name));
  const instances = members.map((member, at) =>
    instanceOf(world, member.InstanceId ?? '', `${path}.Instances[${at}].InstanceId`),
  );
  members.forEach((member, at) => completeMember(group, member, instances[at] ?? {}));
  completeSizes(group, members, path);
  group.AutoScalingGroupARN ??= `arn:aws:autoscaling:${world.region}:${world.account}:autoScalingGroup:${uuid(world)}:autoScalingGroupName/${name}`;
  const subnets = (group.VPCZoneIdentifier ?? '').split(',').filter((each) => each !== '');
  group.VPCZoneIdentifier ??= given(
    instances.map((each) => (typeof each['SubnetId'] === 'string' ? each['SubnetId'] : undefined)),
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

const defaultTag = (name: string) => ({
  Key: '',
  Value: '',
  ResourceId: name,
  ResourceType: 'auto-scaling-group',
  PropagateAtLaunch: true,
});

function completeHook(world: World, hook: Given<Hook>, index: number): void {
  if (groupNamed(world, hook.AutoScalingGroupName) === undefined) {
    throw new BadInputError(
      `${SERVICE}.LifecycleHooks[${index}].AutoScalingGroupName`,
      `there is no Auto Scaling group ${String(hook.AutoScalingGroupName)}`,
    );
  }
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

type GivenPool = Given<Pick<WarmPool, 'AutoScalingGroupName'>> &
  Pick<GivenGroup, 'Instances' | 'WarmPoolConfiguration'>;

/** Brings each pool and its configuration, which AWS prints in two places, together with the group. */
function joinPools(world: World): void {
  const pools: (GivenPool & Shape)[] = world.records(SERVICE, 'WarmPools');
  const groups: (GivenGroup & Shape)[] = world.records(SERVICE, 'AutoScalingGroups');
  pools.forEach((pool, index) => {
    const group = groups.find((each) => each.AutoScalingGroupName === pool.AutoScalingGroupName);
    const path = `${SERVICE}.WarmPools[${index}]`;
    if (group === undefined)
      throw new BadInputError(
        `${path}.AutoScalingGroupName`,
        `there is no Auto Scaling group ${String(pool.AutoScalingGroupName)}`,
      );
    group.WarmPoolConfiguration ??= pool.WarmPoolConfiguration;
    delete pool.WarmPoolConfiguration;
    if (group.WarmPoolConfiguration === undefined)
      throw new BadInputError(
        `${path}.Instances`,
        `${String(pool.AutoScalingGroupName)} has no WarmPoolConfiguration, so it has no warm pool`,
      );
    pool.Instances ??= [];
  });
  groups.forEach((group, index) => {
    const { WarmPoolConfiguration: configuration, AutoScalingGroupName: name } = group;
    if (configuration === undefined) return;
    if ('Status' in configuration) throw new NotSimulatedError(`a warm pool that is being deleted (${String(name)})`);
    // AWS's default. Source: PutWarmPool, `PoolState`. The schema lets a file leave it out.
    configuration.PoolState ??= 'Stopped';
    const pool = pools.find((each) => each.AutoScalingGroupName === name);
    const size = pool?.Instances?.length ?? 0;
    if (group['WarmPoolSize'] !== undefined && group['WarmPoolSize'] !== size)
      throw new BadInputError(
        `${AT}[${index}].WarmPoolSize`,
        `must be the number of members in ${SERVICE}.WarmPools, ${size}`,
      );
    // It is counted when it is read.
    delete group['WarmPoolSize'];
    if (pool === undefined) pools.push({ AutoScalingGroupName: name, Instances: [] });
  });
}

/** What EC2 must show of an instance whose member has settled in the pool. */
const SETTLED = new Map([
  ['Warmed:Stopped', 'stopped'],
  ['Warmed:Hibernated', 'stopped'],
  ['Warmed:Running', 'running'],
]);

function completeWarm(world: World, group: Group, member: Given<Member>, path: string): void {
  const id = member.InstanceId ?? '';
  if (group.Instances.some((each) => each.InstanceId === id))
    throw new BadInputError(`${path}.InstanceId`, `${id} is among the Instances of ${group.AutoScalingGroupName} too`);
  const instance = instanceOf(world, id, `${path}.InstanceId`);
  member.LifecycleState ??= `Warmed:${group.WarmPoolConfiguration?.PoolState ?? ''}`;
  completeMember(group, member, instance);
  const wanted = SETTLED.get(member.LifecycleState);
  const shown = instanceState(world, id);
  if (wanted !== undefined && shown !== wanted)
    throw new BadInputError(
      `${path}.LifecycleState`,
      `${member.LifecycleState} needs an instance that is ${wanted}, and ${id} is ${shown ?? 'unknown'}`,
    );
  tagInstance(group, instance);
}

/** Completes the pools' members, and their hooks that wait, once the groups are complete. */
function completePools(world: World): void {
  poolsOf(world).forEach((pool, at) => {
    const group = groupNamed(world, pool.AutoScalingGroupName);
    pool.Instances.forEach((member, index) => {
      const path = `${SERVICE}.WarmPools[${at}].Instances[${index}]`;
      if (group === undefined) return;
      completeWarm(world, group, member, path);
      if (!member.LifecycleState.startsWith('Warmed:Pending')) return;
      const isReturning = actionsOf(world).some(
        (each) => each.EC2InstanceId === member.InstanceId && each.LifecycleTransition === TERMINATING,
      );
      const move = (membershipOf(world, group, member).Move ??= isReturning ? 'return' : 'warm');
      if (member.LifecycleState.endsWith(':Wait'))
        deriveActions(world, group, member, { path, transition: transitionOf(move) });
    });
  });
}

/** Hooks that the world file shows waiting without saying more: all of the transition's, from now on. */
function deriveActions(
  world: World,
  group: Group,
  member: Member,
  { path, transition }: { readonly path: string; readonly transition: Transition },
): void {
  if (actionsOf(world).some((each) => each.EC2InstanceId === member.InstanceId)) return;
  const hooks = hooksFor(world, group, transition);
  if (hooks.length === 0)
    throw new BadInputError(
      `${path}.LifecycleState`,
      `${member.LifecycleState} needs a hook of ${transition} in ${SERVICE}.LifecycleHooks`,
    );
  for (const hook of hooks) actionsOf(world).push(openAction(world, hook, member.InstanceId));
}

/** The way that a member is on, as its state and the activity shown for it say. */
function moveShown(state: string, known: Move | undefined, shown: Activity | undefined): Move | undefined {
  if (known !== undefined) return known;
  if (state.includes('Terminating')) return state.startsWith('Warmed') ? 'discard' : 'terminate';
  if (!state.includes('Pending')) return undefined;
  return MOVE_NAMES.find((move) => shown?.Description.startsWith(`${MOVES[move].words}:`)) ?? 'launch';
}

/** Gives a member that is on its way the activity of it, the one that is shown or a new one. */
function takeUpActivity(world: World, group: Group, member: Member): void {
  const shown = activitiesOf(world).find(
    ({ AutoScalingGroupName: name, StatusCode: status, Description: description }) =>
      name === group.AutoScalingGroupName && status === 'InProgress' && description.endsWith(` ${member.InstanceId}`),
  );
  const known = membershipsOf(world).find((each) => each.InstanceId === member.InstanceId)?.Move;
  const move = moveShown(member.LifecycleState, known, shown);
  if (move === undefined) return;
  if (shown !== undefined)
    Object.assign(membershipOf(world, group, member), { ActivityId: shown.ActivityId, Move: move });
  else
    openActivity(world, group, {
      move,
      zone: member.AvailabilityZone,
      subnetId: undefined,
      cause: 'the activity was under way when the world began',
      member,
    });
}

function takeUpPool(world: World, group: Group): void {
  const pool = poolOf(world, group);
  if (pool === undefined) return;
  for (const member of pool.Instances.slice()) {
    takeUpActivity(world, group, member);
    if (member.LifecycleState === 'Warmed:Pending') continueWarming(world, { group, pool, member });
    else if (member.LifecycleState === 'Warmed:Pending:Proceed') settleWarm(world, { group, pool, member });
    else if (member.LifecycleState === 'Warmed:Terminating:Proceed') proceedDiscard(world, member);
  }
}

function takeUp(world: World, group: Group, member: Member): void {
  takeUpActivity(world, group, member);
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
  setHandlers(world, {
    reconcile,
    answered: (...answer) => {
      onAnswered(...answer);
      onWarmAnswered(...answer);
    },
  });
  joinPools(world);
  world.records(SERVICE, 'AutoScalingGroups').forEach((record, index) => completeGroup(world, record, index));
  world.records(SERVICE, 'LifecycleHooks').forEach((record, index) => completeHook(world, record, index));
  world.records(SERVICE, 'LifecycleActions').forEach((record, index) => completeAction(world, record, index));
  for (const activity of world.records(SERVICE, 'Activities'))
    Object.assign(activity, { ...EMPTY_ACTIVITY, ...activity });
  for (const group of groupsOf(world)) {
    for (const member of group.Instances) tagInstance(group, instanceOf(world, member.InstanceId, AT));
  }
  groupsOf(world).forEach((group, at) => {
    group.Instances.forEach((member, index) => {
      const transition = member.LifecycleState === 'Pending:Wait' ? LAUNCHING : TERMINATING;
      if (member.LifecycleState.endsWith(':Wait'))
        deriveActions(world, group, member, { path: `${AT}[${at}].Instances[${index}]`, transition });
    });
  });
  completePools(world);
  for (const action of actionsOf(world)) watchAction(world, action);
  world.on('instance-state', (payload) => onInstanceState(world, payload));
  world.on('status-changed', (payload) => onStatusChanged(world, payload));
  world.on('instance-state', (payload) => onWarmInstanceState(world, payload));
  world.on('status-changed', (payload) => onWarmStatusChanged(world, payload));
  world.on('spot-notice', (payload) => onSpotNotice(world, payload));
  for (const group of groupsOf(world)) {
    for (const member of group.Instances.slice()) takeUp(world, group, member);
    takeUpPool(world, group);
    if (needsLook(world, group)) requestReconcile(world, group.AutoScalingGroupName);
  }
}

const EMPTY_ACTIVITY: Pick<Activity, 'AutoScalingGroupARN' | 'Description' | 'Cause' | 'Progress' | 'Details'> = {
  AutoScalingGroupARN: '',
  Description: '',
  Cause: '',
  Progress: 0,
  Details: '{}',
};
