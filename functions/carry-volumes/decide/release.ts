/**
 * What it takes to get volumes of the set off the instance that has them, so that no acknowledged write is lost: they are made
 * to outlive it, it is stopped, by force after a while, and then each is detached, by force only then. Pure.
 */

import type { PlannedCall } from '../../../shared/kernel/decision.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import { detaching, keepingVolumes, labelling, noting, stopping, type StopManner } from './calls.ts';
import { isZoneDown } from './machine.ts';
import { mayTry, timesTried } from './progress.ts';
import { wasRefused, type IsMeant } from './refusals.ts';
import { freezeAround, warming } from './snapshots.ts';
import type { Doing, Waiting } from './step.ts';
import type { Holding } from './view.ts';
import { attachmentTo, copiesOn, type VolumeFacts } from './volume-set.ts';

/** The next thing to do, or what stands in the way. */
export type Release =
  | { readonly kind: 'free' }
  | Doing
  | Waiting
  /** It cannot be stopped: only its end frees the volumes, which outlive it. */
  | { readonly kind: 'let-go'; readonly because: string }
  /** The stop cannot be confirmed. */
  | { readonly kind: 'stuck'; readonly because: string };

const POLL_SECONDS = 15;
/** A detachment takes seconds. */
const DETACH_POLL_SECONDS = 5;
/** Requests to stop, after which an instance that still runs counts as one that cannot be stopped. */
const MOST_STOPS = 4;
/** The same, to keep the volumes of an instance that is on its way out. */
const MOST_KEEPS = 3;
/** Requests of each kind to force a stop. */
const MOST_PRESSES = 2;
/** Between two detachments of a volume that stays busy: its attachment takes seconds to end, and the state to show. */
const FORCE_PAUSE_SECONDS = 20;
/** Detachments by force, after which only the end of the instance helps. */
const MOST_FORCED = 4;

/** The next step that brings the volumes off their holder. */
export function release(view: Holding): Release {
  const { holder, volumes } = view;
  if (volumes.length === 0) return { kind: 'free' };
  switch (holder.state) {
    case 'running':
      return stop(view);
    case 'stopping':
      return keep(view) ?? press(view);
    case 'shutting-down':
      return (
        keep(view) ?? {
          kind: 'wait',
          code: 'shutting-down',
          because: `${holder.id} is shutting down`,
          seconds: POLL_SECONDS,
        }
      );
    // Nothing writes any more.
    case 'stopped':
    case 'terminated':
    case 'absent':
      return detach(view);
    // Pending, or in a state that nobody knows: it may write, or soon will.
    default:
      return {
        kind: 'wait',
        code: 'holder-pending',
        because: `${holder.id} is ${holder.state}`,
        seconds: POLL_SECONDS,
      };
  }
}

/** What of the volumes must not go with the instance: themselves, and the knowledge where they were. */
function outliving({ holder, volumes, members }: Holding): readonly PlannedCall[] {
  return [...keepingVolumes([...volumes, ...copiesOn(members, holder.id)], holder.id), ...noting(volumes)];
}

/** First the data is made to outlive the instance, then it is stopped; the order is what the safety rests on. */
function stop(view: Holding): Release {
  const { holder, volumes, progress, now } = view;
  const guard = [...outliving(view), ...labelling(volumes, holder.id)];
  const freezing = freezeAround(view, guard);
  if (freezing !== undefined) return freezing;

  const plan = [...guard, ...warming(view, false)];
  const steps = plan.length > guard.length ? ['warm'] : [];
  const because = `${holder.id} has to leave ${volumes.map(({ id }) => id).join(', ')}`;
  const isRefused = wasRefused(view, 'ec2:StopInstances', isOf(holder.id));
  const canStop = holder.stoppable && !isRefused && mayTry(progress, 'stop', MOST_STOPS, now);
  if (canStop)
    return {
      kind: 'act',
      code: 'stopping',
      because,
      plan: [...plan, stopping(holder.id, 'gentle', 'a writer that has stopped loses nothing')],
      steps: [...steps, 'stop'],
    };
  if (plan.length > 0) return { kind: 'act', code: 'kept', because, plan, steps };
  return { kind: 'let-go', because: `${holder.id} cannot be stopped` };
}

