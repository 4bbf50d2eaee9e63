/** Where letters of topics, functions, rules and schedules go back to, read in the simulated AWS. */

import { describe, expect, it } from 'vitest';
import { readQueue } from '../../../functions/redrive-dead-letters/aws/queues.ts';
import { targetsOf } from '../../../functions/redrive-dead-letters/aws/targets.ts';
import { NO_PROGRESS, type Progress, type Senders } from '../../../functions/redrive-dead-letters/decide.ts';
import { inFunction } from '../in-a-function.ts';
import { DEAD, functionArn, RULE, SUBSCRIPTION, TOPIC } from './letters-of-others.ts';
import { arnOf, NOW } from './queue-facts.ts';

const TAG = { 'runbook:redrive-target': 'dead' };
const TO_DEAD = { DeadLetterConfig: { Arn: DEAD } };
const ELSEWHERE = 'arn:aws:sqs:us-east-1:111122223333:orders';

function world(functionTags: object, queueTags: object): object {
  return {
    now: '2026-11-22T08:00:00Z',
    account: '111122223333',
    region: 'eu-west-1',
    sqs: { Queues: [{ QueueName: 'dead' }, { QueueName: 'orders' }, { QueueName: 'placed', Tags: queueTags }] },
    sns: {
      Subscriptions: [
        {
          SubscriptionArn: SUBSCRIPTION,
          TopicArn: TOPIC,
          Protocol: 'sqs',
          Endpoint: arnOf('orders'),
          Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: DEAD }) },
        },
      ],
    },
    lambda: {
      Functions: [{ FunctionName: 'charge', Timeout: 40, DeadLetterConfig: { TargetArn: DEAD }, Tags: functionTags }],
    },
    eventbridge: {
      Rules: [
        {
          Name: 'orders-placed',
          Arn: RULE,
          Targets: [
            { Id: '1', Arn: arnOf('placed'), ...TO_DEAD },
            { Id: '2', Arn: ELSEWHERE, ...TO_DEAD },
            { Id: '3', Arn: 'arn:aws:states:eu-west-1:111122223333:stateMachine:x', ...TO_DEAD },
            { Id: '4', Arn: functionArn('gone'), ...TO_DEAD },
          ],
        },
      ],
    },
    scheduler: { Schedules: [] },
  };
}

interface Read {
  readonly names: readonly string[];
  readonly untagged: readonly string[];
  readonly senders: Senders | null;
  readonly calls: readonly string[];
}

/** What is read where so many redrive policies name the queue, and the last piece has told so much. */
async function read(sourceCount: number, told: Progress | undefined, of = world(TAG, TAG)): Promise<Read> {
  const { value, thrown, requests } = await inFunction(of, async (io) => {
    const queue = await readQueue(DEAD, io);
    if (queue === null) throw new Error('there is no queue');
    return targetsOf(queue, sourceCount, told, io);
  });
  if (value === undefined) throw thrown;
  const { sources, untagged, senders } = value;
  return { names: sources.map(({ name }) => name), untagged, senders, calls: requests.map(({ call }) => call) };
}

function left(why: string): Progress {
  return { ...NO_PROGRESS, left: { a: { state: 'kept', why, expiresAt: NOW } } };
}

describe('where letters of others go', () => {
  it('is where a redrive policy of a subscription says, or the tag', async () => {
    const { names, untagged } = await read(0, undefined);
    // What is gone has no tag any more either.
    expect([names, untagged]).toEqual([['charge', 'orders', 'placed'], [functionArn('gone')]]);
  });

  it('is nowhere that the tag names another queue, or is missing', async () => {
    const { names, untagged } = await read(0, undefined, world({ 'runbook:redrive-target': 'other' }, {}));
    expect(names).toEqual(['orders']);
    expect(untagged.toSorted()).toEqual([functionArn('charge'), functionArn('gone'), arnOf('placed')]);
  });

  it('says of a function how long it may take', async () => {
    const { value } = await inFunction(world(TAG, TAG), async (io) => {
      const queue = await readQueue(DEAD, io);
      return queue === null ? undefined : (await targetsOf(queue, 0, undefined, io)).sources[0];
    });
    expect(value).toEqual({ arn: functionArn('charge'), name: 'charge', timeoutSeconds: 40 });
  });

  it('is not looked for where queues name it, until a letter says nothing of a queue', async () => {
    const quiet = { names: [], senders: null, calls: ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes'] };
    expect(await read(1, undefined)).toMatchObject(quiet);
    expect(await read(1, left('waits-for-the-canary'))).toMatchObject(quiet);
    expect((await read(1, left('sender-unknown'))).names).toEqual(['charge', 'orders', 'placed']);
  });

  it('is looked for once in a run, and each time whether the tag is still there', async () => {
    const { senders } = await read(0, undefined);
    const again = await read(0, { ...NO_PROGRESS, senders });
    expect(again.names).toEqual(['charge', 'orders', 'placed']);
    expect(again.calls).not.toContain('lambda:ListFunctions');
    expect(again.calls).toContain('tag:GetResources');
  });
});
