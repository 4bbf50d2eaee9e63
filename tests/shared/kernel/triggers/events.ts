/** The real events of `tests/fixtures/events`, and changed copies of them. */

import { readFileSync, readdirSync } from 'node:fs';
import { BadInputError } from '../../../../shared/kernel/errors.ts';
import type { Trigger } from '../../../../shared/kernel/definition.ts';
import { onAlarm } from '../../../../shared/kernel/triggers/alarm.ts';
import { onDataChange } from '../../../../shared/kernel/triggers/data-stream.ts';
import { onInstanceState } from '../../../../shared/kernel/triggers/instance-state.ts';
import { onLaunchHook, onTerminateHook } from '../../../../shared/kernel/triggers/lifecycle-hook.ts';
import { parseEvent, readersOf } from '../../../../shared/kernel/triggers/parser.ts';
import { onRequest } from '../../../../shared/kernel/triggers/request.ts';
import { onLaunchResult } from '../../../../shared/kernel/triggers/scaling-result.ts';
import { onSpotNotice } from '../../../../shared/kernel/triggers/spot-notice.ts';
import { onSchedule } from '../../../../shared/kernel/triggers/schedule.ts';
import type { BatchRecord, Delivery, DocumentReader } from '../../../../shared/kernel/triggers/triggers.ts';
import * as z from 'zod/mini';
import type { EventFixture } from './mutate.ts';

const FOLDER = new URL('../../../fixtures/events/', import.meta.url);

/** The id of the delivery that a start was given. */
export function told(delivery: Delivery): string {
  return delivery.id;
}

/** Every way there is to be started. */
const STARTS: readonly Trigger<string>[] = [
  onAlarm(told),
  onDataChange(['block'], told),
  onInstanceState(['stopped'], told),
  onLaunchHook(told),
  onTerminateHook(told),
  onLaunchResult(told),
  onSchedule('rate(1 minute)', told),
  onSpotNotice(told),
  onRequest('recycle-instances', z.strictObject({}), (_params, delivery) => told(delivery)),
];

/** What reads every document that some trigger knows. */
export const READERS: readonly DocumentReader[] = readersOf(STARTS);

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

export function parseSingle(event: unknown, readers = READERS): Delivery {
  const parsed = parseEvent(event, readers);
  if (parsed.kind !== 'single') throw new Error('expected a single delivery');
  return parsed.delivery;
}

export function parseBatch(event: unknown, readers = READERS): readonly BatchRecord[] {
  const parsed = parseEvent(event, readers);
  if (parsed.kind !== 'batch') throw new Error('expected a batch');
  return parsed.records;
}

/** The delivery of a batch of one good record. */
export function parseOnly(event: unknown, readers = READERS): Delivery {
  const [record, ...more] = parseBatch(event, readers);
  if (record === undefined || more.length > 0 || 'error' in record) throw new Error('expected one good record');
  return record.delivery;
}

/** The one line of bad input that `event` ends in. */
export function faultOf(event: unknown, readers = READERS): string {
  try {
    parseEvent(event, readers);
  } catch (error) {
    if (error instanceof BadInputError) return error.message;
    throw error;
  }
  throw new Error('expected bad input');
}

const INSTANCE = 'i-0123456789abcdef0';
const HOOK = { kind: 'lifecycle', group: 'web', hook: 'claim', instanceId: INSTANCE, token: 't' } as const;
const LAUNCH = { kind: 'scaling-result', activity: 'launch', group: 'web', instanceId: INSTANCE } as const;

/** A delivery of each kind that a start may take or leave; its id says which. */
const DELIVERIES: readonly Delivery[] = [
  { kind: 'alarm', id: 'alarm', alarmName: 'web', state: 'OK', instanceIds: [INSTANCE], childAlarmNames: [] },
  { kind: 'data-change', id: 'changed', partitions: ['block'] },
  { kind: 'instance-state', id: 'stopped', instanceId: INSTANCE, state: 'stopped' },
  { ...HOOK, id: 'launching', transition: 'launching' },
  { ...HOOK, id: 'terminating', transition: 'terminating' },
  { ...LAUNCH, id: 'launched', successful: true },
  { ...LAUNCH, id: 'launch-failed', successful: false },
  { kind: 'schedule', id: 'tick' },
  { kind: 'spot-notice', id: 'noticed', instanceId: INSTANCE, action: 'terminate' },
  { kind: 'request', id: 'asked', runbook: 'recycle-instances', params: {}, dryRun: false },
  { kind: 'test-notification', id: 'test' },
  { kind: 'other', id: 'other', source: 'my.app', detailType: 'Lamp Dark', resources: [], detail: {} },
];

/** The ids of the deliveries that a start takes. */
export function takenOf(trigger: Trigger<unknown>): readonly string[] {
  return DELIVERIES.filter((delivery) => trigger.request(delivery) !== undefined).map(({ id }) => id);
}
