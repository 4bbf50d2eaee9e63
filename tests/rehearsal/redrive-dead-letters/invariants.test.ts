/** What is watched while dead letters are moved: that each watcher notices what it is there for, and nothing else. */

import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../simulator/engine/model.ts';
import type { LoggedRequest } from '../../../simulator/engine/run-types.ts';
import { record, staged, watch, type Stage } from '../watching.ts';

function arnOf(name: string): string {
  return `arn:aws:sqs:eu-west-1:111122223333:${name}`;
}

function letter(body: string, source = 'orders'): Shape {
  return { Body: body, Attributes: { DeadLetterQueueSourceArn: arnOf(source), SentTimestamp: '1795330800000' } };
}

/** Two letters of `orders` among the dead ones; `orders` has a consumer. */
function account(tags: Shape = {}): Stage {
  const Queues = [
    { QueueName: 'orders' },
    { QueueName: 'refunds' },
    { QueueName: 'parked' },
    { QueueName: 'orders-dlq', Tags: { 'runbook:redrive': 'manual', ...tags }, Messages: [letter('a'), letter('b')] },
  ];
  return staged({ sqs: { Queues }, consumers: [{ queue: 'orders', handles: 'PT1S' }] });
}

/** Has these letters, by their bodies, stand in the queue from then on. */
function puts({ world }: Stage, queue: string, ...bodies: readonly string[]): () => void {
  return () => {
    record(world, 'sqs', 'Queues', 'QueueName', queue)['Messages'] = bodies.map((body) => letter(body));
  };
}

function all(...steps: readonly (() => void)[]): () => void {
  return () => {
    for (const step of steps) step();
  };
}

function request(call: string, input: Shape, more: Partial<LoggedRequest> = {}): LoggedRequest {
  const at = '2026-11-22T08:00:00.000Z';
  return { index: 0, invocation: 0, call, kind: 'write', input, at, depth: 1, ...more };
}

describe('no-letter-is-lost', () => {
  const found = (stage: Stage, ...steps: readonly (() => void)[]): string | undefined =>
    watch('no-letter-is-lost', stage.world, steps);

  it('is broken by a letter that is deleted before it stands elsewhere', () => {
    const stage = account();
    expect(found(stage, puts(stage, 'orders-dlq', 'b'))).toBe('1 letters are in no queue, among them a');
  });

  it('holds while a letter is handled where it failed', () => {
    const stage = account();
    const gone = all(puts(stage, 'orders', 'a'), puts(stage, 'orders-dlq', 'b'));
    expect(found(stage, gone, puts(stage, 'orders'))).toBeUndefined();
    const inBoth = account();
    const deletedLast = [puts(inBoth, 'orders', 'a'), puts(inBoth, 'orders'), puts(inBoth, 'orders-dlq', 'b')];
    expect(found(inBoth, ...deletedLast)).toBeUndefined();
  });

  it('is broken by one that came back, and is deleted then', () => {
    const stage = account();
    const gone = all(puts(stage, 'orders', 'a'), puts(stage, 'orders-dlq', 'b'));
    const back = all(puts(stage, 'orders'), puts(stage, 'orders-dlq', 'a', 'b'));
    expect(found(stage, gone, back, puts(stage, 'orders-dlq', 'b'))).toBe('1 letters are in no queue, among them a');
  });

  it('is broken by one that leaves a queue without a consumer', () => {
    const stage = account();
    const gone = all(puts(stage, 'refunds', 'a'), puts(stage, 'orders-dlq', 'b'));
    expect(found(stage, gone, puts(stage, 'refunds'))).toBe('1 letters are in no queue, among them a');
  });
});

describe('letters-go-where-they-failed', () => {
  const found = (stage: Stage, queue: string): string | undefined =>
    watch('letters-go-where-they-failed', stage.world, [puts(stage, queue, 'a')]);
  const parking = { 'runbook:parking': 'parked' };

  it('is broken by a letter in a third queue', () => {
    expect(found(account(), 'orders')).toBeUndefined();
    expect(found(account(), 'refunds')).toBe(`a stands in ${arnOf('refunds')}`);
    expect(found(account(), 'parked')).toBe(`a stands in ${arnOf('parked')}`);
  });

  it('holds for one that is parked where the tag says', () => {
    expect(found(account(parking), 'parked')).toBeUndefined();
    expect(found(account(parking), 'refunds')).toBe(`a stands in ${arnOf('refunds')}`);
  });
});

