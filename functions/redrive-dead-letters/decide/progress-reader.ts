/** Reads what a piece of the work has told: it was JSON in between. Pure. */

import { TerminalError } from '../../../shared/kernel/errors.ts';
import { isBag, type Bag } from '../../../shared/kernel/json.ts';
import type { Left, Progress } from './progress.ts';

const STATES: readonly Left['state'][] = ['sent', 'kept', 'doubt', 'refused'];

/**
 * `undefined`: nothing has been told yet.
 * @throws TerminalError for what no version of ours has told
 */
export function progressIn(told: unknown): Progress | undefined {
  if (told === undefined) return undefined;
  if (!isBag(told)) throw unreadable('is no object');
  return {
    received: numberIn(told, 'received'),
    sent: numberIn(told, 'sent'),
    perhapsTwice: numberIn(told, 'perhapsTwice'),
    beganAt: textIn(told['beganAt']),
    left: leftIn(told['left']),
    isDrained: told['isDrained'] === true,
    trouble: textIn(told['trouble']),
    endedAt: textIn(told['endedAt']),
    pieces: numberIn(told, 'pieces'),
    failedPieces: numberIn(told, 'failedPieces'),
    rounds: numberIn(told, 'rounds'),
  };
}

function unreadable(why: string): TerminalError {
  return new TerminalError(`what the last piece of work has told ${why}`);
}

function numberIn(told: Bag, member: string): number {
  const value = told[member];
  if (typeof value !== 'number') throw unreadable(`has no ${member}`);
  return value;
}

function textIn(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function leftIn(value: unknown): Progress['left'] {
  if (!isBag(value)) throw unreadable('says nothing of what is left');
  return Object.fromEntries(Object.entries(value).map(([id, one]) => [id, oneLeft(one)]));
}

function oneLeft(value: unknown): Left {
  const state = isBag(value) ? STATES.find((one) => one === value['state']) : undefined;
  const why = isBag(value) ? textIn(value['why']) : null;
  if (state === undefined || why === null) throw unreadable('has a letter of which nothing is known');
  return { state, why };
}
