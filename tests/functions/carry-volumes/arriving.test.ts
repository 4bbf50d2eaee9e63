import { describe, expect, it } from 'vitest';
import type { Facts } from '../../../functions/carry-volumes/decide/view.ts';
import {
  abandoned,
  activity,
  after,
  ago,
  arrivingFacts,
  attachment,
  ELSEWHERE,
  exact,
  group,
  hookDescription,
  judge,
  loose,
  machine,
  NOW,
  planOf,
  settings,
  snapshot,
  volume,
  words,
} from './volume-facts.ts';

/** `i-new` has waited for so many seconds. */
function waiting(seconds: number, change: Partial<Facts> = {}): Facts {
  const facts = arrivingFacts(change);
  return {
    ...facts,
    group: {
      ...facts.group,
      activities: [activity('launch', 'i-new', { startedAt: ago(seconds) }), ...facts.group.activities.slice(1)],
    },
  };
}

const there = volume({ run: 'carry-volumes/i-new', attachments: [attachment('i-new')] });

describe('in the same zone', () => {
  it('the very volume is labelled, then attached', () => {
    const decision = judge(arrivingFacts());
    expect(words(decision)).toEqual(['CreateTags vol-1', 'AttachVolume vol-1 /dev/sdf']);
    expect(planOf(decision).plan[0]?.input).toEqual({
      Resources: ['vol-1'],
      Tags: [{ Key: 'runbook:run', Value: 'carry-volumes/i-new' }],
    });
  });

  it('a name that another device has gives way to the next that no member wants', () => {
    const devices = [{ name: '/dev/sdf', volumeId: 'vol-own', root: false }];
    const volumes = [loose(), loose({ id: 'vol-2', device: '/dev/sdg' })];
    expect(words(judge(arrivingFacts({ machines: [machine('i-new', 'Pending:Wait', { devices })], volumes })))).toEqual(
      ['CreateTags vol-1,vol-2', 'AttachVolume vol-1 /dev/sdh', 'AttachVolume vol-2 /dev/sdg'],
    );
  });

  it('nothing is attached before the instance runs, and none before all are free', () => {
    expect(judge(arrivingFacts({ machines: [machine('i-new', 'Pending:Wait', { state: 'pending' })] }))).toMatchObject({
      code: 'instance-pending',
    });
    const volumes = [
      loose(),
      volume({ id: 'vol-2', device: '/dev/sdg', attachments: [attachment('i-old', { device: '/dev/sdg' })] }),
    ];
    const machines = [machine('i-new', 'Pending:Wait'), machine('i-old', 'Terminating:Wait', { state: 'stopped' })];
    expect(judge(arrivingFacts({ machines, volumes }))).toMatchObject({ code: 'leaving-side' });
  });

  it('an attachment that is stuck for more than 90 s is taken back', () => {
    const attaching = (seconds: number): Facts =>
      arrivingFacts({
        volumes: [
          volume({
            run: 'carry-volumes/i-new',
            attachments: [attachment('i-new', { state: 'attaching', attachedAt: ago(seconds) })],
          }),
        ],
      });
    expect(judge(attaching(90))).toMatchObject({ code: 'attaching' });
    expect(words(judge(attaching(91)))).toEqual(['DetachVolume vol-1']);
  });

  it('a volume that does not stay attached is tried three times, then every three minutes', () => {
    const tried = (count: number, seconds: number) => {
      const note = {
        run: 'run-1',
        beganAt: ago(600),
        beatAt: ago(10),
        triedAt: ago(seconds),
        tried: { 'attach vol-1': count },
      };
      return judge(
        arrivingFacts({ history: { epoch: 1, actions: [], memory: {}, pending: { intent: 'x', at: ago(600), note } } }),
      );
    };
    expect(tried(3, 179)).toMatchObject({ kind: 'wait', code: 'cannot-attach' });
    expect([tried(2, 0), tried(7, 180)]).toMatchObject([{ code: 'attaching' }, { code: 'attaching' }]);
  });

  it('the instance is let into service only when the volume is attached to it, kept and labelled', () => {
    expect(words(judge(arrivingFacts({ volumes: [there] })))).toEqual(['CompleteLifecycleAction CONTINUE']);
    const doomed = volume({ ...there, attachments: [attachment('i-new', { deleteOnTermination: true })] });
    expect(words(judge(arrivingFacts({ volumes: [doomed] })))).toEqual(['ModifyInstanceAttribute']);
    expect(words(judge(arrivingFacts({ volumes: [{ ...there, run: null }] })))).toEqual(['CreateTags vol-1']);
  });

  it('a person is not told that it is too late: what they ask for begins with their asking', () => {
    const old = {
      hook: null,
      volumes: [loose({ zone: 'eu-west-1c' })],
      snapshots: [exact({ state: 'pending', startedAt: ago(30), completedAt: null })],
    };
    expect(judge(waiting(86_400, { ...old, ask: { kind: 'carry' } }))).toMatchObject({
      kind: 'wait',
      code: 'snapshot-pending',
    });
    // A tick of the schedule has nobody to tell but people: it says how it stands.
    expect(judge(waiting(86_400, { ...old, ask: { kind: 'reconcile' } }))).toMatchObject({
      kind: 'refuse',
      code: 'snapshot-pending',
    });
  });

  it('says what it cost', () => {
    const activities = [
      activity('launch', 'i-new', { startedAt: ago(60) }),
      activity('terminate', 'i-old', { startedAt: ago(61) }),
    ];
    const members = [{ instanceId: 'i-new', lifecycleState: 'Pending:Wait', healthy: true }];
    const carried = { ...there, attachments: [attachment('i-new', { attachedAt: ago(6) })] };
    expect(judge(arrivingFacts({ volumes: [carried], group: group({ members, activities }) }))).toMatchObject({
      code: 'carried',
      metrics: { RtoSeconds: 61, RpoSeconds: 0 },
      evidence: {
        rpoSeconds: 0,
        rtoSeconds: 61,
        phases: { detect: 55, freeze: 0, snapshot: 0, create: 0, attach: 6, complete: 0 },
      },
    });
  });

  it('a hook that has been answered is not answered again', () => {
    expect(judge(arrivingFacts({ volumes: [there], hook: null }))).toMatchObject({ kind: 'nothing', code: 'complete' });
  });

  it('an instance that is going is left alone', () => {
    for (const state of ['shutting-down', 'terminated', 'stopping', 'stopped'] as const) {
      expect(judge(arrivingFacts({ machines: [machine('i-new', 'Pending:Wait', { state })] }))).toMatchObject({
        kind: 'nothing',
        code: 'gone',
      });
    }
  });
});

