/** The attachment of a volume: how it comes and goes by itself, and how both sides, volume and instance, show it. */

import { NotSimulatedError, type Shape, type World } from '../../engine/model.ts';
import { keyArn } from '../kms.ts';
import { cancelLater, emitVolume, later, volumeKeyFault } from './ebs-state.ts';
import { find, list, part, show, stamp, stateOf, text } from './state.ts';
import { beginWriting, endWriting } from './writes.ts';

/** From attaching to attached: this plus up to `ATTACH_SPREAD_MS`. Assumed: seen within 2 to 5 s. */
const ATTACH_MS = 2_000;
const ATTACH_SPREAD_MS = 3_000;
/** From detaching to detached (or to busy, while it is mounted). Assumed. */
const DETACH_MS = 3_000;

/**
 * The one attachment of a volume.
 * @throws NotSimulatedError when it has several: multi-attach is not modelled
 */
export function attachmentOf(volume: Shape): Shape | undefined {
  const [attachment, ...others] = list(volume, 'Attachments');
  if (others.length > 0) throw new NotSimulatedError(`a volume with several attachments: ${show(volume['VolumeId'])}`);
  return attachment;
}

/** An attachment to a resource that a service of AWS's manages names neither instance nor device. Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VolumeAttachment.html */
export function isManaged(attachment: Shape): boolean {
  return ['AssociatedResource', 'InstanceOwningService'].some((member) => text(attachment, member) !== undefined);
}

/** Whom an attachment is to, in a message. */
export function holderOf(attachment: Shape): string {
  return text(attachment, 'InstanceId') ?? text(attachment, 'AssociatedResource') ?? 'a managed resource';
}

/** The volume's id. */
export function idOf(volume: Shape): string {
  return show(volume['VolumeId']);
}

function taskOf(volume: Shape): string {
  return `attachment:${idOf(volume)}`;
}

/** The zone a volume is in. */
export function zoneOfVolume(volume: Shape): string {
  return text(volume, 'AvailabilityZone') ?? '';
}

/** The block devices that an instance shows. */
export function mappingsOf(instance: Shape): Shape[] {
  return list(instance, 'BlockDeviceMappings');
}

/** Plans the next change of a volume's attachment, instead of the one that was planned; a dark zone holds it up. */
export function changeLater(world: World, volume: Shape, milliseconds: number, change: () => void): void {
  later(world, taskOf(volume), zoneOfVolume(volume), milliseconds, change);
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
  const milliseconds = ATTACH_MS + Math.round(world.random() * ATTACH_SPREAD_MS);
  changeLater(world, volume, milliseconds, () => finishAttaching(world, volume, instance));
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
  changeLater(world, volume, DETACH_MS, () => finishDetaching(world, volume, force));
}

/** Says, on both sides, whether a volume goes with its instance. */
export function setDeleteOnTermination(world: World, volume: Shape, value: boolean): void {
  const attachment = attachmentOf(volume);
  if (attachment === undefined) return;
  attachment['DeleteOnTermination'] = value;
  showAttachment(world, attachment);
}
