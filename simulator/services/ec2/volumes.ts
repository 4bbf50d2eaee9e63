/** CreateVolume and DeleteVolume, with client tokens and the asynchronous failure of a KMS key. */

import { Volume$ } from '@aws-sdk/client-ec2';
import { awsError, NotSimulatedError, type Operation, type Shape, type World } from '../../engine/model.ts';
import { attachmentOf, holderOf } from './attachments.ts';
import {
  cancelLater,
  demandLight,
  demandQuota,
  emitVolume,
  later,
  refuseMembers,
  requestedTags,
  volumeKeyFault,
} from './ebs-state.ts';
import { write } from './filters.ts';
import { outputOf } from './shape.ts';
import { fingerprint } from './fingerprint.ts';
import { demandOne, find, records, remove, show, text } from './state.ts';
import { contentForVolume } from './writes.ts';
import { keyArn } from '../kms.ts';

/** From creating to available, or to gone. Seen by users: "about 4 seconds", github.com/kubernetes/kubernetes/issues/62171. */
const CREATE_MS = 4_000;
/** From deleting to gone. Assumed; the API reference says it can be minutes. */
const DELETE_MS = 5_000;
/**
 * A token whose volume is gone is refused this long. Source: practice of github.com/kubernetes-sigs/aws-ebs-csi-driver
 * (pull 2075); the length is assumed.
 */
const TOKEN_MS = 12 * 3_600_000;

const output = outputOf(Volume$);

interface VolumeKind {
  readonly leastGiB: number;
  readonly mostGiB: number;
  /** Absent: IOPS are not for the caller to choose. */
  readonly iops?: {
    readonly least: number;
    readonly most: number;
    readonly perGiB: number;
    readonly standard?: number;
  };
  readonly throughput?: { readonly least: number; readonly most: number; readonly standard: number };
}

/** Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolume.html; the ratios: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html */
const KINDS: { readonly [type: string]: VolumeKind } = {
  gp2: { leastGiB: 1, mostGiB: 16_384 },
  gp3: {
    leastGiB: 1,
    mostGiB: 65_536,
    iops: { least: 3_000, most: 80_000, perGiB: 500, standard: 3_000 },
    throughput: { least: 125, most: 2_000, standard: 125 },
  },
  io1: { leastGiB: 4, mostGiB: 16_384, iops: { least: 100, most: 64_000, perGiB: 50 } },
  io2: { leastGiB: 4, mostGiB: 65_536, iops: { least: 100, most: 256_000, perGiB: 1_000 } },
  st1: { leastGiB: 125, mostGiB: 16_384 },
  sc1: { leastGiB: 125, mostGiB: 16_384 },
  standard: { leastGiB: 1, mostGiB: 1_024 },
};
/** MiB/s for each of the IOPS, at most. Source: https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html */
const THROUGHPUT_PER_IOPS = 0.25;
/** Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolume.html (VolumeInitializationRate). */
const INITIALIZATION_RATE = { least: 100, most: 300 };

function numberOf(input: Shape, member: string): number | undefined {
  const value = input[member];
  return typeof value === 'number' ? value : undefined;
}

function invalid(parameter: string, value: number, why: string): Error {
  return awsError('InvalidParameterValue', `Value (${value}) for parameter ${parameter} is invalid. ${why}`);
}

function demandRange(
  parameter: string,
  value: number,
  { least, most }: { readonly least: number; readonly most: number },
): void {
  if (value < least || value > most) throw invalid(parameter, value, `It must be between ${least} and ${most}.`);
}

function sizeFor(input: Shape, type: string, kind: VolumeKind, snapshot: Shape | undefined): number {
  const least = typeof snapshot?.['VolumeSize'] === 'number' ? snapshot['VolumeSize'] : undefined;
  const size = numberOf(input, 'Size') ?? least;
  if (size === undefined) throw awsError('MissingParameter', 'The request must contain the parameter size/snapshot');
  if (least !== undefined && size < least)
    throw invalid(
      'size',
      size,
      `Volume of size ${size}GB is smaller than snapshot '${show(snapshot?.['SnapshotId'])}', expect size >= ${least}GB`,
    );
  if (size < kind.leastGiB || size > kind.mostGiB)
    throw invalid('size', size, `A ${type} volume has ${kind.leastGiB} to ${kind.mostGiB} GiB.`);
  return size;
}

