/** What is told of a redrive while it is under way. */

import { describe, expect, it } from 'vitest';
import { decide, NO_PROGRESS, type Ask, type Progress } from '../../../functions/redrive-dead-letters/decide.ts';
import { forecastOf } from '../../../functions/redrive-dead-letters/decide/forecast.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { ASK, facts, LIMITS, NOW, prints, queue, told } from './queue-facts.ts';

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

  it('what was parked is done, and what stays is not left', () => {
    const more = { queue: HUNDRED, ask: { ...ASK, perSecond: 10 } };
    const progress = { received: 45, sent: 30, parked: 10, stays: { 'no-source': prints(5) }, isDrained: false };
    expect(decide(told(progress, more), LIMITS, NOW)).toMatchObject({
      evidence: { done: 40, left: 95, etaSeconds: 10 },
    });
  });

  it('never is less than nothing left, nor more than there is', () => {
    const scene = (ask: Partial<Ask>, visible: number, progress: Partial<Progress>): JsonObject => {
      const asked = { ...ASK, ...ask };
      const seen = queue('orders-dlq', { messages: { visible, inFlight: 0, delayed: 0 } });
      const known = { ...NO_PROGRESS, ...progress };
      const here = told(known, { queue: seen, ask: asked });
      const trial = { sources: here.sources, progress: known, queue: seen, limits: LIMITS, now: NOW };
      return forecastOf({ facts: here, progress: known, queue: seen, ask: asked, limits: LIMITS, now: NOW, trial });
    };
    expect(scene({}, 1, { stays: { 'no-source': prints(2) } })).toMatchObject({ left: 0, etaSeconds: 0 });
    expect(scene({ maxMessages: 50 }, 3, { sent: 10 })).toMatchObject({ done: 10, left: 3 });
    expect(scene({ maxMessages: 5 }, 3, { sent: 6 })).toMatchObject({ done: 6, left: 0 });
  });

  it('nothing is told before the first', () => {
    expect(decide(facts(), LIMITS, NOW).evidence).not.toHaveProperty('etaSeconds');
  });
});
