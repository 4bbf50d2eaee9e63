/** What is decided about a queue of dead letters: before the first letter is received, and between two pieces of the work. */

import { describe, expect, it } from 'vitest';
import { decide, type Facts, type Left } from '../../../functions/redrive-dead-letters/decide.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import { arnOf, ASK, facts, held, LIMITS, NOW, prints, queue, SETTINGS, source, told } from './queue-facts.ts';

const PARKS = { ...SETTINGS, parking: 'parked' };

function decided(given: Facts, now = NOW): Decision {
  return decide(given, LIMITS, now);
}

function codeOf(given: Facts, now = NOW): string {
  const { kind, code } = decided(given, now);
  return `${kind} ${code}`;
}

const expiresAt = '2026-12-01T08:00:00.000Z';
const KEPT: Left = { state: 'kept', why: 'InternalError', expiresAt };
const DOUBT: Left = { state: 'doubt', why: 'TimeoutError', expiresAt };
const SENT: Left = { state: 'sent', why: 'not-deleted', expiresAt };
const PARKED: Left = { state: 'parked', why: 'not-deleted', expiresAt };

describe('a queue that is asked for', () => {
  it('has its letters sent back, slowly at first, and a few alone to see whether their consumer works', () => {
    expect(decided(facts())).toEqual({
      kind: 'act',
      code: 'redriving',
      because: 'about 3 letters of orders-dlq go back to where they failed',
      evidence: {
        queue: 'orders-dlq',
        askedBy: 'on-call',
        inTheQueue: { visible: 3, inFlight: 0, delayed: 0 },
        to: ['orders'],
        engine: 'own',
        engineBecause: 'a letter goes back 3 times at most, so each is counted',
      },
      intent: `redrive ${arnOf('orders-dlq')}`,
      note: {
        maxMessages: null,
        perSecond: null,
        filter: null,
        maxAgeSeconds: null,
        by: 'on-call',
        delivery: 'request:1',
      },
      plan: [
        {
          call: 'work:redrive',
          input: {
            select: {
              queue: arnOf('orders-dlq'),
              url: queue('orders-dlq').url,
              held: 3,
              retentionSeconds: 1_209_600,
            },
            rule: {
              mode: 'send',
              to: [
                {
                  arn: arnOf('orders'),
                  url: queue('orders').url,
                  maximumMessageBytes: 1_048_576,
                  trust: 'untried',
                  isAnew: false,
                },
              ],
              senders: null,
              tagged: [],
              parking: null,
              maxAttempts: 3,
              round: 1,
              isNewTrial: true,
              canary: 10,
              leastJudged: 5,
              maxBack: 400,
              perSecond: 50,
              filter: null,
              maxAgeSeconds: null,
              hiddenSeconds: 60,
              maxLeft: 600,
              maxStays: 12_000,
              maxLookedAt: 500,
            },
            maxItems: null,
          },
          because: 'each goes back to where it failed (orders), 50 a second at most',
        },
      ],
      budget: 'counted',
      more: true,
    });
  });

  it.each<[string, Partial<Facts>]>([
    ['refuse gone', { queue: null }],
    ['refuse not-tagged', { settings: { ...SETTINGS, redrive: null } }],
    ['refuse unreadable-setting', { settings: { ...SETTINGS, problems: ['a tag'] } }],
    ['refuse ordered', { queue: queue('orders-dlq', { isFifo: true }) }],
    ['refuse ordered', { sources: [source('orders'), source('refunds', { isFifo: true })] }],
    ['refuse has-dead-letters-itself', { queue: queue('orders-dlq', { deadLetters: arnOf('graveyard') }) }],
    ['refuse no-sources', { sources: [] }],
    ['refuse too-many-sources', { sources: [], sourceCount: 101 }],
    ['refuse unreadable-setting', { settings: { ...SETTINGS, redrive: null, problems: ['a tag'] } }],
    ['refuse no-parking', { settings: PARKS, parking: null }],
    ['refuse parking-in-use', { settings: PARKS, parking: queue('orders-dlq') }],
    ['refuse parking-in-use', { settings: PARKS, parking: source('orders') }],
    ['refuse parking-in-use', { settings: PARKS, parking: queue('parked.fifo', { isFifo: true }) }],
    ['act redriving', { settings: PARKS, parking: queue('parked') }],
    // Without the tag it is nobody's.
    ['act redriving', { parking: source('orders') }],
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
    const underWay = { ask: null, announced: [{ ...pending, note }], heldUntil: '2026-11-22T08:00:30.000Z' };
    expect(codeOf(facts(underWay))).toBe('nothing under-way');
    expect(codeOf(facts({ ...underWay, ask: ASK }))).toBe('act redriving');
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
    // What is remembered of a request for all is that somebody has stopped it.
    expect(codeOf({ ...known, ask: ASK })).toBe('nothing asked-before');
    expect(codeOf({ ...known, ask: { ...ASK, delivery: 'request:3' } })).toBe('act redriving');
    expect(codeOf({ ...known, ask: { ...five, delivery: 'request:2' } })).toBe('act redriving');
    expect(codeOf(facts({ ask: five, history: history('') }))).toBe('act redriving');
  });

  it('is remembered with its end', () => {
    const remember = { asked: `request:1 ${NOW}` };
    expect(decided(told({ received: 5, sent: 5 }, { ask: five }))).toMatchObject({ code: 'redriven', remember });
    expect(decided(told({ received: 1, stays: { 'no-source': prints(1) } }, { ask: five }))).toMatchObject({
      remember,
    });
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
    ['could not be deleted, and is parked', PARKED],
  ])('waits until what %s is seen again, three times', (_what, left) => {
    const sent = left === SENT ? 2 : 1;
    const parked = left === PARKED ? 1 : 0;
    const open = (sweeps: number): Facts => told({ received: 2, sent, parked, left: { a: left }, sweeps });
    expect(decided(open(1))).toMatchObject({ kind: 'wait', seconds: 60, because: 'letters of orders-dlq are hidden' });
    expect(codeOf(open(3), '2026-11-22T08:01:00.000Z')).toBe('act redriving');
    expect(codeOf(open(4))).toBe(sent + parked === 2 ? 'refuse not-deleted' : 'act redriven');
  });

  it('waits for letters that nobody has seen: the reply that brought them was lost', () => {
    const messages = { visible: 0, inFlight: 2, delayed: 0 };
    const hidden = told(
      { received: 1, stays: { 'no-source': prints(1) } },
      { queue: queue('orders-dlq', { messages }) },
    );
    expect(decided(hidden)).toMatchObject({ kind: 'wait', seconds: 60 });
    const known = { ...messages, inFlight: 1 };
    expect(codeOf({ ...hidden, queue: queue('orders-dlq', { messages: known }) })).toBe('refuse none-went-back');
  });

  it('stops where more are in hand, or stay, than it can know again', () => {
    const kept = (count: number): Facts => {
      const left = Object.fromEntries(Array.from({ length: count }, (_none, index) => [String(index), KEPT]));
      return told({ received: count, left });
    };
    const staying = (count: number): Facts =>
      told({ isDrained: false, received: count, stays: { 'no-source': prints(count) } });
    expect([codeOf(kept(600)), codeOf(staying(12_000))]).toEqual(['wait paused', 'act redriving']);
    expect(decided(kept(601))).toMatchObject({
      kind: 'refuse',
      code: 'too-many-left',
      because: '601 letters of orders-dlq stay behind, and no more can be kept in mind',
      over: true,
    });
    expect(codeOf(staying(12_001))).toBe('refuse too-many-left');
  });

  it('fails where letters do not add up', () => {
    expect(() =>
      decided(told({ received: 5, sent: 1, parked: 1, stays: { 'no-source': prints(1) }, left: { a: KEPT } })),
    ).toThrow('the letters do not add up: 5 received, 1 sent, 1 parked, 1 refused, 1 kept, 0 expired');
  });
});

