import { describe, expect, it } from 'vitest';
import { contentOf } from '../../../../simulator/services/ec2/writes.ts';
import { snapshotWorld, type SnapshotAnswer } from './ebs-world.ts';
import { refusal } from './ec2-world.ts';

describe('CreateSnapshot', () => {
  it('answers pending, makes progress on the clock, and completes after 90 seconds', () => {
    const { call, pass, snapshotStates, record } = snapshotWorld({ Volumes: [{ VolumeId: 'vol-1', Size: 30 }] });
    const made = call('CreateSnapshot', {
      VolumeId: 'vol-1',
      Description: 'd',
      TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'a', Value: 'b' }] }],
    });
    expect(made).toMatchObject({
      State: 'pending',
      Progress: '',
      VolumeId: 'vol-1',
      VolumeSize: 30,
      OwnerId: '111122223333',
      Encrypted: false,
      Description: 'd',
      Tags: [{ Key: 'a', Value: 'b' }],
      StartTime: new Date('2026-11-22T08:00:00Z'),
    });
    expect(made).not.toHaveProperty('Holds');
    expect(snapshotStates()).toEqual(['pending 0%']);
    pass(45);
    expect(snapshotStates()).toEqual(['pending 50%']);
    pass(44);
    expect(snapshotStates()).toEqual(['pending 98%']);
    pass(1);
    expect(snapshotStates()).toEqual(['completed 100%']);
    expect(record('Snapshots')['CompletionTime']).toBe('2026-11-22T08:01:30.000Z');
  });

  it('says when it has ended, with the odd ARN', () => {
    const { snap, pass, events } = snapshotWorld({ Volumes: [{ VolumeId: 'vol-1' }] });
    const id = snap();
    pass(91);
    expect(events).toMatchObject([
      {
        source: 'aws.ec2',
        'detail-type': 'EBS Snapshot Notification',
        resources: [`arn:aws:ec2::eu-west-1:snapshot/${id}`],
        detail: {
          event: 'createSnapshot',
          result: 'succeeded',
          cause: '',
          'request-id': '',
          snapshot_id: `arn:aws:ec2::eu-west-1:snapshot/${id}`,
          source: 'arn:aws:ec2::eu-west-1:volume/vol-1',
          startTime: '2026-11-22T08:00:00Z',
          endTime: '2026-11-22T08:01:30Z',
        },
      },
    ]);
  });

  it('takes as long as the world says, and so does one of a volume made from it', () => {
    const { snap, pass, snapshotStates, call, world } = snapshotWorld({
      Volumes: [{ VolumeId: 'vol-1', SnapshotSeconds: 21_600 }],
    });
    const id = snap();
    pass(21_599);
    expect(snapshotStates()).toEqual(['pending 99%']);
    pass(2);
    expect(snapshotStates()).toEqual(['completed 100%']);
    call('CreateVolume', { SnapshotId: id, AvailabilityZone: 'eu-west-1b' });
    expect(world.records('ec2', 'Volumes')[1]).toMatchObject({ SnapshotSeconds: 21_600 });
  });

  it('fails where the world says so', () => {
    const { snap, pass, snapshotStates, events } = snapshotWorld({
      Volumes: [{ VolumeId: 'vol-1', SnapshotsFail: true }],
    });
    snap();
    pass(91);
    expect(snapshotStates()).toEqual(['error 99%']);
    expect(events[0]?.detail).toMatchObject({ result: 'failed' });
  });

  it('of one volume is refused within 15 seconds, and of the sixth at once pending', () => {
    const { snap, pass, call } = snapshotWorld({
      Volumes: [{ VolumeId: 'vol-1', SnapshotSeconds: 3600 }, { VolumeId: 'vol-2' }],
    });
    snap();
    pass(14);
    expect(refusal(() => snap())).toBe(
      'SnapshotCreationPerVolumeRateExceeded: The maximum per volume CreateSnapshot request rate has been exceeded. Use an increasing or variable sleep interval between requests.',
    );
    snap('vol-2');
    for (let count = 2; count <= 5; count += 1) {
      pass(15);
      snap();
    }
    pass(15);
    expect(refusal(() => snap())).toBe(
      'ConcurrentSnapshotLimitExceeded: Maximum allowed in-progress snapshots for a single volume exceeded.',
    );
    expect(call('DescribeSnapshots').Snapshots).toHaveLength(6);
  });

  it.each(['st1', 'sc1'])('of a volume of type %s is refused while one is pending', (VolumeType) => {
    const { snap, pass } = snapshotWorld({ Volumes: [{ VolumeId: 'vol-1', VolumeType, Size: 500 }] });
    snap();
    pass(16);
    expect(refusal(() => snap())).toMatch(/^ConcurrentSnapshotLimitExceeded/);
    pass(75);
    expect(snap()).toMatch(/^snap-/);
  });

  it.each([
    [
      { Volumes: [{ VolumeId: 'vol-1', State: 'creating' }] },
      "IncorrectState: Volume 'vol-1' is in the 'creating' state.",
    ],
    [{ Volumes: [] }, "InvalidVolume.NotFound: The volume 'vol-1' does not exist"],
    [
      { AvailabilityZones: [{ ZoneName: 'eu-west-1a', State: 'unavailable' }] },
      'InternalError: An internal error has occurred',
    ],
    [
      { Quotas: [{ QuotaCode: 'SnapshotLimitExceeded', Value: 0 }] },
      'SnapshotLimitExceeded: The request would exceed your limit of 0.',
    ],
    [
      { Quotas: [{ QuotaCode: 'PendingSnapshotLimitExceeded', Value: 0 }] },
      'PendingSnapshotLimitExceeded: The request would exceed your limit of 0.',
    ],
  ])('is refused (%#)', (collections, expected) => {
    const { snap } = snapshotWorld({ Volumes: [{ VolumeId: 'vol-1' }], ...collections });
    expect(refusal(() => snap())).toBe(expected);
  });

  it('goes on when the volume is deleted, and waits while its zone is dark', () => {
    const { snap, pass, change, snapshotStates, call } = snapshotWorld({
      Volumes: [{ VolumeId: 'vol-1' }, { VolumeId: 'vol-2' }],
    });
    snap();
    snap('vol-2');
    call('DeleteVolume', { VolumeId: 'vol-2' });
    change('ec2/AvailabilityZones/eu-west-1a/State', 'unavailable');
    pass(600);
    expect(snapshotStates()).toEqual(['pending 99%', 'pending 99%']);
    change('ec2/AvailabilityZones/eu-west-1a/State', 'available');
    pass(31);
    expect(snapshotStates()).toEqual(['completed 100%', 'completed 100%']);
  });

  it('completed before its zone went dark is usable in another', () => {
    const { change, call } = snapshotWorld({
      Volumes: [{ VolumeId: 'vol-1' }],
      Snapshots: [{ SnapshotId: 'snap-1', VolumeId: 'vol-1' }],
    });
    change('ec2/AvailabilityZones/eu-west-1a/State', 'unavailable');
    expect(call('CreateVolume', { SnapshotId: 'snap-1', AvailabilityZone: 'eu-west-1b' })).toMatchObject({
      State: 'creating',
    });
  });
});

