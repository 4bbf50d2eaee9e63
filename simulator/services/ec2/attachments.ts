/** AttachVolume, DetachVolume, ModifyInstanceAttribute, and what launches and terminations do to volumes. */

import { VolumeAttachment$ } from '@aws-sdk/client-ec2';
import { awsError, NotSimulatedError, type Operation, type Shape, type World } from '../../engine/model.ts';
import { cancelLater, demandLight, emitVolume, later, refuseMembers, volumeKeyFault } from './ebs-state.ts';
import { write } from './filters.ts';
import { outputOf } from './shape.ts';
import { demandOne, find, isShape, list, part, records, remove, show, stamp, stateOf, text, zoneOf } from './state.ts';
import { beginWriting, endWriting, volumesOn } from './writes.ts';
import { keyArn } from '../kms.ts';

/** From attaching to attached: this plus up to `ATTACH_SPREAD_MS`. Assumed: seen within 2 to 5 s. */
export const ATTACH_MS = 2_000;
const ATTACH_SPREAD_MS = 3_000;
/** From detaching to detached (or to busy, while it is mounted). Assumed. */
export const DETACH_MS = 3_000;
/** From an instance's shutting-down until its volumes that outlive it are available; ends before the instance is terminated. Assumed. */
export const RELEASE_MS = 20_000;
/**
 * Volumes and interfaces that an instance can hold together. Instance types differ; most Nitro ones share 28.
 * Source: https://docs.aws.amazon.com/ebs/latest/userguide/volume_limits.html
 */
export const MOST_ATTACHMENTS = 28;

const output = outputOf(VolumeAttachment$);

/** The one attachment of a volume; multi-attach is not modelled. */
export function attachmentOf(volume: Shape): Shape | undefined {
  return list(volume, 'Attachments')[0];
}

function idOf(volume: Shape): string {
  return show(volume['VolumeId']);
}

function taskOf(volume: Shape): string {
  return `attachment:${idOf(volume)}`;
}

function zoneOfVolume(volume: Shape): string {
  return text(volume, 'AvailabilityZone') ?? '';
}

function mappingsOf(instance: Shape): Shape[] {
  return list(instance, 'BlockDeviceMappings');
}

/** Shows the attachment among the block devices of its instance; a mapping has no status `busy`. */
export function showAttachment(world: World, attachment: Shape): void {
  const instance = find(world, 'Instances', text(attachment, 'InstanceId'));
  if (instance === undefined) return;
  const { AttachTime, DeleteOnTermination, VolumeId, State } = attachment;
  const mapping = {
    DeviceName: attachment['Device'],
    Ebs: { AttachTime, DeleteOnTermination, Status: State === 'busy' ? 'detaching' : State, VolumeId },
  };
  const mappings = mappingsOf(instance);
  const index = mappings.findIndex((shown) => part(shown, 'Ebs')['VolumeId'] === VolumeId);
  if (index < 0) mappings.push(mapping);
  else mappings[index] = mapping;
  instance['BlockDeviceMappings'] = mappings;
}

/** Moves the attachment to a state, on both sides. */
export function setAttachment(world: World, volume: Shape, state: string): void {
  const attachment = attachmentOf(volume);
  if (attachment === undefined) return;
  attachment['State'] = state;
  showAttachment(world, attachment);
}

/** How a volume is put on an instance. */
export interface Link {
  readonly device: string;
  readonly state: 'attaching' | 'attached';
  readonly deleteOnTermination: boolean;
}

/** Puts an available volume on an instance, on both sides. */
export function link(world: World, volume: Shape, instance: Shape, how: Link): Shape {
  const attachment: Shape = {
    AttachTime: stamp(world),
    DeleteOnTermination: how.deleteOnTermination,
    Device: how.device,
    InstanceId: instance['InstanceId'],
    State: how.state,
    VolumeId: volume['VolumeId'],
  };
  volume['Attachments'] = [attachment];
  volume['State'] = 'in-use';
  showAttachment(world, attachment);
  if (how.state === 'attached') startWriterIfRunning(world, volume, instance);
  return attachment;
}

/** Takes a volume off its instance at once: no more writes, both sides, available. */
export function unlink(world: World, volume: Shape): void {
  cancelLater(world, taskOf(volume));
  endWriting(world, idOf(volume));
  const instance = find(world, 'Instances', text(attachmentOf(volume), 'InstanceId'));
  if (instance !== undefined)
    instance['BlockDeviceMappings'] = mappingsOf(instance).filter(
      (mapping) => part(mapping, 'Ebs')['VolumeId'] !== volume['VolumeId'],
    );
  volume['Attachments'] = [];
  if (volume['State'] === 'in-use') volume['State'] = 'available';
}

