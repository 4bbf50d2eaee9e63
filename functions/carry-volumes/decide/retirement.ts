/**
 * Retirement of volumes and snapshots in two phases: what something else has replaced is tagged, and deleted only after an
 * age, while every place of the set is filled by an attached volume on a healthy instance, and where AWS itself shows that its
 * content is elsewhere (`replaced.ts`). Pure.
 */

import type { PlannedCall } from '../../../shared/kernel/decision.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import { superseding } from './calls.ts';
import { isExactOf, snapshotIsNeeded, volumeIsNeeded, type Witnesses } from './replaced.ts';
import {
  isCopy,
  isLive,
  isOurs,
  placeOf,
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
  readonly activities: Witnesses['activities'];
  readonly wornAt: Witnesses['wornAt'];
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
  const ours = snapshots.filter(({ run, supersededAt, archived }) => isOurs(run) && supersededAt === null && !archived);
  const departureOf = ({ run }: SnapshotFacts): string => run?.split('/')[1] ?? '';
  const whole = snapshotSets(ours, volumes).filter((set) =>
    [...set.snapshots.values()].every(({ state }) => state === 'completed'),
  );
  const departures = [...new Set(whole.flatMap((set) => [...set.snapshots.values()].map(departureOf)))];
  const kept = new Set(departures.slice(0, Math.max(1, keep)));
  const isOld = new Set(departures.filter((departure) => !kept.has(departure)));
  return ours.filter((snapshot) => snapshot.state === 'error' || isOld.has(departureOf(snapshot)));
}

function removal(call: string, member: string, id: string, since: string | null): PlannedCall {
  return {
    call,
    input: { [member]: id },
    because: `superseded since ${since}, its content is elsewhere, and its successor is well`,
    optional: true,
  };
}

/** What is to be tagged and deleted now. Nothing while the set is not served, or somebody is on the way. */
export function retirement(view: RetirementView): Retirement {
  if (!view.quiet || !isServed(view)) return { plan: [], kept: [] };
  const volumes = judged(dueVolumes(view), (volume) => volumeIsNeeded(volume, witnessesOf(view)));
  const snapshots = judged(dueSnapshots(view), (snapshot) => snapshotIsNeeded(snapshot, witnessesOf(view)));
  return {
    kept: [...volumes.kept, ...snapshots.kept],
    plan: [
      ...superseding(
        [...orphans(view), ...surplusSnapshots(view)].map(({ id }) => id),
        view.now,
        'something newer has taken its place',
      ),
      ...volumes.free.map(({ id, supersededAt }) => removal('ec2:DeleteVolume', 'VolumeId', id, supersededAt)),
      ...snapshots.free.map(({ id, supersededAt }) => removal('ec2:DeleteSnapshot', 'SnapshotId', id, supersededAt)),
    ],
  };
}

/** What may go, and why the rest may not. */
function judged<T>(
  due: readonly T[],
  whyNeeded: (each: T) => string | undefined,
): { readonly free: readonly T[]; readonly kept: readonly string[] } {
  return {
    free: due.filter((each) => whyNeeded(each) === undefined),
    kept: due.flatMap((each) => whyNeeded(each) ?? []),
  };
}

/** Its own place is filled again: what nothing has replaced is not superseded, whatever its tag says. */
function dueVolumes(view: RetirementView): readonly VolumeFacts[] {
  const places = new Set(view.members.map(({ device }) => device));
  return view.volumes.filter(
    (volume) =>
      isDue(volume.supersededAt, view) &&
      volume.state === 'available' &&
      volume.attachments.length === 0 &&
      places.has(placeOf(volume)),
  );
}

/** It is pending no more, and not in the Recycle Bin either. */
const ENDED: ReadonlySet<string> = new Set(['completed', 'error']);

/** But for what is yet to prove that a volume may go. */
function dueSnapshots(view: RetirementView): readonly SnapshotFacts[] {
  const { volumes, snapshots } = view;
  const witnesses = witnessesOf(view);
  const replaced = volumes.filter(({ supersededAt }) => supersededAt !== null);
  return snapshots.filter((snapshot) => {
    const isInTime = isOurs(snapshot.run) && isDue(snapshot.supersededAt, view) && ENDED.has(snapshot.state);
    return isInTime && !replaced.some((volume) => isExactOf(snapshot, volume, witnesses));
  });
}

function witnessesOf({ members, volumes, snapshots, activities, wornAt }: RetirementView): Witnesses {
  return { volumes, snapshots, activities, wornAt, living: members.flatMap(({ volume }) => volume ?? []) };
}
