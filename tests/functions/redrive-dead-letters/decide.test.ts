/** What is decided about a queue of dead letters: before the first letter is received, and between two pieces of the work. */

import { describe, expect, it } from 'vitest';
import { decide, type Facts, type Left } from '../../../functions/redrive-dead-letters/decide.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import { arnOf, ASK, facts, LIMITS, NOW, queue, told } from './queue-facts.ts';

function decided(given: Facts, now = NOW): Decision {
  return decide(given, LIMITS, now);
}

function codeOf(given: Facts, now = NOW): string {
  const { kind, code } = decided(given, now);
  return `${kind} ${code}`;
}

const REFUSED: Left = { state: 'refused', why: 'no-source' };
const KEPT: Left = { state: 'kept', why: 'InternalError' };
const DOUBT: Left = { state: 'doubt', why: 'TimeoutError' };
const SENT: Left = { state: 'sent', why: 'not-deleted' };

describe('a queue that is asked for', () => {
  it('has its letters sent back, as fast as SQS moves them itself', () => {
    expect(decided(facts())).toEqual({
      kind: 'act',
      code: 'redriving',
      because: 'about 3 letters of orders-dlq go back to where they failed',
      evidence: {
        queue: 'orders-dlq',
        askedBy: 'on-call',
        inTheQueue: { visible: 3, inFlight: 0, delayed: 0 },
        to: ['orders'],
      },
      intent: `redrive ${arnOf('orders-dlq')}`,
      note: { maxMessages: null, perSecond: null, by: 'on-call', delivery: 'request:1' },
      plan: [
        {
          call: 'work:redrive',
          input: {
            select: { queue: arnOf('orders-dlq'), url: queue('orders-dlq').url },
            rule: {
              to: [{ queue: arnOf('orders'), url: queue('orders').url, maximumMessageBytes: 1_048_576 }],
              perSecond: 500,
              hiddenSeconds: 60,
              maxLeft: 1_500,
            },
            maxItems: null,
          },
          because: 'each goes to the queue that it failed in (orders), 500 a second at most',
        },
      ],
      budget: 'counted',
      more: true,
    });
  });

  it('is moved as fast as the request says, else as the tag says', () => {
    const perSecond = (given: Facts): unknown => {
      const decision = decided(given);
      return decision.kind === 'act' ? decision.plan[0]?.input['rule'] : undefined;
    };
    const settings = { redrive: 'manual' as const, perSecond: 20, problems: [] };
    expect(perSecond(facts({ settings }))).toMatchObject({ perSecond: 20 });
    expect(perSecond(facts({ settings, ask: { ...ASK, perSecond: 5 } }))).toMatchObject({ perSecond: 5 });
  });

  it.each<[string, Partial<Facts>]>([
    ['refuse gone', { queue: null }],
    ['refuse not-tagged', { settings: { redrive: null, perSecond: null, problems: [] } }],
    ['refuse unreadable-setting', { settings: { redrive: 'manual', perSecond: null, problems: ['a tag'] } }],
    ['refuse ordered', { queue: queue('orders-dlq', { isFifo: true }) }],
    ['refuse ordered', { sources: [queue('orders'), queue('refunds', { isFifo: true })] }],
    ['refuse has-dead-letters-itself', { queue: queue('orders-dlq', { deadLetters: arnOf('graveyard') }) }],
    ['refuse no-sources', { sources: [] }],
    ['refuse too-many-sources', { sources: [], sourceCount: 101 }],
    ['refuse unreadable-setting', { settings: { redrive: null, perSecond: null, problems: ['a tag'] } }],
    ['nothing empty', { queue: queue('orders-dlq', { messages: { visible: 0, inFlight: 0, delayed: 0 } }) }],
    ['act redriving', { queue: queue('orders-dlq', { messages: { visible: 0, inFlight: 1, delayed: 0 } }) }],
    ['act redriving', { queue: queue('orders-dlq', { messages: { visible: 0, inFlight: 0, delayed: 1 } }) }],
  ])('%s', (code, more) => {
    expect(codeOf(facts(more))).toBe(code);
  });

  it('is refused with attention, for a person has to do something', () => {
    expect(decided(facts({ sources: [] }))).toMatchObject({ attention: true, evidence: { queue: 'orders-dlq' } });
  });
});

