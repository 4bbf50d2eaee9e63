/** Lifecycle hooks: the actions in progress, their answers, heartbeats and time-outs. */

import { MOVES, type Move } from './moves.ts';
import {
  type Action,
  type Group,
  type Hook,
  type Member,
  type Transition,
  LAUNCHING,
  TERMINATING,
  actionsOf,
  handlersOf,
  hooksOf,
  isoIn,
  removeFrom,
  startTimer,
  stopTimer,
} from './state.ts';
import { type World, awsError } from '../../engine/model.ts';
import { uuid } from '../../engine/uuid.ts';

/** The hooks of a group for one transition. */
export function hooksFor(world: World, group: Group, transition: Transition): Hook[] {
  return hooksOf(world).filter(
    (hook) => hook.AutoScalingGroupName === group.AutoScalingGroupName && hook.LifecycleTransition === transition,
  );
}

const timerOf = (action: Action): string =>
  `hook:${action.AutoScalingGroupName}/${action.LifecycleHookName}/${action.EC2InstanceId}`;

/** Makes the action of one hook without telling anybody; its times begin now. */
export function openAction(world: World, hook: Hook, instanceId: string): Action {
  return {
    AutoScalingGroupName: hook.AutoScalingGroupName,
    LifecycleHookName: hook.LifecycleHookName,
    EC2InstanceId: instanceId,
    LifecycleTransition: hook.LifecycleTransition,
    StartedAt: world.clock.iso(),
    HeartbeatUntil: isoIn(world, hook.HeartbeatTimeout * 1_000),
    GlobalUntil: isoIn(world, hook.GlobalTimeout * 1_000),
  };
}

/** (Re)starts the clock of an action: it ends with the hook's default result. */
export function watchAction(world: World, action: Action): void {
  const heartbeatMs = Date.parse(action.HeartbeatUntil);
  const globalMs = Date.parse(action.GlobalUntil);
  const why = globalMs <= heartbeatMs ? 'Global Timeout' : 'Heartbeat Timeout';
  startTimer(world, timerOf(action), Math.min(heartbeatMs, globalMs) - world.clock.now(), () => {
    const hook = hooksOf(world).find(
      (each) =>
        each.LifecycleHookName === action.LifecycleHookName &&
        each.AutoScalingGroupName === action.AutoScalingGroupName,
    );
    endAction(world, action, hook?.DefaultResult ?? 'ABANDON', why);
  });
}

/** The transition whose hooks a way of an instance runs. */
export function transitionOf(move: Move): Transition {
  return MOVES[move].kind === 'Launch' ? LAUNCHING : TERMINATING;
}

/** Starts every hook on the way of one member and publishes an event for each; returns how many there are. */
export function startHooks(world: World, group: Group, member: Member, move: Move): number {
  const transition = transitionOf(move);
  const { kind, origin, destination } = MOVES[move];
  const hooks = hooksFor(world, group, transition);
  for (const hook of hooks) {
    const token = uuid(world);
    const action: Action = { LifecycleActionToken: token, ...openAction(world, hook, member.InstanceId) };
    actionsOf(world).push(action);
    watchAction(world, action);
    world.emit({
      source: 'aws.autoscaling',
      detailType: `EC2 Instance-${kind === 'Launch' ? 'launch' : 'terminate'} Lifecycle Action`,
      resources: [group.AutoScalingGroupARN],
      detail: {
        LifecycleActionToken: token,
        AutoScalingGroupName: group.AutoScalingGroupName,
        LifecycleHookName: hook.LifecycleHookName,
        EC2InstanceId: member.InstanceId,
        LifecycleTransition: transition,
        ...(hook.NotificationMetadata === undefined ? {} : { NotificationMetadata: hook.NotificationMetadata }),
        Origin: origin,
        Destination: destination,
      },
    });
  }
  return hooks.length;
}

function forget(world: World, action: Action): void {
  stopTimer(world, timerOf(action));
  removeFrom(actionsOf(world), action);
}

/** Drops every action of an instance unanswered. */
export function dropActions(world: World, instanceId: string): void {
  for (const action of actionsOf(world).filter((each) => each.EC2InstanceId === instanceId)) forget(world, action);
}

/**
 * Ends one action. All hooks of the transition must answer before the instance goes on, but one ABANDON is enough:
 * it ends the others with it.
 */
export function endAction(world: World, action: Action, result: 'CONTINUE' | 'ABANDON', why: string): void {
  forget(world, action);
  if (result === 'ABANDON') dropActions(world, action.EC2InstanceId);
  else if (actionsOf(world).some((each) => each.EC2InstanceId === action.EC2InstanceId)) return;
  handlersOf(world).answered(world, action, result, why);
}

/** Extends an action by its hook's heartbeat; never past the global time-out. */
export function extendAction(world: World, action: Action): void {
  const hook = hooksOf(world).find(
    (each) =>
      each.LifecycleHookName === action.LifecycleHookName && each.AutoScalingGroupName === action.AutoScalingGroupName,
  );
  if (hook !== undefined) action.HeartbeatUntil = isoIn(world, hook.HeartbeatTimeout * 1_000);
  watchAction(world, action);
}

/** How an answer or a heartbeat names its action. */
export interface ActionReference {
  readonly group: unknown;
  readonly hook: unknown;
  readonly token: unknown;
  readonly instanceId: unknown;
}

/**
 * Finds the action an answer is about, by token or by instance.
 * A token that is not known is accepted once for an action that began in the world file without one: the event that
 * names the token is part of the same rehearsal, and both cannot be expected to agree on a UUID.
 * @throws `ValidationError` "No active Lifecycle Action found with …"
 */
export function activeAction(world: World, reference: ActionReference): Action {
  const { token, instanceId } = reference;
  if (typeof token !== 'string' && typeof instanceId !== 'string') {
    throw awsError('ValidationError', 'Either the lifecycle action token or the instance ID must be given.');
  }
  const candidates = actionsOf(world).filter(
    (each) =>
      each.AutoScalingGroupName === reference.group &&
      each.LifecycleHookName === reference.hook &&
      (typeof instanceId !== 'string' || each.EC2InstanceId === instanceId),
  );
  if (typeof token !== 'string') {
    const [found] = candidates;
    if (found === undefined)
      throw awsError('ValidationError', `No active Lifecycle Action found with instance ID ${String(instanceId)}`);
    return found;
  }
  const found =
    candidates.find((each) => each.LifecycleActionToken === token) ??
    candidates.find((each) => each.LifecycleActionToken === undefined);
  if (found === undefined) throw awsError('ValidationError', `No active Lifecycle Action found with token ${token}`);
  if (found.LifecycleActionToken === undefined) {
    world.assume(
      'auto-scaling: a lifecycle action that began in the world file without a token takes the first token it is answered with',
    );
    found.LifecycleActionToken = token;
  }
  return found;
}
