/** What others may do to the account between a look of carry-volumes and its call. */

import type { Shape, World } from '../../simulator/engine/model.ts';
import { find, list, part, records, text } from '../../simulator/services/ec2/state.ts';
import { HOOK_OF_THE_DEAD, instanceBecomes, instanceIn, type About, type Meddling } from '../world-moves.ts';

const ATTACH = ['ec2:AttachVolume'];
const DETACH = ['ec2:DetachVolume'];
const COPY = ['ec2:CreateSnapshot', 'ec2:CreateSnapshots'];
const HOOK = ['autoscaling:CompleteLifecycleAction', 'autoscaling:RecordLifecycleActionHeartbeat'];
// Who ends an instance before its volumes are marked to outlive it (ModifyInstanceAttribute) takes them along: nobody can keep them.
const OTHERS = ['ec2:StopInstances', 'ssm:SendCommand'];

function volumeOf(input: Shape, world: World): Shape | undefined {
  return find(world, 'Volumes', text(input, 'VolumeId'));
}

function attachmentsOf(volume: Shape | undefined): string {
  return `ec2/Volumes/${text(volume, 'VolumeId') ?? ''}/Attachments`;
}

const holder: About = (input, world) => text(list(volumeOf(input, world), 'Attachments')[0], 'InstanceId');

/** The instance whose volumes a snapshot is taken of. */
const copied: About = (input, world) =>
  text(part(input, 'InstanceSpecification'), 'InstanceId') ?? holder(input, world);

/** Somebody takes a volume that is free, and attaches it to a machine of their own. */
function taken(name: string, before: readonly string[]): Meddling {
  return {
    name,
    before,
    happens: (input, world) => {
      const volume = volumeOf(input, world);
      const isFree = volume?.['State'] === 'available';
      const other = records(world, 'Instances').find(
        (instance) => text(instance, 'InstanceId') !== text(input, 'InstanceId') && isBeside(instance, volume),
      );
      if (!isFree || other === undefined) return undefined;
      return { [attachmentsOf(volume)]: [{ InstanceId: text(other, 'InstanceId'), Device: '/dev/sdz' }] };
    },
  };
}

/** A running instance in the zone of a volume. */
function isBeside(instance: Shape, volume: Shape | undefined): boolean {
  const zone = text(part(instance, 'Placement'), 'AvailabilityZone');
  return part(instance, 'State')['Name'] === 'running' && zone === text(volume, 'AvailabilityZone');
}

/** Somebody detaches by hand what is about to be detached. */
const detachedByHand: Meddling = {
  name: 'detached-by-hand',
  before: DETACH,
  happens: (input, world) => {
    const volume = volumeOf(input, world);
    return list(volume, 'Attachments').length === 0 ? undefined : { [attachmentsOf(volume)]: [] };
  },
};

/** Somebody deletes the snapshot that a volume is about to be made of, or that is about to be deleted. */
const snapshotDeleted: Meddling = {
  name: 'snapshot-deleted',
  before: ['ec2:CreateVolume', 'ec2:DeleteSnapshot'],
  happens: (input, world) => {
    const id = text(input, 'SnapshotId') ?? '';
    return find(world, 'Snapshots', id) === undefined ? undefined : { [`ec2/Snapshots/${id}`]: null };
  },
};

const someInstance: About = (input, world) =>
  instanceIn('InstanceIds')(input, world) ?? instanceIn('InstanceId')(input, world);

/** What may happen before which call of carry-volumes. */
export const WORLD_MOVES: readonly Meddling[] = [
  instanceBecomes('target-terminated', 'terminated', ATTACH, instanceIn('InstanceId'), HOOK_OF_THE_DEAD),
  taken('volume-taken', ATTACH),
  taken('volume-wanted', ['ec2:DeleteVolume']),
  detachedByHand,
  instanceBecomes('holder-terminated', 'terminated', DETACH, holder, HOOK_OF_THE_DEAD),
  instanceBecomes('copied-terminated', 'terminated', COPY, copied, HOOK_OF_THE_DEAD),
  snapshotDeleted,
  instanceBecomes('hooked-terminated', 'terminated', HOOK, instanceIn('InstanceId'), HOOK_OF_THE_DEAD),
  instanceBecomes('terminated-by-hand', 'terminated', OTHERS, someInstance, HOOK_OF_THE_DEAD),
];