describe('a tick', () => {
  const pending = { target: arnOf('orders-dlq'), intent: 'x', at: NOW };

  it('moves nothing that nobody has asked for', () => {
    expect(codeOf(facts({ ask: null }))).toBe('nothing not-asked');
    const elsewhere = { ...pending, target: arnOf('refunds-dlq'), note: {} };
    expect(codeOf(facts({ ask: null, announced: [elsewhere] }))).toBe('nothing not-asked');
  });

  it('leaves alone what another run is at', () => {
    const note = { maxMessages: 5 };
    const held = { ask: null, announced: [{ ...pending, note }], heldUntil: '2026-11-22T08:00:30.000Z' };
    expect(codeOf(facts(held))).toBe('nothing under-way');
    expect(codeOf(facts({ ...held, ask: ASK }))).toBe('act redriving');
  });

  it('goes on with what was asked for', () => {
    const note = { maxMessages: null, perSecond: 2, by: 'mara' };
    expect(decided(facts({ ask: null, announced: [{ ...pending, note }] }))).toMatchObject({
      evidence: { askedBy: 'mara' },
      note: { ...note, delivery: null },
      plan: [{ input: { maxItems: null, rule: { perSecond: 2 } } }],
    });
    expect(decided(facts({ ask: null, announced: [{ ...pending, note: {} }] }))).toMatchObject({
      note: { maxMessages: null, perSecond: null, by: 'a run before this one', delivery: null },
    });
  });
});

describe('a request for so many', () => {
  const five = { ...ASK, maxMessages: 5 };
  const history = (asked: string): Facts['history'] => ({ epoch: 1, actions: [], memory: { asked } });

  it('that comes twice is carried out once', () => {
    const known = facts({ ask: five, history: history('request:1 2026-11-22T07:45:00.000Z') });
    expect(codeOf(known)).toBe('nothing asked-before');
    expect(codeOf(known, '2026-11-22T08:00:01.000Z')).toBe('act redriving');
    expect(codeOf({ ...known, ask: ASK })).toBe('act redriving');
    expect(codeOf({ ...known, ask: { ...five, delivery: 'request:2' } })).toBe('act redriving');
    expect(codeOf(facts({ ask: five, history: history('') }))).toBe('act redriving');
  });

  it('is remembered with its end', () => {
    const remember = { asked: `request:1 ${NOW}` };
    expect(decided(told({ received: 5, sent: 5 }, { ask: five }))).toMatchObject({ code: 'redriven', remember });
    expect(decided(told({ received: 1, left: { a: REFUSED } }, { ask: five }))).toMatchObject({ remember });
  });

  it('gets rather fewer than more where a piece has broken off', () => {
    const broken = told({ isDrained: false, received: 2, sent: 2 }, { ask: five });
    expect(codeOf(broken)).toBe('act redriving');
    expect(decided({ ...broken, work: { ...broken.work, lost: 1 } })).toMatchObject({
      kind: 'refuse',
      code: 'broke-off',
      because: 'a piece of the work broke off: at most 5 letters went back, and nobody knows how many',
      over: true,
    });
    expect(codeOf({ ...broken, ask: ASK, work: { ...broken.work, lost: 1 } })).toBe('act redriving');
  });

  it('is not begun anew by a tick', () => {
    const left = {
      target: arnOf('orders-dlq'),
      intent: 'x',
      at: NOW,
      note: { maxMessages: 5, perSecond: null, by: 'x' },
    };
    expect(decided(facts({ ask: null, announced: [left] }))).toMatchObject({
      kind: 'nothing',
      code: 'broke-off',
      attention: true,
    });
  });
});

