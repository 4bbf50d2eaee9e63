/** What volumes, attachments and snapshots share: their timers, zones that are dark, events, tags, quotas. */

import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { awsError, NotSimulatedError, type Shape, type World } from '../../engine/model.ts';
import { list, records, show, text, zoneIsDark } from './state.ts';
import { ZONE_RECOVERY_MS } from './statuses.ts';
import { demandTag } from './tags.ts';
import { keyFault, type KeyFault } from '../kms.ts';
import { uuid } from '../../engine/uuid.ts';

/** A change that is due. In a dark zone it waits, with `held` set, for the zone to come back. */
interface Task {
  readonly zone: string;
  readonly effect: () => void;
  cancel: () => void;
  held: boolean;
}

const tasks = new WeakMap<object, Map<string, Task>>();

function tasksOf(world: World): Map<string, Task> {
  const known = tasks.get(world.clock);
  if (known !== undefined) return known;
  const fresh = new Map<string, Task>();
  tasks.set(world.clock, fresh);
  return fresh;
}

/** Runs `effect` after so many milliseconds, once the zone is not dark. Replaces what was due under the same key. */
export function later(world: World, key: string, zone: string, milliseconds: number, effect: () => void): void {
  const due = tasksOf(world);
  cancelLater(world, key);
  const task: Task = { zone, effect, held: false, cancel: () => undefined };
  task.cancel = world.clock.after(milliseconds, () => {
    if (zoneIsDark(world, zone)) {
      task.held = true;
      return;
    }
    due.delete(key);
    effect();
  });
  due.set(key, task);
}

/** Nothing is due under this key any more. */
export function cancelLater(world: World, key: string): void {
  const due = tasksOf(world);
  due.get(key)?.cancel();
  due.delete(key);
}

/** The zone is back: what waited for it goes on. */
export function lightVolumes(world: World, zone: string): void {
  for (const [key, task] of tasksOf(world)) {
    if (task.zone === zone && task.held) later(world, key, zone, ZONE_RECOVERY_MS, task.effect);
  }
}

/** Refuses what a dark zone cannot do. Throws `InternalError` (500). */
export function demandLight(world: World, zone: string): void {
  if (!zoneIsDark(world, zone)) return;
  world.assume(
    'ec2: in a dark zone volumes are neither created, attached nor snapshotted (InternalError); what was under way waits; completed snapshots stay usable',
  );
  throw awsError('InternalError', 'An internal error has occurred', 500);
}

function volumeArn(world: World, volumeId: string): string {
  return `arn:aws:ec2:${world.region}:${world.account}:volume/${volumeId}`;
}

/** What an `EBS Volume Notification` tells. */
export interface VolumeNotice {
  readonly event: 'createVolume' | 'deleteVolume' | 'attachVolume';
  readonly result: 'available' | 'deleted' | 'failed';
  readonly cause?: string;
  /** Named beside the volume: the KMS key of a failed attachment. */
  readonly keyArn?: string;
}

/** Source: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-cloud-watch-events.html (EBS volume events). */
export function emitVolume(world: World, volumeId: string, notice: VolumeNotice): void {
  const { event, result, cause = '' } = notice;
  const detail: JsonObject = { result, cause, event, 'request-id': uuid(world) };
  const resources = [volumeArn(world, volumeId), ...(notice.keyArn === undefined ? [] : [notice.keyArn])];
  world.emit({ source: 'aws.ec2', detailType: 'EBS Volume Notification', resources, detail });
}

/** What keeps the key of an encrypted volume from being used. */
export function volumeKeyFault(world: World, volume: Shape): KeyFault | undefined {
  const id = text(volume, 'KmsKeyId');
  return volume['Encrypted'] !== true || id === undefined ? undefined : keyFault(world, id);
}

/** Tags that a request gives to what it creates. Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TagSpecification.html */
export function requestedTags(input: Shape, resourceType: string): Shape[] {
  return list(input, 'TagSpecifications').flatMap((specification) => {
    const type = show(specification['ResourceType']);
    if (type !== resourceType)
      throw awsError('InvalidParameterValue', `'${type}' is not a valid taggable resource type for this operation.`);
    return list(specification, 'Tags').map((tag) => demandTag(text(tag, 'Key') ?? '', text(tag, 'Value') ?? ''));
  });
}

/**
 * Refuses what would exceed a quota that the world states (`ec2.Quotas`); unlimited where it states none.
 * Source of the codes: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
export function demandQuota(world: World, code: string, wanted: () => number): void {
  const limit = records(world, 'Quotas').find((quota) => quota['QuotaCode'] === code)?.['Value'];
  if (typeof limit === 'number' && wanted() > limit)
    throw awsError(code, `The request would exceed your limit of ${limit}.`);
}

/** Ends the run at a member of the request that changes what happens in a way the simulator does not know. */
export function refuseMembers(operation: string, input: Shape, members: readonly string[]): void {
  const given = members.find((member) => input[member] !== undefined && input[member] !== false);
  if (given !== undefined) throw new NotSimulatedError(`ec2:${operation} ${given}`);
}