function startWriterIfRunning(world: World, volume: Shape, instance: Shape): void {
  if (['running', 'stopping', 'shutting-down'].includes(stateOf(instance)))
    beginWriting(world, volume, show(instance['InstanceId']));
}

/** The end of attaching: attached and written, or, when the key of an encrypted volume cannot be used, available again. */
function finishAttaching(world: World, volume: Shape, instance: Shape): void {
  const fault = volumeKeyFault(world, volume);
  if (fault !== undefined) {
    world.assume('ec2: a volume whose attachment fails for its KMS key is available again');
    unlink(world, volume);
    if (fault.cause !== undefined)
      emitVolume(world, idOf(volume), {
        event: 'attachVolume',
        result: 'failed',
        cause: fault.cause,
        keyArn: keyArn(world, show(volume['KmsKeyId'])),
      });
    return;
  }
  setAttachment(world, volume, 'attached');
  startWriterIfRunning(world, volume, instance);
}

/** Continues an attachment that is `attaching`. */
export function resumeAttaching(world: World, volume: Shape): void {
  const instance = find(world, 'Instances', text(attachmentOf(volume), 'InstanceId'));
  if (instance === undefined) return;
  world.assume(`ec2: attaching takes ${ATTACH_MS / 1000} to ${(ATTACH_MS + ATTACH_SPREAD_MS) / 1000} s`);
  later(world, taskOf(volume), zoneOfVolume(volume), ATTACH_MS + Math.round(world.random() * ATTACH_SPREAD_MS), () =>
    finishAttaching(world, volume, instance),
  );
}

/** Uses up one of the attachments that the world wants stuck, of this volume or in its zone. */
function isStuck(world: World, volume: Shape): boolean {
  for (const record of [volume, find(world, 'AvailabilityZones', zoneOfVolume(volume))]) {
    const left = record?.['StuckAttachments'];
    if (record === undefined || typeof left !== 'number' || left <= 0) continue;
    record['StuckAttachments'] = left - 1;
    return true;
  }
  return false;
}

/** Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html; the refusal was seen by users, github.com/base2genomics/batchit/issues/15. */
const DEVICE_NAME = /^(?:\/dev\/)?(?:sd[a-z]|xvd(?:[a-z]|[a-d][a-z]))$|^\/dev\/sda1$/;

function demandDevice(instance: Shape, device: string): void {
  if (!DEVICE_NAME.test(device))
    throw awsError(
      'InvalidParameterValue',
      `Value (${device}) for parameter device is invalid. ${device} is not a valid EBS device name.`,
    );
  if (mappingsOf(instance).some((mapping) => mapping['DeviceName'] === device)) {
    // Seen by users of the API: github.com/nanovms/ops/pull/1189.
    throw awsError(
      'InvalidParameterValue',
      `Invalid value '${device}' for unixDevice. Attachment point ${device} is already in use`,
    );
  }
}

function demandAttachable(world: World, volume: Shape): void {
  const id = idOf(volume);
  if (attachmentOf(volume) !== undefined) throw awsError('VolumeInUse', `${id} is already attached to an instance`);
  if (volume['State'] !== 'available') throw awsError('IncorrectState', `${id} is not 'available'.`);
  if (volume['MultiAttachEnabled'] === true)
    world.assume('ec2: a volume enabled for multi-attach is attached once like any other');
}

function demandHost(world: World, volume: Shape, instance: Shape): void {
  const id = show(instance['InstanceId']);
  if (zoneOf(instance) !== zoneOfVolume(volume)) {
    throw awsError(
      'InvalidVolume.ZoneMismatch',
      `The volume '${idOf(volume)}' is not in the same availability zone as instance '${id}'`,
    );
  }
  const state = stateOf(instance);
  // Seen by users of the API: github.com/fpco/terraform-aws-foundation/issues/280.
  if (state === 'pending') throw awsError('IncorrectState', `Instance '${id}' is not 'running'.`);
  if (state !== 'running' && state !== 'stopped') {
    world.assume(
      'ec2: AttachVolume to an instance that is stopping, shutting-down or terminated is an IncorrectInstanceState',
    );
    throw awsError(
      'IncorrectInstanceState',
      `The instance '${id}' is not in a state from which a volume can be attached.`,
    );
  }
  if (mappingsOf(instance).length + list(instance, 'NetworkInterfaces').length >= MOST_ATTACHMENTS) {
    throw awsError(
      'AttachmentLimitExceeded',
      `The maximum of ${MOST_ATTACHMENTS} attachments has been reached for instance '${id}'`,
    );
  }
}