describe('in another zone', () => {
  it('a volume is made from the exact copy, as the old one was', () => {
    const decision = judge(
      arrivingFacts({
        ...ELSEWHERE,
        volumes: [loose({ kmsKeyId: 'key-1', type: 'io2', iops: 8_000, throughput: null, sizeGiB: 200 })],
        snapshots: [exact()],
      }),
    );
    expect(planOf(decision).plan).toMatchObject([
      {
        call: 'ec2:CreateVolume',
        input: {
          AvailabilityZone: 'eu-west-1b',
          SnapshotId: 'snap-exact',
          VolumeType: 'io2',
          Size: 200,
          Iops: 8_000,
          Encrypted: true,
          KmsKeyId: 'key-1',
          ClientToken: 'i-new-snap-exact-1',
          TagSpecifications: [
            {
              ResourceType: 'volume',
              Tags: [
                { Key: 'Name', Value: 'data' },
                { Key: 'runbook:device', Value: '/dev/sdf' },
                { Key: 'runbook:run', Value: 'carry-volumes/i-new/copy' },
                { Key: 'runbook:volumes', Value: 'db' },
              ],
            },
          ],
        },
      },
    ]);
    expect(planOf(decision).plan[0]?.input).not.toHaveProperty('Throughput');
  });

  it('the copy is awaited', () => {
    const pending = arrivingFacts({ ...ELSEWHERE, snapshots: [exact({ state: 'pending', completedAt: null })] });
    expect(words(judge(pending))).toEqual(['RecordLifecycleActionHeartbeat']);
    expect(judge(after(pending, judge(pending)))).toMatchObject({
      kind: 'wait',
      code: 'snapshot-pending',
      seconds: 15,
    });
  });

  it('waits grow with the time passed, and heartbeats come before half of their time-out is over', () => {
    const pending = waiting(1_600, {
      ...ELSEWHERE,
      snapshots: [exact({ state: 'pending', completedAt: null })],
      settings: settings({ maxWaitSeconds: 40_000 }),
    });
    const note = (beatAt: string, beganAt = ago(1_400), triedAt: string | null = null): Facts['history'] => ({
      epoch: 1,
      actions: [],
      memory: {},
      pending: { intent: 'x', at: beganAt, note: { run: 'run-1', beganAt, beatAt, triedAt, tried: {} } },
    });
    expect(judge({ ...pending, history: note(ago(1_600)) })).toMatchObject({ kind: 'wait', seconds: 200 });
    expect(words(judge({ ...pending, history: note(ago(2_600)) }))).toEqual(['RecordLifecycleActionHeartbeat']);
    const long = waiting(20_000, { ...pending });
    expect(judge({ ...long, history: note(ago(100), ago(19_000)) })).toMatchObject({ kind: 'wait', seconds: 800 });
    // A run that took it up late, and one that has just done something, look often all the same.
    expect(judge({ ...long, history: note(ago(100), ago(140)) })).toMatchObject({ kind: 'wait', seconds: 20 });
    expect(judge({ ...long, history: note(ago(100), ago(19_000), ago(70)) })).toMatchObject({
      kind: 'wait',
      seconds: 15,
    });
  });

  it('the leaving side is left to take the copy; where there is none, this side takes it', () => {
    const machines = [
      machine('i-new', 'Pending:Wait', { zone: 'eu-west-1b' }),
      machine('i-old', 'Terminating:Wait', { state: 'stopped' }),
    ];
    expect(judge(arrivingFacts({ machines }))).toMatchObject({ code: 'leaving-side' });
    expect(
      words(
        judge(
          arrivingFacts({
            machines,
            group: { ...arrivingFacts({ machines }).group, hooks: [hookDescription('launching')] },
          }),
        ),
      ),
    ).toEqual(['CreateSnapshot vol-1']);
    expect(words(judge(arrivingFacts(ELSEWHERE)))).toEqual(['CreateSnapshot vol-1']);
  });

  it('a copy whose volume was given to somebody since is not exact', () => {
    expect(
      words(
        judge(
          arrivingFacts({ ...ELSEWHERE, volumes: [loose({ run: 'carry-volumes/i-between' })], snapshots: [exact()] }),
        ),
      ),
    ).toEqual(['CreateSnapshot vol-1']);
  });

  const made = loose({
    id: 'vol-new',
    zone: 'eu-west-1b',
    run: 'carry-volumes/i-new/copy',
    snapshotId: 'snap-exact',
    createdAt: ago(8),
  });

  it('the old volume is superseded and the new one labelled before it can be written to', () => {
    expect(words(judge(arrivingFacts({ ...ELSEWHERE, volumes: [loose(), made], snapshots: [exact()] })))).toEqual([
      'CreateTags vol-1',
      'CreateTags vol-new',
      'AttachVolume vol-new /dev/sdf',
    ]);
    const first = planOf(judge(arrivingFacts({ ...ELSEWHERE, volumes: [loose(), made], snapshots: [exact()] })))
      .plan[0];
    expect(first?.input['Tags']).toEqual([{ Key: 'runbook:superseded-at', Value: NOW }]);
  });

  it('a run that died between the two goes on where it was', () => {
    expect(
      words(
        judge(arrivingFacts({ ...ELSEWHERE, volumes: [loose({ supersededAt: ago(3) }), made], snapshots: [exact()] })),
      ),
    ).toEqual(['CreateTags vol-new', 'AttachVolume vol-new /dev/sdf']);
  });

  it("another arrival's copy is not used, and not taken for the true volume", () => {
    expect(
      words(
        judge(
          arrivingFacts({
            ...ELSEWHERE,
            volumes: [loose(), { ...made, run: 'carry-volumes/i-other/copy' }],
            snapshots: [exact()],
          }),
        ),
      ),
    ).toEqual(['CreateVolume snap-exact']);
    expect(
      words(judge(arrivingFacts({ volumes: [loose(), { ...made, zone: 'eu-west-1a' }], snapshots: [exact()] }))),
    ).toEqual(['CreateTags vol-1', 'AttachVolume vol-1 /dev/sdf']);
  });

  it('a copy that ended in error gives way to one with another token', () => {
    const decision = judge(
      arrivingFacts({ ...ELSEWHERE, volumes: [loose(), { ...made, state: 'error' }], snapshots: [exact()] }),
    );
    expect(planOf(decision).plan[0]?.input['ClientToken']).toBe('i-new-snap-exact-2');
  });

  it('a volume that vanishes while it is created is diagnosed as its KMS key', () => {
    const note = { run: 'run-1', beganAt: ago(60), beatAt: ago(10), tried: { 'create snap-exact': 3 } };
    const decision = judge(
      arrivingFacts({
        ...ELSEWHERE,
        snapshots: [exact()],
        history: { epoch: 1, actions: [], memory: {}, pending: { intent: 'x', at: ago(60), note } },
      }),
    );
    expect(decision).toMatchObject({ kind: 'wait', code: 'volume-vanished' });
    expect(decision.because).toContain('KMS key');
  });
});

