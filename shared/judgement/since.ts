/** What a decision remembers from run to run: since when something holds, or when it was last seen. Pure. */

import type { History, HistoryReading } from '../kernel/decision.ts';

/** Seconds from one ISO time to another. */
export function secondsSince(then: string, now: string): number {
  return (Date.parse(now) - Date.parse(then)) / 1_000;
}

/** A value earlier decisions asked to remember; `undefined` too while the history is not read or lost. */
export function remembered(history: HistoryReading, key: string): string | undefined {
  return typeof history === 'object' ? history.memory[key] : undefined;
}

/** The action announced and not settled, as far as it is known. */
export function pendingOf(history: HistoryReading): History['pending'] {
  return typeof history === 'object' ? history.pending : undefined;
}

/** From the booking of an action to its effect: a run may be throttled for a minute in between, and times out after two. */
const BOOKING_SECONDS = 120;

/**
 * True when the ledger is known and no action of its own explains a change seen at `at`: one made by hand, or while the
 * ledger did not answer. Such a change counts towards a cool-down too.
 */
export function isUnbooked(history: HistoryReading, at: string): boolean {
  if (typeof history !== 'object') return false;
  return !history.actions.some(
    (booked) => secondsSince(booked, at) >= 0 && secondsSince(booked, at) <= BOOKING_SECONDS,
  );
}

/** A condition under a key of `history.memory`. */
export interface Condition {
  readonly key: string;
  readonly holds: boolean;
  /** Absent: the first time it held stays. Otherwise the value is renewed when it is older; and it outlives the condition. */
  readonly renewSeconds?: number;
}

type Memory = { readonly [key: string]: string };

/**
 * The changes to `memory` that make it agree with `conditions`.
 * @param isOwn keys of the asker that no condition names any more are forgotten, so that the memory stays small.
 */
export function changesOf(
  memory: Memory,
  conditions: readonly Condition[],
  now: string,
  isOwn: (key: string) => boolean,
): { readonly [key: string]: string | null } {
  const changes: { [key: string]: string | null } = {};
  for (const { key, holds, renewSeconds } of conditions) {
    const known = memory[key];
    const isStale = known !== undefined && renewSeconds !== undefined && secondsSince(known, now) > renewSeconds;
    if (holds && (known === undefined || isStale)) changes[key] = now;
    if (!holds && known !== undefined && renewSeconds === undefined) changes[key] = null;
  }
  const named = new Set(conditions.map(({ key }) => key));
  for (const key of Object.keys(memory)) if (isOwn(key) && !named.has(key)) changes[key] = null;
  return changes;
}
