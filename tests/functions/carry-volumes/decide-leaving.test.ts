import { describe, expect, it } from 'vitest';
import { after, judge, planOf, words } from './plan-words.ts';
import {
  ago,
  arrivingFacts,
  attachment,
  exact,
  groupFactsOf,
  hook,
  leavingFacts,
  loose,
  machine,
  snapshot,
  volume,
} from './volume-facts.ts';

const running = leavingFacts({
  volumes: [volume({ attachments: [attachment('i-old', { deleteOnTermination: true })] })],
});

describe('an instance that leaves with its volume', () => {
  it('first keeps the volume, then takes the warm set, then is stopped', () => {
    expect(words(judge(running))).toEqual([
      'ModifyInstanceAttribute',
      'CreateTags vol-1',
      'CreateSnapshots',
      'StopInstances i-old',
    ]);
    expect(judge(running)).toMatchObject({ code: 'stopping', more: true, budget: 'counted' });
  });

  it('names exactly the device and volume to keep', () => {
    expect(planOf(judge(running)).plan[0]?.input).toEqual({
      InstanceId: 'i-old',
      BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { DeleteOnTermination: false, VolumeId: 'vol-1' } }],
    });
  });

  it('takes the warm set without the root volume and without volumes of others', () => {
    const devices = [
      { name: '/dev/xvda', volumeId: 'vol-root', root: true },
      { name: '/dev/sdf', volumeId: 'vol-1', root: false },
      { name: '/dev/sdz', volumeId: 'vol-scratch', root: false },
    ];
    const warm = planOf(
      judge(leavingFacts({ machines: [machine('i-old', 'Terminating:Wait', { devices })] })),
    ).plan.find(({ call }) => call === 'ec2:CreateSnapshots');
    expect(warm).toMatchObject({
      optional: true,
      input: {
        InstanceSpecification: { InstanceId: 'i-old', ExcludeBootVolume: true, ExcludeDataVolumeIds: ['vol-scratch'] },
        CopyTagsFromSource: 'volume',
      },
    });
  });

  it('takes no second warm set: it is told by the label of the volumes', () => {
    const volumes = [volume({ run: 'carry-volumes/i-old' })];
    expect(
      words(
        judge(leavingFacts({ volumes, snapshots: [snapshot({ run: 'carry-volumes/i-old', startedAt: ago(120) })] })),
      ),
    ).toEqual(['StopInstances i-old']);
    expect(
      words(
        judge(leavingFacts({ volumes, snapshots: [snapshot({ run: 'carry-volumes/i-older', startedAt: ago(120) })] })),
      ),
    ).toEqual(['CreateSnapshots', 'StopInstances i-old']);
  });

  it('takes no warm set that would stand in the way of the final one', () => {
    const slow = leavingFacts({ volumes: [volume({ type: 'st1', run: 'carry-volumes/i-old' })] });
    const recent = leavingFacts({
      volumes: [volume({ run: 'carry-volumes/i-old' })],
      snapshots: [snapshot({ startedAt: ago(10) })],
    });
    expect([words(judge(slow)), words(judge(recent))]).toEqual([['StopInstances i-old'], ['StopInstances i-old']]);
  });

  it.each([
    [100, 'stopping', 'RecordLifecycleActionHeartbeat'],
    [300, 'forcing', 'StopInstances i-old true'],
    [600, 'forcing', 'StopInstances i-old true true'],
  ])('whose stop takes %i s: %s', (seconds, code, call) => {
    const decision = judge(
      after(leavingFacts(), judge(leavingFacts()), {
        machines: [machine('i-old', 'Terminating:Wait', { state: 'stopping', stopAskedAt: ago(seconds) })],
      }),
    );
    expect([decision.code, ...words(decision)]).toEqual([code, call]);
  });

  it('that stays stopping for a quarter of an hour is let go, with the age of the newest set as what may be lost', () => {
    const machines = [machine('i-old', 'Terminating:Wait', { state: 'stopping', stopAskedAt: ago(901) })];
    const decision = judge(leavingFacts({ machines, snapshots: [snapshot({ startedAt: ago(930) })] }));
    expect(decision).toMatchObject({ code: 'left-unconfirmed', attention: true, evidence: { rpoSeconds: 930 } });
    expect(words(decision)).toEqual(['CompleteLifecycleAction CONTINUE']);
  });

  it('in a zone that fails is not waited for so long', () => {
    const machines = [
      machine('i-old', 'Terminating:Wait', { state: 'stopping', stopAskedAt: ago(301), zoneState: 'unavailable' }),
    ];
    expect(judge(leavingFacts({ machines }))).toMatchObject({
      code: 'left-unconfirmed',
      evidence: { rpoSeconds: null },
    });
  });

  it('that cannot be stopped (Spot, instance store) is let go once its volumes are kept, and its volumes are awaited', () => {
    const spot = leavingFacts({ machines: [machine('i-old', 'Terminating:Wait', { stoppable: false })] });
    expect(words(judge(spot))).toEqual(['CreateTags vol-1', 'CreateSnapshots']);
    const kept = leavingFacts({
      machines: spot.machines,
      volumes: [volume({ run: 'carry-volumes/i-old' })],
      snapshots: [snapshot({ run: 'carry-volumes/i-old', startedAt: ago(20) })],
    });
    const gone = judge(kept);
    expect([gone.code, words(gone), planOf(gone).more]).toEqual(['let-go', ['CompleteLifecycleAction CONTINUE'], true]);
    expect(
      judge(after(kept, gone, { hook: null, machines: [machine('i-old', null, { state: 'shutting-down' })] })),
    ).toMatchObject({ kind: 'wait', code: 'shutting-down' });
  });

  it('whose requests to stop come to nothing counts as one that cannot be stopped, until a minute has passed', () => {
    const start = leavingFacts({
      volumes: [volume({ run: 'carry-volumes/i-old' })],
      snapshots: [snapshot({ run: 'carry-volumes/i-old', startedAt: ago(20) })],
    });
    const tried = (stop: number, seconds: number) =>
      judge({
        ...start,
        history: {
          epoch: 1,
          actions: [],
          memory: {},
          pending: {
            intent: 'x',
            at: ago(90),
            note: { run: 'run-1', beganAt: ago(90), beatAt: null, triedAt: ago(seconds), tried: { stop } },
          },
        },
      });
    expect(tried(4, 59)).toMatchObject({ code: 'let-go' });
    expect([tried(3, 0), tried(4, 60)]).toMatchObject([{ code: 'stopping' }, { code: 'stopping' }]);
  });

  it('that is stopped gives its volume up', () => {
    expect(
      words(judge(leavingFacts({ machines: [machine('i-old', 'Terminating:Wait', { state: 'stopped' })] }))),
    ).toEqual(['DetachVolume vol-1']);
  });

  it('gives up a busy volume by force only when it has stopped, and only at a second attempt, 20 s after the first', () => {
    const volumes = [volume({ attachments: [attachment('i-old', { state: 'busy' })] })];
    const first = leavingFacts({ volumes, machines: [machine('i-old', 'Terminating:Wait', { state: 'stopped' })] });
    expect(words(judge(first))).toEqual(['DetachVolume vol-1']);
    const second = after(first, judge(first));
    expect(judge(second, ago(-19))).toMatchObject({
      kind: 'act',
      code: 'detaching',
      plan: [{ call: 'autoscaling:RecordLifecycleActionHeartbeat' }],
    });
    expect(words(judge(second, ago(-20)))).toEqual(['DetachVolume vol-1 true']);
    expect(words(judge(leavingFacts({ volumes }))).filter((word) => word.startsWith('Detach'))).toEqual([]);
  });

  it('lets a copy of its volume, found on it, outlive it too, and does not label that', () => {
    const stray = volume({
      id: 'vol-2',
      run: 'carry-volumes/i-gone/copy',
      attachments: [attachment('i-old', { device: '/dev/sdg', deleteOnTermination: true })],
    });
    const decision = judge(leavingFacts({ volumes: [volume({ attachments: [attachment('i-old')] }), stray] }));
    expect(words(decision)).toEqual([
      'ModifyInstanceAttribute',
      'CreateTags vol-1',
      'CreateSnapshots',
      'StopInstances i-old',
    ]);
    expect(JSON.stringify(planOf(decision).plan[0]?.input)).toContain('vol-2');
  });

  it('does not ask again for what is detaching', () => {
    const volumes = [volume({ attachments: [attachment('i-old', { state: 'detaching' })] })];
    const decision = judge(
      leavingFacts({ volumes, machines: [machine('i-old', 'Terminating:Wait', { state: 'stopped' })] }),
    );
    expect(decision).toMatchObject({ code: 'detaching' });
    expect(words(decision)).toEqual(['RecordLifecycleActionHeartbeat']);
  });

  it('would take its volumes with it while shutting down: they are kept even then', () => {
    const volumes = [volume({ attachments: [attachment('i-old', { deleteOnTermination: true })] })];
    expect(
      words(
        judge(
          leavingFacts({
            hook: null,
            volumes,
            machines: [machine('i-old', 'Terminating:Proceed', { state: 'shutting-down' })],
          }),
        ),
      ),
    ).toEqual(['ModifyInstanceAttribute']);
  });
});

