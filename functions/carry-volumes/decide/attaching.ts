/**
 * All volumes of the set are within reach of the instance that arrives: labelled, attached, read back, made to outlive it, and
 * only then let into service. Pure.
 */

import type { Decision, JsonObject } from '../../../shared/kernel/decision.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import { arrivalAccount } from './account.ts';
import { attaching, detaching, keepingVolumes, labelling, namesFor, superseding } from './calls.ts';
import { answer, doubt, hold } from './hold.ts';
import { isTriedOut } from './progress.ts';
import { act } from './step.ts';
import type { Side } from './view.ts';
import { attachmentTo, holderOf, isLive, type VolumeFacts } from './volume-set.ts';

/**
 * The next step for an instance all of whose volumes are on it, or free in its zone.
 * @param replaced volumes whose place in the set some of these take
 */
export function attachAll(
  side: Side,
  volumes: readonly VolumeFacts[],
  replaced: readonly VolumeFacts[] = [],
  evidence: JsonObject = {},
): Decision {
  const { machine, now } = side;
  const missing = volumes.filter((volume) => holderOf(volume) === null);
  if (missing.length > 0) return attach(side, missing, replaced, evidence);

  const stuck = volumes.filter((volume) => isAttachingTooLong(side, volume));
  if (stuck.length > 0) return takeBack(side, stuck);

  const moving = volumes
    .flatMap((volume) => attachmentTo(volume, machine.id) ?? [])
    .find(({ state }) => state !== 'attached');
  if (moving !== undefined) {
    const movingSeconds = moving.attachedAt === null ? 0 : secondsSince(moving.attachedAt, now);
    return hold(side, 'attaching', `volumes are on their way to ${machine.id}`, 5, movingSeconds);
  }

  const guard = [...keepingVolumes(volumes, machine.id), ...labelling(volumes, machine.id)];
  if (guard.length > 0) {
    const because = 'before the instance goes into service its volumes must outlive it';
    return act(side, { code: 'guarded', because, plan: guard });
  }

  return letIntoService(side, volumes);
}

function attach(
  side: Side,
  missing: readonly VolumeFacts[],
  replaced: readonly VolumeFacts[],
  evidence: JsonObject,
): Decision {
  const { machine, now, progress } = side;
  if (machine.state !== 'running') {
    const because = `${machine.id} is ${machine.state}`;
    return doubt(side, 'instance-pending', because, { seconds: 5, since: machine.launchedAt });
  }

  const hard = missing.find(({ id }) => isTriedOut(progress, `attach ${id}`, now));
  if (hard !== undefined) {
    const because = `${hard.id} does not stay attached to ${machine.id}; for an encrypted volume: is its key enabled?`;
    return doubt(side, 'cannot-attach', because, { seconds: 60 });
  }

  const taken = machine.devices.map(({ name }) => name);
  const names = namesFor(missing, taken);
  const outdated = replaced.filter(isLive).map(({ id }) => id);
  // Superseded and labelled first: what the instance may write to is the true volume before the first write can reach it.
  const plan = [
    ...superseding(outdated, now, `copies of them go to ${machine.id}`),
    ...labelling(missing, machine.id),
    ...missing.map(({ id }) => attaching(id, machine.id, names.get(id) ?? '')),
  ];
  const because = `${missing.map(({ id }) => id).join(', ')} belong on ${machine.id}`;
  const steps = missing.map(({ id }) => `attach ${id}`);
  return act(side, { code: 'attaching', because, plan, steps, evidence });
}

function isAttachingTooLong({ machine, limits, now }: Side, volume: VolumeFacts): boolean {
  const { state, attachedAt } = attachmentTo(volume, machine.id) ?? {};
  if (state !== 'attaching' || typeof attachedAt !== 'string') return false;
  return secondsSince(attachedAt, now) > limits.stuckAttachSeconds;
}

/** What hangs between the two is taken off, and tried again by the next look. */
function takeBack(side: Side, stuck: readonly VolumeFacts[]): Decision {
  const { limits, machine } = side;
  const because = `${stuck.map(({ id }) => id).join(', ')} are attaching for more than ${limits.stuckAttachSeconds} s`;
  const plan = stuck.map(({ id }) => detaching(id, machine.id, because));
  return act(side, { code: 'attach-stuck', because, plan });
}

/** The good end: the hook is answered, with what the carry cost. A loss is said aloud, though nothing failed. */
function letIntoService(side: Side, volumes: readonly VolumeFacts[]): Decision {
  const { facts, now, machine } = side;
  const account = arrivalAccount(facts, now, machine);
  const because = `${machine.id} has ${volumes.map(({ id }) => id).join(', ')}`;
  if (facts.hook === null) return answer(side, { code: 'complete', because, evidence: account });

  const { rtoSeconds, rpoSeconds } = account;
  return {
    ...answer(side, { code: 'carried', because, evidence: account }),
    metrics: { RtoSeconds: rtoSeconds, RpoSeconds: rpoSeconds },
    ...(rpoSeconds > 0 ? { attention: true } : {}),
  };
}
