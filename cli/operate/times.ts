/** Times and spans in few columns. All times are UTC. Pure. */

import { writtenMs } from '../../shared/kernel/ledger/rules.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** A day. */
export const DAY_MS = 86_400_000;

const UNIT_MS: { readonly [unit: string]: number } = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

/** A length as it is typed: `90m`, `2h`, `3d`; milliseconds. `undefined`: it is none. */
export function typedLength(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,6})([mhd])$/u.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * (UNIT_MS[unit] ?? 0);
}

/** With its offset: at 3 a.m. nobody should have to guess whose clock is meant. */
const TYPED = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/u;

/** A time as it is typed, milliseconds since the epoch. `undefined`: it is none, or does not say whose clock is meant. */
export function typedTime(text: string): number | undefined {
  const ms = TYPED.test(text) ? writtenMs(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

/** A span in its two largest units at most: `40 s`, `3 min`, `2 h 5 min`, `4 d`. */
export function spanText(spanMs: number): string {
  if (!Number.isFinite(spanMs)) return '?';
  const ms = Math.max(0, spanMs);
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  const [large, small, largeMs, smallMs] =
    ms < DAY_MS ? (['h', 'min', HOUR_MS, MINUTE_MS] as const) : (['d', 'h', DAY_MS, HOUR_MS] as const);
  const rest = Math.floor((ms % largeMs) / smallMs);
  return `${Math.floor(ms / largeMs)} ${large}${rest === 0 ? '' : ` ${rest} ${small}`}`;
}

/** How long ago it was, `now`. */
export function ageText(at: string, now: string): string {
  return spanText(Date.parse(now) - Date.parse(at));
}

const ISO = /^(\d{4})-(\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})/u;

/** With an offset of its own, as a person may write a row: the clock of some other place. */
const ELSEWHERE = /T.*[+-]\d{2}:?\d{2}$/u;

function inUtc(at: string): string {
  const ms = ELSEWHERE.test(at) ? Date.parse(at) : Number.NaN;
  return Number.isNaN(ms) ? at : new Date(ms).toISOString();
}

/** A moment as short as `now` allows: `08:02:07` of the same day, `11-21 08:02:07` of the same year. What is no time stays as it is. */
export function momentText(at: string, now: string): string {
  const [, year, day, time] = ISO.exec(inUtc(at)) ?? [];
  if (year === undefined || day === undefined || time === undefined) return at === '' ? '?' : at;
  if (now.startsWith(`${year}-${day}`)) return time;
  return now.startsWith(year) ? `${day} ${time}` : `${year}-${day} ${time}`;
}

/** `2026-11-22 08:02:07Z`. */
export function wholeMoment(at: string): string {
  const utc = inUtc(at);
  return ISO.test(utc) ? `${utc.slice(0, 10)} ${utc.slice(11, 19)}Z` : at;
}

/** The days (UTC) from one time to another, both included, oldest first. */
export function daysBetween(fromMs: number, toMs: number): readonly string[] {
  const days: string[] = [];
  for (let ms = Math.floor(fromMs / DAY_MS) * DAY_MS; ms <= toMs; ms += DAY_MS)
    days.push(new Date(ms).toISOString().slice(0, 10));
  return days;
}
