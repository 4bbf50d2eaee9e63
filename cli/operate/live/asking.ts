/** How AWS is asked by whoever is on call: what does not answer in time is told as not known, and not waited for. */

import { setTimeout as sleep } from 'node:timers/promises';
import { classify, errorName } from '../../../shared/kernel/errors.ts';

/**
 * Longest time for a question with all its pages, and the time-out of every client that only reads. The first answer of the command is
 * to stand within five seconds: whose account this is, which stacks it has, what those say, one after the other at worst. An answer
 * from another continent over a new connection takes a second.
 */
export const ANSWER_MS = 1_500;

/** It did not answer in time. */
class UnansweredError extends Error {
  override readonly name = 'UnansweredError';
}

/**
 * What is answered within `ANSWER_MS`.
 * @param whom for the message: `CloudWatch`
 * @throws the error of the SDK, or one that says who did not answer
 */
export async function inTime<T>(whom: string, question: Promise<T>): Promise<T> {
  const unanswered = new UnansweredError(`${whom} did not answer within ${ANSWER_MS / 1_000} s`);
  const over = new AbortController();
  const late = async (): Promise<never> => {
    await sleep(ANSWER_MS, undefined, { signal: over.signal });
    throw unanswered;
  };
  try {
    return await Promise.race([question, late()]);
  } catch (error) {
    // The client's own time-out ends at the same moment.
    throw errorName(error) === 'TimeoutError' ? unanswered : error;
  } finally {
    over.abort();
  }
}

/** An error of AWS in a few words: `AccessDeniedException: … is not authorized to perform: …`. */
export function wordsOf(error: unknown): string {
  const { name, message } = classify(error);
  if (name === 'UnansweredError') return message;
  return message === '' || message === name ? name : `${name}: ${message}`;
}
