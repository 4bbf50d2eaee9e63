/** Which letters are asked for: by a filter, by their age, and how those that are not are counted. */

import { describe, expect, it } from 'vitest';
import { ofPerson } from '../../../functions/redrive-dead-letters/aws.ts';
import { screenOf } from '../../../functions/redrive-dead-letters/aws/screen.ts';
import { decide, NO_PROGRESS } from '../../../functions/redrive-dead-letters/decide.ts';
import { letters, moved, staysOf } from './a-piece.ts';
import { ASK, DELIVERY, facts, LIMITS, NOW, prints, told } from './queue-facts.ts';
import { letter } from './some-letters.ts';

describe('a request', () => {
  it('keeps what it asks for, and asks for all where it says nothing', () => {
    const filter = 'body.tenant == `7`';
    expect(ofPerson({ filter, maxAgeSeconds: 60 }, DELIVERY).ask).toMatchObject({ filter, maxAgeSeconds: 60 });
    expect(ofPerson({}, DELIVERY).ask).toMatchObject({ filter: null, maxAgeSeconds: null, maxMessages: null });
  });

  it('with a filter that cannot be read is bad input', () => {
    expect(() => ofPerson({ filter: 'body.[' }, DELIVERY)).toThrow(/params\.filter/u);
  });

  it('is finished by a later run as it was meant', () => {
    const note = { maxMessages: null, perSecond: null, filter: 'body.id', maxAgeSeconds: 9, by: 'mara' };
    const announced = [{ target: facts().target, intent: 'x', at: NOW, note }];
    expect(decide(facts({ ask: null, announced }), LIMITS, NOW)).toMatchObject({
      note,
      plan: [{ input: { rule: { filter: 'body.id', maxAgeSeconds: 9 } } }],
    });
  });
});

describe('a letter', () => {
  const screen = screenOf({ filter: 'body.id == `1`', maxAgeSeconds: 3_600 });

  it.each([
    ['{"id":1}', NOW, undefined],
    ['{"id":2}', NOW, 'not-wanted'],
    ['{"id":1}', '2026-11-22T08:00:00.001Z', 'too-old'],
  ])('%s at %s is %s', (Body, now, why) => {
    expect(screen(letter('a', { message: { Body } }), 0, now)).toBe(why);
  });

  it('that the filter says nothing of is told apart', () => {
    const long = screenOf({ filter: 'length(body.id) > `1`' });
    expect(long(letter('a', { message: { Body: '{"id":1}' } }), 0, NOW)).toBe('filter-fails');
    expect(screenOf({})(letter('a'), 0, NOW)).toBeUndefined();
  });

  it('is known by how often it went', () => {
    const again = screenOf({ filter: 'attempts > `0`' });
    expect([again(letter('a'), 0, NOW), again(letter('a'), 1, NOW)]).toEqual(['not-wanted', undefined]);
  });
});

describe('letters that were not asked for', () => {
  const rule = { filter: 'body.id < `3`', maxAgeSeconds: null };

  it('stay, and are none of the number that was', async () => {
    const { told: all, sent } = await moved({ letters: letters(20), rule });
    expect([all?.sent, sent, staysOf(all)]).toEqual([3, 3, { 'not-wanted': 17 }]);
    const two = await moved({ letters: letters(20).toReversed(), rule, maxItems: 2 });
    expect(two.told?.sent).toBe(2);
  });

  it('alone are a refusal, and beside others nobody has to look after them', () => {
    const ask = { ...ASK, filter: 'body.id' };
    const none = told({ received: 4, stays: { 'not-wanted': prints(3), 'too-old': prints(1) } }, { ask });
    expect(decide(none, LIMITS, NOW)).toMatchObject({
      kind: 'refuse',
      code: 'none-wanted',
      because: 'none of the 4 letters of orders-dlq is one that was asked for',
      over: true,
    });
    const some = decide(told({ received: 4, sent: 1, stays: { 'not-wanted': prints(3) } }, { ask }), LIMITS, NOW);
    expect(some).toMatchObject({ code: 'redriven', evidence: { refusedFor: { 'not-wanted': 3 } } });
    expect(some).not.toHaveProperty('attention');
    const other = told({ received: 5, sent: 1, stays: { 'not-wanted': prints(3), 'no-source': prints(1) } }, { ask });
    expect(decide(other, LIMITS, NOW)).toMatchObject({ attention: true });
  });

  it('do not end a request for so many', () => {
    const ask = { ...ASK, filter: 'body.id', maxMessages: 2 };
    const progress = { ...NO_PROGRESS, isDrained: false, received: 4, sent: 1, stays: { 'not-wanted': prints(3) } };
    expect(decide(told(progress, { ask }), LIMITS, NOW)).toMatchObject({ code: 'redriving' });
    expect(decide(told({ ...progress, received: 5, sent: 2 }, { ask }), LIMITS, NOW)).toMatchObject({
      code: 'redriven',
    });
  });
});
