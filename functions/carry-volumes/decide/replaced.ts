/**
 * What AWS itself shows of a volume or snapshot that is to be deleted: that its content is elsewhere. Tags say what is to be
 * looked at, and permit nothing: whoever may tag could have written them. Pure.
 */

import type { Activity } from './scaling-group.ts';
import {
  finalLabelOf,
  isCopy,
  isOurs,
  isReady,
  namedBy,
  placeOf,
  type SnapshotFacts,
  type VolumeFacts,
} from './volume-set.ts';

/** What the proof is looked for in. */
export interface Witnesses {
  readonly volumes: readonly VolumeFacts[];
  readonly snapshots: readonly SnapshotFacts[];
  /** The true volumes, each attached to a healthy instance in service. */
  readonly living: readonly VolumeFacts[];
  readonly activities: readonly Activity[];
  /** By volume, when one that had been replaced was last seen on an instance: by somebody's hand. ISO 8601. */
  readonly wornAt: { readonly [volumeId: string]: string };
}

/** Why a volume must not be deleted; `undefined`: its content is in an exact snapshot, or it never had any of its own. */
export function volumeIsNeeded(volume: VolumeFacts, witnesses: Witnesses): string | undefined {
  if (!isOurs(volume.run)) return `${volume.id}: this runbook never gave it to an instance`;
  const isHeld = witnesses.snapshots.some((snapshot) => isExactOf(snapshot, volume, witnesses));
  if (isHeld || isUnusedCopy(volume, witnesses)) return undefined;

  const wornAt = witnesses.wornAt[volume.id];
  const worn = wornAt === undefined ? '' : `, which was attached once more at ${wornAt},`;
  return `${volume.id}: no exact snapshot of it${worn} is left that is completed, in the standard tier and of its size`;
}

/** Taken of this very volume, whole and ready for use, after the last that anybody may have written on it. */
export function isExactOf(snapshot: SnapshotFacts, volume: VolumeFacts, { living, wornAt }: Witnesses): boolean {
  const isOfVolume = snapshot.volumeId === volume.id && !snapshot.copied && snapshot.sizeGiB === volume.sizeGiB;
  const isToStay = isReady(snapshot) && !snapshot.lent;
  if (!isOfVolume || !isToStay) return false;

  // The label says that nobody got the volume since; that it was taken of a volume nobody had is in words that cannot be changed,
  // or in what came of it: its successor was made of it.
  const isOfTheEnd = snapshot.run === finalLabelOf(volume);
  const isAttested = snapshot.description === 'quiet' || living.some(({ snapshotId }) => snapshotId === snapshot.id);
  const lastWriteAt = [volume.createdAt, wornAt[volume.id] ?? ''].toSorted().at(-1) ?? '';
  return isOfTheEnd && isAttested && snapshot.startedAt > lastWriteAt;
}

/**
 * Made for a launch and never put to use: what it holds is in the snapshot it was made of. That it was made for a launch is
 * shown by Auto Scaling (the launch was under way when it was created, and came to nothing), or by its twin, which lives.
 */
function isUnusedCopy(volume: VolumeFacts, { snapshots, living, activities, wornAt }: Witnesses): boolean {
  if (!isCopy(volume) || wornAt[volume.id] !== undefined) return false;
  const source = snapshots.find(({ id }) => id === volume.snapshotId);
  if (source === undefined || !isReady(source) || source.lent || source.sizeGiB > volume.sizeGiB) return false;

  const hasTwin = living.some(({ snapshotId, sizeGiB }) => snapshotId === source.id && sizeGiB === volume.sizeGiB);
  return hasTwin || activities.some((activity) => isVainLaunchOf(activity, volume));
}

/** Auto Scaling's words for an activity that came to nothing. */
const IN_VAIN: ReadonlySet<string> = new Set(['Failed', 'Cancelled']);

function isVainLaunchOf({ kind, instanceId, status, startedAt, endedAt }: Activity, volume: VolumeFacts): boolean {
  const isOfIt = kind === 'launch' && instanceId !== null && instanceId === namedBy(volume.run);
  return (
    isOfIt && IN_VAIN.has(status) && endedAt !== null && startedAt <= volume.createdAt && volume.createdAt <= endedAt
  );
}

/** Why a snapshot must not be deleted; `undefined`: a newer one stays, or the volume itself lives, or nothing can be made of it. */
export function snapshotIsNeeded(snapshot: SnapshotFacts, witnesses: Witnesses): string | undefined {
  const { id, archived, state, description } = snapshot;
  if (archived) return `${id}: somebody has put it into the archive tier`;
  if (description === 'foreign') return `${id}: its description is not this runbook's`;
  if (state === 'error') return undefined;

  const isAlive = witnesses.living.some((volume) => volume.id === snapshot.volumeId);
  const hasHeir = witnesses.snapshots.some((other) => isHeirOf(other, snapshot));
  return isAlive || hasHeir ? undefined : `${id}: no newer snapshot of its volume is left`;
}

/** A later snapshot, which stays: of the same volume; or, where both say in their descriptions that they are ours, of its place. */
function isHeirOf(other: SnapshotFacts, snapshot: SnapshotFacts): boolean {
  const stays = isReady(other) && !other.lent && !other.copied && other.supersededAt === null;
  const isLater = other.startedAt > snapshot.startedAt && other.sizeGiB >= snapshot.sizeGiB;
  if (!stays || !isLater) return false;

  const areOurs = isOurWord(other) && isOurWord(snapshot);
  const isOfSamePlace = other.device !== null && snapshot.device !== null && placeOf(other) === placeOf(snapshot);
  return other.volumeId === snapshot.volumeId || (areOurs && isOfSamePlace);
}

function isOurWord({ description }: SnapshotFacts): boolean {
  return description === 'quiet' || description === 'written';
}
