/** What names a queue for its dead letters, as the listings of SNS, Lambda, EventBridge and Scheduler have it. */

import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../simulator/engine/model.ts';
import { ask, load } from '../world/pasting.ts';
import { serviceWorld } from './service-world.ts';

const PLACE = 'eu-west-1:111122223333';
const TOPIC = `arn:aws:sns:${PLACE}:orders`;
const DEAD = `arn:aws:sqs:${PLACE}:dead`;

function subscription(name: string, more: Shape = {}): Shape {
  return { SubscriptionArn: `${TOPIC}:${name}`, TopicArn: TOPIC, Protocol: 'sqs', Endpoint: DEAD, ...more };
}

function named(answer: Shape, member: string, key: string): unknown {
  const list = answer[member];
  return Array.isArray(list) ? list.map((one: Shape) => one[key]) : list;
}

describe('subscriptions', () => {
  it('are listed a hundred at a time, without their attributes', () => {
    const { call } = serviceWorld({
      sns: { Subscriptions: Array.from({ length: 101 }, (_none, index) => subscription(String(index))) },
    });
    const first = call('sns:ListSubscriptions');
    expect([named(first, 'Subscriptions', 'Owner'), first['NextToken']]).toEqual([
      Array.from({ length: 100 }, () => '111122223333'),
      '100',
    ]);
    const second = call('sns:ListSubscriptions', { NextToken: '100' });
    expect(second).toEqual({ Subscriptions: [{ ...subscription('100'), Owner: '111122223333' }] });
    expect(() => call('sns:ListSubscriptions', { NextToken: 'mine' })).toThrow('not valid');
  });

  it('tell their attributes, those that are left out as AWS has them', () => {
    const { call } = serviceWorld({
      sns: { Subscriptions: [subscription('1', { Attributes: { RedrivePolicy: '{}' } })] },
    });
    expect(call('sns:GetSubscriptionAttributes', { SubscriptionArn: `${TOPIC}:1` })).toEqual({
      Attributes: {
        SubscriptionArn: `${TOPIC}:1`,
        TopicArn: TOPIC,
        Protocol: 'sqs',
        Endpoint: DEAD,
        Owner: '111122223333',
        ConfirmationWasAuthenticated: 'true',
        PendingConfirmation: 'false',
        RawMessageDelivery: 'false',
        RedrivePolicy: '{}',
      },
    });
    expect(() => call('sns:GetSubscriptionAttributes', { SubscriptionArn: `${TOPIC}:2` })).toThrow(
      expect.objectContaining({ name: 'NotFoundException' }),
    );
  });

  it('are listed by their topic, which is there without any where it is written', () => {
    const { call } = serviceWorld({
      sns: {
        Topics: [{ TopicArn: `${TOPIC}-quiet` }],
        Subscriptions: [subscription('1'), subscription('2', { TopicArn: `${TOPIC}-other` })],
      },
    });
    const list = (TopicArn: string): unknown => call('sns:ListSubscriptionsByTopic', { TopicArn });
    expect(list(TOPIC)).toEqual({ Subscriptions: [{ ...subscription('1'), Owner: '111122223333' }] });
    expect(list(`${TOPIC}-quiet`)).toEqual({ Subscriptions: [] });
    expect(() => list(`${TOPIC}-gone`)).toThrow(expect.objectContaining({ name: 'NotFoundException' }));
  });

  it('may wait for their confirmation, all under the same name', () => {
    const waiting = ['a@example.com', 'b@example.com'].map((Endpoint) =>
      subscription('', { SubscriptionArn: 'PendingConfirmation', Protocol: 'email', Endpoint }),
    );
    const { call } = serviceWorld({ sns: { Subscriptions: waiting } });
    expect(named(call('sns:ListSubscriptions'), 'Subscriptions', 'Endpoint')).toEqual([
      'a@example.com',
      'b@example.com',
    ]);
  });
});

