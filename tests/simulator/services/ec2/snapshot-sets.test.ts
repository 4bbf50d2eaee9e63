import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { contentOf } from '../../../../simulator/services/ec2/writes.ts';
import { snapshotWorld, instance } from './ebs-world.ts';
import { refusal } from './ec2-world.ts';

const root = { VolumeId: 'vol-root', Attachments: [{ ...instance, Device: '/dev/xvda' }] };
const data = (id: string, more: Shape = {}): Shape => ({ VolumeId: id, Attachments: [instance], ...more });
const of = (more: Shape = {}): Shape => ({ InstanceSpecification: { InstanceId: 'i-1', ...more } });

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
    const { call, pass, world: simulated } = snapshotWorld(world);
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
    const { call } = snapshotWorld(world);
    const made = call('CreateSnapshots', of({ ExcludeBootVolume: true, ExcludeDataVolumeIds: ['vol-2'] }));
    expect(made.Snapshots?.map((snapshot) => snapshot.VolumeId)).toEqual(['vol-1']);
  });

  it('tags each, and copies the tags of the volume but the reserved', () => {
    const { call } = snapshotWorld(world);
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
    const { call, pass } = snapshotWorld(world);
    call('CreateSnapshots', of({ ExcludeBootVolume: true }));
    pass(15);
    call('CreateSnapshots', of({ ExcludeBootVolume: true }));
    expect(call('DescribeSnapshots').Snapshots).toHaveLength(4);
  });

  it('says when the set has ended, and of each snapshot too', () => {
    const { call, pass, events } = snapshotWorld({
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
    const { call, pass, events, snapshotStates } = snapshotWorld({
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
    const { call, world: simulated } = snapshotWorld(collections);
    expect(refusal(() => call('CreateSnapshots', input))).toBe(expected);
    expect(simulated.records('ec2', 'Snapshots')).toEqual([]);
  });

  it('of more than 40 volumes is refused', () => {
    const mappings = [...Array(41).keys()].map((index) => ({
      DeviceName: `/dev/x${index}`,
      Ebs: { VolumeId: `vol-${index}` },
    }));
    const { call } = snapshotWorld({ Instances: [{ ...instance, BlockDeviceMappings: mappings }] });
    expect(refusal(() => call('CreateSnapshots', of()))).toBe(
      'InvalidParameterValue: A set has at most 40 volumes, not 41',
    );
  });

  it('takes none of a set when one volume may not be snapshotted', () => {
    const { call, snap } = snapshotWorld(world);
    snap('vol-2');
    expect(refusal(() => call('CreateSnapshots', of()))).toMatch(/^SnapshotCreationPerVolumeRateExceeded/);
    expect(call('DescribeSnapshots').Snapshots).toHaveLength(1);
  });
});
