/** A crash of the small runbook at each of its requests, or at one in so many. */

import type { FaultKind } from '../../../simulator/engine/run-types.ts';
import { instances, outcomes, RECYCLED, run } from './small-run.ts';

export const CRASHES: readonly FaultKind[] = ['died-before', 'died-after', 'reply-lost', 'throttled', 'failed-before'];

const AS_WITHOUT = JSON.stringify([RECYCLED, ['i-0a1 done', 'i-0b2 done'], undefined]);

/** Where the run does not end as without the crash. `share`: of the requests one in so many is struck. */
export async function wrongEnds(kind: FaultKind, share: number): Promise<string[]> {
  const { requests } = await run();
  const wrong: string[] = [];
  for (const { index, call } of requests.filter((_request, place) => place % share === 0)) {
    const end = await run({ faults: { points: [{ request: index, kind }] } });
    // A step is at least once: the two targets' steps that were under way run again, so a target may report or stop twice, never more.
    const state = JSON.stringify([instances(end), [...new Set(outcomes(end))], end.error?.message]);
    const stops = end.requests.filter((request) => request.call === 'ec2:StopInstances').length;
    if (state !== AS_WITHOUT) wrong.push(`${index} ${call}: ${state}`);
    if (stops > 4) wrong.push(`${index} ${call}: ${stops} stops`);
  }
  return wrong;
}
