/** What it takes to get a set of volumes off the instance that has it, so that no acknowledged write is lost. Pure. */

import type { PlannedCall } from '../../../shared/kernel/decision.ts';
import { isLeaving, type InstanceFacts } from '../../../shared/judgement/instance-health.ts';
import { mayTry, timesTried, type RunProgress } from './progress.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import { detaching, finalSnapshot, keepingVolumes, labelling, stopping, warmSet } from './calls.ts';
import { freeze, thaw, thawing, type FreezeFacts, type Freezing } from './freeze.ts';
import { attachmentTo, exactCopies, labelOf, type SnapshotFacts, type VolumeFacts } from './volume-set.ts';

/** An instance as carrying needs it. */
export interface Machine extends InstanceFacts {
  /** It carries the set's own tag: without, it is not touched. */
  readonly optedIn: boolean;
  /** When a stop was last asked for by a user or this runbook; `null`: EC2 does not say. */
  readonly stopAskedAt: string | null;
  /** A Spot instance or one with an instance store cannot be stopped: only its termination frees its volumes. */
  readonly stoppable: boolean;
  readonly devices: readonly { readonly name: string; readonly volumeId: string; readonly root: boolean }[];
}

export interface ReleaseLimits {
  /** A stop takes this long before it is forced. */
  readonly forceStopSeconds: number;
  /** From so long on a stop that is not confirmed will not be. */
  readonly maxStopSeconds: number;
}

/** The next thing to do, or what stands in the way. `steps` are counted in the run's progress. */
export type Release =
  | { readonly kind: 'free' }
  | {
      readonly kind: 'act';
      readonly code: string;
      readonly because: string;
      readonly plan: readonly PlannedCall[];
      readonly steps: readonly string[];
    }
  | { readonly kind: 'wait'; readonly code: string; readonly because: string; readonly seconds: number }
  /** It cannot be stopped: only its end frees the volumes, which outlive it. */
  | { readonly kind: 'let-go'; readonly because: string }
  /** Neither stop nor detachment can be confirmed. */
  | { readonly kind: 'stuck'; readonly because: string };

export interface ReleaseView {
  readonly holder: Machine;
  /** The set's volumes on it. */
  readonly volumes: readonly VolumeFacts[];
  /** Copies on it that are no members of the set: they stay where they are, and outlive it too. */
  readonly copies: readonly VolumeFacts[];
  readonly snapshots: readonly SnapshotFacts[];
  /** `null`: the group wishes no freezing, or whoever looks has no business with it. */
  readonly freeze: FreezeFacts | null;
  readonly progress: RunProgress;
  readonly limits: ReleaseLimits;
  readonly now: string;
}

/** Between two snapshots of one volume. Source: EC2 error SnapshotCreationPerVolumeRateExceeded, at least 15 s. */
const SNAPSHOT_PAUSE_SECONDS = 16;
/** Pending snapshots of one volume: st1 and sc1 one, the others five. Source: EC2 error ConcurrentSnapshotLimitExceeded. */
const SLOW_TYPES = new Set(['st1', 'sc1']);
const MOST_PENDING = 5;
/** Final snapshots that end in `error` before a volume counts as one that cannot be copied, and for how long it does: EBS may mend. */
const MOST_ERRORS = 3;
const ERROR_PAUSE_SECONDS = 180;
const POLL_SECONDS = 15;
/** Requests to stop, after which an instance that still runs counts as one that cannot be stopped. */
const MOST_STOPS = 4;
/** The same, to keep the volumes of an instance that is on its way out. */
const MOST_KEEPS = 3;
/** Requests for a warm set: one that cannot be had is not worth more of a run's looks. */
const MOST_SETS = 2;
/** Between two detachments of a volume that stays busy: its attachment takes seconds to end, and the state to show. */
const FORCE_PAUSE_SECONDS = 20;
/** Detachments by force, after which only the end of the instance helps. */
const MOST_FORCED = 4;
const ZONE_DOWN = new Set(['impaired', 'unavailable']);

/** The zone of the instance or volume fails: EC2 says so. */
export function isZoneDown(zoneState: string): boolean {
  return ZONE_DOWN.has(zoneState);
}

