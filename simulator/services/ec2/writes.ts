/**
 * The writers, and what is on a volume.
 *
 * Every attached data volume of a running instance has a writer that goes on acknowledging writes until the volume leaves
 * it or the instance stops. One such period is a record of `ec2.Writes`, open while it lasts: nothing ticks, the moment
 * says how far it has come. A volume and its descendants (by snapshot) are one lineage; what a snapshot holds of each
 * period is fixed when it is taken, and a volume made from it begins with exactly that. So what is missing from a volume
 * is known to the millisecond, however many times the lineage forked. While its file system is frozen a volume is not written.
 */

import type { Shape, World } from '../../engine/model.ts';
import { strings } from './filters.ts';
import { find, list, records, show, text } from './state.ts';

/** A stretch of acknowledged writes, milliseconds since the epoch. */
interface Stretch {
  readonly volumeId: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What is on a volume or in a snapshot. */
export interface Content {
  /** The first volume of the lineage; `undefined`: nothing was ever written, it is empty. */
  readonly lineage: string | undefined;
  /** It, or the volume it descends from, was made without a snapshot while the simulation ran. */
  readonly beganEmpty: boolean;
  /** The last acknowledged write that it holds. */
  readonly writtenUntilMs: number | undefined;
  /** Writes acknowledged anywhere in the lineage that it does not hold. */
  readonly missing: readonly Stretch[];
}

function timeOf(record: Shape, member: string): number | undefined {
  const value = text(record, member);
  return value === undefined ? undefined : Date.parse(value);
}

function writesOf(world: World, volumeId: string): Shape[] {
  return records(world, 'Writes').filter((write) => write['VolumeId'] === volumeId);
}

function acknowledgedUntil(world: World, write: Shape): number {
  return timeOf(write, 'Until') ?? world.clock.now();
}

/** Whether the volume carries data: it is not the root device of the instance it is attached to. */
export function isDataVolume(world: World, volume: Shape): boolean {
  return list(volume, 'Attachments').every((attachment) => {
    const instance = find(world, 'Instances', text(attachment, 'InstanceId'));
    return instance === undefined || instance['RootDeviceName'] !== attachment['Device'];
  });
}

/** Whether the file system on a volume is frozen by the host that it is attached to. */
export function isFrozen(world: World, volume: Shape): boolean {
  const frozen = find(world, 'FrozenFileSystems', text(list(volume, 'Attachments')[0], 'InstanceId'));
  return frozen !== undefined && strings(frozen, 'VolumeIds').includes(show(volume['VolumeId']));
}

/** Notes a period of writing that began at `from` (ISO); still open without `until`. */
export function noteWrite(world: World, volume: Shape, instanceId: string, from: string, until?: string): void {
  const volumeId = show(volume['VolumeId']);
  volume['Lineage'] ??= volumeId;
  const count = writesOf(world, volumeId).length + 1;
  records(world, 'Writes').push({
    WriteId: `${volumeId}.${count}`,
    Lineage: volume['Lineage'],
    VolumeId: volumeId,
    InstanceId: instanceId,
    From: from,
    ...(until === undefined ? {} : { Until: until }),
  });
}

/** The instance runs with the volume attached: its writer begins. Nothing for a root volume, a frozen one, or one that is being written. */
export function beginWriting(world: World, volume: Shape, instanceId: string): void {
  if (!isDataVolume(world, volume) || isFrozen(world, volume)) return;
  if (writesOf(world, show(volume['VolumeId'])).some((write) => write['Until'] === undefined)) return;
  noteWrite(world, volume, instanceId, world.clock.iso());
}

/** The volume left, or the instance stopped: no write is acknowledged any more. */
export function endWriting(world: World, volumeId: string): void {
  for (const write of writesOf(world, volumeId)) write['Until'] ??= world.clock.iso();
}

/** How much of each period is on a volume at this moment, as a snapshot keeps it. */
function holdsOf(world: World, volume: Shape): Shape[] {
  const own = writesOf(world, show(volume['VolumeId'])).map((write) => ({
    WriteId: write['WriteId'],
    Until: text(write, 'Until') ?? world.clock.iso(),
  }));
  return [...list(volume, 'Holds').map((held) => ({ ...held })), ...own];
}

function lineageMembers(source: Shape): Shape {
  return {
    ...(source['Lineage'] === undefined ? {} : { Lineage: source['Lineage'] }),
    ...(source['BeganEmpty'] === true ? { BeganEmpty: true } : {}),
  };
}

/** The members of a snapshot that say what is in it, taken of this volume at this moment. */
export function contentForSnapshot(world: World, volume: Shape): Shape {
  return {
    ...lineageMembers(volume),
    Holds: holdsOf(world, volume),
    ...(isFrozen(world, volume) ? { Frozen: true } : {}),
  };
}

/** The members of a volume that say what it begins with, made from this snapshot or from none. */
export function contentForVolume(snapshot: Shape | undefined): Shape {
  if (snapshot === undefined) return { BeganEmpty: true };
  return { ...lineageMembers(snapshot), Holds: list(snapshot, 'Holds').map((held) => ({ ...held })) };
}

/**
 * What is on a volume or in a snapshot.
 * @param id `vol-…` or `snap-…`; `undefined` is returned if there is none such
 */
export function contentOf(world: World, id: string): Content | undefined {
  const volume = find(world, 'Volumes', id);
  const record = volume ?? find(world, 'Snapshots', id);
  if (record === undefined) return undefined;
  const lineage = text(record, 'Lineage');
  const held = new Map(
    (volume === undefined ? list(record, 'Holds') : holdsOf(world, volume)).map((hold) => [
      hold['WriteId'],
      timeOf(hold, 'Until') ?? 0,
    ]),
  );
  const missing: Stretch[] = [];
  for (const write of lineage === undefined ? [] : records(world, 'Writes')) {
    if (write['Lineage'] !== lineage) continue;
    const fromMs = held.get(write['WriteId']) ?? timeOf(write, 'From') ?? 0;
    const untilMs = acknowledgedUntil(world, write);
    if (untilMs > fromMs) missing.push({ volumeId: show(write['VolumeId']), fromMs, untilMs });
  }
  return {
    lineage,
    beganEmpty: record['BeganEmpty'] === true,
    writtenUntilMs: held.size === 0 ? undefined : Math.max(...held.values()),
    missing,
  };
}

/** The last write acknowledged anywhere in the lineage of a volume or snapshot, milliseconds since the epoch; `undefined` if none ever was. */
export function lastAcknowledgedWrite(world: World, id: string): number | undefined {
  const record = find(world, 'Volumes', id) ?? find(world, 'Snapshots', id);
  const lineage = text(record, 'Lineage');
  const times =
    lineage === undefined
      ? []
      : records(world, 'Writes')
          .filter((write) => write['Lineage'] === lineage)
          .map((write) => acknowledgedUntil(world, write));
  return times.length === 0 ? undefined : Math.max(...times);
}

/** Whether somebody writes to the volume at this moment. */
export function isBeingWritten(world: World, volumeId: string): boolean {
  return writesOf(world, volumeId).some((write) => write['Until'] === undefined);
}

/** Volumes attached to an instance, whatever the state of the attachment. */
export function volumesOn(world: World, instanceId: string): Shape[] {
  return records(world, 'Volumes').filter((volume) =>
    list(volume, 'Attachments').some((attachment) => attachment['InstanceId'] === instanceId),
  );
}

/** The instance began to run: a writer for each data volume that is attached to it. */
export function beginWriters(world: World, instanceId: string): void {
  for (const volume of volumesOn(world, instanceId)) {
    if (list(volume, 'Attachments')[0]?.['State'] !== 'attaching') beginWriting(world, volume, instanceId);
  }
}

/** The instance stopped: its writers end. */
export function endWriters(world: World, instanceId: string): void {
  for (const volume of volumesOn(world, instanceId)) endWriting(world, show(volume['VolumeId']));
}
