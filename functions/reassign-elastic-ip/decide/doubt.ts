/** The clock of a doubt: what may be nothing for some seconds is something after minutes, and only the memory knows since when. Pure. */

import type { HistoryReading } from '../../../shared/kernel/decision.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import type { Verdict } from './instance-verdict.ts';

/** Under which key the memory keeps since when a holder is in doubt: an instance, or an interface. */
export function suspectKey(holderId: string): string {
  return `suspect:${holderId}`;
}

/** A doubt that has lasted: since when. */
export interface Lasting {
  readonly verdict?: never;
  readonly doubtSince: string;
}

/** How long it has been in doubt, by the clock under `key`: a verdict while that is not known, or shorter than `doubtSeconds`. */
export function doubtOn(
  why: string,
  key: string,
  doubtSeconds: number,
  history: HistoryReading,
  now: string,
): Verdict | Lasting {
  if (history === 'unread') return { verdict: 'unread', why };
  if (history === 'lost') return { verdict: 'unreadable', why: `${why}; for how long is not known without the ledger` };
  const doubtSince = history.memory[key] ?? now;
  // Whole seconds: looks a minute apart are a few milliseconds early or late.
  const seconds = Math.round(secondsSince(doubtSince, now));
  return seconds < doubtSeconds ? { verdict: 'doubtful', why: `${why} for ${seconds} s`, doubtSince } : { doubtSince };
}