/** The instance is on its way out, or out of its group's hands in a state in which nothing writes. */
export function isYielding(machine: Machine): boolean {
  return (
    isLeaving(machine) ||
    machine.state === 'shutting-down' ||
    machine.state === 'terminated' ||
    machine.state === 'absent'
  );
}

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
function warming(
  { holder, volumes, snapshots, progress, now }: ReleaseView,
  isFrozen: boolean,
): readonly PlannedCall[] {
  const label = labelOf(holder.id);
  const isThere = volumes.every(({ id }) =>
    snapshots.some(({ volumeId, run, state }) => volumeId === id && run === label && state !== 'error'),
  );
  const isInTheWay = volumes.some(
    (volume) =>
      SLOW_TYPES.has(volume.type) ||
      pendingOf(volume, snapshots) >= MOST_PENDING - 1 ||
      secondsSinceSnapshot(volume, snapshots, now) < SNAPSHOT_PAUSE_SECONDS,
  );
  if (isThere || isInTheWay || isZoneDown(holder.zoneState) || timesTried(progress, 'warm') >= MOST_SETS) return [];
  const ids = new Set(volumes.map(({ id }) => id));
  return [
    warmSet(
      holder.id,
      holder.devices.filter(({ volumeId, root }) => !root && !ids.has(volumeId)).map(({ volumeId }) => volumeId),
      isFrozen,
    ),
  ];
}

function toRelease(
  step: Extract<Freezing, { kind: 'act' | 'wait' }>,
  code: string,
  guard: readonly PlannedCall[],
): Release {
  return step.kind === 'wait' ? { ...step, code } : { ...step, code, plan: [...guard, ...step.plan] };
}

/** Where a freeze is wished: frozen, the warm set, thawed, each seen before the next; `undefined`: nothing (more) of that. */
function freezeAround(view: ReleaseView, guard: readonly PlannedCall[]): Release | undefined {
  const { holder, freeze: facts, progress, now } = view;
  if (facts !== null && warming(view, false).length > 0) {
    const step = freeze(facts, holder.id, progress, now);
    if (step.kind === 'act' || step.kind === 'wait') return toRelease(step, 'freezing', guard);
    const warm = warming(view, true);
    if (step.kind === 'frozen')
      return {
        kind: 'act',
        code: 'frozen',
        because: `${holder.id} is frozen`,
        plan: [...guard, ...warm, thawing(holder.id, facts)],
        steps: ['warm', 'thaw'],
      };
  }
  const step = thaw(facts, holder.id, progress, now);
  return step.kind === 'act' || step.kind === 'wait' ? toRelease(step, 'thawing', guard) : undefined;
}

/** First the data is made to outlive the instance, then it is stopped; the order is what the safety rests on. */
function stop(view: ReleaseView): Release {
  const { holder, volumes, copies, progress } = view;
  const guard = [...keepingVolumes([...volumes, ...copies], holder.id), ...labelling(volumes, holder.id)];
  const frozen = freezeAround(view, guard);
  if (frozen !== undefined) return frozen;
  const warm = warming(view, false);
  const steps = warm.length > 0 ? ['warm'] : [];
  const canStop = holder.stoppable && mayTry(progress, 'stop', MOST_STOPS, view.now);
  if (!canStop && guard.length + warm.length === 0)
    return { kind: 'let-go', because: `${holder.id} cannot be stopped` };
  const because = `${holder.id} has to leave ${volumes.map(({ id }) => id).join(', ')}`;
  if (!canStop) return { kind: 'act', code: 'kept', because, plan: [...guard, ...warm], steps };
  return {
    kind: 'act',
    code: 'stopping',
    because,
    plan: [...guard, ...warm, stopping(holder.id, 'gentle', 'a writer that has stopped loses nothing')],
    steps: [...steps, 'stop'],
  };
}

function press({ holder, progress, limits, now }: ReleaseView): Release {
  const seconds = holder.stopAskedAt === null ? 0 : secondsSince(holder.stopAskedAt, now);
  const since = `${holder.id} is stopping since ${holder.stopAskedAt ?? 'an unknown time'}`;
  // An isolated host does not report a stop; waiting longer for it is waiting for the zone.
  if (seconds >= limits.maxStopSeconds || (isZoneDown(holder.zoneState) && seconds >= limits.forceStopSeconds))
    return { kind: 'stuck', because: since };
  const forced = (manner: 'forced' | 'hard'): Release => ({
    kind: 'act',
    code: 'forcing',
    because: since,
    plan: [stopping(holder.id, manner, since)],
    steps: [manner],
  });
  if (seconds >= limits.forceStopSeconds * 2 && mayTry(progress, 'hard', 2, now)) return forced('hard');
  if (seconds >= limits.forceStopSeconds && mayTry(progress, 'forced', 2, now)) return forced('forced');
  return { kind: 'wait', code: 'stopping', because: since, seconds: POLL_SECONDS };
}