describe('in the end', () => {
  it('says what became of each letter', () => {
    const left = { b: KEPT };
    const stays = { 'no-source': prints(1), 'source-is-gone': prints(1) };
    expect(decided(told({ received: 10, sent: 7, perhapsTwice: 1, left, stays, sweeps: 4 }))).toEqual({
      kind: 'act',
      code: 'redriven',
      because: 'letters of orders-dlq that went back to where they failed: 7; that stay: 3',
      evidence: {
        queue: 'orders-dlq',
        askedBy: 'on-call',
        inTheQueue: { visible: 0, inFlight: 3, delayed: 0 },
        to: ['orders'],
        engine: 'own',
        engineBecause: 'a letter goes back 3 times at most, so each is counted',
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
      note: {
        maxMessages: null,
        perSecond: null,
        filter: null,
        maxAgeSeconds: null,
        by: 'on-call',
        delivery: 'request:1',
      },
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
    expect(decided(told({ received: 2, sent: 2, left: { a: SENT }, sweeps: 4 }))).toMatchObject({
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
    expect(decided(told({ received: 1, stays: { 'no-source': prints(1) } }))).toMatchObject({
      kind: 'refuse',
      code: 'none-went-back',
      because: 'none of the letters that were looked at could go back; 1 of orders-dlq stay',
      over: true,
      attention: true,
    });
  });

  it('says that somebody else has letters in hand', () => {
    expect(decided(told({ sweeps: 4 }, { queue: held(1) })).because).toBe(
      'letters of orders-dlq that went back to where they failed: 0; that somebody else has in hand: 1',
    );
  });
});
