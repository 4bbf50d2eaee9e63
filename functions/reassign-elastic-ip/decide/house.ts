/**
 * Keeping house when the address stays where it is: hooks are answered, an interrupted move is written down, and quarantines
 * end. Pure.
 */

import type { Act, Decision, PlannedCall } from '../../../shared/kernel/decision.ts';
import { completion, heartbeat, type HookFacts } from '../../../shared/judgement/hooks.ts';
import { isLeaving, isSteady, readChecks } from '../../../shared/judgement/instance-health.ts';
import { pendingOf, remembered, secondsSince } from '../../../shared/judgement/since.ts';
import { mayStillBoot } from './candidates.ts';
import type { Machine } from './facts.ts';
import { pardon, unfinished } from './move-records.ts';
import { refusedBudget } from './refusals.ts';
import { othersOn } from './siblings.ts';
import { isInNeed, type View } from './view.ts';

/** A decision that moves nothing. */
type Standstill = Exclude<Decision, Act>;

/** The judgement stands: its code and reason are the outcome's. What is to be done in the house becomes its plan. */
export function keepHouse(view: View, judgement: Standstill): Decision {
  const { facts, holder, now } = view;
  if (judgement.needsHistory === true || wasJustKept(view)) return judgement;
  const pardoned = pardons(view);
  const plan = [...unfinished(facts, holder, now), ...answers(view), ...pardoned];
  if (plan.length === 0 && !isSettling(view, judgement)) return judgement;
  const pending = pendingOf(facts.history);
  const { code, because, evidence } = judgement;
  const act = {
    kind: 'act' as const,
    code,
    because,
    evidence,
    plan,
    intent: pending?.intent ?? `house of ${facts.address.allocationId}`,
    note: { ...pending?.note, keptAt: now },
    budget: 'free' as const,
  };
  const isWaiting = judgement.kind === 'wait' && facts.history !== 'lost';
  return {
    ...act,
    ...(judgement.attention === true ? { attention: true } : {}),
    ...(isWaiting || pardoned.length > 0 ? { more: true } : {}),
  };
}

/** Answers show late in what Auto Scaling says: within one run they are given once. */
function wasJustKept({ facts, limits, now }: View): boolean {
  const keptAt = pendingOf(facts.history)?.note['keptAt'];
  return typeof keptAt === 'string' && secondsSince(keptAt, now) < limits.echoSeconds;
}

/** An announced move is settled with an empty plan, once nothing of it is left and no run can be at it any more. */
function isSettling({ facts, limits, now }: View, judgement: Standstill): boolean {
  const pending = pendingOf(facts.history);
  if (pending === undefined || judgement.kind === 'wait' || facts.ask.kind !== 'reconcile') return false;
  return secondsSince(pending.at, now) > limits.echoSeconds;
}

function answers(view: View): readonly PlannedCall[] {
  const hooks = view.facts.hooks.filter((hook) => isForUs(view, hook));
  return hooks.flatMap((hook) => {
    const answer = hook.transition === 'terminating' ? farewell(view, hook) : welcome(view, hook);
    return answer ?? [];
  });
}

/**
 * Which address of the name answers a hook. An instance that leaves is let go by who is on it, the last of them by id; one
 * that launches is not let in by an address that is served while another one waits for it.
 */
function isForUs({ facts, health, beside }: View, { transition, instanceId, toWarmPool }: HookFacts): boolean {
  if (transition === 'launching') return toWarmPool || beside.length === 0 || isInNeed(health);
  const { address } = facts;
  const others = othersOn(facts, instanceId);
  const isOnIt = address.association?.instanceId === instanceId;
  return isOnIt ? others.every(({ allocationId }) => allocationId < address.allocationId) : others.length === 0;
}
/** The holder may stay while it can still hand over; whoever else leaves goes at once. */
function farewell(view: View, hook: HookFacts): PlannedCall | undefined {
  const { instanceId } = hook;
  if (instanceId === view.holder?.id && isHolding(view)) return undefined;
  if (instanceId === view.holder?.id && isCoolingDown(view))
    return heartbeat(hook, `${instanceId} hands over as soon as the address may move`);
  return completion(hook, `${instanceId} has nothing to hand over, or nobody to hand it to`);
}

/** The holder leaves in good health and its successor is on the way: its terminate hook can wait. */
function isHolding({ holder, good, booting }: View): boolean {
  if (holder === null || !isAliveYetLeaving(holder)) return false;
  return good.length === 0 && booting.length > 0;
}

/** The holder leaves in good health, and there is somebody to hand over to once the cool-down is over: a matter of minutes. */
function isCoolingDown({ facts, holder, good }: View): boolean {
  if (holder === null || !isAliveYetLeaving(holder)) return false;
  return good.length > 0 && refusedBudget(facts)?.name === 'cooldown';
}

function isAliveYetLeaving(holder: Machine): boolean {
  return isLeaving(holder) && holder.state === 'running' && readChecks(holder.checks).verdict === 'ok';
}

/** Who launches is kept in its hook only while it is to take the address and may yet boot. */
function welcome({ health, standbys, limits, now }: View, hook: HookFacts): PlannedCall | undefined {
  const { instanceId, toWarmPool } = hook;
  const isServed = health.verdict === 'good' || health.verdict === 'foreign';
  if (toWarmPool || isServed) return completion(hook, `${instanceId} need not wait for the address`);
  const standby = standbys.find(({ machine }) => machine.id === instanceId);
  if (standby === undefined || standby.flaws.some(({ kind }) => kind === 'misfit'))
    return completion(hook, `${instanceId} cannot take the address`);
  // Beyond that the hook's own default result decides: an instance that never boots must not be kept alive by heartbeats.
  if (!mayStillBoot(standby.machine, limits, now)) return undefined;
  return heartbeat(hook, `${instanceId} is to take the address and boots`);
}

/** Quarantines end by the schedule's clock alone: it is the one that saw the instance steady all the while. */
function pardons({ facts, limits, now }: View): readonly PlannedCall[] {
  if (facts.ask.kind !== 'reconcile') return [];
  return facts.instances.flatMap((machine) => {
    const { id, vip, quarantinedAt } = machine;
    if (quarantinedAt === null) return [];
    const steadySince = remembered(facts.history, `stable:${id}`);
    if (steadySince === undefined) return [];
    const isOver = secondsSince(steadySince, now) >= limits.quarantineSeconds && isSteady(machine);
    return isOver && vip === facts.address.vip ? [pardon(machine, quarantinedAt, steadySince)] : [];
  });
}
