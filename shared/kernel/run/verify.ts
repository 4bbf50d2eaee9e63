/** Looks whether what was done is there, before it is called done. */

import type { Act, Nothing, PlannedCall, Refuse } from '../decision.ts';
import type { Verification } from '../definition.ts';
import { fault } from '../errors.ts';
import { attempt } from '../hosts/attempt.ts';
import type { TargetRun } from './context.ts';
import { effect, type Effect } from './effect.ts';
import { endOf, failed, failedVerification, type End, type Leaving } from './end.ts';
import { takeUp } from './left-over.ts';
import { ENDED_KEY } from './memory-keys.ts';
import { goodLook, type Acting, type RunState } from './state.ts';
import { again } from './wait.ts';

/** Verifies what was applied just now, and ends the run, or goes on to what comes next. */
export async function verify<Seen extends object>(
  run: TargetRun<Seen>,
  { state: before, decision }: Acting<Seen>,
): Promise<Leaving<Seen>> {
  const { plan, evidence } = decision;
  if (plan.length === 0) return reached(before, decision);
  const { made, state } = await check(run, before, plan);
  if (!made.ok) return again(run, state, made.fault, evidence);
  return made.value.ok ? reached(state, decision) : notReached(run, state, decision, made.value.why);
}

function check<Seen extends object>(
  run: TargetRun<Seen>,
  state: RunState<Seen>,
  plan: readonly PlannedCall[],
): Promise<Effect<Verification, Seen>> {
  return effect(run, state, 'verify', (io) => run.runbook.verify(run.target, plan, io));
}

function reached<Seen extends object>(before: RunState<Seen>, decision: Act): Leaving<Seen> {
  const state = { ...before, done: decision };
  if (state.setback !== undefined) return failedVerification(state, { ...decision, code: 'went-back' });
  return decision.more === true ? goodLook(state) : endOf(state, 'done', decision);
}

/** Back at most once: a second failed verification is for a person. */
async function notReached<Seen extends object>(
  { host, ledger, runbook, target }: TargetRun<Seen>,
  state: RunState<Seen>,
  { plan, evidence }: Act,
  why: string,
): Promise<Leaving<Seen>> {
  const { setback, turn } = state;
  if (setback !== undefined) {
    const message = `${setback.why}; going back: ${why}`;
    return failed(state, fault('terminal', 'VerificationFailed', message), evidence);
  }
  // Before going back: should this run die on the way, Lambda's repeat of it must not make the same move again.
  await attempt(host, `setback:${turn}`, () => ledger.remember(target, runbook.name, { [ENDED_KEY]: host.run }));
  return { ...state, setback: { plan, why } };
}

/**
 * Nothing (more) to do: the goal stood from the beginning, or is reached now. What was begun and broke off is looked at
 * before it is called done: "nothing to do" may also be a stale read.
 */
export async function rest<Seen extends object>(
  run: TargetRun<Seen>,
  before: RunState<Seen>,
  decision: Nothing,
): Promise<Leaving<Seen>> {
  const { setback, done, applied } = before;
  if (setback !== undefined) return failedVerification(before, decision);
  const last = applied.at(-1);
  // Where no intent is announced the item itself says that this run has written it before, and died before it told.
  const untouched = run.runbook.safety && decision.untold ? 'done' : 'nothing';
  if (last === undefined) return (await takeUp(run, before, decision)) ?? endOf(before, untouched, decision);
  if (last === done) return toldBy(before, decision, done);
  const broken = last;
  const { made, state } = await check(run, before, broken.plan);
  if (!made.ok) return again(run, state, made.fault, broken.evidence);
  if (made.value.ok) {
    const told = toldBy(state, decision, broken);
    // What it did not come to is not known to be there: the next run takes the intent up once more, and looks for it.
    return decision.tells === true ? told : { ...told, intent: 'keep' };
  }
  const message = `${made.value.why}, yet ${decision.because}`;
  return again(run, state, fault('retryable', 'NotReached', message), broken.evidence);
}

function toldBy(state: RunState<object>, decision: Nothing, act: Act): End {
  return decision.tells === true ? endOf(state, 'done', decision) : doneBy(state, decision, act);
}

/** Done, and told by what was done rather than by there being nothing left. */
function doneBy(state: RunState<object>, decision: Nothing, { code, because, evidence }: Act): End {
  return endOf(state, 'done', { ...decision, code, because, evidence });
}

/** The runbook says no. After a setback that means that there is no way back either. */
export async function refuse<Seen extends object>(
  run: TargetRun<Seen>,
  state: RunState<Seen>,
  decision: Refuse,
): Promise<End> {
  if (state.setback !== undefined) return failedVerification(state, decision);
  // What a dead run has left, and is over, would be found again by every tick.
  const isLeft = (run.left === true || decision.over === true) && state.lease === undefined;
  const last = isLeft ? await takeUp(run, state, decision) : undefined;
  return last ?? endOf(state, 'refused', decision);
}
