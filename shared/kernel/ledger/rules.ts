/** What both ledgers must agree on to the letter: how times are written and why a lease is refused. Pure. */

import { TerminalError } from '../errors.ts';
import type { History } from '../decision.ts';
import { ACTIONS_KEPT, type KillSwitch, type LeaseAnswer, type LeaseRequest, type Word } from './ledger.ts';

/**
 * The one spelling of a time in the ledger: UTC with milliseconds. Conditions compare times as text, and `…:00Z` would
 * sort after `…:00.500Z`.
 * @throws TerminalError when it is no time.
 */
export function instant(path: string, text: string): string {
  const milliseconds = Date.parse(text);
  if (Number.isNaN(milliseconds))
    throw new TerminalError(`${path}: '${text}' is not an ISO 8601 time; give one like 2026-11-22T08:00:00.000Z`);
  return new Date(milliseconds).toISOString();
}

/**
 * The request with every time in the ledger's spelling.
 * @throws TerminalError naming the member at fault.
 */
export function checkedRequest(request: LeaseRequest): LeaseRequest {
  const { budget, word } = request;
  if (budget !== undefined && !(Number.isInteger(budget.max) && budget.max >= 1 && budget.max <= ACTIONS_KEPT))
    throw new TerminalError(
      `budget.max: ${budget.max} is not a whole number from 1 to ${ACTIONS_KEPT}, the actions the ledger keeps`,
    );
  return {
    ...request,
    now: instant('now', request.now),
    until: instant('until', request.until),
    ...(word && { word: { ...word, until: instant('word.until', word.until) } }),
    ...(budget === undefined
      ? {}
      : {
          budget: {
            max: budget.max,
            lastBefore: instant('budget.lastBefore', budget.lastBefore),
            windowFrom: instant('budget.windowFrom', budget.windowFrom),
          },
        }),
  };
}

const WRITTEN = /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/u;

/**
 * A time that a person has written into a row, in milliseconds; NaN: it cannot be read, or there is no such day. Without a zone it is
 * UTC wherever it is read: left to `Date.parse` it would be another moment on a laptop than in a function.
 */
export function writtenMs(text: string): number {
  const [, day = '', zone] = WRITTEN.exec(text) ?? [];
  const dayMs = Date.parse(day);
  // 30 February is read as 2 March.
  if (Number.isNaN(dayMs) || !new Date(dayMs).toISOString().startsWith(day)) return Number.NaN;
  return Date.parse(text.includes('T') && zone === undefined ? `${text}Z` : text);
}

/**
 * From when until when a kill switch holds, in milliseconds. `undefined`: its times cannot be read, or are none that anything lies
 * between, so that it holds always.
 */
export function heldSpan({
  from,
  until,
}: Pick<KillSwitch, 'from' | 'until'>): { readonly beginsMs: number; readonly endsMs: number } | undefined {
  const beginsMs = from === undefined ? Number.NEGATIVE_INFINITY : writtenMs(from);
  const endsMs = until === undefined ? Number.POSITIVE_INFINITY : writtenMs(until);
  return beginsMs < endsMs ? { beginsMs, endsMs } : undefined;
}

/** Whether a kill switch holds at that time. */
export function holds(row: Pick<KillSwitch, 'from' | 'until'>, now: string): boolean {
  const span = heldSpan(row);
  const at = Date.parse(now);
  // What is compared with no time is not so.
  return span === undefined || !(at < span.beginsMs || at >= span.endsMs);
}

/** As much of a resource as a refusal depends on. */
export interface Standing {
  readonly owner?: string;
  readonly until?: string;
  /** Newest first. */
  readonly actions: readonly string[];
}

/** Nobody holds it, the lease has run out, or it is the asker's own. */
function isFree(standing: Standing, request: LeaseRequest): boolean {
  return (
    standing.owner === undefined ||
    standing.owner === request.owner ||
    standing.until === undefined ||
    standing.until <= request.now
  );
}

