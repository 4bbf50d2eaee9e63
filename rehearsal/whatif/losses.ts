/** What a world can lose, and how the simulator is told of it: in the terms of the drills' scripts. */

import type { Shape, World } from '../../simulator/engine/model.ts';
import { attachmentOf } from '../../simulator/services/ec2/attachments.ts';
import { find, list, records, show, stateOf, text, zoneIsDark, zoneOf } from '../../simulator/services/ec2/state.ts';
import { nameOf, queuesOf } from '../../simulator/services/sqs/state.ts';
import { tagOf } from '../records.ts';
import { outageOf, type Outage } from './outage.ts';
import type { Lost, LossKind, Unattended } from './what-if.ts';
import type { Ward } from './wards/ward.ts';

/** A loss, as it can be played. */
export interface Loss {
  readonly lost: Lost;
  /** Everything that goes with it, itself among it: what is within another loss is no second one. */
  readonly all: ReadonlySet<string>;
  /** What is set when it happens, as a script sets it. */
  readonly set: { readonly [path: string]: unknown };
  /** What the account's Auto Scaling groups make of it a while later, each as far as it is still possible then. */
  readonly noticed?: readonly { readonly [path: string]: unknown }[];
  /** The ledger does not answer, from the beginning on. */
  readonly isLedger?: true;
  /** A consumer that breaks. */
  readonly outage?: Outage;
  /** A key without a record of its own, which needs one to be disabled. */
  readonly unlisted?: readonly string[];
}

function named(record: Shape | undefined): Pick<Lost, 'name'> {
  const name = tagOf(record, 'Name');
  return name === undefined || name === '' ? {} : { name };
}

/** A machine that is gone with what runs on it: both checks fail, and nothing answers. */
function dead(id: string): Loss['set'] {
  return {
    [`ec2/InstanceStatuses/${id}/SystemStatus/Status`]: 'impaired',
    [`ec2/InstanceStatuses/${id}/InstanceStatus/Status`]: 'impaired',
    [`ec2/Instances/${id}/Serves`]: false,
  };
}

function isRunning(instance: Shape): boolean {
  return stateOf(instance) === 'running';
}

/** A node of a gang: EC2 ends it with its hardware, and no checks are looked at that nobody waits for. */
function ended(id: string): Loss['set'] {
  return { [`ec2/Instances/${id}/State`]: { Code: 48, Name: 'terminated' } };
}

/** What becomes of an instance that dies. */
function dying(instance: Shape): Loss['set'] {
  return isNode(instance) ? ended(show(instance['InstanceId'])) : dead(show(instance['InstanceId']));
}

function isNode(instance: Shape): boolean {
  return tagOf(instance, 'runbook:hpc-queue') !== undefined;
}

function instanceLosses(world: World): readonly Loss[] {
  const running = records(world, 'Instances').filter((one) => isRunning(one) && !zoneIsDark(world, zoneOf(one)));
  return running.map((instance) => {
    const id = show(instance['InstanceId']);
    const how = isNode(instance) ? 'it is terminated' : 'its status checks fail, and nothing on it answers';
    const lost: Lost = { kind: 'instance', id, ...named(instance), how };
    return { lost, all: new Set([id]), set: dying(instance) };
  });
}

/** Members of groups in a zone. Their checks read nothing there, and a group calls them unhealthy all the same. */
function unhealthyIn(world: World, zone: string): NonNullable<Loss['noticed']> {
  return world.records('auto-scaling', 'AutoScalingGroups').flatMap((group) =>
    list(group, 'Instances')
      .filter((member) => member['AvailabilityZone'] === zone && member['LifecycleState'] === 'InService')
      .map((member) => {
        const place = `auto-scaling/AutoScalingGroups/${show(group['AutoScalingGroupName'])}/Instances`;
        return { [`${place}/${show(member['InstanceId'])}/HealthStatus`]: 'Unhealthy' };
      }),
  );
}

function zoneLosses(world: World): readonly Loss[] {
  const instances = records(world, 'Instances').filter(isRunning);
  const volumes = records(world, 'Volumes').filter(({ State: state }) => state === 'in-use' || state === 'available');
  const zones = new Set([...instances.map(zoneOf), ...volumes.map((one) => show(one['AvailabilityZone']))]);
  return [...zones].toSorted().flatMap((zone): Loss[] => {
    if (find(world, 'AvailabilityZones', zone) === undefined || zoneIsDark(world, zone)) return [];
    const inside = [
      ...instances.filter((one) => zoneOf(one) === zone).map((one) => show(one['InstanceId'])),
      ...volumes.filter((one) => one['AvailabilityZone'] === zone).map((one) => show(one['VolumeId'])),
    ];
    const lost: Lost = { kind: 'zone', id: zone, how: 'nothing in it answers, and nothing is launched there' };
    const set = { [`ec2/AvailabilityZones/${zone}/State`]: 'unavailable' };
    return [{ lost, all: new Set([zone, ...inside]), set, noticed: unhealthyIn(world, zone) }];
  });
}

