/** How letters are counted: each once, however often it is handed over, and over all rounds. */

import { describe, expect, it } from 'vitest';
import { Places } from '../../../functions/redrive-dead-letters/aws/places.ts';
import { Tally, type Terms } from '../../../functions/redrive-dead-letters/aws/tally.ts';
import {
  NO_PROGRESS,
  type Destination,
  type Left,
  type Place,
  type Progress,
} from '../../../functions/redrive-dead-letters/decide.ts';
import { accountOf, staysIn } from '../../../functions/redrive-dead-letters/decide/progress.ts';
import { arnOf, NOW } from './queue-facts.ts';
import { letter, SENT_MS } from './some-letters.ts';

const TERMS: Omit<Terms, 'roundAt'> = {
  round: 1,
  held: 7,
  isNewTrial: false,
  retentionSeconds: 7_200,
  mode: 'send',
  senders: null,
};
/** Two hours after it was sent. */
const expiresAt = '2026-11-22T09:00:00.000Z';

function placesOf(trust: Place['trust'] = 'works', before: Progress = NO_PROGRESS, round = 1): Places {
  const to: Destination = { arn: arnOf('orders'), url: '', maximumMessageBytes: 1, trust, isAnew: false };
  return new Places(before, [to], round, { canary: 10, leastJudged: 5, maxBack: 400 });
}

function open(before: Progress = NO_PROGRESS, terms: Partial<Terms> = {}, now = NOW): Tally {
  const isNew = (terms.round ?? TERMS.round) > before.round || before.roundAt === null;
  const roundAt = isNew ? now : (before.roundAt ?? now);
  return new Tally(before, { ...TERMS, roundAt, ...terms }, now);
}

function left(state: Left['state'], why = 'Throttling'): Left {
  return { state, why, expiresAt };
}

/** What a piece tells, which adds up. */
function closed(tally: Tally, places = placesOf(), at = NOW): Progress {
  const told = tally.close(at, places);
  accountOf(told, NOW);
  return told;
}

const [A, B, C, D] = [letter('a'), letter('b'), letter('c'), letter('d')];

