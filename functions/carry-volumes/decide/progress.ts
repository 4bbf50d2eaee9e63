/**
 * How far a long run has come, kept in the note beside its announced intent: what a choreography needs to know between two
 * looks that AWS does not show (when the last heartbeat was sent, how often a call was tried). Losing it costs a repeat,
 * never a wrong step. Pure.
 */

import type { HistoryReading, JsonObject } from '../../../shared/kernel/decision.ts';
import { pendingOf, secondsSince } from '../../../shared/judgement/since.ts';

/** Times are ISO 8601. */
export interface RunProgress {
  readonly run: string;
  readonly beganAt: string;
  /** When this run last extended its lifecycle action; `null`: not yet. */
  readonly beatAt: string | null;
  /** When this run last planned a counted step; `null`: not yet. */
  readonly triedAt: string | null;
  /** By the runbook's own words for a step: how often this run planned it. */
  readonly tried: { readonly [step: string]: number };
}

function isCounts(value: unknown): value is { readonly [step: string]: number } {
  return (
    typeof value === 'object' && value !== null && Object.values(value).every((count) => typeof count === 'number')
  );
}

/** This run's progress; that of a run at its beginning while nothing is noted, or the note is another run's. */
export function progressOf(history: HistoryReading, run: string, now: string): RunProgress {
  const note = pendingOf(history)?.note;
  const { beganAt, beatAt, tried, triedAt } = note ?? {};
  if (note?.['run'] !== run || typeof beganAt !== 'string' || !isCounts(tried))
    return { run, beganAt: now, beatAt: null, triedAt: null, tried: {} };
  return {
    run,
    beganAt,
    beatAt: typeof beatAt === 'string' ? beatAt : null,
    triedAt: typeof triedAt === 'string' ? triedAt : null,
    tried,
  };
}

/** How often this run has planned a step. */
export function timesTried({ tried }: RunProgress, step: string): number {
  return tried[step] ?? 0;
}

/** After a pause like this a step that was tried often may be tried again: what kept it from having its effect, throttling say, is over. */
const RETRY_SECONDS = 60;

/**
 * Whether a step may be tried (again): `most` times in a row, then once after each pause. What is counted are plans of which a
 * request was sent, not effects: a minute in which all of them are throttled uses up six or seven.
 */
export function mayTry(
  progress: RunProgress,
  step: string,
  most: number,
  now: string,
  pauseSeconds: number = RETRY_SECONDS,
): boolean {
  return timesTried(progress, step) < most || secondsSince(progress.triedAt ?? progress.beganAt, now) >= pauseSeconds;
}

/** As often at once as a step that AWS makes undone is tried. */
const MOST_TRIES = 3;
/** Then as often as there is time for somebody to have done something about it. */
const MENDING_SECONDS = 180;

/** A step that AWS takes, and whose effect does not last: it is tried again, but rarely, and meanwhile a person is told. */
export function isTriedOut(progress: RunProgress, step: string, now: string): boolean {
  return !mayTry(progress, step, MOST_TRIES, now, MENDING_SECONDS);
}

/** The note of the run's next plan, made `now`; `isBeat`: it holds a heartbeat. */
export function noteOf(progress: RunProgress, steps: readonly string[], isBeat: boolean, now: string): JsonObject {
  const tried: { [step: string]: number } = { ...progress.tried };
  for (const step of steps) tried[step] = (tried[step] ?? 0) + 1;
  return {
    ...progress,
    tried,
    triedAt: steps.length > 0 ? now : progress.triedAt,
    beatAt: isBeat ? now : progress.beatAt,
  };
}
