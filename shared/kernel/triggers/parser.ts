/** From an invocation's event, exactly as AWS delivers it, to deliveries. The only place that looks at raw events. */

import { createHash } from 'node:crypto';
import { BadInputError } from '../errors.ts';
import { canonical } from '../json.ts';
import { parseAlarmAction, parseAlarmEvent, parseAlarmMessage } from './alarms.ts';
import { Field, badInput, checkJson } from './reader.ts';
import {
  TEST_NOTIFICATION,
  lifecycleTransition,
  notificationFrame,
  parseLifecycle,
  parseScalingResult,
  scalingResult,
} from './scaling.ts';
import type {
  BatchRecord,
  Delivery,
  InstanceStateDelivery,
  OtherDelivery,
  ParsedEvent,
  RequestDelivery,
  ScheduleDelivery,
  TestDelivery,
} from './triggers.ts';

/** EventBridge user guide, PutEvents size: 256 KB an event; SNS has the same limit for a message. Our events have a few. */
const MAX_EVENT_BYTES = 256 * 1024;
/** SQS developer guide, message quotas: 1 MiB a message. A batch is bounded by Lambda itself (6 MB), so each record is checked alone. */
const MAX_SQS_BODY_BYTES = 1024 * 1024;
/** SQS event source mapping: at most 10,000 messages a batch. */
const MAX_RECORDS = 10_000;
/** EventBridge in SNS in SQS is one envelope; two allow for a topic behind a topic's queue. */
const MAX_ENVELOPES = 2;

