/** What is decided while canaries are out, when it is known what became of them, and about what has come back. */

import { describe, expect, it } from 'vitest';
import {
  decide,
  progressIn,
  type Facts,
  type Left,
  type Place,
  type Progress,
} from '../../../functions/redrive-dead-letters/decide.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import { arnOf, ASK, held, LIMITS, NOW, prints, source, told } from './queue-facts.ts';

function after(seconds: number): string {
  return new Date(Date.parse(NOW) + seconds * 1_000).toISOString();
}

/** `act send`, `act search`…; of all other decisions kind and code. */
function partOf(decision: Decision): string {
  const input = decision.kind === 'act' ? decision.plan[0]?.input : undefined;
  const rule: unknown = input?.['rule'];
  const mode = typeof rule === 'object' && rule !== null && 'mode' in rule ? String(rule.mode) : decision.code;
  return `${decision.kind} ${mode}`;
}

function decided(given: Facts, now = after(200)): Decision {
  return decide(given, LIMITS, now);
}

function next(given: Facts, now?: string): string {
  return partOf(decided(given, now));
}

function place(trust: Place['trust'], sent = 10, back = 0): Place {
  return { trust, sent, back };
}

/** Ten letters went to `orders`. */
function gone(trust: Place['trust'], progress: Partial<Progress> = {}, more: Partial<Facts> = {}): Facts {
  const places = { [arnOf('orders')]: place(trust) };
  return told(
    {
      received: 10,
      sent: 10,
      lastSentAt: NOW,
      places,
      isDrained: false,
      trial: { held: 10, deleted: 10 },
      ...progress,
    },
    more,
  );
}

const SEARCHED = { searchedAt: after(200) };
const TWELVE = { ask: { ...ASK, maxMessages: 12 } };

describe('while canaries are out', () => {
  const busy = { sources: [source('orders', { messages: { visible: 1, inFlight: 0, delayed: 0 } })] };

  it('nothing else goes', () => {
    expect(decided(gone('on-trial'), after(10))).toMatchObject({
      kind: 'wait',
      code: 'canary-is-out',
      seconds: 20,
      because: 'the first letters of orders-dlq have gone: whether they come back shows in 140 s at most',
    });
  });

  it('is looked again the later, the longer it takes, but never after it is known', () => {
    const seconds = (passed: number): unknown => {
      const decision = decided(gone('on-trial', {}, busy), after(passed));
      return decision.kind === 'wait' ? decision.seconds : decision.kind;
    };
    expect([0, 40, 60, 100, 145, 150].map(seconds)).toEqual([20, 20, 30, 50, 5, 'act']);
  });

  it('the rest goes when none has come back', () => {
    expect(next(gone('on-trial'))).toBe('act send');
    expect(next(gone('on-trial', {}, { queue: held(4) }))).toBe('act send');
  });

  it('letters are looked at where half may have come back, once', () => {
    expect(next(gone('on-trial', {}, { queue: held(5) }))).toBe('act search');
    expect(next(gone('on-trial', { ...SEARCHED, isDrained: true }, { queue: held(5) }))).not.toBe('act search');
    expect(next(gone('works', {}, { queue: held(5) }))).toBe('act send');
  });

  it('none is looked at where as many as were asked for have come: what SQS counts has to do', () => {
    const some = gone('on-trial', { received: 12, sent: 12 }, { queue: held(5), ...TWELVE });
    expect(next(some)).toBe('act forgive');
    expect(next(gone('on-trial', {}, { queue: held(5), ...TWELVE }))).toBe('act search');
  });
});

describe('a consumer that is broken', () => {
  const back: Left = { state: 'back', why: 'came-back', expiresAt: after(86_400) };
  const letters = Object.fromEntries(Array.from({ length: 10 }, (_none, index) => [String(index), back]));
  const broken = (trust: Place['trust'], more: Partial<Facts> = {}): Facts =>
    gone(
      trust,
      {
        ...SEARCHED,
        sent: 0,
        cameBack: 10,
        left: letters,
        places: { [arnOf('orders')]: place(trust, 10, 10) },
        isDrained: true,
      },
      { queue: held(10), ...more },
    );

  it('is forgiven in the ledger first, and told then', () => {
    expect(next(broken('on-trial'))).toBe('act forgive');
    expect(decided(broken('fails'))).toMatchObject({
      kind: 'refuse',
      code: 'consumer-fails',
      because:
        'of the letters of orders-dlq that went first about 10 came back: their consumer is still broken, and no more go',
      over: true,
      evidence: { cameBack: 10 },
    });
  });

  it('stops nothing that goes to another', () => {
    const sources = [source('orders'), source('refunds')];
    expect(next({ ...broken('on-trial', { sources }), sourceCount: 2 })).not.toMatch(/forgive|consumer-fails/u);
  });

  it('is told by what SQS counts, where that is more', () => {
    const some = gone('fails', { received: 12, sent: 12 }, { queue: held(11), ...TWELVE });
    expect(decided(some).because).toMatch(/about 11 came back/u);
  });
});

