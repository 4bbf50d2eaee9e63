/**
 * Where a true volume will not come any more: the newest complete set of snapshots stands in for the whole set, since volumes of
 * different moments do not fit each other. Only within the age that the group accepts, and what is lost is said. Pure.
 */

import type { Decision } from '../../../shared/kernel/decision.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import { copy } from './copying.ts';
import { doubt, patienceSeconds } from './hold.ts';
import { isUp, isZoneDown } from './machine.ts';
import type { Side } from './view.ts';
import {
  copyLabelOf,
  holderOf,
  isLive,
  newestCompleteSet,
  snapshotSets,
  type Member,
  type SnapshotSet,
} from './volume-set.ts';

/** Why a true volume will not come, as far as that can be said after so long; `undefined`: all may yet come. */
export function lossOf(side: Side): string | undefined {
  return side.members.map((member) => lossOfMember(side, member)).find((why) => why !== undefined);
}

function lossOfMember(side: Side, { volume, device }: Member): string | undefined {
  const { facts, machine } = side;
  if (volume === null) return `${device} has no volume any more`;

  const holderId = holderOf(volume);
  if (holderId === machine.id || !isLongEnough(side)) return undefined;

  const zoneState = facts.zones[volume.zone];
  if (isZoneDown(zoneState ?? '')) return `${volume.id} is in ${volume.zone}, which is ${zoneState}`;

  const holder = facts.machines.find(({ id }) => id === holderId);
  if (holder === undefined || isUp(holder)) return undefined;
  return `${holder.id} is ${holder.state} and does not let ${volume.id} go`;
}

/** A zone comes back, and a holder that stops lets go: half of the time there is, a quarter of an hour at most, is given to that. */
function isLongEnough(side: Side): boolean {
  return side.elapsedSeconds >= Math.min(side.limits.maxStopSeconds, patienceSeconds(side) / 2);
}

/** The next step towards the newest complete set, with its age as what is lost; `why`: what keeps the true volumes away. */
export function fallBack(side: Side, why: string): Decision {
  const { facts, members, now, elapsedSeconds } = side;
  const devices = members.map(({ device }) => device);
  const sets = snapshotSets(facts.snapshots, facts.volumes);
  const best = newestCompleteSet(sets, devices);

  const newest = sets.find(({ snapshots }) => devices.every((device) => snapshots.has(device)));
  const isNewerComing = newest !== undefined && newest !== best;
  if (isNewerComing && elapsedSeconds < patienceSeconds(side) / 2)
    return doubt(side, 'set-pending', `${why}; the set of ${newest.startedAt} is not completed yet`);

  if (best === undefined) {
    const because = `${why}; there is no completed snapshot of every one of ${devices.join(', ')}`;
    return doubt(side, 'no-complete-set', because);
  }

  const ageSeconds = Math.max(1, Math.round(secondsSince(best.startedAt, now)));
  const isFrozen = [...best.snapshots.values()].every(({ frozen }) => frozen);
  const evidence = {
    ...side.evidence,
    fallback: why,
    newestSet: best.startedAt,
    newestSetAgeSeconds: ageSeconds,
    consistency: isFrozen ? 'file systems frozen' : 'crash-consistent',
  };
  const told = { ...side, evidence };

  const acceptedSeconds = facts.settings.oldestAcceptableSeconds ?? 0;
  if (ageSeconds > acceptedSeconds && !isChosen(side, best)) {
    const limit = `acceptable are ${acceptedSeconds} s (runbook:oldest-acceptable-seconds)`;
    return doubt(told, 'too-old', `${why}; the newest complete set is ${ageSeconds} s old, ${limit}`);
  }

  const sources = new Map([...best.snapshots].filter(([device]) => devices.includes(device)));
  return copy(told, sources, { rpoSeconds: ageSeconds });
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
