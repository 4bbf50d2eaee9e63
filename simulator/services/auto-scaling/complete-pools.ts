/** Completes the warm pools of a world file, which AWS prints beside their groups. */

import { BadInputError } from '../../../shared/kernel/errors.ts';
import { NotSimulatedError, type Shape, type World } from '../../engine/model.ts';
import { instanceState } from '../ec2/instances.ts';
import {
  AT,
  completeMember,
  deriveActions,
  instanceOf,
  tagInstance,
  type Given,
  type GivenGroup,
} from './complete-groups.ts';
import { transitionOf } from './hooks.ts';
import {
  type Group,
  type Member,
  type WarmPool,
  SERVICE,
  TERMINATING,
  actionsOf,
  groupNamed,
  membershipOf,
  poolsOf,
  warmPoolName,
} from './state.ts';

type GivenPool = Given<Pick<WarmPool, 'AutoScalingGroupName'>> &
  Pick<GivenGroup, 'Instances' | 'WarmPoolConfiguration'>;

const isWarm = ({ LifecycleState: state }: Given<Member>): boolean => state?.startsWith('Warmed:') === true;

/**
 * Puts each member where its state says that it is: DescribeAutoScalingInstances lists those of the group and of the pool
 * together, and who is drawn from the pool may show on either side.
 */
function sortMembers(group: GivenGroup, pool: GivenPool): void {
  const listed = new Set((pool.Instances ?? []).map((each) => each.InstanceId));
  const [warm, strays] = [(group.Instances ?? []).filter(isWarm), (pool.Instances ?? []).filter(isStray)];
  if (warm.length + strays.length === 0) return;
  const own = (group.Instances ?? []).filter((each) => !isWarm(each));
  const known = new Set(own.map((each) => each.InstanceId));
  group.Instances = [...own, ...strays.filter((each) => !known.has(each.InstanceId))];
  pool.Instances = [
    ...(pool.Instances ?? []).filter((each) => !isStray(each)),
    ...warm.filter((each) => !listed.has(each.InstanceId)),
  ];
}

function isStray(member: Given<Member>): boolean {
  return member.LifecycleState !== undefined && !isWarm(member);
}

/** Brings each pool and its configuration, which AWS prints in two places, together with the group. */
export function joinPools(world: World): void {
  const pools: (GivenPool & Shape)[] = world.records(SERVICE, 'WarmPools');
  const groups: (GivenGroup & Shape)[] = world.records(SERVICE, 'AutoScalingGroups');
  pools.forEach((pool, index) => {
    const group = groups.find((each) => each.AutoScalingGroupName === pool.AutoScalingGroupName);
    const path = `${SERVICE}.WarmPools[${index}]`;
    pool.Instances ??= [];
    if (group === undefined) {
      const message = `there is no Auto Scaling group ${String(pool.AutoScalingGroupName)}`;
      world.gap({ path: `${path}.AutoScalingGroupName`, message });
      return;
    }
    group.WarmPoolConfiguration ??= pool.WarmPoolConfiguration;
    delete pool.WarmPoolConfiguration;
    if (group.WarmPoolConfiguration === undefined)
      throw new BadInputError(
        `${path}.Instances`,
        `${String(pool.AutoScalingGroupName)} has no WarmPoolConfiguration, so it has no warm pool`,
      );
    sortMembers(group, pool);
  });
  groups.forEach((group, index) => {
    const { WarmPoolConfiguration: configuration, AutoScalingGroupName: name } = group;
    if (configuration === undefined) return;
    if ('Status' in configuration) {
      if (!world.isPasted) throw new NotSimulatedError(`a warm pool that is being deleted (${String(name)})`);
      world.gap({
        path: `${AT}[${index}].WarmPoolConfiguration.Status`,
        id: warmPoolName(String(name)),
        message: 'a warm pool that is being deleted is not simulated',
      });
      return;
    }
    // AWS's default. Source: PutWarmPool, `PoolState`. The schema lets a file leave it out.
    configuration.PoolState ??= 'Stopped';
    const listed = pools.find((each) => each.AutoScalingGroupName === name);
    const pool = listed ?? { AutoScalingGroupName: name, Instances: [] };
    if (listed === undefined) sortMembers(group, pool);
    const size = pool.Instances?.length ?? 0;
    if (group['WarmPoolSize'] !== undefined && group['WarmPoolSize'] !== size) {
      const message = `must be the number of members in ${SERVICE}.WarmPools, ${size}`;
      world.gap({ path: `${AT}[${index}].WarmPoolSize`, id: warmPoolName(String(name)), message });
      return;
    }
    // It is counted when it is read.
    delete group['WarmPoolSize'];
    if (listed === undefined) pools.push(pool);
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
export function completePools(world: World): void {
  poolsOf(world).forEach((pool, at) => {
    const group = groupNamed(world, pool.AutoScalingGroupName);
    pool.Instances.forEach((member, index) => {
      const path = `${SERVICE}.WarmPools[${at}].Instances[${index}]`;
      if (group === undefined) return;
      completeWarm(world, group, member, path);
      if (member.LifecycleState === 'Warmed:Terminating:Wait') {
        membershipOf(world, group, member).Move = 'discard';
        deriveActions(world, group, member, { path, transition: TERMINATING });
      }
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
