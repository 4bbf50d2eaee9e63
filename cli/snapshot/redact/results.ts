/** Results of runs, to be given to others. */

import type { ShownResult } from '../../results.ts';
import { redactor, type Document } from './redact.ts';

/** What the results are of. */
export interface Beside {
  readonly world: unknown;
  readonly event: unknown;
}

/** The members that a result is told by: whatever else becomes of them, they are there, and texts. */
function isLike(value: unknown, original: ShownResult): value is ShownResult {
  return (
    typeof value === 'object' && value !== null && Object.keys(original).every((name) => Object.hasOwn(value, name))
  );
}

/**
 * The results without what identifies. What names something is learned from the world and the event, too.
 * @param known names of the runbooks, which are everybody's
 */
export async function redactedResults(
  results: readonly ShownResult[],
  { world, event }: Beside,
  known: readonly string[],
): Promise<readonly ShownResult[]> {
  const own: readonly Document[] = results.map((value) => ({ kind: 'other', value }));
  const write = await redactor([{ kind: 'world', value: world }, { kind: 'other', value: event }, ...own], known);
  return results.map((result) => {
    const written = write({ kind: 'other', value: result });
    if (!isLike(written, result)) throw new Error(`${result.runbook}: its result cannot be redacted`);
    return written;
  });
}
