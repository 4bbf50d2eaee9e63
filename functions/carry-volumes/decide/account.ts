/** What a carry cost: how long it took, phase by phase, and how much was lost. From the times AWS shows. Pure. */

import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { activityStart, departureBefore, type Activity } from './scaling-group.ts';
import { toldUntil } from './telling.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import {
  attachmentTo,
  isBegun,
  isExactCopy,
  isWarm,
  labelOf,
  membersOf,
  newestCompleteSet,
  snapshotSets,
  type SnapshotFacts,
  type VolumeFacts,
} from './volume-set.ts';

/** What an account is made of: `Facts` have all of it. */
export interface AccountView {
  readonly group: { readonly activities: readonly Activity[] };
  readonly volumes: readonly VolumeFacts[];
  readonly snapshots: readonly SnapshotFacts[];
}

/** Who has the volumes now; when EC2 launched it. */
interface Arrived {
  readonly id: string;
  readonly launchedAt: string | null;
}

function latest(times: readonly (string | null)[]): string | null {
  return (
    times
      .flatMap((time) => time ?? [])
      .toSorted()
      .at(-1) ?? null
  );
}

/** A volume made since `since` (ISO 8601), of a snapshot: what it lacks nobody may have been told. */
function isUntold({ createdAt, snapshotId }: VolumeFacts, since: string): boolean {
  return snapshotId !== null && createdAt >= since;
}

/**
 * Seconds of acknowledged writes that a volume made from a snapshot may lack: none where the snapshot is exact, but for what its own
 * origin lacks of which nobody was told; `null`: nobody knows.
 */
function lossOf(volume: VolumeFacts, view: AccountView, since: string): number | null {
  const { volumes, snapshots } = view;
  const source = snapshots.find(({ id }) => id === volume.snapshotId);
  // Where the snapshot is gone since, or copied, nobody can say how old the data are.
  if (source === undefined || source.copied) return null;
  // A volume that is not of the set (any more) may have been written since, by whoever has it.
  const parent = volumes.find(({ id }) => id === source.volumeId);
  const isExact = parent !== undefined && isExactCopy(source, parent);
  const own = isExact ? 0 : Math.max(1, Math.round(secondsSince(source.startedAt, volume.createdAt)));
  if (parent === undefined || !isUntold(parent, since)) return own;

  const others = { ...view, volumes: volumes.filter((each) => each !== volume) };
  const inherited = lossOf(parent, others, since);
  return inherited === null ? null : own + inherited;
}

function spans(marks: readonly (readonly [string, string | null])[], beganAt: string): JsonObject {
  let from = beganAt;
  const seconds: { [phase: string]: number } = {};
  for (const [phase, until] of marks) {
    seconds[phase] = until === null || until < from ? 0 : Math.round(secondsSince(from, until));
    if (until !== null && until > from) from = until;
  }
  return seconds;
}

/** What an arrival cost. Times are ISO 8601. */
export type ArrivalAccount = {
  /** `null`: writes may be lacking, and how many is not known. */
  readonly rpoSeconds: number | null;
  readonly rtoSeconds: number;
  readonly phases: JsonObject;
  readonly beganAt: string;
  readonly completedAt: string;
};

/**
 * `rpoSeconds`, `rtoSeconds` and `phases` (seconds each) of an arrival. RTO counts from the departure that made it necessary.
 * `freeze` ends when nobody writes any more: from the warm set, taken of a running writer, to the exact one, or where the
 * very volume goes along to its attachment.
 */
export function arrivalAccount(view: AccountView, now: string, machine: Arrived): ArrivalAccount {
  const { activities } = view.group;
  const launchedAt = launchOf(view, now, machine);
  const beganAt = departureBefore(activities, launchedAt) ?? launchedAt;
  const carried = view.volumes.filter((volume) => attachmentTo(volume, machine.id) !== undefined);
  // Made for this arrival: everything else was carried as it was.
  const made = carried.filter(({ createdAt, snapshotId }) => snapshotId !== null && createdAt >= launchedAt);
  const sources = made.flatMap(({ snapshotId }) => view.snapshots.find(({ id }) => id === snapshotId) ?? []);
  const attachedAt = latest(carried.map((volume) => attachmentTo(volume, machine.id)?.attachedAt ?? null));
  const origins = new Set([...carried.map(({ id }) => id), ...sources.map(({ volumeId }) => volumeId)]);
  const warmedAt = latest(
    view.snapshots
      .filter((snapshot) => origins.has(snapshot.volumeId) && isWarm(snapshot) && snapshot.startedAt >= beganAt)
      .map(({ startedAt }) => startedAt),
  );
  const quietAt = latest(sources.map(({ startedAt }) => startedAt)) ?? attachedAt;
  const marks: readonly (readonly [string, string | null])[] = [
    ['detect', warmedAt ?? quietAt],
    ['freeze', quietAt],
    ['snapshot', latest(sources.map(({ completedAt }) => completedAt))],
    // Until attaching begins: creating it, and waiting for it to be available.
    ['create', attachedAt],
    ['attach', now],
    ['complete', now],
  ];
  return {
    rpoSeconds: untoldLoss(carried, view, untoldSince(view, now, machine)),
    rtoSeconds: Math.round(secondsSince(beganAt, now)),
    phases: spans(marks, beganAt),
    beganAt,
    completedAt: now,
  };
}

function launchOf({ group }: AccountView, now: string, { id, launchedAt }: Arrived): string {
  return activityStart(group.activities, 'launch', id) ?? launchedAt ?? now;
}

/** Since when what was made is still to be told of, as it stands for whoever has the volumes now. */
export function untoldSince(view: AccountView, now: string, machine: Arrived): string {
  return toldUntil(view.group.activities, { id: machine.id, launchedAt: launchOf(view, now, machine) });
}

/**
 * What is lost with these volumes, seconds; `null`: nobody knows how much. Whatever was made since `since` counts, for whomever it was
 * made: whoever was to have it first may have ended before anybody was told.
 */
export function untoldLoss(volumes: readonly VolumeFacts[], view: AccountView, since: string): number | null {
  const losses = volumes.filter((volume) => isUntold(volume, since)).map((volume) => lossOf(volume, view, since));
  return losses.includes(null) ? null : Math.max(0, ...losses.map(Number));
}

/** In which state the file systems were when the warm set of a departure was taken. */
export function warmSetOf(snapshots: readonly SnapshotFacts[], instanceId: string): string {
  const own = snapshots.filter((each) => each.run === labelOf(instanceId) && isBegun(each));
  if (own.length === 0) return 'none';
  return own.every(({ frozen }) => frozen) ? 'file systems frozen' : 'crash-consistent';
}

/** What is lost if the volumes themselves never come back: the age of the newest complete set; `null`: everything, or nobody knows. */
export function fallbackAccount({ volumes, snapshots }: AccountView, now: string): JsonObject {
  const devices = membersOf(volumes, snapshots).map(({ device }) => device);
  const set = newestCompleteSet(snapshotSets(snapshots, volumes), devices);
  if (set?.copied === true) return { rpoSeconds: null, newestSet: null, newestSetCopiedAt: set.startedAt };
  return {
    rpoSeconds: set === undefined ? null : Math.max(1, Math.round(secondsSince(set.startedAt, now))),
    newestSet: set?.startedAt ?? null,
  };
}
