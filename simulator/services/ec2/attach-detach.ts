/** AttachVolume, DetachVolume. */

import { VolumeAttachment$ } from '@aws-sdk/client-ec2';
import { awsError, NotSimulatedError, type Operation, type Shape, type World } from '../../engine/model.ts';
import {
  attachmentOf,
  idOf,
  isManaged,
  link,
  mappingsOf,
  resumeAttaching,
  resumeDetaching,
  setAttachment,
  zoneOfVolume,
} from './attachments.ts';
import { demandLight } from './ebs-state.ts';
import { write } from './filters.ts';
import { outputOf } from './shape.ts';
import { demandOne, find, list, part, show, stateOf, text, zoneOf } from './state.ts';

/**
 * Volumes and interfaces that an instance can hold together. Instance types differ; most Nitro ones share 28.
 * Source: https://docs.aws.amazon.com/ebs/latest/userguide/volume_limits.html
 */
const MOST_ATTACHMENTS = 28;

const output = outputOf(VolumeAttachment$);

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
  // As they are spelt: that /dev/xvdf and /dev/sdf are one device to the guest EC2 does not see.
  // Seen by users of the API: github.com/kubernetes-sigs/aws-ebs-csi-driver/pull/1675.
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
  demandOutpost(world, volume, instance);
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

/**
 * A volume in the Region is of no use to an instance on an Outpost, nor the other way around. Source:
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolume.html (OutpostArn); the error is assumed.
 */
function demandOutpost(world: World, volume: Shape, instance: Shape): void {
  if (text(volume, 'OutpostArn') === text(instance, 'OutpostArn')) return;
  world.assume('ec2: AttachVolume across the border of an Outpost is an InvalidVolume.ZoneMismatch');
  throw awsError(
    'InvalidVolume.ZoneMismatch',
    `The volume '${idOf(volume)}' is not on the same Outpost as instance '${show(instance['InstanceId'])}'`,
  );
}

/** What a service of AWS's manages changes by that service only. The error is assumed. */
function demandOwn(world: World, volume: Shape): void {
  const attachment = attachmentOf(volume);
  const isForeign = attachment !== undefined && isManaged(attachment);
  if (!isForeign && part(volume, 'Operator')['Managed'] !== true) return;
  world.assume('ec2: attaching or detaching what a service of AWS manages is an OperationNotPermitted');
  throw awsError('OperationNotPermitted', `The volume '${idOf(volume)}' is managed by a service`);
}

function attachVolume(input: Shape, world: World): object {
  if (typeof input['EbsCardIndex'] === 'number' && input['EbsCardIndex'] > 0)
    throw new NotSimulatedError('ec2:AttachVolume EbsCardIndex');
  const volume = demandOne(world, 'Volumes', show(input['VolumeId']));
  const instance = demandOne(world, 'Instances', show(input['InstanceId']));
  const device = show(input['Device']);
  demandOwn(world, volume);
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

/** A repeat while the volume is detaching answers with that state; Force then takes effect. Assumed. */
function detachVolume(input: Shape, world: World): object {
  const volume = demandOne(world, 'Volumes', show(input['VolumeId']));
  demandOwn(world, volume);
  const attachment = demandAttachment(volume, input);
  const holderId = text(attachment, 'InstanceId') ?? '';
  if (world.isMentionedOnly(holderId))
    throw new NotSimulatedError(`ec2:DetachVolume from ${holderId}, which the world file mentions and does not hold`);
  const instance = find(world, 'Instances', holderId);
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

export const attachmentOperations: { readonly [operation: string]: Operation } = {
  AttachVolume: write('AttachVolume', attachVolume),
  DetachVolume: write('DetachVolume', detachVolume),
};