describe('DescribeSnapshots', () => {
  const Snapshots = [
    {
      SnapshotId: 'snap-1',
      VolumeId: 'vol-1',
      StartTime: '2026-11-21T08:00:00.000Z',
      Tags: [{ Key: 'set', Value: 'a' }],
    },
    { SnapshotId: 'snap-2', VolumeId: 'vol-2', State: 'error' },
    { SnapshotId: 'snap-3', OwnerId: '999988887777' },
    { SnapshotId: 'snap-4' },
    { SnapshotId: 'snap-5' },
    { SnapshotId: 'snap-6', State: 'pending', Progress: '37%' },
  ];
  const ids = (answer: SnapshotAnswer): unknown[] => answer.Snapshots?.map((snapshot) => snapshot.SnapshotId) ?? [];

  it.each([
    ['tag:set', 'a', ['snap-1']],
    ['tag-key', 'set', ['snap-1']],
    ['status', 'error', ['snap-2']],
    ['volume-id', 'vol-2', ['snap-2']],
    ['start-time', '2026-11-21*', ['snap-1']],
    ['snapshot-id', 'snap-3', ['snap-3']],
    ['owner-id', '999988887777', ['snap-3']],
  ])('filters by %s', (Name, value, expected) => {
    const { call } = snapshotWorld({ Snapshots });
    expect(ids(call('DescribeSnapshots', { Filters: [{ Name, Values: [value] }] }))).toEqual(expected);
  });

  it('lists those of an owner, of ids, and in pages', () => {
    const { call } = snapshotWorld({ Snapshots });
    expect(ids(call('DescribeSnapshots', { OwnerIds: ['self'] }))).toEqual([
      'snap-1',
      'snap-2',
      'snap-4',
      'snap-5',
      'snap-6',
    ]);
    expect(ids(call('DescribeSnapshots', { OwnerIds: ['999988887777'] }))).toEqual(['snap-3']);
    expect(ids(call('DescribeSnapshots', { SnapshotIds: ['snap-2'] }))).toEqual(['snap-2']);
    const first = call('DescribeSnapshots', { MaxResults: 5 });
    expect(ids(first)).toHaveLength(5);
    expect(ids(call('DescribeSnapshots', { MaxResults: 5, NextToken: first.NextToken }))).toEqual(['snap-6']);
    expect(refusal(() => call('DescribeSnapshots', { SnapshotIds: ['snap-8'] }))).toBe(
      "InvalidSnapshot.NotFound: The snapshot 'snap-8' does not exist",
    );
    expect(refusal(() => call('DescribeSnapshots', { RestorableByUserIds: ['self'] }))).toBe(
      'not simulated: ec2:DescribeSnapshots RestorableByUserIds',
    );
  });

  it('goes on with a pending snapshot of the world file from where it is', () => {
    const { call, pass } = snapshotWorld({ Snapshots });
    const progress = (): unknown => call('DescribeSnapshots', { SnapshotIds: ['snap-6'] }).Snapshots?.[0]?.Progress;
    expect(progress()).toBe('37%');
    pass(9);
    expect(progress()).toBe('47%');
    pass(48);
    expect(progress()).toBe('100%');
  });
});