describe('what was begun', () => {
  it('is over with an objection, and tells what was sent until then', () => {
    const begun = told({ isDrained: false, received: 5, sent: 5 });
    for (const more of [{ queue: null }, { sources: [], sourceCount: 0 }])
      expect(decided({ ...begun, ...more })).toMatchObject({ kind: 'refuse', over: true, evidence: { sent: 5 } });
    expect(decided(facts({ queue: null }))).not.toHaveProperty('over');
  });

  it('by a run before this one is settled with an objection, and where it is too old', () => {
    const pending = { target: arnOf('orders-dlq'), intent: 'x', at: NOW, note: {} };
    expect(codeOf(facts({ ask: null, announced: [pending], sources: [] }))).toBe('nothing no-sources');
    expect(codeOf(facts({ ask: null, announced: [pending] }), '2026-11-22T09:00:00.000Z')).toBe('act redriving');
    expect(decided(facts({ ask: null, announced: [pending] }), '2026-11-22T09:00:01.000Z')).toMatchObject({
      kind: 'nothing',
      code: 'too-old',
      attention: true,
    });
  });

  it('with the very same request for so many is not begun once more', () => {
    const pending = { intent: 'x', at: '2026-11-22T07:50:00.000Z', note: { delivery: 'request:1' } };
    const history: Facts['history'] = { epoch: 1, actions: [], memory: {}, pending };
    const again = facts({ ask: { ...ASK, maxMessages: 5 }, history });
    expect(codeOf(again)).toBe('nothing broke-off');
    expect(codeOf(again, '2026-11-22T08:05:01.000Z')).toBe('act redriving');
    expect(codeOf({ ...again, ask: { ...ASK, maxMessages: 5, delivery: 'request:2' } })).toBe('act redriving');
    expect(codeOf({ ...again, ask: ASK })).toBe('act redriving');
  });
});

describe('between two pieces', () => {
  it('goes on at once while there are letters', () => {
    expect(codeOf(told({ isDrained: false, received: 100, sent: 100 }))).toBe('act redriving');
  });

  it('pauses for a second now and then, so that an invocation ends', () => {
    const long = told({ isDrained: false, received: 100, sent: 100, pieces: 30 });
    expect(decided(long)).toMatchObject({ kind: 'wait', code: 'paused', seconds: 1 });
    expect(codeOf(long, '2026-11-22T08:00:01.000Z')).toBe('act redriving');
  });

  it('gives trouble time, more each time, and gives up at last', () => {
    const troubled = (failedPieces: number): Facts =>
      told({ isDrained: false, received: 1, sent: 1, trouble: 'AccessDenied: no', failedPieces });
    expect([1, 2, 3].map((failed) => decided(troubled(failed)))).toMatchObject([
      { kind: 'wait', seconds: 10, because: 'AccessDenied: no' },
      { kind: 'wait', seconds: 20 },
      { kind: 'wait', seconds: 40 },
    ]);
    expect(codeOf(troubled(1), '2026-11-22T08:00:10.000Z')).toBe('act redriving');
    expect(decided(troubled(4))).toMatchObject({
      kind: 'refuse',
      code: 'stopped',
      because: 'orders-dlq: AccessDenied: no',
      over: true,
    });
  });

  it.each<[string, Left]>([
    ['was kept', KEPT],
    ['is in doubt', DOUBT],
    ['could not be deleted', SENT],
  ])('waits until what %s is seen again, three times', (_what, left) => {
    const sent = left === SENT ? 2 : 1;
    const open = (rounds: number): Facts => told({ received: 2, sent, left: { a: left }, rounds });
    expect(decided(open(1))).toMatchObject({ kind: 'wait', seconds: 60, because: 'letters of orders-dlq are hidden' });
    expect(codeOf(open(3), '2026-11-22T08:01:00.000Z')).toBe('act redriving');
    expect(codeOf(open(4))).toBe(left === SENT ? 'refuse not-deleted' : 'act redriven');
  });

  it('waits for letters that nobody has seen: the reply that brought them was lost', () => {
    const messages = { visible: 0, inFlight: 2, delayed: 0 };
    const hidden = told({ received: 1, sent: 0, left: { a: REFUSED } }, { queue: queue('orders-dlq', { messages }) });
    expect(decided(hidden)).toMatchObject({ kind: 'wait', seconds: 60 });
    const known = { ...messages, inFlight: 1 };
    expect(codeOf({ ...hidden, queue: queue('orders-dlq', { messages: known }) })).toBe('refuse none-went-back');
  });

  it('stops where more stay behind than it can know again', () => {
    const left = Object.fromEntries(Array.from({ length: 1_501 }, (_none, index) => [String(index), REFUSED]));
    expect(decided(told({ received: 1_501, left }))).toMatchObject({
      kind: 'refuse',
      code: 'too-many-left',
      over: true,
    });
  });

  it('fails where letters do not add up', () => {
    expect(() => decided(told({ received: 3, sent: 1, left: { a: REFUSED } }))).toThrow(
      'the letters do not add up: 3 received, 1 sent, 1 refused, 0 kept',
    );
  });

  it('fails where what was told cannot be understood', () => {
    const work = (value: Facts['work']): Facts => facts(value === undefined ? {} : { work: value });
    expect(() => decided(work({ lost: 0, told: 'all well' }))).toThrow(
      'what the last piece of work has told is no object',
    );
    expect(() => decided(work({ lost: 0, told: { received: 1 } }))).toThrow('has no sent');
    const broken = { received: 1, sent: 1, perhapsTwice: 0, pieces: 1, failedPieces: 0, rounds: 0 };
    expect(() => decided(work({ lost: 0, told: broken }))).toThrow('says nothing of what is left');
    expect(() => decided(work({ lost: 0, told: { ...broken, left: { a: { state: 'eaten', why: 'x' } } } }))).toThrow(
      'has a letter of which nothing is known',
    );
    expect(() => decided(work({ lost: 0, told: { ...broken, left: { a: { state: 'kept' } } } }))).toThrow(
      'has a letter of which nothing is known',
    );
  });
});