function attachVolume(input: Shape, world: World): object {
  if (typeof input['EbsCardIndex'] === 'number' && input['EbsCardIndex'] > 0)
    throw new NotSimulatedError('ec2:AttachVolume EbsCardIndex');
  const volume = demandOne(world, 'Volumes', show(input['VolumeId']));
  const instance = demandOne(world, 'Instances', show(input['InstanceId']));
  const device = show(input['Device']);
  demandAttachable(world, volume);
  demandHost(world, volume, instance);
  demandDevice(instance, device);
  demandLight(world, zoneOfVolume(volume));
  const attachment = link(world, volume, instance, { device, state: 'attaching', deleteOnTermination: false });
  if (!isStuck(world, volume)) resumeAttaching(world, volume);
  return output(attachment);
}

/** The attachment that a request means. Throws what the API throws for one that is not there. */
function demandAttachment(volume: Shape, input: Shape): Shape {
  const id = idOf(volume);
  const attachment = attachmentOf(volume);
  // Seen by users of the API: github.com/hashicorp/terraform/pull/9023.
  if (attachment === undefined)
    throw awsError('IncorrectState', `Volume '${id}' is in the '${show(volume['State'])}' state.`);
  const instanceId = text(input, 'InstanceId') ?? show(attachment['InstanceId']);
  const device = text(input, 'Device');
  if (attachment['InstanceId'] !== instanceId)
    throw awsError('InvalidAttachment.NotFound', `The volume '${id}' is not attached to instance '${instanceId}'.`);
  if (device !== undefined && attachment['Device'] !== device) {
    throw awsError(
      'InvalidAttachment.NotFound',
      `The volume '${id}' is not attached to instance '${instanceId}' as device '${device}'.`,
    );
  }
  return attachment;
}

/** Goes on with the detachment of a volume once the instance no longer keeps it busy. */
function finishDetaching(world: World, volume: Shape, force: boolean): void {
  const instance = find(world, 'Instances', text(attachmentOf(volume), 'InstanceId'));
  const isMounted =
    volume['Mounted'] === true && instance !== undefined && ['running', 'stopping'].includes(stateOf(instance));
  if (isMounted && !force) setAttachment(world, volume, 'busy');
  else unlink(world, volume);
}

/** Begins, or begins again, the detachment of a volume. */
export function resumeDetaching(world: World, volume: Shape, force = false): void {
  world.assume(`ec2: detaching takes ${DETACH_MS / 1000} s`);
  later(world, taskOf(volume), zoneOfVolume(volume), DETACH_MS, () => finishDetaching(world, volume, force));
}

/** A repeat while the volume is detaching answers with that state; Force then takes effect. Assumed. */
function detachVolume(input: Shape, world: World): object {
  const volume = demandOne(world, 'Volumes', show(input['VolumeId']));
  const attachment = demandAttachment(volume, input);
  const instance = find(world, 'Instances', text(attachment, 'InstanceId'));
  if (
    instance !== undefined &&
    stateOf(instance) !== 'stopped' &&
    instance['RootDeviceName'] === attachment['Device']
  ) {
    throw awsError(
      'OperationNotPermitted',
      `Unable to detach root volume '${idOf(volume)}' from instance '${show(instance['InstanceId'])}'`,
    );
  }
  const force = input['Force'] === true;
  const isUnderWay = attachment['State'] === 'detaching' || attachment['State'] === 'busy';
  const leaves = instance !== undefined && ['shutting-down', 'terminated'].includes(stateOf(instance));
  if (!isUnderWay) setAttachment(world, volume, 'detaching');
  // What an instance that ends lets go of has its own time already.
  if (force || (!isUnderWay && !leaves)) resumeDetaching(world, volume, force);
  else if (isUnderWay) world.assume('ec2: DetachVolume of a volume that is detaching or busy changes nothing');
  return output(attachment);
}

