/** An instance that arrives: in the same zone, in another, and where somebody else still has the volume. */

import { describe, expect, it } from 'vitest';
import type { Facts } from '../../../functions/carry-volumes/decide.ts';
import { after, judge, planOf, words } from './plan-words.ts';
import {
  activity,
  ago,
  arrivingFacts,
  attachment,
  ELSEWHERE,
  exact,
  group,
  hookDescription,
  loose,
  machine,
  NOW,
  settings,
  there,
  volume,
  waiting,
} from './volume-facts.ts';

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

describe('two of one group', () => {
  const bare = (change: Partial<Facts> = {}): Facts =>
    arrivingFacts({
      ask: { kind: 'reconcile' },
      hook: null,
      machines: [machine('i-new', 'InService'), machine('i-other', 'Pending:Wait')],
      ...change,
    });

  it('are not both served: a member without volumes yields to whoever waits in a launch', () => {
    expect(judge(bare())).toMatchObject({ kind: 'nothing', code: 'another-arrives' });
    expect(judge(bare({ ask: { kind: 'carry' } }))).toMatchObject({ kind: 'wait', code: 'another-arrives' });
    const alone = [machine('i-new', 'InService'), machine('i-other', 'Terminating:Wait')];
    expect(words(judge(bare({ machines: alone })))).toEqual(['CreateTags vol-1', 'AttachVolume vol-1 /dev/sdf']);
  });

  it.each<[string, Parameters<typeof machine>[2]]>([
    ['does not run', { state: 'terminated' }],
    ['is stopped', { state: 'stopped' }],
    ['is not tagged', { optedIn: false }],
    ['has had its time', { launchedAt: ago(1_800) }],
  ])('do not wait for one that %s', (_title, change) => {
    const machines = [
      machine('i-new', 'Pending:Wait'),
      machine('i-dead', 'Pending:Wait', { launchedAt: ago(90), ...change }),
    ];
    expect(judge(arrivingFacts({ machines }))).toMatchObject({ kind: 'act', code: 'attaching' });
    const unread = arrivingFacts({ machines });
    expect(judge({ ...unread, machines: machines.slice(0, 1) })).toMatchObject({ kind: 'act', code: 'attaching' });
  });

  it('that wait are served in the order of their launches', () => {
    const both = (seconds: number, id = 'i-other'): Facts =>
      arrivingFacts({
        machines: [machine('i-new', 'Pending:Wait'), machine(id, 'Pending:Wait', { launchedAt: ago(seconds) })],
      });
    expect(judge(both(61))).toMatchObject({ code: 'another-arrives' });
    expect(judge(both(59))).toMatchObject({ kind: 'act', code: 'attaching' });
    expect(judge(both(60, 'i-mine'))).toMatchObject({ code: 'another-arrives' });
    expect(judge(both(60))).toMatchObject({ kind: 'act', code: 'attaching' });
  });
});
