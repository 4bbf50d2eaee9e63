/** What EC2 refuses of volumes and snapshots because of where, or whose, they are. */

import { describe, expect, it } from 'vitest';
import { launchInstance } from '../../../../simulator/services/ec2/instances.ts';
import { attachmentWorld, snapshotWorld, volumeWorld } from './ebs-world.ts';
import { ec2World, refusal } from './ec2-world.ts';

const OUTPOST = 'arn:aws:outposts:eu-west-1:111122223333:outpost/op-1';
const TASK = 'arn:aws:ecs:eu-west-1:111122223333:task/prod/1';

describe('an Outpost', () => {
  it('has volumes of its own, made there of snapshots in the Region', () => {
    const { create, volume } = volumeWorld({ Snapshots: [{ SnapshotId: 'snap-1', VolumeSize: 10 }] });
    const id = create({ SnapshotId: 'snap-1', VolumeType: 'gp2', OutpostArn: OUTPOST });
    expect(volume(id)).toMatchObject({ OutpostArn: OUTPOST, SnapshotId: 'snap-1' });
  });

  it('keeps its own snapshots to itself', () => {
    const kept = { SnapshotId: 'snap-1', VolumeSize: 10, OutpostArn: OUTPOST };
    const { create } = volumeWorld({ Snapshots: [kept] });
    expect(refusal(() => create({ SnapshotId: 'snap-1' }))).toBe(
      `InvalidParameterValue: Snapshot 'snap-1' is stored on ${OUTPOST}`,
    );
    expect(create({ SnapshotId: 'snap-1', VolumeType: 'gp2', OutpostArn: OUTPOST })).not.toBe('');
  });

  it('is not known to have volumes of another type than gp2', () => {
    const { create } = volumeWorld();
    expect(() => create({ VolumeType: 'gp3', OutpostArn: OUTPOST })).toThrow(
      'not simulated: ec2:CreateVolume of type gp3 on an Outpost',
    );
  });

  it('is a border that no attachment crosses, in either direction', () => {
    for (const [ofVolume, ofInstance] of [
      [{ OutpostArn: OUTPOST }, {}],
      [{}, { OutpostArn: OUTPOST }],
    ]) {
      const { call } = attachmentWorld({
        Instances: [{ InstanceId: 'i-1', ...ofInstance }],
        Volumes: [{ VolumeId: 'vol-1', ...ofVolume }],
      });
      expect(refusal(() => call('AttachVolume', { VolumeId: 'vol-1', InstanceId: 'i-1', Device: '/dev/sdf' }))).toBe(
        "InvalidVolume.ZoneMismatch: The volume 'vol-1' is not on the same Outpost as instance 'i-1'",
      );
    }
  });

  it('is where a subnet of its own puts whoever is launched there, with the root volume', () => {
    const subnet = { SubnetId: 'subnet-1', AvailabilityZone: 'eu-west-1a', VpcId: 'vpc-1', OutpostArn: OUTPOST };
    const { world } = ec2World({ Subnets: [{ ...subnet, CidrBlock: '10.0.0.0/24' }] });
    launchInstance(world, { availabilityZone: 'eu-west-1a', subnetId: 'subnet-1', tags: [] });
    expect(world.records('ec2', 'Instances')).toMatchObject([{ OutpostArn: OUTPOST }]);
    expect(world.records('ec2', 'Volumes')).toMatchObject([{ OutpostArn: OUTPOST }]);
  });

  it('is where an attached volume is whose instance is there, and the other way around', () => {
    const attached = { VolumeId: 'vol-1', Attachments: [{ InstanceId: 'i-1', Device: '/dev/sdf' }] };
    const first = attachmentWorld({ Instances: [{ InstanceId: 'i-1', OutpostArn: OUTPOST }], Volumes: [attached] });
    expect(first.volume()).toMatchObject({ OutpostArn: OUTPOST });
    const second = attachmentWorld({
      Instances: [{ InstanceId: 'i-1' }],
      Volumes: [{ ...attached, OutpostArn: OUTPOST }],
    });
    expect(second.world.records('ec2', 'Instances')).toMatchObject([{ OutpostArn: OUTPOST }]);
    expect(() =>
      attachmentWorld({
        Instances: [{ InstanceId: 'i-1', OutpostArn: `${OUTPOST}2` }],
        Volumes: [{ ...attached, OutpostArn: OUTPOST }],
      }),
    ).toThrow('ec2.Volumes[0].OutpostArn');
  });
});

describe('the archive tier', () => {
  it('holds completed snapshots of which no volume can be made', () => {
    const archived = { SnapshotId: 'snap-1', VolumeSize: 10, StorageTier: 'archive' };
    const { create, world } = volumeWorld({ Snapshots: [archived] });
    expect(refusal(() => create({ SnapshotId: 'snap-1' }))).toBe(
      "IncorrectState: Snapshot 'snap-1' is in the archive tier",
    );
    expect(world.records('ec2', 'Volumes')).toEqual([]);
  });

  it('is shown as the tier of a snapshot that says nothing of it as the standard one', () => {
    const { call } = snapshotWorld({ Snapshots: [{ SnapshotId: 'snap-1' }] });
    expect(call('DescribeSnapshots')).toMatchObject({ Snapshots: [{ StorageTier: 'standard' }] });
  });
});

describe('a volume that a service of AWS holds', () => {
  const managed = {
    VolumeId: 'vol-1',
    State: 'in-use',
    Attachments: [{ State: 'attached', AssociatedResource: TASK, InstanceOwningService: 'ecs.amazonaws.com' }],
  };

  it('is shown as it is, and neither detached nor attached nor deleted by anybody else', () => {
    const { call, volume } = attachmentWorld({ Instances: [{ InstanceId: 'i-1' }], Volumes: [managed] });
    const notAllowed = "OperationNotPermitted: The volume 'vol-1' is managed by a service";
    expect(refusal(() => call('DetachVolume', { VolumeId: 'vol-1' }))).toBe(notAllowed);
    expect(refusal(() => call('AttachVolume', { VolumeId: 'vol-1', InstanceId: 'i-1', Device: '/dev/sdf' }))).toBe(
      notAllowed,
    );
    expect(refusal(() => call('DeleteVolume', { VolumeId: 'vol-1' }))).toBe(
      `VolumeInUse: Volume vol-1 is currently attached to ${TASK}`,
    );
    expect(volume()).toMatchObject({ Attachments: [{ AssociatedResource: TASK, State: 'attached' }] });
  });
});

describe('names of devices', () => {
  it('are compared as they are spelt: a guest may know them as one', () => {
    const { call } = attachmentWorld({
      Instances: [{ InstanceId: 'i-1' }],
      Volumes: [
        { VolumeId: 'vol-1', Attachments: [{ InstanceId: 'i-1', Device: '/dev/xvdf' }] },
        { VolumeId: 'vol-2' },
        { VolumeId: 'vol-3' },
      ],
    });
    call('AttachVolume', { VolumeId: 'vol-2', InstanceId: 'i-1', Device: '/dev/sdf' });
    expect(refusal(() => call('AttachVolume', { VolumeId: 'vol-3', InstanceId: 'i-1', Device: '/dev/sdf' }))).toMatch(
      /^InvalidParameterValue: .*already in use$/u,
    );
  });
});
