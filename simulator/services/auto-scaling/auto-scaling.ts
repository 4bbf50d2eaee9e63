/** The simulated Auto Scaling: groups that keep their size and health, with lifecycle hooks. */

import { BadInputError } from '../../../shared/kernel/errors.ts';
import { autoScalingReads } from './describe.ts';
import { terminateMember } from './members.ts';
import { autoScalingSchema } from './schema.ts';
import { isAsideByHand, standbyOperations, stepAsideByHand } from './standby.ts';
import { startAutoScaling } from './start.ts';
import { SERVICE, groupNamed, hooksOf, memberOf, removeFrom, requestReconcile } from './state.ts';
import { autoScalingWrites, setDesired, setHealth } from './writes.ts';
import { NotSimulatedError, type ServiceModel, type World } from '../../engine/model.ts';

function changeMember(world: World, groupName: string, instanceId: string, member: string, value: unknown): boolean {
  const found = memberOf(world, instanceId);
  const where = `${SERVICE}/AutoScalingGroups/${groupName}/Instances/${instanceId}`;
  if (found === undefined || found.group.AutoScalingGroupName !== groupName)
    throw new BadInputError(where, 'there is no such member at this time');
  if (member === 'HealthStatus') {
    setHealth(world, instanceId, value, false);
    return true;
  }
  if (member === 'LifecycleState' && typeof value === 'string' && value.startsWith('Terminating')) {
    // No request could: hooks that have been answered would begin once more.
    if (found.member.LifecycleState.startsWith('Terminating'))
      throw new BadInputError(where, `is ${found.member.LifecycleState} already at this time`);
    terminateMember(
      world,
      found.group,
      found.member,
      'an instance was taken out of service in response to a user request',
    );
    return true;
  }
  if (member === 'LifecycleState' && isAsideByHand(value)) {
    stepAsideByHand(world, found.group, found.member, value);
    return true;
  }
  throw new NotSimulatedError(`a scripted change of a group member's ${member} to ${JSON.stringify(value)}`);
}

/** `auto-scaling/LifecycleHooks/GROUP/HOOK/MEMBER`; `null` for the whole hook deletes it. */
function changeHook(world: World, groupName: string, path: readonly string[], value: unknown): boolean {
  const [hookName, member] = path;
  const hook = hooksOf(world).find(
    (each) => each.AutoScalingGroupName === groupName && each.LifecycleHookName === hookName,
  );
  const where = `${SERVICE}/LifecycleHooks/${groupName}/${path.join('/')}`;
  if (hook === undefined) throw new BadInputError(where, 'there is no such hook; a script names it GROUP/HOOK');
  if (member === undefined && value === null) removeFrom(hooksOf(world), hook);
  else if (
    member === 'HeartbeatTimeout' ||
    member === 'GlobalTimeout' ||
    member === 'DefaultResult' ||
    member === 'NotificationMetadata'
  )
    Object.assign(hook, { [member]: value });
  else throw new NotSimulatedError(`a scripted change of ${where}`);
  return true;
}

function change(world: World, collection: string, key: string, path: readonly string[], value: unknown): boolean {
  if (collection === 'LifecycleHooks') return changeHook(world, key, path, value);
  if (collection === 'WarmPools')
    throw new NotSimulatedError(
      `a scripted change of a warm pool (${key}): change its instance in EC2, or its size in WarmPoolConfiguration`,
    );
  if (path.length === 0 && value !== null)
    throw new NotSimulatedError(`a scripted new record in ${collection} (${key}): put it in the world file`);
  if (collection !== 'AutoScalingGroups') return false;
  if (path.length === 0) throw new NotSimulatedError(`the deletion of an Auto Scaling group (${key})`);
  const group = groupNamed(world, key);
  const [first, second, third] = path;
  if (group === undefined || first === undefined) return false;
  if (first === 'DesiredCapacity') {
    setDesired(world, group, value);
    return true;
  }
  if (first === 'Instances' && second !== undefined && third !== undefined)
    return changeMember(world, key, second, third, value);
  if (
    first === 'WarmPoolConfiguration' &&
    !((second === 'MinSize' || second === 'MaxGroupPreparedCapacity') && group.WarmPoolConfiguration !== undefined)
  ) {
    throw new NotSimulatedError(
      `a scripted change of ${SERVICE}/AutoScalingGroups/${key}/${path.join('/')}: of a warm pool, only MinSize and MaxGroupPreparedCapacity change`,
    );
  }
  // Whatever else is set may let the group act: a size, a resumed process, a policy.
  requestReconcile(world, key);
  return false;
}

export const autoScaling: ServiceModel = {
  name: SERVICE,
  prefix: 'autoscaling',
  schema: autoScalingSchema,
  collections: {
    AutoScalingGroups: 'AutoScalingGroupName',
    // A hook's name is unique within its group only, so no one member identifies it: a script says GROUP/HOOK.
    LifecycleHooks: 'GroupAndHook',
    Activities: 'ActivityId',
    LifecycleActions: 'LifecycleActionToken',
    Memberships: 'InstanceId',
    WarmPools: 'AutoScalingGroupName',
  },
  operations: { ...autoScalingReads, ...autoScalingWrites, ...standbyOperations },
  start: startAutoScaling,
  change,
};
