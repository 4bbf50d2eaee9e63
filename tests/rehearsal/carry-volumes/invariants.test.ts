import { describe, expect, it } from 'vitest';
import type { RunResult } from '../../../shared/kernel/report/result.ts';
import type { SimulatedWorld } from '../../../simulator/engine/world.ts';
import { ec2 as ec2Service } from '../../../simulator/services/ec2/ec2.ts';
import { freeze } from '../../../simulator/services/ec2/freezing.ts';
import { record, staged, tell, watch as watchSteps, type Stage } from '../watching.ts';

const OURS = [{ Key: 'runbook:volumes', Value: 'db' }];

function volume(VolumeId: string, on: string | undefined, more: object = {}): object {
  const where =
    on === undefined
      ? { State: 'available' }
      : { Attachments: [{ InstanceId: on, Device: '/dev/sdf', DeleteOnTermination: false }] };
  return {
    VolumeId,
    AvailabilityZone: 'eu-west-1a',
    Size: 100,
    VolumeType: 'gp3',
    CreateTime: '2026-10-01T08:00:00Z',
    ...where,
    Tags: OURS,
    ...more,
  };
}

const FORMER = {
  WriteId: 'vol-01.1',
  Lineage: 'vol-01',
  VolumeId: 'vol-01',
  InstanceId: 'i-0a1',
  From: '2026-10-01T08:00:00Z',
  Until: '2026-11-22T07:59:00Z',
};

/** `vol-01` was written until 07:59 and is free now; `vol-02`, a copy of it, is on `i-0b2`, which is in service. */
function copied(Until: string): object {
  return {
    Volumes: [
      volume('vol-01', undefined, { Lineage: 'vol-01' }),
      volume('vol-02', 'i-0b2', { Lineage: 'vol-01', Holds: [{ WriteId: 'vol-01.1', Until }] }),
    ],
    Writes: [FORMER],
  };
}

/** Two running instances, and a group of those that have a state in it. */
function stage(
  ec2: object,
  states: { readonly [id: string]: string } = { 'i-0b2': 'InService' },
  tags: readonly object[] = [],
  more: object = {},
): Stage {
  const ids = ['i-0a1', 'i-0b2'];
  return staged({
    ...more,
    ec2: {
      Instances: ids.map((InstanceId) => ({
        InstanceId,
        State: { Name: 'running' },
        Placement: { AvailabilityZone: 'eu-west-1a' },
      })),
      ...ec2,
    },
    'auto-scaling': {
      AutoScalingGroups: [
        {
          AutoScalingGroupName: 'db',
          DesiredCapacity: 1,
          MinSize: 1,
          MaxSize: 2,
          Instances: Object.entries(states).map(([InstanceId, LifecycleState]) => ({ InstanceId, LifecycleState })),
          Tags: [{ Key: 'runbook:volumes', Value: 'db' }, ...tags],
        },
      ],
      LifecycleHooks: [
        {
          AutoScalingGroupName: 'db',
          LifecycleHookName: 'receive',
          LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
        },
      ],
    },
  });
}

/** A look at the beginning, one after what happens. */
function watch(
  name: string,
  { world }: Stage,
  happens: () => void,
  told: readonly RunResult[] = [],
): string | undefined {
  return watchSteps(name, world, [happens], told);
}

function remove(world: SimulatedWorld, id: string): void {
  const volumes = world.records('ec2', 'Volumes');
  volumes.splice(volumes.indexOf(record(world, 'ec2', 'Volumes', 'VolumeId', id)), 1);
}

const TARGET = 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0b2';

