/** How waiting ends: launches that are given up, groups that are held, and what only a person can end. */

import { describe, expect, it } from 'vitest';
import type { Facts } from '../../../functions/carry-volumes/decide.ts';
import { after, judge, words } from './plan-words.ts';
import {
  abandoned,
  activity,
  ago,
  arrivingFacts,
  ELSEWHERE,
  exact,
  hookDescription,
  loose,
  settings,
  there,
  waiting,
} from './volume-facts.ts';

describe('an instance that waits in vain', () => {
  const pending = { ...ELSEWHERE, snapshots: [exact({ state: 'pending', completedAt: null })] };
  const abandons = (count: number, facts: Facts): Facts => ({
    ...facts,
    group: {
      ...facts.group,
      activities: [...facts.group.activities, ...[3_600, 7_200, 10_800].slice(0, count).map(abandoned)],
    },
  });

  it('is given up at the end of runbook:max-wait-seconds, and a person hears of it', () => {
    expect(judge(waiting(1_799, pending))).toMatchObject({ code: 'snapshot-pending' });
    const decision = judge(waiting(1_800, pending));
    expect(decision).toMatchObject({ code: 'abandoned', attention: true });
    expect(words(decision)).toEqual(['CompleteLifecycleAction ABANDON']);
  });

  it('is given up before its hook ends by itself', () => {
    const facts = waiting(720, pending);
    expect(
      judge({
        ...facts,
        group: {
          ...facts.group,
          hooks: [hookDescription('launching', { globalSeconds: 900 }), hookDescription('terminating')],
        },
      }),
    ).toMatchObject({ code: 'abandoned' });
  });

  it('is looked at again as soon as its patience ends, however long its waits have grown', () => {
    const beaten = {
      epoch: 1,
      actions: [],
      memory: {},
      pending: {
        intent: 'x',
        at: ago(1_700),
        note: { run: 'run-1', beganAt: ago(1_700), beatAt: ago(10), triedAt: null, tried: {} },
      },
    };
    expect(judge(waiting(1_700, { ...pending, history: beaten }))).toMatchObject({ kind: 'wait', seconds: 100 });
  });

  it('is kept by heartbeats at less than half of a time-out of 60 s, and given up before its run ends', () => {
    const hooks = [hookDescription('launching', { heartbeatSeconds: 60 }), hookDescription('terminating')];
    const looking = (seconds: number, beatAt: string): Facts => {
      const facts = waiting(seconds, { ...pending, settings: settings({ maxWaitSeconds: 7_200 }) });
      return {
        ...facts,
        group: { ...facts.group, hooks },
        history: {
          epoch: 1,
          actions: [],
          memory: {},
          pending: {
            intent: 'x',
            at: ago(seconds),
            note: { run: 'run-1', beganAt: ago(seconds), beatAt, triedAt: null, tried: {} },
          },
        },
      };
    };
    expect(judge(looking(300, ago(1)))).toMatchObject({ kind: 'wait', seconds: 24 });
    expect(words(judge(looking(300, ago(25))))).toEqual(['RecordLifecycleActionHeartbeat']);
    expect(judge(looking(590, ago(1)))).toMatchObject({ kind: 'wait', seconds: 10 });
    expect(judge(looking(600, ago(1)))).toMatchObject({ kind: 'act', code: 'abandoned' });
  });

  it('is kept after two in a row: the group launches no more, and the record says how to resume', () => {
    expect(judge(abandons(1, waiting(1_800, pending)))).toMatchObject({ code: 'abandoned' });
    const decision = judge(abandons(2, waiting(1_800, pending)));
    expect(words(decision)).toEqual(['SuspendProcesses Launch', 'RecordLifecycleActionHeartbeat']);
    expect(decision).toMatchObject({ code: 'launch-suspended', attention: true });
    expect(JSON.stringify(decision.evidence)).toContain(
      'aws autoscaling resume-processes --auto-scaling-group-name db --scaling-processes Launch',
    );
    const suspended = after(abandons(2, waiting(1_800, pending)), decision);
    expect(judge({ ...suspended, group: { ...suspended.group, launchSuspended: true } })).toMatchObject({
      kind: 'refuse',
      code: 'launch-suspended',
      attention: true,
    });
  });

  it('counts only what was given up in a row: a good launch begins anew, a lack of capacity says nothing', () => {
    const facts = abandons(2, waiting(1_800, pending));
    const [own, first, second] = facts.group.activities;
    const between = (other: Facts['group']['activities'][number]): Facts => ({
      ...facts,
      group: { ...facts.group, activities: [own, first, other, second].flatMap((each) => each ?? []) },
    });
    expect(judge(between(activity('launch', 'i-good', { status: 'Successful', startedAt: ago(6_000) })))).toMatchObject(
      { code: 'abandoned' },
    );
    expect(
      judge(
        between(
          activity('launch', null, {
            status: 'Failed',
            startedAt: ago(6_000),
            message: 'We currently do not have sufficient capacity',
          }),
        ),
      ),
    ).toMatchObject({ code: 'launch-suspended' });
  });

  it('goes on by itself once the data is there, suspended or not', () => {
    const facts = abandons(2, waiting(5_000, { ...ELSEWHERE, snapshots: [exact()] }));
    expect(words(judge({ ...facts, group: { ...facts.group, launchSuspended: true } }))).toEqual([
      'RecordLifecycleActionHeartbeat',
      'CreateVolume snap-exact',
    ]);
  });

  it('is handed over to the schedule when its run has waited long enough', () => {
    const note = { run: 'run-1', beganAt: ago(23_401), beatAt: ago(100), tried: {} };
    const facts = waiting(23_401, { ...pending, settings: settings({ maxWaitSeconds: 40_000 }) });
    expect(
      judge({
        ...facts,
        history: { epoch: 1, actions: [], memory: {}, pending: { intent: 'x', at: ago(23_401), note } },
      }),
    ).toMatchObject({ kind: 'refuse', code: 'handed-over' });
  });
});

