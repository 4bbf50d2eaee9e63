/**
 * What `receive-requests` does about what it is told. Pure.
 *
 * It judges nothing of what is asked for: it sees to it that what arrives in many messages, or twice, is one execution of the runbook that
 * it is for, and that what was collected for one is not forgotten when that fails.
 */

import type { Decision } from '../../shared/kernel/decision.ts';
import { decideChanges } from './decide/changes.ts';
import type { Facts } from './decide/facts.ts';
import { decideStart } from './decide/start.ts';
import { decideWindow } from './decide/window.ts';

export { LATE_MS, LOOK_BACK_MS, MOST_ATTEMPTS, MOST_PORTION_BYTES, WINDOW_SECONDS } from './decide/limits.ts';
export type { ChangesFacts, Facts, Portion, StartFacts, WindowFacts, WindowStart } from './decide/facts.ts';

/** Decides on one of them. */
export function decide(facts: Facts): Decision {
  if (facts.kind === 'changes') return decideChanges(facts);
  return facts.kind === 'start' ? decideStart(facts) : decideWindow(facts);
}
