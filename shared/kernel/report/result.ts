/** What a run reports; the command prints it, the record keeps it, the outcome event carries it. */

import type { Evidence, Outcome, PlannedCall } from '../decision.ts';
import type { Fault } from '../errors.ts';
import type { ModeReading } from '../ledger/access.ts';

/** A phase of a run, for the timeline. */
export type Phase = {
  readonly name: string;
  readonly startedAt: string;
  readonly endedAt: string;
};

/** The result of one run for one target. A run that found no target has one result without `target`. */
export type RunResult = {
  readonly runbook: string;
  readonly run: string;
  readonly target?: string;
  readonly outcome: Outcome;
  /** `code: sentence`, e.g. `holder-healthy: i-0a1 is running and passes its status checks`. */
  readonly reason: string;
  readonly evidence: Evidence;
  readonly plan: readonly PlannedCall[];
  readonly phases: readonly Phase[];
  /** Whether it was to act, and by whose word; absent where it came to no target. */
  readonly mode?: ModeReading;
  /** What was too long for what keeps the result: how many bytes are gone, of what, e.g. `evidence.alarms`. Absent: nothing is. */
  readonly cut?: { readonly [of: string]: number };
};

/** All results of a run, and the first failure: recorded, and still to be thrown. */
export interface RunEnd {
  readonly results: readonly RunResult[];
  readonly failure: Fault | undefined;
}

/**
 * The structured log line that closes a run: `{ "message": "outcome", "level": …, "at": ISO, "result": RunResult }`.
 * The simulator and the command read results from these lines, so that what they show is what an operator finds in the log.
 */
export interface OutcomeLine {
  readonly message: 'outcome';
  readonly level: 'INFO' | 'WARN' | 'ERROR';
  readonly at: string;
  readonly result: RunResult;
}
