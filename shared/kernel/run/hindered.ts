/** What becomes of a run that the ledger, or another run's lease, keeps from acting, where nobody else would look at it again. */

import type { Decision } from '../decision.ts';
import { fault } from '../errors.ts';
import type { TargetRun } from './context.ts';
import { failed, type Leaving } from './end.ts';
import type { RunState } from './state.ts';
import { again } from './wait.ts';

/** A decision that cannot be carried out. */
interface Barred<Seen extends object> {
  readonly state: RunState<Seen>;
  readonly decision: Decision;
}

/**
 * What a definition says where what starts its runs comes once, and no schedule looks at it again: it is not refused, for whoever has
 * started it is to try again. A value, so that only those bundles carry it that need it.
 */
export interface Hindered {
  /** The ledger does not answer: it looks again, and fails in the end. */
  readonly withoutAnswer: <Seen extends object>(
    run: TargetRun<Seen>,
    barred: Barred<Seen>,
    because: string,
  ) => Promise<Leaving<Seen>>;
  /** Another run has held the lease for as long as it was waited for: it fails. */
  readonly heldUp: <Seen extends object>(barred: Barred<Seen>, because: string) => Leaving<Seen>;
}

/** Fails, so that Lambda and whoever has started it know. */
export const failing: Hindered = {
  withoutAnswer: (run, { state, decision }, because) =>
    again(run, { ...state, history: 'unread' }, fault('retryable', 'LedgerLost', because, 'none'), decision.evidence),
  heldUp: ({ state, decision }, because) =>
    failed(state, fault('retryable', 'Leased', because, 'none'), decision.evidence),
};
