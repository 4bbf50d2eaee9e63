/** What only a tick of the schedule does, or leaves to the next. */

import { describe, expect, it } from 'vitest';
import type { Facts } from '../../../functions/carry-volumes/decide.ts';
import { judge, words } from './plan-words.ts';
import { ago, arrivingFacts, attachment, ELSEWHERE, exact, machine, volume } from './volume-facts.ts';

describe('a tick of the schedule', () => {
  const tick = (change: Partial<Facts> = {}): Facts => ({ ...arrivingFacts(change), ask: { kind: 'reconcile' } });

  it('leaves alone what another run holds', () => {
    expect(judge(tick({ heldUntil: ago(-30) }))).toMatchObject({ kind: 'nothing', code: 'under-way' });
    expect(judge(tick({ heldUntil: ago(1) }))).toMatchObject({ kind: 'act', code: 'attaching' });
  });

  it('has nothing to do where the group went away, and a person is told so', () => {
    const gone = { group: { ...tick().group, name: '' }, hook: null, machines: [] };
    expect(judge(tick(gone))).toMatchObject({ kind: 'nothing', code: 'group-gone' });
    expect(judge({ ...tick(gone), ask: { kind: 'carry' } })).toMatchObject({ kind: 'refuse', code: 'group-gone' });
  });

  it('settles what a run that died announced, once there is nothing left to do, and nobody else is at it', () => {
    const whole = {
      hook: null,
      machines: [machine('i-new', 'InService')],
      volumes: [volume({ run: 'carry-volumes/i-new', attachments: [attachment('i-new')] })],
    };
    const dead = (seconds: number): Partial<Facts> => ({
      ...whole,
      history: {
        epoch: 1,
        actions: [],
        memory: {},
        pending: { intent: 'db comes to i-new', at: ago(seconds), note: { run: 'run-0' } },
      },
    });
    expect(judge(tick(whole))).toMatchObject({ kind: 'nothing', code: 'complete' });
    expect(judge(tick(dead(121)))).toMatchObject({
      kind: 'act',
      plan: [],
      intent: 'db comes to i-new',
      note: { run: 'run-0' },
      budget: 'free',
    });
    expect(judge(tick(dead(120)))).toMatchObject({ kind: 'nothing', code: 'complete' });
    expect(judge(tick({ ...dead(121), heldUntil: ago(-30) }))).toMatchObject({ kind: 'nothing', code: 'under-way' });
    expect(judge({ ...tick(dead(121)), ask: { kind: 'event', at: null } })).toMatchObject({
      kind: 'nothing',
      code: 'complete',
    });
  });

  it('takes up an arrival whose event was lost, and brings volumes to an instance that went into service without', () => {
    expect(words(judge(tick()))).toEqual(['CreateTags vol-1', 'AttachVolume vol-1 /dev/sdf']);
    expect(words(judge(tick({ hook: null, machines: [machine('i-new', 'InService')] })))).toEqual([
      'CreateTags vol-1',
      'AttachVolume vol-1 /dev/sdf',
    ]);
  });

  it('does not wait where no hook waits', () => {
    expect(
      judge(tick({ ...ELSEWHERE, hook: null, snapshots: [exact({ state: 'pending', completedAt: null })] })),
    ).toMatchObject({ kind: 'nothing', code: 'snapshot-pending' });
  });
});

it('a step that could not be verified is not built upon', () => {
  expect(
    judge(arrivingFacts({ setback: { plan: [], why: 'vol-1 would still be deleted with the instance' } })),
  ).toMatchObject({ kind: 'refuse', code: 'not-verified' });
});
