/** Snapshots, and volumes made from them. */

import {
  CreateSnapshotCommand,
  CreateSnapshotsCommand,
  CreateVolumeCommand,
  DeleteSnapshotCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
} from '@aws-sdk/client-ec2';
import type { Place, Scenario, Seed } from '../scenario.ts';
import { awaitVolume } from './volumes.ts';

const SEED: Seed = {
  instances: { web: { zone: 'a' } },
  volumes: {
    data: {
      zone: 'a',
      tags: { 'runbook:volumes': 'shop', 'runbook:device': '/dev/sdf' },
      on: { instance: 'web', device: '/dev/sdf' },
    },
    logs: {
      zone: 'a',
      tags: { 'runbook:volumes': 'shop', 'runbook:device': '/dev/sdg' },
      on: { instance: 'web', device: '/dev/sdg' },
    },
  },
};

const tagged = [{ ResourceType: 'snapshot' as const, Tags: [{ Key: 'runbook:run', Value: 'r-1' }] }];

async function awaitSnapshot({ ec2, until }: Place, id: string): Promise<void> {
  await until('the snapshot is completed', async () => {
    const answer = await ec2(new DescribeSnapshotsCommand({ SnapshotIds: [id] }));
    return answer?.Snapshots?.[0]?.State === 'completed';
  });
}

export const snapshotScenarios: readonly Scenario[] = [
  {
    name: 'a snapshot is made of a volume, a volume of it in another zone, and the snapshot deleted',
    seed: SEED,
    play: async (place) => {
      const { ec2, id } = place;
      const made = await ec2(
        new CreateSnapshotCommand({ VolumeId: id('data'), Description: 'carried', TagSpecifications: tagged }),
      );
      const snapshot = made?.SnapshotId ?? '';
      await awaitSnapshot(place, snapshot);
      await ec2(new DescribeSnapshotsCommand({ SnapshotIds: [snapshot] }));
      const volume = await ec2(
        new CreateVolumeCommand({
          AvailabilityZone: 'eu-west-1b',
          SnapshotId: snapshot,
          VolumeType: 'gp3',
          ClientToken: 'carried',
        }),
      );
      await awaitVolume(place, 'the new volume', volume?.VolumeId ?? '', 'available');
      await ec2(new DescribeVolumesCommand({ VolumeIds: [volume?.VolumeId ?? ''] }));
      await ec2(new DeleteSnapshotCommand({ SnapshotId: snapshot }));
      await ec2(new DescribeSnapshotsCommand({ SnapshotIds: [snapshot] }));
      await ec2(new DeleteSnapshotCommand({ SnapshotId: snapshot }));
    },
  },
  {
    name: 'the data volumes of an instance are snapshotted together',
    seed: SEED,
    play: async (place) => {
      const { ec2, id, fact } = place;
      const made = await ec2(
        new CreateSnapshotsCommand({
          InstanceSpecification: { InstanceId: id('web'), ExcludeBootVolume: true },
          CopyTagsFromSource: 'volume',
          TagSpecifications: tagged,
        }),
      );
      const ids = (made?.Snapshots ?? []).flatMap(({ SnapshotId }) => (SnapshotId === undefined ? [] : [SnapshotId]));
      fact('snapshots of a set', ids.length);
      for (const snapshot of ids) await awaitSnapshot(place, snapshot);
      await ec2(new DescribeSnapshotsCommand({ Filters: [{ Name: 'tag:runbook:run', Values: ['r-1'] }] }));
      await ec2(
        new DescribeSnapshotsCommand({ OwnerIds: ['self'], Filters: [{ Name: 'volume-id', Values: [id('data')] }] }),
      );
      await ec2(new DescribeSnapshotsCommand({ Filters: [{ Name: 'tag:runbook:run', Values: ['r-2'] }] }));
    },
  },
  {
    name: 'one data volume is left out of a set of snapshots',
    seed: SEED,
    play: async ({ ec2, id }) => {
      const InstanceSpecification = {
        InstanceId: id('web'),
        ExcludeBootVolume: true,
        ExcludeDataVolumeIds: [id('logs')],
      };
      await ec2(new CreateSnapshotsCommand({ InstanceSpecification, TagSpecifications: tagged }));
    },
  },
  {
    name: 'requests about snapshots that cannot be',
    seed: SEED,
    play: async ({ ec2 }) => {
      await ec2(new CreateSnapshotCommand({ VolumeId: 'vol-0ffffffffffffffff' }));
      await ec2(new CreateSnapshotsCommand({ InstanceSpecification: { InstanceId: 'i-0ffffffffffffffff' } }));
      await ec2(new DescribeSnapshotsCommand({ SnapshotIds: ['snap-0ffffffffffffffff'] }));
      await ec2(new DeleteSnapshotCommand({ SnapshotId: 'snap-0ffffffffffffffff' }));
    },
  },
];