describe('a volume that has left', () => {
  const free = leavingFacts({
    volumes: [loose()],
    machines: [machine('i-old', 'Terminating:Wait', { state: 'stopped' })],
  });

  it('is copied exactly, and then the hook is answered', () => {
    const decision = judge(free);
    expect(words(decision)).toEqual(['CreateSnapshot vol-1', 'CompleteLifecycleAction CONTINUE']);
    expect(planOf(decision).plan[0]?.input['TagSpecifications']).toEqual([
      {
        ResourceType: 'snapshot',
        Tags: [
          { Key: 'Name', Value: 'data' },
          { Key: 'runbook:device', Value: '/dev/sdf' },
          { Key: 'runbook:run', Value: 'carry-volumes/i-old/final' },
          { Key: 'runbook:volumes', Value: 'db' },
        ],
      },
    ]);
    expect(decision).toMatchObject({ code: 'released', evidence: { rpoSeconds: 0 } });
  });

  it('is not copied twice: a pending copy is one', () => {
    expect(words(judge({ ...free, snapshots: [exact({ state: 'pending', completedAt: null })] }))).toEqual([
      'CompleteLifecycleAction CONTINUE',
    ]);
  });

  it('is copied again when the copy ended in error, or is of an earlier holder', () => {
    const copies = [exact({ state: 'error' }), snapshot({ run: 'carry-volumes/i-older/final' })];
    for (const copy of copies)
      expect(words(judge({ ...free, snapshots: [copy] }))).toEqual([
        'CreateSnapshot vol-1',
        'CompleteLifecycleAction CONTINUE',
      ]);
  });

  it('that cannot be copied any more (three errors) is reported, not waited for', () => {
    const snapshots = [1, 2, 3].map((count) => exact({ id: `snap-${count}`, state: 'error' }));
    expect(judge({ ...free, snapshots })).toMatchObject({ code: 'left-unconfirmed', attention: true });
    // EBS may have been mended.
    const earlier = snapshots.map((each, index) => ({ ...each, startedAt: ago(180 + index) }));
    expect(words(judge({ ...free, snapshots: earlier }))).toEqual([
      'CreateSnapshot vol-1',
      'CompleteLifecycleAction CONTINUE',
    ]);
  });

  it('waits until EBS allows another snapshot of it', () => {
    expect(judge({ ...free, snapshots: [snapshot({ startedAt: ago(5) })] })).toMatchObject({ code: 'snapshot-rate' });
    const pending = [1, 2, 3, 4, 5].map((count) =>
      snapshot({ id: `snap-${count}`, state: 'pending', startedAt: ago(600) }),
    );
    expect(judge({ ...free, snapshots: pending })).toMatchObject({ code: 'snapshot-pending' });
    expect(judge({ ...free, volumes: [loose({ type: 'sc1' })], snapshots: pending.slice(0, 1) })).toMatchObject({
      code: 'snapshot-pending',
    });
  });

  it('needs no copy where its successor is in the same zone', () => {
    const machines = [...free.machines, machine('i-new', 'Pending:Wait')];
    const group = {
      ...free.group,
      members: [...free.group.members, { instanceId: 'i-new', lifecycleState: 'Pending:Wait', healthy: true }],
    };
    expect(words(judge({ ...free, machines, group }))).toEqual(['CompleteLifecycleAction CONTINUE']);
    const elsewhere = [...free.machines, machine('i-new', 'Pending:Wait', { zone: 'eu-west-1b' })];
    expect(words(judge({ ...free, machines: elsewhere, group }))).toEqual([
      'CreateSnapshot vol-1',
      'CompleteLifecycleAction CONTINUE',
    ]);
  });

  it('of an instance that is already gone is copied, hook or no hook', () => {
    const machines = [machine('i-old', null, { state: 'terminated', membership: null })];
    expect(words(judge(leavingFacts({ machines, hook: null, volumes: [loose()] })))).toEqual(['CreateSnapshot vol-1']);
    const done = judge(leavingFacts({ machines, hook: null, volumes: [loose()], snapshots: [exact()] }));
    expect(done).toMatchObject({ kind: 'nothing', code: 'released' });
  });
});

