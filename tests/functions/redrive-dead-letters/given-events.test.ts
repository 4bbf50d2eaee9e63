/** What is told of functions whose failures nobody sees here, whose failed events letters may be, and which queue a person means. */

import { describe, expect, it } from 'vitest';
import { arnMeant } from '../../../functions/redrive-dead-letters/aws/queues.ts';
import { decide, type Facts } from '../../../functions/redrive-dead-letters/decide.ts';
import { failedEvents, type Envelope } from '../../../functions/redrive-dead-letters/decide/envelopes.ts';
import type { Origin } from '../../../functions/redrive-dead-letters/decide/origins.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import { makeIo } from '../../../shared/kernel/run/io.ts';
import {
  asynchronous,
  destined,
  EVENT,
  letter,
  notification,
  OF_FUNCTION,
  OF_FUNCTION_BY_TOPIC,
  subscribed,
  TOPIC,
} from './letters-of-others.ts';
import { arnOf, LIMITS, NOW, told } from './queue-facts.ts';

describe('a function that was given events', () => {
  const arn = 'arn:aws:lambda:eu-west-1:111122223333:function:index';
  const given = { received: 7, sent: 7, places: { [arn]: { trust: 'works' as const, sent: 7, back: 0 } } };
  const to = { kind: 'function', arn } as const;
  const bySubscription = { kind: 'sns', subscription: 's', topic: 't', raw: false, to } as const;
  const ended = (origins: NonNullable<Facts['senders']>['origins']): Decision =>
    decide(
      told(given, {
        sources: [{ arn, name: 'index', timeoutSeconds: 3 }],
        sourceCount: 0,
        senders: { origins, unread: [] },
      }),
      LIMITS,
      NOW,
    );

  it('and leaves what it fails on elsewhere is told of: whether it has handled them is not seen', () => {
    expect(ended([bySubscription])).toMatchObject({
      code: 'redriven',
      attention: true,
      evidence: { failsElsewhere: ['index'] },
    });
  });

  it('is not, where its failures come back here', () => {
    const own = { kind: 'lambda-async', function: arn, aliases: [], way: { by: 'itself' } } as const;
    const decision = ended([bySubscription, own]);
    expect(decision.evidence).not.toHaveProperty('failsElsewhere');
    expect(decision).not.toHaveProperty('attention');
  });
});

describe('a queue', () => {
  const { signal } = new AbortController();
  const io = makeIo({ run: 'r', account: '111122223333', region: 'eu-west-1', signal, target: 't' });

  it.each([
    ['orders-dlq', arnOf('orders-dlq')],
    ['orders.fifo', arnOf('orders.fifo')],
    [arnOf('orders-dlq'), arnOf('orders-dlq')],
    ['https://sqs.eu-west-1.amazonaws.com/111122223333/orders-dlq', arnOf('orders-dlq')],
  ])('is meant by %s', (text, arn) => {
    expect(arnMeant(text, io)).toBe(arn);
  });

  it.each([
    `${arnOf('orders-dlq')}/peek`,
    `${arnOf('orders-dlq')}/cancel`,
    'orders dlq',
    '',
    arnOf('orders-dlq').replace('eu-west-1', 'us-east-1'),
    arnOf('orders-dlq').replace('sqs', 'sns'),
  ])('of this account and Region is not meant by %s', (text) => {
    expect(arnMeant(text, io)).toBeUndefined();
  });
});

describe('whose failed event a letter may be', () => {
  const whose = (of: Envelope, ...origins: readonly Origin[]): readonly string[] =>
    failedEvents(of, origins).map((one) => `${one.function.split(':').at(-1) ?? ''} ${one.event} ${one.isRecorded}`);

  it('is told of all functions that leave theirs here in this way', () => {
    const byTopic = asynchronous('bill', { by: 'topic', topic: TOPIC, raw: false });
    const all = [
      asynchronous('charge'),
      asynchronous('ship', { by: 'itself' }, ['live']),
      byTopic,
      subscribed(arnOf('orders'), true),
    ];
    expect(whose(letter(EVENT, OF_FUNCTION), ...all)).toEqual([`charge ${EVENT} false`, `ship ${EVENT} false`]);
    expect(whose(letter(notification(EVENT, OF_FUNCTION_BY_TOPIC)), ...all)).toEqual([`bill ${EVENT} false`]);
    expect(whose(letter(EVENT), ...all)).toEqual([]);
  });

  it('says where records tell of it, too', () => {
    expect(whose(letter(EVENT, OF_FUNCTION), asynchronous('charge'), destined('charge'))).toEqual([
      `charge ${EVENT} true`,
    ]);
  });
});
