/** What lies between two turns: the wait that a decision asks for, and the back-off after a failure. */

import type { Evidence, Refusal, Wait } from '../decision.ts';
import { fault, type Fault } from '../errors.ts';
import { attempt } from '../hosts/attempt.ts';
import { attemptTwice, keepLease, outdated } from '../ledger/access.ts';
import { planHash, tokenOf } from '../plan.ts';
import type { TargetRun } from './context.ts';
import { endOf, failed, type Leaving } from './end.ts';
import { hasTime } from './room.ts';
import { failedLook, goodLook, unseen, type HeldLease, type RunState } from './state.ts';

/** Waits inside the loop before it looks again after a retryable error: doubling from here, with jitter by run and look. */
const BACKOFF_SECONDS = 1;

/** In the long run so many times `maxLooks` failures more than good looks end a run: it flutters, and does not come to rest. */
const FLUTTER_FACTOR = 3;

/** Waits as the decision asks. Only the durable host can: elsewhere the schedule goes on. */
export async function wait<Seen extends object>(
  run: TargetRun<Seen>,
  state: RunState<Seen>,
  decision: Wait,
): Promise<Leaving<Seen>> {
  const { host, limits } = run;
  const { waitedSeconds, turn } = state;
  if (host.kind === 'plain' || (run.dryRun && !looksAgain(run, state))) return endOf(state, 'waiting', decision);
  if (waitedSeconds + decision.seconds > limits.maxWaitSeconds) {
    // Nothing was begun that would not come to its end.
    if (run.dryRun) return endOf(state, 'waiting', decision);
    const message = `${decision.code}: ${decision.because}; gave up after ${waitedSeconds} s`;
    return failed(state, fault('terminal', 'WaitedTooLong', message), decision.evidence);
  }
  const lease = await hold(run, state, decision);
  await host.wait(`wait:${turn}`, decision.seconds);
  const waited = { ...goodLook(unseen(state)), waitedSeconds: waitedSeconds + decision.seconds };
  return { ...waited, lease, switches: outdated(state.switches) };
}

/**
 * What an event or a person has started waits for a doubt in a dry run too, or nobody would ever see the plan. What another run has
 * begun, or would have been begun before, is not waited for: it does not come by looking.
 */
function looksAgain(
  { isTick, held }: Pick<TargetRun<object>, 'isTick' | 'held'>,
  { history }: RunState<object>,
): boolean {
  const isBegun = held.heldUntil !== undefined || (typeof history === 'object' && history.pending !== undefined);
  return !isTick && !isBegun;
}

/** Keeps the lease for so long a wait, or hands it back; the lease as it now stands. */
async function hold(
  { host, ledger }: Pick<TargetRun<object>, 'host' | 'ledger'>,
  { lease, claims, turn }: RunState<object>,
  { seconds, handsBack }: Pick<Wait, 'seconds' | 'handsBack'>,
): Promise<HeldLease | undefined> {
  if (lease === undefined) return undefined;
  if (handsBack === true) {
    // Where the ledger does not answer the next wait hands it back, or the end of the run: what was announced would stand for ever.
    const released = await attemptTwice(host, `hold:${turn}`, () =>
      ledger.release({ lease: lease.held, intent: 'settle' }),
    );
    return released.ok ? undefined : lease;
  }
  const kept = await attempt(host, `hold:${turn}`, async () => {
    const held = (await keepLease(ledger, lease.held, seconds)) ?? null;
    // What was claimed is needed for as long; one that the ledger does not keep now has not been taken away.
    await Promise.all(claims.map((claim) => keepLease(ledger, claim, seconds).catch(() => claim)));
    return held;
  });
  // A ledger that does not answer now has not taken the lease away.
  if (!kept.ok) return lease;
  return kept.value === null ? undefined : { ...lease, held: kept.value };
}

/** Looks again after a failure, never sends the same request again by itself. */
export async function again<Seen extends object>(
  run: TargetRun<Seen>,
  before: RunState<Seen>,
  why: Fault,
  evidence: Evidence = {},
): Promise<Leaving<Seen>> {
  const state = failedLook(unseen(before));
  if (why.class !== 'retryable' || !mayFail(run, state)) return failed(state, why, evidence);
  // The longest pauses outlast a lease: a run that has nothing but patience would find it taken by another.
  const lease = await hold(run, state, { seconds: pauseBefore(state.looks) });
  if (!(await backOff(run, state, state.looks))) return failed({ ...state, lease }, why, evidence);
  return { ...state, lease, switches: outdated(state.switches) };
}

/** It may have failed as often as it has, in a row and in the long run. */
function mayFail({ limits }: Pick<TargetRun<object>, 'limits'>, { looks, flutter }: RunState<object>): boolean {
  return looks < limits.maxLooks && flutter < limits.maxLooks * FLUTTER_FACTOR;
}

/**
 * AWS has not carried out a call, and said why: decides again at once, knowing it. The same answer to the same call twice is
 * a failure like any other, since nothing was made of it.
 */
export function chooseAgain<Seen extends object>(
  run: TargetRun<Seen>,
  before: RunState<Seen>,
  refusal: Refusal,
  evidence: Evidence,
): Promise<Leaving<Seen>> | Leaving<Seen> {
  const { meaning, name, message } = refusal;
  const state = unseen(before);
  const verdict = meaning === 'refused' ? 'terminal' : 'retryable';
  const why = fault(verdict, name, message, 'none');
  if (meaning === 'conflict') {
    const looked = failedLook(state);
    return mayFail(run, looked) && hasTime(run.host) ? looked : failed(looked, why, evidence);
  }
  const earlier = before.refusals.slice(0, -1);
  if (earlier.some((one) => isSameRefusal(one, refusal))) return again(run, before, why, evidence);
  return hasTime(run.host) ? state : failed(state, fault('retryable', name, message, 'none'), evidence);
}

function isSameRefusal(one: Refusal, other: Refusal): boolean {
  const hash = ({ call, input }: Refusal): string => planHash([{ call, input, because: '' }]);
  // Who holds a claim for longer by now is at work: that is another answer.
  const isHeldOn = one.name === 'Claimed' && one.message !== other.message;
  return one.meaning === other.meaning && hash(one) === hash(other) && !isHeldOn;
}

/** The longest pause before look number `count`. */
function pauseBefore(count: number): number {
  return BACKOFF_SECONDS * 2 ** (count - 1);
}

/** Backs off before look number `count`; false when a plain run has no time left for another. */
export async function backOff(
  { host, target }: Pick<TargetRun<object>, 'host' | 'target'>,
  { turn }: RunState<object>,
  count: number,
): Promise<boolean> {
  const jitter = Number.parseInt(tokenOf(host.run, target, String(count)).slice(0, 4), 16) / 0xffff;
  const seconds = pauseBefore(count) * (0.5 + jitter / 2);
  if (!hasTime(host, seconds)) return false;
  await host.wait(`backoff:${turn}`, seconds);
  return true;
}
