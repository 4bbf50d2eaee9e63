/** EC2 worlds for the tests of volumes, their attachments, and snapshots, with what those tests ask most. */

import type { Shape } from '../../../../simulator/engine/model.ts';
import { list, part, show } from '../../../../simulator/services/ec2/state.ts';
import { ec2World, type Ec2World } from './ec2-world.ts';

/** As an instance and as an attachment to it: only its id. */
export const instance = { InstanceId: 'i-1' };

/** A world file is JSON: no record occurs in two places. */
function apart(collections: { [collection: string]: Shape[] }): Ec2World {
  const file: { [collection: string]: Shape[] } = JSON.parse(JSON.stringify(collections));
  return ec2World(file);
}

/** For volumes, and the keys that encrypt them. */
export function volumeWorld(collections: { [collection: string]: Shape[] } = {}, keys: Shape[] = []) {
  const tools = apart(collections);
  tools.world.records('kms', 'Keys').push(...keys);
  const create = (input: Shape = {}): string => {
    const made: { VolumeId?: string } = tools.call('CreateVolume', {
      AvailabilityZone: 'eu-west-1a',
      Size: 10,
      ...input,
    });
    return made.VolumeId ?? '';
  };
  const volume = (id: string): Shape | undefined =>
    tools.world.records('ec2', 'Volumes').find((record) => record['VolumeId'] === id);
  const notices = (): string[] =>
    tools.events
      .filter((event) => event['detail-type'] === 'EBS Volume Notification')
      .map(({ detail }) =>
        ['event', 'result', 'cause']
          .map((member) => show(detail[member]))
          .join(' ')
          .trim(),
      );
  return { ...tools, create, volume, notices };
}

/** For a volume and the instance it is on. */
export function attachmentWorld(collections: { [collection: string]: Shape[] }) {
  const tools = apart(collections);
  const volume = (id = 'vol-1'): Shape | undefined =>
    tools.world.records('ec2', 'Volumes').find((record) => record['VolumeId'] === id);
  /** State of the volume, of its attachment, and of the block device of the instance. */
  const states = (id = 'vol-1'): unknown[] => {
    const devices = tools.world
      .records('ec2', 'Instances')
      .flatMap((holder) => list(holder, 'BlockDeviceMappings'))
      .map((mapping) => part(mapping, 'Ebs'));
    return [
      volume(id)?.['State'],
      list(volume(id), 'Attachments')[0]?.['State'],
      devices.find((device) => device['VolumeId'] === id)?.['Status'],
    ];
  };
  return { ...tools, volume, volumeStates: states };
}

/** What the calls about snapshots answer. */
export interface SnapshotAnswer {
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

/** For snapshots. */
export function snapshotWorld(collections: { [collection: string]: Shape[] }) {
  const tools = apart(collections);
  const call = (operation: string, input: Shape = {}): SnapshotAnswer => tools.call(operation, input);
  const snap = (id = 'vol-1'): string => call('CreateSnapshot', { VolumeId: id }).SnapshotId ?? '';
  const states = (): unknown[] =>
    call('DescribeSnapshots').Snapshots?.map(({ State, Progress }) => `${State} ${Progress}`) ?? [];
  return { ...tools, call, snap, snapshotStates: states };
}