describe('DeleteSnapshot', () => {
  it('deletes a completed one at once, a pending one when it has ended', () => {
    const { call, snap, pass, snapshotStates } = snapshotWorld({
      Volumes: [{ VolumeId: 'vol-1' }],
      Snapshots: [{ SnapshotId: 'snap-1' }],
    });
    call('DeleteSnapshot', { SnapshotId: 'snap-1' });
    const id = snap();
    call('DeleteSnapshot', { SnapshotId: id });
    pass(45);
    expect(snapshotStates()).toEqual(['pending 50%']);
    pass(46);
    expect(snapshotStates()).toEqual([]);
    expect(refusal(() => call('DeleteSnapshot', { SnapshotId: id }))).toBe(
      `InvalidSnapshot.NotFound: The snapshot '${id}' does not exist`,
    );
  });

  it('is refused of one that an image uses', () => {
    const { call } = snapshotWorld({
      Snapshots: [{ SnapshotId: 'snap-1' }],
      Images: [{ ImageId: 'ami-1', BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: 'snap-1' } }] }],
    });
    expect(refusal(() => call('DeleteSnapshot', { SnapshotId: 'snap-1' }))).toBe(
      'InvalidSnapshot.InUse: The snapshot snap-1 is currently in use by ami-1',
    );
  });
});

