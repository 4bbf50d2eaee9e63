/** EBS answers, converted once into our own types with required members. */

import type { Snapshot, Volume } from '@aws-sdk/client-ec2';
import { need, tagsOf } from '../../../shared/aws/ec2/reading.ts';
import { saysFrozen, type SnapshotFacts, type VolumeAttachment, type VolumeFacts } from '../decide.ts';

const STATUS_TAGS = new Set(['runbook:run', 'runbook:superseded-at']);

/** Tags that a copy takes with it. AWS refuses keys that begin with `aws:`. */
function carriedTags(tags: ReadonlyMap<string, string>): { readonly [key: string]: string } {
  return Object.fromEntries([...tags].filter(([key]) => !key.startsWith('aws:') && !STATUS_TAGS.has(key)));
}

function attachmentsOf({ Attachments }: Volume, id: string): readonly VolumeAttachment[] {
  return (Attachments ?? []).map(({ InstanceId, Device, State, DeleteOnTermination, AttachTime }) => ({
    instanceId: need(InstanceId, `${id}.Attachments[].InstanceId`),
    device: need(Device, `${id}.Attachments[].Device`),
    state: need(State, `${id}.Attachments[].State`),
    deleteOnTermination: need(DeleteOnTermination, `${id}.Attachments[].DeleteOnTermination`),
    attachedAt: AttachTime?.toISOString() ?? null,
  }));
}

/** Throws `TerminalError` where EC2 leaves out what a decision needs. */
export function volumeFacts(volume: Volume): VolumeFacts {
  const id = need(volume.VolumeId, 'Volumes[].VolumeId');
  const tags = tagsOf(volume.Tags);
  const attachments = attachmentsOf(volume, id);
  return {
    id,
    device: tags.get('runbook:device') ?? attachments[0]?.device ?? null,
    zone: need(volume.AvailabilityZone, `${id}.AvailabilityZone`),
    state: need(volume.State, `${id}.State`),
    createdAt: need(volume.CreateTime, `${id}.CreateTime`).toISOString(),
    snapshotId: volume.SnapshotId === undefined || volume.SnapshotId === '' ? null : volume.SnapshotId,
    type: need(volume.VolumeType, `${id}.VolumeType`),
    sizeGiB: need(volume.Size, `${id}.Size`),
    iops: volume.Iops ?? null,
    throughput: volume.Throughput ?? null,
    kmsKeyId: volume.KmsKeyId ?? null,
    run: tags.get('runbook:run') ?? null,
    supersededAt: tags.get('runbook:superseded-at') ?? null,
    tags: carriedTags(tags),
    attachments,
  };
}

/** Throws `TerminalError` where EC2 leaves out what a decision needs. */
export function snapshotFacts(snapshot: Snapshot): SnapshotFacts {
  const id = need(snapshot.SnapshotId, 'Snapshots[].SnapshotId');
  const tags = tagsOf(snapshot.Tags);
  return {
    id,
    volumeId: need(snapshot.VolumeId, `${id}.VolumeId`),
    device: tags.get('runbook:device') ?? null,
    state: need(snapshot.State, `${id}.State`),
    startedAt: need(snapshot.StartTime, `${id}.StartTime`).toISOString(),
    completedAt: snapshot.CompletionTime?.toISOString() ?? null,
    sizeGiB: need(snapshot.VolumeSize, `${id}.VolumeSize`),
    kmsKeyId: snapshot.KmsKeyId ?? null,
    frozen: saysFrozen(snapshot.Description ?? ''),
    run: tags.get('runbook:run') ?? null,
    supersededAt: tags.get('runbook:superseded-at') ?? null,
    tags: carriedTags(tags),
  };
}
