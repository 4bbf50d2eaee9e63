/** Who puts dead letters into a queue, read in the simulated AWS. */

import { describe, expect, it } from 'vitest';
import { originsOf } from '../../../functions/redrive-dead-letters/aws/origins.ts';
import type { Senders } from '../../../functions/redrive-dead-letters/decide.ts';
import { unlessGone } from '../../../functions/redrive-dead-letters/aws/reading.ts';
import { inFunction } from '../in-a-function.ts';
import { DEAD, functionArn, RULE, SCHEDULE, SUBSCRIPTION, TOPIC } from './letters-of-others.ts';
import { arnOf } from './queue-facts.ts';

const ORDERS = arnOf('orders');
const BUS = 'arn:aws:events:eu-west-1:111122223333:event-bus/shop';
const TO_DEAD = { Arn: DEAD };
const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: DEAD });

function world(parts: object): object {
  return { now: '2026-11-22T08:00:00Z', account: '111122223333', region: 'eu-west-1', ...parts };
}

async function read(
  parts: object,
  points: Parameters<typeof inFunction>[2] = [],
): Promise<Senders & { readonly calls: readonly string[] }> {
  const { value, thrown, requests } = await inFunction(world(parts), (io) => originsOf(DEAD, io), points);
  if (value === undefined) throw thrown;
  return { ...value, calls: requests.map(({ call }) => call) };
}

function subscription(name: string, more: object): object {
  return { SubscriptionArn: `${TOPIC}:${name}`, TopicArn: TOPIC, Protocol: 'sqs', Endpoint: ORDERS, ...more };
}

function destined(to: string, qualifier?: string): object {
  const FunctionArn = qualifier === undefined ? {} : { FunctionArn: functionArn(`f:${qualifier}`) };
  return { ...FunctionArn, DestinationConfig: { OnFailure: { Destination: to } } };
}