describe('when as many have come as were asked for', () => {
  const asked = (trust: Place['trust'], more: Partial<Facts> = {}): Facts =>
    gone(trust, { received: 12, sent: 12, trial: { held: 16, deleted: 12 } }, { queue: held(4), ...TWELVE, ...more });

  it('whether any comes back is waited for', () => {
    expect(decided(asked('works'), after(10))).toMatchObject({
      kind: 'wait',
      code: 'watching',
      seconds: 20,
      because: '12 letters of orders-dlq have gone: whether any comes back shows in 140 s at most',
    });
    expect(decided(asked('works'))).toMatchObject({ kind: 'act', code: 'redriven' });
  });

  it('some that came back are told, and a person is asked to look', () => {
    const some = decided(asked('works', { queue: held(7) }));
    expect(some).toMatchObject({ code: 'redriven', evidence: { aboutBack: 3 }, attention: true });
    const none = decided(asked('works'));
    expect(none).not.toHaveProperty('attention');
    expect(none.evidence).not.toHaveProperty('aboutBack');
  });

  it('most that came back are a consumer that is broken', () => {
    expect(next(asked('works', { queue: held(9) }))).toBe('act forgive');
    expect(next(asked('works', { queue: held(8) }))).toBe('act redriven');
  });
});

describe('while canaries are out for longer than anybody waits', () => {
  it('nothing else goes, and people are told that nothing is known', () => {
    const slow = source('orders', {
      visibilityTimeoutSeconds: 1_800,
      maxReceiveCount: 3,
      messages: { visible: 9, inFlight: 0, delayed: 0 },
    });
    const out = gone('on-trial', {}, { sources: [slow] });
    expect(decided(out, after(3_659))).toMatchObject({ kind: 'wait', code: 'canary-is-out' });
    expect(decided(out, after(3_660))).toMatchObject({ kind: 'refuse', code: 'consumer-unknown', over: true });
  });
});

describe('letters that nobody here has moved', () => {
  it('are told, and a person is asked to look', () => {
    const given = gone('works', { ...SEARCHED, isDrained: true, trial: { held: 13, deleted: 10 } });
    expect(decided(given)).toMatchObject({ code: 'redriven', evidence: { goneMeanwhile: 3 }, attention: true });
    const broken = { ...given, work: { lost: 1, told: given.work?.told ?? null } };
    expect(decided(broken).evidence).not.toHaveProperty('goneMeanwhile');
  });
});

describe('when the queue is empty', () => {
  const drained = (progress: Partial<Progress> = {}, more: Partial<Facts> = {}): Facts =>
    gone('works', { isDrained: true, ...progress }, more);

  it('what went is waited for, then looked for, once', () => {
    expect(decided(drained(), after(10))).toMatchObject({ kind: 'wait', code: 'watching', seconds: 20 });
    expect(next(drained())).toBe('act collect');
    expect(next(drained(SEARCHED))).toBe('act redriven');
    const none = { received: 1, sent: 0, stays: { 'no-source': prints(1) }, lastSentAt: null, places: {} };
    expect(next(drained(none))).toBe('refuse none-went-back');
  });

  it('is told nothing by SQS where all were asked for: all were looked at', () => {
    const found = decided(drained({ ...SEARCHED, sweeps: 4, trial: { held: 0, deleted: 0 } }, { queue: held(4) }));
    expect(found).toMatchObject({ code: 'redriven' });
    expect(found.evidence).not.toHaveProperty('aboutBack');
  });
});

