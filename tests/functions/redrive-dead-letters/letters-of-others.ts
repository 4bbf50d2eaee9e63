/** Dead letters as AWS's services write them, and who names the queue that they are in. */

import { targetOf, type Origin, type Way } from '../../../functions/redrive-dead-letters/decide/origins.ts';
import type { Envelope } from '../../../functions/redrive-dead-letters/decide/envelopes.ts';
import { arnOf } from './queue-facts.ts';

const PLACE = 'eu-west-1:111122223333';

export const TOPIC = `arn:aws:sns:${PLACE}:orders`;
export const SUBSCRIPTION = `${TOPIC}:5be8f5b5-6db4-4d4d-a4a3-0c7f1e1d7d0a`;
export const RULE = `arn:aws:events:${PLACE}:rule/orders-placed`;
export const SCHEDULE = `arn:aws:scheduler:${PLACE}:schedule/default/nightly`;
export const DEAD = arnOf('dead');

/** A function's ARN, with or without `:live`. */
export function functionArn(name: string): string {
  return `arn:aws:lambda:${PLACE}:function:${name}`;
}

export function letter(body: string, attributes: Envelope['attributes'] = {}): Envelope {
  return { source: undefined, body, attributes };
}

/** A notification, as SNS sends it to a queue without raw delivery. */
export function notification(message: string, more: object = {}, subscription = SUBSCRIPTION): string {
  return JSON.stringify({
    Type: 'Notification',
    MessageId: 'b7b7a6ab-9f0c-5a10-8d9c-f9c0a3f0e8b1',
    TopicArn: TOPIC,
    Message: message,
    Timestamp: '2026-11-22T07:00:00.000Z',
    SignatureVersion: '1',
    Signature: 'c2lnbmVk',
    SigningCertURL: 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem',
    UnsubscribeURL: `https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${subscription}`,
    ...more,
  });
}

export const OF_FUNCTION = {
  RequestID: '1d4b5f0b-7a3a-4ba4-9d1c-0f7d9b5a0001',
  ErrorCode: '200',
  ErrorMessage: 'no such table',
};

/** The same as SNS's envelope has them, of a function whose dead letters go to a topic. */
export const OF_FUNCTION_BY_TOPIC = {
  MessageAttributes: {
    RequestID: { Type: 'String', Value: OF_FUNCTION.RequestID },
    ErrorCode: { Type: 'Number', Value: OF_FUNCTION.ErrorCode },
    ErrorMessage: { Type: 'String', Value: OF_FUNCTION.ErrorMessage },
  },
};

/** What Lambda tells a destination. `payload`: as it is written. */
export function record(arn: string, payload: string | undefined, more: object = {}): string {
  const told = JSON.stringify({
    version: '1.0',
    timestamp: '2026-11-22T07:03:00.000Z',
    requestContext: {
      requestId: OF_FUNCTION.RequestID,
      functionArn: arn,
      condition: 'RetriesExhausted',
      approximateInvokeCount: 3,
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: { errorMessage: 'no such table', errorType: 'Error' },
    ...more,
  });
  return payload === undefined ? told : `${told.slice(0, -1)}, "requestPayload" : ${payload}}`;
}

/** The same as an event on a bus. */
export function recordOnBus(arn: string, payload: string): string {
  const frame = { version: '0', source: 'lambda', 'detail-type': 'Lambda Function Invocation Result - Failure' };
  return `${JSON.stringify(frame).slice(0, -1)},"detail":${record(arn, payload)}}`;
}

export const EVENT = JSON.stringify({
  version: '0',
  id: 'e1',
  source: 'shop',
  'detail-type': 'Order Placed',
  detail: { order: 5 },
});

export function ofRule(target: string, rule = RULE): Envelope['attributes'] {
  return {
    RULE_ARN: rule,
    TARGET_ARN: target,
    ERROR_CODE: 'NO_PERMISSIONS',
    ERROR_MESSAGE: 'not authorized',
    RETRY_ATTEMPTS: '0',
  };
}

export function ofSchedule(target: string, more: Envelope['attributes'] = {}): Envelope['attributes'] {
  return {
    SCHEDULE_ARN: SCHEDULE,
    TARGET_ARN: target,
    ERROR_CODE: 'AWS.SimpleQueueService.NonExistentQueue',
    ERROR_MESSAGE: 'The specified queue does not exist.',
    EXECUTION_ID: 'ad06616e51cdf74a',
    IS_PAYLOAD_TRUNCATED: 'false',
    RETRY_ATTEMPTS: '0',
    SCHEDULED_TIME: '2026-11-22T07:00:00Z',
    ...more,
  };
}

export function subscribed(to: string, raw = false, subscription = SUBSCRIPTION): Origin {
  return { kind: 'sns', subscription, topic: TOPIC, raw, to: targetOf(to) };
}

const ITSELF: Way = { by: 'itself' };

export function asynchronous(name: string, way = ITSELF, aliases: readonly string[] = []): Origin {
  return { kind: 'lambda-async', function: functionArn(name), aliases, way };
}

export function destined(name: string, way = ITSELF): Origin {
  return { kind: 'lambda-destination', function: functionArn(name), way };
}

export function ruled(to: string, isTransformed = false): Origin {
  return { kind: 'rule-target', rule: RULE, to: targetOf(to), isTransformed };
}

export function scheduled(to: string): Origin {
  return { kind: 'schedule', schedule: SCHEDULE, to: targetOf(to) };
}
