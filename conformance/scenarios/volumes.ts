/** Volumes and what they are attached to. */

import {
  AttachVolumeCommand,
  CreateVolumeCommand,
  DeleteVolumeCommand,
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  DetachVolumeCommand,
  ModifyInstanceAttributeCommand,
} from '@aws-sdk/client-ec2';
import type { Place, Scenario, Seed } from '../scenario.ts';

const SEED: Seed = {
  instances: { web: { zone: 'a' }, other: { zone: 'a' }, far: { zone: 'b' } },
  volumes: {
    data: {
      zone: 'a',
      tags: { 'runbook:volumes': 'shop', 'runbook:device': '/dev/sdf' },
      on: { instance: 'web', device: '/dev/sdf' },
    },
    free: { zone: 'a' },
  },
};

/** Waits until a volume has a state; an id that never was counts as gone. */
export async function awaitVolume({ ec2, until }: Place, what: string, id: string, state: string): Promise<void> {
  await until(`${what} is ${state}`, async () => {
    const answer = await ec2(new DescribeVolumesCommand({ VolumeIds: [id] }));
    return (answer?.Volumes?.[0]?.State ?? 'deleted') === state;
  });
}

async function awaitAttached({ ec2, id, until }: Place, name: string): Promise<void> {
  await until(`${name} is attached`, async () => {
    const answer = await ec2(new DescribeVolumesCommand({ VolumeIds: [id(name)] }));
    return answer?.Volumes?.[0]?.Attachments?.[0]?.State === 'attached';
  });
}

const ofUs = { Filters: [{ Name: 'tag-key', Values: ['runbook:volumes'] }] };