function performanceFor(input: Shape, type: string, kind: VolumeKind, size: number): Shape {
  const iops = numberOf(input, 'Iops') ?? kind.iops?.standard;
  const throughput = numberOf(input, 'Throughput') ?? kind.throughput?.standard;
  if (iops === undefined && kind.iops !== undefined)
    throw awsError('MissingParameter', `The request must contain the parameter iops for ${type} volumes`);
  if (iops !== undefined) {
    if (kind.iops === undefined)
      throw awsError('InvalidParameterCombination', `The parameter iops is not supported for ${type} volumes.`);
    demandRange('iops', iops, kind.iops);
    // The standard of gp3 comes with any size.
    if (iops !== kind.iops.standard && iops / size > kind.iops.perGiB)
      throw invalid(
        'iops',
        iops,
        `Iops to volume size ratio of ${iops / size} is too high; maximum is ${kind.iops.perGiB}`,
      );
  }
  if (throughput !== undefined) {
    if (kind.throughput === undefined)
      throw awsError('InvalidParameterCombination', `The parameter throughput is not supported for ${type} volumes.`);
    demandRange('throughput', throughput, kind.throughput);
    if (throughput / (iops ?? 0) > THROUGHPUT_PER_IOPS)
      throw invalid(
        'throughput',
        throughput,
        `Throughput (MiBps) to iops ratio of ${throughput / (iops ?? 0)} is too high; maximum is ${THROUGHPUT_PER_IOPS} MiBps per iops`,
      );
  }
  return {
    ...(iops === undefined ? baselineIops(type, size) : { Iops: iops }),
    ...(throughput === undefined ? {} : { Throughput: throughput }),
  };
}

/** gp2 shows the IOPS that its size gives. Source: https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html */
function baselineIops(type: string, size: number): Shape {
  return type === 'gp2' ? { Iops: Math.min(16_000, Math.max(100, 3 * size)) } : {};
}

function encryptionFor(input: Shape, snapshot: Shape | undefined, world: World): Shape {
  const named = text(input, 'KmsKeyId');
  if (named !== undefined && input['Encrypted'] !== true)
    throw awsError('InvalidParameterDependency', 'The parameter KmsKeyId requires the parameter Encrypted to be set.');
  if (named?.includes('alias/') === true && keyArn(world, named) === named)
    throw new NotSimulatedError(`ec2:CreateVolume KmsKeyId ${named}`);
  if (snapshot?.['Encrypted'] === true && input['Encrypted'] === false)
    throw new NotSimulatedError('ec2:CreateVolume Encrypted false from an encrypted snapshot');
  if (input['Encrypted'] !== true && snapshot?.['Encrypted'] !== true) return { Encrypted: false };
  return {
    Encrypted: true,
    KmsKeyId:
      named === undefined ? (text(snapshot, 'KmsKeyId') ?? keyArn(world, 'alias/aws/ebs')) : keyArn(world, named),
  };
}

function zoneFor(input: Shape, world: World): string {
  const name = text(input, 'AvailabilityZone');
  const id = text(input, 'AvailabilityZoneId');
  if (name === undefined && id === undefined)
    throw awsError('MissingParameter', 'The request must contain the parameter AvailabilityZone or AvailabilityZoneId');
  if (name !== undefined && id !== undefined)
    throw awsError(
      'InvalidParameterCombination',
      'The parameters AvailabilityZone and AvailabilityZoneId may not be used together',
    );
  const zone = records(world, 'AvailabilityZones').find((record) =>
    name === undefined ? record['ZoneId'] === id : record['ZoneName'] === name,
  );
  if (zone === undefined) throw awsError('InvalidZone.NotFound', `The zone '${name ?? id ?? ''}' does not exist.`);
  return show(zone['ZoneName']);
}

function snapshotFor(input: Shape, world: World): Shape | undefined {
  const id = text(input, 'SnapshotId');
  if (id === undefined) return undefined;
  const snapshot = demandOne(world, 'Snapshots', id);
  // Seen by users of the API: github.com/vmware-tanzu/velero/issues/1799.
  if (snapshot['State'] !== 'completed')
    throw awsError('IncorrectState', `Snapshot is in invalid state - ${show(snapshot['State'])}`);
  demandStandardTier(snapshot, world);
  demandReach(snapshot, input, world);
  return snapshot;
}

