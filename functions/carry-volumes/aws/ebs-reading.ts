/** EBS answers, converted once into our own types with required members. */

import type { Snapshot, Volume } from '@aws-sdk/client-ec2';
import { need, tagsOf, type Tags } from '../../../shared/aws/ec2/reading.ts';
import { notedDevice } from '../../../shared/aws/ec2/volume-sets.ts';
import { readDescription, saysFrozen, type SnapshotFacts, type VolumeAttachment, type VolumeFacts } from '../decide.ts';

const STATUS_TAGS = new Set(['runbook:run', 'runbook:superseded-at', 'runbook:was-at']);

/** Tags that a copy takes with it. AWS refuses keys that begin with `aws:`. */
function carriedTags(tags: Tags): { readonly [key: string]: string } {
  return Object.fromEntries([...tags].filter(([key, value]) => isCarried(key) && !isSilent(key, value)));
}

function isCarried(key: string): boolean {
  return !key.startsWith('aws:') && !STATUS_TAGS.has(key);
}

/** A place without a name is none: what a copy says of its own would not be heard beside it. */
function isSilent(key: string, value: string): boolean {
  return key === 'runbook:device' && value.trim() === '';
}

/** `undefined` and what older answers write for it. */
function textOr<T>(value: string | undefined, otherwise: T): string | T {
  return value === undefined || value === '' ? otherwise : value;
}

function attachmentsOf({ Attachments }: Volume, id: string): readonly VolumeAttachment[] {
  return (Attachments ?? []).map(({ InstanceId, Device, State, DeleteOnTermination, AttachTime }) => ({
    instanceId: need(InstanceId, `${id}.Attachments[].InstanceId`),
    device: need(Device, `${id}.Attachments[].Device`),
    state: need(State, `${id}.Attachments[].State`),
    // Where EC2 does not say, it may be so: it is set to false then, which changes nothing that was false.
    deleteOnTermination: DeleteOnTermination ?? true,
    attachedAt: AttachTime?.toISOString() ?? null,
  }));
}

/**
 * A volume that no service of AWS's holds. Throws `TerminalError` where EC2 leaves out what a decision needs; the members that
 * are read as such are in every answer of DescribeVolumes.
 */
export function volumeFacts(volume: Volume): VolumeFacts {
  const id = need(volume.VolumeId, 'Volumes[].VolumeId');
  const tags = tagsOf(volume.Tags);
  const attachments = attachmentsOf(volume, id);
  const noted = notedDevice(tags);
  return {
    id,
    device: noted ?? attachments[0]?.device ?? null,
    deviceNoted: noted !== undefined,
    zone: need(volume.AvailabilityZone, `${id}.AvailabilityZone`),
    outpost: textOr(volume.OutpostArn, null),
    state: need(volume.State, `${id}.State`),
    createdAt: need(volume.CreateTime, `${id}.CreateTime`).toISOString(),
    snapshotId: textOr(volume.SnapshotId, null),
    type: need(volume.VolumeType, `${id}.VolumeType`),
    sizeGiB: need(volume.Size, `${id}.Size`),
    iops: volume.Iops ?? null,
    throughput: volume.Throughput ?? null,
    kmsKeyId: volume.KmsKeyId ?? null,
    multiAttach: volume.MultiAttachEnabled === true,
    run: tags.get('runbook:run') ?? null,
    supersededAt: tags.get('runbook:superseded-at') ?? null,
    tags: carriedTags(tags),
    attachments,
  };
}

/** What DescribeSnapshots shows as the volume of a copy. The API calls it arbitrary; this is what it has been for as long as there are copies. */
const NO_VOLUME = 'vol-ffffffff';

/** Whether CopySnapshot made it: nothing in the answer says so by itself, but several members are there for copies only. */
function isCopied({ VolumeId, TransferType, CompletionDurationMinutes, Description }: Snapshot): boolean {
  return (
    VolumeId === NO_VOLUME ||
    TransferType !== undefined ||
    CompletionDurationMinutes !== undefined ||
    // The description that CopySnapshot gives where the caller gives none.
    /^\[Copied snap-[0-9a-f]+ from [a-z0-9-]+\]/u.test(Description ?? '')
  );
}

/** Throws `TerminalError` where EC2 leaves out what a decision needs. `isWithTags`: its tags are wanted for a volume made of it. */
export function snapshotFacts(snapshot: Snapshot, isWithTags: boolean): SnapshotFacts {
  const id = need(snapshot.SnapshotId, 'Snapshots[].SnapshotId');
  const tags = tagsOf(snapshot.Tags);
  return {
    id,
    volumeId: need(snapshot.VolumeId, `${id}.VolumeId`),
    device: notedDevice(tags) ?? null,
    state: need(snapshot.State, `${id}.State`),
    startedAt: need(snapshot.StartTime, `${id}.StartTime`).toISOString(),
    completedAt: snapshot.CompletionTime?.toISOString() ?? null,
    sizeGiB: need(snapshot.VolumeSize, `${id}.VolumeSize`),
    kmsKeyId: snapshot.KmsKeyId ?? null,
    archived: snapshot.StorageTier === 'archive',
    lent: snapshot.RestoreExpiryTime !== undefined,
    copied: isCopied(snapshot),
    keptAt: { zone: textOr(snapshot.AvailabilityZone, null), outpost: textOr(snapshot.OutpostArn, null) },
    description: readDescription(snapshot.Description ?? ''),
    frozen: saysFrozen(snapshot.Description ?? ''),
    run: tags.get('runbook:run') ?? null,
    supersededAt: tags.get('runbook:superseded-at') ?? null,
    tags: isWithTags ? carriedTags(tags) : {},
  };
}
