/** Letters of generated senders, in the shapes in which AWS leaves them. Sources: those of `functions/redrive-dead-letters/decide/`. */

import type { Shape } from '../../../simulator/engine/model.ts';
import { ACCOUNT, BEGIN, REGION } from '../../worlds/case.ts';
import { LARGE, markOf, type Form, type Leave } from './marks.ts';

const BEGIN_MS = Date.parse(BEGIN);
/** Behind all that `letters.ts` numbers. */
const SEQUENCE = 18_860_000_000_000_000_000n;
const WHEN = '2026-11-22T07:00:00.000Z';

/** Who has left the letters, by the names that stand in them. */
export interface Names {
  readonly kind:
    | 'subscribed-queue'
    | 'subscribed-raw'
    | 'subscribed-function'
    | 'asynchronous'
    | 'recorded'
    | 'rule-queue'
    | 'rule-function'
    | 'schedule-queue'
    | 'schedule-function'
    | 'bus';
  /** How what Lambda tells of a failed event comes here. */
  readonly way: 'itself' | 'topic' | 'raw-topic' | 'rule';
  /** The name of the queue or function that failed. */
  readonly home: string;
  readonly homeArn: string;
  readonly topic: string;
  /** Its own, or that of whoever brings what Lambda tells. */
  readonly subscription: string;
  readonly rule: string;
  readonly schedule: string;
  readonly bus: string;
  /** Something about it keeps its letters here. */
  readonly isOdd: boolean;
}

/** What letters of one sender are. */
export interface Sent extends Names {
  readonly graveyard: string;
  readonly number: number;
  readonly count: number;
  /** Of a hundred, those on which a consumer fails that fails on some. */
  readonly poison: number;
  readonly groups: number;
  readonly form: Form;
  readonly leave: Leave;
  /** All of them are alike. */
  readonly isSame: boolean;
}

interface Content {
  readonly body: string;
  readonly attributes?: { readonly [name: string]: readonly [type: string, value: string] };
}

function uuidOf({ graveyard, number }: Sent, kind: string, index: number): string {
  const name = Buffer.from(graveyard.slice(0, 2)).toString('hex');
  return `0e${kind.padEnd(6, '0')}-${name}-4000-8000-${String(number * 1_000 + index).padStart(12, '0')}`;
}

/** So that of any share the same letters are bad, spread over all. */
function isBad({ poison, isSame }: Sent, index: number): boolean {
  return ((isSame ? 0 : index) * 37) % 100 < poison;
}

/** What was published, or given to a function. A mark stands first, so that what was cut short has it too. */
function coreOf(sent: Sent, index: number): string {
  const mark = markOf({ ...sent, n: sent.isSame ? 0 : index });
  const tenant = index % 3 === 0 && !sent.isSame ? 'blue' : 'red';
  return `{"mark":"${mark}","bad":${isBad(sent, index)},"tenant":"${tenant}","large":${LARGE}}`;
}

function notification(sent: Sent, index: number, message: string, attributes?: Content['attributes']): string {
  const own = Object.entries(attributes ?? {}).map(([name, [Type, Value]]) => [name, { Type, Value }] as const);
  const url = `https://sns.${REGION}.amazonaws.com`;
  const isOwn = sent.kind.startsWith('subscribed');
  return JSON.stringify({
    Type: 'Notification',
    MessageId: uuidOf(sent, 'b', sent.isSame ? 0 : index),
    TopicArn: sent.topic,
    ...(isOwn && isBad(sent, index) ? { Subject: 'bad' } : {}),
    Message: message,
    Timestamp: WHEN,
    SignatureVersion: '1',
    Signature: 'RVhBTVBMRQ==',
    SigningCertURL: `${url}/SimpleNotificationService-0.pem`,
    UnsubscribeURL: `${url}/?Action=Unsubscribe&SubscriptionArn=${sent.subscription}${isOwn && sent.isOdd ? '0' : ''}`,
    ...(own.length === 0 ? {} : { MessageAttributes: Object.fromEntries(own) }),
  });
}

function failedEvent(sent: Sent, index: number): Content {
  const body = coreOf(sent, index);
  const attributes: Content['attributes'] = {
    RequestID: ['String', uuidOf(sent, 'c', index)],
    ErrorCode: ['Number', '200'],
    ErrorMessage: ['String', 'no such table'],
  };
  return sent.way === 'topic' ? { body: notification(sent, index, body, attributes) } : { body, attributes };
}

