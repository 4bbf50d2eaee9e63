/** The decisions that change nothing, in one line each. Pure. */

import type { Evidence, Nothing, Refuse, Wait } from '../kernel/decision.ts';

/** Already in the wanted state, or not our business. */
export function nothing(evidence: Evidence, code: string, because: string): Nothing {
  return { kind: 'nothing', code, because, evidence };
}

/** The history would tell: the kernel reads it and asks again. */
export function needsHistory(evidence: Evidence, because: string): Nothing {
  return { kind: 'nothing', code: 'needs-history', because, evidence, needsHistory: true };
}

/** A guard or limit said no, and a person should look. */
export function refuse(evidence: Evidence, code: string, because: string): Refuse {
  return { kind: 'refuse', code, because, evidence, attention: true };
}

/** Look again after `seconds`. */
export function wait(evidence: Evidence, code: string, because: string, seconds: number): Wait {
  return { kind: 'wait', code, because, evidence, seconds };
}
