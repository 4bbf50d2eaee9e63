/** Sets of data volumes: one is usable while an instance of its group serves with every place of the set filled. */

import type { Shape, World } from '../../../simulator/engine/model.ts';
import { attachmentOf } from '../../../simulator/services/ec2/attachments.ts';
import { find, list, records, show, text } from '../../../simulator/services/ec2/state.ts';
import { flawOf } from '../../reassign-elastic-ip/holders.ts';
import { tagOf } from '../../records.ts';
import type { Rpo } from '../what-if.ts';
import { rootsOf } from './addresses.ts';
import { GOOD, type Look, type Ward } from './ward.ts';

/** Two launches in a row wait 30 minutes each (`runbook:max-wait-seconds`) before the group is suspended and a person called; a tick more. */
const PATIENCE_SECONDS = 4_200;

const SET = 'runbook:volumes';
const SUPERSEDED = 'runbook:superseded-at';

function groupNamed(world: World, name: string): Shape | undefined {
  return world.records('auto-scaling', 'AutoScalingGroups').find((one) => one['AutoScalingGroupName'] === name);
}

function isServing(world: World, member: Shape): boolean {
  const isWell = member['LifecycleState'] === 'InService' && (member['HealthStatus'] ?? 'Healthy') === 'Healthy';
  return isWell && flawOf(world, show(member['InstanceId'])) === undefined;
}

/** Data volumes of the set that are in use on an instance. */
function volumesOn(world: World, set: string, instanceId: string): readonly Shape[] {
  const root = text(find(world, 'Instances', instanceId), 'RootDeviceName');
  return records(world, 'Volumes').filter((volume) => {
    const attachment = attachmentOf(volume);
    return (
      tagOf(volume, SET) === set &&
      tagOf(volume, SUPERSEDED) === undefined &&
      volume['State'] !== 'error' &&
      attachment?.['InstanceId'] === instanceId &&
      attachment['State'] === 'attached' &&
      attachment['Device'] !== root
    );
  });
}

/** The instance that serves with most of the set, and what it has. */
function servedBy(world: World, set: string, group: string): readonly Shape[] | undefined {
  const serving = list(groupNamed(world, group), 'Instances').filter((member) => isServing(world, member));
  const each = serving.map((member) => volumesOn(world, set, show(member['InstanceId'])));
  return each.toSorted((one, other) => other.length - one.length)[0];
}

/** What speaks against the members of a group, in brackets; nothing where it has none. */
function flawsIn(world: World, group: string): string {
  const flaws = list(groupNamed(world, group), 'Instances').map((member) => {
    const { InstanceId: id, LifecycleState: state } = member;
    return flawOf(world, show(id)) ?? `${show(id)} is ${show(state)}`;
  });
  return flaws.length === 0 ? '' : ` (${flaws.join('; ')})`;
}

function lookAt(world: World, set: string, group: string, places: number): Look {
  const has = servedBy(world, set, group);
  if (has === undefined)
    return { level: 'bad', what: `has no healthy instance in service in ${group}${flawsIn(world, group)}` };
  if (has.length >= places) return GOOD;
  const what = `has ${has.length} of its ${places} volumes in use`;
  return has.length === 0 ? { level: 'bad', what } : { level: 'partly', what };
}

/** The time of the newest data on a volume that was made of a snapshot; `undefined`: the world does not say. */
function newestMs(world: World, volume: Shape): number | undefined {
  const snapshot = find(world, 'Snapshots', text(volume, 'SnapshotId'));
  // A copy says when it was copied, and not when its data were.
  if (snapshot === undefined || show(snapshot['VolumeId']).startsWith('vol-ffffffff')) return undefined;
  const takenMs = Date.parse(show(snapshot['StartTime']));
  return Number.isNaN(takenMs) ? undefined : takenMs;
}

/** The oldest of the data that are in use, against what there was. */
function rpoOf(
  world: World,
  [set, group]: readonly [string, string],
  before: ReadonlySet<string>,
  lostAtMs: number,
): Rpo {
  const ages = (servedBy(world, set, group) ?? []).map((volume): Rpo => {
    if (before.has(show(volume['VolumeId']))) return 0;
    const newest = newestMs(world, volume);
    return newest === undefined ? 'unknown' : Math.max(0, Math.round((lostAtMs - newest) / 1_000));
  });
  if (ages.length === 0 || ages.includes('unknown')) return 'unknown';
  return Math.max(...ages.filter((age) => age !== 'unknown'));
}

/** The sets that a runbook carries from instance to instance of their groups. */
export function volumeWards(world: World): readonly Ward[] {
  return world.records('auto-scaling', 'AutoScalingGroups').flatMap((group): Ward[] => {
    const set = tagOf(group, SET);
    const name = show(group['AutoScalingGroupName']);
    if (set === undefined || Number(group['DesiredCapacity']) === 0) return [];
    const members = new Set(list(group, 'Instances').map((one) => show(one['InstanceId'])));
    const inUse = (servedBy(world, set, name) ?? []).map((volume) => show(volume['VolumeId']));
    const own = records(world, 'Volumes').filter((volume) => tagOf(volume, SET) === set);
    const keys = own.flatMap((volume) => text(volume, 'KmsKeyId') ?? []);
    const before = new Set(inUse);
    return [
      {
        kind: 'volumes',
        id: name,
        name: `volumes ${set}`,
        runbook: 'carry-volumes',
        parts: new Set([...members, ...rootsOf(world, members), ...own.map((one) => show(one['VolumeId'])), ...keys]),
        patienceSeconds: PATIENCE_SECONDS,
        look: (now) => lookAt(now, set, name, Math.max(1, inUse.length)),
        rpo: (now, lostAtMs) => rpoOf(now, [set, name], before, lostAtMs),
      },
    ];
  });
}
