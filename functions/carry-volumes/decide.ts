/**
 * Which volumes belong on which instance, and the next step there. Judged from what stands there alone (lifecycle states,
 * volumes, attachments, snapshots, their tags), so that any step may be lost, repeated or raced. A plan is one step; the
 * next look decides the next.
 *
 * A carry has two sides, each judged by itself, and they meet only in what they write on the volumes and snapshots:
 *
 * - an instance that leaves gives the set up: `decide/leaving.ts`;
 * - one that arrives receives it, and goes into service only with it: `decide/arriving.ts`;
 * - the group as a whole is kept in order while nobody waits: `decide/whole-group.ts`.
 *
 * A group that wants several instances is none of these: `decide/one-instance.ts`.
 *
 * What is a true volume and an exact copy: `decide/volume-set.ts`. How either side waits, and gives up: `decide/hold.ts`.
 *
 * Most plights are reasons to wait. A refusal changes nothing and calls a person:
 *
 * - `not-verified`, `group-gone`, `instance-unknown`: below;
 * - `not-opted-in`: the instance that leaves is not tagged itself, so it is not touched (`leaving.ts`);
 * - `launch-suspended`: the group is held, until a person ends the cause; `handed-over`: the schedule goes on (`hold.ts`);
 * - the reason for the wait itself, where it has lasted too long and no hook waits that could be answered (`hold.ts`);
 * - `member-missing`: an instance serves on without a volume that is gone (`arriving.ts`, `whole-group.ts`);
 * - `not-one-instance`: the group wants several instances (`one-instance.ts`); `preflight`: it is not set up for carrying
 *   (`whole-group.ts`).
 */

import type { Decision } from '../../shared/kernel/decision.ts';
import { nothing, refuse } from '../../shared/judgement/decisions.ts';
import { pendingOf, secondsSince } from '../../shared/judgement/since.ts';
import { arrive } from './decide/arriving.ts';
import type { CarryLimits, Facts } from './decide/facts.ts';
import { answer, hold } from './decide/hold.ts';
import { leave } from './decide/leaving.ts';
import { isUp, isYielding, type Machine } from './decide/machine.ts';
import { standAside, uncarriedBecause } from './decide/one-instance.ts';
import { survey, type View } from './decide/view.ts';
import { tend } from './decide/whole-group.ts';

// What `aws.ts` reads AWS into, and the words by which it knows what this runbook wrote.
export { readDescription, saysFrozen } from './decide/calls.ts';
export type { Ask, CarryLimits, CarrySettings, Facts, KeyStates } from './decide/facts.ts';
export { freezeComment, type FreezeCommand, type FreezeFacts } from './decide/freeze.ts';
export type { Machine } from './decide/machine.ts';
export { severalBecause } from './decide/one-instance.ts';
export type { Activity, GroupFacts } from './decide/scaling-group.ts';
export type { SnapshotFacts, VolumeAttachment, VolumeFacts } from './decide/volume-set.ts';

/** Since when an announced step is told from one that is on its way: a run that is throttled for a minute is done by then. */
const PENDING_SECONDS = 120;

/** Refusals after which nothing is left to be done but by a person. */
const AT_REST: ReadonlySet<string> = new Set(['preflight', 'member-missing']);

/** Says what is to be done next for one instance, or for the group. Pure; `now` is ISO 8601. */
export function decide(facts: Facts, limits: CarryLimits, now: string): Decision {
  const view = survey(facts, limits, now);
  // Nothing is built upon a step that could not be verified.
  if (facts.setback !== undefined) return refuse(view.evidence, 'not-verified', facts.setback.why);

  const decision = settlePending(view, judge(view));
  // Without a hook nothing runs out: a schedule that would have to wait leaves it to the next.
  const isLeftToNextTick = decision.kind === 'wait' && facts.ask.kind === 'reconcile' && facts.hook === null;
  return isLeftToNextTick ? nothing(decision.evidence, decision.code, decision.because) : decision;
}

/** Whose page it is: the group's, or that of one side. */
function judge(view: View): Decision {
  const { facts } = view;
  if (facts.group.name === '') return answerWithoutGroup(view);
  if (facts.instanceId === null) return tend(view);
  return judgeInstance(view, facts.instanceId);
}

/** Whoever asked is told; an event or the schedule has come too late, and that is nothing. */
function answerWithoutGroup({ evidence, facts }: View): Decision {
  const because = 'the group is gone, or no longer tagged runbook:volumes';
  const isAskedByPerson = facts.ask.kind === 'carry' || facts.ask.kind === 'sweep';
  return isAskedByPerson ? refuse(evidence, 'group-gone', because) : nothing(evidence, 'group-gone', because);
}

/** What is to be done for one instance, if it is there, waits for it, and nobody else is at it. */
function judgeInstance(view: View, instanceId: string): Decision {
  const { facts, now } = view;
  const { ask, heldUntil, hook } = facts;
  if (ask.kind === 'reconcile' && heldUntil !== undefined && heldUntil > now)
    return nothing(view.evidence, 'under-way', `another run is at it, and looks again by ${heldUntil}`);

  // Back into the pool is a departure like any other: whoever takes its place needs the volumes.
  const isArrivingInPool = hook?.toWarmPool === true && !facts.leaving;
  if (isArrivingInPool) {
    const because = `${instanceId} goes to the warm pool, where it needs no volumes`;
    return answer(view, { code: 'warm-pool', because });
  }

  const machine = facts.machines.find(({ id }) => id === instanceId);
  if (facts.hookUnseen) return awaitHook(view, machine);
  if (machine === undefined) return refuse(view.evidence, 'instance-unknown', `EC2 does not know ${instanceId}`);
  if (facts.leaving && isStaying(machine, facts)) return awaitHook(view, machine);

  const uncarried = uncarriedBecause(facts);
  if (uncarried !== undefined) return standAside({ ...view, machine }, uncarried);
  return facts.leaving ? leave({ ...view, machine }) : arrive({ ...view, machine });
}

/** The event says that it leaves; its group and EC2 do not (yet). A member in service is not touched on an event's word. */
function isStaying(machine: Machine, { hook }: Facts): boolean {
  const isOnItsWay = isYielding(machine) || !isUp(machine);
  return machine.membership?.lifecycleState === 'InService' || (hook === null && !isOnItsWay);
}

/** An event may come before its action shows, or long after it is over; nothing is done for an instance that does not wait. */
function awaitHook(view: View, machine: Machine | undefined): Decision {
  const isLate = view.elapsedSeconds >= view.limits.hopelessSeconds;
  const isGoing = machine !== undefined && isYielding(machine);
  return isLate || isGoing
    ? nothing(view.evidence, 'hook-not-seen', 'the lifecycle action of the event is over, or never was')
    : hold(view, 'hook-not-seen', 'the lifecycle action does not show yet', 5);
}

/** What stays announced of a run that died before it told of its end is settled by the schedule, once there is nothing to resume. */
function settlePending({ facts, now }: View, decision: Decision): Decision {
  const { ask, history, heldUntil } = facts;
  const pending = pendingOf(history);
  if (pending === undefined || ask.kind !== 'reconcile') return decision;

  const isAtRest = decision.kind === 'nothing' || (decision.kind === 'refuse' && AT_REST.has(decision.code));
  const isHeld = heldUntil !== undefined && heldUntil > now;
  const isFresh = secondsSince(pending.at, now) <= PENDING_SECONDS;
  if (!isAtRest || isHeld || isFresh) return decision;

  const { code, because, evidence } = decision;
  return { kind: 'act', code, because, evidence, plan: [], intent: pending.intent, note: pending.note, budget: 'free' };
}
