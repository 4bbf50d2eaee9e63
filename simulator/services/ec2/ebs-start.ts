/** Completes the volumes and snapshots of a world file, finds what is written on them, and goes on with what is under way. */

import { BadInputError } from '../../../shared/kernel/errors.ts';
import { resumeAttaching, resumeDetaching, showAttachment } from './attachments.ts';
import { forgetFreeze, resumeFreezes } from './freezing.ts';
import { beginRelease, continueDetaching } from './instance-volumes.ts';
import { resumeSnapshot, setProgress } from './snapshots.ts';
import { hasInstance } from './mentions.ts';
import { find, isShape, list, part, records, remove, show, stamp, stateOf, text, zoneOf } from './state.ts';
import { resumeCreating, resumeDeleting } from './volumes.ts';
import { beginWriters, beginWriting, endWriters, isDataVolume, noteWrite } from './writes.ts';
import { keyArn } from '../kms.ts';
import type { Shape, World } from '../../engine/model.ts';

/** A volume whose file does not say since when has been written for so long when the world begins. */
const WRITTEN_SINCE_MS = 86_400_000;
/** What AWS shows as the source of a snapshot that was copied. Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Snapshot.html (VolumeId). */
const NO_VOLUME = 'vol-ffffffff';
/** Device names recommended for data volumes. Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html */
const DATA_DEVICES = ['f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p'].map((letter) => `/dev/sd${letter}`);

function setDefaults(record: Shape, defaults: Shape): void {
  for (const [member, value] of Object.entries(defaults)) record[member] ??= value;
}

function fault(path: string, message: string): BadInputError {
  return new BadInputError(path, message);
}

/** Attachments that only an instance's block devices show go to the volume, which is made if the file has none. */
function adoptMappings(world: World): void {
  const paths = new Map(records(world, 'Volumes').map((volume, index) => [volume, `ec2.Volumes[${index}]`]));
  for (const instance of records(world, 'Instances')) {
    for (const mapping of list(instance, 'BlockDeviceMappings')) {
      const ebs = part(mapping, 'Ebs');
      const id = text(ebs, 'VolumeId');
      if (id === undefined) continue;
      let volume = find(world, 'Volumes', id);
      if (volume === undefined) {
        volume = { VolumeId: id, AvailabilityZone: zoneOf(instance) };
        records(world, 'Volumes').push(volume);
      }
      adopt(volume, instance, mapping, paths.get(volume));
    }
  }
}

/** `path`: where the file lists the volume. One that it does not list may be on several instances. */
function adopt(volume: Shape, instance: Shape, mapping: Shape, path: string | undefined): void {
  const ebs = part(mapping, 'Ebs');
  const attachments = list(volume, 'Attachments');
  let attachment = attachments.find((candidate) => candidate['InstanceId'] === instance['InstanceId']);
  if (attachment === undefined) {
    const [other] = attachments;
    if (other !== undefined && path !== undefined)
      throw fault(
        `${path}.Attachments[0].InstanceId`,
        `is ${show(other['InstanceId'])}, but a block device of ${show(instance['InstanceId'])} shows the volume`,
      );
    attachment = { InstanceId: instance['InstanceId'] };
    volume['Attachments'] = [...attachments, attachment];
  }
  const shown: Shape = {
    AttachTime: ebs['AttachTime'],
    DeleteOnTermination: ebs['DeleteOnTermination'],
    Device: mapping['DeviceName'],
    State: ebs['Status'],
  };
  for (const member of ['Device', 'DeleteOnTermination']) {
    if (attachment[member] !== undefined && shown[member] !== undefined && attachment[member] !== shown[member]) {
      throw fault(
        `${path ?? `ec2.Volumes of ${show(volume['VolumeId'])}`}.Attachments[0].${member}`,
        `is ${show(attachment[member])}, but the block device of ${show(instance['InstanceId'])} shows ${show(shown[member])}`,
      );
    }
  }
  setDefaults(attachment, shown);
}

function freeDevice(instance: Shape, path: string): string {
  const taken = new Set(list(instance, 'BlockDeviceMappings').map((mapping) => mapping['DeviceName']));
  const device = DATA_DEVICES.find((name) => !taken.has(name));
  if (device === undefined) throw fault(`${path}.Device`, 'say which device: /dev/sdf to /dev/sdp are taken');
  return device;
}

/** Members that name an AWS service, or a resource of one, that holds a volume instead of an instance. */
const HELD_BY_SERVICE = ['AssociatedResource', 'InstanceOwningService'];

