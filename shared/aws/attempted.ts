/** Readings of places that may fail, each by itself: one that cannot be read holds up no other, and is told with its reason. */

import type { Io } from '../kernel/definition.ts';
import { classify } from '../kernel/errors.ts';

/** Between two readings of a place that was throttled: longer than WAF, Lambda or EC2 takes to have a token again. */
const AGAIN_MS = 2_000;

/** What was read, or `null` and why it was not. */
export interface Reading<T> {
  readonly value: T | null;
  readonly unread: readonly string[];
}

/** Reads a place, and once more where that may help. */
export async function attempted<T>(
  place: string,
  io: Io,
  look: () => Promise<T>,
  mayRepeat = true,
): Promise<Reading<T>> {
  try {
    return { value: await look(), unread: [] };
  } catch (error) {
    const { class: verdict, name, message } = classify(error);
    if (verdict === 'terminal' || !mayRepeat) return { value: null, unread: [`${place}: ${name}: ${message}`] };
    await io.sleep(AGAIN_MS);
    return attempted(place, io, look, false);
  }
}
