/** Moments that a person names: a time, or so long from now. Pure. */

import { UsageError } from '../../terminal.ts';
import { DAY_MS, typedLength, typedTime } from '../times.ts';

/** So far ahead may be asked for. What is further is a slip, or has no end that anybody knows: that is switched on again by a person. */
const MOST_DAYS = 366;

/** From when until when something is to hold. Absent: at once; until it is taken back. ISO 8601. */
export interface Span {
  readonly from?: string;
  readonly until?: string;
}

function momentOf(option: string, text: string, sinceMs: number): number {
  const lengthMs = typedLength(text);
  const ms = lengthMs === undefined ? typedTime(text) : sinceMs + lengthMs;
  if (ms !== undefined) return ms;
  throw new UsageError(`${option}: expected 30m, 2h, 3d or a time such as 2026-11-22T08:00:00Z, found ${text}`);
}

function demandNear(option: string, text: string | undefined, aheadMs: number): void {
  if (aheadMs > MOST_DAYS * DAY_MS)
    throw new UsageError(
      `${option}: ${text} is more than ${MOST_DAYS} days ahead; without --until it is off until it is switched on`,
    );
}

/**
 * Understands `--from` and `--until`. A length of `--until` counts from `--from`, if there is one.
 * @throws UsageError for what is no time, is past, or ends before it begins, or is further ahead than anybody plans
 */
export function spanOf({ from, until }: Span, now: string): Span {
  const nowMs = Date.parse(now);
  const fromMs = from === undefined ? nowMs : momentOf('--from', from, nowMs);
  if (fromMs < nowMs) throw new UsageError(`--from: ${from} is past, it is ${now}`);
  const untilMs = until === undefined ? undefined : momentOf('--until', until, fromMs);
  if (untilMs !== undefined && untilMs <= nowMs) throw new UsageError(`--until: ${until} is past, it is ${now}`);
  if (untilMs !== undefined && untilMs <= fromMs) throw new UsageError(`--until: ${until} is not after --from ${from}`);
  demandNear('--from', from, fromMs - nowMs);
  demandNear('--until', until, (untilMs ?? nowMs) - nowMs);
  return {
    ...(from === undefined ? {} : { from: new Date(fromMs).toISOString() }),
    ...(untilMs === undefined ? {} : { until: new Date(untilMs).toISOString() }),
  };
}