describe('a terminate hook', () => {
  it('is answered where there is nothing to carry', () => {
    expect(words(judge(leavingFacts({ volumes: [] })))).toEqual(['CompleteLifecycleAction CONTINUE']);
    expect(judge(leavingFacts({ volumes: [] }))).toMatchObject({ code: 'nothing-to-carry' });
  });

  it('is answered where whoever arrives was faster, and says who has the volume', () => {
    const decision = judge(leavingFacts({ volumes: [volume({ attachments: [attachment('i-new')] })] }));
    expect(decision).toMatchObject({ code: 'released', because: 'vol-1 is on i-new already' });
    expect(words(decision)).toEqual(['CompleteLifecycleAction CONTINUE']);
  });

  it('that is not there any more is no error', () => {
    expect(judge(leavingFacts({ volumes: [], hook: null }))).toMatchObject({
      kind: 'nothing',
      code: 'nothing-to-carry',
    });
  });

  it('that does not show yet is waited for', () => {
    expect(
      judge(leavingFacts({ machines: [machine('i-old', 'InService')], hook: null, hookUnseen: true })),
    ).toMatchObject({ kind: 'wait', code: 'hook-not-seen', seconds: 5 });
  });

  it.each([
    [
      'long ago',
      arrivingFacts({
        hook: null,
        hookUnseen: true,
        machines: [machine('i-new', null)],
        group: { ...arrivingFacts().group, members: [], activities: [] },
        ask: { kind: 'event', at: ago(120) },
      }),
    ],
    [
      'of an instance that is ended',
      arrivingFacts({ hook: null, hookUnseen: true, machines: [machine('i-new', null, { state: 'shutting-down' })] }),
    ],
    [
      'that never was: nobody who serves is stopped for it',
      leavingFacts({
        machines: [machine('i-old', 'InService')],
        hook: null,
        hookUnseen: true,
        group: { ...leavingFacts().group, activities: [] },
        ask: { kind: 'event', at: ago(120) },
      }),
    ],
  ])('%s is nothing to wait for, and nothing is done', (_title, facts) => {
    expect(judge(facts)).toMatchObject({ kind: 'nothing', code: 'hook-not-seen' });
  });

  it('of an instance that goes to the warm pool is answered at once', () => {
    const back = leavingFacts({
      hook: hook('terminating', 'i-old', { toWarmPool: true }),
      volumes: [volume({ run: 'carry-volumes/i-old' })],
    });
    expect(words(judge(back))).toEqual(['CreateSnapshots', 'StopInstances i-old']);
    expect(words(judge({ ...back, volumes: [] }))).toEqual(['CompleteLifecycleAction CONTINUE']);
    expect(judge(arrivingFacts({ hook: hook('launching', 'i-new', { toWarmPool: true }) }))).toMatchObject({
      kind: 'act',
      code: 'warm-pool',
      plan: [{ input: { LifecycleActionResult: 'CONTINUE' } }],
    });
  });
});

it('an instance without the tag of its own is not touched', () => {
  expect(judge(leavingFacts({ machines: [machine('i-old', 'Terminating:Wait', { optedIn: false })] }))).toMatchObject({
    kind: 'refuse',
    code: 'not-opted-in',
    attention: true,
  });
  const held = arrivingFacts({
    volumes: [volume()],
    machines: [machine('i-new', 'Pending:Wait'), machine('i-old', null, { state: 'stopped', optedIn: false })],
  });
  expect(judge(held)).toMatchObject({ code: 'not-opted-in' });
  expect(judge(arrivingFacts({ machines: [machine('i-new', 'Pending:Wait', { optedIn: false })] }))).toMatchObject({
    code: 'not-opted-in',
  });
  expect(
    judge(groupFactsOf({ machines: [machine('i-old', 'InService', { optedIn: false })], volumes: [volume()] })),
  ).toMatchObject({ kind: 'refuse', code: 'preflight' });
});