/** That it cannot be used is documented, the error is assumed. Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Snapshot.html (StorageTier). */
function demandStandardTier(snapshot: Shape, world: World): void {
  if (snapshot['StorageTier'] !== 'archive') return;
  world.assume('ec2: CreateVolume from a snapshot in the archive tier is an IncorrectState');
  throw awsError('IncorrectState', `Snapshot '${show(snapshot['SnapshotId'])}' is in the archive tier`);
}

/**
 * A snapshot that is kept on an Outpost makes volumes there only; one in the Region makes them anywhere.
 * Source: https://docs.aws.amazon.com/ebs/latest/userguide/snapshots-outposts.html; the error is assumed.
 */
function demandReach(snapshot: Shape, input: Shape, world: World): void {
  const keptOn = text(snapshot, 'OutpostArn');
  if (keptOn === undefined || keptOn === text(input, 'OutpostArn')) return;
  world.assume('ec2: CreateVolume elsewhere than on the Outpost of its snapshot is an InvalidParameterValue');
  throw awsError('InvalidParameterValue', `Snapshot '${show(snapshot['SnapshotId'])}' is stored on ${keptOn}`);
}

/** On an Outpost there are gp2 volumes; what else a newer rack offers is not known here. Source: github.com/kubernetes-sigs/aws-ebs-csi-driver, docs/parameters.md. */
function demandOutpostType(input: Shape, type: string): void {
  if (text(input, 'OutpostArn') !== undefined && type !== 'gp2')
    throw new NotSimulatedError(`ec2:CreateVolume of type ${type} on an Outpost`);
}

function demandStorage(world: World, size: number, iops: unknown): void {
  const sum = (member: string): number =>
    records(world, 'Volumes').reduce((total, volume) => total + (numberOf(volume, member) ?? 0), 0);
  demandQuota(world, 'VolumeLimitExceeded', () => sum('Size') + size);
  if (typeof iops === 'number') demandQuota(world, 'MaxIOPSLimitExceeded', () => sum('Iops') + iops);
}

/**
 * The volume that an earlier request with this token made.
 * @throws `IdempotentParameterMismatch` (AwsError) for another request, or when that volume is gone
 */
function madeBefore(input: Shape, world: World): Shape | undefined {
  const token = text(input, 'ClientToken');
  const earlier = find(world, 'VolumeTokens', token);
  if (earlier === undefined) return undefined;
  if (earlier['Request'] !== fingerprint(input)) {
    // Seen by users of the API: github.com/kubernetes-sigs/aws-ebs-csi-driver/issues/1916.
    throw awsError(
      'IdempotentParameterMismatch',
      'Parameters on this idempotent request are inconsistent with parameters used in previous request(s)',
    );
  }
  const volume = find(world, 'Volumes', text(earlier, 'VolumeId'));
  if (volume !== undefined && volume['State'] !== 'deleting') return volume;
  if (Date.parse(show(earlier['UsedAt'])) + TOKEN_MS <= world.clock.now()) {
    remove(world, 'VolumeTokens', earlier);
    return undefined;
  }
  world.assume('ec2: a client token whose volume is gone is refused for 12 hours');
  // Seen by users of the API: github.com/crossplane-contrib/provider-aws/issues/1858.
  throw awsError(
    'IdempotentParameterMismatch',
    'The client token you have provided is associated with a resource that is already deleted. Please use a different client token.',
  );
}

/** The end of creating: available; or, when its key cannot be used, gone, which only an event tells, if anything. */
function finishCreating(world: World, volume: Shape): void {
  const id = show(volume['VolumeId']);
  const fault = volumeKeyFault(world, volume);
  if (fault === undefined) {
    volume['State'] = 'available';
    emitVolume(world, id, { event: 'createVolume', result: 'available' });
    return;
  }
  remove(world, 'Volumes', volume);
  if (fault.cause !== undefined) emitVolume(world, id, { event: 'createVolume', result: 'failed', cause: fault.cause });
}

/** Continues the creation of a volume that is `creating`. */
export function resumeCreating(world: World, volume: Shape): void {
  world.assume(`ec2: creating a volume takes ${CREATE_MS / 1000} s`);
  later(world, `volume:${show(volume['VolumeId'])}`, show(volume['AvailabilityZone']), CREATE_MS, () =>
    finishCreating(world, volume),
  );
}

