/** What to make of an interface that holds the address and is attached to no instance. Pure. */

import type { HistoryReading } from '../../../shared/kernel/decision.ts';
import { doubtOn, suspectKey } from './doubt.ts';
import type { LoneInterface } from './facts.ts';
import type { Health } from './view.ts';

/** Who moves an interface, with the address on it, from one instance to another takes seconds. Less than the schedule's minute. */
const LOOSE_SECONDS = 45;

/** One that has outlived its instance serves nobody, once it has been loose for a while; all others are left alone. */
export function judgeInterface(
  interfaceId: string,
  lone: LoneInterface | undefined,
  history: HistoryReading,
  now: string,
): Health {
  if (lone === undefined) return { verdict: 'foreign', why: `${interfaceId} belongs to no instance` };
  if (lone.service !== null) return { verdict: 'foreign', why: `${interfaceId} is a service's: ${lone.service}` };
  const why = `${interfaceId} is attached to nothing`;
  if (!lone.isLoose) return { verdict: 'foreign', why: `${interfaceId} belongs to no instance` };
  const doubt = doubtOn(why, suspectKey(interfaceId), LOOSE_SECONDS, history, now);
  if (doubt.verdict !== undefined) return doubt;
  const { doubtSince } = doubt;
  return { verdict: 'nobody', why: `${why} since ${doubtSince}`, doubtSince };
}