describe('functions of others', () => {
  const Functions = [
    {
      FunctionName: 'f',
      DeadLetterConfig: { TargetArn: DEAD },
      Tags: { team: 'shop' },
      Aliases: [{ Name: 'live', FunctionVersion: '7' }],
      EventInvokeConfig: { MaximumRetryAttempts: 1, LastModified: '2026-11-01T00:00:00Z' },
      Fails: 'all',
      Until: 'PT1H',
    },
    { FunctionName: 'g' },
  ];
  const ARN = `arn:aws:lambda:${PLACE}:function:f`;

  it('are listed with what AWS says of them, and no more', () => {
    const { call, world } = serviceWorld({ lambda: { Functions } });
    expect(call('lambda:ListFunctions', { MaxItems: 1 })).toEqual({
      Functions: [{ FunctionName: 'f', FunctionArn: ARN, DeadLetterConfig: { TargetArn: DEAD } }],
      NextMarker: '1',
    });
    expect(named(call('lambda:ListFunctions', { Marker: '1' }), 'Functions', 'FunctionName')).toEqual(['g']);
    expect(world.records('lambda', 'Functions')[0]?.['Until']).toBe('2026-11-22T09:00:00.000Z');
  });

  it('tell how they are set up, by whatever name they are asked', () => {
    const { call } = serviceWorld({ lambda: { Functions: [...Functions, { FunctionName: 'h', Timeout: 40 }] } });
    for (const FunctionName of ['f', ARN, `${ARN}:live`])
      expect(call('lambda:GetFunctionConfiguration', { FunctionName })).toEqual({
        FunctionName: 'f',
        FunctionArn: ARN,
        DeadLetterConfig: { TargetArn: DEAD },
      });
    expect(call('lambda:GetFunctionConfiguration', { FunctionName: 'h' })).toMatchObject({ Timeout: 40 });
    expect(() => call('lambda:GetFunctionConfiguration', { FunctionName: 'gone' })).toThrow(
      expect.objectContaining({ name: 'ResourceNotFoundException' }),
    );
  });

  it('tell how they are invoked, by whatever name they are asked', () => {
    const { call } = serviceWorld({ lambda: { Functions } });
    for (const FunctionName of ['f', ARN, `${ARN}:live`, '111122223333:function:f'])
      expect(call('lambda:ListFunctionEventInvokeConfigs', { FunctionName })).toEqual({
        FunctionEventInvokeConfigs: [
          { FunctionArn: `${ARN}:$LATEST`, MaximumRetryAttempts: 1, LastModified: new Date('2026-11-01T00:00:00Z') },
        ],
      });
    expect(call('lambda:ListAliases', { FunctionName: ARN })).toEqual({
      Aliases: [{ Name: 'live', FunctionVersion: '7', AliasArn: `${ARN}:live` }],
    });
    expect(call('lambda:ListAliases', { FunctionName: 'g' })).toEqual({ Aliases: [] });
    for (const operation of ['ListAliases', 'ListFunctionEventInvokeConfigs'])
      expect(() => call(`lambda:${operation}`, { FunctionName: 'gone' })).toThrow(
        expect.objectContaining({ name: 'ResourceNotFoundException' }),
      );
  });
});

