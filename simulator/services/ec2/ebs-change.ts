/** Scripted changes of volumes and snapshots, with the consequences of the call or fault they stand for. */

import { BadInputError } from '../../../shared/kernel/errors.ts';
import { attachmentOf, link, resumeDetaching, setAttachment, setDeleteOnTermination, unlink } from './attachments.ts';
import { completeSnapshot, completeVolume, resumePending, resumeVolume, seedOne } from './ebs-start.ts';
import { cancelLater } from './ebs-state.ts';
import { endSnapshot, setProgress } from './snapshots.ts';
import { demandOne, find, isShape, records, show, text } from './state.ts';
import { beginWriting } from './writes.ts';
import type { Shape, World } from '../../engine/model.ts';

/** A volume appears by somebody's hand, or (`null`) vanishes. */
function changeWholeVolume(world: World, id: string, value: unknown, at: string): boolean {
  const known = find(world, 'Volumes', id);
  if (value === null) {
    const volume = known ?? demandOne(world, 'Volumes', id);
    unlink(world, volume);
    cancelLater(world, `volume:${id}`);
    // The script's own deletion of the record follows.
    return false;
  }
  if (!isShape(value)) throw new BadInputError(at, 'a whole volume must be an object, or null to delete it');
  if (known !== undefined) throw new BadInputError(at, `${id} is there already: set its members`);
  const volume: Shape = { ...value, VolumeId: id };
  records(world, 'Volumes').push(volume);
  completeVolume(world, volume, at);
  seedOne(world, volume);
  resumeVolume(world, volume);
  return true;
}

function changeVolumeState(world: World, volume: Shape, value: unknown, at: string): void {
  if (value === 'available') {
    unlink(world, volume);
    cancelLater(world, `volume:${show(volume['VolumeId'])}`);
  } else if (value !== 'error') {
    throw new BadInputError(
      at,
      `${show(value)}: a script makes a volume available or error; set Attachments for in-use, the record to null to delete it`,
    );
  } else {
    cancelLater(world, `volume:${show(volume['VolumeId'])}`);
  }
  volume['State'] = value;
}

/** `Attachments`: `[{ InstanceId, Device }]` puts the volume there, an empty list takes it off, as if by somebody's hand. */
function changeAttachments(world: World, volume: Shape, value: unknown, at: string): void {
  const wanted: unknown = Array.isArray(value) ? value[0] : value;
  if (wanted !== undefined && wanted !== null && !isShape(wanted))
    throw new BadInputError(at, 'must be a list of at most one attachment');
  const instance = isShape(wanted) ? find(world, 'Instances', text(wanted, 'InstanceId')) : undefined;
  const device = isShape(wanted) ? text(wanted, 'Device') : undefined;
  if (isShape(wanted) && (instance === undefined || device === undefined))
    throw new BadInputError(at, 'an attachment names an InstanceId of the world and a Device');
  unlink(world, volume);
  if (instance === undefined || device === undefined || !isShape(wanted)) return;
  link(world, volume, instance, {
    device,
    state: 'attached',
    deleteOnTermination: wanted['DeleteOnTermination'] === true,
  });
}

function changeAttachmentState(world: World, volume: Shape, value: unknown, at: string): void {
  const attachment = attachmentOf(volume);
  if (attachment === undefined) throw new BadInputError(at, `${show(volume['VolumeId'])} is not attached`);
  if (value === 'detached') unlink(world, volume);
  else if (value === 'attached' || value === 'busy' || value === 'attaching' || value === 'detaching') {
    // It stays so until a call or another change: that is what `attaching` and `busy` are scripted for.
    cancelLater(world, `attachment:${show(volume['VolumeId'])}`);
    setAttachment(world, volume, value);
    if (value === 'detaching') resumeDetaching(world, volume);
    if (value === 'attached') beginWriting(world, volume, show(attachment['InstanceId']));
  } else throw new BadInputError(at, `${show(value)} is not attaching, attached, detaching, detached or busy`);
}

/** `ec2/Volumes/vol-1/…`; see `changeEc2`. */
export function changeVolume(world: World, id: string, path: readonly string[], value: unknown): boolean {
  const at = ['ec2/Volumes', id, ...path].join('/');
  if (path.length === 0) return changeWholeVolume(world, id, value, at);
  const [member, position, inner] = path;
  if (member !== 'State' && member !== 'Attachments') return false;
  const volume = demandOne(world, 'Volumes', id);
  if (member === 'State') changeVolumeState(world, volume, value, at);
  else if (position === undefined) changeAttachments(world, volume, value, at);
  else if (inner === 'State') changeAttachmentState(world, volume, value, at);
  else if (inner === 'DeleteOnTermination' && typeof value === 'boolean') setDeleteOnTermination(world, volume, value);
  else throw new BadInputError(at, 'set Attachments, Attachments/0/State or Attachments/0/DeleteOnTermination');
  return true;
}

function changeWholeSnapshot(world: World, id: string, value: unknown, at: string): boolean {
  const known = find(world, 'Snapshots', id);
  if (value === null) {
    cancelLater(world, `snapshot:${id}`);
    return false;
  }
  if (!isShape(value)) throw new BadInputError(at, 'a whole snapshot must be an object, or null to delete it');
  if (known !== undefined) throw new BadInputError(at, `${id} is there already: set its members`);
  const snapshot: Shape = { ...value, SnapshotId: id };
  records(world, 'Snapshots').push(snapshot);
  completeSnapshot(world, snapshot);
  seedOne(world, snapshot);
  resumePending(world, snapshot);
  return true;
}

/** `ec2/Snapshots/snap-1/…`; see `changeEc2`. */
export function changeSnapshot(world: World, id: string, path: readonly string[], value: unknown): boolean {
  const at = ['ec2/Snapshots', id, ...path].join('/');
  if (path.length === 0) return changeWholeSnapshot(world, id, value, at);
  const [member] = path;
  if (member !== 'State' && member !== 'Progress' && member !== 'SnapshotSeconds') return false;
  const snapshot = demandOne(world, 'Snapshots', id);
  if (member === 'State') {
    if (value !== 'completed' && value !== 'error')
      throw new BadInputError(at, `${show(value)} is not completed or error`);
    if (snapshot['State'] !== value) endSnapshot(world, snapshot, value);
    return true;
  }
  if (snapshot['State'] !== 'pending')
    throw new BadInputError(at, `${id} is ${show(snapshot['State'])}: only a pending snapshot makes progress`);
  if (member === 'Progress') {
    const percent = /^(\d{1,3})%$/.exec(show(value))?.[1];
    if (percent === undefined || Number(percent) > 100)
      throw new BadInputError(at, `${show(value)} is not a percentage such as 37%`);
    setProgress(world, snapshot, Number(percent) / 100);
    return true;
  }
  if (typeof value !== 'number' || value <= 0) throw new BadInputError(at, `${show(value)} is not a number of seconds`);
  const elapsedSeconds = (world.clock.now() - Date.parse(show(snapshot['StartTime']))) / 1000;
  snapshot['SnapshotSeconds'] = value;
  setProgress(world, snapshot, Math.min(1, elapsedSeconds / value));
  return true;
}
