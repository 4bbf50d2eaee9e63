/** What a piece of the work has told, read again. */

import { describe, expect, it } from 'vitest';
import { NO_PROGRESS, progressIn, type Origin, type Progress } from '../../../functions/redrive-dead-letters/decide.ts';
import { functionArn, RULE, SCHEDULE, SUBSCRIPTION, TOPIC } from './letters-of-others.ts';
import { arnOf, NOW, prints } from './queue-facts.ts';

const QUEUE = { kind: 'queue', arn: arnOf('orders') } as const;
const SOME_OF_EACH: readonly Origin[] = [
  { kind: 'sqs', to: QUEUE },
  { kind: 'sns', subscription: SUBSCRIPTION, topic: TOPIC, raw: true, to: QUEUE },
  { kind: 'lambda-async', function: functionArn('f'), aliases: ['live'], way: { by: 'itself' } },
  { kind: 'lambda-async', function: functionArn('g'), aliases: [], way: { by: 'topic', topic: TOPIC, raw: false } },
  { kind: 'lambda-destination', function: functionArn('f'), way: { by: 'rule', rule: RULE } },
  { kind: 'rule-target', rule: RULE, to: { kind: 'function', arn: functionArn('f') }, isTransformed: true },
  { kind: 'schedule', schedule: SCHEDULE, to: QUEUE },
  { kind: 'event-bus', bus: 'arn:aws:events:eu-west-1:111122223333:event-bus/shop' },
];

const TOLD: Progress = {
  received: 12,
  sent: 1,
  parked: 2,
  cameBack: 3,
  perhapsTwice: 4,
  trial: { held: 5, deleted: 6 },
  beganAt: '2026-11-22T07:50:00.000Z',
  round: 7,
  roundAt: '2026-11-22T07:51:00.000Z',
  lastSentAt: '2026-11-22T07:52:00.000Z',
  groupsBack: 'AAAAAAAA',
  groupsHeld: 'BBBBBBBB',
  places: { a: { trust: 'suspect', sent: 8, back: 9, perhapsBack: 2 }, b: { trust: 'works', sent: 8, back: 0 } },
  left: { b: { state: 'parked', why: 'x', expiresAt: NOW } },
  stays: { 'no-source': prints(2) },
  isDrained: true,
  trouble: 'AccessDenied: no',
  endedAt: '2026-11-22T07:53:00.000Z',
  searchedAt: '2026-11-22T07:54:00.000Z',
  pieces: 10,
  freePieces: 11,
  failedPieces: 12,
  bySqs: null,
  sweeps: 13,
  senders: { origins: SOME_OF_EACH, unread: ['others'] },
};

describe('what was told', () => {
  it('is the same when it is read again', () => {
    expect(progressIn(undefined)).toBeUndefined();
    for (const told of [TOLD, NO_PROGRESS]) expect(progressIn(JSON.parse(JSON.stringify(told)))).toEqual(told);
  });

  it.each<[string, unknown]>([
    ['is no object', 'all well'],
    ['has no sent', { ...TOLD, sent: '1' }],
    ['has no round', { ...TOLD, round: null }],
    ['has no trial', { ...TOLD, trial: 'fair' }],
    ['has no deleted', { ...TOLD, trial: { held: 1 } }],
    ['has no places', { ...TOLD, places: [] }],
    ['has places of which nothing is known', { ...TOLD, places: { a: 'works' } }],
    ['has a queue of which nothing is known', { ...TOLD, places: { a: { trust: 'blind', sent: 1, back: 0 } } }],
    ['has no back', { ...TOLD, places: { a: { trust: 'works', sent: 1 } } }],
    ['has no left', { ...TOLD, left: null }],
    ['has a letter of which nothing is known', { ...TOLD, left: { a: { state: 'eaten', why: 'x', expiresAt: NOW } } }],
    ['has a letter of which nothing is known', { ...TOLD, left: { a: { state: 'kept', expiresAt: NOW } } }],
    ['has a letter of which nothing is known', { ...TOLD, left: { a: { state: 'kept', why: 'x' } } }],
    ['says nothing of what stays', { ...TOLD, stays: 'none' }],
    ['does not say what stays for no-source', { ...TOLD, stays: { 'no-source': 2 } }],
  ])('%s, and cannot be understood', (why, told) => {
    expect(() => progressIn(told)).toThrow(`what the last piece of work has told ${why}`);
  });

  it.each<[string, unknown]>([
    ['no list', { unread: [] }],
    ['no unread', { origins: [] }],
    ['no sender', { origins: ['sqs'], unread: [] }],
    ['no sender of kind pigeon', { origins: [{ kind: 'pigeon' }], unread: [] }],
    ['no to', { origins: [{ kind: 'sqs' }], unread: [] }],
    ['no aliases', { origins: [{ kind: 'lambda-async', function: 'f', aliases: [1] }], unread: [] }],
    ['no bus', { origins: [{ kind: 'event-bus', bus: 7 }], unread: [] }],
  ])('of its senders has %s, and cannot be understood', (what, senders) => {
    expect(() => progressIn({ ...TOLD, senders })).toThrow(`of who puts letters into the queue ${what} can be read`);
  });
});
