/**
 * Where a true volume will not come any more: the newest complete set of snapshots stands in for the whole set, since volumes of
 * different moments do not fit each other. Only within the age that the group accepts, and what is lost is said. What is in the
 * archive tier cannot be used, and is named; copies of snapshots, whose age is not known, come last. Pure.
 */

import type { Decision } from '../../../shared/kernel/decision.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import { howToRestore } from './archive.ts';
import { copy } from './copying.ts';
import { doubt, patienceSeconds } from './hold.ts';
import { isAside, isInGoodService, isUp, isZoneDown } from './machine.ts';
import type { Side } from './view.ts';
import {
  copyLabelOf,
  holderOf,
  isLive,
  isReady,
  newestCompleteSet,
  snapshotSets,
  type Member,
  type SnapshotFacts,
  type SnapshotSet,
} from './volume-set.ts';

/** Why a true volume will not come, as far as that can be said after so long; `undefined`: it may yet come. */
export function lossOfMember(side: Side, { volume, device }: Member): string | undefined {
  const { facts, machine } = side;
  if (volume === null) return `${device} has no volume any more`;

  const holderId = holderOf(volume);
  if (holderId === machine.id || !isLongEnough(side)) return undefined;

  const holder = facts.machines.find(({ id }) => id === holderId);
  // Whatever EC2 says of the zone: there it is written.
  if (holder !== undefined && (isInGoodService(holder) || (isAside(holder) && isUp(holder)))) return undefined;

  const zoneState = facts.zones[volume.zone];
  if (isZoneDown(zoneState ?? '')) return `${volume.id} is in ${volume.zone}, which is ${zoneState}`;

  if (holder === undefined || isUp(holder)) return undefined;
  return `${holder.id} is ${holder.state} and does not let ${volume.id} go`;
}

/** A zone comes back, and a holder that stops lets go: half of the time there is, a quarter of an hour at most, is given to that. */
function isLongEnough(side: Side): boolean {
  return side.elapsedSeconds >= Math.min(side.limits.maxStopSeconds, patienceSeconds(side) / 2);
}

/**
 * The next step towards the newest complete set, with its age as what is lost.
 * @param why what keeps the true volumes away
 * @param devices the places that are to be filled from it: all, but for an instance that serves with the others
 */
export function fallBack(side: Side, why: string, devices: readonly string[]): Decision {
  const { facts, machine, elapsedSeconds } = side;
  const sets = snapshotSets(facts.snapshots, facts.volumes);
  const best = newestCompleteSet(sets, devices, machine);
  const toRestore = howToRestore(preferredTo(best, sets));
  const told = { ...side, evidence: { ...side.evidence, ...toRestore } };

  const coming = sets.find((set) => isComing(set, devices));
  const isBetterComing = coming !== undefined && (best === undefined || sets.indexOf(coming) < sets.indexOf(best));
  if (isBetterComing && elapsedSeconds < patienceSeconds(side) / 2)
    return doubt(told, 'set-pending', `${why}; the set of ${coming.startedAt} is not completed yet`);

  if (best === undefined) {
    const hint =
      toRestore.archived === undefined ? '' : '; what is in the archive tier can be restored, see the evidence';
    const because = `${why}; there is no completed snapshot of every one of ${devices.join(', ')}${hint}`;
    return doubt(told, 'no-complete-set', because);
  }
  return useSet(told, best, why, devices);
}

/** All of it is there, but for what EBS is still copying. */
function isComing({ snapshots }: SnapshotSet, devices: readonly string[]): boolean {
  const needed = devices.map((device) => snapshots.get(device));
  return (
    needed.every((each) => each !== undefined && (each.state === 'pending' || isReady(each))) &&
    needed.some((each) => each?.state === 'pending')
  );
}

/** The snapshots that would have been preferred to what is used. */
function preferredTo(best: SnapshotSet | undefined, sets: readonly SnapshotSet[]): readonly SnapshotFacts[] {
  const preferred = best === undefined ? sets : sets.slice(0, sets.indexOf(best));
  return preferred.flatMap(({ snapshots }) => [...snapshots.values()]);
}

/** Within the age that the group accepts. How old copied snapshots are AWS does not show: not less than their copies. */
function useSet(side: Side, best: SnapshotSet, why: string, devices: readonly string[]): Decision {
  const { facts, now } = side;
  const ageSeconds = Math.max(1, Math.round(secondsSince(best.startedAt, now)));
  const isFrozen = [...best.snapshots.values()].every(({ frozen }) => frozen);
  const age = best.copied
    ? { newestSetCopiedAt: best.startedAt, newestSetAgeSeconds: null, ageUnknown: unknownAge(best, ageSeconds) }
    : { newestSet: best.startedAt, newestSetAgeSeconds: ageSeconds };
  const evidence = {
    ...side.evidence,
    fallback: why,
    ...age,
    consistency: isFrozen && !best.copied ? 'file systems frozen' : 'crash-consistent',
  };
  const told = { ...side, evidence };

  const acceptedSeconds = facts.settings.oldestAcceptableSeconds ?? 0;
  if (ageSeconds > acceptedSeconds && !isChosen(side, best)) {
    const limit = `acceptable are ${acceptedSeconds} s (runbook:oldest-acceptable-seconds)`;
    const old = best.copied ? `more than ${ageSeconds} s old (it is a copy)` : `${ageSeconds} s old`;
    return doubt(told, 'too-old', `${why}; the newest complete set is ${old}, ${limit}`);
  }

  const sources = new Map([...best.snapshots].filter(([device]) => devices.includes(device)));
  return copy(told, sources, { rpoSeconds: best.copied ? null : ageSeconds });
}

function unknownAge({ snapshots }: SnapshotSet, leastSeconds: number): string {
  const names = [...snapshots.values()].map(({ id }) => id).join(', ');
  return `${names}: a copy of another snapshot, whose age AWS does not show; the data are more than ${leastSeconds} s old`;
}

/** Copies of it were begun while it was young enough: that it ages meanwhile is no reason to stop halfway. */
function isChosen({ facts, machine }: Side, { snapshots }: SnapshotSet): boolean {
  const ids = [...snapshots.values()].map(({ id }) => id);
  return facts.volumes.some(
    (volume) =>
      isLive(volume) &&
      volume.run === copyLabelOf(machine.id) &&
      volume.snapshotId !== null &&
      ids.includes(volume.snapshotId),
  );
}
