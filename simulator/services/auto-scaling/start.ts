/** Takes up what the Auto Scaling part of a world file shows half done, and listens to what happens to its instances. */

import type { World } from '../../engine/model.ts';
import { moveOf, openActivity } from './activities.ts';
import { completeGroups } from './complete-groups.ts';
import { completePools, joinPools } from './complete-pools.ts';
import { watchAction } from './hooks.ts';
import {
  checkHealth,
  continueLaunch,
  enterService,
  onAnswered,
  proceedTermination,
  stepAside,
  stepBack,
  terminateMember,
} from './members.ts';
import { type Move, MOVES, MOVE_NAMES } from './moves.ts';
import { needsLook, onInstanceState, onSpotNotice, onStatusChanged, onTargetHealth, reconcile } from './reconcile.ts';
import {
  type Activity,
  type Group,
  type Member,
  actionsOf,
  activitiesOf,
  groupsOf,
  membershipOf,
  membershipsOf,
  requestReconcile,
  setHandlers,
} from './state.ts';
import {
  continueWarming,
  endWarm,
  onWarmAnswered,
  onWarmInstanceState,
  onWarmStatusChanged,
  poolOf,
  proceedDiscard,
  settleWarm,
} from './warm-pool.ts';

/** The way that a member is on, as its state and the activity shown for it say. */
function moveShown(state: string, known: Move | undefined, shown: Activity | undefined): Move | undefined {
  if (known !== undefined) return known;
  if (/Terminat(?:ing|ed)$|Terminating:/u.test(state)) return state.startsWith('Warmed') ? 'discard' : 'terminate';
  if (!state.includes('Pending')) return undefined;
  return MOVE_NAMES.find((move) => shown?.Description.startsWith(`${MOVES[move].words}:`)) ?? 'launch';
}

const UNDER_WAY: ReadonlySet<string> = new Set(['InProgress', 'PreInService']);

/** Gives a member that is on its way the activity of it, the one that is shown or a new one. */
function takeUpActivity(world: World, group: Group, member: Member): void {
  const shown = activitiesOf(world).find(
    ({ AutoScalingGroupName: name, StatusCode: status, Description: description }) =>
      name === group.AutoScalingGroupName && UNDER_WAY.has(status) && description.endsWith(` ${member.InstanceId}`),
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

/** Hooks are answered, or there are none left to ask. */
const ENDS_WARM = new Set(['Warmed:Terminating:Proceed', 'Warmed:Terminated']);

function takeUpPool(world: World, group: Group): void {
  const pool = poolOf(world, group);
  if (pool === undefined) return;
  for (const member of pool.Instances.slice()) {
    takeUpActivity(world, group, member);
    if (member.LifecycleState === 'Warmed:Pending') continueWarming(world, { group, pool, member });
    else if (member.LifecycleState === 'Warmed:Pending:Proceed') settleWarm(world, { group, pool, member });
    else if (ENDS_WARM.has(member.LifecycleState)) proceedDiscard(world, member);
    else if (member.LifecycleState === 'Warmed:Terminating') endWarm(world, group, member);
  }
}

function takeUp(world: World, group: Group, member: Member): void {
  takeUpActivity(world, group, member);
  switch (member.LifecycleState) {
    case 'Pending':
      return moveOf(world, group, member) === 'rejoin'
        ? stepBack(world, group, member)
        : continueLaunch(world, group, member);
    case 'Pending:Proceed':
      return enterService(world, group, member);
    case 'Terminating':
      return terminateMember(world, group, member, 'the termination was under way when the world began');
    case 'Terminating:Proceed':
    case 'Terminated':
      return proceedTermination(world, group, member);
    case 'EnteringStandby':
    case 'Detaching':
      return stepAside(world, group, member);
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
  completeGroups(world);
  completePools(world);
  for (const action of actionsOf(world)) watchAction(world, action);
  world.on('instance-state', (payload) => onInstanceState(world, payload));
  world.on('status-changed', (payload) => onStatusChanged(world, payload));
  world.on('instance-state', (payload) => onWarmInstanceState(world, payload));
  world.on('status-changed', (payload) => onWarmStatusChanged(world, payload));
  world.on('target-health', (payload) => onTargetHealth(world, payload));
  world.on('spot-notice', (payload) => onSpotNotice(world, payload));
  for (const group of groupsOf(world)) {
    for (const member of group.Instances.slice()) takeUp(world, group, member);
    takeUpPool(world, group);
    if (needsLook(world, group)) requestReconcile(world, group.AutoScalingGroupName);
  }
}
