/** Volumes of which EBS cannot take the last snapshot for now: their zone fails, or what EBS takes does not show. Nobody waits for that without an end. */

import { describe, expect, it } from 'vitest';
import type { Facts } from '../../../functions/carry-volumes/decide.ts';
import { judge, planOf, words } from './plan-words.ts';
import {
  activity,
  ago,
  arrivingFacts,
  ELSEWHERE,
  leavingFacts,
  loose,
  machine,
  snapshot,
  waiting,
} from './volume-facts.ts';

const DARK = { 'eu-west-1a': 'unavailable', 'eu-west-1b': 'available' };

/** What a run notes that planned the last snapshot so often, the last time so many seconds ago. */
function tried(times: number, seconds: number, beatSeconds = 10): Pick<Facts, 'history'> {
  const note = {
    run: 'run-1',
    beganAt: ago(400),
    beatAt: ago(beatSeconds),
    triedAt: ago(seconds),
    tried: { snapshot: times },
  };
  return { history: { epoch: 1, actions: [], memory: {}, pending: { intent: 'db leaves i-old', at: ago(400), note } } };
}

/** `i-old` has stopped and left its volumes; its termination began so many seconds ago. */
function left(seconds: number, change: Partial<Facts> = {}): Facts {
  const facts = leavingFacts({
    machines: [machine('i-old', 'Terminating:Wait', { state: 'stopped' })],
    volumes: [loose()],
    ...change,
  });
  const activities = [activity('terminate', 'i-old', { startedAt: ago(seconds) })];
  return { ...facts, group: { ...facts.group, activities } };
}

describe('the last snapshot of a volume in a zone that fails', () => {
  it('is not asked for; the hook is kept open meanwhile', () => {
    const decision = judge(left(100, { zones: DARK }));
    expect(decision).toMatchObject({
      code: 'cannot-copy',
      because: 'vol-1: in eu-west-1a, which is unavailable',
    });
    expect(planOf(decision).plan.map(({ call }) => call)).toEqual(['autoscaling:RecordLifecycleActionHeartbeat']);
    expect(judge(left(100, { zones: DARK, ...tried(0, 400) }))).toMatchObject({ kind: 'wait', seconds: 30 });
  });

  it('is taken as soon as the zone is back', () => {
    expect(words(judge(left(100, tried(0, 400))))).toEqual([
      'CreateSnapshot vol-1',
      'CompleteLifecycleAction CONTINUE',
    ]);
  });

  it('is not waited for longer than the hook may be: who leaves is let go, and a person hears of it', () => {
    expect(judge(left(1_799, { zones: DARK, ...tried(0, 400) }))).toMatchObject({ kind: 'wait', seconds: 1 });
    const decision = judge(left(1_800, { zones: DARK, ...tried(0, 400) }));
    expect(words(decision)).toEqual(['CompleteLifecycleAction CONTINUE']);
    expect(decision).toMatchObject({ code: 'left-unconfirmed', attention: true, evidence: { rpoSeconds: null } });
  });

  it('does not keep the others waiting, and is not called begun with them', () => {
    const other = loose({ id: 'vol-2', device: '/dev/sdg', zone: 'eu-west-1b' });
    const decision = judge(left(100, { zones: DARK, volumes: [loose(), other] }));
    expect(words(decision)).toEqual(['CreateSnapshot vol-2']);
    expect(decision).toMatchObject({ code: 'snapshot', more: true });
    expect(decision.evidence).not.toHaveProperty('rpoSeconds');
  });

  it('is awaited by who arrives elsewhere, until the newest complete set stands in', () => {
    const zoneLost = (seconds: number): Facts => waiting(seconds, { ...ELSEWHERE, zones: DARK });
    expect(judge(zoneLost(899))).toMatchObject({ code: 'cannot-copy' });
    expect(judge(zoneLost(900))).toMatchObject({ code: 'no-complete-set' });
  });
});

describe('the last snapshot that EBS takes and does not show', () => {
  it('is asked for three times, then every three minutes', () => {
    expect(words(judge(left(400, tried(2, 1))))).toEqual(['CreateSnapshot vol-1', 'CompleteLifecycleAction CONTINUE']);
    expect(judge(left(400, tried(3, 179)))).toMatchObject({
      kind: 'wait',
      code: 'cannot-copy',
      because: 'snapshots of vol-1 were asked for and do not show',
    });
    expect(words(judge(left(400, tried(3, 180))))).toContain('CreateSnapshot vol-1');
  });

  it('is not waited for longer than the hook may be', () => {
    expect(judge(left(1_800, tried(3, 1)))).toMatchObject({ code: 'left-unconfirmed', attention: true });
  });

  it('is asked for with the heartbeat that is due, and once, however late a run begins', () => {
    expect(words(judge(left(1_799, tried(0, 1, 1_800))))).toEqual([
      'CreateSnapshot vol-1',
      'CompleteLifecycleAction CONTINUE',
    ]);
    expect(words(judge(left(1_799, tried(0, 1, 1_801))))).toEqual([
      'RecordLifecycleActionHeartbeat',
      'CreateSnapshot vol-1',
      'CompleteLifecycleAction CONTINUE',
    ]);
    expect(words(judge(left(1_800, tried(0, 1))))).toContain('CreateSnapshot vol-1');
    expect(judge(left(1_800, tried(1, 1)))).toMatchObject({
      code: 'left-unconfirmed',
      attention: true,
      because: 'vol-1 are unattached, and EBS takes no snapshot that shows',
    });
  });

  it('is awaited by who arrives', () => {
    const facts = arrivingFacts({ ...ELSEWHERE, ...tried(3, 1) });
    expect(judge(facts)).toMatchObject({ kind: 'wait', code: 'cannot-copy' });
  });
});

it('as many pending snapshots as EBS allows are no reason to keep a hook until it ends by itself', () => {
  const snapshots = [1, 2, 3, 4, 5].map((count) =>
    snapshot({ id: `snap-${count}`, state: 'pending', startedAt: ago(600), completedAt: null }),
  );
  expect(judge(left(1_799, { snapshots, ...tried(0, 400) }))).toMatchObject({ code: 'snapshot-pending' });
  expect(judge(left(1_800, { snapshots }))).toMatchObject({ code: 'left-unconfirmed', attention: true });
});