describe('what takes from queues', () => {
  const mapping = (UUID: string, queue: string, more: object = {}): object => ({
    UUID,
    EventSourceArn: `arn:aws:sqs:${PLACE}:${queue}`,
    FunctionArn: `arn:aws:lambda:${PLACE}:function:f`,
    ...more,
  });
  const lambda = {
    Functions: [{ FunctionName: 'f', Concurrency: { ReservedConcurrentExecutions: 0 } }, { FunctionName: 'g' }],
    EventSourceMappings: [
      mapping('1', 'orders'),
      mapping('2', 'orders', { State: 'Disabled' }),
      mapping('3', 'refunds'),
    ],
  };

  it('is listed by queue and by function, enabled if nothing else is said', () => {
    const { call } = serviceWorld({ lambda });
    const EventSourceArn = `arn:aws:sqs:${PLACE}:orders`;
    const first = call('lambda:ListEventSourceMappings', { EventSourceArn, MaxItems: 1 });
    expect(first).toEqual({ EventSourceMappings: [mapping('1', 'orders', { State: 'Enabled' })], NextMarker: '1' });
    const second = call('lambda:ListEventSourceMappings', { EventSourceArn, Marker: '1' });
    expect(second).toEqual({ EventSourceMappings: [mapping('2', 'orders', { State: 'Disabled' })] });
    const all = call('lambda:ListEventSourceMappings', { FunctionName: 'f' });
    expect(named(all, 'EventSourceMappings', 'UUID')).toEqual(['1', '2', '3']);
    expect(call('lambda:ListEventSourceMappings', { FunctionName: 'g' })).toEqual({ EventSourceMappings: [] });
  });

  it('may be kept from running', () => {
    const { call } = serviceWorld({ lambda });
    expect(call('lambda:GetFunctionConcurrency', { FunctionName: 'f' })).toEqual({ ReservedConcurrentExecutions: 0 });
    expect(call('lambda:GetFunctionConcurrency', { FunctionName: 'g' })).toEqual({});
    expect(() => call('lambda:GetFunctionConcurrency', { FunctionName: 'gone' })).toThrow(
      expect.objectContaining({ name: 'ResourceNotFoundException' }),
    );
  });
});

describe('rules and buses', () => {
  const eventbridge = {
    EventBuses: [{ Name: 'shop', DeadLetterConfig: { Arn: DEAD } }],
    Rules: [
      { Name: 'r', Targets: [{ Id: '1', Arn: DEAD, DeadLetterConfig: { Arn: DEAD } }] },
      { Name: 'r', EventBusName: 'shop' },
      { Name: 's', EventBusName: 'shop', State: 'DISABLED' },
    ],
  };

  it('are listed by bus, the default one whether it is written or not', () => {
    const { call } = serviceWorld({ eventbridge });
    expect(named(call('events:ListEventBuses'), 'EventBuses', 'Arn')).toEqual(
      ['default', 'shop'].map((name) => `arn:aws:events:${PLACE}:event-bus/${name}`),
    );
    expect(call('events:ListRules')).toEqual({
      Rules: [{ Name: 'r', Arn: `arn:aws:events:${PLACE}:rule/r`, EventBusName: 'default', State: 'ENABLED' }],
    });
    const onShop = call('events:ListRules', { EventBusName: `arn:aws:events:${PLACE}:event-bus/shop`, Limit: 1 });
    expect([named(onShop, 'Rules', 'Arn'), onShop['NextToken']]).toEqual([
      [`arn:aws:events:${PLACE}:rule/shop/r`],
      '1',
    ]);
    expect(named(call('events:ListRules', { EventBusName: 'shop', NamePrefix: 's' }), 'Rules', 'State')).toEqual([
      'DISABLED',
    ]);
    expect(named(call('events:ListEventBuses', { NamePrefix: 'sh' }), 'EventBuses', 'Name')).toEqual(['shop']);
  });

  it('tell of targets, and of the dead letters of each', () => {
    const { call } = serviceWorld({ eventbridge });
    expect(call('events:ListTargetsByRule', { Rule: 'r' })).toEqual({
      Targets: [{ Id: '1', Arn: DEAD, DeadLetterConfig: { Arn: DEAD } }],
    });
    expect(call('events:ListTargetsByRule', { Rule: 'r', EventBusName: 'shop' })).toEqual({ Targets: [] });
    expect(call('events:DescribeEventBus', { Name: 'shop' })).toMatchObject({ DeadLetterConfig: { Arn: DEAD } });
    expect(call('events:DescribeEventBus')).toMatchObject({ Name: 'default' });
  });

  it('that are not there are not found', () => {
    const { call } = serviceWorld({ eventbridge });
    for (const [operation, input] of [
      ['ListRules', { EventBusName: 'gone' }],
      ['ListTargetsByRule', { Rule: 'gone' }],
      ['DescribeEventBus', { Name: 'gone' }],
    ] as const)
      expect(() => call(`events:${operation}`, input)).toThrow(
        expect.objectContaining({ name: 'ResourceNotFoundException' }),
      );
  });
});