describe('the count of letters', () => {
  it('adds up, each counted once however often it is handed over', () => {
    const tally = open();
    tally.claim(10);
    expect(tally.claimed()).toBe(10);
    tally.claim(-8);
    expect(tally.take([A, B])).toEqual({ arrived: [], fresh: [A, B] });
    expect(tally.claimed()).toBe(2);
    // To another hand, while the first has it.
    expect(tally.take([A])).toEqual({ arrived: [], fresh: [] });
    tally.sent(A, NOW);
    expect(tally.known(A)).toBe('sent');
    tally.leave(B, { state: 'kept', why: 'Throttling' });
    tally.forget(A);
    // After it was deleted: a server of SQS had missed that.
    expect(tally.take([A])).toEqual({ arrived: [A], fresh: [] });
    tally.forget(A);
    expect(closed(tally)).toEqual({
      ...NO_PROGRESS,
      received: 2,
      sent: 1,
      trial: { held: 7, deleted: 1 },
      beganAt: NOW,
      roundAt: NOW,
      lastSentAt: NOW,
      places: { [arnOf('orders')]: { trust: 'works', sent: 0, back: 0 } },
      left: { b: { state: 'kept', why: 'Throttling', expiresAt } },
      endedAt: NOW,
      pieces: 1,
      freePieces: 1,
    });
  });

  it('goes on with what was left before', () => {
    const before: Progress = {
      ...NO_PROGRESS,
      received: 4,
      sent: 1,
      parked: 1,
      left: { a: left('sent'), b: left('parked'), c: left('doubt'), d: left('kept') },
      pieces: 2,
      failedPieces: 1,
      sweeps: 1,
      roundAt: '2026-11-22T07:58:00.000Z',
    };
    const stays = open(before);
    expect(stays.hasBegun()).toBe(true);
    const stray = letter('stray');
    stays.take([stray]);
    stays.leave(stray, { state: 'refused', why: 'no-source' });
    const tally = open({ ...before, stays: closed(stays).stays, received: 5 });
    expect([tally.left(), tally.stays()]).toEqual([4, 1]);
    expect(tally.take([A, B, C, D, stray])).toEqual({ arrived: [A, B], fresh: [C, D] });
    tally.sent(C, NOW);
    tally.sent(D, NOW);
    for (const one of [A, B, C, D]) tally.forget(one);
    tally.drained();
    const told = closed(tally);
    expect(told).toMatchObject({ received: 5, sent: 3, parked: 1, perhapsTwice: 1, left: {}, isDrained: true });
    expect(told).toMatchObject({ sweeps: 1, pieces: 3, failedPieces: 0, trial: { held: 7, deleted: 4 } });
    expect(Object.keys(told.stays)).toEqual(['no-source']);
    expect(staysIn(told)).toBe(1);
  });

  it('keeps a doubt until the letter has been sent for certain', () => {
    const tally = open({ ...NO_PROGRESS, received: 3, left: { a: left('doubt'), b: left('doubt'), c: left('doubt') } });
    tally.take([A, B, C]);
    tally.leave(A, { state: 'kept', why: 'Slow' });
    tally.leave(B, { state: 'refused', why: 'InvalidMessageContents' });
    tally.parked(C);
    tally.forget(C);
    expect(closed(tally)).toMatchObject({ perhapsTwice: 2, parked: 1, left: { a: { state: 'doubt', why: 'Slow' } } });
    expect([tally.left(), tally.stays()]).toEqual([1, 1]);
  });

  it('counts each doubt of a letter: every one of them may be a copy that has arrived', () => {
    const tally = open({ ...NO_PROGRESS, received: 2, left: { a: left('doubt'), b: left('doubt') } });
    tally.take([A, B]);
    tally.leave(A, { state: 'doubt', why: 'TimeoutError' });
    tally.leave(B, { state: 'back', why: 'came-back' });
    expect(closed(tally)).toMatchObject({ perhapsTwice: 2, left: { a: { state: 'doubt' }, b: { state: 'back' } } });
    tally.take([A]);
    tally.sent(A, NOW);
    expect(closed(tally)).toMatchObject({ perhapsTwice: 3 });
  });

  it('counts what is parked apart', () => {
    const tally = open();
    tally.take([A, B]);
    tally.parked(A);
    tally.parked(B);
    tally.leave(B, { state: 'parked', why: 'AccessDenied' });
    tally.forget(A);
    expect(closed(tally)).toMatchObject({
      received: 2,
      sent: 0,
      parked: 2,
      lastSentAt: null,
      left: { b: left('parked', 'AccessDenied') },
    });
  });

  it('keeps the first trouble, and how often in a row there was some', () => {
    const tally = open({ ...NO_PROGRESS, failedPieces: 2 });
    expect([tally.isStopped(), tally.hasBegun()]).toEqual([false, false]);
    tally.take([]);
    expect(tally.hasBegun()).toBe(true);
    tally.stop('first');
    tally.stop('second');
    expect(tally.isStopped()).toBe(true);
    expect(closed(tally)).toMatchObject({ trouble: 'first', failedPieces: 3 });
  });
});

