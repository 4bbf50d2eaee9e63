/** CreateSnapshot, CreateSnapshots, DescribeSnapshots, DeleteSnapshot, and the progress of snapshots. */

import { Snapshot$, SnapshotInfo$ } from '@aws-sdk/client-ec2';
import { awsError, NotSimulatedError, type Operation, type Shape, type World } from '../../engine/model.ts';
import { cancelLater, demandLight, demandQuota, later, refuseMembers, requestedTags } from './ebs-state.ts';
import { page, read, selected, strings, write, type FilterPaths } from './filters.ts';
import { outputOf } from './shape.ts';
import { demandOne, find, list, part, records, remove, show, stateOf, text } from './state.ts';
import { contentForSnapshot } from './writes.ts';

/** How long a snapshot takes where the world does not say (`SnapshotSeconds` of the volume). Assumed: small ones were seen to take 50 to 115 s. */
const SNAPSHOT_SECONDS = 90;
/** Pending snapshots of one volume. Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html (ConcurrentSnapshotLimitExceeded). */
const MOST_PENDING = { slow: 1, other: 5 };
const SLOW_TYPES: ReadonlySet<unknown> = new Set(['st1', 'sc1']);
/** Between two snapshots of one volume. Source: the same page (SnapshotCreationPerVolumeRateExceeded). */
const LEAST_SECONDS_BETWEEN = 15;
/** Volumes in one set. Assumed: the API reference gives this number for the volumes that a request may exclude. */
const MOST_IN_SET = 40;

const output = { snapshot: outputOf(Snapshot$), info: outputOf(SnapshotInfo$) };

function idOf(snapshot: Shape): string {
  return show(snapshot['SnapshotId']);
}

/** The odd form that EBS's events have: the region stands where the account belongs. */
function arn(world: World, kind: 'snapshot' | 'volume', id: string): string {
  return `arn:aws:ec2::${world.region}:${kind}/${id}`;
}

function seconds(snapshot: Shape): number {
  const value = snapshot['SnapshotSeconds'];
  return typeof value === 'number' ? value : SNAPSHOT_SECONDS;
}

/** How far it is at this moment, as DescribeSnapshots says it. A pending snapshot is never shown as complete. */
function progressOf(world: World, snapshot: Shape): string {
  if (snapshot['State'] !== 'pending') return show(snapshot['Progress']);
  const left = Date.parse(show(snapshot['CompletesAt'])) - world.clock.now();
  return `${Math.min(99, Math.max(0, Math.floor(100 - left / (10 * seconds(snapshot)))))}%`;
}

/** Whole seconds, as EBS's events give times. */
function eventTime(iso: unknown): string {
  return `${show(iso).slice(0, 19)}Z`;
}

/** Source: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-cloud-watch-events.html (EBS snapshot events). */
function emitSnapshot(world: World, snapshot: Shape): void {
  const own = arn(world, 'snapshot', idOf(snapshot));
  world.emit({
    source: 'aws.ec2',
    detailType: 'EBS Snapshot Notification',
    resources: [own],
    detail: {
      event: 'createSnapshot',
      result: snapshot['State'] === 'completed' ? 'succeeded' : 'failed',
      cause: '',
      'request-id': '',
      snapshot_id: own,
      source: arn(world, 'volume', show(snapshot['VolumeId'])),
      startTime: eventTime(snapshot['StartTime']),
      endTime: eventTime(world.clock.iso()),
    },
  });
}

function emitSet(world: World, set: readonly Shape[]): void {
  const failed = set.find((snapshot) => snapshot['State'] === 'error');
  world.emit({
    source: 'aws.ec2',
    detailType: 'EBS Multi-Volume Snapshots Completion Status',
    resources: set.map((snapshot) => arn(world, 'snapshot', idOf(snapshot))),
    detail: {
      event: 'createSnapshots',
      result: failed === undefined ? 'succeeded' : 'failed',
      cause: failed === undefined ? '' : `Snapshot ${idOf(failed)} is in status error`,
      'request-id': '',
      startTime: eventTime(set[0]?.['StartTime']),
      endTime: eventTime(world.clock.iso()),
      snapshots: set.map((snapshot) => ({
        snapshot_id: arn(world, 'snapshot', idOf(snapshot)),
        source: arn(world, 'volume', show(snapshot['VolumeId'])),
        status: show(snapshot['State']),
      })),
    },
  });
}

