/** Requests that a service holds before it answers: long polls. */

import { destination } from './places.ts';
import type { Request } from './requests.ts';
import type { FaultKind } from './run-types.ts';
import type { SimulatedWorld } from './world.ts';

/** What is refused is refused at once. */
const FAILS_AT_ONCE: ReadonlySet<FaultKind> = new Set([
  'throttled',
  'throttled-for-a-minute',
  'failed-before',
  'refused',
]);

/** How many milliseconds longer a request is held where it arrived. */
export function heldFor(
  home: SimulatedWorld,
  request: Pick<Request<unknown>, 'call' | 'region' | 'holdMs'>,
  fault: FaultKind | undefined,
  heldMs: number,
): number {
  const { holdMs } = request;
  if (holdMs === undefined || (fault !== undefined && FAILS_AT_ONCE.has(fault))) return 0;
  return holdMs(destination(home, request), heldMs);
}