describe('no-acknowledged-write-lost', () => {
  it('complains of a copy in service that lacks writes nobody has told of', () => {
    const on = stage(copied('2026-11-22T07:58:00Z'));
    expect(watch('no-acknowledged-write-lost', on, () => on.pass(301))).toBe(
      'vol-02 on i-0b2 lacks writes that vol-01 had acknowledged, and no outcome tells of it',
    );
  });

  it('gives the report five minutes', () => {
    const on = stage(copied('2026-11-22T07:58:00Z'));
    expect(watch('no-acknowledged-write-lost', on, () => on.pass(299))).toBeUndefined();
  });

  it('accepts a loss that an outcome about that instance reports', () => {
    const on = stage(copied('2026-11-22T07:58:00Z'));
    tell(on.world, { target: TARGET, evidence: { rpoSeconds: 60 } });
    expect(watch('no-acknowledged-write-lost', on, () => on.pass(301))).toBeUndefined();
  });

  it('accepts one that was logged, where no event could be sent', () => {
    const on = stage(copied('2026-11-22T07:58:00Z'));
    const logged = (rpoSeconds: number): RunResult => ({
      runbook: 'carry-volumes',
      run: 'r',
      target: TARGET,
      outcome: 'done',
      reason: 'carried: it has',
      evidence: { rpoSeconds },
      plan: [],
      phases: [],
    });
    expect(watch('no-acknowledged-write-lost', on, () => on.pass(301), [logged(60)])).toBeUndefined();
    expect(watch('no-acknowledged-write-lost', on, () => on.pass(301), [logged(0)])).toMatch(
      /^vol-02 on i-0b2 lacks writes/u,
    );
  });

  it('does not accept a report of no loss, or about another instance', () => {
    const on = stage(copied('2026-11-22T07:58:00Z'));
    tell(on.world, { target: TARGET, evidence: { rpoSeconds: 0 } });
    tell(on.world, { target: TARGET.replace('i-0b2', 'i-0a1'), evidence: { rpoSeconds: 60 } });
    expect(watch('no-acknowledged-write-lost', on, () => on.pass(301))).toMatch(/^vol-02 on i-0b2 lacks writes/u);
  });

  it('accepts an exact copy', () => {
    const on = stage(copied('2026-11-22T07:59:00Z'));
    expect(watch('no-acknowledged-write-lost', on, () => on.pass(301))).toBeUndefined();
  });
});

describe('never-two-attachments', () => {
  const forked = {
    Volumes: [volume('vol-01', 'i-0a1', { Lineage: 'vol-01' }), volume('vol-02', 'i-0b2', { Lineage: 'vol-01' })],
  };

  it('complains of two volumes with the same data that are written at once', () => {
    expect(watch('never-two-attachments', stage({ ...forked, Writes: [FORMER] }), () => undefined)).toBe(
      'vol-01 and vol-02 hold the same data, and both are written',
    );
  });

  it('does not count who is in a zone that fails', () => {
    const on = stage({
      ...forked,
      Writes: [FORMER],
      AvailabilityZones: [{ ZoneName: 'eu-west-1a', State: 'unavailable' }],
    });
    expect(watch('never-two-attachments', on, () => undefined)).toBeUndefined();
  });

  it('accepts two volumes of a set, each with its own data', () => {
    const on = stage({ Volumes: [volume('vol-01', 'i-0a1'), volume('vol-02', 'i-0b2')] });
    expect(watch('never-two-attachments', on, () => undefined)).toBeUndefined();
  });

  it('complains of a volume with two attachments', () => {
    const on = stage({ Volumes: [volume('vol-01', 'i-0a1')] });
    const twice = [{ InstanceId: 'i-0a1' }, { InstanceId: 'i-0b2' }];
    expect(
      watch(
        'never-two-attachments',
        on,
        () => (record(on.world, 'ec2', 'Volumes', 'VolumeId', 'vol-01')['Attachments'] = twice),
      ),
    ).toBe('vol-01 is attached twice');
  });
});

