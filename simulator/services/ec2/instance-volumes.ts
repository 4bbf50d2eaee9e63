/** What launches, stops and terminations of instances do to volumes. */

import type { Shape, World } from '../../engine/model.ts';
import { attachmentOf, changeLater, idOf, link, resumeDetaching, setAttachment, unlink } from './attachments.ts';
import { cancelLater, emitVolume } from './ebs-state.ts';
import { find, isShape, list, part, records, remove, show, text, zoneOf } from './state.ts';
import { endWriting, volumesOn } from './writes.ts';

/** From an instance's shutting-down until its volumes that outlive it are available; ends before the instance is terminated. Assumed. */
const RELEASE_MS = 20_000;
/** Takes a volume off whatever holds it and out of the world. */
function destroyVolume(world: World, volume: Shape): void {
  unlink(world, volume);
  cancelLater(world, `volume:${idOf(volume)}`);
  remove(world, 'Volumes', volume);
  emitVolume(world, idOf(volume), { event: 'deleteVolume', result: 'deleted' });
}

/** What an instance whose image the world does not hold is launched with. */
function defaultMapping(instance: Shape): Shape {
  return { DeviceName: instance['RootDeviceName'], Ebs: { DeleteOnTermination: true } };
}

/** What a launch asks of its volumes beyond what the image says. */
export interface LaunchVolumes {
  /** By device: what the request or its template says instead of the image. */
  readonly mappings?: readonly Shape[];
  readonly tags?: readonly Shape[];
}

/** The image's devices, each as the launch wants it, and those that only the launch names. `NoDevice` leaves one out. */
function mappingsFor(instance: Shape, image: Shape | undefined, wanted: readonly Shape[]): Shape[] {
  const own = list(image, 'BlockDeviceMappings').filter((mapping) => isShape(mapping['Ebs']));
  const byDevice = new Map(
    (own.length > 0 ? own : [defaultMapping(instance)]).map((each) => [each['DeviceName'], each]),
  );
  for (const mapping of wanted) {
    const before = byDevice.get(mapping['DeviceName']) ?? {};
    byDevice.set(mapping['DeviceName'], {
      ...before,
      ...mapping,
      Ebs: { ...part(before, 'Ebs'), ...part(mapping, 'Ebs') },
    });
  }
  return [...byDevice.values()].filter((mapping) => mapping['NoDevice'] === undefined);
}

/** Names that root devices have. Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html */
const ROOT_NAMES: ReadonlySet<unknown> = new Set(['/dev/xvda', '/dev/sda1']);

/** Of an image that the world does not hold: the root device is the one that a launch names as such. */
function rootAmong(mappings: readonly Shape[]): unknown {
  return mappings.find(({ DeviceName }) => ROOT_NAMES.has(DeviceName))?.['DeviceName'];
}

/**
 * Makes the volumes that a launched instance begins with: those of its image (`ec2.Images`), else a root volume of 8 GiB.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-device-mapping-concepts.html
 */
export function attachLaunchVolumes(
  world: World,
  instance: Shape,
  { mappings = [], tags = [] }: LaunchVolumes = {},
): void {
  const image = find(world, 'Images', text(instance, 'ImageId'));
  instance['RootDeviceName'] = text(image, 'RootDeviceName') ?? rootAmong(mappings) ?? instance['RootDeviceName'];
  for (const mapping of mappingsFor(instance, image, mappings)) {
    const ebs = part(mapping, 'Ebs');
    const volume: Shape = {
      VolumeId: world.id('vol'),
      Attachments: [],
      AvailabilityZone: zoneOf(instance),
      ...(text(instance, 'OutpostArn') === undefined ? {} : { OutpostArn: text(instance, 'OutpostArn') }),
      CreateTime: world.clock.iso(),
      Encrypted: ebs['Encrypted'] === true,
      Size: typeof ebs['VolumeSize'] === 'number' ? ebs['VolumeSize'] : 8,
      State: 'available',
      Tags: tags.map((tag) => ({ ...tag })),
      VolumeType: text(ebs, 'VolumeType') ?? 'gp3',
      BeganEmpty: true,
    };
    records(world, 'Volumes').push(volume);
    link(world, volume, instance, {
      device: show(mapping['DeviceName']),
      state: 'attached',
      deleteOnTermination: ebs['DeleteOnTermination'] !== false,
    });
  }
}

/** The instance is shutting-down: volumes that outlive it leave it after `RELEASE_MS`, or after the world's `BusySeconds`, busy. */
export function beginRelease(world: World, instanceId: string): void {
  for (const volume of volumesOn(world, instanceId)) {
    if (attachmentOf(volume)?.['DeleteOnTermination'] === true) continue;
    const busySeconds = volume['BusySeconds'];
    const isBusy = typeof busySeconds === 'number';
    world.assume(`ec2: volumes leave an instance that is shutting-down after ${RELEASE_MS / 1000} s`);
    setAttachment(world, volume, isBusy ? 'busy' : 'detaching');
    const milliseconds = isBusy ? busySeconds * 1000 : RELEASE_MS;
    changeLater(world, volume, milliseconds, () => unlink(world, volume));
  }
}

/** The instance is terminated: what goes with it is deleted, what outlives it is free, but for what is kept busy. */
export function releaseVolumes(world: World, instanceId: string): void {
  for (const volume of volumesOn(world, instanceId)) {
    const attachment = attachmentOf(volume);
    if (attachment?.['DeleteOnTermination'] === true) destroyVolume(world, volume);
    else if (typeof volume['BusySeconds'] !== 'number') unlink(world, volume);
    else endWriting(world, idOf(volume));
  }
}

/** The instance stopped: nothing is mounted any more, so that detachments that waited go on. */
export function continueDetaching(world: World, instanceId: string): void {
  for (const volume of volumesOn(world, instanceId)) {
    if (attachmentOf(volume)?.['State'] === 'busy') resumeDetaching(world, volume);
  }
}
