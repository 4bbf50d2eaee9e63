/**
 * File systems frozen on their host, as `fsfreeze` does it: no write to the volumes under them is acknowledged until they
 * are thawed. Whoever freezes them leaves a timer on the host that thaws them without anybody's further doing.
 *
 * The state is a record of `ec2.FrozenFileSystems` for each host that has any, gone when they are thawed.
 */

import { find, list, records, remove, runtimeOf, show, stateOf, text } from './state.ts';
import { beginWriting, endWriting, isDataVolume, isFrozen, volumesOn } from './writes.ts';
import type { Shape, World } from '../../engine/model.ts';

/** States in which a host still writes: as those in which its writers go on. */
const WRITING: ReadonlySet<string> = new Set(['running', 'stopping', 'shutting-down']);

/** Whether any file system of an instance is frozen. */
export function hasFrozen(world: World, instanceId: string): boolean {
  return find(world, 'FrozenFileSystems', instanceId) !== undefined;
}

/** Until the timer of the host thaws its file systems; 0 if none is frozen. */
export function msUntilThaw(world: World, instanceId: string): number {
  const thawsAt = text(find(world, 'FrozenFileSystems', instanceId), 'ThawsAt');
  return thawsAt === undefined ? 0 : Math.max(0, Date.parse(thawsAt) - world.clock.now());
}

function isMounted(world: World, volume: Shape): boolean {
  return isDataVolume(world, volume) && list(volume, 'Attachments')[0]?.['State'] !== 'attaching';
}

/** The timer belongs to the host, so that a zone that is cut off from the world does not stop it. */
function setTimer(world: World, instanceId: string): void {
  const { thaws } = runtimeOf(world);
  thaws.get(instanceId)?.();
  thaws.set(
    instanceId,
    world.clock.after(msUntilThaw(world, instanceId), () => thaw(world, instanceId)),
  );
}

/** Freezes the file systems of all data volumes of an instance. Nothing if they are frozen: the timer runs on as it was set. */
export function freeze(world: World, instanceId: string, thawAfterSeconds: number): void {
  if (hasFrozen(world, instanceId)) return;
  const volumes = volumesOn(world, instanceId).filter((volume) => isMounted(world, volume));
  world.assume(
    'ec2: freezing holds up the writes to all data volumes that are attached to the instance, at one moment',
  );
  records(world, 'FrozenFileSystems').push({
    InstanceId: instanceId,
    VolumeIds: volumes.map((volume) => volume['VolumeId']),
    Since: world.clock.iso(),
    ThawsAt: new Date(world.clock.now() + thawAfterSeconds * 1_000).toISOString(),
  });
  for (const volume of volumes) endWriting(world, show(volume['VolumeId']));
  setTimer(world, instanceId);
}

/** The record and the timer go; nobody writes again by that. */
export function forgetFreeze(world: World, instanceId: string): void {
  const { thaws } = runtimeOf(world);
  thaws.get(instanceId)?.();
  thaws.delete(instanceId);
  const frozen = find(world, 'FrozenFileSystems', instanceId);
  if (frozen !== undefined) remove(world, 'FrozenFileSystems', frozen);
}

/** Thaws the file systems of an instance: what waited to be written is written. Nothing if none is frozen. */
export function thaw(world: World, instanceId: string): void {
  const volumes = volumesOn(world, instanceId).filter((volume) => isFrozen(world, volume));
  forgetFreeze(world, instanceId);
  const instance = find(world, 'Instances', instanceId);
  if (instance === undefined || !WRITING.has(stateOf(instance))) return;
  for (const volume of volumes) beginWriting(world, volume, instanceId);
}

/** Goes on with the file systems that the world file gives as frozen. */
export function resumeFreezes(world: World): void {
  for (const frozen of records(world, 'FrozenFileSystems')) {
    const instanceId = show(frozen['InstanceId']);
    for (const volume of volumesOn(world, instanceId))
      if (isFrozen(world, volume)) endWriting(world, show(volume['VolumeId']));
    setTimer(world, instanceId);
  }
}