/** The asker holds it and it has not run out. */
export function isHeldByAsker(standing: Standing, request: LeaseRequest): boolean {
  return standing.owner === request.owner && standing.until !== undefined && standing.until > request.now;
}

/** The asker holds it under this epoch, so that nobody can have had it since, even where it has run out. */
export function isCarried(standing: Standing & { readonly epoch: number }, { owner, carries }: LeaseRequest): boolean {
  return standing.owner === owner && standing.epoch === carries;
}

/** The intent that stands there was announced by this very request: its reply was lost. */
export function isRepeat(standing: Standing, pending: History['pending'], request: LeaseRequest): boolean {
  const { intent, now } = request;
  return isHeldByAsker(standing, request) && pending?.intent === intent?.key && pending?.at === now;
}

/**
 * Memory key under which the last word stands that was used up on a resource: `until#announced at#by`. Those that count no longer than it
 * are void: what was asked for before what has been approved last, or is the same.
 */
export const WORD_KEY = 'approved';

/** How a word stands there that was used for what was announced then. */
export function usedWord({ until, by }: Word, announcedAt: string): string {
  return `${until}#${announcedAt}#${by}`;
}

type Read = Pick<History, 'memory'> & { readonly pending?: History['pending'] | undefined };

/** Nothing was done by the word of the request, nor by a later one; or it needs none. */
export function isWordOpen({ memory }: Read, { word }: LeaseRequest): boolean {
  return word === undefined || (memory[WORD_KEY] ?? '') < word.until;
}

/** The word that what is announced was approved by; `undefined`: by none. */
export function wordBehind({ memory, pending }: Read): Word | undefined {
  const [until = '', at, ...by] = memory[WORD_KEY]?.split('#') ?? [];
  return pending !== undefined && at === pending.at ? { until, by: by.join('#') } : undefined;
}

/** Why the word of the request permits nothing; `undefined`: it does, or what was announced under it is to be gone on with. */
export function wordRefusal(read: Read, request: LeaseRequest): Refusal | undefined {
  const isOwn = read.pending?.intent === request.intent?.key && wordBehind(read)?.until === request.word?.until;
  if (isOwn || isWordOpen(read, request)) return undefined;
  return { why: 'used', detail: 'it was acted on already, or what was asked for later was' };
}

type Refusal = Omit<Extract<LeaseAnswer, { granted: false }>, 'granted' | 'history'>;

/** The answer for a lease that changed hands faster than it could be read. */
export const CONTENDED: Refusal = { why: 'leased', detail: 'contended: others wrote to it at the same time' };

/** When an action at `last` stops counting, if `bound` is where the limit reached back to at `now`. */
function allowedAgain(now: string, bound: string, last: string): string {
  return new Date(Date.parse(last) + Date.parse(now) - Date.parse(bound)).toISOString();
}

/** Why the lease cannot be had now; `undefined`: nothing stands in the way. Of two limits the one that lasts longer is named. */
export function refusalOf(standing: Standing, request: LeaseRequest): Refusal | undefined {
  if (!isFree(standing, request)) return { why: 'leased', detail: `held by ${standing.owner} until ${standing.until}` };
  const { budget, now } = request;
  if (budget === undefined) return undefined;
  const last = standing.actions[0];
  const oldest = standing.actions[budget.max - 1];
  const coolAt = last !== undefined && last > budget.lastBefore ? allowedAgain(now, budget.lastBefore, last) : '';
  const windowAt =
    oldest !== undefined && oldest > budget.windowFrom ? allowedAgain(now, budget.windowFrom, oldest) : '';
  if (coolAt === '' && windowAt === '') return undefined;
  return windowAt > coolAt
    ? { why: 'window', detail: `allowed again at ${windowAt}` }
    : { why: 'cooldown', detail: `allowed again at ${coolAt}` };
}