describe('in the end', () => {
  it('says what became of each letter', () => {
    const left = { a: REFUSED, b: KEPT, c: { state: 'refused', why: 'source-is-gone' } } as const;
    expect(decided(told({ received: 10, sent: 7, perhapsTwice: 1, left, rounds: 4 }))).toEqual({
      kind: 'act',
      code: 'redriven',
      because: 'letters of orders-dlq that went back to where they failed: 7; that stay: 3',
      evidence: {
        queue: 'orders-dlq',
        askedBy: 'on-call',
        inTheQueue: { visible: 0, inFlight: 3, delayed: 0 },
        to: ['orders'],
        received: 10,
        sent: 7,
        parked: 0,
        refused: 2,
        kept: 1,
        expired: 0,
        perhapsTwice: 1,
        refusedFor: { 'no-source': 1, 'source-is-gone': 1 },
        keptFor: { InternalError: 1 },
      },
      intent: `redrive ${arnOf('orders-dlq')}`,
      note: { maxMessages: null, perSecond: null, by: 'on-call', delivery: 'request:1' },
      plan: [],
      budget: 'counted',
      remember: {},
      attention: true,
    });
  });

  it('asks for nobody where all is well', () => {
    expect(decided(told({ received: 7, sent: 7 }))).not.toHaveProperty('attention');
  });

  it('asks for somebody where a piece broke off, or something is still here', () => {
    const broken = told({ received: 7, sent: 7 });
    expect(decided({ ...broken, work: { ...broken.work, lost: 1 } })).toMatchObject({
      attention: true,
      evidence: { piecesWithoutAnswer: 1 },
    });
    expect(decided(told({ received: 7, sent: 7, perhapsTwice: 1 }))).toMatchObject({ attention: true });
  });

  it('is a refusal where what has arrived cannot be deleted here', () => {
    expect(decided(told({ received: 2, sent: 2, left: { a: SENT }, rounds: 4 }))).toMatchObject({
      kind: 'refuse',
      code: 'not-deleted',
      over: true,
      evidence: { sentButStillHere: 1, notDeletedFor: { 'not-deleted': 1 } },
    });
  });

  it('is there when as many have come as were asked for', () => {
    const some = told({ isDrained: false, received: 5, sent: 5 }, { ask: { ...ASK, maxMessages: 5 } });
    expect(decided(some)).toMatchObject({
      code: 'redriven',
      because: 'letters of orders-dlq that went back to where they failed: 5',
    });
    expect(codeOf({ ...some, ask: { ...ASK, maxMessages: 6 } })).toBe('act redriving');
  });

  it('is a refusal where nothing went back, and no tick tries it again', () => {
    expect(decided(told({ received: 1, left: { a: REFUSED } }))).toMatchObject({
      kind: 'refuse',
      code: 'none-went-back',
      because: 'none of the letters that were looked at could go back; 1 of orders-dlq stay',
      over: true,
      attention: true,
    });
  });

  it('says that somebody else has letters in hand', () => {
    const messages = { visible: 0, inFlight: 1, delayed: 0 };
    const held = told({ received: 0, rounds: 4 }, { queue: queue('orders-dlq', { messages }) });
    expect(decided(held).because).toBe(
      'letters of orders-dlq that went back to where they failed: 0; that somebody else has in hand: 1',
    );
  });
});
