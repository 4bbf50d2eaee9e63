/** Letters that go back no more, in the queue for such: as they were, and with a word on why. */

import type { ParkingQueue } from '../decide.ts';
import { entryOf, homeOf, type Entry, type Received } from './letters.ts';

/** Source: SQS developer guide, "message quotas". */
const MOST_ATTRIBUTES = 10;

/** The attribute that says why. */
const ATTRIBUTE = 'runbook-parked';

/** Why a letter is parked, and what was tried before. */
export interface Parking {
  readonly why: string;
  readonly attempts: number;
  readonly run: string;
}

/**
 * The entry that parks a letter. Its history stands in one attribute, as JSON; where ten are there already, or it grew too large by it,
 * the letter goes without: whoever finds it has the run's record.
 */
export function parkedEntryOf(letter: Received, { why, attempts, run }: Parking, queue: ParkingQueue): Entry {
  const entry = entryOf(letter, queue.arn, letter.message);
  const attributes = entry.MessageAttributes ?? {};
  const history = JSON.stringify({
    why,
    attempts,
    source: homeOf(letter) || undefined,
    messageId: letter.id,
    sentAt: new Date(letter.sentMs).toISOString(),
    run,
  });
  const bytes = letter.wholeBytes + Buffer.byteLength(`${ATTRIBUTE}String${history}`);
  if (Object.keys(attributes).length >= MOST_ATTRIBUTES || bytes > queue.maximumMessageBytes) return entry;
  return { ...entry, MessageAttributes: { ...attributes, [ATTRIBUTE]: { DataType: 'String', StringValue: history } } };
}
