/** What `runs` is asked for: since when, of which runbook, with which outcome. */

import { NoRunbookError, UsageError } from '../../terminal.ts';
import { didYouMean } from '../did-you-mean.ts';
import { OUTCOMES } from '../outcome-word.ts';
import type { Place } from '../place.ts';
import { DAY_MS, typedLength, typedTime } from '../times.ts';

/** Days that are read at most: each is a query for each stack, and a month is what a person looks back. */
export const MOST_DAYS = 30;

/** Since when runs are asked for. */
export interface Since {
  readonly fromMs: number;
  /** More days were asked for than are read. */
  readonly isShortened: boolean;
}

/** The beginning of a day, in UTC. */
function dayMs(text: string): number | undefined {
  return /^\d{4}-\d{2}-\d{2}$/u.test(text) ? typedTime(`${text}T00:00Z`) : undefined;
}

/**
 * Understands `90m`, `24h`, `7d`, `2026-11-21`, `2026-11-21T08:00:00Z` and `2026-11-21T10:00+02:00`.
 * @throws UsageError for anything else
 */
export function sinceOf(text: string, now: string): Since {
  const nowMs = Date.parse(now);
  const lengthMs = typedLength(text);
  const asked = lengthMs === undefined ? (typedTime(text) ?? dayMs(text)) : nowMs - lengthMs;
  if (asked === undefined)
    throw new UsageError(`--since: expected 90m, 24h, 7d, a day or a time such as 2026-11-21T08:00:00Z, found ${text}`);
  if (asked > nowMs) throw new UsageError(`--since: ${text} is still to come`);
  const leastMs = nowMs - MOST_DAYS * DAY_MS;
  return { fromMs: Math.max(asked, leastMs), isShortened: asked < leastMs };
}

/**
 * The outcomes in a list with commas.
 * @throws UsageError for a word that is no outcome
 */
export function outcomesOf(list: string): readonly string[] {
  const known: readonly string[] = OUTCOMES;
  const words = list.split(',').map((word) => word.trim());
  const unknown = words.find((word) => !known.includes(word));
  if (unknown === undefined) return words;
  throw new UsageError(`--outcome: there is no ${unknown}${didYouMean(unknown, known)}; there are ${known.join(', ')}`);
}

/**
 * Checks that a runbook is deployed in the place.
 * @throws NoRunbookError for one that is not
 */
export function deployedName(place: Pick<Place, 'stacks'>, name: string): string {
  const known = [...new Set(place.stacks.flatMap(({ runbooks }) => runbooks.map((runbook) => runbook.name)))];
  if (known.includes(name)) return name;
  throw new NoRunbookError(`no runbook ${name} is deployed here${didYouMean(name, known)}`);
}
