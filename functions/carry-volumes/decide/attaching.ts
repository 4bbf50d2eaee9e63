/**
 * All volumes of the set are within reach of the instance that arrives: labelled, attached, read back, made to outlive it, and
 * only then let into service. Pure.
 */

import type { Decision, JsonObject } from '../../../shared/kernel/decision.ts';
import { deviceName } from '../../../shared/judgement/device-names.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import { arrivalAccount, untoldLoss, untoldSince } from './account.ts';
import { howToRestore } from './archive.ts';
import { attaching, detaching, keepingVolumes, labelling, namesFor, superseding } from './calls.ts';
import { answer, doubt, hold } from './hold.ts';
import { isTriedOut, type RunProgress } from './progress.ts';
import { attachRefused, inWords, namesRefused } from './refusals.ts';
import { act } from './step.ts';
import type { Side } from './view.ts';
import { attachmentTo, holderOf, isLive, placeOf, type VolumeFacts } from './volume-set.ts';

const LETTING_GO: ReadonlySet<string> = new Set(['detaching', 'busy']);

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

  const going = volumes.filter((volume) => LETTING_GO.has(attachmentTo(volume, machine.id)?.state ?? ''));
  if (going.length > 0) {
    const because = `${going.map(({ id }) => id).join(', ')} come off ${machine.id}, to be attached again`;
    return doubt(side, 'detaching', because, { seconds: 5 });
  }

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

  const stuckNames = namesStuck(progress, machine.id);
  const hard = missing.find(({ id }) => isTriedOut(progress, `attach ${id}`, now));
  if (hard !== undefined) {
    const tried =
      stuckNames.length === 0
        ? 'for an encrypted volume: is its key enabled?'
        : `it stayed attaching at ${stuckNames.join(', ')}: the guest may hold these names, and another launch does not`;
    return doubt(side, 'cannot-attach', `${hard.id} does not stay attached to ${machine.id}; ${tried}`, {
      seconds: 60,
    });
  }

  const refused = missing.map(({ id }) => attachRefused(side, machine.id, id)).find((each) => each !== undefined);
  if (refused !== undefined) {
    const because = `${machine.id} cannot have the volumes: ${inWords(refused)}`;
    return doubt(side, 'cannot-attach', because, { seconds: 60 });
  }

  const taken = [...machine.devices.map(({ name }) => name), ...stuckNames, ...namesRefused(side, machine.id)];
  const names = namesFor(missing, taken);
  const nameless = missing.find(({ id }) => !names.has(id));
  if (nameless !== undefined) {
    const because = `${machine.id} has no device name left for ${nameless.id}: ${taken.join(', ')} are taken`;
    return doubt(side, 'cannot-attach', because, { seconds: 60 });
  }

  const outdated = replaced.filter(isLive).map(({ id }) => id);
  // Superseded and labelled first: what the instance may write to is the true volume before the first write can reach it.
  const plan = [
    ...superseding(outdated, now, `copies of them go to ${machine.id}`),
    ...labelling(missing, machine.id),
    ...missing.map(({ id }) => attaching(id, machine.id, names.get(id) ?? '')),
  ];
  const because = `${missing.map(({ id }) => id).join(', ')} belong on ${machine.id}`;
  const steps = missing.map(({ id }) => `attach ${id}`);
  const lost = lossTold(side, missing);
  const told = { ...evidence, ...lost, ...(stuckNames.length === 0 ? {} : { stuckNames }) };
  const decision = act(side, { code: 'attaching', because, plan, steps, evidence: told });
  return lost === undefined ? decision : { ...decision, attention: true };
}

/** Where no hook is answered in the end, this is the last that anybody hears: what the copies lack is said with it. */
function lossTold(side: Side, missing: readonly VolumeFacts[]): JsonObject | undefined {
  const { facts, machine, now } = side;
  const rpoSeconds = untoldLoss(missing, facts, untoldSince(facts, now, machine));
  if (facts.hook !== null || rpoSeconds === 0) return undefined;
  return { rpoSeconds, ...lossIn(side, missing) };
}

/** Device names of the instance under which an attachment of this run did not end: its guest holds them, whatever EC2 shows. */
function namesStuck({ tried }: RunProgress, instanceId: string): readonly string[] {
  const prefix = stuckStep(instanceId, '');
  return Object.keys(tried)
    .filter((step) => step.startsWith(prefix))
    .map((step) => step.slice(prefix.length));
}

