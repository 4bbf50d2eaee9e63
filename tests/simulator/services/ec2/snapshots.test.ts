import { describe, expect, it } from 'vitest';
import { contentOf } from '../../../../simulator/services/ec2/writes.ts';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { ec2World, refusal } from './ec2-world.ts';

interface Answer {
  readonly SnapshotId?: string;
  readonly Snapshots?: readonly {
    readonly SnapshotId?: string;
    readonly VolumeId?: string;
    readonly State?: string;
    readonly Progress?: string;
    readonly Tags?: Shape[];
  }[];
  readonly NextToken?: string;
}

/** As an instance and as an attachment to it: only its id. */
const instance = { InstanceId: 'i-1' };
const root = { VolumeId: 'vol-root', Attachments: [{ ...instance, Device: '/dev/xvda' }] };
const data = (id: string, more: Shape = {}): Shape => ({ VolumeId: id, Attachments: [instance], ...more });
const of = (more: Shape = {}): Shape => ({ InstanceSpecification: { InstanceId: 'i-1', ...more } });

function begin(collections: { [collection: string]: Shape[] }) {
  // A world file is JSON: no record occurs in two places.
  const file: { [collection: string]: Shape[] } = JSON.parse(JSON.stringify(collections));
  const tools = ec2World(file);
  const call = (operation: string, input: Shape = {}): Answer => tools.call(operation, input);
  const snap = (id = 'vol-1'): string => call('CreateSnapshot', { VolumeId: id }).SnapshotId ?? '';
  const states = (): unknown[] =>
    call('DescribeSnapshots').Snapshots?.map(({ State, Progress }) => `${State} ${Progress}`) ?? [];
  return { ...tools, call, snap, snapshotStates: states };
}