describe('who puts dead letters into a queue', () => {
  it('is nobody, where nobody is set up to', async () => {
    const { origins, unread, calls } = await read({});
    expect([origins, unread]).toEqual([[], []]);
    expect(calls.toSorted()).toEqual([
      'events:DescribeEventBus',
      'events:ListEventBuses',
      'events:ListRules',
      'lambda:ListFunctions',
      'scheduler:ListSchedules',
      'sns:ListSubscriptions',
    ]);
  });

  it('is a subscription whose policy names it, to whatever it delivers, raw or not', async () => {
    const { origins } = await read({
      sns: {
        Subscriptions: [
          { ...subscription('1', { Attributes: { RedrivePolicy } }), SubscriptionArn: SUBSCRIPTION },
          subscription('2', { Attributes: { RedrivePolicy, RawMessageDelivery: 'true' } }),
          subscription('3', { Protocol: 'lambda', Endpoint: functionArn('f:live'), Attributes: { RedrivePolicy } }),
          subscription('other', { Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: ORDERS }) } }),
          subscription('odd', { Attributes: { RedrivePolicy: 'no JSON' } }),
          subscription('web', { Protocol: 'https', Endpoint: 'https://example.com', Attributes: { RedrivePolicy } }),
          { ...subscription('x', { Attributes: { RedrivePolicy } }), SubscriptionArn: 'PendingConfirmation' },
        ],
      },
    });
    const to = { kind: 'queue', arn: ORDERS };
    expect(origins).toEqual([
      { kind: 'sns', subscription: SUBSCRIPTION, topic: TOPIC, raw: false, to },
      { kind: 'sns', subscription: `${TOPIC}:2`, topic: TOPIC, raw: true, to },
      {
        kind: 'sns',
        subscription: `${TOPIC}:3`,
        topic: TOPIC,
        raw: false,
        to: { kind: 'function', arn: functionArn('f:live') },
      },
      {
        kind: 'sns',
        subscription: `${TOPIC}:web`,
        topic: TOPIC,
        raw: false,
        to: { kind: 'other', arn: `${TOPIC}:web` },
      },
    ]);
  });

  it('is a function, by its dead letters or its destination, of whatever version', async () => {
    const { origins } = await read({
      lambda: {
        Functions: [
          { FunctionName: 'a', DeadLetterConfig: { TargetArn: DEAD } },
          { FunctionName: 'b', DeadLetterConfig: { TargetArn: DEAD }, Aliases: [{ Name: 'live' }] },
          { FunctionName: 'c', EventInvokeConfig: destined(DEAD) },
          { FunctionName: 'f', EventInvokeConfig: [destined(ORDERS, '$LATEST'), destined(DEAD, 'live')] },
          { FunctionName: 'g', DeadLetterConfig: { TargetArn: ORDERS } },
        ],
      },
    });
    const way = { by: 'itself' };
    expect(origins).toEqual([
      { kind: 'lambda-async', function: functionArn('a'), aliases: [], way },
      { kind: 'lambda-async', function: functionArn('b'), aliases: ['live'], way },
      { kind: 'lambda-destination', function: functionArn('c'), way },
      { kind: 'lambda-destination', function: functionArn('f'), way },
    ]);
  });

  it('is a function by way of a topic that the queue subscribes to, or of a rule on a bus', async () => {
    const { origins } = await read({
      sns: { Subscriptions: [subscription('1', { Endpoint: DEAD })] },
      eventbridge: {
        EventBuses: [{ Name: 'shop' }],
        Rules: [{ Name: 'failed', EventBusName: 'shop', Targets: [{ Id: '1', Arn: DEAD }] }],
      },
      lambda: {
        Functions: [
          { FunctionName: 'a', DeadLetterConfig: { TargetArn: TOPIC } },
          { FunctionName: 'b', EventInvokeConfig: destined(TOPIC) },
          { FunctionName: 'c', EventInvokeConfig: destined(BUS) },
        ],
      },
    });
    const way = { by: 'topic', topic: TOPIC, raw: false };
    const rule = RULE.replace('orders-placed', 'shop/failed');
    expect(origins).toEqual([
      { kind: 'lambda-async', function: functionArn('a'), aliases: [], way },
      { kind: 'lambda-destination', function: functionArn('b'), way },
      { kind: 'lambda-destination', function: functionArn('c'), way: { by: 'rule', rule } },
    ]);
  });

  it('is a target of a rule, a schedule or a bus', async () => {
    const { origins } = await read({
      eventbridge: {
        EventBuses: [{ Name: 'shop', DeadLetterConfig: TO_DEAD }],
        Rules: [
          {
            Name: 'orders-placed',
            Targets: [
              { Id: '1', Arn: ORDERS, DeadLetterConfig: TO_DEAD },
              { Id: '2', Arn: functionArn('f'), DeadLetterConfig: TO_DEAD, InputPath: '$.detail' },
              { Id: '3', Arn: arnOf('audit') },
            ],
          },
        ],
      },
      scheduler: {
        Schedules: [
          { Name: 'nightly', Target: { Arn: ORDERS, RoleArn: 'arn:aws:iam::1:role/r', DeadLetterConfig: TO_DEAD } },
          { Name: 'hourly', Target: { Arn: ORDERS, RoleArn: 'arn:aws:iam::1:role/r' } },
        ],
      },
    });
    const to = { kind: 'queue', arn: ORDERS };
    expect(origins).toEqual([
      { kind: 'event-bus', bus: BUS },
      { kind: 'rule-target', rule: RULE, to, isTransformed: false },
      { kind: 'rule-target', rule: RULE, to: { kind: 'function', arn: functionArn('f') }, isTransformed: true },
      { kind: 'schedule', schedule: SCHEDULE, to },
    ]);
  });

  it('is read from all pages, up to a number, and then said to be more', async () => {
    const subscriptions = (count: number): object => ({
      Subscriptions: Array.from({ length: count }, (_none, index) =>
        subscription(String(index), { Attributes: index + 1 === count ? { RedrivePolicy } : {} }),
      ),
    });
    const { origins, unread, calls } = await read({ sns: subscriptions(250) });
    expect([origins.length, unread]).toEqual([1, []]);
    expect(calls.filter((call) => call === 'sns:ListSubscriptions')).toHaveLength(3);
    expect(await read({ sns: subscriptions(1_001) })).toMatchObject({
      origins: [],
      unread: ['there are more than 1000 subscriptions: the others were not read'],
    });
    const rules = Array.from({ length: 501 }, (_none, index) => ({ Name: `r${index}`, Targets: [] }));
    expect((await read({ eventbridge: { Rules: rules } })).unread).toEqual([
      'there are more than 500 rules on arn:aws:events:eu-west-1:111122223333:event-bus/default: the others were not read',
    ]);
  });

  it('is asked for again where AWS is busy, and is no answer where AWS does not', async () => {
    const parts = { sns: { Subscriptions: [subscription('1', { Attributes: { RedrivePolicy } })] } };
    const calm = await read(parts);
    const request = calm.calls.indexOf('sns:GetSubscriptionAttributes');
    const throttled = await read(parts, [{ request, kind: 'throttled' }]);
    expect(throttled.origins).toEqual(calm.origins);
    await expect(read(parts, [{ request, kind: 'throttled-for-a-minute' }])).rejects.toThrow('ThrottledException');
    const first = calm.calls.indexOf('scheduler:ListSchedules');
    await expect(read(parts, [{ request: first, kind: 'failed-before' }])).rejects.toThrow('');
  });

  it('is not what has gone since it was listed', async () => {
    const { value } = await inFunction(world({}), async (io) => {
      const gone = Object.assign(new Error('gone'), {
        name: 'ResourceNotFoundException',
        $metadata: { httpStatusCode: 404 },
      });
      const denied = Object.assign(new Error('no'), {
        name: 'AccessDeniedException',
        $metadata: { httpStatusCode: 403 },
      });
      const began = io.now();
      const answers = [
        await unlessGone(() => Promise.reject(gone), io),
        await unlessGone(() => Promise.reject(denied), io).catch(String),
      ];
      return { answers, isAtOnce: io.now() === began };
    });
    expect(value).toEqual({ answers: [undefined, 'TerminalError: AccessDeniedException: no'], isAtOnce: true });
  });
});
