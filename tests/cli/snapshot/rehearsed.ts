/** A drill's events on another world than its own: what they come to. */

import { concerned, DEPLOYED_ENVIRONMENT, type Drill } from '../../../rehearsal/drill.ts';
import { discoverFunctions } from '../../../rehearsal/functions.ts';
import { NO_FAULTS } from '../../../simulator/engine/run-types.ts';
import { simulate } from '../../../simulator/engine/simulation.ts';
import { parseDuration } from '../../../simulator/world/duration.ts';
import type { ParsedWorld } from '../../../simulator/world/world-file.ts';

export const functions = await discoverFunctions('functions');

/** What was only looked at: how often, and in which moment, hangs on the order in which events arrive, and that on ids. */
const LOOKED = new Set(['nothing', 'waiting']);

/** Of ends those that are more than a look. */
export function weighty(ends: readonly string[]): readonly string[] {
  return ends.filter((end) => !LOOKED.has(end.split(' ')[1] ?? ''));
}

/** Each way in which a run has ended, once: runbook, outcome, code. In their order. */
export async function outcomesOf(
  drill: Drill,
  { world, events }: Pick<Drill, 'events'> & { readonly world: ParsedWorld },
): Promise<readonly string[]> {
  const { results, error } = await simulate({
    world,
    events,
    functions: concerned(drill, functions),
    seed: 1,
    faults: NO_FAULTS,
    runForMs: parseDuration(drill.expect.runFor) ?? 0,
    environment: { ...DEPLOYED_ENVIRONMENT, ...drill.expect.environment },
    answers: drill.expect.approval,
    watchers: [],
  });
  if (error !== undefined) throw error;
  const ends = results.map(
    ({ result: { runbook, outcome, reason } }) => `${runbook} ${outcome} ${reason.split(':')[0]}`,
  );
  return [...new Set(ends)].toSorted();
}