describe('schedules', () => {
  const Target = { Arn: DEAD, RoleArn: 'arn:aws:iam::111122223333:role/r', DeadLetterConfig: { Arn: DEAD } };
  const scheduler = {
    Schedules: [
      { Name: 'nightly', Target, CreationDate: '2026-11-01T00:00:00Z' },
      { Name: 'nightly', GroupName: 'shop', Target, State: 'DISABLED' },
    ],
  };

  it('are listed without what is about their targets, by group, state and name', () => {
    const { call } = serviceWorld({ scheduler });
    const first = call('scheduler:ListSchedules', { MaxResults: 1 });
    expect(first).toEqual({
      Schedules: [
        {
          Name: 'nightly',
          GroupName: 'default',
          Arn: `arn:aws:scheduler:${PLACE}:schedule/default/nightly`,
          State: 'ENABLED',
          CreationDate: new Date('2026-11-01T00:00:00Z'),
          Target: { Arn: DEAD },
        },
      ],
      NextToken: '1',
    });
    for (const input of [{ NextToken: '1' }, { GroupName: 'shop' }, { State: 'DISABLED' }])
      expect(named(call('scheduler:ListSchedules', input), 'Schedules', 'GroupName')).toEqual(['shop']);
    expect(call('scheduler:ListSchedules', { NamePrefix: 'x' })).toEqual({ Schedules: [] });
  });

  it('are told as a whole by name and group', () => {
    const { call } = serviceWorld({ scheduler });
    expect(call('scheduler:GetSchedule', { Name: 'nightly' })).toMatchObject({ GroupName: 'default', Target });
    expect(call('scheduler:GetSchedule', { Name: 'nightly', GroupName: 'shop' })).toMatchObject({ State: 'DISABLED' });
    expect(() => call('scheduler:GetSchedule', { Name: 'hourly' })).toThrow(
      expect.objectContaining({ name: 'ResourceNotFoundException' }),
    );
  });
});

describe('what was not pasted', () => {
  it('is taken for none, be it a listing or a member that another listing prints, and is told as assumed', () => {
    const listings = [
      ['sns', 'ListSubscriptions', 'Subscriptions'],
      ['lambda', 'ListFunctions', 'Functions'],
      ['lambda', 'ListEventSourceMappings', 'EventSourceMappings'],
      ['eventbridge', 'ListRules', 'Rules'],
      ['scheduler', 'ListSchedules', 'Schedules'],
    ] as const;
    for (const [service, operation, collection] of listings) {
      const { world, assumed } = load({});
      expect(ask(world, service, operation, {})).toEqual({ [collection]: [] });
      expect([...assumed].join()).toMatch(`not pasted, taken for none: ${service} ${collection} (`);
      const given = load({ [service]: { [collection]: [] } });
      ask(given.world, service, operation, {});
      expect([...given.assumed]).toEqual([]);
    }
  });

  it('is so of members, too', () => {
    const { world, assumed } = load({
      sns: { Subscriptions: [subscription('1')] },
      lambda: { Functions: [{ FunctionName: 'f' }] },
      eventbridge: { Rules: [{ Name: 'r' }] },
    });
    expect(ask(world, 'sns', 'GetSubscriptionAttributes', { SubscriptionArn: `${TOPIC}:1` })).toMatchObject({
      Attributes: { RawMessageDelivery: 'false' },
    });
    expect(ask(world, 'lambda', 'ListAliases', { FunctionName: 'f' })).toEqual({ Aliases: [] });
    expect(ask(world, 'eventbridge', 'ListTargetsByRule', { Rule: 'r' })).toEqual({ Targets: [] });
    expect([...assumed].filter((one) => one.includes('its '))).toHaveLength(3);
  });
});
