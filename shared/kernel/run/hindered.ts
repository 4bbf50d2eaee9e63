/** What becomes of a run that the ledger, or another run's lease, keeps from acting. */

import type { Decision, PlannedCall } from '../decision.ts';
import { fault } from '../errors.ts';
import type { TargetRun } from './context.ts';
import { endOf, failed, type End, type Leaving } from './end.ts';
import type { RunState } from './state.ts';
import { again } from './wait.ts';

/** A decision that cannot be carried out. */
interface Hindered<Seen extends object> {
  readonly state: RunState<Seen>;
  readonly decision: Decision & { readonly plan?: readonly PlannedCall[] };
}

/** Why nothing is done that would be written down. */
export const NO_LEDGER = 'the ledger does not answer, and nothing is done without it';

/** Where no plan is to be told. */
export function withoutPlan<Seen extends object>({ state, decision }: Hindered<Seen>): Hindered<Seen> {
  return { state, decision: { ...decision, plan: [] } };
}

/** Refused, for the ledger does not answer. */
export function refusedWithoutAnswer({ state, decision }: Hindered<object>, because: string): End {
  return endOf(state, 'refused', { ...decision, code: 'ledger-lost', because, attention: true }, decision.plan);
}

/** The ledger does not answer. Refused; or looked at again, and a failure in the end, where nobody else would look again. */
export function withoutAnswer<Seen extends object>(
  run: TargetRun<Seen>,
  { state, decision }: Hindered<Seen>,
  because: string,
): Promise<Leaving<Seen>> | Leaving<Seen> {
  if (run.runbook.hindered !== 'fail') return refusedWithoutAnswer({ state, decision }, because);
  const why = fault('retryable', 'LedgerLost', because, 'none');
  return again(run, { ...state, history: 'unread' }, why, decision.evidence);
}

/** Another run has held the lease for as long as it was waited for. Refused, or a failure. */
export function heldUp<Seen extends object>(
  { runbook }: TargetRun<Seen>,
  { state, decision }: Hindered<Seen>,
  because: string,
): Leaving<Seen> {
  if (runbook.hindered !== 'fail')
    return endOf(state, 'refused', { ...decision, code: 'leased', because }, decision.plan);
  return failed(state, fault('retryable', 'Leased', because, 'none'), decision.evidence);
}