/** Keys by the ids in which they are used, each once: those that are listed and work, and those that something is encrypted with. */
function keyLosses(world: World): readonly Loss[] {
  const listed = world.records('kms', 'Keys');
  const nameIn = (id: string): string => id.split('/').at(-1) ?? id;
  const used = [...records(world, 'Volumes'), ...records(world, 'Snapshots')].flatMap(
    (one) => text(one, 'KmsKeyId') ?? [],
  );
  const own = listed.map((one) => show(one['KeyId']));
  const others = [...new Set(used)].filter((id) => !own.some((known) => nameIn(known) === nameIn(id)));
  const unlisted = others.filter((id) => !id.includes('alias/'));
  const working = listed.filter((one) => (one['KeyState'] ?? 'Enabled') === 'Enabled' && one['AccessDenied'] !== true);
  const ids = [...working.map((one) => show(one['KeyId'])), ...unlisted];
  return ids.map((id) => ({
    lost: { kind: 'key', id, how: 'it is disabled' },
    all: new Set([id, ...used.filter((one) => nameIn(one) === nameIn(id))]),
    set: { [`kms/Keys/${id}/KeyState`]: 'Disabled' },
    unlisted,
  }));
}

/** A volume whose hardware has failed; with the one at its root its instance is gone too. */
function volumeLosses(world: World): readonly Loss[] {
  const there = records(world, 'Volumes').filter(
    (one) =>
      (one['State'] === 'in-use' || one['State'] === 'available') && !zoneIsDark(world, show(one['AvailabilityZone'])),
  );
  return there.map((volume) => {
    const id = show(volume['VolumeId']);
    const holder = text(attachmentOf(volume), 'InstanceId');
    const instance = find(world, 'Instances', holder);
    const isUp = instance !== undefined && isRunning(instance);
    const isRoot = isUp && text(instance, 'RootDeviceName') === attachmentOf(volume)?.['Device'];
    const above =
      isUp && !isRoot ? { [`ec2/InstanceStatuses/${holder ?? ''}/AttachedEbsStatus/Status`]: 'impaired' } : {};
    const below = isRoot ? dying(instance) : above;
    const set = { [`ec2/Volumes/${id}/State`]: 'error', ...below };
    return {
      lost: { kind: 'volume', id, ...named(volume), how: 'its hardware fails, and its data are gone' },
      all: new Set([id]),
      set,
    };
  });
}

function queueLosses(world: World): readonly Loss[] {
  return queuesOf(world).flatMap((queue): Loss[] => {
    const outage = outageOf(world, queue);
    if (outage === undefined) return [];
    const id = nameOf(queue);
    return [{ lost: { kind: 'queue', id, how: outage.how }, all: new Set([id]), set: {}, outage }];
  });
}

const LEDGER: Loss = {
  lost: { kind: 'ledger', id: 'ledger', how: 'it does not answer, from the beginning on' },
  all: new Set(['ledger']),
  set: {},
  isLedger: true,
};

/** Everything that a world can lose, by kind and then as the world lists it. */
export function lossesIn(world: World, kinds: readonly LossKind[]): readonly Loss[] {
  const all = [zoneLosses, instanceLosses, volumeLosses, keyLosses, queueLosses].flatMap((of) => of(world));
  return [...all, LEDGER].filter(({ lost }) => kinds.includes(lost.kind));
}

/** Whether a loss may concern something. */
export function concerns({ all, isLedger }: Loss, { parts }: Ward): boolean {
  return isLedger === true || [...all].some((one) => parts.has(one));
}

function groupOf(world: World, instanceId: string): string | undefined {
  const group = world
    .records('auto-scaling', 'AutoScalingGroups')
    .find((one) => list(one, 'Instances').some((member) => member['InstanceId'] === instanceId));
  return text(group, 'AutoScalingGroupName');
}

/** Losses that nobody looks after: of instances, and of volumes that go with none of theirs. */
export function unattendedIn(world: World, losses: readonly Loss[], wards: readonly Ward[]): readonly Unattended[] {
  const free = losses.filter((loss) => !wards.some((ward) => concerns(loss, ward)));
  return free.flatMap(({ lost: { kind, id, name } }): Unattended[] => {
    if (kind !== 'instance' && kind !== 'volume' && kind !== 'queue') return [];
    const group = kind === 'instance' ? groupOf(world, id) : undefined;
    return [{ kind, id, ...(name === undefined ? {} : { name }), ...(group === undefined ? {} : { group }) }];
  });
}
