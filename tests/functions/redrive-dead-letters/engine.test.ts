/** By what letters are moved, and why that: what is asked for, and what has been learned since. */

import { describe, expect, it } from 'vitest';
import {
  NO_PROGRESS,
  type Ask,
  type BySqs,
  type Facts,
  type Left,
  type Progress,
} from '../../../functions/redrive-dead-letters/decide.ts';
import { areAllTried, engineOf, toldOfEngine } from '../../../functions/redrive-dead-letters/decide/engine.ts';
import type { MoveTask } from '../../../functions/redrive-dead-letters/decide/move-task.ts';
import type { Setting } from '../../../functions/redrive-dead-letters/decide/scene.ts';
import type { Refusal } from '../../../shared/kernel/decision.ts';
import { arnOf, ASK, facts, LIMITS, NOW, prints, queue, SETTINGS, source } from './queue-facts.ts';

const BY_SQS = 'nothing is asked of each letter by itself';
const HANDED: BySqs = { handedAt: NOW, moved: 4, ended: null, failure: null, isBroken: false };

function scene(more: Partial<Facts> = {}, told: Partial<Progress> = {}, asked: Partial<Ask> = {}): Setting {
  const seen = facts({ settings: { ...SETTINGS, maxAttempts: 'none' }, ...more });
  const progress = { ...NO_PROGRESS, ...told };
  const dead = queue('orders-dlq');
  const trial = { queue: dead, sources: seen.sources, progress, limits: LIMITS, now: NOW };
  return { facts: seen, limits: LIMITS, now: NOW, ask: { ...ASK, ...asked }, progress, queue: dead, trial };
}

function left(state: Left['state']): Partial<Progress> {
  return { left: { a: { state, why: 'x', expiresAt: NOW } } };
}

function refused(call: string): Refusal {
  return { call, input: {}, name: 'OverLimit', message: 'too many', at: NOW, meaning: 'refused' };
}

describe("SQS's own task", () => {
  it.each<[string, Setting]>([
    ['nothing is known against it', scene()],
    ['another call was refused', scene({ refusals: [refused('work:redrive')] })],
    ['it is at work already, whatever is left', scene({}, { bySqs: HANDED, freePieces: 3, ...left('sent') })],
    ['letters are left that have not gone', scene({}, left('kept'))],
  ])('is used where %s', (_what, given) => {
    expect(engineOf(given)).toEqual({ engine: 'sqs', because: BY_SQS });
  });

  it.each<[string, Setting]>([
    ['parked', scene({ settings: { ...SETTINGS, maxAttempts: 'none', parking: 'parked' } })],
    ['parked', scene({ parking: queue('parked') })],
    ['SQS has not begun a task: OverLimit: too many', scene({ refusals: [refused('sqs:StartMessageMoveTask')] })],
    ['which queue they failed in', scene({ senders: { origins: [], unread: [] } }, { bySqs: HANDED })],
    ['a task would end at the first of them', scene({}, { stays: { 'no-source': prints(1) } })],
    ['not known that they are gone', scene({}, left('sent'))],
    ['not known that they are gone', scene({}, left('parked'))],
    ['not known that they are gone', scene({}, left('doubt'))],
    ['before each consumer had been tried', scene({}, { freePieces: 1 })],
    // What was asked for comes before what was learned.
    ['so many were asked for', scene({}, { freePieces: 1 }, { maxMessages: 5 })],
  ])('is not where %s', (because, given) => {
    expect(engineOf(given)).toEqual({ engine: 'own', because: expect.stringContaining(because) });
  });

  it('waits until each consumer has been tried, and works', () => {
    const works = { trust: 'works', sent: 10, back: 0 } as const;
    const sources = [source('orders'), source('refunds')];
    const one = { places: { [arnOf('orders')]: works } };
    expect(areAllTried(scene({ sources }, one))).toBe(false);
    expect(areAllTried(scene({ sources }, { places: { ...one.places, [arnOf('refunds')]: works } }))).toBe(true);
  });
});

describe('what is told of the engine', () => {
  const task: MoveTask = { handle: 'h', status: 'RUNNING', moved: 4, toMove: 8, failure: null, startedAt: NOW };

  it("is a task that is at work, or being cancelled, with SQS's numbers", () => {
    const engine = { engine: 'sqs', engineBecause: BY_SQS };
    for (const status of ['RUNNING', 'CANCELLING'] as const) {
      const numbers = { status, startedAt: NOW, about: 4, of: 8 };
      expect(toldOfEngine(scene({ task: { ...task, status } }))).toEqual({ ...engine, task: numbers });
    }
    expect(toldOfEngine(scene({ task: { ...task, status: 'COMPLETED' } }))).toEqual(engine);
    expect(toldOfEngine(scene())).toEqual(engine);
  });

  it('is what a task of ours has moved, once it has ended', () => {
    expect(toldOfEngine(scene({}, { bySqs: HANDED }))).not.toHaveProperty('movedBySqs');
    expect(toldOfEngine(scene({}, { bySqs: { ...HANDED, ended: 'COMPLETED' } }))).toMatchObject({
      movedBySqs: { about: 4, ended: 'COMPLETED' },
    });
  });
});
