import { describe, expect, it } from 'vitest';
import { contentOf } from '../../../../simulator/services/ec2/writes.ts';
import { worldSchema } from '../../../../simulator/world/world-file.ts';
import { volumeWorld, instance } from './ebs-world.ts';

describe('a world file', () => {
  const at = (time: string): number => Date.parse(`2026-11-22T${time}Z`);

  it('needs of a volume no more than its id and its instance', () => {
    const { record } = volumeWorld({
      Instances: [{ InstanceId: 'i-1', Placement: { AvailabilityZone: 'eu-west-1b' } }],
      Volumes: [
        { VolumeId: 'vol-1', Attachments: [instance] },
        { VolumeId: 'vol-2', Attachments: [instance] },
      ],
    });
    expect(record('Volumes')).toMatchObject({
      AvailabilityZone: 'eu-west-1b',
      State: 'in-use',
      Size: 8,
      VolumeType: 'gp3',
      Encrypted: false,
      Attachments: [{ VolumeId: 'vol-1', Device: '/dev/sdf', State: 'attached', DeleteOnTermination: false }],
    });
    expect(record('Instances')['BlockDeviceMappings']).toMatchObject([
      { DeviceName: '/dev/sdf', Ebs: { VolumeId: 'vol-1', Status: 'attached' } },
      { DeviceName: '/dev/sdg', Ebs: { VolumeId: 'vol-2' } },
    ]);
  });

  it('may say on either side how a volume is attached', () => {
    const { record } = volumeWorld({
      Instances: [
        {
          InstanceId: 'i-1',
          BlockDeviceMappings: [{ DeviceName: '/dev/sdh', Ebs: { VolumeId: 'vol-1', DeleteOnTermination: true } }],
        },
      ],
      Volumes: [{ VolumeId: 'vol-1', Size: 50 }],
    });
    expect(record('Volumes')).toMatchObject({
      Size: 50,
      State: 'in-use',
      Attachments: [{ InstanceId: 'i-1', Device: '/dev/sdh', DeleteOnTermination: true, State: 'attached' }],
    });
  });

  it.each([
    [
      { Volumes: [{ VolumeId: 'vol-1', AvailabilityZone: 'eu-west-1b', Attachments: [instance] }] },
      'ec2.Volumes[0].AvailabilityZone: is eu-west-1b, but i-1 is in eu-west-1a',
    ],
    [
      { Volumes: [{ VolumeId: 'vol-1', Attachments: [instance, { InstanceId: 'i-2' }] }] },
      'ec2.Volumes[0].Attachments: a volume with several attachments (multi-attach) is not simulated',
    ],
    [
      { Volumes: [{ VolumeId: 'vol-1', State: 'in-use' }] },
      'ec2.Volumes[0].State: is in-use: say by which instance, in Attachments',
    ],
    [
      { Volumes: [{ VolumeId: 'vol-1', State: 'available', Attachments: [instance] }] },
      'ec2.Volumes[0].State: is available, but the volume is attached',
    ],
    [
      {
        Volumes: [
          { VolumeId: 'vol-1', Attachments: [{ ...instance, Device: '/dev/sdf' }] },
          { VolumeId: 'vol-2', Attachments: [{ ...instance, Device: '/dev/sdf' }] },
        ],
      },
      'ec2.Volumes[1].Attachments[0].Device: /dev/sdf of i-1 is vol-1 already',
    ],
    [
      {
        Instances: [
          { InstanceId: 'i-1', BlockDeviceMappings: [{ DeviceName: '/dev/sdh', Ebs: { VolumeId: 'vol-1' } }] },
        ],
        Volumes: [{ VolumeId: 'vol-1', Attachments: [{ ...instance, Device: '/dev/sdf' }] }],
      },
      'ec2.Volumes[0].Attachments[0].Device: is /dev/sdf, but the block device of i-1 shows /dev/sdh',
    ],
    [
      {
        Instances: [
          { InstanceId: 'i-1', BlockDeviceMappings: [{ DeviceName: '/dev/sdh', Ebs: { VolumeId: 'vol-1' } }] },
          { InstanceId: 'i-2' },
        ],
        Volumes: [{ VolumeId: 'vol-1', Attachments: [{ InstanceId: 'i-2' }] }],
      },
      'ec2.Volumes[0].Attachments[0].InstanceId: is i-2, but a block device of i-1 shows the volume',
    ],
  ])('that contradicts itself is an error with its path (%#)', (collections, message) => {
    expect(() => volumeWorld({ Instances: [instance], ...collections })).toThrow(message);
  });

  it('with an old snapshot tells what has been written since', () => {
    const { world } = volumeWorld({
      Instances: [instance],
      Volumes: [{ VolumeId: 'vol-1', Attachments: [instance] }],
      Snapshots: [{ SnapshotId: 'snap-1', VolumeId: 'vol-1', StartTime: '2026-11-22T02:00:00.000Z' }],
    });
    expect(contentOf(world, 'snap-1')).toEqual({
      lineage: 'vol-1',
      beganEmpty: false,
      writtenUntilMs: at('02:00:00'),
      missing: [{ volumeId: 'vol-1', fromMs: at('02:00:00'), untilMs: at('08:00:00') }],
    });
  });

  it('knows a volume made from a snapshot as of its lineage, and a lost volume by its snapshots', () => {
    const { world } = volumeWorld({
      Instances: [instance],
      Volumes: [
        {
          VolumeId: 'vol-2',
          SnapshotId: 'snap-1',
          Attachments: [{ ...instance, AttachTime: '2026-11-22T05:00:00.000Z' }],
        },
      ],
      Snapshots: [
        { SnapshotId: 'snap-1', VolumeId: 'vol-1', StartTime: '2026-11-22T02:00:00.000Z' },
        { SnapshotId: 'snap-2', VolumeId: 'vol-1', StartTime: '2026-11-22T03:00:00.000Z' },
      ],
    });
    expect(contentOf(world, 'vol-2')).toMatchObject({
      lineage: 'vol-1',
      writtenUntilMs: at('08:00:00'),
      missing: [{ volumeId: 'vol-1', fromMs: at('02:00:00'), untilMs: at('03:00:00') }],
    });
    expect(contentOf(world, 'snap-2')).toMatchObject({
      lineage: 'vol-1',
      missing: [{ volumeId: 'vol-2', fromMs: at('05:00:00') }],
    });
  });

  it('that a run left behind begins where the run ended', () => {
    const first = volumeWorld({
      Instances: [instance],
      Volumes: [{ VolumeId: 'vol-1', SnapshotSeconds: 300, Attachments: [instance] }],
      Images: [{ ImageId: 'ami-1' }],
      Quotas: [{ QuotaCode: 'SnapshotLimitExceeded', Value: 9 }],
    });
    first.call('CreateSnapshot', { VolumeId: 'vol-1' });
    first.create({ ClientToken: 'a' });
    const left = first.world.data['ec2'] ?? {};
    const file = {
      now: '2026-11-22T08:00:00Z',
      account: '111122223333',
      region: 'eu-west-1',
      ec2: left,
      kms: { Keys: [{ KeyId: 'k-1', KeyState: 'Disabled' }] },
    };
    expect(worldSchema.safeParse(structuredClone(file)).error?.issues).toBeUndefined();
    const second = volumeWorld(left);
    second.pass(301);
    expect(second.record('Snapshots')).toMatchObject({ State: 'completed', Progress: '100%' });
    expect(second.record('Volumes', 1)).toMatchObject({ State: 'available' });
    expect(contentOf(second.world, 'vol-1')?.missing).toEqual([]);
    expect(second.world.records('ec2', 'Writes')).toHaveLength(1);
  });
});