function isOf(instanceId: string): IsMeant {
  return ({ InstanceIds: ids }) => Array.isArray(ids) && ids.includes(instanceId);
}

/** The volumes of an instance that is on its way out already must outlive it even so; `undefined`: they do, or it is in vain. */
function keep(view: Holding): Doing | undefined {
  const plan = outliving(view);
  if (plan.length === 0 || !mayTry(view.progress, 'keep', MOST_KEEPS, view.now)) return undefined;
  const because = `${view.holder.id} would take its volumes with it`;
  return { kind: 'act', code: 'kept', because, plan, steps: ['keep'] };
}

/** A stop that takes long is forced, then forced without the system's own shutdown, and at last not waited for. */
function press({ holder, progress, limits, now }: Holding): Release {
  const seconds = holder.stopAskedAt === null ? 0 : secondsSince(holder.stopAskedAt, now);
  const because = `${holder.id} is stopping since ${holder.stopAskedAt ?? 'an unknown time'}`;
  // An isolated host does not report a stop; waiting longer for it is waiting for the zone.
  const isHostIsolated = isZoneDown(holder.zoneState) && seconds >= limits.forceStopSeconds;
  if (seconds >= limits.maxStopSeconds || isHostIsolated) return { kind: 'stuck', because };

  const forced = (manner: StopManner): Doing => ({
    kind: 'act',
    code: 'forcing',
    because,
    plan: [stopping(holder.id, manner, because)],
    steps: [manner],
  });
  if (seconds >= limits.forceStopSeconds * 2 && mayTry(progress, 'hard', MOST_PRESSES, now)) return forced('hard');
  if (seconds >= limits.forceStopSeconds && mayTry(progress, 'forced', MOST_PRESSES, now)) return forced('forced');
  return { kind: 'wait', code: 'stopping', because, seconds: POLL_SECONDS };
}

/** From an instance that cannot write any more, all at once; a volume that sticks is no reason to wait with the others. */
function detach(view: Holding): Release {
  const { holder, volumes } = view;
  const detachments = volumes.flatMap((volume) => detachmentOf(view, volume) ?? []);
  if (detachments.length > 0)
    return {
      kind: 'act',
      code: 'detaching',
      because: `${holder.id} is ${holder.state}`,
      plan: [...noting(volumes), ...detachments.map(({ call }) => call)],
      steps: detachments.map(({ step }) => step),
    };
  return {
    kind: 'wait',
    code: 'detaching',
    because: `${volumes.map(({ id }) => id).join(', ')} leave ${holder.id}`,
    seconds: DETACH_POLL_SECONDS,
  };
}

/** By force what is still busy after a first attempt; `undefined`: it is detaching, or was asked lately, or often enough. */
function detachmentOf(
  { holder, progress, now }: Holding,
  volume: VolumeFacts,
): { readonly call: PlannedCall; readonly step: string } | undefined {
  const state = attachmentTo(volume, holder.id)?.state;
  if (state === 'detaching') return undefined;

  const step = `detach ${volume.id}`;
  const because = `${holder.id} is ${holder.state}`;
  const times = timesTried(progress, step);
  const isStillBusy = state === 'busy' && times > 0;
  if (!isStillBusy) return { call: detaching(volume.id, holder.id, because), step };

  const isEarly = progress.triedAt !== null && secondsSince(progress.triedAt, now) < FORCE_PAUSE_SECONDS;
  if (isEarly || times > MOST_FORCED) return undefined;
  return { call: detaching(volume.id, holder.id, `${because}, and keeps it busy`, true), step };
}