function setState(world: World, snapshot: Shape, state: 'completed' | 'error'): void {
  cancelLater(world, `snapshot:${idOf(snapshot)}`);
  snapshot['Progress'] = state === 'completed' ? '100%' : progressOf(world, snapshot);
  snapshot['State'] = state;
  if (state === 'completed') snapshot['CompletionTime'] = world.clock.iso();
  else snapshot['StateMessage'] = 'The snapshot failed.';
  emitSnapshot(world, snapshot);
}

/**
 * Ends a snapshot. One that fails fails its whole set; a set is told of when its last has ended.
 * Source: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-creating-snapshot.html (multi-volume snapshots, considerations).
 */
export function endSnapshot(world: World, snapshot: Shape, state: 'completed' | 'error'): void {
  setState(world, snapshot, state);
  const setId = text(snapshot, 'SetId');
  const set = setId === undefined ? [] : records(world, 'Snapshots').filter((other) => other['SetId'] === setId);
  if (state === 'error') {
    for (const other of set) {
      if (other['State'] !== 'error') setState(world, other, 'error');
    }
  }
  if (set.length > 0 && set.every((other) => other['State'] !== 'pending')) emitSet(world, set);
  for (const ended of set.length > 0 ? set : [snapshot]) {
    if (ended['DeleteWhenDone'] === true && ended['State'] !== 'pending') remove(world, 'Snapshots', ended);
  }
}

/** Lets a pending snapshot go on to its end at `CompletesAt`. In a dark zone of its volume it waits. */
export function resumeSnapshot(world: World, snapshot: Shape): void {
  world.assume(`ec2: a snapshot takes ${SNAPSHOT_SECONDS} s unless the world says otherwise`);
  const zone = show(find(world, 'Volumes', text(snapshot, 'VolumeId'))?.['AvailabilityZone']);
  const left = Date.parse(show(snapshot['CompletesAt'])) - world.clock.now();
  later(world, `snapshot:${idOf(snapshot)}`, zone, Math.max(0, left), () =>
    endSnapshot(world, snapshot, snapshot['WillFail'] === true ? 'error' : 'completed'),
  );
}

/** Sets how far a pending snapshot is (0 to 1) and when it ends by that. */
export function setProgress(world: World, snapshot: Shape, fraction: number): void {
  snapshot['CompletesAt'] = new Date(world.clock.now() + (1 - fraction) * seconds(snapshot) * 1000).toISOString();
  resumeSnapshot(world, snapshot);
}

interface SnapshotOrder {
  readonly tags: readonly Shape[];
  readonly description: string;
  readonly setId?: string;
}

function begin(world: World, volume: Shape, order: SnapshotOrder): Shape {
  const snapshot: Shape = {
    SnapshotId: world.id('snap'),
    Description: order.description,
    Encrypted: volume['Encrypted'] === true,
    ...(volume['KmsKeyId'] === undefined ? {} : { KmsKeyId: volume['KmsKeyId'] }),
    OwnerId: world.account,
    Progress: '',
    StartTime: world.clock.iso(),
    State: 'pending',
    StorageTier: 'standard',
    Tags: order.tags.map((tag) => ({ ...tag })),
    VolumeId: volume['VolumeId'],
    VolumeSize: volume['Size'],
    ...(volume['SnapshotSeconds'] === undefined ? {} : { SnapshotSeconds: volume['SnapshotSeconds'] }),
    ...(volume['SnapshotsFail'] === true ? { WillFail: true } : {}),
    ...(order.setId === undefined ? {} : { SetId: order.setId }),
    ...contentForSnapshot(world, volume),
  };
  records(world, 'Snapshots').push(snapshot);
  setProgress(world, snapshot, 0);
  return snapshot;
}

