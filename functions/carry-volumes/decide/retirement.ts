/**
 * Retirement of volumes and snapshots in two phases: what something else has replaced is tagged, and deleted only after an
 * age, while every place of the set is filled by an attached volume on a healthy instance. Pure.
 */

import type { PlannedCall } from '../../../shared/kernel/decision.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import { superseding } from './calls.ts';
import {
  exactCopies,
  isCopy,
  isLive,
  isOurs,
  snapshotSets,
  type Member,
  type SnapshotFacts,
  type VolumeFacts,
} from './volume-set.ts';

/** What a sweep looks at. */
export interface RetirementView {
  readonly members: readonly Member[];
  readonly volumes: readonly VolumeFacts[];
  readonly snapshots: readonly SnapshotFacts[];
  /** Running, in service and healthy to their group. */
  readonly healthyIds: readonly string[];
  /** Nobody is arriving or leaving: what looks left over is. */
  readonly quiet: boolean;
  /** Departures whose snapshots are kept; at least 1. */
  readonly keep: number;
  readonly retireSeconds: number;
  readonly now: string;
}

/** What a sweep comes to. */
export interface Retirement {
  readonly plan: readonly PlannedCall[];
  /** What is not deleted although its time has come, and why: for a person. */
  readonly kept: readonly string[];
}

/** Every place of the set is filled by a volume that is attached to a healthy instance. */
function isServed({ members, healthyIds }: Pick<RetirementView, 'members' | 'healthyIds'>): boolean {
  return (
    members.length > 0 &&
    members.every(
      ({ volume }) =>
        volume !== null &&
        volume.attachments.some(({ instanceId, state }) => state === 'attached' && healthyIds.includes(instanceId)),
    )
  );
}

function isDue(supersededAt: string | null, { retireSeconds, now }: RetirementView): boolean {
  return supersededAt !== null && secondsSince(supersededAt, now) >= retireSeconds;
}

function orphans({ volumes, members }: RetirementView): readonly VolumeFacts[] {
  const trueIds = new Set(members.map(({ volume }) => volume?.id));
  return volumes.filter(
    (volume) => isLive(volume) && isCopy(volume) && volume.attachments.length === 0 && !trueIds.has(volume.id),
  );
}

/** By departure: the final and the warm snapshots of one instance's volumes are kept or given up together. */
function surplusSnapshots({ snapshots, volumes, keep }: RetirementView): readonly SnapshotFacts[] {
  const ours = snapshots.filter(({ run, supersededAt }) => isOurs(run) && supersededAt === null);
  const departureOf = ({ run }: SnapshotFacts): string => run?.split('/')[1] ?? '';
  const whole = snapshotSets(ours, volumes).filter((set) =>
    [...set.snapshots.values()].every(({ state }) => state === 'completed'),
  );
  const departures = [...new Set(whole.flatMap((set) => [...set.snapshots.values()].map(departureOf)))];
  const kept = new Set(departures.slice(0, Math.max(1, keep)));
  const isOld = new Set(departures.filter((departure) => !kept.has(departure)));
  return ours.filter((snapshot) => snapshot.state === 'error' || isOld.has(departureOf(snapshot)));
}

/** A volume whose content nothing else holds is never deleted: it outlives its time until a person says otherwise. */
function isReplaceable(volume: VolumeFacts, snapshots: readonly SnapshotFacts[]): boolean {
  return isCopy(volume) || exactCopies(volume, snapshots).some(({ state }) => state === 'completed');
}

function removal(call: string, member: string, id: string, since: string | null): PlannedCall {
  return {
    call,
    input: { [member]: id },
    because: `superseded since ${since}, and its successor is well`,
    optional: true,
  };
}

/** What is to be tagged and deleted now. Nothing while the set is not served, or somebody is on the way. */
export function retirement(view: RetirementView): Retirement {
  const { members, volumes, snapshots, quiet, now } = view;
  if (!quiet || !isServed(view)) return { plan: [], kept: [] };
  // Its own place is filled again: what nothing has replaced is not superseded, whatever its tag says.
  const places = new Set(members.map(({ device }) => device));
  const due = volumes.filter(
    (volume) =>
      isDue(volume.supersededAt, view) &&
      volume.state === 'available' &&
      volume.attachments.length === 0 &&
      places.has(volume.device ?? volume.id),
  );
  const dueSnapshots = snapshots.filter(
    ({ run, supersededAt, state }) => isOurs(run) && isDue(supersededAt, view) && state !== 'pending',
  );
  const kept = due
    .filter((volume) => !isReplaceable(volume, snapshots))
    .map(({ id }) => `${id}: no exact snapshot of it is left`);
  return {
    kept,
    plan: [
      ...superseding(
        [...orphans(view), ...surplusSnapshots(view)].map(({ id }) => id),
        now,
        'something newer has taken its place',
      ),
      ...due
        .filter((volume) => isReplaceable(volume, snapshots))
        .map(({ id, supersededAt }) => removal('ec2:DeleteVolume', 'VolumeId', id, supersededAt)),
      ...dueSnapshots.map(({ id, supersededAt }) => removal('ec2:DeleteSnapshot', 'SnapshotId', id, supersededAt)),
    ],
  };
}