describe('no-empty-volume', () => {
  const add = (on: Stage): void =>
    void on.world
      .records('ec2', 'Volumes')
      .push({ VolumeId: 'vol-09', State: 'available', BeganEmpty: true, Tags: OURS });

  it('complains of a data volume that began empty', () => {
    const on = stage({ Volumes: [] });
    expect(watch('no-empty-volume', on, () => add(on))).toBe('vol-09 of db began empty');
  });

  it('accepts one where the group may begin empty', () => {
    const on = stage({ Volumes: [] }, { 'i-0b2': 'InService' }, [
      { Key: 'runbook:volumes-may-begin-empty', Value: 'once' },
    ]);
    expect(watch('no-empty-volume', on, () => add(on))).toBeUndefined();
  });

  it('leaves volumes alone that are nobody’s data', () => {
    const on = stage({ Volumes: [] });
    expect(
      watch(
        'no-empty-volume',
        on,
        () => void on.world.records('ec2', 'Volumes').push({ VolumeId: 'vol-09', BeganEmpty: true, Tags: [] }),
      ),
    ).toBeUndefined();
  });
});

describe('no-volume-deleted-without-successor', () => {
  it('complains of a data volume that vanishes', () => {
    const on = stage({ Volumes: [volume('vol-01', undefined)] });
    expect(watch('no-volume-deleted-without-successor', on, () => remove(on.world, 'vol-01'))).toBe(
      'vol-01 was deleted, and no volume with its data is attached anywhere',
    );
  });

  it('complains as soon as a volume is being deleted', () => {
    const on = stage({ Volumes: [volume('vol-01', undefined)] });
    expect(
      watch(
        'no-volume-deleted-without-successor',
        on,
        () => (record(on.world, 'ec2', 'Volumes', 'VolumeId', 'vol-01')['State'] = 'deleting'),
      ),
    ).toMatch(/^vol-01 was deleted/u);
  });

  it('accepts the end of a volume whose copy is attached', () => {
    const on = stage(copied('2026-11-22T07:59:00Z'));
    expect(watch('no-volume-deleted-without-successor', on, () => remove(on.world, 'vol-01'))).toBeUndefined();
  });

  it('does not count a copy that is superseded itself', () => {
    const on = stage(copied('2026-11-22T07:59:00Z'));
    record(on.world, 'ec2', 'Volumes', 'VolumeId', 'vol-02')['Tags'] = [
      ...OURS,
      { Key: 'runbook:superseded-at', Value: '2026-11-22T08:00:00Z' },
    ];
    expect(watch('no-volume-deleted-without-successor', on, () => remove(on.world, 'vol-01'))).toMatch(
      /^vol-01 was deleted/u,
    );
  });

  it('does not mind a volume that never came to be', () => {
    const on = stage({ Volumes: [volume('vol-01', undefined, { State: 'creating', Encrypted: true })] });
    expect(watch('no-volume-deleted-without-successor', on, () => remove(on.world, 'vol-01'))).toBeUndefined();
  });
});

describe('data-volume-never-deleted-on-termination', () => {
  const doomed = {
    Volumes: [
      volume('vol-01', 'i-0b2', {
        Attachments: [{ InstanceId: 'i-0b2', Device: '/dev/sdf', DeleteOnTermination: true }],
      }),
    ],
  };
  const serve = ({ world }: Stage): void => {
    const [group] = world.records('auto-scaling', 'AutoScalingGroups');
    if (group !== undefined) group['Instances'] = [{ InstanceId: 'i-0b2', LifecycleState: 'InService' }];
  };

  it('complains when an instance comes into service with a volume that would go with it', () => {
    const on = stage(doomed, { 'i-0b2': 'Pending:Wait' });
    expect(watch('data-volume-never-deleted-on-termination', on, () => serve(on))).toBe(
      'vol-01 would be deleted with i-0b2, which came into service with it',
    );
  });

  it('gives the runbook time while the instance is on its way', () => {
    expect(
      watch('data-volume-never-deleted-on-termination', stage(doomed, { 'i-0b2': 'Pending:Wait' }), () => undefined),
    ).toBeUndefined();
  });

  it('does not count who was in service from the beginning', () => {
    expect(watch('data-volume-never-deleted-on-termination', stage(doomed), () => undefined)).toBeUndefined();
  });
});