export const volumeScenarios: readonly Scenario[] = [
  {
    name: 'a volume is detached from one instance and attached to another',
    seed: SEED,
    play: async (place) => {
      const { ec2, id } = place;
      await ec2(new DescribeVolumesCommand({ VolumeIds: [id('data')] }));
      await ec2(new DetachVolumeCommand({ VolumeId: id('data'), InstanceId: id('web') }));
      await awaitVolume(place, 'data', id('data'), 'available');
      await ec2(new DescribeVolumesCommand({ VolumeIds: [id('data')] }));
      await ec2(new AttachVolumeCommand({ VolumeId: id('data'), InstanceId: id('other'), Device: '/dev/sdf' }));
      await awaitAttached(place, 'data');
      await ec2(new DescribeVolumesCommand({ VolumeIds: [id('data')] }));
    },
  },
  {
    name: 'an attached volume shows among the block devices of its instance, deleted with it only when told so',
    seed: SEED,
    play: async ({ ec2, id, fact }) => {
      const shown = async (): Promise<boolean | undefined> => {
        const answer = await ec2(new DescribeInstancesCommand({ InstanceIds: [id('web')] }));
        return answer?.Reservations?.[0]?.Instances?.[0]?.BlockDeviceMappings?.find(
          ({ DeviceName }) => DeviceName === '/dev/sdf',
        )?.Ebs?.DeleteOnTermination;
      };
      fact('a data volume is deleted with its instance at first', await shown());
      await ec2(
        new ModifyInstanceAttributeCommand({
          InstanceId: id('web'),
          BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { DeleteOnTermination: true } }],
        }),
      );
      fact('a data volume is deleted with its instance when told so', await shown());
      await ec2(new DescribeVolumesCommand({ VolumeIds: [id('data')] }));
    },
  },
  {
    name: 'a volume is created with its tags, and deleted',
    seed: { instances: { web: { zone: 'a' } } },
    play: async (place) => {
      const { ec2 } = place;
      const TagSpecifications = [
        { ResourceType: 'volume' as const, Tags: [{ Key: 'runbook:volumes', Value: 'shop' }] },
      ];
      const made = await ec2(
        new CreateVolumeCommand({
          AvailabilityZone: 'eu-west-1a',
          Size: 10,
          VolumeType: 'gp3',
          Iops: 4_000,
          Throughput: 250,
          TagSpecifications,
          ClientToken: 'one',
        }),
      );
      const id = made?.VolumeId ?? '';
      await awaitVolume(place, 'the new volume', id, 'available');
      await ec2(new DescribeVolumesCommand(ofUs));
      await ec2(new DeleteVolumeCommand({ VolumeId: id }));
      await awaitVolume(place, 'the new volume', id, 'deleted');
      await ec2(new DescribeVolumesCommand({ VolumeIds: [id] }));
      await ec2(new DescribeVolumesCommand(ofUs));
      await ec2(new DeleteVolumeCommand({ VolumeId: id }));
    },
  },
  {
    name: 'a client token makes one volume of two requests, and refuses another request',
    seed: { instances: { web: { zone: 'a' } } },
    play: async ({ ec2, fact }) => {
      const request = { AvailabilityZone: 'eu-west-1a', Size: 10, VolumeType: 'gp3' as const, ClientToken: 'same' };
      const first = await ec2(new CreateVolumeCommand(request));
      const second = await ec2(new CreateVolumeCommand(request));
      fact('a repeat with the same client token answers with the same volume', first?.VolumeId === second?.VolumeId);
      await ec2(new CreateVolumeCommand({ ...request, Size: 11 }));
    },
  },
  {
    name: 'requests about volumes that cannot be',
    seed: SEED,
    play: async ({ ec2, id }) => {
      const none = 'vol-0ffffffffffffffff';
      await ec2(new DescribeVolumesCommand({ VolumeIds: [none] }));
      await ec2(new DeleteVolumeCommand({ VolumeId: none }));
      await ec2(new DeleteVolumeCommand({ VolumeId: id('data') }));
      await ec2(new AttachVolumeCommand({ VolumeId: none, InstanceId: id('web'), Device: '/dev/sdg' }));
      await ec2(
        new AttachVolumeCommand({ VolumeId: id('free'), InstanceId: 'i-0ffffffffffffffff', Device: '/dev/sdg' }),
      );
      await ec2(new AttachVolumeCommand({ VolumeId: id('data'), InstanceId: id('other'), Device: '/dev/sdg' }));
      await ec2(new AttachVolumeCommand({ VolumeId: id('free'), InstanceId: id('far'), Device: '/dev/sdg' }));
      await ec2(new AttachVolumeCommand({ VolumeId: id('free'), InstanceId: id('web'), Device: '/dev/sdf' }));
      await ec2(new DetachVolumeCommand({ VolumeId: none }));
      await ec2(new DetachVolumeCommand({ VolumeId: id('free') }));
      await ec2(new DetachVolumeCommand({ VolumeId: id('data'), InstanceId: id('other') }));
      await ec2(
        new CreateVolumeCommand({ AvailabilityZone: 'eu-west-1z', Size: 1, VolumeType: 'gp3', ClientToken: 'zone' }),
      );
      await ec2(new CreateVolumeCommand({ AvailabilityZone: 'eu-west-1a', VolumeType: 'gp3', ClientToken: 'size' }));
      await ec2(
        new CreateVolumeCommand({
          AvailabilityZone: 'eu-west-1a',
          SnapshotId: 'snap-0ffffffffffffffff',
          VolumeType: 'gp3',
          ClientToken: 'snapshot',
        }),
      );
      await ec2(
        new ModifyInstanceAttributeCommand({
          InstanceId: 'i-0ffffffffffffffff',
          BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { DeleteOnTermination: true } }],
        }),
      );
    },
  },
  {
    name: 'volumes are found by tags, state and instance',
    seed: SEED,
    play: async ({ ec2, id }) => {
      await ec2(new DescribeVolumesCommand(ofUs));
      await ec2(
        new DescribeVolumesCommand({
          Filters: [
            { Name: 'tag:runbook:volumes', Values: ['shop'] },
            { Name: 'status', Values: ['in-use'] },
          ],
        }),
      );
      await ec2(
        new DescribeVolumesCommand({
          Filters: [
            { Name: 'attachment.instance-id', Values: [id('web')] },
            { Name: 'attachment.device', Values: ['/dev/sdf'] },
          ],
        }),
      );
      await ec2(new DescribeVolumesCommand({ Filters: [{ Name: 'tag:runbook:volumes', Values: ['none'] }] }));
    },
  },
];
