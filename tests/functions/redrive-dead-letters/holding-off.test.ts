/** What is remembered of a run that left letters behind, and until when their queue is left alone for it. */

import { describe, expect, it } from 'vitest';
import type { Ask } from '../../../functions/redrive-dead-letters/decide.ts';
import { heldOff, heldOffUntil } from '../../../functions/redrive-dead-letters/decide/holding-off.ts';
import type { History } from '../../../shared/kernel/decision.ts';
import { ASK, held, LIMITS, NOW } from './queue-facts.ts';

function history(tried?: string): History {
  return { epoch: 1, actions: [], memory: tried === undefined ? {} : { tried } };
}

/** What is remembered of a run that ended so, with three letters left. */
function remembered(code: string, ask: Partial<Ask> = {}, isOfUse = false, tried?: string): unknown {
  return heldOff({ history: history(tried), queue: held(3), ask: { ...ASK, ...ask }, now: NOW, code, isOfUse });
}

describe('what is remembered', () => {
  it('is how many stayed where all were looked at, and else only that it was tried', () => {
    expect(remembered('none-went-back')).toEqual({ tried: `1 3 ${NOW}` });
    expect(remembered('redriven')).toEqual({ tried: `1 3 ${NOW}` });
    expect(remembered('consumer-fails')).toEqual({ tried: `1 - ${NOW}` });
  });

  it('is one try more, and the first where it was of use', () => {
    const before = `2 3 ${NOW}`;
    expect(remembered('consumer-fails', {}, false, before)).toEqual({ tried: `3 - ${NOW}` });
    expect(remembered('redriven', {}, true, before)).toEqual({ tried: `1 3 ${NOW}` });
    expect(remembered('consumer-fails', {}, false, `6 - ${NOW}`)).toEqual({ tried: `6 - ${NOW}` });
    expect(remembered('not-deleted')).toEqual({ tried: `6 - ${NOW}` });
  });

  it('is nothing of what says nothing of the queue', () => {
    expect([remembered('none-wanted'), remembered('broke-off')]).toEqual([{}, {}]);
  });

  it.each<[Partial<Ask>]>([[{ maxMessages: 3 }], [{ filter: 'body' }], [{ maxAgeSeconds: 60 }]])(
    'of %j is nothing of the others, but that a consumer fails',
    (ask) => {
      expect([remembered('redriven', ask), remembered('none-went-back', ask)]).toEqual([{}, {}]);
      expect(remembered('consumer-fails', ask)).toEqual({ tried: `1 - ${NOW}` });
    },
  );
});

describe('a queue is left alone', () => {
  const until = (tried: string | undefined, now: string, letters = 3): string | undefined =>
    heldOffUntil(history(tried), held(letters), LIMITS, now);

  it('for an hour, then two, up to a day, and not for a moment longer', () => {
    expect(until(undefined, NOW)).toBeUndefined();
    expect(until(`1 - ${NOW}`, '2026-11-22T08:59:59.999Z')).toBe('2026-11-22T09:00:00.000Z');
    expect(until(`1 - ${NOW}`, '2026-11-22T09:00:00.000Z')).toBeUndefined();
    expect(until(`2 - ${NOW}`, NOW)).toBe('2026-11-22T10:00:00.000Z');
    expect(until(`5 - ${NOW}`, NOW)).toBe('2026-11-23T00:00:00.000Z');
    expect(until(`6 - ${NOW}`, NOW)).toBe('2026-11-23T08:00:00.000Z');
  });

  it('until there is a letter more, once SQS has counted those that went', () => {
    expect(until(`1 3 ${NOW}`, '2026-11-22T08:01:00.000Z', 4)).toBe('2026-11-22T09:00:00.000Z');
    expect(until(`1 3 ${NOW}`, '2026-11-22T08:01:01.000Z', 4)).toBeUndefined();
    expect(until(`1 3 ${NOW}`, '2026-11-22T08:01:01.000Z', 3)).toBe('2026-11-22T09:00:00.000Z');
    expect(until(`1 - ${NOW}`, '2026-11-22T08:01:01.000Z', 9)).toBe('2026-11-22T09:00:00.000Z');
  });
});