/** An attachment to no instance that is known here stays as it is. */
function keepForeign(world: World, volume: Shape, attachment: Shape, where: string): void {
  const isManaged = HELD_BY_SERVICE.some((member) => text(attachment, member) !== undefined);
  const instanceId = text(attachment, 'InstanceId');
  if (!isManaged && instanceId === undefined) throw fault(`${where}.InstanceId`, 'say which instance');
  if (!isManaged) hasInstance(world, instanceId, `${where}.InstanceId`);
  setDefaults(attachment, { VolumeId: volume['VolumeId'], State: 'attached' });
}

/** Both are on one Outpost, or on none; what only one of them says holds for the other. */
function completeOutpost(volume: Shape, holder: Shape, path: string): void {
  const [outpost, there] = [text(volume, 'OutpostArn'), text(holder, 'OutpostArn')];
  if (outpost !== undefined && there !== undefined && outpost !== there)
    throw fault(`${path}.OutpostArn`, `is ${outpost}, but ${show(holder['InstanceId'])} is on ${there}`);
  const both = outpost ?? there;
  if (both === undefined) return;
  volume['OutpostArn'] = both;
  holder['OutpostArn'] = both;
}

function completeAttachment(world: World, volume: Shape, path: string): void {
  const attachments = list(volume, 'Attachments').filter((each) => each['State'] !== 'detached');
  if (attachments.length > 1) {
    const message = 'a volume with several attachments (multi-attach) is not simulated';
    world.gap({ path: `${path}.Attachments`, message });
    return;
  }
  const [attachment] = attachments;
  if (volume['Attachments'] !== undefined) volume['Attachments'] = attachments;
  if (attachment === undefined) return;
  const where = `${path}.Attachments[0]`;
  const holder = find(world, 'Instances', text(attachment, 'InstanceId'));
  if (holder === undefined) {
    keepForeign(world, volume, attachment, where);
    return;
  }
  const zone = text(volume, 'AvailabilityZone') ?? zoneOf(holder);
  if (zone !== zoneOf(holder))
    throw fault(`${path}.AvailabilityZone`, `is ${zone}, but ${show(holder['InstanceId'])} is in ${zoneOf(holder)}`);
  volume['AvailabilityZone'] = zone;
  completeOutpost(volume, holder, path);
  const device = text(attachment, 'Device') ?? freeDevice(holder, where);
  const other = list(holder, 'BlockDeviceMappings').find(
    (mapping) => mapping['DeviceName'] === device && part(mapping, 'Ebs')['VolumeId'] !== volume['VolumeId'],
  );
  if (other !== undefined)
    throw fault(
      `${where}.Device`,
      `${device} of ${show(holder['InstanceId'])} is ${show(part(other, 'Ebs')['VolumeId'])} already`,
    );
  const isRoot = device === holder['RootDeviceName'];
  setDefaults(attachment, {
    Device: device,
    VolumeId: volume['VolumeId'],
    State: 'attached',
    DeleteOnTermination: isRoot,
    AttachTime: holder['LaunchTime'],
  });
  showAttachment(world, attachment);
}

/** Completes one volume of the world file, or one that a script adds. `path` names it in an error. */
export function completeVolume(world: World, volume: Shape, path: string): void {
  completeAttachment(world, volume, path);
  const snapshot = find(world, 'Snapshots', text(volume, 'SnapshotId'));
  if (text(volume, 'KmsKeyId') !== undefined) volume['Encrypted'] ??= true;
  setDefaults(volume, {
    Attachments: [],
    AvailabilityZone: `${world.region}a`,
    CreateTime: stamp(world),
    Encrypted: snapshot?.['Encrypted'] ?? false,
    Size: snapshot?.['VolumeSize'] ?? 8,
    State: list(volume, 'Attachments').length > 0 ? 'in-use' : 'available',
    Tags: [],
    VolumeType: 'gp3',
  });
  if (volume['Encrypted'] === true) volume['KmsKeyId'] ??= snapshot?.['KmsKeyId'] ?? keyArn(world, 'alias/aws/ebs');
  if (volume['VolumeType'] === 'gp3') setDefaults(volume, { Iops: 3_000, Throughput: 125 });
  const isAttached = list(volume, 'Attachments').length > 0;
  const state = show(volume['State']);
  if (isAttached && state !== 'in-use' && state !== 'error')
    throw fault(`${path}.State`, `is ${state}, but the volume is attached`);
  if (!isAttached && state === 'in-use')
    world.gap({ path: `${path}.State`, message: 'is in-use: say by which instance, in Attachments' });
}