function stuckStep(instanceId: string, device: string): string {
  return `stuck ${instanceId} ${device}`;
}

function isAttachingTooLong({ machine, limits, now, progress }: Side, volume: VolumeFacts): boolean {
  const attachment = attachmentTo(volume, machine.id);
  if (attachment?.state !== 'attaching') return false;
  const since = attachment.attachedAt ?? progress.triedAt ?? progress.beganAt;
  return secondsSince(since, now) > limits.stuckAttachSeconds;
}

/** What hangs between the two is taken off, and tried again by the next look under another name. */
function takeBack(side: Side, stuck: readonly VolumeFacts[]): Decision {
  const { limits, machine } = side;
  const attachments = stuck.flatMap((volume) => attachmentTo(volume, machine.id) ?? []);
  const names = stuck.map(({ id }) => id).join(', ');
  const because = `${names} are attaching for more than ${limits.stuckAttachSeconds} s at ${attachments.map(({ device }) => device).join(', ')}; another name is tried`;
  const plan = stuck.map(({ id }) => detaching(id, machine.id, because));
  const steps = attachments.map(({ device }) => stuckStep(machine.id, device));
  return act(side, { code: 'attach-stuck', because, plan, steps });
}

/** Volumes that are not where they are known to belong, in words: a guest may mount them by that name. */
function renamedOn({ machine }: Side, volumes: readonly VolumeFacts[]): readonly string[] {
  return volumes.flatMap((volume) => {
    const { device } = attachmentTo(volume, machine.id) ?? {};
    const isRenamed = device !== undefined && volume.device !== null && deviceName(device) !== placeOf(volume);
    return isRenamed ? [`${volume.id} is at ${device}, since ${volume.device} was taken or did not work`] : [];
  });
}

/** What writes are lacking since: the snapshots that the volumes were made of, and newer ones that were in the archive. */
function lossIn({ facts }: Side, volumes: readonly VolumeFacts[]): JsonObject {
  const ids = new Set(volumes.map(({ snapshotId }) => snapshotId));
  const sources = facts.snapshots.filter(({ id }) => ids.has(id));
  const [oldest = ''] = sources.map(({ startedAt }) => startedAt).toSorted();
  return {
    madeOf: sources.map(
      ({ id, startedAt, copied }) => `${id} of ${startedAt}${copied ? ', a copy of an older one' : ''}`,
    ),
    ...howToRestore(facts.snapshots.filter(({ startedAt }) => startedAt > oldest)),
  };
}

/** Why nobody can say what the volumes lack. */
function unknownBecause({ facts }: Side, volumes: readonly VolumeFacts[]): string {
  const gone = volumes.filter(
    ({ snapshotId }) => snapshotId !== null && !facts.snapshots.some(({ id }) => id === snapshotId),
  );
  if (gone.length === 0) return 'made of copied snapshots, whose age AWS does not show';
  return `the snapshots that volumes were made of do not show any more: ${gone.map(({ id, snapshotId }) => `${snapshotId} of ${id}`).join(', ')}`;
}

/** The good end: the hook is answered, with what the carry cost. A loss is said aloud, though nothing failed. */
function letIntoService(side: Side, volumes: readonly VolumeFacts[]): Decision {
  const { facts, now, machine } = side;
  const account = arrivalAccount(facts, now, machine);
  const because = `${machine.id} has ${volumes.map(({ id }) => id).join(', ')}`;
  const renamed = renamedOn(side, volumes);
  const evidence = {
    ...account,
    ...(account.rpoSeconds === null ? { rpoUnknown: unknownBecause(side, volumes) } : {}),
    ...(account.rpoSeconds === 0 ? {} : lossIn(side, volumes)),
    ...(renamed.length === 0 ? {} : { renamed }),
  };
  if (facts.hook === null) return answer(side, { code: 'complete', because, evidence });

  const { rtoSeconds, rpoSeconds } = account;
  const isWhole = rpoSeconds === 0 && side.evidence['forgotten'] === undefined;
  return {
    ...answer(side, { code: 'carried', because, evidence }),
    metrics: { RtoSeconds: rtoSeconds, ...(rpoSeconds === null ? {} : { RpoSeconds: rpoSeconds }) },
    ...(isWhole ? {} : { attention: true }),
  };
}