/** Members of ModifyInstanceAttribute other than the block devices. */
const OTHER_ATTRIBUTES = [
  'Attribute',
  'Value',
  'SourceDestCheck',
  'DisableApiStop',
  'DisableApiTermination',
  'InstanceType',
  'Kernel',
  'Ramdisk',
  'UserData',
  'InstanceInitiatedShutdownBehavior',
  'Groups',
  'EbsOptimized',
  'SriovNetSupport',
  'EnaSupport',
] as const;

function modifyInstanceAttribute(input: Shape, world: World): object {
  const set = OTHER_ATTRIBUTES.find((member) => input[member] !== undefined);
  if (set !== undefined) throw new NotSimulatedError(`ec2:ModifyInstanceAttribute ${set}`);
  const instance = demandOne(world, 'Instances', show(input['InstanceId']));
  if (stateOf(instance) === 'terminated') {
    world.assume('ec2: ModifyInstanceAttribute of a terminated instance is an IncorrectInstanceState');
    throw awsError(
      'IncorrectInstanceState',
      `The instance '${show(instance['InstanceId'])}' is not in a state from which it can be modified.`,
    );
  }
  const changes = list(input, 'BlockDeviceMappings').map((wanted) => {
    refuseMembers('ModifyInstanceAttribute', wanted, ['NoDevice', 'VirtualName']);
    const device = show(wanted['DeviceName']);
    const mapping = mappingsOf(instance).find((shown) => shown['DeviceName'] === device);
    if (mapping === undefined)
      throw awsError('InvalidInstanceAttributeValue', `No device is currently mapped at ${device}`);
    const ebs = part(wanted, 'Ebs');
    const volumeId = show(part(mapping, 'Ebs')['VolumeId']);
    if (ebs['VolumeId'] !== undefined && ebs['VolumeId'] !== volumeId)
      throw new NotSimulatedError(`ec2:ModifyInstanceAttribute of ${device} with another volume than ${volumeId}`);
    return { volumeId, value: ebs['DeleteOnTermination'] };
  });
  for (const { volumeId, value } of changes) {
    const volume = find(world, 'Volumes', volumeId);
    if (volume !== undefined && typeof value === 'boolean') setDeleteOnTermination(world, volume, value);
  }
  return {};
}

/** Says, on both sides, whether a volume goes with its instance. */
export function setDeleteOnTermination(world: World, volume: Shape, value: boolean): void {
  const attachment = attachmentOf(volume);
  if (attachment === undefined) return;
  attachment['DeleteOnTermination'] = value;
  showAttachment(world, attachment);
}

/** Takes a volume off whatever holds it and out of the world. */
export function destroyVolume(world: World, volume: Shape): void {
  unlink(world, volume);
  cancelLater(world, `volume:${idOf(volume)}`);
  remove(world, 'Volumes', volume);
  emitVolume(world, idOf(volume), { event: 'deleteVolume', result: 'deleted' });
}

/** What an instance whose image the world does not hold is launched with. */
function defaultMapping(instance: Shape): Shape {
  return { DeviceName: instance['RootDeviceName'], Ebs: { DeleteOnTermination: true } };
}

/**
 * Makes the volumes that a launched instance begins with: those of its image (`ec2.Images`), else a root volume of 8 GiB.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-device-mapping-concepts.html
 */
export function attachLaunchVolumes(world: World, instance: Shape): void {
  const image = find(world, 'Images', text(instance, 'ImageId'));
  instance['RootDeviceName'] = text(image, 'RootDeviceName') ?? instance['RootDeviceName'];
  const mappings = list(image, 'BlockDeviceMappings').filter((mapping) => isShape(mapping['Ebs']));
  for (const mapping of mappings.length > 0 ? mappings : [defaultMapping(instance)]) {
    const ebs = part(mapping, 'Ebs');
    const volume: Shape = {
      VolumeId: world.id('vol'),
      Attachments: [],
      AvailabilityZone: zoneOf(instance),
      CreateTime: world.clock.iso(),
      Encrypted: ebs['Encrypted'] === true,
      Size: typeof ebs['VolumeSize'] === 'number' ? ebs['VolumeSize'] : 8,
      State: 'available',
      Tags: [],
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
    later(world, taskOf(volume), zoneOfVolume(volume), isBusy ? busySeconds * 1000 : RELEASE_MS, () =>
      unlink(world, volume),
    );
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

export const attachmentOperations: { readonly [operation: string]: Operation } = {
  AttachVolume: write('AttachVolume', attachVolume),
  DetachVolume: write('DetachVolume', detachVolume),
  ModifyInstanceAttribute: write('ModifyInstanceAttribute', modifyInstanceAttribute),
};