function createVolume(input: Shape, world: World): object {
  refuseMembers('CreateVolume', input, ['MultiAttachEnabled', 'Operator']);
  const before = madeBefore(input, world);
  if (before !== undefined) return output(before);
  const zone = zoneFor(input, world);
  const snapshot = snapshotFor(input, world);
  const type = text(input, 'VolumeType') ?? 'gp2';
  const kind = Object.hasOwn(KINDS, type) ? KINDS[type] : undefined;
  if (kind === undefined) throw awsError('UnknownVolumeType', `Unknown volume type: ${type}`);
  demandOutpostType(input, type);
  const outpostArn = text(input, 'OutpostArn');
  const size = sizeFor(input, type, kind, snapshot);
  const performance = performanceFor(input, type, kind, size);
  const rate = numberOf(input, 'VolumeInitializationRate');
  if (rate !== undefined && snapshot === undefined)
    throw awsError(
      'InvalidParameterCombination',
      'The parameter VolumeInitializationRate requires the parameter SnapshotId.',
    );
  if (rate !== undefined) demandRange('volumeInitializationRate', rate, INITIALIZATION_RATE);
  const volume: Shape = {
    VolumeId: '',
    Attachments: [],
    AvailabilityZone: zone,
    CreateTime: world.clock.iso(),
    ...encryptionFor(input, snapshot, world),
    ...performance,
    MultiAttachEnabled: false,
    Size: size,
    SnapshotId: text(input, 'SnapshotId') ?? '',
    State: 'creating',
    Tags: requestedTags(input, 'volume'),
    VolumeType: type,
    ...(outpostArn === undefined ? {} : { OutpostArn: outpostArn }),
    ...(rate === undefined ? {} : { VolumeInitializationRate: rate }),
    ...(snapshot?.['SnapshotSeconds'] === undefined ? {} : { SnapshotSeconds: snapshot['SnapshotSeconds'] }),
    ...contentForVolume(snapshot),
  };
  demandStorage(world, size, performance['Iops']);
  demandLight(world, zone);
  volume['VolumeId'] = world.id('vol');
  records(world, 'Volumes').push(volume);
  const token = text(input, 'ClientToken');
  if (token !== undefined)
    records(world, 'VolumeTokens').push({
      ClientToken: token,
      Request: fingerprint(input),
      VolumeId: volume['VolumeId'],
      UsedAt: world.clock.iso(),
    });
  resumeCreating(world, volume);
  return output(volume);
}

function finishDeleting(world: World, volume: Shape): void {
  remove(world, 'Volumes', volume);
  emitVolume(world, show(volume['VolumeId']), { event: 'deleteVolume', result: 'deleted' });
}

/** Continues the deletion of a volume that is `deleting`. */
export function resumeDeleting(world: World, volume: Shape): void {
  world.assume(`ec2: deleting a volume takes ${DELETE_MS / 1000} s`);
  later(world, `volume:${show(volume['VolumeId'])}`, show(volume['AvailabilityZone']), DELETE_MS, () =>
    finishDeleting(world, volume),
  );
}

function deleteVolume(input: Shape, world: World): object {
  const volume = demandOne(world, 'Volumes', show(input['VolumeId']));
  const id = show(volume['VolumeId']);
  const attachment = attachmentOf(volume);
  if (attachment !== undefined)
    throw awsError('VolumeInUse', `Volume ${id} is currently attached to ${holderOf(attachment)}`);
  if (volume['State'] === 'deleting') {
    world.assume('ec2: DeleteVolume of a volume that is being deleted finds no volume');
    throw awsError('InvalidVolume.NotFound', `The volume '${id}' does not exist.`);
  }
  if (volume['State'] === 'creating') throw awsError('IncorrectState', `Volume '${id}' is in the 'creating' state.`);
  cancelLater(world, `volume:${id}`);
  volume['State'] = 'deleting';
  resumeDeleting(world, volume);
  return {};
}

export const volumeOperations: { readonly [operation: string]: Operation } = {
  CreateVolume: write('CreateVolume', createVolume),
  DeleteVolume: write('DeleteVolume', deleteVolume),
};
