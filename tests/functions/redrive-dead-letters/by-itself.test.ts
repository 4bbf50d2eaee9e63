/** When the schedule begins with a queue by itself, and when it leaves it alone. */

import { describe, expect, it } from 'vitest';
import { decide, type Facts, type Queue } from '../../../functions/redrive-dead-letters/decide.ts';
import type { History } from '../../../shared/kernel/decision.ts';
import { ASK, facts, held, LIMITS, NOW, prints, queue, SETTINGS, told } from './queue-facts.ts';

const AUTO = { ...SETTINGS, redrive: 'auto' } as const;
const LATER = '2026-11-22T08:30:00.000Z';

function history(tried?: string): History {
  return { epoch: 1, actions: [], memory: tried === undefined ? {} : { tried } };
}

/** What the schedule sees of a queue that is tagged `auto`. */
function ticked(more: Partial<Facts> = {}): Facts {
  return facts({ ask: null, history: history(), settings: AUTO, ...more });
}

function holding(visible: number): Queue {
  return queue('orders-dlq', { messages: { visible, inFlight: 0, delayed: 0 } });
}

describe('a tick', () => {
  it('begins with the letters of a queue that is tagged auto, and goes on with them', () => {
    const begun = { kind: 'act', code: 'redriving', evidence: { askedBy: 'schedule' }, plan: [{}] };
    expect(decide(ticked(), LIMITS, NOW)).toMatchObject(begun);
    const after = told({ received: 3, sent: 3, isDrained: false }, { ask: null, settings: AUTO, history: history() });
    expect(decide(after, LIMITS, NOW)).toMatchObject({ code: 'redriving', evidence: { askedBy: 'schedule' } });
  });

  it('leaves some minutes between two redrives, so that those of an hour are not begun in half of it', () => {
    const begunAt = (at: string): string =>
      decide(ticked({ history: { ...history(), actions: [at] } }), LIMITS, NOW).code;
    expect(begunAt('2026-11-22T07:52:30.000Z')).toBe('redriving');
    expect(begunAt('2026-11-22T07:52:31.000Z')).toBe('held-off');
    // What it has just booked is its own.
    expect(begunAt('2026-11-22T07:58:59.000Z')).toBe('held-off');
    expect(begunAt('2026-11-22T07:59:00.000Z')).toBe('redriving');
    const asked = ticked({ ask: ASK, history: { ...history(), actions: ['2026-11-22T07:55:00.000Z'] } });
    expect(decide(asked, LIMITS, NOW).code).toBe('redriving');
  });

  it('asks for nothing of one that is gone', () => {
    expect(decide(ticked({ queue: null }), LIMITS, NOW)).toMatchObject({ kind: 'nothing', code: 'not-asked' });
  });

  it('leaves one alone that is tagged manual', () => {
    expect(decide(ticked({ settings: SETTINGS }), LIMITS, NOW)).toMatchObject({ kind: 'nothing', code: 'not-asked' });
  });

  it('says nothing of one with nothing to receive, and forgets what was tried only of one that is empty', () => {
    const empty = { kind: 'nothing', code: 'empty' };
    expect(decide(ticked({ queue: holding(0) }), LIMITS, NOW)).toMatchObject({ ...empty, remember: { tried: null } });
    for (const messages of [
      { visible: 0, inFlight: 2, delayed: 0 },
      { visible: 0, inFlight: 0, delayed: 2 },
    ]) {
      const decision = decide(ticked({ queue: queue('orders-dlq', { messages }) }), LIMITS, NOW);
      expect([decision.code, 'remember' in decision && decision.remember]).toEqual(['empty', {}]);
    }
  });

  it('says what is wrong with one that holds letters, each time, for the kernel tells it once', () => {
    const wrong = ticked({ sources: [], sourceCount: 0 });
    expect(decide(wrong, LIMITS, NOW)).toMatchObject({ kind: 'refuse', code: 'no-sources' });
  });

  it('finishes what a person asked for as it was meant, and says so', () => {
    const note = { maxMessages: null, perSecond: 7, filter: null, maxAgeSeconds: null, by: 'mara' };
    const announced = [{ target: facts().target, intent: 'x', at: NOW, note }];
    expect(decide(ticked({ announced }), LIMITS, NOW)).toMatchObject({
      evidence: { askedBy: 'mara', begunBefore: NOW },
    });
    expect(decide(ticked({ announced, heldUntil: LATER }), LIMITS, NOW)).toMatchObject({ code: 'under-way' });
  });
});

