/**
 * Where a time stands on an axis. Calls take milliseconds and waits take minutes: drawn to scale nobody could see what was done.
 * So each stretch between two times of the story has room by a root of its length. The order is kept, and equal times stand together;
 * lengths are told in words beside the drawing. Pure.
 */

/** A root: a wait of ten minutes has some twenty times the room of a call of 100 ms, not six thousand times. */
const ROOT = 0.35;

/** An axis. */
export interface Scale {
  /** Of 100, how far along it a time stands. */
  readonly percent: (ms: number) => number;
  /** Times that are far enough from one another to be labelled, with their places. */
  readonly ticks: readonly { readonly ms: number; readonly percent: number }[];
}

/** Labels that stand closer run into one another on a telephone. */
const LEAST_APART_PERCENT = 42;

/** An axis of all these times, milliseconds since the epoch. */
export function scaleOf(times: readonly number[]): Scale {
  const known = [...new Set(times.filter(Number.isFinite))].toSorted((one, other) => one - other);
  const places = new Map<number, number>();
  let sum = 0;
  for (const [index, ms] of known.entries()) {
    sum += index === 0 ? 0 : (ms - (known[index - 1] ?? ms)) ** ROOT;
    places.set(ms, sum);
  }
  const percent = (ms: number): number => (sum === 0 ? 0 : (100 * (places.get(ms) ?? 0)) / sum);
  const ticks: { readonly ms: number; readonly percent: number }[] = [];
  for (const ms of known) {
    const place = percent(ms);
    const isEnd = ms === known.at(-1);
    const isApart = place - (ticks.at(-1)?.percent ?? -100) >= LEAST_APART_PERCENT;
    // The end is always told: nothing stands so near it that the two run into one another.
    if (isEnd || (isApart && 100 - place >= LEAST_APART_PERCENT)) ticks.push({ ms, percent: place });
  }
  return { percent, ticks };
}