describe('an instance that still has the volume', () => {
  const onOld = [volume({ run: 'carry-volumes/i-old' })];

  it('and waits in its terminate hook is left to the leaving side', () => {
    expect(
      judge(
        arrivingFacts({
          volumes: onOld,
          machines: [machine('i-new', 'Pending:Wait'), machine('i-old', 'Terminating:Wait')],
        }),
      ),
    ).toMatchObject({ code: 'leaving-side' });
  });

  it('and serves, in a group that wants no more than one, is not touched for a minute and then stopped', () => {
    const machines = [machine('i-new', 'Pending:Wait'), machine('i-old', 'InService')];
    expect(judge(waiting(59, { volumes: onOld, machines }))).toMatchObject({ code: 'held' });
    expect(words(judge(waiting(60, { volumes: onOld, machines })))).toEqual(['CreateSnapshots', 'StopInstances i-old']);
    const booting = [machine('i-new', 'Pending:Wait', { state: 'pending' }), machine('i-old', 'InService')];
    expect(judge(waiting(60, { volumes: onOld, machines: booting }))).toMatchObject({ code: 'held' });
  });

  it('and serves well in a group that wants two is never touched', () => {
    const machines = [machine('i-new', 'Pending:Wait'), machine('i-old', 'InService')];
    const facts = waiting(600, { volumes: onOld, machines });
    expect(judge({ ...facts, group: { ...facts.group, desired: 2 } })).toMatchObject({ code: 'held' });
  });

  it('and is not in the group is never touched', () => {
    expect(
      judge(waiting(600, { volumes: onOld, machines: [machine('i-new', 'Pending:Wait'), machine('i-old', null)] })),
    ).toMatchObject({ code: 'held', because: 'vol-1 are on i-old, which is in no group' });
  });

  it('and is going without a hook gives it up as soon as it can', () => {
    const machines = [machine('i-new', 'Pending:Wait'), machine('i-old', null, { state: 'stopped' })];
    expect(words(judge(arrivingFacts({ volumes: onOld, machines })))).toEqual(['DetachVolume vol-1']);
  });
});

