/** What to make of an interface that holds the address and is attached to no instance. Pure. */

import type { HistoryReading } from '../../../shared/kernel/decision.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
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
  if (history === 'unread') return { verdict: 'unread', why };
  if (history === 'lost') return { verdict: 'unreadable', why: `${why}; for how long is not known without the ledger` };
  const doubtSince = history.memory[suspectKey(interfaceId)] ?? now;
  const seconds = Math.round(secondsSince(doubtSince, now));
  if (seconds < LOOSE_SECONDS) return { verdict: 'doubtful', why: `${why} for ${seconds} s`, doubtSince };
  return { verdict: 'nobody', why: `${why} since ${doubtSince}`, doubtSince };
}

/** Under which key the memory keeps since when a holder is in doubt: an instance, or an interface. */
export function suspectKey(holderId: string): string {
  return `suspect:${holderId}`;
}
