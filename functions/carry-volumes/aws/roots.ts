/**
 * Root volumes that carry the set's tag: a launch template that tags every volume of an instance tags that one too. They hold a system,
 * not the set's data, and end with their instance: they are left out before anything is judged, and named.
 */

import type { Instance, Snapshot, Volume } from '@aws-sdk/client-ec2';
import { diskName } from '../../../shared/judgement/device-names.ts';
import { isAtRootName } from '../../../shared/aws/ec2/volume-sets.ts';
import type { Facts } from '../decide.ts';
import type { Round } from './round.ts';

/** What belongs to the set, and in words what was left out. */
export interface Rootless {
  readonly round: Round;
  readonly roots: Facts['roots'];
}

/** Leaves out the root volumes, and the snapshots that were taken of them. */
export function withoutRoots(round: Round): Rootless {
  const attached = round.volumes.filter((volume) => isAtRootName(volume) || isRootOf(volume, round.instances));
  // Of whatever was made for an instance with the same image nothing else shows any more once it is on nobody.
  const images = new Set(attached.flatMap(({ SnapshotId }) => (SnapshotId === '' ? [] : (SnapshotId ?? []))));
  const isLeftOver = ({ Attachments, SnapshotId }: Volume): boolean =>
    (Attachments ?? []).length === 0 && images.has(SnapshotId ?? '');

  const roots = round.volumes.filter((volume) => attached.includes(volume) || isLeftOver(volume));
  const ids = new Set(roots.map(({ VolumeId }) => VolumeId));
  const isOfRoot = (snapshot: Snapshot): boolean =>
    ids.has(snapshot.VolumeId) || (snapshot.Tags !== undefined && isAtRootName({ Tags: snapshot.Tags }));
  return {
    round: {
      ...round,
      volumes: round.volumes.filter((volume) => !roots.includes(volume)),
      snapshots: round.snapshots.filter((snapshot) => !isOfRoot(snapshot)),
    },
    roots: roots.map((volume) => ({ id: volume.VolumeId ?? '', said: described(volume), lives: livesOn(volume) })),
  };
}

function isRootOf({ VolumeId, Attachments }: Volume, instances: readonly Instance[]): boolean {
  return instances.some(({ InstanceId, RootDeviceName, BlockDeviceMappings }) => {
    if (RootDeviceName === undefined) return false;
    const isRootName = (name: string | undefined): boolean => diskName(name ?? '') === diskName(RootDeviceName);
    const isMapped = (BlockDeviceMappings ?? []).some(
      ({ DeviceName, Ebs }) => DeviceName === RootDeviceName && Ebs?.VolumeId === VolumeId,
    );
    const isAttached = (Attachments ?? []).some((each) => each.InstanceId === InstanceId && isRootName(each.Device));
    return isMapped || isAttached;
  });
}

/** It will be on nobody one day, or is already, and no tag says yet what it was. */
function livesOn({ Attachments, Tags }: Volume): boolean {
  const isToEnd = (Attachments ?? []).some(({ DeleteOnTermination }) => DeleteOnTermination !== false);
  return !isToEnd && !isAtRootName({ Tags: Tags ?? [] });
}

function described({ VolumeId, Attachments }: Volume): string {
  const holder = Attachments?.[0]?.InstanceId;
  const whose = holder === undefined ? 'was the root of an instance' : `is the root of ${holder}`;
  return `${VolumeId ?? 'a volume'} ${whose}, and is not carried`;
}
