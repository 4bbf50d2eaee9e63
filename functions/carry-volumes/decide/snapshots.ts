/**
 * The snapshots that a departure takes: the warm set while the instance still runs, which makes the exact copies quick and is
 * the last resort, and an exact copy of each volume that nobody writes on any more. Within what EBS allows. Pure.
 */

import type { PlannedCall } from '../../../shared/kernel/decision.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import { finalSnapshot, warmSet } from './calls.ts';
import { freeze, thaw, thawing, type Freezing } from './freeze.ts';
import { isZoneDown } from './machine.ts';
import { isTriedOut, timesTried } from './progress.ts';
import { inWords, standingRefusal, wasRefused } from './refusals.ts';
import type { Doing, Waiting } from './step.ts';
import type { Holding, View } from './view.ts';
import { exactCopies, isBegun, isReady, labelOf, type SnapshotFacts, type VolumeFacts } from './volume-set.ts';

/** Between two snapshots of one volume. Source: EC2 error SnapshotCreationPerVolumeRateExceeded, at least 15 s. */
const SNAPSHOT_PAUSE_SECONDS = 16;
/** Pending snapshots of one volume: st1 and sc1 one, the others five. Source: EC2 error ConcurrentSnapshotLimitExceeded. */
const SLOW_TYPES = new Set(['st1', 'sc1']);
const MOST_PENDING = 5;
/** Final snapshots that end in `error` before a volume counts as one that cannot be copied, and for how long it does: EBS may mend. */
const MOST_ERRORS = 3;
const ERROR_PAUSE_SECONDS = 180;
/** Requests for a warm set: one that cannot be had is not worth more of a run's looks. */
const MOST_SETS = 2;
/** How often a snapshot that EBS does not allow yet is asked for again. */
const RATE_POLL_SECONDS = 15;
const PENDING_POLL_SECONDS = 30;

function pendingOf(volume: VolumeFacts, snapshots: readonly SnapshotFacts[]): number {
  return snapshots.filter(({ volumeId, state }) => volumeId === volume.id && state === 'pending').length;
}

function secondsSinceSnapshot(volume: VolumeFacts, snapshots: readonly SnapshotFacts[], now: string): number {
  const own = snapshots
    .filter(({ volumeId }) => volumeId === volume.id)
    .map(({ startedAt }) => secondsSince(startedAt, now));
  return Math.min(...own, Number.MAX_SAFE_INTEGER);
}

/** A warm set only where it does not stand in the way of the final one, and once: it is told by its volumes' label. */
export function warming(view: Holding, isFrozen: boolean): readonly PlannedCall[] {
  const { holder, volumes, progress, now } = view;
  const { snapshots } = view.facts;
  const label = labelOf(holder.id);
  const isThere = volumes.every(({ id }) =>
    snapshots.some((each) => each.volumeId === id && each.run === label && isBegun(each)),
  );
  const isInTheWay = volumes.some(
    (volume) =>
      SLOW_TYPES.has(volume.type) ||
      pendingOf(volume, snapshots) >= MOST_PENDING - 1 ||
      secondsSinceSnapshot(volume, snapshots, now) < SNAPSHOT_PAUSE_SECONDS,
  );
  const isNotToBeHad =
    isZoneDown(holder.zoneState) || timesTried(progress, 'warm') >= MOST_SETS || isSetRefused(view, holder.id);
  if (isThere || isInTheWay || isNotToBeHad) return [];
  const ids = new Set(volumes.map(({ id }) => id));
  const others = holder.devices.filter(({ volumeId, root }) => !root && !ids.has(volumeId));
  return [
    warmSet(
      holder.id,
      others.map(({ volumeId }) => volumeId),
      isFrozen,
    ),
  ];
}

/** EBS would not take one: a wish is not waited for. */
function isSetRefused(view: Pick<View, 'facts'>, instanceId: string): boolean {
  return wasRefused(
    view,
    'ec2:CreateSnapshots',
    ({ InstanceSpecification: of }) =>
      typeof of === 'object' && of !== null && Reflect.get(of, 'InstanceId') === instanceId,
  );
}

function guarded(
  step: Extract<Freezing, { kind: 'act' | 'wait' }>,
  code: string,
  guard: readonly PlannedCall[],
): Doing | Waiting {
  return step.kind === 'wait' ? { ...step, code } : { ...step, code, plan: [...guard, ...step.plan] };
}

/**
 * Where a freeze is wished: frozen, the warm set, thawed, each seen before the next; `undefined`: nothing (more) of that.
 * @param guard what makes the volumes outlive the instance: it comes before any of it
 */
