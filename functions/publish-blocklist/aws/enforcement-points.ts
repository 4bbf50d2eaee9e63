/** Which sets enforce a blocklist, in the function's Region and for CloudFront. */

import { taggedSets, type TaggedSetName } from '../../../shared/aws/blocklist/tagged-sets.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { classify, type Fault } from '../../../shared/kernel/errors.ts';

/** A set, and the blocklist that it enforces. */
export type Point = TaggedSetName;

/** Sets that are tagged, and the places that could not be asked. */
export interface FoundPoints {
  readonly points: readonly Point[];
  readonly unasked: readonly { readonly target: string; readonly fault: Fault }[];
}

/** All of them. A place that does not answer holds up no other. */
export async function findPoints(io: Io): Promise<FoundPoints> {
  const scopes = ['REGIONAL', 'CLOUDFRONT'] as const;
  const asked = await Promise.allSettled(scopes.map((scope) => taggedSets(scope, io)));
  const points = asked.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
  const unasked = asked.flatMap((each, index) =>
    // What stands for all sets of a scope while nobody knows which there are.
    each.status === 'rejected' ? [{ target: `ip-sets/${scopes[index]}`, fault: classify(each.reason) }] : [],
  );
  return { points, unasked };
}
