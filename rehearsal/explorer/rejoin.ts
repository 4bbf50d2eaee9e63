/**
 * When a run under faults has rejoined the run without: nothing it does from then on can differ, and it is not run to its end.
 *
 * The simulation asks only when nothing is left of the plan and nothing under way or to come but the schedules' ticks. A run has
 * rejoined when besides
 *
 * 1. account and ledger are those of the calm run at its end, but for times, and
 * 2. the calm run has changed neither for longer than any of these times lies apart, nor does it for a minute beyond its end.
 *
 * What a tick sees from then on, the calm run has seen with each time a little older and a little younger, and found nothing to
 * do at both. `decide` is a pure function of that, so a threshold that lies between was passed by the calm run too, without a
 * change. Of the runs that are stopped a sample is run to the end all the same (`rehearsal.ts`).
 */

import { isRecord } from '../../simulator/engine/json.ts';
import type { LoggedRequest, SimulationResult, Standing, Watcher } from '../../simulator/engine/run-types.ts';
import { comparableStanding, millisecondsApart, stateText } from './compare.ts';
import { tookEffect } from './effects.ts';

/** How much longer than others the calm run goes on, to show that nothing was about to happen. */
export const BEYOND_THE_END_MS = 60_000;

/** The calm run: how it ends, and since when nothing has changed in it. */
export interface Calm {
  readonly state: unknown;
  readonly sinceMs: number;
}

/** Takes down when the account changed last, by as much as a millisecond in a time. */
export function changesInto(last: { atMs: number }): Watcher {
  let known = '';
  return {
    name: 'changes',
    check: (world) => {
      const text = stateText(world);
      if (text !== known) last.atMs = world.clock.now();
      known = text;
      return undefined;
    },
  };
}

/** Whether a later run may find something else in the ledger because of it. */
function changesTheLedger(request: LoggedRequest): boolean {
  return request.call.startsWith('ledger:') && request.call !== 'ledger:record' && tookEffect(request);
}

/** Since when nothing has changed in a run: `accountMs` is when the account did last. */
export function calmSince({ requests }: Pick<SimulationResult, 'requests'>, accountMs: number): number {
  const times = requests.filter(changesTheLedger).map(({ at, answeredAt }) => Date.parse(answeredAt ?? at));
  return Math.max(accountMs, ...times);
}

/** How far the times of two states lie apart at most, ms; `undefined`: they differ in something else. */
export function timesApart(one: unknown, other: unknown): number | undefined {
  if (one === other) return 0;
  if (isRecord(one) && isRecord(other)) return membersApart(one, other);
  return typeof one === 'string' && typeof other === 'string' ? millisecondsApart(one, other) : undefined;
}

function membersApart(one: Record<string, unknown>, other: Record<string, unknown>): number | undefined {
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return undefined;
  let most = 0;
  for (const key of keys) {
    const apart = key in other ? timesApart(one[key], other[key]) : undefined;
    if (apart === undefined) return undefined;
    most = Math.max(most, apart);
  }
  return most;
}

/** Whether a run that stands so has rejoined the calm one. `given`: the text of the world before the run. */
export function hasRejoined({ state, sinceMs }: Calm, { world, ledger }: Standing, given: string): boolean {
  const now = world.clock.now();
  if (now < sinceMs) return false;
  const apart = timesApart(state, comparableStanding(world, ledger(), given));
  return apart !== undefined && apart <= BEYOND_THE_END_MS && now - apart >= sinceMs;
}