/** Odd ones tell of a success, and of a batch of a stream, in turn. */
function recordOf(sent: Sent, index: number): string {
  const isBatch = sent.isOdd && index % 2 === 1;
  const frame = {
    version: '1.0',
    timestamp: WHEN,
    requestContext: {
      requestId: uuidOf(sent, 'c', sent.isSame ? 0 : index),
      functionArn: `${sent.homeArn}:${sent.form === 'alias' ? 'live' : '$LATEST'}`,
      condition: sent.isOdd && !isBatch ? 'Success' : 'RetriesExhausted',
      approximateInvokeCount: 3,
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    ...(isBatch ? { KinesisBatchInfo: { shardId: 'shardId-000000000006', batchSize: index } } : {}),
  };
  const text = JSON.stringify(frame);
  return isBatch ? text : `${text.slice(0, -1)},"requestPayload":${coreOf(sent, index)}}`;
}

/** An event as EventBridge has it. `detail`: JSON. */
function event(sent: Sent, index: number, type: string, detail: string): string {
  const isLambda = sent.kind === 'recorded';
  const frame = {
    version: '0',
    id: uuidOf(sent, 'd', sent.isSame ? 0 : index),
    'detail-type': type,
    source: isLambda ? 'lambda' : 'shop',
    account: ACCOUNT,
    time: WHEN,
    region: REGION,
    resources: [],
  };
  return `${JSON.stringify(frame).slice(0, -1)},"detail":${detail}}`;
}

function recorded(sent: Sent, index: number): Content {
  const record = recordOf(sent, index);
  if (sent.way === 'topic') return { body: notification(sent, index, record) };
  if (sent.way !== 'rule') return { body: record };
  return { body: event(sent, index, 'Lambda Function Invocation Result - Failure', record) };
}

const OF_A_TARGET = (sent: Sent): NonNullable<Content['attributes']> => ({
  TARGET_ARN: ['String', sent.homeArn],
  ERROR_CODE: ['String', 'NO_PERMISSIONS'],
  ERROR_MESSAGE: ['String', 'no permission'],
  RETRY_ATTEMPTS: ['Number', '3'],
});

function ofRule(sent: Sent, index: number): Content {
  const body = event(sent, index, isBad(sent, index) ? 'bad' : 'OrderPlaced', coreOf(sent, index));
  return sent.kind === 'bus'
    ? { body }
    : { body, attributes: { RULE_ARN: ['String', sent.rule], ...OF_A_TARGET(sent) } };
}

function ofSchedule(sent: Sent, index: number): Content {
  const body = coreOf(sent, index);
  return {
    body: sent.isOdd ? body.slice(0, -20) : body,
    attributes: {
      SCHEDULE_ARN: ['String', sent.schedule],
      ...OF_A_TARGET(sent),
      EXECUTION_ID: ['String', 'd3'],
      EXHAUSTED_RETRY_CONDITION: ['String', 'MaximumRetryAttempts'],
      IS_PAYLOAD_TRUNCATED: ['String', String(sent.isOdd)],
      SCHEDULED_TIME: ['String', WHEN],
    },
  };
}

function contentOf(sent: Sent, index: number): Content {
  switch (sent.kind) {
    case 'subscribed-queue':
    case 'subscribed-function':
      return { body: notification(sent, index, coreOf(sent, index)) };
    case 'subscribed-raw':
      return { body: coreOf(sent, index), attributes: { colour: ['String', 'red'] } };
    case 'asynchronous':
      return failedEvent(sent, index);
    case 'recorded':
      return recorded(sent, index);
    case 'schedule-queue':
    case 'schedule-function':
      return ofSchedule(sent, index);
    default:
      return ofRule(sent, index);
  }
}

function letterOf(sent: Sent, index: number): Shape {
  const { body, attributes = {} } = contentOf(sent, index);
  const MessageId = uuidOf(sent, 'a', index);
  const own = Object.entries(attributes).map(
    ([name, [DataType, StringValue]]) => [name, { DataType, StringValue }] as const,
  );
  const fifo = {
    MessageGroupId: `s${index % sent.groups}`,
    MessageDeduplicationId: MessageId,
    SequenceNumber: String(SEQUENCE + BigInt(sent.number * 1_000 + index)),
  };
  return {
    MessageId,
    Body: body,
    Attributes: {
      SentTimestamp: String(BEGIN_MS - 3_600_000),
      ApproximateReceiveCount: '0',
      SenderId: 'AIDAEXAMPLE',
      ...(sent.graveyard.endsWith('.fifo') ? fifo : {}),
    },
    ...(own.length === 0 ? {} : { MessageAttributes: Object.fromEntries(own) }),
  };
}

/** All letters of one sender, in their order. */
export function lettersSent(sent: Sent): readonly Shape[] {
  return Array.from({ length: sent.count }, (_none, index) => letterOf(sent, index));
}
