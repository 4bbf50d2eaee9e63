/** When the runbooks' schedules tick, as this version of the project has them. */

import type { RunbookSummary } from '../../shared/kernel/definition.ts';
import { parseSchedule } from '../../shared/kernel/triggers/schedule-expression.ts';

/** A runbook's schedule. */
export interface Ticking {
  /** `rate(1 minute)`. */
  readonly expression: string;
  /** The longest time between two ticks. */
  readonly everyMs: number;
}

/** The schedules by runbook; one without a schedule is not in it. */
export function schedulesOf(
  summaries: readonly Pick<RunbookSummary, 'name' | 'triggers'>[],
): ReadonlyMap<string, Ticking> {
  const ticking = summaries.flatMap(({ name, triggers }): [string, Ticking][] => {
    const expression = triggers.find(({ schedule }) => schedule !== undefined)?.schedule;
    if (expression === undefined) return [];
    return [[name, { expression, everyMs: parseSchedule(expression).longestGapMs() }]];
  });
  return new Map(ticking);
}
