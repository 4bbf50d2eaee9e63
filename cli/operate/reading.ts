/** What is asked of a place may not be answered: that is told beside what is, and hides nothing else. */

import { withoutFeeds } from '../layout.ts';

/** What was asked for, or in one line why it is not known. */
export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly why: string; readonly error: Error };

/** An error as people read it. */
export function inOneLine(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return withoutFeeds(text).trim();
}

/** Asks; never rejects. */
export async function tried<T>(ask: () => Promise<T>): Promise<Reading<T>> {
  try {
    return { ok: true, value: await ask() };
  } catch (error) {
    return { ok: false, why: inOneLine(error), error: error instanceof Error ? error : new Error(String(error)) };
  }
}

/** What was read, or what stands for it where nothing was. */
export function readOr<T>(reading: Reading<T>, otherwise: T): T {
  return reading.ok ? reading.value : otherwise;
}

/** So many questions stand open at once: DynamoDB throttles a partition that is asked for more than it gives. */
const AT_ONCE = 8;

/** Asks about each, a few at once, in the given order. */
export async function each<T, R>(items: readonly T[], ask: (item: T) => Promise<R>): Promise<readonly R[]> {
  const answers: R[] = [];
  for (let first = 0; first < items.length; first += AT_ONCE)
    answers.push(...(await Promise.all(items.slice(first, first + AT_ONCE).map((item) => ask(item)))));
  return answers;
}