describe('nothing empty takes the place of data', () => {
  it('where nothing of the set is left, the group is held, not filled', () => {
    expect(judge(arrivingFacts({ volumes: [] }))).toMatchObject({ code: 'no-member' });
    expect(words(judge(waiting(120, { volumes: [] })))).toEqual([
      'SuspendProcesses Launch',
      'RecordLifecycleActionHeartbeat',
    ]);
  });

  it('two volumes that claim one place are a question for a person', () => {
    const volumes = [loose(), loose({ id: 'vol-2' })];
    expect(judge(waiting(119, { volumes }))).toMatchObject({ code: 'ambiguous' });
    expect(judge(waiting(120, { volumes }))).toMatchObject({
      code: 'launch-suspended',
      evidence: { why: 'ambiguous' },
    });
  });

  it('a tag that cannot be read stops the carry', () => {
    expect(
      judge(
        arrivingFacts({
          settings: settings({ problems: ['db: tag runbook:max-wait-seconds: soon is not a whole number'] }),
        }),
      ),
    ).toMatchObject({ code: 'bad-settings' });
  });
});

describe('a KMS key that cannot be used', () => {
  const key = 'arn:aws:kms:eu-west-1:111122223333:key/1';
  const because = `the KMS key ${key} is Disabled: no volume that it encrypts can be made or attached; enable it`;

  it('is named at once; the group is held after two minutes rather than launches given up', () => {
    expect(judge(waiting(119, { keys: { [key]: 'Disabled' } }))).toMatchObject({ code: 'key-locked', because });
    const decision = judge(waiting(120, { keys: { [key]: 'Disabled' } }));
    expect(decision).toMatchObject({
      code: 'launch-suspended',
      because,
      attention: true,
      evidence: { why: 'key-locked' },
    });
    expect(words(decision)).toEqual(['SuspendProcesses Launch', 'RecordLifecycleActionHeartbeat']);
  });

  it("stands in nobody's way once it is enabled, or where KMS does not say", () => {
    for (const state of ['Enabled', 'unread'])
      expect(words(judge(waiting(120, { keys: { [key]: state } })))).toEqual([
        'CreateTags vol-1',
        'AttachVolume vol-1 /dev/sdf',
      ]);
  });

  it('keeps nobody waiting whose volumes are attached already', () => {
    expect(words(judge(waiting(120, { keys: { [key]: 'PendingDeletion' }, volumes: [there] })))).toEqual([
      'CompleteLifecycleAction CONTINUE',
    ]);
    expect(judge(waiting(120, { keys: { [key]: 'PendingDeletion' } })).because).toMatch(
      /is PendingDeletion.*cancel its deletion and enable it$/u,
    );
  });
});