/** Refuses a snapshot that a volume cannot have now. Nothing is changed. */
function demandSnapshottable(world: World, volume: Shape): void {
  const id = show(volume['VolumeId']);
  if (volume['State'] !== 'available' && volume['State'] !== 'in-use')
    throw awsError('IncorrectState', `Volume '${id}' is in the '${show(volume['State'])}' state.`);
  const mine = records(world, 'Snapshots').filter((snapshot) => snapshot['VolumeId'] === id);
  const since = world.clock.now() - LEAST_SECONDS_BETWEEN * 1000;
  if (mine.some((snapshot) => Date.parse(show(snapshot['StartTime'])) > since)) {
    throw awsError(
      'SnapshotCreationPerVolumeRateExceeded',
      'The maximum per volume CreateSnapshot request rate has been exceeded. Use an increasing or variable sleep interval between requests.',
    );
  }
  const most = SLOW_TYPES.has(volume['VolumeType']) ? MOST_PENDING.slow : MOST_PENDING.other;
  if (mine.filter((snapshot) => snapshot['State'] === 'pending').length >= most) {
    throw awsError(
      'ConcurrentSnapshotLimitExceeded',
      'Maximum allowed in-progress snapshots for a single volume exceeded.',
    );
  }
  demandLight(world, show(volume['AvailabilityZone']));
}

function demandRoom(world: World, count: number): void {
  demandQuota(world, 'SnapshotLimitExceeded', () => records(world, 'Snapshots').length + count);
  demandQuota(
    world,
    'PendingSnapshotLimitExceeded',
    () => records(world, 'Snapshots').filter((snapshot) => snapshot['State'] === 'pending').length + count,
  );
}

function createSnapshot(input: Shape, world: World): object {
  refuseMembers('CreateSnapshot', input, ['OutpostArn', 'Location']);
  const volume = demandOne(world, 'Volumes', show(input['VolumeId']));
  const tags = requestedTags(input, 'snapshot');
  demandSnapshottable(world, volume);
  demandRoom(world, 1);
  return output.snapshot(begin(world, volume, { tags, description: text(input, 'Description') ?? '' }));
}

/** The volumes of a set, as the request chooses them. */
function chosenVolumes(world: World, instance: Shape, specification: Shape): Shape[] {
  const isRoot = (mapping: Shape): boolean => mapping['DeviceName'] === instance['RootDeviceName'];
  const volumeIn = (mapping: Shape): string => show(part(mapping, 'Ebs')['VolumeId']);
  const mappings = list(instance, 'BlockDeviceMappings');
  const excluded = strings(specification, 'ExcludeDataVolumeIds');
  for (const id of excluded) {
    const mapping = mappings.find((shown) => volumeIn(shown) === id);
    if (mapping !== undefined && isRoot(mapping))
      throw awsError('InvalidParameterValue', `Volume ${id} is the root volume; use ExcludeBootVolume to exclude it`);
    if (mapping !== undefined) continue;
    world.assume('ec2: CreateSnapshots refuses to exclude a volume that is not attached to the instance');
    throw awsError('InvalidParameterValue', `Volume ${id} is not attached to instance ${show(instance['InstanceId'])}`);
  }
  const chosen = mappings.filter(
    (mapping) =>
      !(isRoot(mapping) && specification['ExcludeBootVolume'] === true) && !excluded.includes(volumeIn(mapping)),
  );
  return chosen.map((mapping) => find(world, 'Volumes', volumeIn(mapping))).filter((volume) => volume !== undefined);
}

/** Tags of the request win over copied ones of the same key; reserved ones are not copied. Assumed. */
function tagsFor(input: Shape, volume: Shape, requested: readonly Shape[]): Shape[] {
  const copied =
    input['CopyTagsFromSource'] === 'volume'
      ? list(volume, 'Tags').filter((tag) => !show(tag['Key']).startsWith('aws:'))
      : [];
  return [...new Map([...copied, ...requested].map((tag) => [tag['Key'], tag])).values()];
}