describe('after a run that left letters behind', () => {
  it.each([
    ['1 - 2026-11-22T07:30:00.000Z', 'held-off'],
    ['1 - 2026-11-22T06:59:00.000Z', 'redriving'],
    ['2 - 2026-11-22T06:30:00.000Z', 'held-off'],
    ['2 - 2026-11-22T05:59:00.000Z', 'redriving'],
    ['6 - 2026-11-21T08:30:00.000Z', 'held-off'],
    ['6 - 2026-11-21T07:59:00.000Z', 'redriving'],
    // Three were there, and three are.
    ['1 3 2026-11-22T07:30:00.000Z', 'held-off'],
    // One has come since, as far as SQS counts.
    ['1 2 2026-11-22T07:30:00.000Z', 'redriving'],
    ['1 2 2026-11-22T07:59:30.000Z', 'held-off'],
  ])('%s the queue is %s', (tried, code) => {
    expect(decide(ticked({ history: history(tried) }), LIMITS, NOW)).toMatchObject({ code });
    // A person's word is never held off.
    expect(decide(ticked({ history: history(tried), ask: ASK }), LIMITS, NOW)).toMatchObject({ code: 'redriving' });
  });

  it('the wait begins with its end, and doubles up to a day', () => {
    const at = '2026-11-21T00:00:00.000Z';
    const failing = (tried?: string): Facts =>
      told({ received: 3, stays: { 'no-source': prints(3) } }, { ask: null, settings: AUTO, history: history(tried) });
    expect(decide(failing(), LIMITS, NOW)).toMatchObject({
      code: 'none-went-back',
      remember: { tried: `1 3 ${NOW}` },
    });
    expect(decide(failing(`1 3 ${at}`), LIMITS, NOW)).toMatchObject({ remember: { tried: `2 3 ${NOW}` } });
    expect(decide(failing(`6 3 ${at}`), LIMITS, NOW)).toMatchObject({ remember: { tried: `6 3 ${NOW}` } });
    expect(decide(ticked({ history: history(`6 - ${NOW}`) }), LIMITS, LATER)).toMatchObject({
      evidence: { until: '2026-11-23T08:00:00.000Z' },
    });
  });

  it('one that brought some back begins anew, and one that left none is forgotten', () => {
    const more = { ask: null, settings: AUTO, history: history('4 2 2026-11-20T00:00:00.000Z') };
    expect(decide(told({ received: 3, sent: 2, stays: { 'no-source': prints(1) } }, more), LIMITS, NOW)).toMatchObject({
      code: 'redriven',
      remember: { tried: `1 1 ${NOW}` },
    });
    expect(decide(told({ received: 2, sent: 2 }, more), LIMITS, NOW)).toMatchObject({ remember: { tried: null } });
  });

  it('what was to be deleted and was not is not sent again for a day', () => {
    const left = { a: { state: 'sent', why: 'x', expiresAt: LATER } } as const;
    const undeleted = told({ received: 1, sent: 1, left }, { ask: null, settings: AUTO, queue: held(1) });
    expect(decide(undeleted, { ...LIMITS, maxRounds: 0 }, NOW)).toMatchObject({
      code: 'not-deleted',
      remember: { tried: `6 - ${NOW}` },
    });
  });

  it('that was asked for some of the letters nothing is known of the others', () => {
    const stays = { 'not-wanted': prints(2), 'no-source': prints(1) };
    const some = told({ received: 3, stays }, { ask: { ...ASK, filter: 'body' }, settings: AUTO });
    expect(decide(some, LIMITS, NOW)).toMatchObject({ code: 'none-went-back', remember: {} });
    const unwanted = told({ received: 2, stays: { 'not-wanted': prints(2) } }, { settings: AUTO });
    expect(decide(unwanted, LIMITS, NOW)).toMatchObject({ code: 'none-wanted', remember: {} });
  });

  it('of a queue that is tagged manual nothing is kept', () => {
    const stays = { 'no-source': prints(3) };
    expect(decide(told({ received: 3, stays }), LIMITS, NOW)).toMatchObject({ remember: {} });
  });
});