describe('frozen-snapshots-are-frozen', () => {
  const take = (Description: string, more: object = {}): Stage =>
    stage({
      Volumes: [volume('vol-01', 'i-0b2')],
      Snapshots: [{ SnapshotId: 'snap-01', VolumeId: 'vol-01', Description, ...more }],
    });

  it.each(['carry-volumes: db of i-0b2, file systems frozen', 'carry-volumes: i-0b2, file systems frozen'])(
    'complains of a snapshot that says “%s” and was not',
    (description) => {
      expect(watch('frozen-snapshots-are-frozen', take(description), () => undefined)).toBe(
        'snap-01 of vol-01 says that it was taken with file systems frozen, and it was not',
      );
    },
  );

  it('accepts one that was', () => {
    expect(
      watch(
        'frozen-snapshots-are-frozen',
        take('carry-volumes: db of i-0b2, file systems frozen', { Frozen: true }),
        () => undefined,
      ),
    ).toBeUndefined();
  });

  it.each([
    'carry-volumes: db of i-0b2, crash-consistent',
    'backup of frozen goods',
    'carry-volumes: frozen of i-0b2, crash-consistent',
  ])('lets “%s” alone', (description) => {
    expect(watch('frozen-snapshots-are-frozen', take(description), () => undefined)).toBeUndefined();
  });

  it('knows the moment: a set that comes after the thaw is not frozen', () => {
    const on = stage({ Volumes: [volume('vol-01', 'i-0b2')] });
    const snap = (): void => {
      ec2Service.operations['CreateSnapshot']?.run(
        { VolumeId: 'vol-01', Description: 'carry-volumes: db of i-0b2, file systems frozen' },
        on.world,
      );
    };
    freeze(on.world, 'i-0b2', 60);
    on.pass(59);
    expect(watch('frozen-snapshots-are-frozen', on, snap)).toBeUndefined();
    on.pass(30);
    expect(watch('frozen-snapshots-are-frozen', on, snap)).toMatch(
      /^snap-\w+ of vol-01 says that it was taken with file systems frozen, and it was not$/u,
    );
  });
});

describe('never-left-frozen', () => {
  const frozenFor = (seconds: number): object => ({
    InstanceId: 'i-0b2',
    VolumeIds: [],
    Since: new Date(Date.parse('2026-11-22T08:00:00Z') - seconds * 1_000).toISOString(),
    ThawsAt: '2026-11-22T09:00:00Z',
  });
  const documents = {
    Documents: [
      { Name: 'Short', Freezes: { ThawAfterSeconds: 30 } },
      { Name: 'Long', Freezes: { ThawAfterSeconds: 60 } },
      { Name: 'Other' },
    ],
  };

  it('complains of file systems that are frozen for longer than the longest timer', () => {
    const on = stage({ FrozenFileSystems: [frozenFor(61)] }, undefined, [], { ssm: documents });
    expect(watch('never-left-frozen', on, () => undefined)).toBe(
      'file systems of i-0b2 are frozen since 2026-11-22T07:58:59.000Z, longer than any timer allows',
    );
  });

  it('accepts them until then', () => {
    const on = stage({ FrozenFileSystems: [frozenFor(50)] }, undefined, [], { ssm: documents });
    expect(watch('never-left-frozen', on, () => on.pass(10))).toBeUndefined();
    expect(watch('never-left-frozen', on, () => on.pass(1))).toMatch(/^file systems of i-0b2 are frozen/u);
  });

  it('complains at once where no document has a timer', () => {
    const on = stage({ FrozenFileSystems: [frozenFor(1)] });
    expect(watch('never-left-frozen', on, () => undefined)).toMatch(/^file systems of i-0b2 are frozen/u);
  });
});