describe('where the true volume cannot be had', () => {
  const dark = { 'eu-west-1a': 'unavailable', 'eu-west-1b': 'available' };
  const oldSet = { ...ELSEWHERE, zones: dark, snapshots: [snapshot()] };

  it('the newest complete set is used within the accepted age, and what is lost is said', () => {
    const facts = waiting(900, { ...oldSet, settings: settings({ oldestAcceptableSeconds: 43_200 }) });
    const decision = judge(facts);
    expect(words(decision)).toEqual(['CreateVolume snap-1']);
    expect(decision).toMatchObject({
      evidence: { rpoSeconds: 21_600, fallback: 'vol-1 is in eu-west-1a, which is unavailable' },
    });
  });

  it('nothing older than accepted is used, and without the tag nothing older at all', () => {
    expect(judge(waiting(900, { ...oldSet, settings: settings({ oldestAcceptableSeconds: 3_600 }) }))).toMatchObject({
      code: 'too-old',
    });
    expect(judge(waiting(900, oldSet))).toMatchObject({ code: 'too-old' });
  });

  it('the zone is given time to come back', () => {
    expect(
      judge(
        waiting(899, {
          ...oldSet,
          settings: settings({ oldestAcceptableSeconds: 43_200, maxWaitSeconds: 3_600 }),
          snapshots: [exact({ state: 'pending' }), snapshot()],
        }),
      ),
    ).toMatchObject({ code: 'snapshot-pending' });
  });

  it('a holder that neither stops nor detaches counts as lost, one that runs does not', () => {
    const machines = (state: 'stopping' | 'running') => [
      machine('i-new', 'Pending:Wait', { zone: 'eu-west-1b' }),
      machine('i-old', 'Terminating:Wait', { state }),
    ];
    const facts = {
      volumes: [volume({ run: 'carry-volumes/i-old' })],
      snapshots: [snapshot({ startedAt: ago(950) })],
      settings: settings({ oldestAcceptableSeconds: 3_600 }),
    };
    expect(judge(waiting(900, { ...facts, machines: machines('stopping') }))).toMatchObject({
      code: 'creating',
      evidence: { rpoSeconds: 950 },
    });
    expect(judge(waiting(900, { ...facts, machines: machines('running') }))).toMatchObject({ code: 'leaving-side' });
  });

  it('a volume that is gone is not waited for, and the whole set is taken from one moment', () => {
    const volumes = [loose({ id: 'vol-2', device: '/dev/sdg' })];
    const snapshots = [snapshot(), snapshot({ id: 'snap-2', volumeId: 'vol-2', device: '/dev/sdg' })];
    expect(
      words(judge(arrivingFacts({ volumes, snapshots, settings: settings({ oldestAcceptableSeconds: 43_200 }) }))),
    ).toEqual(['CreateVolume snap-1', 'CreateVolume snap-2']);
  });

  it('a set that lacks a device is not complete', () => {
    const volumes = [loose({ id: 'vol-2', device: '/dev/sdg' })];
    const snapshots = [
      snapshot({ startedAt: ago(300) }),
      snapshot({ id: 'snap-2', volumeId: 'vol-2', device: '/dev/sdg', startedAt: ago(7_200) }),
    ];
    expect(
      judge(arrivingFacts({ volumes, snapshots, settings: settings({ oldestAcceptableSeconds: 43_200 }) })),
    ).toMatchObject({ code: 'no-complete-set' });
  });

  it('a newer set that is still pending is waited for, half of the time there is', () => {
    const snapshots = [
      snapshot(),
      snapshot({ id: 'snap-2', state: 'pending', startedAt: ago(1_000), completedAt: null }),
    ];
    const change = {
      ...oldSet,
      snapshots,
      settings: settings({ oldestAcceptableSeconds: 43_200, maxWaitSeconds: 3_600 }),
    };
    expect(judge(waiting(901, change))).toMatchObject({ code: 'set-pending' });
    expect(judge(waiting(1_800, change))).toMatchObject({ code: 'creating' });
  });

  it('an age of more than a day is an age of more than a day', () => {
    const snapshots = [snapshot({ startedAt: ago(86_400 + 60) })];
    expect(
      judge(waiting(900, { ...oldSet, snapshots, settings: settings({ oldestAcceptableSeconds: 3_600 }) })),
    ).toMatchObject({ code: 'too-old', evidence: { newestSetAgeSeconds: 86_460 } });
  });
});

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
