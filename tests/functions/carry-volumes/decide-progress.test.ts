/** What a run notes of itself, and what a step and a look come to. */

import { describe, expect, it } from 'vitest';
import { isTriedOut, mayTry, noteOf, progressOf } from '../../../functions/carry-volumes/decide/progress.ts';
import { act } from '../../../functions/carry-volumes/decide/step.ts';
import { survey } from '../../../functions/carry-volumes/decide/view.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { ago, arrivingFacts, groupFactsOf, leavingFacts, LIMITS, NOW } from './volume-facts.ts';

describe('what a run notes of itself', () => {
  const noted = (note: JsonObject) => ({
    epoch: 1,
    actions: [],
    memory: {},
    pending: { intent: 'x', at: NOW, note },
  });
  const NOTE = { run: 'run-1', beganAt: ago(500), beatAt: ago(100), triedAt: ago(50), tried: { attach: 2 } };
  const FRESH = { run: 'run-1', beganAt: NOW, beatAt: null, triedAt: null, tried: {} };

  it('is read by this run alone, and as a whole or not at all', () => {
    const read = (change: JsonObject) => progressOf(noted({ ...NOTE, ...change }), 'run-1', NOW);
    expect(read({})).toEqual(NOTE);
    expect(read({ beatAt: null, triedAt: 7 })).toEqual({ ...NOTE, beatAt: null, triedAt: null });
    expect(read({ run: 'run-2' })).toEqual(FRESH);
    expect(read({ beganAt: 7 })).toEqual(FRESH);
    for (const tried of [null, 'x', { attach: 'twice' }]) expect(read({ tried })).toEqual(FRESH);
    expect(progressOf('unread', 'run-1', NOW)).toEqual(FRESH);
  });
  it('counts what was tried, and when', () => {
    const fresh = progressOf('unread', 'run-1', NOW);
    expect(noteOf(fresh, ['attach', 'attach', 'keep'], true, NOW)).toEqual({
      ...FRESH,
      beatAt: NOW,
      triedAt: NOW,
      tried: { attach: 2, keep: 1 },
    });
    expect(noteOf({ ...fresh, triedAt: ago(9), beatAt: ago(8) }, [], false, NOW)).toEqual({
      ...FRESH,
      triedAt: ago(9),
      beatAt: ago(8),
    });
  });
  it('lets a step be tried so often in a row, and again after a pause', () => {
    const after = (seconds: number, times: number) => ({ ...NOTE, triedAt: ago(seconds), tried: { attach: times } });
    expect([mayTry(after(0, 1), 'attach', 2, NOW), mayTry(after(59, 2), 'attach', 2, NOW)]).toEqual([true, false]);
    expect([mayTry(after(60, 2), 'attach', 2, NOW), mayTry(after(0, 9), 'other', 1, NOW)]).toEqual([true, true]);
    expect([179, 180].map((seconds) => isTriedOut(after(seconds, 3), 'attach', NOW))).toEqual([true, false]);
    expect(isTriedOut(after(0, 2), 'attach', NOW)).toBe(false);
  });
});

describe('a step', () => {
  const plan = [{ call: 'ec2:AttachVolume', input: {}, because: '' }];
  const step = { code: 'x', because: 'y', plan };

  it('announces what it is for', () => {
    const intentOf = (facts: Parameters<typeof survey>[0]) => act(survey(facts, LIMITS, NOW), step).intent;
    expect([intentOf(arrivingFacts()), intentOf(leavingFacts()), intentOf(groupFactsOf())]).toEqual([
      'db comes to i-new',
      'db leaves i-old',
      'db in order',
    ]);
  });
  it('is one of several, uncounted, unless it says otherwise', () => {
    const view = survey(arrivingFacts(), LIMITS, NOW);
    expect(act(view, step)).toEqual({
      kind: 'act',
      code: 'x',
      because: 'y',
      evidence: view.evidence,
      plan,
      intent: 'db comes to i-new',
      note: { run: 'run-1', beganAt: NOW, beatAt: null, triedAt: null, tried: {} },
      budget: 'free',
      more: true,
    });
    const heart = { call: 'autoscaling:RecordLifecycleActionHeartbeat', input: {}, because: '' };
    const last = act(view, { ...step, plan: [...plan, heart], budget: 'counted', evidence: { a: 1 } }, true);
    expect(last).toMatchObject({ budget: 'counted', evidence: { a: 1, set: 'db' }, note: { beatAt: NOW } });
    expect(last).not.toHaveProperty('more');
  });
});

describe('a look', () => {
  it('shows who is where, and what is left out of account', () => {
    expect(survey(arrivingFacts(), LIMITS, NOW).evidence).toEqual({
      set: 'db',
      group: 'db',
      instance: 'i-new',
      members: { '/dev/sdf': expect.stringContaining('vol-1') },
    });
    const { evidence } = survey(groupFactsOf({ heldByServices: ['vol-9 is held'], leftOut: ['vol-8'] }), LIMITS, NOW);
    expect(evidence).toMatchObject({ heldByServices: ['vol-9 is held'], leftOut: ['vol-8'] });
    expect(evidence).not.toHaveProperty('instance');
  });
  it('counts from when the departure or the arrival began', () => {
    const elapsed = (facts: Parameters<typeof survey>[0]) => survey(facts, LIMITS, NOW).elapsedSeconds;
    expect([elapsed(arrivingFacts()), elapsed(leavingFacts())]).toEqual([60, 5]);
    const silent = arrivingFacts();
    const unsaid = { ...silent, group: { ...silent.group, activities: [] } };
    expect(elapsed(unsaid)).toBe(58);
    expect(elapsed({ ...unsaid, ask: { kind: 'reconcile' } })).toBe(60);
    expect(elapsed({ ...unsaid, ask: { kind: 'carry' }, hook: null })).toBe(0);
    expect(elapsed({ ...unsaid, ask: { kind: 'reconcile' }, machines: [] })).toBe(0);
    expect(elapsed(groupFactsOf())).toBe(0);
  });
});