/** Completes one snapshot of the world file, or one that a script adds. */
export function completeSnapshot(world: World, snapshot: Shape): void {
  const volume = find(world, 'Volumes', text(snapshot, 'VolumeId'));
  if (text(snapshot, 'KmsKeyId') !== undefined) snapshot['Encrypted'] ??= true;
  setDefaults(snapshot, {
    Description: '',
    Encrypted: volume?.['Encrypted'] ?? false,
    OwnerId: world.account,
    StartTime: stamp(world),
    State: 'completed',
    StorageTier: 'standard',
    Tags: [],
    VolumeId: NO_VOLUME,
    VolumeSize: volume?.['Size'] ?? 8,
  });
  snapshot['Progress'] ??= snapshot['State'] === 'completed' ? '100%' : '0%';
  if (snapshot['Encrypted'] === true) snapshot['KmsKeyId'] ??= volume?.['KmsKeyId'] ?? keyArn(world, 'alias/aws/ebs');
  if (typeof volume?.['SnapshotSeconds'] === 'number') snapshot['SnapshotSeconds'] ??= volume['SnapshotSeconds'];
}

/** Finds, from what the file says of volumes and snapshots, who descends from whom and what each holds. */
class Seeding {
  readonly #world: World;
  readonly #done = new Set<Shape>();

  constructor(world: World) {
    this.#world = world;
  }