export function freezeAround(view: Holding, guard: readonly PlannedCall[]): Doing | Waiting | undefined {
  const { holder, freeze: facts } = view;
  if (facts !== null && warming(view, false).length > 0) {
    const step = freeze(view);
    if (step.kind === 'act' || step.kind === 'wait') return guarded(step, 'freezing', guard);
    if (step.kind === 'frozen')
      return {
        kind: 'act',
        code: 'frozen',
        because: `${holder.id} is frozen`,
        plan: [...guard, ...warming(view, true), thawing(holder.id, facts)],
        steps: ['warm', 'thaw'],
      };
  }
  const step = thaw(view);
  return step.kind === 'act' || step.kind === 'wait' ? guarded(step, 'thawing', guard) : undefined;
}

/**
 * What stands between unattached volumes and their exact copies. `act`: they are to be begun, `isPartial`: of as many as can be
 * reached; `stuck`: EBS does not make one; `refused`: it may not, for now; `unable`: it cannot, for now.
 */
export type Securing =
  | { readonly kind: 'secured' }
  | (Doing & { readonly isPartial: boolean })
  | Waiting
  | { readonly kind: 'stuck'; readonly because: string }
  | { readonly kind: 'refused'; readonly because: string }
  | { readonly kind: 'unable'; readonly because: string };

/**
 * Makes sure that each of these unattached volumes has its exact copy, at least begun. One that ended in `error` is taken again
 * as soon as EBS allows; after the third the volume counts as one that cannot be copied (`stuck`), and is tried again every
 * three minutes: the leaving side answers its hook without, the arriving side falls back.
 */
export function secure(view: Pick<View, 'facts' | 'now' | 'progress'>, volumes: readonly VolumeFacts[]): Securing {
  const { facts, now, progress } = view;
  const { snapshots, zones } = facts;
  const missing = volumes.filter(
    (volume) => !exactCopies(volume, snapshots).some((copy) => copy.state === 'pending' || isReady(copy)),
  );
  if (missing.length === 0) return { kind: 'secured' };

  const hopeless = missing.find((volume) => endsInError(volume, view));
  if (hopeless !== undefined)
    return { kind: 'stuck', because: `${MOST_ERRORS} snapshots of ${hopeless.id} ended in error` };

  const refused = missing
    .map(({ id }) => standingRefusal(view, 'ec2:CreateSnapshot', ({ VolumeId }) => VolumeId === id))
    .find((each) => each !== undefined);
  if (refused !== undefined) return { kind: 'refused', because: `EBS takes no snapshot: ${inWords(refused)}` };

  // One that is out of reach is no reason to wait with the others.
  const within = missing.filter(({ zone }) => !isZoneDown(zones[zone] ?? ''));
  if (within.length === 0) return { kind: 'unable', because: outOfReach(missing, facts) };
  if (isTriedOut(progress, 'snapshot', now))
    return { kind: 'unable', because: `snapshots of ${namesOf(within)} were asked for and do not show` };
  const step = beginCopies(within, snapshots, now);
  return step.kind === 'act' ? { ...step, isPartial: within.length < missing.length } : step;
}

function namesOf(volumes: readonly VolumeFacts[]): string {
  return volumes.map(({ id }) => id).join(', ');
}

function outOfReach(volumes: readonly VolumeFacts[], { zones }: Pick<View['facts'], 'zones'>): string {
  const where = [...new Set(volumes.map(({ zone }) => `${zone}, which is ${zones[zone] ?? 'not known'}`))];
  return `${namesOf(volumes)}: in ${where.join('; ')}`;
}

function endsInError(volume: VolumeFacts, { facts: { snapshots }, now }: Pick<View, 'facts' | 'now'>): boolean {
  const errors = exactCopies(volume, snapshots).filter(({ state }) => state === 'error');
  return errors.length >= MOST_ERRORS && secondsSinceSnapshot(volume, snapshots, now) < ERROR_PAUSE_SECONDS;
}

/** All of them at once, as soon as EBS allows. */
function beginCopies(
  volumes: readonly VolumeFacts[],
  snapshots: readonly SnapshotFacts[],
  now: string,
): Doing | Waiting {
  const names = namesOf(volumes);
  const isEarly = volumes.some((volume) => secondsSinceSnapshot(volume, snapshots, now) < SNAPSHOT_PAUSE_SECONDS);
  if (isEarly)
    return {
      kind: 'wait',
      code: 'snapshot-rate',
      because: `the last snapshot of ${names} is too recent for another`,
      seconds: RATE_POLL_SECONDS,
    };

  const isFull = volumes.some(
    (volume) => pendingOf(volume, snapshots) >= (SLOW_TYPES.has(volume.type) ? 1 : MOST_PENDING),
  );
  if (isFull)
    return {
      kind: 'wait',
      code: 'snapshot-pending',
      because: `${names} have as many snapshots under way as EBS allows`,
      seconds: PENDING_POLL_SECONDS,
    };

  return {
    kind: 'act',
    code: 'snapshot',
    because: `${names} are unattached`,
    plan: volumes.map(finalSnapshot),
    steps: ['snapshot'],
  };
}
