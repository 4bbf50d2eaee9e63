/** What people have at stake in the places of a set: that none is forgotten, and that a root volume is none. */

import { deviceName, diskName } from '../../../shared/judgement/device-names.ts';
import type { Shape, World } from '../../../simulator/engine/model.ts';
import { attachmentOf } from '../../../simulator/services/ec2/attachments.ts';
import { find, records, show, text } from '../../../simulator/services/ec2/state.ts';
import { tagOf } from '../../records.ts';
import type { Interest } from '../../worlds/interest.ts';
import { arriving, isInService, isSeveral } from './groups.ts';

const SET = 'runbook:volumes';
const SUPERSEDED = 'runbook:superseded-at';
/** Less than the two days of the page: which snapshot is the newest, the page and this may see differently by hours. */
const SURELY_REMEMBERED_MS = 36 * 3_600_000;
const GONE: ReadonlySet<unknown> = new Set(['deleting', 'deleted', 'error']);
const TAKEN: ReadonlySet<unknown> = new Set(['completed', 'pending']);

function notedPlace(record: Shape): string | undefined {
  const name = deviceName(tagOf(record, 'runbook:device') ?? tagOf(record, 'runbook:was-at') ?? '');
  return /^\/dev\/sd[b-z]$/u.test(name) ? name : undefined;
}

/** The volume of a snapshot, where it is still of the set and says itself where it belongs. */
function tagged(world: World, set: string, snapshot: Shape): Shape | undefined {
  const volume = find(world, 'Volumes', text(snapshot, 'VolumeId'));
  const says = ['runbook:device', 'runbook:was-at'].some((key) => (tagOf(volume, key)?.trim() ?? '') !== '');
  const isLive = tagOf(volume, SUPERSEDED) === undefined && !GONE.has(volume?.['State']);
  return volume !== undefined && says && isLive && tagOf(volume, SET) === set ? volume : undefined;
}

/** The places that the snapshots of a set surely remember. */
function remembered(world: World, set: string): ReadonlySet<string> {
  const own = records(world, 'Snapshots').filter((snapshot) => tagOf(snapshot, SET) === set);
  const takenAt = (snapshot: Shape): number => Date.parse(show(snapshot['StartTime']));
  const newest = Math.max(...own.map(takenAt));
  const telling = own.filter(
    (snapshot) =>
      TAKEN.has(snapshot['State']) &&
      tagOf(snapshot, SUPERSEDED) === undefined &&
      newest - takenAt(snapshot) <= SURELY_REMEMBERED_MS,
  );
  return new Set(telling.flatMap((snapshot) => notedPlace(tagged(world, set, snapshot) ?? snapshot) ?? []));
}

/** The places that volumes of the set fill on an instance. */
function filled(world: World, set: string, instanceId: string): ReadonlySet<string> {
  const own = records(world, 'Volumes').filter(
    (volume) => tagOf(volume, SET) === set && attachmentOf(volume)?.['InstanceId'] === instanceId,
  );
  return new Set(own.flatMap((volume) => notedPlace(volume) ?? deviceName(text(attachmentOf(volume), 'Device') ?? '')));
}

const noPlaceIsForgotten: Interest = {
  name: 'no-place-is-forgotten',
  quotes: 'it is remembered by every set of snapshots that is at most two days older than the newest',
  watch: (given) => {
    const expected = new Map<string, string>();
    const excused = new Set<string>();
    return (world) => {
      for (const [id, set] of arriving(world, given)) expected.set(id, set);
      for (const [id, set] of expected) {
        if (isSeveral(world, set)) excused.add(id);
        if (!isInService(world, id)) continue;
        expected.delete(id);
        const has = filled(world, set, id);
        const lacks = [...remembered(world, set)].find((place) => !has.has(place));
        if (lacks !== undefined && !excused.has(id) && set !== '')
          return `${id} came into service without ${lacks} of ${set}, which snapshots remember`;
      }
      return undefined;
    };
  },
};

function isAtRoot(volume: Shape): boolean {
  return diskName(text(attachmentOf(volume), 'Device') ?? '') === '/dev/sda';
}

/** Tagged volumes that end with the instance whose root they are. */
function doomedRoots(world: World): readonly string[] {
  return records(world, 'Volumes')
    .filter((volume) => tagOf(volume, SET) !== undefined && isAtRoot(volume))
    .filter((volume) => attachmentOf(volume)?.['DeleteOnTermination'] === true)
    .map((volume) => show(volume['VolumeId']));
}

const rootsEndWithTheirInstance: Interest = {
  name: 'roots-end-with-their-instance',
  quotes: 'ends with its instance',
  watch: () => {
    const doomed = new Set<string>();
    return (world) => {
      for (const id of doomedRoots(world)) doomed.add(id);
      for (const volume of records(world, 'Volumes')) {
        const id = show(volume['VolumeId']);
        const attachment = attachmentOf(volume);
        if (!doomed.has(id) || attachment === undefined) continue;
        if (!isAtRoot(volume)) return `${id}, a root volume, is attached as data`;
        if (attachment['DeleteOnTermination'] !== true) return `${id}, a root volume, is made to outlive its instance`;
      }
      return undefined;
    };
  },
};

/** What is at stake in the places of a set. */
export const OF_PLACES: readonly Interest[] = [noPlaceIsForgotten, rootsEndWithTheirInstance];