  volume(volume: Shape): void {
    if (this.#done.has(volume)) return;
    this.#done.add(volume);
    if (volume['Lineage'] !== undefined || volume['BeganEmpty'] === true || !isDataVolume(this.#world, volume)) return;
    const snapshot = find(this.#world, 'Snapshots', text(volume, 'SnapshotId'));
    if (snapshot !== undefined) {
      this.snapshot(snapshot);
      volume['Lineage'] = snapshot['Lineage'] ?? volume['VolumeId'];
      volume['Holds'] = list(snapshot, 'Holds').map((held) => ({ ...held }));
    }
    if (volume['State'] === 'creating') return;
    this.#writtenBefore(volume);
  }

  /** What was written before the world begins. Of an attached volume of a running instance it goes on. */
  #writtenBefore(volume: Shape): void {
    const world = this.#world;
    const [attachment] = list(volume, 'Attachments');
    const instance = find(world, 'Instances', text(attachment, 'InstanceId'));
    const isWritten =
      instance !== undefined &&
      attachment?.['State'] !== 'attaching' &&
      ['running', 'stopping', 'shutting-down'].includes(stateOf(instance));
    const given = Date.parse(show(attachment?.['AttachTime'] ?? volume['CreateTime']));
    const from = given < world.clock.now() ? given : world.clock.now() - WRITTEN_SINCE_MS;
    noteWrite(
      world,
      volume,
      show(attachment?.['InstanceId']),
      new Date(from).toISOString(),
      isWritten ? undefined : world.clock.iso(),
    );
  }

  snapshot(snapshot: Shape): void {
    if (this.#done.has(snapshot)) return;
    this.#done.add(snapshot);
    if (snapshot['Lineage'] !== undefined) return;
    const world = this.#world;
    const sourceId = text(snapshot, 'VolumeId') ?? NO_VOLUME;
    const takenAt = show(snapshot['StartTime']);
    const source = find(world, 'Volumes', sourceId);
    if (source !== undefined) this.volume(source);
    // A copy has no source; one whose source is gone tells when that was last written at the least.
    const lineage =
      source === undefined ? (sourceId === NO_VOLUME ? snapshot['SnapshotId'] : sourceId) : source['Lineage'];
    if (lineage === undefined) return;
    snapshot['Lineage'] = lineage;
    if (source === undefined) this.#writtenToLost(show(lineage), takenAt);
    const inherited = list(source, 'Holds').map((held) => ({ ...held }));
    const own = records(world, 'Writes').filter(
      (write) =>
        write['VolumeId'] === (source === undefined ? lineage : sourceId) &&
        Date.parse(show(write['From'])) <= Date.parse(takenAt),
    );
    snapshot['Holds'] = [
      ...inherited,
      ...own.map((write) => ({ WriteId: write['WriteId'], Until: earlier(text(write, 'Until'), takenAt) })),
    ];
  }

  /** A volume that only its snapshots remember was written until the newest of them was taken. */
  #writtenToLost(volumeId: string, takenAt: string): void {
    const known = records(this.#world, 'Writes').find((write) => write['VolumeId'] === volumeId);
    const from = new Date(Date.parse(takenAt) - WRITTEN_SINCE_MS).toISOString();
    if (known === undefined) noteWrite(this.#world, { VolumeId: volumeId }, '', from, takenAt);
    else {
      known['From'] = earlier(text(known, 'From'), from);
      if (Date.parse(takenAt) > Date.parse(show(known['Until']))) known['Until'] = takenAt;
    }
  }
}

function earlier(one: string | undefined, other: string): string {
  return one !== undefined && Date.parse(one) < Date.parse(other) ? one : other;
}

function seed(world: World): void {
  // A world that a run left behind knows already.
  const isNew = records(world, 'Writes').length === 0;
  const seeding = new Seeding(world);
  if (isNew) {
    for (const volume of records(world, 'Volumes')) seeding.volume(volume);
    for (const snapshot of records(world, 'Snapshots')) seeding.snapshot(snapshot);
  }
  for (const instance of records(world, 'Instances')) {
    if (['running', 'stopping', 'shutting-down'].includes(stateOf(instance)))
      beginWriters(world, show(instance['InstanceId']));
  }
}

/** The members that say what a volume or snapshot added by a script holds. */
export function seedOne(world: World, record: Shape): void {
  const seeding = new Seeding(world);
  if (record['SnapshotId'] !== undefined && record['VolumeType'] === undefined) seeding.snapshot(record);
  else seeding.volume(record);
}

function resumeAttachment(world: World, volume: Shape): void {
  const [attachment] = list(volume, 'Attachments');
  const instance = find(world, 'Instances', text(attachment, 'InstanceId'));
  if (attachment === undefined || instance === undefined) return;
  if (attachment['State'] === 'attaching') resumeAttaching(world, volume);
  else if (attachment['State'] === 'detaching') resumeDetaching(world, volume);
  if (attachment['State'] === 'attached') beginWritingIfRunning(world, volume, instance);
}

function beginWritingIfRunning(world: World, volume: Shape, instance: Shape): void {
  if (stateOf(instance) === 'running') beginWriting(world, volume, show(instance['InstanceId']));
}

/** Goes on with what is under way on a volume. */
export function resumeVolume(world: World, volume: Shape): void {
  if (volume['State'] === 'creating') resumeCreating(world, volume);
  else if (volume['State'] === 'deleting') resumeDeleting(world, volume);
  else resumeAttachment(world, volume);
}

/** Goes on with a pending snapshot: from its `CompletesAt`, else from its `Progress`. */
export function resumePending(world: World, snapshot: Shape): void {
  if (snapshot['State'] !== 'pending') return;
  if (snapshot['CompletesAt'] === undefined)
    setProgress(world, snapshot, Number.parseFloat(show(snapshot['Progress']) || '0') / 100);
  else resumeSnapshot(world, snapshot);
}

function followInstances(world: World): void {
  world.on('instance-state', ({ instanceId, state }) => {
    if (state === 'running') beginWriters(world, instanceId);
    else if (state === 'shutting-down') beginRelease(world, instanceId);
    else if (state === 'terminated') {
      forgetFreeze(world, instanceId);
      endWriters(world, instanceId);
    } else if (state === 'stopped') {
      forgetFreeze(world, instanceId);
      endWriters(world, instanceId);
      continueDetaching(world, instanceId);
    }
  });
}

/**
 * Completes volumes and snapshots, starts the writers and what is under way.
 * @throws BadInputError naming the path of a contradiction, e.g. `ec2.Volumes[0].Attachments[0].InstanceId`
 */
export function startVolumes(world: World): void {
  // AWS shows a deleted volume for a moment.
  for (const volume of records(world, 'Volumes').filter(({ State: state }) => state === 'deleted'))
    remove(world, 'Volumes', volume);
  adoptMappings(world);
  for (const [index, volume] of records(world, 'Volumes').entries())
    completeVolume(world, volume, `ec2.Volumes[${index}]`);
  for (const snapshot of records(world, 'Snapshots')) completeSnapshot(world, snapshot);
  seed(world);
  resumeFreezes(world);
  for (const volume of records(world, 'Volumes').filter(isShape)) resumeVolume(world, volume);
  for (const snapshot of records(world, 'Snapshots')) resumePending(world, snapshot);
  for (const instance of records(world, 'Instances')) {
    if (['shutting-down', 'terminated'].includes(stateOf(instance))) beginRelease(world, show(instance['InstanceId']));
  }
  followInstances(world);
}