describe('a letter that has come back', () => {
  const WENT: Progress = {
    ...NO_PROGRESS,
    received: 10,
    sent: 10,
    beganAt: '2026-11-22T07:00:00.000Z',
    roundAt: '2026-11-22T07:30:00.000Z',
    places: { [arnOf('orders')]: { trust: 'works', sent: 10, back: 0 } },
    pieces: 1,
  };

  it('is the one that was counted as gone', () => {
    const [tally, places] = [open(WENT), placesOf('works', WENT)];
    tally.take([A, B]);
    tally.cameBack(A, places, { isLast: false, isBehind: false });
    tally.cameBack(B, places, { isLast: true, isBehind: false });
    expect(closed(tally, places)).toMatchObject({
      received: 10,
      sent: 8,
      cameBack: 2,
      left: { a: left('back', 'came-back'), b: left('back', 'attempts-used-up') },
      places: { [arnOf('orders')]: { back: 2 } },
    });
  });

  it('is counted once, however often it is seen', () => {
    const before = { ...WENT, sent: 9, cameBack: 1, left: { a: left('back', 'came-back') } };
    const [tally, places] = [open(before), placesOf('works', before)];
    tally.take([A]);
    tally.cameBack(A, places, { isLast: false, isBehind: false });
    expect(closed(tally, places)).toMatchObject({
      received: 10,
      sent: 9,
      cameBack: 1,
      places: { [arnOf('orders')]: { back: 0 } },
    });
  });

  it('is one more where it is the second copy of one: more than went cannot come back', () => {
    const before = { ...WENT, received: 1, sent: 1 };
    const [tally, places] = [open(before), placesOf('works', before)];
    tally.take([A, B]);
    tally.cameBack(A, places, { isLast: false, isBehind: false });
    tally.cameBack(B, places, { isLast: false, isBehind: false });
    expect(closed(tally, places)).toMatchObject({ received: 2, sent: 0, cameBack: 2 });
  });

  it('stays where its consumer is broken, for that is no fault of its own', () => {
    const [tally, places] = [open(WENT), placesOf('fails', WENT)];
    tally.take([A]);
    tally.cameBack(A, places, { isLast: false, isBehind: false });
    const told = closed(tally, places);
    expect(told).toMatchObject({ sent: 9, cameBack: 1, left: {} });
    expect(Object.keys(told.stays)).toEqual(['consumer-fails']);
  });

  it('goes again in the next round, and the sum is the same', () => {
    const before = {
      ...WENT,
      sent: 9,
      cameBack: 1,
      left: { a: left('back', 'came-back') },
      sweeps: 3,
      lastSentAt: NOW,
    };
    const tally = open(before, { round: 2 });
    expect(tally.take([A]).fresh).toEqual([A]);
    expect(closed(tally).lastSentAt).toBeNull();
    tally.sent(A, '2026-11-22T08:00:05.000Z');
    tally.forget(A);
    tally.drained();
    expect(closed(tally)).toMatchObject({
      received: 10,
      sent: 10,
      round: 2,
      roundAt: NOW,
      beganAt: WENT.beganAt,
      lastSentAt: '2026-11-22T08:00:05.000Z',
      left: {},
      sweeps: 1,
    });
  });
});

describe('what the pieces before have told', () => {
  const before: Progress = {
    ...NO_PROGRESS,
    beganAt: '2026-11-22T07:00:00.000Z',
    roundAt: '2026-11-22T07:30:00.000Z',
    round: 2,
    lastSentAt: '2026-11-22T07:31:00.000Z',
    searchedAt: '2026-11-22T07:40:00.000Z',
    trial: { held: 30, deleted: 4 },
    freePieces: 3,
  };

  it('stands in the same round', () => {
    const tally = open(before, { round: 2 });
    expect([tally.beganMs, tally.roundMs]).toEqual([SENT_MS, SENT_MS + 1_800_000]);
    expect(closed(tally, placesOf('on-trial'))).toMatchObject({
      ...before,
      places: {},
      endedAt: NOW,
      pieces: 1,
    });
  });

  it('of a trial is forgotten where one begins anew', () => {
    expect(closed(open(before, { round: 2, isNewTrial: true })).trial).toEqual({ held: 7, deleted: 0 });
    expect(closed(open({ ...before, trial: null }, { round: 2 })).trial).toEqual({ held: 7, deleted: 0 });
  });

  it.each<[Terms['mode'], string]>([
    ['send', '2026-11-22T07:40:00.000Z'],
    ['forgive', '2026-11-22T07:40:00.000Z'],
    ['search', NOW],
    ['collect', NOW],
  ])('by a piece that is to %s: looked at %s', (mode, searchedAt) => {
    const later = '2026-11-22T08:00:10.000Z';
    expect(closed(open(before, { round: 2, mode }), placesOf(), later)).toMatchObject({ searchedAt, endedAt: later });
  });

  it('tells of pieces in which a consumer was known to work', () => {
    expect(closed(open(before, { round: 2 }), placesOf('works')).freePieces).toBe(4);
    expect(closed(open(before, { round: 2 }), placesOf('untried')).freePieces).toBe(3);
  });
});
