/** What lies between two turns: the wait that a decision asks for, and the back-off after a failure. */

import type { Evidence, Wait } from '../decision.ts';
import { fault, type Fault } from '../errors.ts';
import { attempt } from '../hosts/host.ts';
import { keepLease, LEASE_SECONDS } from '../ledger/access.ts';
import { tokenOf } from '../plan.ts';
import type { TargetRun } from './context.ts';
import { endOf, failed, type Leaving } from './end.ts';
import { unseen, type HeldLease, type RunState } from './state.ts';

/** Waits inside the loop before it looks again after a retryable error: doubling from here, with jitter by run and look. */
const BACKOFF_SECONDS = 1;

/** Waits as the decision asks. Only the durable host can: elsewhere the schedule goes on. */
export async function wait<Seen extends object>(
  run: TargetRun<Seen>,
  state: RunState<Seen>,
  decision: Wait,
): Promise<Leaving<Seen>> {
  const { host, limits } = run;
  const { waitedSeconds, turn } = state;
  if (run.dryRun || host.kind === 'plain') return endOf(state, 'waiting', decision);
  if (waitedSeconds + decision.seconds > limits.maxWaitSeconds) {
    const message = `${decision.code}: ${decision.because}; gave up after ${waitedSeconds} s`;
    return failed(state, fault('terminal', 'WaitedTooLong', message), decision.evidence);
  }
  const lease = await hold(run, state, decision.seconds);
  await host.wait(`wait:${turn}`, decision.seconds);
  return { ...unseen(state), lease, waitedSeconds: waitedSeconds + decision.seconds };
}

/** Keeps the lease for so long a wait; the lease as it now stands. */
async function hold(
  { host, ledger }: Pick<TargetRun<object>, 'host' | 'ledger'>,
  { lease, turn }: RunState<object>,
  seconds: number,
): Promise<HeldLease | undefined> {
  if (lease === undefined) return undefined;
  const kept = await attempt(host, `hold:${turn}`, async () => (await keepLease(ledger, lease.held, seconds)) ?? null);
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
  const state = { ...unseen(before), looks: before.looks + 1 };
  const mayLook = why.class === 'retryable' && state.looks < run.limits.maxLooks;
  return mayLook && (await backOff(run, state, state.looks)) ? state : failed(state, why, evidence);
}

/** Backs off before look number `count`; false when a plain run has no time left for another. */
export async function backOff(
  { host, target }: Pick<TargetRun<object>, 'host' | 'target'>,
  { turn }: RunState<object>,
  count: number,
): Promise<boolean> {
  const jitter = Number.parseInt(tokenOf(host.run, target, String(count)).slice(0, 4), 16) / 0xffff;
  const seconds = BACKOFF_SECONDS * 2 ** (count - 1) * (0.5 + jitter / 2);
  if (host.kind === 'plain' && host.remainingMs() < seconds * 1_000 + LEASE_SECONDS * 1_000) return false;
  await host.wait(`backoff:${turn}`, seconds);
  return true;
}
