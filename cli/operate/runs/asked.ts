/** What `runs` is asked for: since when, of which runbook, with which outcome. */

import { writtenMs } from '../../../shared/kernel/ledger/rules.ts';
import { NoRunbookError, UsageError } from '../../terminal.ts';
import { didYouMean } from '../did-you-mean.ts';
import { OUTCOMES } from '../outcome-word.ts';
import type { Place } from '../place.ts';
import { DAY_MS } from '../times.ts';

/** Days that are read at most: each is a query for each stack, and a month is what a person looks back. */
export const MOST_DAYS = 30;

const UNIT_MS: { readonly [unit: string]: number } = { m: 60_000, h: 3_600_000, d: DAY_MS };

/** Since when runs are asked for. */
export interface Since {
  readonly fromMs: number;
  /** More days were asked for than are read. */
  readonly isShortened: boolean;
}

/**
 * Understands `90m`, `24h`, `7d`, `2026-11-21` and `2026-11-21T08:00:00Z`.
 * @throws UsageError for anything else
 */
export function sinceOf(text: string, now: string): Since {
  const nowMs = Date.parse(now);
  const [, count, unit = ''] = /^(\d{1,6})([mhd])$/u.exec(text) ?? [];
  const isTime = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z)?$/u.test(text);
  const asked =
    count === undefined ? (isTime ? writtenMs(text) : Number.NaN) : nowMs - Number(count) * (UNIT_MS[unit] ?? 0);
  if (Number.isNaN(asked))
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
