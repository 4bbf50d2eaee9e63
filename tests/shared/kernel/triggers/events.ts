/** The real events of `tests/fixtures/events`, and changed copies of them. */

import { readFileSync, readdirSync } from 'node:fs';
import { BadInputError } from '../../../../shared/kernel/errors.ts';
import { parseEvent } from '../../../../shared/kernel/triggers/parser.ts';
import type { BatchRecord, Delivery } from '../../../../shared/kernel/triggers/triggers.ts';
import type { EventFixture } from './mutate.ts';

const FOLDER = new URL('../../../fixtures/events/', import.meta.url);

/** The event of a fixture, by its file name without `.json`. */
export function readEvent(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));
}

/** Every fixture, for `mutatedEvents`. */
export const EVENT_FIXTURES: readonly EventFixture[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.slice(0, -'.json'.length))
  .map((name) => ({ name, event: readEvent(name) }));

/** A copy of `value` with the member at `path` replaced; `undefined` deletes it. */
export function altered(value: unknown, path: readonly (string | number)[], replacement: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return replacement;
  if (Array.isArray(value))
    return value.map((member: unknown, index) => (index === step ? altered(member, rest, replacement) : member));
  if (typeof value !== 'object' || value === null) throw new TypeError(`nothing at ${step}`);
  const others = Object.entries(value).filter(([key]) => key !== step);
  const old: unknown = Object.entries(value).find(([key]) => key === step)?.[1];
  const changed = altered(old, rest, replacement);
  return Object.fromEntries(changed === undefined ? others : [...others, [String(step), changed]]);
}

/** An SQS event with one record per body: objects are written as JSON, text as it stands. */
export function sqsEvent(...bodies: readonly unknown[]): unknown {
  return {
    Records: bodies.map((body, index) => ({
      messageId: `m${index}`,
      eventSource: 'aws:sqs',
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })),
  };
}

export function parseSingle(event: unknown): Delivery {
  const parsed = parseEvent(event);
  if (parsed.kind !== 'single') throw new Error('expected a single delivery');
  return parsed.delivery;
}

export function parseBatch(event: unknown): readonly BatchRecord[] {
  const parsed = parseEvent(event);
  if (parsed.kind !== 'batch') throw new Error('expected a batch');
  return parsed.records;
}

/** The delivery of a batch of one good record. */
export function parseOnly(event: unknown): Delivery {
  const [record, ...more] = parseBatch(event);
  if (record === undefined || more.length > 0 || 'error' in record) throw new Error('expected one good record');
  return record.delivery;
}

/** The one line of bad input that `event` ends in. */
export function faultOf(event: unknown): string {
  try {
    parseEvent(event);
  } catch (error) {
    if (error instanceof BadInputError) return error.message;
    throw error;
  }
  throw new Error('expected bad input');
}
