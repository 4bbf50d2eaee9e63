/** What CloudFront has said no to in this run, and what that means. Pure. */

import { secondsSince } from '../../../shared/judgement/since.ts';
import type { JsonObject, Refusal } from '../../../shared/kernel/decision.ts';
import { isJsonObject } from '../../../shared/kernel/json.ts';

/** The paths of a planned invalidation. */
function pathsOf(input: JsonObject): readonly string[] {
  const batch = input['InvalidationBatch'];
  const paths = isJsonObject(batch) ? batch['Paths'] : undefined;
  const items: unknown = isJsonObject(paths) ? paths['Items'] : undefined;
  return Array.isArray(items) ? items.filter((item) => typeof item === 'string') : [];
}

/** The CallerReference of a planned invalidation; empty: it has none. */
export function callerReferenceOf(input: JsonObject): string {
  const batch = input['InvalidationBatch'];
  const reference = isJsonObject(batch) ? batch['CallerReference'] : undefined;
  return typeof reference === 'string' ? reference : '';
}

/** Batches that hold a path which CloudFront does not take. */
export function refusedBatches(refusals: readonly Refusal[]): readonly (readonly string[])[] {
  return refusals.filter(({ meaning }) => meaning === 'refused').map(({ input }) => pathsOf(input));
}

/** The first wait after CloudFront has said that too much is in progress; it doubles. */
const FIRST_SECONDS = 20;

/** No longer than a tenth of what an invalidation takes now and then. */
const LONGEST_SECONDS = 300;

/**
 * How many seconds to wait since CloudFront has said that too much is in progress, which it may although less is seen: it counts other
 * things, too, or the listing lags behind. `undefined`: it has not, or that was long ago.
 */
export function roomSaidNo(refusals: readonly Refusal[], now: string): number | undefined {
  const full = refusals.filter(({ meaning }) => meaning === 'capacity');
  const last = full.at(-1);
  if (last === undefined) return undefined;
  const seconds = Math.min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** (full.length - 1));
  const left = Math.ceil(seconds - secondsSince(last.at, now));
  return left > 0 ? left : undefined;
}