describe('tags', () => {
  it('of volumes and snapshots are written like any others', () => {
    const { call, record } = snapshotWorld({
      Volumes: [{ VolumeId: 'vol-1' }],
      Snapshots: [{ SnapshotId: 'snap-1', Tags: [{ Key: 'old', Value: '1' }] }],
    });
    call('CreateTags', { Resources: ['vol-1', 'snap-1'], Tags: [{ Key: 'runbook:run', Value: 'r' }] });
    call('DeleteTags', { Resources: ['snap-1'], Tags: [{ Key: 'old' }] });
    expect([record('Volumes')['Tags'], record('Snapshots')['Tags']]).toEqual([
      [{ Key: 'runbook:run', Value: 'r' }],
      [{ Key: 'runbook:run', Value: 'r' }],
    ]);
  });
});

describe('a scripted change of a snapshot', () => {
  it('lets it fail, complete, or be so far', () => {
    const { change, snap, pass, snapshotStates, events } = snapshotWorld({
      Volumes: [{ VolumeId: 'vol-1' }, { VolumeId: 'vol-2' }],
    });
    const one = snap();
    const two = snap('vol-2');
    change(`ec2/Snapshots/${one}/State`, 'error');
    change(`ec2/Snapshots/${two}/Progress`, '90%');
    expect(snapshotStates()).toEqual(['error 0%', 'pending 90%']);
    pass(10);
    expect(snapshotStates()).toEqual(['error 0%', 'completed 100%']);
    pass(200);
    expect(events.map((event) => event.detail['result'])).toEqual(['failed', 'succeeded']);
  });

  it('makes it slower or faster', () => {
    const { change, snap, pass, snapshotStates } = snapshotWorld({ Volumes: [{ VolumeId: 'vol-1' }] });
    const id = snap();
    pass(60);
    change(`ec2/Snapshots/${id}/SnapshotSeconds`, 600);
    expect(snapshotStates()).toEqual(['pending 10%']);
    pass(539);
    expect(snapshotStates()).toEqual(['pending 99%']);
    pass(2);
    expect(snapshotStates()).toEqual(['completed 100%']);
  });

  it('adds one or takes it away', () => {
    const { change, record, world, pass } = snapshotWorld({ Volumes: [{ VolumeId: 'vol-1' }] });
    change('ec2/Snapshots/snap-9', { VolumeId: 'vol-1', State: 'pending' });
    expect(record('Snapshots')).toMatchObject({ SnapshotId: 'snap-9', State: 'pending', Lineage: 'vol-1' });
    pass(91);
    expect(record('Snapshots')).toMatchObject({ State: 'completed' });
    expect(change('ec2/Snapshots/snap-9', null)).toBe(false);
    expect(contentOf(world, 'snap-9')?.missing).toEqual([]);
  });

  it.each([
    ['State', 'pending', 'ec2/Snapshots/snap-1/State: pending is not completed or error'],
    ['Progress', '50%', 'ec2/Snapshots/snap-1/Progress: snap-1 is completed: only a pending snapshot makes progress'],
  ])('of %s to %s is refused of a completed one', (member, value, expected) => {
    const { change } = snapshotWorld({ Snapshots: [{ SnapshotId: 'snap-1' }] });
    expect(() => change(`ec2/Snapshots/snap-1/${member}`, value)).toThrow(expected);
  });

  it('of a progress that is no percentage is refused', () => {
    const { change, snap } = snapshotWorld({ Volumes: [{ VolumeId: 'vol-1' }] });
    const id = snap();
    expect(() => change(`ec2/Snapshots/${id}/Progress`, 'half')).toThrow('half is not a percentage such as 37%');
    expect(() => change(`ec2/Snapshots/${id}/SnapshotSeconds`, 0)).toThrow('0 is not a number of seconds');
  });
});
