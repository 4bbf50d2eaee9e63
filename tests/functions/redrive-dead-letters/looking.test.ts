/** Looks that move nothing: what is asked for, and what is told. */

import { describe, expect, it } from 'vitest';
import { ofPerson } from '../../../functions/redrive-dead-letters/aws.ts';
import { decide, lookedAt, lookTarget, type Facts } from '../../../functions/redrive-dead-letters/decide.ts';
import { arnOf, ASK, DELIVERY, facts, held, LIMITS, NOW, queue, SETTINGS, source } from './queue-facts.ts';

function looking(action: 'peek' | 'plan', more: Partial<Facts> = {}): Facts {
  return facts({ target: lookTarget(arnOf('orders-dlq'), action), ...more });
}

const PARKED_AT_HOME: Partial<Facts> = {
  settings: { ...SETTINGS, parking: 'orders' },
  parking: queue('orders'),
};

describe('a request to look', () => {
  it('asks for the letters, and is no redrive', () => {
    expect(ofPerson({ action: 'plan', maxMessages: 5 }, DELIVERY)).toMatchObject({
      looking: 'plan',
      ask: { maxMessages: 5 },
    });
    expect(ofPerson({ action: 'redrive' }, DELIVERY)).not.toHaveProperty('looking');
  });

  it.each(['peek', 'plan'] as const)('%s plans one look, at so many letters, under its own name', (action) => {
    expect(decide(looking(action), LIMITS, NOW)).toMatchObject({
      code: 'looking',
      budget: 'free',
      more: true,
      plan: [{ call: 'work:peek', input: { maxItems: LIMITS.sample, rule: { to: [{ trust: 'works' }] } } }],
    });
    const few = looking(action, { ask: { ...ASK, maxMessages: 3 } });
    expect(decide(few, LIMITS, NOW)).toMatchObject({ plan: [{ input: { maxItems: 3 } }] });
  });

  it('judges each letter as a redrive would', () => {
    const ask = { ...ASK, maxMessages: LIMITS.sample + 1, filter: 'body', maxAgeSeconds: 60 };
    const settings = { ...SETTINGS, maxAttempts: 7, parking: 'parked' };
    const { arn, url, maximumMessageBytes } = queue('parked');
    expect(decide(looking('plan', { ask, settings, parking: queue('parked') }), LIMITS, NOW)).toMatchObject({
      plan: [
        {
          input: {
            maxItems: LIMITS.sample,
            rule: {
              maxAttempts: 7,
              filter: 'body',
              maxAgeSeconds: 60,
              parking: { arn, url, maximumMessageBytes },
              hiddenSeconds: 60,
            },
          },
        },
      ],
    });
    expect(decide(looking('plan'), LIMITS, NOW)).toMatchObject({
      plan: [{ input: { rule: { maxAttempts: 3, parking: null, filter: null, maxAgeSeconds: null, senders: null } } }],
    });
  });

  it('names the queue before its last part, and no other', () => {
    for (const action of ['peek', 'plan'] as const)
      expect(lookedAt(lookTarget(arnOf('orders-dlq'), action))).toEqual({
        looking: action,
        queueArn: arnOf('orders-dlq'),
      });
    for (const target of [arnOf('peek'), 'a/peek/b', arnOf('orders-dlq')]) expect(lookedAt(target)).toBeUndefined();
  });

  it('tells of a plan by what the letters would be moved, at the pace that was asked for', () => {
    const work = { lost: 0, told: { letters: 3 } };
    const told = (more: Partial<Facts>): unknown =>
      decide(looking('plan', { work, queue: held(9), ...more }), LIMITS, NOW).evidence;
    const few = { ask: { ...ASK, maxMessages: 5, perSecond: 2 }, settings: { ...SETTINGS, perSecond: 4 } };
    expect(told(few)).toMatchObject({ engine: 'own', perSecond: 2, aboutSeconds: 3 });
    expect(told({ settings: { ...SETTINGS, maxAttempts: 'none' } })).toMatchObject({
      engine: 'sqs',
      perSecond: 500,
      aboutSeconds: 1,
    });
  });

  it('tells what was seen; of a plan how long it would take besides', () => {
    const work = { lost: 0, told: { letters: 3 } };
    const peeked = decide(looking('peek', { work }), LIMITS, NOW);
    expect(peeked).toMatchObject({ kind: 'act', code: 'peeked', plan: [], evidence: { letters: 3 } });
    expect(peeked.evidence).not.toHaveProperty('perSecond');
    const planned = looking('plan', { work, queue: held(9), settings: { ...SETTINGS, perSecond: 4 } });
    expect(decide(planned, LIMITS, NOW)).toMatchObject({
      code: 'foreseen',
      evidence: { letters: 3, perSecond: 4, aboutSeconds: 3 },
    });
  });

  it.each<readonly [string, 'peek' | 'plan', Partial<Facts>, string]>([
    ['a queue that is gone', 'peek', { queue: null }, 'gone'],
    ['a queue of others', 'peek', { settings: { ...SETTINGS, redrive: null } }, 'not-tagged'],
    ['letters that can go nowhere', 'plan', { sources: [], sourceCount: 0 }, 'no-sources'],
    ['letters that can be looked at all the same', 'peek', { sources: [], sourceCount: 0 }, 'looking'],
    ['an order that others do not keep', 'peek', { sources: [source('orders.fifo', { isFifo: true })] }, 'looking'],
    ['an order that would be lost', 'plan', { sources: [source('orders.fifo', { isFifo: true })] }, 'ordered'],
    ['a parking queue that letters come from', 'peek', PARKED_AT_HOME, 'looking'],
    ['a parking queue that letters come from', 'plan', PARKED_AT_HOME, 'parking-in-use'],
    ['too many senders', 'peek', { sourceCount: LIMITS.maxSources + 1 }, 'looking'],
    ['a parking queue that is not there', 'peek', { settings: { ...SETTINGS, parking: 'parked' } }, 'looking'],
    ['nothing', 'peek', { queue: held(0) }, 'empty'],
    ['a look that broke off', 'peek', { work: { lost: 1 } }, 'broke-off'],
    ['a tick', 'peek', { ask: null }, 'not-asked'],
  ])('at %s: %s', (_what, action, more, code) => {
    expect(decide(looking(action, more), LIMITS, NOW)).toMatchObject({ code });
  });
});