const INSTANCE_STATES = ['pending', 'running', 'stopping', 'stopped', 'shutting-down', 'terminated'] as const;
const REQUEST_KEYS = ['runbook', 'target', 'params', 'dryRun', 'reason', 'requestedBy'];
const RUNBOOK_NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** What the message around a document tells about it. */
interface Envelope {
  readonly count: number;
  /** When the message was sent; stands in for the time of a document that has none of its own (a request). */
  readonly sentAt?: string;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/**
 * Parses the event of one invocation.
 * @returns one delivery, or for `Records` of SQS or SNS one entry per record, good or bad.
 * @throws BadInputError, and nothing else: one line, at most about 300 characters, with the path of the fault
 *   (`detail.state`, `Records[1].body.detail.state`).
 */
export function parseEvent(event: unknown): ParsedEvent {
  const root = new Field(event, '');
  if (root.has('Records')) return { kind: 'batch', records: parseRecords(root.get('Records')) };
  checkJson(event, '');
  checkSize(JSON.stringify(event) ?? '', MAX_EVENT_BYTES, '');
  return { kind: 'single', delivery: parseDocument(root, { count: 0 }) };
}

function checkSize(text: string, maxBytes: number, path: string): void {
  const bytes = Buffer.byteLength(text, 'utf8');
  if (bytes > maxBytes) throw badInput(path, `${bytes} bytes are more than the ${maxBytes} that AWS delivers`);
}

function parseRecords(records: Field): readonly BatchRecord[] {
  const fields = records.list();
  const [first] = fields;
  if (first === undefined) throw badInput(records.path, 'expected at least one record, found an empty list');
  if (fields.length > MAX_RECORDS)
    throw badInput(records.path, `expected at most ${MAX_RECORDS} records, found ${fields.length}`);
  // Lambda never mixes sources in one batch: the first record that names one names it for all.
  const source = fields.map(sourceOf).find((candidate) => candidate !== undefined);
  if (source === undefined) return first.get('eventSource').fail('aws:sqs or aws:sns');
  return fields.map((record) => parseRecord(record, source));
}

function sourceOf(record: Field): 'sqs' | 'sns' | undefined {
  if (record.has('eventSource') && record.get('eventSource').value === 'aws:sqs') return 'sqs';
  return record.has('EventSource') && record.get('EventSource').value === 'aws:sns' ? 'sns' : undefined;
}

/** SQS writes its sending time as epoch milliseconds in text; a request in a message without it has no time. */
function sentAtOfSqs(record: Field): Pick<Envelope, 'sentAt'> {
  const stamp = record.has('attributes') ? record.get('attributes') : undefined;
  if (stamp === undefined || !stamp.has('SentTimestamp')) return {};
  const milliseconds = Number(stamp.get('SentTimestamp').matching(/^\d{1,13}$/, 'epoch milliseconds'));
  return { sentAt: new Date(milliseconds).toISOString() };
}

function messageIdOf(record: Field, source: 'sqs' | 'sns'): { readonly messageId?: string } {
  const holder = source === 'sns' && record.has('Sns') ? record.get('Sns') : record;
  const key = source === 'sqs' ? 'messageId' : 'MessageId';
  const id = holder.has(key) ? holder.get(key).value : undefined;
  return typeof id === 'string' && id !== '' && id.length <= 128 ? { messageId: id } : {};
}

function parseRecord(record: Field, source: 'sqs' | 'sns'): BatchRecord {
  const head = { ...messageIdOf(record, source), source };
  try {
    if (source === 'sqs') {
      record.get('eventSource').oneOf(['aws:sqs']);
      const body = parseText(record.get('body'), MAX_SQS_BODY_BYTES);
      return { ...head, delivery: parseDocument(body, { count: 0, ...sentAtOfSqs(record) }) };
    }
    record.get('EventSource').oneOf(['aws:sns']);
    return { ...head, delivery: parseSnsMessage(record.get('Sns'), 1) };
  } catch (error) {
    if (error instanceof BadInputError) return { ...head, error };
    throw error;
  }
}

/** JSON in a string, checked like an event of its own; its path goes on below the string's. */
function parseText(field: Field, maxBytes: number): Field {
  const text = field.text(maxBytes);
  checkSize(text, maxBytes, field.path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return field.fail('a JSON document');
  }
  checkJson(value, field.path);
  return new Field(value, field.path);
}

function parseSnsMessage(envelope: Field, count: number): Delivery {
  if (count > MAX_ENVELOPES)
    throw badInput(envelope.path, `more than ${MAX_ENVELOPES} SNS envelopes around one message`);
  const type = envelope.get('Type').oneOf(['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation']);
  const sentAt = envelope.get('Timestamp').time();
  if (type !== 'Notification') return testDelivery(envelope, sentAt);
  return parseDocument(parseText(envelope.get('Message'), MAX_EVENT_BYTES), { count, sentAt });
}

/** One document: the event itself, a message's body, or a notification's message. */
function parseDocument(root: Field, envelope: Envelope): Delivery {
  if (root.has('Type') && root.has('Message')) return parseSnsMessage(root, envelope.count + 1);
  if (root.has('runbook')) return parseRequest(root, envelope);
  if (root.has('detail-type') || root.has('detail')) return parseEventBridge(root);
  if (root.has('alarmData') || root.has('alarmArn')) return parseAlarmAction(root);
  if (root.has('AlarmName') || root.has('NewStateValue')) return parseAlarmMessage(root);
  if (isTestNotification(root)) return testDelivery(root, root.get('Time').time());
  if (root.has('LifecycleTransition') || root.has('LifecycleActionToken'))
    return parseLifecycle(root, notificationFrame(root));
  if (root.has('Event')) return parseScalingNotification(root);
  const expected = 'an EventBridge event, an alarm, an Auto Scaling notification or { "runbook": NAME }';
  throw badInput(
    root.path,
    `expected ${expected}, found ${root.keys().length === 0 ? 'no keys' : `keys ${root.keys().slice(0, 4).join(', ')}`}`,
  );
}

/** Sent when a hook (`PutLifecycleHook`) or a bucket notification (S3 user guide, `s3:TestEvent`) is set up. */
function isTestNotification(root: Field): boolean {
  const values = ['Event', 'LifecycleTransition'].filter((key) => root.has(key)).map((key) => root.get(key).value);
  return values.includes(TEST_NOTIFICATION) || values.includes('s3:TestEvent');
}

function testDelivery(root: Field, at: string): TestDelivery {
  return { kind: 'test-notification', id: `test:${sha256(canonical(root.value))}`, at };
}

function parseScalingNotification(root: Field): Delivery {
  const name = root.get('Event').text();
  const result = scalingResult(name);
  if (result === undefined)
    return root.get('Event').fail('an Auto Scaling notification such as autoscaling:EC2_INSTANCE_LAUNCH');
  return parseScalingResult(root, notificationFrame(root), result);
}

function parseEventBridge(root: Field): Delivery {
  const detailType = root.get('detail-type').text();
  const source = root.get('source').text();
  const frame = {
    at: root.get('time').time(),
    account: root.get('account').account(),
    region: root.get('region').region(),
  };
  const id = root.get('id').text();
  if ((source === 'aws.events' || source === 'aws.scheduler') && detailType === 'Scheduled Event')
    return parseSchedule(root, frame);
  const detail = root.get('detail');
  detail.json();
  const known = parseKnown(root, source, detailType, frame);
  if (known !== undefined) return known;
  const resources = root.get('resources').optionalList();
  const other: OtherDelivery = {
    kind: 'other',
    id: `event:${id}`,
    ...frame,
    source,
    detailType,
    resources: resources.map((resource) => resource.text(2048)),
    detail: detail.json(),
  };
  return other;
}

interface EventBridgeFrame {
  readonly at: string;
  readonly account: string;
  readonly region: string;
}

function parseKnown(root: Field, source: string, detailType: string, frame: EventBridgeFrame): Delivery | undefined {
  const { at, ...place } = frame;
  const detail = root.get('detail');
  if (source === 'aws.cloudwatch' && detailType === 'CloudWatch Alarm State Change')
    return parseAlarmEvent(root, place);
  if (source === 'aws.ec2' && detailType === 'EC2 Instance State-change Notification')
    return parseInstanceState(detail, frame);
  if (source !== 'aws.autoscaling') return undefined;
  const transition = lifecycleTransition(detailType);
  if (transition !== undefined)
    return isTestNotification(detail) ? testDelivery(root, at) : parseLifecycle(detail, frame, transition);
  const result = scalingResult(detailType);
  return result === undefined ? undefined : parseScalingResult(detail, frame, result);
}

/** Source: EC2 user guide, "EC2 instance state change events". */
function parseInstanceState(detail: Field, frame: EventBridgeFrame): InstanceStateDelivery {
  const instanceId = detail.get('instance-id').instanceId();
  const state = detail.get('state').oneOf(INSTANCE_STATES);
  return { kind: 'instance-state', id: `instance:${instanceId}:${state}:${frame.at}`, ...frame, instanceId, state };
}

/** A rule's tick and the Scheduler's have the same form; the Scheduler writes `detail` as text (`"{}"`), so it is not read. */
function parseSchedule(root: Field, frame: EventBridgeFrame): ScheduleDelivery {
  const [schedule] = root.get('resources').optionalList();
  const name = schedule === undefined ? root.get('id').text() : schedule.text(2048);
  return { kind: 'schedule', id: `schedule:${name}:${frame.at}`, ...frame };
}

/** A person's or a schedule's request: `{ runbook, target?, params?, dryRun?, reason?, requestedBy? }` and no other key. */
function parseRequest(root: Field, envelope: Envelope): RequestDelivery {
  for (const key of root.keys()) {
    if (!REQUEST_KEYS.includes(key))
      throw badInput(root.get(key).path, `unknown key; a request has ${REQUEST_KEYS.join(', ')}`);
  }
  const target = present(root, 'target', (field) => field.text(2048));
  const reason = present(root, 'reason', (field) => field.text(1024));
  const requestedBy = present(root, 'requestedBy', (field) => field.text(256));
  const { sentAt } = envelope;
  return {
    kind: 'request',
    id: `request:${sha256(`${canonical(root.value)}${sentAt ?? ''}`)}`,
    ...(sentAt === undefined ? {} : { at: sentAt }),
    runbook: root.get('runbook').matching(RUNBOOK_NAME, "a runbook's name such as reassign-elastic-ip", 64),
    params: present(root, 'params', (field) => field.json()) ?? {},
    dryRun:
      present(root, 'dryRun', (field) =>
        typeof field.value === 'boolean' ? field.value : field.fail('true or false'),
      ) ?? false,
    ...(target === undefined ? {} : { target }),
    ...(reason === undefined ? {} : { reason }),
    ...(requestedBy === undefined ? {} : { requestedBy }),
  };
}

/** A person's `null` is a slip (an unset variable, say), never "leave it out": only a missing key is absent. */
function present<T>(root: Field, key: string, read: (field: Field) => T): T | undefined {
  return root.has(key) ? read(root.get(key)) : undefined;
}
