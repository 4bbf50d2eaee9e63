/** What people set by tags, and what SQS says of a queue. */

import { describe, expect, it } from 'vitest';
import { readQueue } from '../../../functions/redrive-dead-letters/aws/queues.ts';
import { settingsOf } from '../../../functions/redrive-dead-letters/aws/settings.ts';
import type { Queue } from '../../../functions/redrive-dead-letters/decide.ts';
import { inFunction } from '../in-a-function.ts';
import { arnOf, SETTINGS } from './queue-facts.ts';

function settings(tags: { readonly [name: string]: string }): ReturnType<typeof settingsOf> {
  return settingsOf('orders-dlq', new Map(Object.entries({ 'runbook:redrive': 'manual', ...tags })));
}

describe('a tag', () => {
  it('that is not there says nothing', () => {
    expect(settings({})).toEqual(SETTINGS);
  });

  it.each<[string, string, object]>([
    ['runbook:redrive', 'auto', { redrive: 'auto' }],
    ['runbook:redrive-per-second', '10000', { perSecond: 10_000 }],
    ['runbook:redrive-max-attempts', '1', { maxAttempts: 1 }],
    ['runbook:redrive-max-attempts', '20', { maxAttempts: 20 }],
    ['runbook:redrive-max-attempts', 'none', { maxAttempts: 'none' }],
    ['runbook:parking', 'orders-parking', { parking: 'orders-parking' }],
    ['runbook:parking', 'orders.fifo', { parking: 'orders.fifo' }],
    ['runbook:parking', 'p'.repeat(80), { parking: 'p'.repeat(80) }],
  ])('%s = %s is read', (name, text, read) => {
    expect(settings({ [name]: text })).toEqual({ ...SETTINGS, ...read });
  });

  it.each([
    ['runbook:redrive', 'yes', 'auto or manual'],
    ['runbook:redrive-per-second', '0', 'a whole number from 1 to 10000'],
    ['runbook:redrive-per-second', '10001', 'a whole number from 1 to 10000'],
    ['runbook:redrive-max-attempts', '0', 'a whole number from 1 to 20, or none'],
    ['runbook:redrive-max-attempts', '21', 'a whole number from 1 to 20, or none'],
    ['runbook:redrive-max-attempts', 'three', 'a whole number from 1 to 20, or none'],
    ['runbook:parking', '', 'the name of a queue'],
    ['runbook:parking', arnOf('parked'), 'the name of a queue'],
    ['runbook:parking', 'p'.repeat(81), 'the name of a queue'],
    ['runbook:parking', `${'p'.repeat(76)}.fifo`, 'the name of a queue'],
  ])('%s = %s is told as a problem', (name, text, expected) => {
    const { problems } = settings({ [name]: text });
    expect(problems).toEqual([`orders-dlq: tag ${name}: '${text}' is not ${expected}`]);
  });
});

describe('a queue', () => {
  const read = async (Attributes: { readonly [name: string]: string }): Promise<Queue | null> => {
    const { value, thrown } = await inFunction(
      {
        now: '2026-11-22T08:00:00Z',
        account: '111122223333',
        region: 'eu-west-1',
        sqs: { Queues: [{ QueueName: 'orders', Attributes }, { QueueName: 'orders-dlq' }] },
      },
      (io) => readQueue(arnOf('orders'), io),
    );
    if (value === undefined) throw thrown;
    return value;
  };
  const policy = (maxReceiveCount: unknown): { RedrivePolicy: string } => ({
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf('orders-dlq'), maxReceiveCount }),
  });

  it('is as its attributes say', async () => {
    const own = { VisibilityTimeout: '7', MessageRetentionPeriod: '600', MaximumMessageSize: '2048', ...policy(4) };
    expect(await read(own)).toMatchObject({
      visibilityTimeoutSeconds: 7,
      retentionSeconds: 600,
      maximumMessageBytes: 2_048,
      maxReceiveCount: 4,
      deadLetters: arnOf('orders-dlq'),
    });
    expect(await read(policy('4'))).toMatchObject({ maxReceiveCount: 4 });
  });

  it('is as SQS has it where they say nothing', async () => {
    expect(await read({})).toMatchObject({
      visibilityTimeoutSeconds: 30,
      retentionSeconds: 345_600,
      maximumMessageBytes: 1_048_576,
      maxReceiveCount: null,
      deadLetters: null,
    });
  });
});