/** From an instance that cannot write any more; by force what is still busy after a first attempt. */
function detach({ holder, volumes, progress, now }: ReleaseView): Release {
  const plan: PlannedCall[] = [];
  const steps: string[] = [];
  const isEarly = progress.triedAt !== null && secondsSince(progress.triedAt, now) < FORCE_PAUSE_SECONDS;
  for (const volume of volumes) {
    const state = attachmentTo(volume, holder.id)?.state;
    const step = `detach ${volume.id}`;
    const force = state === 'busy' && timesTried(progress, step) > 0;
    if (state === 'detaching' || (force && (isEarly || timesTried(progress, step) > MOST_FORCED))) continue;
    plan.push(
      detaching(volume.id, holder.id, `${holder.id} is ${holder.state}${force ? ', and keeps it busy' : ''}`, force),
    );
    steps.push(step);
  }
  if (plan.length > 0)
    return { kind: 'act', code: 'detaching', because: `${holder.id} is ${holder.state}`, plan, steps };
  return {
    kind: 'wait',
    code: 'detaching',
    because: `${volumes.map(({ id }) => id).join(', ')} leave ${holder.id}`,
    seconds: 5,
  };
}

/** The next step that brings the volumes off their holder. */
export function release(view: ReleaseView): Release {
  const { holder, volumes, copies } = view;
  if (volumes.length === 0) return { kind: 'free' };
  const keep = keepingVolumes([...volumes, ...copies], holder.id);
  const isKept = keep.length === 0 || !mayTry(view.progress, 'keep', MOST_KEEPS, view.now);
  switch (holder.state) {
    case 'running':
      return stop(view);
    case 'pending':
      return { kind: 'wait', code: 'holder-pending', because: `${holder.id} is pending`, seconds: POLL_SECONDS };
    case 'stopping':
    case 'shutting-down':
      if (!isKept)
        return {
          kind: 'act',
          code: 'kept',
          because: `${holder.id} would take its volumes with it`,
          plan: keep,
          steps: ['keep'],
        };
      return holder.state === 'stopping'
        ? press(view)
        : { kind: 'wait', code: 'shutting-down', because: `${holder.id} is shutting down`, seconds: POLL_SECONDS };
    default:
      return detach(view);
  }
}

/** Makes sure that each of these unattached volumes has its exact copy, at least begun. */
export function secure(volumes: readonly VolumeFacts[], snapshots: readonly SnapshotFacts[], now: string): Release {
  const missing = volumes.filter(
    (volume) => !exactCopies(volume, snapshots).some(({ state }) => state === 'pending' || state === 'completed'),
  );
  if (missing.length === 0) return { kind: 'free' };
  const hopeless = missing.find(
    (volume) =>
      secondsSinceSnapshot(volume, snapshots, now) < ERROR_PAUSE_SECONDS &&
      exactCopies(volume, snapshots).filter(({ state }) => state === 'error').length >= MOST_ERRORS,
  );
  if (hopeless !== undefined)
    return { kind: 'stuck', because: `${MOST_ERRORS} snapshots of ${hopeless.id} ended in error` };
  const names = missing.map(({ id }) => id).join(', ');
  const isEarly = missing.some((volume) => secondsSinceSnapshot(volume, snapshots, now) < SNAPSHOT_PAUSE_SECONDS);
  if (isEarly)
    return {
      kind: 'wait',
      code: 'snapshot-rate',
      because: `the last snapshot of ${names} is too recent for another`,
      seconds: POLL_SECONDS,
    };
  const isFull = missing.some(
    (volume) => pendingOf(volume, snapshots) >= (SLOW_TYPES.has(volume.type) ? 1 : MOST_PENDING),
  );
  if (isFull)
    return {
      kind: 'wait',
      code: 'snapshot-pending',
      because: `${names} have as many snapshots under way as EBS allows`,
      seconds: POLL_SECONDS * 2,
    };
  return {
    kind: 'act',
    code: 'snapshot',
    because: `${names} are unattached`,
    plan: missing.map(finalSnapshot),
    steps: ['snapshot'],
  };
}
