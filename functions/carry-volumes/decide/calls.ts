/** Planned EC2 calls on data volumes and their snapshots. Pure. */

import type { JsonObject, PlannedCall } from '../../../shared/kernel/decision.ts';
import { deviceName, diskName } from '../../../shared/judgement/device-names.ts';
import {
  copyLabelOf,
  describeSite,
  finalLabelOf,
  labelOf,
  type Site,
  type SnapshotFacts,
  type VolumeFacts,
} from './volume-set.ts';

/** EC2 takes up to 1,000 ids in one CreateTags request; a smaller number keeps plans readable. */
const MOST_TAGGED = 200;
/** Types whose IOPS, and whose throughput, are for the caller to choose. Source: CreateVolume, `Iops` and `Throughput`. */
const WITH_IOPS = new Set(['gp3', 'io1', 'io2']);
const WITH_THROUGHPUT = new Set(['gp3']);
/** Where nothing tells what the volume was: the type that AWS recommends. */
const USUAL_TYPE = 'gp3';

/** Names that EC2 recommends for data volumes. Source: EC2 user guide, "Device names for volumes". */
const DEVICE_NAMES: readonly string[] = Array.from('fghijklmnop', (letter) => `/dev/sd${letter}`);

function specification(resourceType: 'volume' | 'snapshot', tags: { readonly [key: string]: string }): JsonObject {
  const Tags = Object.entries(tags)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([Key, Value]) => ({ Key, Value }));
  return { TagSpecifications: [{ ResourceType: resourceType, Tags }] };
}

/** Sets one tag on many resources. Nothing for none. */
function taggingAll(resources: readonly string[], key: string, value: string, because: string): readonly PlannedCall[] {
  return Array.from({ length: Math.ceil(resources.length / MOST_TAGGED) }, (_none, index) => ({
    call: 'ec2:CreateTags',
    input: {
      Resources: resources.slice(index * MOST_TAGGED, (index + 1) * MOST_TAGGED),
      Tags: [{ Key: key, Value: value }],
    },
    because,
  }));
}

/** Writes on the volumes to whom they are given. */
export function labelling(volumes: readonly VolumeFacts[], instanceId: string): readonly PlannedCall[] {
  const label = labelOf(instanceId);
  const others = volumes.filter(({ run }) => run !== label);
  return taggingAll(
    others.map(({ id }) => id),
    'runbook:run',
    label,
    `says that ${instanceId} has them, before it can write on them`,
  );
}

/** Writes on volumes that no tag places where they are, while they are there. */
export function noting(volumes: readonly VolumeFacts[]): readonly PlannedCall[] {
  return volumes
    .filter(({ deviceNoted }) => !deviceNoted)
    .flatMap(({ id, device }) =>
      device === null
        ? []
        : taggingAll([id], 'runbook:was-at', device, `says where ${id} was, when that does not show any more`),
    );
}

/** Any name of the root disk tells that a volume is a root. Source: EC2 user guide, "Device names for volumes". */
const ROOT_NAME = '/dev/xvda';

/** Writes on root volumes that they are such, while it shows. */
export function notingRoots(ids: readonly string[]): readonly PlannedCall[] {
  return taggingAll(
    ids,
    'runbook:was-at',
    ROOT_NAME,
    'says that it is a root volume, when that does not show any more',
  );
}

/** Lets the volumes outlive their instance. Nothing for those that do. */
export function keepingVolumes(volumes: readonly VolumeFacts[], instanceId: string): readonly PlannedCall[] {
  const mappings = volumes.flatMap(({ id, attachments }) =>
    attachments.flatMap(({ instanceId: on, device, deleteOnTermination }) =>
      on === instanceId && deleteOnTermination
        ? [{ DeviceName: device, Ebs: { DeleteOnTermination: false, VolumeId: id } }]
        : [],
    ),
  );
  if (mappings.length === 0) return [];
  return [
    {
      call: 'ec2:ModifyInstanceAttribute',
      input: { InstanceId: instanceId, BlockDeviceMappings: mappings },
      because: 'the data outlives the instance',
    },
  ];
}

/** How the descriptions of our snapshots begin. Nobody can change a description, so it tells more than any tag. */
const OURS = 'carry-volumes: ';
/** At the end of a description: told by it when the set is fallen back on. */
const FROZEN = 'file systems frozen';
/** At the end of the description of an exact copy. */
const QUIET = 'nobody writing';

/** Whether a snapshot's description says that its file systems were frozen. */
export function saysFrozen(description: string): boolean {
  return description.startsWith(OURS) && description.endsWith(FROZEN);
}

/** What a snapshot's description says of it. */
export function readDescription(description: string): SnapshotFacts['description'] {
  if (description === '') return 'none';
  if (!description.startsWith(OURS)) return 'foreign';
  return description.endsWith(QUIET) ? 'quiet' : 'written';
}

/**
 * One crash-consistent set of what is attached to the instance and belongs to the set. The tags come from the volumes, their
 * label among them: that is what a repeat is told by, since the call has no client token.
 * @param others ids of data volumes on the instance that do not belong to the set
 */
export function warmSet(instanceId: string, others: readonly string[], isFrozen: boolean): PlannedCall {
  const exclude = others.length === 0 ? {} : { ExcludeDataVolumeIds: [...others] };
  return {
    call: 'ec2:CreateSnapshots',
    input: {
      InstanceSpecification: { InstanceId: instanceId, ExcludeBootVolume: true, ...exclude },
      CopyTagsFromSource: 'volume',
      Description: `${OURS}${instanceId}, ${isFrozen ? FROZEN : 'still writing'}`,
    },
    because: 'the final snapshot has less left to copy, and there is something to fall back on',
    optional: true,
  };
}

