/** Outcomes as the ledger keeps them: words that some other version may have written. Pure. */

import type { Outcome } from '../../shared/kernel/decision.ts';

/** All outcomes, the gravest first. */
export const OUTCOMES: readonly Outcome[] = [
  'failed',
  'refused',
  'awaiting-approval',
  'waiting',
  'planned',
  'done',
  'nothing',
  'not-mine',
];

/** The outcome that a word names; one that is not known looks like a refusal, for a person has to read it. */
export function outcomeOf(word: string): Outcome {
  return OUTCOMES.find((outcome) => outcome === word) ?? 'refused';
}