describe('CreateSnapshot', () => {
  it('answers pending, makes progress on the clock, and completes after 90 seconds', () => {
    const { call, pass, snapshotStates, record } = begin({ Volumes: [{ VolumeId: 'vol-1', Size: 30 }] });
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
    const { snap, pass, events } = begin({ Volumes: [{ VolumeId: 'vol-1' }] });
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
    const { snap, pass, snapshotStates, call, world } = begin({
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
    const { snap, pass, snapshotStates, events } = begin({ Volumes: [{ VolumeId: 'vol-1', SnapshotsFail: true }] });
    snap();
    pass(91);
    expect(snapshotStates()).toEqual(['error 99%']);
    expect(events[0]?.detail).toMatchObject({ result: 'failed' });
  });

  it('of one volume is refused within 15 seconds, and of the sixth at once pending', () => {
    const { snap, pass, call } = begin({
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
    const { snap, pass } = begin({ Volumes: [{ VolumeId: 'vol-1', VolumeType, Size: 500 }] });
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
    const { snap } = begin({ Volumes: [{ VolumeId: 'vol-1' }], ...collections });
    expect(refusal(() => snap())).toBe(expected);
  });

  it('goes on when the volume is deleted, and waits while its zone is dark', () => {
    const { snap, pass, change, snapshotStates, call } = begin({
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
    const { change, call } = begin({
      Volumes: [{ VolumeId: 'vol-1' }],
      Snapshots: [{ SnapshotId: 'snap-1', VolumeId: 'vol-1' }],
    });
    change('ec2/AvailabilityZones/eu-west-1a/State', 'unavailable');
    expect(call('CreateVolume', { SnapshotId: 'snap-1', AvailabilityZone: 'eu-west-1b' })).toMatchObject({
      State: 'creating',
    });
  });
});

describe('CreateSnapshots', () => {
  const world = {
    Instances: [instance],
    Volumes: [
      root,
      data('vol-1', {
        Tags: [
          { Key: 'set', Value: 'a' },
          { Key: 'aws:x', Value: 'y' },
        ],
      }),
      data('vol-2'),
    ],
  };

  it('snapshots all volumes of the instance at one moment', () => {
    const { call, pass, world: simulated } = begin(world);
    pass(10);
    const made = call('CreateSnapshots', { ...of(), Description: 'set' });
    expect(made.Snapshots).toMatchObject([
      {
        VolumeId: 'vol-root',
        State: 'pending',
        Progress: '',
        StartTime: new Date('2026-11-22T08:00:10Z'),
        Description: 'set',
        OwnerId: '111122223333',
        VolumeSize: 8,
      },
      { VolumeId: 'vol-1', State: 'pending' },
      { VolumeId: 'vol-2', State: 'pending' },
    ]);
    pass(5);
    const untils = made.Snapshots?.slice(1).map(
      ({ SnapshotId = '' }) => contentOf(simulated, SnapshotId)?.writtenUntilMs,
    );
    expect(untils).toEqual([Date.parse('2026-11-22T08:00:10Z'), Date.parse('2026-11-22T08:00:10Z')]);
  });

  it('leaves out the root volume and the data volumes it is told to', () => {
    const { call } = begin(world);
    const made = call('CreateSnapshots', of({ ExcludeBootVolume: true, ExcludeDataVolumeIds: ['vol-2'] }));
    expect(made.Snapshots?.map((snapshot) => snapshot.VolumeId)).toEqual(['vol-1']);
  });

  it('tags each, and copies the tags of the volume but the reserved', () => {
    const { call } = begin(world);
    const made = call('CreateSnapshots', {
      ...of({ ExcludeBootVolume: true }),
      CopyTagsFromSource: 'volume',
      TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'run', Value: 'r' }] }],
    });
    expect(made.Snapshots?.map((snapshot) => snapshot.Tags)).toEqual([
      [
        { Key: 'set', Value: 'a' },
        { Key: 'run', Value: 'r' },
      ],
      [{ Key: 'run', Value: 'r' }],
    ]);
  });

  it('called again makes a second set', () => {
    const { call, pass } = begin(world);
    call('CreateSnapshots', of({ ExcludeBootVolume: true }));
    pass(15);
    call('CreateSnapshots', of({ ExcludeBootVolume: true }));
    expect(call('DescribeSnapshots').Snapshots).toHaveLength(4);
  });

  it('says when the set has ended, and of each snapshot too', () => {
    const { call, pass, events } = begin({
      ...world,
      Volumes: [data('vol-1'), data('vol-2', { SnapshotSeconds: 200 })],
    });
    const [one = '', two = ''] =
      call('CreateSnapshots', of()).Snapshots?.map(({ SnapshotId = '' }) => SnapshotId) ?? [];
    pass(199);
    expect(events.map((event) => event['detail-type'])).toEqual(['EBS Snapshot Notification']);
    pass(2);
    expect(events.slice(1)).toMatchObject([
      { 'detail-type': 'EBS Snapshot Notification' },
      {
        'detail-type': 'EBS Multi-Volume Snapshots Completion Status',
        resources: [`arn:aws:ec2::eu-west-1:snapshot/${one}`, `arn:aws:ec2::eu-west-1:snapshot/${two}`],
        detail: {
          event: 'createSnapshots',
          result: 'succeeded',
          cause: '',
          startTime: '2026-11-22T08:00:00Z',
          endTime: '2026-11-22T08:03:20Z',
          snapshots: [
            {
              snapshot_id: `arn:aws:ec2::eu-west-1:snapshot/${one}`,
              source: 'arn:aws:ec2::eu-west-1:volume/vol-1',
              status: 'completed',
            },
            {
              snapshot_id: `arn:aws:ec2::eu-west-1:snapshot/${two}`,
              source: 'arn:aws:ec2::eu-west-1:volume/vol-2',
              status: 'completed',
            },
          ],
        },
      },
    ]);
  });

  it('fails as a whole when one fails', () => {
    const { call, pass, events, snapshotStates } = begin({
      ...world,
      Volumes: [data('vol-1', { SnapshotSeconds: 200 }), data('vol-2', { SnapshotsFail: true })],
    });
    const [, two = ''] = call('CreateSnapshots', of()).Snapshots?.map(({ SnapshotId = '' }) => SnapshotId) ?? [];
    pass(300);
    expect(snapshotStates()).toEqual(['error 45%', 'error 99%']);
    expect(events.at(-1)?.detail).toMatchObject({
      event: 'createSnapshots',
      result: 'failed',
      snapshots: [{ status: 'error' }, { status: 'error' }],
    });
    expect(events.at(-1)?.detail['cause']).toMatch(/^Snapshot snap-\w+ is in status error$/);
    expect(events.filter((event) => event.resources.includes(`arn:aws:ec2::eu-west-1:snapshot/${two}`))).toHaveLength(
      2,
    );
  });

  it.each([
    [
      world,
      of({ ExcludeDataVolumeIds: ['vol-root'] }),
      'InvalidParameterValue: Volume vol-root is the root volume; use ExcludeBootVolume to exclude it',
    ],
    [
      world,
      of({ ExcludeDataVolumeIds: ['vol-9'] }),
      'InvalidParameterValue: Volume vol-9 is not attached to instance i-1',
    ],
    [{ Instances: [instance] }, of(), 'InvalidParameterValue: There are no volumes to create snapshots of'],
    [{}, of(), "InvalidInstanceID.NotFound: The instance ID 'i-1' does not exist"],
    [
      { Instances: [{ ...instance, State: { Name: 'terminated' } }] },
      of(),
      "IncorrectInstanceState: The instance 'i-1' is not in a state from which snapshots can be created.",
    ],
    [world, { ...of(), Location: 'local' }, 'not simulated: ec2:CreateSnapshots Location'],
    [
      { ...world, Quotas: [{ QuotaCode: 'PendingSnapshotLimitExceeded', Value: 2 }] },
      of(),
      'PendingSnapshotLimitExceeded: The request would exceed your limit of 2.',
    ],
  ])('is refused (%#)', (collections, input, expected) => {
    const { call, world: simulated } = begin(collections);
    expect(refusal(() => call('CreateSnapshots', input))).toBe(expected);
    expect(simulated.records('ec2', 'Snapshots')).toEqual([]);
  });

  it('of more than 40 volumes is refused', () => {
    const mappings = [...Array(41).keys()].map((index) => ({
      DeviceName: `/dev/x${index}`,
      Ebs: { VolumeId: `vol-${index}` },
    }));
    const { call } = begin({ Instances: [{ ...instance, BlockDeviceMappings: mappings }] });
    expect(refusal(() => call('CreateSnapshots', of()))).toBe(
      'InvalidParameterValue: A set has at most 40 volumes, not 41',
    );
  });

  it('takes none of a set when one volume may not be snapshotted', () => {
    const { call, snap } = begin(world);
    snap('vol-2');
    expect(refusal(() => call('CreateSnapshots', of()))).toMatch(/^SnapshotCreationPerVolumeRateExceeded/);
    expect(call('DescribeSnapshots').Snapshots).toHaveLength(1);
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
  const ids = (answer: Answer): unknown[] => answer.Snapshots?.map((snapshot) => snapshot.SnapshotId) ?? [];

  it.each([
    ['tag:set', 'a', ['snap-1']],
    ['tag-key', 'set', ['snap-1']],
    ['status', 'error', ['snap-2']],
    ['volume-id', 'vol-2', ['snap-2']],
    ['start-time', '2026-11-21*', ['snap-1']],
    ['snapshot-id', 'snap-3', ['snap-3']],
    ['owner-id', '999988887777', ['snap-3']],
  ])('filters by %s', (Name, value, expected) => {
    const { call } = begin({ Snapshots });
    expect(ids(call('DescribeSnapshots', { Filters: [{ Name, Values: [value] }] }))).toEqual(expected);
  });

  it('lists those of an owner, of ids, and in pages', () => {
    const { call } = begin({ Snapshots });
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
    const { call, pass } = begin({ Snapshots });
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
    const { call, snap, pass, snapshotStates } = begin({
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
    const { call } = begin({
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
    const { call, record } = begin({
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
    const { change, snap, pass, snapshotStates, events } = begin({
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
    const { change, snap, pass, snapshotStates } = begin({ Volumes: [{ VolumeId: 'vol-1' }] });
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
    const { change, record, world, pass } = begin({ Volumes: [{ VolumeId: 'vol-1' }] });
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
    const { change } = begin({ Snapshots: [{ SnapshotId: 'snap-1' }] });
    expect(() => change(`ec2/Snapshots/snap-1/${member}`, value)).toThrow(expected);
  });

  it('of a progress that is no percentage is refused', () => {
    const { change, snap } = begin({ Volumes: [{ VolumeId: 'vol-1' }] });
    const id = snap();
    expect(() => change(`ec2/Snapshots/${id}/Progress`, 'half')).toThrow('half is not a percentage such as 37%');
    expect(() => change(`ec2/Snapshots/${id}/SnapshotSeconds`, 0)).toThrow('0 is not a number of seconds');
  });
});