/** A snapshot of an unattached volume: exact. */
export function finalSnapshot(volume: VolumeFacts): PlannedCall {
  const tags = {
    ...volume.tags,
    ...(volume.device === null || volume.tags['runbook:device'] !== undefined
      ? {}
      : { 'runbook:was-at': volume.device }),
    'runbook:run': finalLabelOf(volume),
  };
  return {
    call: 'ec2:CreateSnapshot',
    input: {
      VolumeId: volume.id,
      Description: `${OURS}${volume.id}, ${QUIET}`,
      ...specification('snapshot', tags),
    },
    because: 'nobody writes on it: the copy is exact',
  };
}

/** For whom, where and as what a copy is made. */
export interface CopyOrder {
  readonly instanceId: string;
  readonly site: Site;
  readonly set: string;
  readonly device: string;
  /** Counts from 1: a volume that ended in `error` or vanished has used its token up. */
  readonly attempt: number;
}

/**
 * A volume from a snapshot, as the one it replaces (`like`) was: type, size, IOPS, throughput, key, tags. The client token is
 * made of what makes the volume necessary, so any repeat by any run finds the same one.
 */
export function copyFrom(
  snapshot: SnapshotFacts,
  like: VolumeFacts | null,
  { instanceId, site, set, device, attempt }: CopyOrder,
): PlannedCall {
  const type = like?.type ?? USUAL_TYPE;
  const kmsKeyId = like?.kmsKeyId ?? snapshot.kmsKeyId;
  const tags = {
    ...(like?.tags ?? snapshot.tags),
    'runbook:volumes': set,
    'runbook:device': like?.device ?? snapshot.device ?? device,
    'runbook:run': copyLabelOf(instanceId),
  };
  return {
    call: 'ec2:CreateVolume',
    input: {
      AvailabilityZone: site.zone,
      ...(site.outpost === null ? {} : { OutpostArn: site.outpost }),
      SnapshotId: snapshot.id,
      VolumeType: type,
      Size: Math.max(like?.sizeGiB ?? 0, snapshot.sizeGiB),
      ...(WITH_IOPS.has(type) && like !== null && like.iops !== null ? { Iops: like.iops } : {}),
      ...(WITH_THROUGHPUT.has(type) && like !== null && like.throughput !== null
        ? { Throughput: like.throughput }
        : {}),
      ...(kmsKeyId === null ? {} : { Encrypted: true, KmsKeyId: kmsKeyId }),
      ...specification('volume', tags),
      ClientToken: `${instanceId}-${snapshot.id}-${attempt}`,
    },
    because: `${device} for ${instanceId} in ${describeSite(site)}`,
  };
}

/** Attaches a volume. Its inverse is plain, but to undo a carry is another carry. */
export function attaching(volumeId: string, instanceId: string, device: string): PlannedCall {
  return {
    call: 'ec2:AttachVolume',
    input: { Device: device, InstanceId: instanceId, VolumeId: volumeId },
    because: `${volumeId} belongs on ${instanceId}`,
  };
}

/** Detaches a volume. `force` only from an instance that cannot write any more. */
export function detaching(volumeId: string, instanceId: string, because: string, force = false): PlannedCall {
  return {
    call: 'ec2:DetachVolume',
    input: { InstanceId: instanceId, VolumeId: volumeId, ...(force ? { Force: true } : {}) },
    because,
  };
}

/**
 * By volume id a free device name: the volume's own, else the next that none of them wants; none for a volume where all are taken.
 * @param taken names that the instance has in use, in any spelling
 */
export function namesFor(volumes: readonly VolumeFacts[], taken: readonly string[]): ReadonlyMap<string, string> {
  const occupied = new Set(taken.map(diskName));
  const wanted = new Set(volumes.map(({ device }) => diskName(device ?? '')));
  const names = new Map<string, string>();
  for (const { id, device } of volumes) {
    const isOwnFree = device !== null && isDisk(device) && !occupied.has(diskName(device));
    const name = isOwnFree ? asEc2Takes(device) : DEVICE_NAMES.find((each) => !occupied.has(each) && !wanted.has(each));
    if (name === undefined) continue;
    occupied.add(diskName(name));
    names.set(id, name);
  }
  return names;
}

function isDisk(device: string): boolean {
  return diskName(device).startsWith('/dev/');
}

/** A name without its directory is one to a person. */
function asEc2Takes(device: string): string {
  return device.startsWith('/dev/') ? device : deviceName(device);
}

/** How hard an instance is to be stopped. */
export type StopManner = 'gentle' | 'forced' | 'hard';

/** Stops an instance. A refusal (a stop protection, an instance store) is no end: its termination frees the volumes too. */
export function stopping(instanceId: string, manner: StopManner, because: string): PlannedCall {
  const how = { gentle: {}, forced: { Force: true }, hard: { Force: true, SkipOsShutdown: true } };
  return {
    call: 'ec2:StopInstances',
    input: { InstanceIds: [instanceId], ...how[manner] },
    because,
    undo: { call: 'ec2:StartInstances', input: { InstanceIds: [instanceId] } },
    optional: true,
  };
}

/** Says that something else has taken the place of these, since when. */
export function superseding(resources: readonly string[], now: string, because: string): readonly PlannedCall[] {
  return taggingAll(resources, 'runbook:superseded-at', now, because);
}
