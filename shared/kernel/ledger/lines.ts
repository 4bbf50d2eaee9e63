/** Lines of the record book, as both ledgers list them. Pure. */

import type { RunLine } from './ledger.ts';

/** What the times of a day (UTC) begin with. Throws `TypeError` for what is no day. */
export function prefixOfDay(day: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/u.test(day)) return `${day}T`;
  throw new TypeError(`day: expected one such as 2026-11-28, found ${day}`);
}

/** Newest first, and of a run that was recorded more than once on a target only the last: that one is the record. */
export function latestOf(lines: readonly RunLine[]): readonly RunLine[] {
  const inOrder = lines.toSorted((one, other) => (one.at < other.at ? -1 : 1));
  const last = new Map(inOrder.map((line) => [`${line.runbook}#${line.run}#${line.target}`, line]));
  return [...last.values()].toSorted((one, other) => (one.at < other.at ? 1 : -1));
}