describe('what has come back', () => {
  const letter = (why = 'came-back', expiresAt = after(86_400)): Left => ({ state: 'back', why, expiresAt });
  /** One of ten came back in that round; the last piece has ended at `NOW`. */
  const back = (round: number, left: readonly Left[] = [letter()], more: Partial<Facts> = {}): Facts =>
    gone(
      'works',
      {
        ...SEARCHED,
        round,
        sent: 10 - left.length,
        cameBack: left.length,
        left: Object.fromEntries(left.map((one, index) => [String(index), one])),
        isDrained: true,
      },
      { queue: held(left.length), ...more },
    );
  /** When it goes again, in seconds from `NOW`. */
  const pause = (given: Facts): unknown => {
    const decision = decided(given, NOW);
    return decision.kind === 'wait' && decision.code === 'paused' ? decision.seconds : partOf(decision);
  };
  // All that went has had its time: it went long ago.
  const settled = (given: Facts): Facts => {
    const before = progressIn(given.work?.told);
    if (before === undefined) throw new Error('nothing was told');
    return { ...given, work: { lost: 0, told: { ...before, lastSentAt: after(-1_000) } } };
  };

  it('goes again after a while, twice as long each time, in a round of its own', () => {
    const rounds = [1, 2, 3].map((round) => pause(settled(back(round))));
    expect(rounds).toEqual([120, 240, 480]);
    const again = decided(settled(back(2)), after(240));
    expect(again).toMatchObject({ plan: [{ input: { rule: { mode: 'send', round: 3 } } }] });
  });

  it('is parked as soon as it is seen again where it may go no more', () => {
    const last = letter('attempts-used-up');
    expect(pause(settled(back(2, [last])))).toBe(60);
    expect(pause(settled(back(2, [last, letter()])))).toBe(240);
  });

  it('goes earlier where SQS would forget it meanwhile, but not while it is hidden', () => {
    const ends = (seconds: number): unknown => pause(settled(back(2, [letter('came-back', after(seconds)), letter()])));
    expect([400, 300, 299, 150, 120, 30].map(ends)).toEqual([240, 240, 239, 90, 60, 60]);
  });

  it('is not waited for where a whole round has not seen it: somebody has taken it', () => {
    const unseen = (round: number): Facts => {
      const given = settled(back(round));
      const before = progressIn(given.work?.told);
      if (before === undefined) throw new Error('nothing was told');
      return { ...given, work: { lost: 0, told: { ...before, places: { [arnOf('orders')]: place('works', 0) } } } };
    };
    expect([pause(unseen(1)), pause(unseen(2)), pause(settled(back(2)))]).toEqual([120, 'act redriven', 240]);
  });

  it('goes again an hour later at most', () => {
    expect([6, 7, 20].map((round) => pause(settled(back(round))))).toEqual([3_840, 3_840, 3_840]);
  });
});

describe('in the end', () => {
  it('what is parked is told, and what SQS has forgotten', () => {
    const left: Progress['left'] = {
      a: { state: 'kept', why: 'Throttled', expiresAt: after(200) },
      b: { state: 'back', why: 'came-back', expiresAt: after(201) },
      c: { state: 'doubt', why: 'TimeoutError', expiresAt: after(200 + 86_400) },
      d: { state: 'kept', why: 'Throttled', expiresAt: after(201 + 86_400) },
    };
    const given = gone(
      'works',
      {
        ...SEARCHED,
        received: 16,
        sent: 10,
        parked: 2,
        cameBack: 1,
        left,
        isDrained: true,
        sweeps: 4,
        round: 4,
        places: { [arnOf('orders')]: place('works', 0) },
      },
      { queue: held(4) },
    );
    expect(decided(given)).toMatchObject({
      code: 'redriven',
      because: 'letters of orders-dlq that went back to where they failed: 10; that are parked: 2; that stay: 4',
      attention: true,
      evidence: {
        parked: 2,
        kept: 3,
        expired: 1,
        cameBack: 1,
        keptFor: { 'came-back': 1, TimeoutError: 1, Throttled: 1 },
        expireWithinADay: 2,
        firstExpiresAt: after(201),
      },
    });
  });

  it('what is parked asks for somebody by itself', () => {
    const parked = gone('works', { ...SEARCHED, received: 11, sent: 10, parked: 1, isDrained: true });
    expect(decided(parked)).toMatchObject({ code: 'redriven', attention: true });
    const alone = told({ received: 1, parked: 1 });
    expect(decided(alone)).toMatchObject({ code: 'redriven', attention: true });
  });

  it('what is parked, and cannot be deleted, is a refusal', () => {
    const left: Progress['left'] = { a: { state: 'parked', why: 'AccessDenied', expiresAt: after(86_400) } };
    expect(decided(told({ received: 1, parked: 1, left, sweeps: 4 }))).toMatchObject({
      code: 'not-deleted',
      evidence: { sentButStillHere: 1, notDeletedFor: { AccessDenied: 1 } },
    });
  });
});
