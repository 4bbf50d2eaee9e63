/** What DescribeVolumes says of sets of data volumes, as far as two runbooks need it. */

import type { Volume, VolumeAttachment } from '@aws-sdk/client-ec2';
import { deviceName, diskName } from '../../judgement/device-names.ts';
import { tagsOf, type Tags } from './reading.ts';

/**
 * Who holds a volume in whose place nobody else can act, in AWS's words: a service that manages the volume, or the resource to
 * which it is attached; such an attachment names neither instance nor device. `undefined`: nobody of the kind.
 * Source: EC2 API, VolumeAttachment (`AssociatedResource`, `InstanceOwningService`) and OperatorResponse.
 */
export function serviceHolding({ Attachments, Operator }: Volume): string | undefined {
  const foreign = (Attachments ?? []).find(isForeign);
  if (foreign !== undefined) {
    const service = foreign.InstanceOwningService ?? Operator?.Principal ?? 'a service of AWS';
    return foreign.AssociatedResource === undefined ? service : `${service} (${foreign.AssociatedResource})`;
  }
  return Operator?.Managed === true ? (Operator.Principal ?? 'a service of AWS') : undefined;
}

function isForeign({ InstanceId, AssociatedResource, InstanceOwningService }: VolumeAttachment): boolean {
  return (InstanceId ?? '') === '' || AssociatedResource !== undefined || InstanceOwningService !== undefined;
}

const ENDED: ReadonlySet<unknown> = new Set(['deleting', 'deleted', 'error']);

/** The disk that images name for the root, as `/dev/xvda` or `/dev/sda1`. Source: EC2 user guide, "Device names for volumes": reserved for root. */
const ROOT_DISK = '/dev/sda';

/**
 * Whether it is an instance's root volume, or was, by its name: a launch template that tags every volume tags that one too. It belongs
 * to no set.
 */
export function isAtRootName({ Attachments, Tags }: Pick<Volume, 'Attachments' | 'Tags'>): boolean {
  const tags = tagsOf(Tags);
  const noted = ['runbook:device', 'runbook:was-at'].map((key) => tags.get(key));
  const names = [...noted, ...(Attachments ?? []).map(({ Device }) => Device)];
  return names.some((name) => name !== undefined && diskName(name) === ROOT_DISK);
}

/** A volume of the set that counts: not a root, not replaced, not on its way out, and not a service's. */
function isLiving(volume: Volume, set: string): boolean {
  const tags = tagsOf(volume.Tags);
  const isOfSet = tags.get('runbook:volumes') === set && !tags.has('runbook:superseded-at');
  return isOfSet && !ENDED.has(volume.State) && serviceHolding(volume) === undefined && !isAtRootName(volume);
}

/** The device name that people's tag says, else the one that `carry-volumes` noted; a tag that names nothing says nothing. */
export function notedDevice(tags: Tags): string | undefined {
  return ['runbook:device', 'runbook:was-at'].map((key) => tags.get(key)?.trim() ?? '').find((name) => name !== '');
}

/** The place of a volume in its set, as far as its tags say; else the volume's own. */
function placeOf({ Tags: tags, VolumeId }: Volume): string {
  const device = notedDevice(tagsOf(tags));
  return device === undefined ? (VolumeId ?? '') : deviceName(device);
}

/**
 * Whether an instance carries its whole set: for every device name that a living volume of the set is tagged with, a volume
 * of the set is attached to it. A set without volumes is never complete.
 */
export function hasWholeSet(instanceId: string, set: string, volumes: readonly Volume[]): boolean {
  const living = volumes.filter((volume) => isLiving(volume, set));
  const isAttached = ({ Attachments }: Volume): boolean =>
    (Attachments ?? []).some(({ InstanceId, State }) => InstanceId === instanceId && State === 'attached');
  const carried = new Set(living.filter(isAttached).map(placeOf));
  return living.length > 0 && living.every((volume) => carried.has(placeOf(volume)));
}