describe('no-letter-goes-too-often', () => {
  const send = (more: Partial<LoggedRequest> = {}, queue = 'orders'): LoggedRequest =>
    request(
      'sqs:SendMessageBatch',
      { QueueUrl: `https://x/111122223333/${queue}`, Entries: [{ MessageBody: 'a' }] },
      more,
    );
  const forgive = (round: string, more: Partial<LoggedRequest> = {}): LoggedRequest =>
    request('ledger:write', { key: `orders-dlq/${round}/x`, value: { forgiven: [arnOf('orders')] } }, more);
  const found = (sent: readonly LoggedRequest[], tags: Shape = {}): string | undefined =>
    watch('no-letter-goes-too-often', account(tags).world, [], [], sent);
  const times = (count: number): LoggedRequest[] => Array.from({ length: count }, () => send());

  it('is broken by one that goes a fourth time, or once more than the tag says', () => {
    expect(found(times(3))).toBeUndefined();
    expect(found(times(4))).toBe('orders a was sent 4 times');
    const once = { 'runbook:redrive-max-attempts': '1' };
    expect(found(times(1), once)).toBeUndefined();
    expect(found(times(2), once)).toBe('orders a was sent 2 times');
  });

  it('counts neither what SQS refused nor what is parked', () => {
    expect(found([...times(3), send({ error: 'AccessDenied' }), send({}, 'parked')])).toBeUndefined();
  });

  it('grants one more for each round that is forgiven, once', () => {
    expect(found([...times(4), forgive('1')])).toBeUndefined();
    expect(found([...times(5), forgive('1'), forgive('1')])).toBe('orders a was sent 5 times');
    expect(found([...times(5), forgive('1'), forgive('2')])).toBeUndefined();
    expect(found([...times(4), forgive('1', { error: 'Throttled' })])).toBe('orders a was sent 4 times');
  });

  it('grants a second copy for each fault', () => {
    expect(found([...times(5), send({ fault: 'reply-lost' })])).toBeUndefined();
    expect(found([...times(6), send({ fault: 'reply-lost' })])).toBe('orders a was sent 7 times');
  });
});

describe('groups-keep-their-order', () => {
  const inGroup = (body: string, id: string): Shape => ({
    MessageId: id,
    Body: body,
    Attributes: { DeadLetterQueueSourceArn: arnOf('orders.fifo'), MessageGroupId: 'a', SentTimestamp: '1795330800000' },
  });
  const ordered = (): Stage =>
    staged({
      sqs: {
        Queues: [
          { QueueName: 'orders.fifo', Attributes: { FifoQueue: 'true' } },
          {
            QueueName: 'orders-dlq.fifo',
            Attributes: { FifoQueue: 'true' },
            Tags: { 'runbook:redrive': 'manual' },
            Messages: ['one', 'two'].map((body) => inGroup(body, `dead ${body}`)),
          },
        ],
      },
    });
  const has = ({ world }: Stage, queue: string, ...messages: readonly Shape[]): (() => void) => {
    return () => {
      record(world, 'sqs', 'Queues', 'QueueName', queue)['Messages'] = [...messages];
    };
  };
  const found = (stage: Stage, ...steps: readonly (() => void)[]): string | undefined =>
    watch('groups-keep-their-order', stage.world, steps);

  it('is broken by a letter that overtakes the one before it', () => {
    const stage = ordered();
    const late = has(stage, 'orders.fifo', inGroup('two', 'n2'), inGroup('one', 'n1'));
    expect(found(stage, late)).toBe('orders.fifo a has two before one');
    const inTime = ordered();
    expect(found(inTime, has(inTime, 'orders.fifo', inGroup('one', 'n1'), inGroup('two', 'n2')))).toBeUndefined();
  });

  it('says nothing of one that has come back', () => {
    const stage = ordered();
    const back = has(stage, 'orders-dlq.fifo', inGroup('one', 'n1'));
    const again = has(stage, 'orders.fifo', inGroup('two', 'n2'), inGroup('one', 'n3'));
    expect(found(stage, has(stage, 'orders.fifo', inGroup('one', 'n1')), back, again)).toBeUndefined();
  });
});
