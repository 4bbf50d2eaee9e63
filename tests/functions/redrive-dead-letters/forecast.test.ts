/** What is told of a redrive while it is under way. */

import { describe, expect, it } from 'vitest';
import { decide } from '../../../functions/redrive-dead-letters/decide.ts';
import { ASK, facts, LIMITS, NOW, queue, told } from './queue-facts.ts';

const HUNDRED = queue('orders-dlq', { messages: { visible: 100, inFlight: 0, delayed: 0 } });

describe('between two pieces', () => {
  it('is told how many have gone, are left, and for about how long', () => {
    const more = { queue: HUNDRED, ask: { ...ASK, perSecond: 8 } };
    expect(decide(told({ received: 40, sent: 40, isDrained: false }, more), LIMITS, NOW)).toMatchObject({
      code: 'redriving',
      evidence: { done: 40, left: 100, perSecond: 8, etaSeconds: 13 },
    });
  });

  it('no more are left than were asked for', () => {
    const more = { queue: HUNDRED, ask: { ...ASK, maxMessages: 50 } };
    expect(decide(told({ received: 40, sent: 40, isDrained: false }, more), LIMITS, NOW)).toMatchObject({
      evidence: { done: 40, left: 10 },
    });
  });

  it('nothing is told before the first', () => {
    expect(decide(facts(), LIMITS, NOW).evidence).not.toHaveProperty('etaSeconds');
  });
});
