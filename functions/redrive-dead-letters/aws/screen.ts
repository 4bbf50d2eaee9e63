/** Which letters were asked for. */

import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { filterOf, seenLetter, type Unwanted } from '../decide.ts';
import type { Received } from './letters.ts';

/** Why a letter is none of those that were asked for; `undefined`: it is one. */
export type Screen = (letter: Received, attempts: number, now: string) => Unwanted | undefined;

/**
 * The screen of a plan's rule, `filter` and `maxAgeSeconds`; where it has neither all are wanted.
 * @throws BadInputError for a filter that cannot be read
 */
export function screenOf(rule: JsonObject): Screen {
  const { filter: expression, maxAgeSeconds } = rule;
  const filter = typeof expression === 'string' ? filterOf(expression) : undefined;
  return (letter, attempts, now) => {
    const { message, bytes, sentMs } = letter;
    if (typeof maxAgeSeconds === 'number' && Date.parse(now) - sentMs > maxAgeSeconds * 1_000) return 'too-old';
    const verdict = filter?.(seenLetter(message, { bytes, attempts, now })) ?? 'wanted';
    if (verdict === 'wanted') return undefined;
    return verdict === 'fails' ? 'filter-fails' : 'not-wanted';
  };
}