/** One moment for all volumes of the set. There is no client token: a repeat makes a second set. */
function createSnapshots(input: Shape, world: World): object {
  refuseMembers('CreateSnapshots', input, ['OutpostArn', 'Location']);
  const specification = part(input, 'InstanceSpecification');
  const instance = demandOne(world, 'Instances', show(specification['InstanceId']));
  if (stateOf(instance) === 'terminated') {
    world.assume('ec2: CreateSnapshots of a terminated instance is an IncorrectInstanceState');
    throw awsError(
      'IncorrectInstanceState',
      `The instance '${show(instance['InstanceId'])}' is not in a state from which snapshots can be created.`,
    );
  }
  const tags = requestedTags(input, 'snapshot');
  const volumes = chosenVolumes(world, instance, specification);
  if (volumes.length === 0) {
    world.assume('ec2: CreateSnapshots that chooses no volume is an InvalidParameterValue');
    throw awsError('InvalidParameterValue', 'There are no volumes to create snapshots of');
  }
  if (volumes.length > MOST_IN_SET)
    throw awsError('InvalidParameterValue', `A set has at most ${MOST_IN_SET} volumes, not ${volumes.length}`);
  for (const volume of volumes) demandSnapshottable(world, volume);
  demandRoom(world, volumes.length);
  const description = text(input, 'Description') ?? '';
  const setId = world.id('set');
  return {
    Snapshots: volumes.map((volume) =>
      output.info(begin(world, volume, { tags: tagsFor(input, volume, tags), description, setId })),
    ),
  };
}

const FILTERS: FilterPaths = {
  description: 'Description',
  encrypted: 'Encrypted',
  'owner-alias': 'OwnerAlias',
  'owner-id': 'OwnerId',
  'snapshot-id': 'SnapshotId',
  'start-time': 'StartTime',
  status: 'State',
  'storage-tier': 'StorageTier',
  'volume-id': 'VolumeId',
  'volume-size': 'VolumeSize',
};

function describeSnapshots(input: Shape, world: World): object {
  if (strings(input, 'RestorableByUserIds').length > 0)
    throw new NotSimulatedError('ec2:DescribeSnapshots RestorableByUserIds');
  const owners = strings(input, 'OwnerIds').map((owner) => (owner === 'self' ? world.account : owner));
  const found = selected(world, 'DescribeSnapshots', input, 'Snapshots', 'SnapshotIds', FILTERS);
  const mine =
    owners.length === 0
      ? found
      : found.filter(
          (snapshot) => owners.includes(show(snapshot['OwnerId'])) || owners.includes(show(snapshot['OwnerAlias'])),
        );
  const { items, rest } = page('DescribeSnapshots', input, mine, 'SnapshotIds');
  return {
    Snapshots: items.map((snapshot) => output.snapshot({ ...snapshot, Progress: progressOf(world, snapshot) })),
    ...rest,
  };
}

function imageUsing(world: World, snapshotId: string): Shape | undefined {
  return records(world, 'Images').find((image) =>
    list(image, 'BlockDeviceMappings').some((mapping) => part(mapping, 'Ebs')['SnapshotId'] === snapshotId),
  );
}

/**
 * A pending snapshot is deleted when it has ended, and counts until then.
 * Source: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-creating-snapshot.html
 */
function deleteSnapshot(input: Shape, world: World): object {
  const snapshot = demandOne(world, 'Snapshots', show(input['SnapshotId']));
  const image = imageUsing(world, idOf(snapshot));
  if (image !== undefined)
    throw awsError(
      'InvalidSnapshot.InUse',
      `The snapshot ${idOf(snapshot)} is currently in use by ${show(image['ImageId'])}`,
    );
  if (snapshot['State'] === 'pending') snapshot['DeleteWhenDone'] = true;
  else remove(world, 'Snapshots', snapshot);
  return {};
}

export const snapshotOperations: { readonly [operation: string]: Operation } = {
  CreateSnapshot: write('CreateSnapshot', createSnapshot),
  CreateSnapshots: write('CreateSnapshots', createSnapshots),
  DescribeSnapshots: read('DescribeSnapshots', describeSnapshots),
  DeleteSnapshot: write('DeleteSnapshot', deleteSnapshot),
};
