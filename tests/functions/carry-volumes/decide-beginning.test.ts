import { describe, expect, it } from 'vitest';
import type { Activity, Facts } from '../../../functions/carry-volumes/decide.ts';
import { judge, words } from './plan-words.ts';
import { abandoned, activity, ago, arrivingFacts, exact, loose, machine, settings } from './volume-facts.ts';

const may = settings({ mayBeginEmpty: true });
const first = arrivingFacts({ volumes: [], settings: may });

function withLaunch(instanceId: string, facts: Facts): Facts {
  const launch = activity('launch', instanceId, { status: 'Successful', startedAt: ago(90_000) });
  return { ...facts, group: { ...facts.group, activities: [...facts.group.activities, launch] } };
}

describe('a launch that another run has just given up', () => {
  it('is given up again, to no effect, and is not counted towards holding the group', () => {
    const pending = arrivingFacts({
      machines: [machine('i-new', 'Pending:Wait', { zone: 'eu-west-1b' })],
      snapshots: [exact({ state: 'pending', completedAt: null })],
    });
    const own = { ...abandoned(1), instanceId: 'i-new', startedAt: ago(1_801) };
    const facts = (...activities: Activity[]): Facts => ({ ...pending, group: { ...pending.group, activities } });
    expect(words(judge(facts(own, abandoned(1_900))))).toEqual(['CompleteLifecycleAction ABANDON']);
    expect(words(judge(facts({ ...own, message: '' }, abandoned(1_900), abandoned(3_800))))).toEqual([
      'SuspendProcesses Launch',
      'RecordLifecycleActionHeartbeat',
    ]);
  });
});

describe('a set that nobody ever saw', () => {
  it('may begin empty where the group says so', () => {
    expect(words(judge(first))).toEqual(['CompleteLifecycleAction CONTINUE']);
    expect(judge(first)).toMatchObject({ code: 'began-empty' });
    expect(judge(arrivingFacts({ volumes: [] }))).toMatchObject({ code: 'no-member' });
  });

  it('may do so once: not after another launch was good, nor after any member was seen', () => {
    expect(judge(withLaunch('i-before', first))).toMatchObject({ code: 'no-member' });
    expect(judge({ ...first, volumes: [loose({ supersededAt: ago(100) })] })).toMatchObject({ code: 'no-member' });
  });

  it('is no trouble to the schedule while its first instance serves; it is once that is not the first', () => {
    const quiet = { ...first, group: { ...first.group, activities: [] } };
    const serving = {
      ...withLaunch('i-new', quiet),
      ask: { kind: 'reconcile' as const },
      hook: null,
      machines: [machine('i-new', 'InService')],
    };
    expect(judge(serving)).toMatchObject({ kind: 'nothing', code: 'began-empty' });
    expect(judge(withLaunch('i-before', serving))).toMatchObject({
      kind: 'refuse',
      code: 'no-member',
      attention: true,
    });
  });
});
