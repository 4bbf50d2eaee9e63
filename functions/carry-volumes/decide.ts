/**
 * Which volumes belong on which instance, and the next step there. Judged from what stands there alone (lifecycle states,
 * volumes, attachments, snapshots, their tags), so that any step may be lost, repeated or raced. A plan is one step; the
 * next look decides the next.
 */

import type { Decision, JsonObject } from '../../shared/kernel/decision.ts';
import { completion } from '../../shared/judgement/hooks.ts';
import { nothing, refuse } from '../../shared/judgement/decisions.ts';
import { mayTry } from './decide/progress.ts';
import { hookOf, launchedFirst } from './decide/scaling-group.ts';
import { pendingOf, secondsSince } from '../../shared/judgement/since.ts';
import { attaching, copyFrom, detaching, keepingVolumes, labelling, namesFor, superseding } from './decide/calls.ts';
import { arrivalAccount, fallbackAccount, warmSetOf } from './decide/account.ts';
import { answer, doubt, hold, patienceSeconds } from './decide/hold.ts';
import { flawsOf, lockedKey } from './decide/preflight.ts';
import { isYielding, isZoneDown, release, secure, type Machine, type Release } from './decide/release.ts';
import { retirement } from './decide/retirement.ts';
import {
  attachmentTo,
  copyLabelOf,
  describeMember,
  exactCopies,
  holderOf,
  isLive,
  newestCompleteSet,
  snapshotSets,
} from './decide/volume-set.ts';
import type { Member, SnapshotFacts, VolumeFacts } from './decide/volume-set.ts';
import { act, survey, type CarryLimits, type Facts, type Side, type View } from './decide/view.ts';

/** Since when an announced step is told from one that is on its way: a run that is throttled for a minute is done by then. */
const PENDING_SECONDS = 120;

const UNTAGGED = (id: string, set: string): string =>
  `${id} does not carry runbook:volumes = ${set} itself: let the group propagate its tag, and tag the instances it has`;

/** Follows a step of a release; `free`, `let-go` and `stuck` are the caller's. */
function follow(
  view: View,
  step: Extract<Release, { kind: 'act' | 'wait' }>,
  onWait: (code: string, because: string, seconds: number) => Decision,
): Decision {
  if (step.kind === 'wait') return onWait(step.code, step.because, step.seconds);
  // Stopping is what a limit is for; what follows is resumed under the same intent.
  return act(view, { ...step, budget: view.facts.leaving ? 'counted' : 'free' });
}

/** Another instance of the group that takes the volumes over where they are. */
function hasSuccessorIn({ facts, machine }: Side, zone: string): boolean {
  const ids = facts.group.members
    .filter(({ lifecycleState }) => lifecycleState.startsWith('Pending'))
    .map(({ instanceId }) => instanceId);
  return facts.machines.some(
    (other) => other.id !== machine.id && ids.includes(other.id) && other.zone === zone && !isYielding(other),
  );
}

function copiesOn({ members }: Side, instanceId: string): VolumeFacts[] {
  return members.flatMap(({ copies }) => copies.filter((each) => attachmentTo(each, instanceId) !== undefined));
}

/** Nothing is left to give: whoever arrives was faster, or there never was anything. */
function gone(
  { facts, machine }: Side,
  volumes: readonly VolumeFacts[],
): { readonly code: string; readonly because: string } {
  const taken = volumes.filter((volume) => holderOf(volume) !== null);
  if (taken.length === 0) return { code: 'nothing-to-carry', because: `${machine.id} has no volume of ${facts.set}` };
  return {
    code: 'released',
    because: taken.map((volume) => `${volume.id} is on ${holderOf(volume)} already`).join(', '),
  };
}

function leave(side: Side): Decision {
  const { facts, limits, now, machine, members, progress, elapsedSeconds } = side;
  const volumes = members.flatMap(({ volume, rivals }) => (volume === null ? rivals : [volume]));
  const mine = volumes.filter((volume) => attachmentTo(volume, machine.id) !== undefined);
  const loose = volumes.filter((volume) => volume.state === 'available' && holderOf(volume) === null);
  const held = (code: string, because: string, seconds: number): Decision => hold(side, code, because, seconds);
  const unsure = (because: string): Decision => ({
    ...answer(side, { code: 'left-unconfirmed', because, evidence: fallbackAccount(facts, now) }),
    attention: true,
  });
  const step = release({
    holder: machine,
    volumes: mine,
    copies: copiesOn(side, machine.id),
    snapshots: facts.snapshots,
    freeze: facts.freeze,
    progress,
    limits,
    now,
  });
  if (!machine.optedIn && mine.length > 0)
    return refuse(side.evidence, 'not-opted-in', UNTAGGED(machine.id, facts.set));
  if (mine.length + loose.length === 0) return answer(side, gone(side, volumes));
  if (step.kind === 'stuck') return unsure(`${step.because}; its end is left to Auto Scaling, the volumes outlive it`);
  if (step.kind === 'act') return follow(side, step, held);
  if (step.kind === 'let-go' && facts.hook !== null)
    return act(side, {
      code: 'let-go',
      because: step.because,
      plan: [completion(facts.hook, `${step.because}; the volumes outlive it`)],
    });
  if (step.kind !== 'free') {
    const { because } = step;
    const seconds = step.kind === 'wait' ? step.seconds : 15;
    return facts.hook !== null && elapsedSeconds >= patienceSeconds(side)
      ? unsure(because)
      : held(step.kind === 'wait' ? step.code : 'let-go', because, seconds);
  }
  const bound = loose.filter(({ zone }) => !hasSuccessorIn(side, zone));
  const exact = secure(bound, facts.snapshots, now);
  if (exact.kind === 'stuck') return unsure(exact.because);
  if (exact.kind === 'wait') return held(exact.code, exact.because, exact.seconds);
  const because =
    bound.length === 0
      ? `${loose.map(({ id }) => id).join(', ')} wait for their successor in the same zone`
      : `nobody writes on ${loose.map(({ id }) => id).join(', ')}, and an exact copy is begun`;
  const evidence = { rpoSeconds: 0, warmSet: warmSetOf(facts.snapshots, machine.id) };
  if (exact.kind !== 'act') return answer(side, { code: 'released', because, evidence });
  const done = facts.hook === null ? [] : [completion(facts.hook, because)];
  return act(side, { code: 'released', because, plan: [...exact.plan, ...done], evidence, budget: 'counted' }, true);
}

/** Three times at once, then as often as there is time for somebody to have done something about it. */
function isTriedOut({ progress, now }: View, step: string): boolean {
  return !mayTry(progress, step, 3, now, 180);
}

/** All volumes are in reach: given to the instance, attached, verified, and only then let into service. */
function settle(
  side: Side,
  volumes: readonly VolumeFacts[],
  replaced: readonly VolumeFacts[],
  evidence: JsonObject,
): Decision {
  const { facts, limits, now, machine } = side;
  const missing = volumes.filter((volume) => holderOf(volume) === null);
  if (missing.length > 0) {
    if (machine.state !== 'running')
      return doubt(side, 'instance-pending', `${machine.id} is ${machine.state}`, {
        seconds: 5,
        since: machine.launchedAt,
      });
    const hard = missing.find(({ id }) => isTriedOut(side, `attach ${id}`));
    if (hard !== undefined)
      return doubt(
        side,
        'cannot-attach',
        `${hard.id} does not stay attached to ${machine.id}; for an encrypted volume: is its key enabled?`,
        { seconds: 60 },
      );
    const names = namesFor(
      missing,
      machine.devices.map(({ name }) => name),
    );
    // Superseded and labelled first: what the instance may write to is the true volume before the first write can reach it.
    const plan = [
      ...superseding(
        replaced.filter(isLive).map(({ id }) => id),
        now,
        `copies of them go to ${machine.id}`,
      ),
      ...labelling(missing, machine.id),
      ...missing.map((volume) => attaching(volume.id, machine.id, names.get(volume.id) ?? '')),
    ];
    return act(side, {
      code: 'attaching',
      because: `${missing.map(({ id }) => id).join(', ')} belong on ${machine.id}`,
      plan,
      steps: missing.map(({ id }) => `attach ${id}`),
      evidence,
    });
  }
  const stuck = volumes.filter((volume) => {
    const { state, attachedAt } = attachmentTo(volume, machine.id) ?? {};
    return (
      state === 'attaching' &&
      typeof attachedAt === 'string' &&
      secondsSince(attachedAt, now) > limits.stuckAttachSeconds
    );
  });
  if (stuck.length > 0) {
    const because = `${stuck.map(({ id }) => id).join(', ')} are attaching for more than ${limits.stuckAttachSeconds} s`;
    return act(side, {
      code: 'attach-stuck',
      because,
      plan: stuck.map(({ id }) => detaching(id, machine.id, because)),
    });
  }
  const moving = volumes
    .flatMap((volume) => attachmentTo(volume, machine.id) ?? [])
    .find(({ state }) => state !== 'attached');
  if (moving !== undefined)
    return hold(
      side,
      'attaching',
      `volumes are on their way to ${machine.id}`,
      5,
      moving.attachedAt === null ? 0 : secondsSince(moving.attachedAt, now),
    );
  const guard = [...keepingVolumes(volumes, machine.id), ...labelling(volumes, machine.id)];
  if (guard.length > 0)
    return act(side, {
      code: 'guarded',
      because: 'before the instance goes into service its volumes must outlive it',
      plan: guard,
    });
  const account = arrivalAccount(facts, now, machine);
  const decision = answer(side, {
    code: facts.hook === null ? 'complete' : 'carried',
    because: `${machine.id} has ${volumes.map(({ id }) => id).join(', ')}`,
    evidence: account,
  });
  const loss = Number(account['rpoSeconds'] ?? 0) > 0 && facts.hook !== null;
  return {
    ...decision,
    ...(facts.hook === null
      ? {}
      : { metrics: { RtoSeconds: Number(account['rtoSeconds']), RpoSeconds: Number(account['rpoSeconds'] ?? 0) } }),
    ...(loss ? { attention: true } : {}),
  };
}

/** Copies in the instance's zone, made from these snapshots; in the place of `replaced` once all are there. */
function copy(side: Side, sources: ReadonlyMap<string, SnapshotFacts>, evidence: JsonObject): Decision {
  const { facts, now, machine, members, elapsedSeconds } = side;
  const made = (device: string, source: SnapshotFacts, isGood: boolean): VolumeFacts[] =>
    facts.volumes.filter(
      (volume) =>
        volume.run === copyLabelOf(machine.id) &&
        volume.device === device &&
        volume.snapshotId === source.id &&
        volume.zone === machine.zone &&
        isLive(volume) === isGood,
    );
  const missing = [...sources].filter(([device, source]) => made(device, source, true).length === 0);
  if (missing.length > 0) {
    const vanished = missing.find(([, { id }]) => isTriedOut(side, `create ${id}`));
    if (vanished !== undefined) {
      return doubt(
        side,
        'volume-vanished',
        `the volume from ${vanished[1].id} is gone as soon as it is made: EBS cannot use its KMS key (is it disabled, and does its policy let this role and the instance use it?)`,
        { seconds: 60 },
      );
    }
    const plan = missing.map(([device, source]) => {
      const like =
        members.find((member) => member.device === device)?.volume ??
        facts.volumes.find(({ id }) => id === source.volumeId) ??
        null;
      return copyFrom(source, like, {
        instanceId: machine.id,
        zone: machine.zone,
        set: facts.set,
        device,
        attempt: made(device, source, false).length + 1 + Math.floor(elapsedSeconds / 300),
      });
    });
    return act(side, {
      code: 'creating',
      because: `${facts.set} comes to ${machine.zone}`,
      plan,
      steps: missing.map(([, { id }]) => `create ${id}`),
      evidence,
    });
  }
  const copies = new Map(
    [...sources].flatMap(([device, source]) =>
      made(device, source, true)
        .slice(0, 1)
        .map((volume) => [device, volume] as const),
    ),
  );
  const creating = [...copies.values()].find(({ state }) => state === 'creating');
  if (creating !== undefined)
    return hold(
      side,
      'creating',
      `volumes are being created in ${machine.zone}`,
      5,
      secondsSince(creating.createdAt, now),
    );
  const volumes = members.flatMap(({ device, volume }) => copies.get(device) ?? volume ?? []);
  const replaced = members.flatMap(({ device, volume }) =>
    copies.has(device) && volume !== null && volume.id !== copies.get(device)?.id ? [volume] : [],
  );
  return settle(side, volumes, replaced, evidence);
}

/** Not all volumes can be had as they are: the newest complete set, with its age as what is lost, if that is acceptable. */
function fallBack(side: Side, why: string): Decision {
  const { facts, members, now, elapsedSeconds } = side;
  const devices = members.map(({ device }) => device);
  const sets = snapshotSets(facts.snapshots, facts.volumes);
  const best = newestCompleteSet(sets, devices);
  const coming = sets.find(({ snapshots }) => devices.every((device) => snapshots.has(device)));
  if (coming !== undefined && coming !== best && elapsedSeconds < patienceSeconds(side) / 2)
    return doubt(side, 'set-pending', `${why}; the set of ${coming.startedAt} is not completed yet`);
  if (best === undefined)
    return doubt(
      side,
      'no-complete-set',
      `${why}; there is no completed snapshot of every one of ${devices.join(', ')}`,
    );
  const age = Math.max(1, Math.round(secondsSince(best.startedAt, now)));
  const isChosen = facts.volumes.some(
    (volume) =>
      isLive(volume) &&
      volume.run === copyLabelOf(side.machine.id) &&
      [...best.snapshots.values()].some(({ id }) => id === volume.snapshotId),
  );
  const limit = facts.settings.oldestAcceptableSeconds ?? 0;
  const isFrozen = [...best.snapshots.values()].every(({ frozen }) => frozen);
  const told = {
    ...side,
    evidence: {
      ...side.evidence,
      fallback: why,
      newestSet: best.startedAt,
      newestSetAgeSeconds: age,
      consistency: isFrozen ? 'file systems frozen' : 'crash-consistent',
    },
  };
  if (age > limit && !isChosen)
    return doubt(
      told,
      'too-old',
      `${why}; the newest complete set is ${age} s old, acceptable are ${limit} s (runbook:oldest-acceptable-seconds)`,
    );
  return copy(told, new Map([...best.snapshots].filter(([device]) => devices.includes(device))), { rpoSeconds: age });
}

/** The leaving run of that instance does what is to be done. */
function isLeftToOthers({ facts }: Side, holderId: string | null): boolean {
  const waits = facts.group.members.filter(
    ({ lifecycleState, instanceId }) =>
      /^Terminating(?::Wait)?$/u.test(lifecycleState) && (holderId === null || instanceId === holderId),
  );
  return waits.length > 0 && hookOf(facts.group, 'terminating') !== undefined;
}

/** Why the true volume will not come, as far as that can be said after so long. */
function lossOf(side: Side, { volume, device }: Member): string | undefined {
  const { facts, limits, machine, elapsedSeconds } = side;
  if (volume === null) return `${device} has no volume any more`;
  const isPatient = elapsedSeconds < Math.min(limits.maxStopSeconds, patienceSeconds(side) / 2);
  const holderId = holderOf(volume);
  if (holderId === machine.id || isPatient) return undefined;
  if (isZoneDown(facts.zones[volume.zone] ?? ''))
    return `${volume.id} is in ${volume.zone}, which is ${facts.zones[volume.zone]}`;
  const holder = facts.machines.find(({ id }) => id === holderId);
  return holder !== undefined && holder.state !== 'running' && holder.state !== 'pending'
    ? `${holder.id} is ${holder.state} and does not let ${volume.id} go`
    : undefined;
}

/** Volumes on somebody else: waits for the leaving run, or does its work where there is none. */
function reclaim(side: Side, holderId: string, volumes: readonly VolumeFacts[]): Decision {
  const { facts, limits, now, progress, elapsedSeconds, machine } = side;
  const holder = facts.machines.find(({ id }) => id === holderId);
  const names = volumes.map(({ id }) => id).join(', ');
  const told = (code: string, because: string, seconds: number): Decision => doubt(side, code, because, { seconds });
  if (holder === undefined) return told('holder-unknown', `${names}: ${holderId} is not known to EC2`, 15);
  if (!holder.optedIn) return told('not-opted-in', `${names}: ${UNTAGGED(holderId, facts.set)}`, 15);
  if (isLeftToOthers(side, holderId)) return told('leaving-side', `${holderId} is leaving with ${names}`, 10);
  // A moment, in which Auto Scaling may begin to terminate it by itself.
  const isReplaced =
    facts.group.members.some(({ instanceId }) => instanceId === holderId) &&
    (holder.membership?.healthy === false || launchedFirst(facts.group));
  const mayTake =
    isYielding(holder) ||
    (holder.state !== 'running' && holder.state !== 'pending') ||
    (isReplaced && elapsedSeconds >= 60 && machine.state === 'running');
  if (!mayTake)
    return told(
      'held',
      `${names} are on ${holderId}, which is ${holder.membership?.lifecycleState ?? 'in no group'}`,
      15,
    );
  const step = release({
    holder,
    volumes,
    copies: copiesOn(side, holder.id),
    snapshots: facts.snapshots,
    freeze: null,
    progress,
    limits,
    now,
  });
  return step.kind === 'act' || step.kind === 'wait'
    ? follow(side, step, told)
    : told(step.kind, 'because' in step ? step.because : names, 15);
}

function arrive(side: Side): Decision {
  const { facts, now, machine, members } = side;
  if (machine.state === 'stopping' || machine.state === 'stopped' || isYielding(machine))
    return nothing(
      side.evidence,
      'gone',
      `${machine.id} is ${machine.membership?.lifecycleState ?? machine.state}, ${machine.state}`,
    );
  if (facts.settings.problems.length > 0)
    return doubt(side, 'bad-settings', facts.settings.problems.join('; '), { hopeless: true });
  if (!machine.optedIn) return doubt(side, 'not-opted-in', UNTAGGED(machine.id, facts.set), { hopeless: true });
  const rival = members.find(({ rivals }) => rivals.length > 0);
  if (rival !== undefined)
    return doubt(
      side,
      'ambiguous',
      `${rival.device} is ${describeMember(rival)}; tag all but one runbook:superseded-at, or give them other devices`,
      { hopeless: true },
    );
  if (members.length === 0) {
    const isFirst =
      !facts.group.activities.some(
        ({ kind, status, instanceId }) => kind === 'launch' && status === 'Successful' && instanceId !== machine.id,
      ) && facts.volumes.length + facts.snapshots.length === 0;
    if (facts.settings.mayBeginEmpty && isFirst)
      return answer(side, {
        code: 'began-empty',
        because: `${facts.set} has no member yet, and runbook:volumes-may-begin-empty allows that once`,
      });
    return doubt(
      side,
      'no-member',
      `no volume and no snapshot of ${facts.set} is left; nothing empty takes its place`,
      { hopeless: true },
    );
  }
  const locked = members.every(({ volume }) => volume !== null && attachmentTo(volume, machine.id) !== undefined)
    ? undefined
    : lockedKey(facts.keys);
  if (locked !== undefined) return doubt(side, 'key-locked', locked, { hopeless: true });
  const loss = members.map((member) => lossOf(side, member)).find((why) => why !== undefined);
  if (loss !== undefined) return fallBack(side, loss);
  const volumes = members.flatMap(({ volume }) => volume ?? []);
  const taken = volumes.filter((volume) => ![null, machine.id].includes(holderOf(volume)));
  const [first] = taken;
  if (first !== undefined)
    return reclaim(
      side,
      holderOf(first) ?? '',
      taken.filter((volume) => holderOf(volume) === holderOf(first)),
    );
  if (volumes.some(({ state }) => state === 'creating'))
    return doubt(side, 'creating', 'a volume of the set is being created', { seconds: 5 });
  const away = volumes.filter((volume) => volume.zone !== machine.zone && holderOf(volume) === null);
  if (away.length === 0) return settle(side, volumes, [], {});
  const secured = secure(away, facts.snapshots, now);
  if (secured.kind === 'stuck') return fallBack(side, secured.because);
  if (secured.kind === 'act' && isLeftToOthers(side, null))
    return doubt(side, 'leaving-side', 'the leaving side takes the exact copy', { seconds: 10 });
  if (secured.kind === 'act' || secured.kind === 'wait')
    return follow(side, secured, (code, because, seconds) => doubt(side, code, because, { seconds }));
  const sources = new Map<string, SnapshotFacts>();
  for (const { device, volume } of members) {
    const exact =
      volume === null || !away.includes(volume)
        ? undefined
        : exactCopies(volume, facts.snapshots).find(({ state }) => state === 'completed');
    if (exact !== undefined) sources.set(device, exact);
  }
  if (sources.size < away.length)
    return doubt(
      side,
      'snapshot-pending',
      `the exact copies of ${away.map(({ id }) => id).join(', ')} are not completed yet`,
    );
  return copy(side, sources, { rpoSeconds: 0 });
}

/** The whole group: volumes that would go with their instance, labels, what may be retired, what a carry would miss. */
function tend(view: View): Decision {
  const { facts, limits, members, now } = view;
  const { group, machines, settings } = facts;
  const inService = machines.filter(
    ({ membership, state, optedIn }) => optedIn && membership?.lifecycleState === 'InService' && state === 'running',
  );
  const healthyIds = inService.filter(({ membership }) => membership?.healthy === true).map(({ id }) => id);
  const quiet = group.members.every(({ lifecycleState }) => lifecycleState === 'InService');
  const carried = (id: string): VolumeFacts[] =>
    members.flatMap(({ volume }) =>
      volume !== null && attachmentTo(volume, id)?.state === 'attached' ? [volume] : [],
    );
  const guard = inService.flatMap(({ id }) => keepingVolumes(carried(id), id));
  const labels = quiet ? inService.flatMap(({ id }) => labelling(carried(id), id)) : [];
  const swept = retirement({
    members,
    volumes: facts.volumes,
    snapshots: facts.snapshots,
    healthyIds,
    quiet,
    keep: settings.keepSnapshots,
    retireSeconds: limits.retireSeconds,
    now,
  });
  const plan = [...guard, ...labels, ...swept.plan].slice(0, limits.maxCalls);
  const untagged = machines
    .filter(({ membership, optedIn }) => membership !== null && !optedIn)
    .map(({ id }) => UNTAGGED(id, facts.set));
  const flaws = [...flawsOf(group, settings, facts.keys, limits.minHeartbeatSeconds), ...untagged];
  const evidence = {
    ...(flaws.length > 0 ? { preflight: flaws } : {}),
    ...(swept.kept.length > 0 ? { kept: swept.kept } : {}),
  };
  if (plan.length > 0) {
    const code = guard.length > 0 ? 'delete-on-termination' : 'tended';
    const because =
      guard.length > 0
        ? 'a data volume would have been deleted with its instance'
        : `${plan.length} calls keep ${facts.set} in order`;
    return { ...act(view, { code, because, plan, evidence }, true), ...(guard.length > 0 ? { attention: true } : {}) };
  }
  if (flaws.length > 0 && facts.ask.kind === 'reconcile')
    return refuse({ ...view.evidence, ...evidence }, 'preflight', flaws.join('; '));
  return nothing({ ...view.evidence, ...evidence }, 'in-order', `${facts.set} is in order`);
}

/** What stays announced of a run that died before it told of its end is settled by the schedule, once there is nothing to resume. */
function settlePending({ facts, now }: View, main: Decision): Decision {
  const { ask, history, heldUntil } = facts;
  const pending = pendingOf(history);
  const isAtRest = main.kind === 'nothing' || (main.kind === 'refuse' && main.code === 'preflight');
  const isHeld = heldUntil !== undefined && heldUntil > now;
  if (
    pending === undefined ||
    !isAtRest ||
    isHeld ||
    ask.kind !== 'reconcile' ||
    secondsSince(pending.at, now) <= PENDING_SECONDS
  )
    return main;
  const { code, because, evidence } = main;
  return { kind: 'act', code, because, evidence, plan: [], intent: pending.intent, note: pending.note, budget: 'free' };
}

/** An event may come before its action shows, or long after it is over; nothing is done for an instance that does not wait. */
function awaitHook(view: View, machine: Machine | undefined): Decision {
  const isOver = view.elapsedSeconds >= view.limits.hopelessSeconds || (machine !== undefined && isYielding(machine));
  if (isOver) return nothing(view.evidence, 'hook-not-seen', 'the lifecycle action of the event is over, or never was');
  return hold(view, 'hook-not-seen', 'the lifecycle action does not show yet', 5);
}

function judge(view: View): Decision {
  const { facts, now } = view;
  const { setback, heldUntil, hook, instanceId, ask } = facts;
  if (setback !== undefined) return refuse(view.evidence, 'not-verified', setback.why);
  if (facts.group.name === '') {
    const because = 'the group is gone, or no longer tagged runbook:volumes';
    return ask.kind === 'event' || ask.kind === 'reconcile'
      ? nothing(view.evidence, 'group-gone', because)
      : refuse(view.evidence, 'group-gone', because);
  }
  if (instanceId === null) return tend(view);
  if (ask.kind === 'reconcile' && heldUntil !== undefined && heldUntil > now)
    return nothing(view.evidence, 'under-way', `another run is at it, and looks again by ${heldUntil}`);
  // Back into the pool is a departure like any other: whoever takes its place needs the volumes.
  if (hook?.toWarmPool === true && !facts.leaving)
    return answer(view, {
      code: 'warm-pool',
      because: `${instanceId} goes to the warm pool, where it needs no volumes`,
    });
  const machine = facts.machines.find(({ id }) => id === instanceId);
  if (facts.hookUnseen) return awaitHook(view, machine);
  if (machine === undefined) return refuse(view.evidence, 'instance-unknown', `EC2 does not know ${instanceId}`);
  return facts.leaving ? leave({ ...view, machine }) : arrive({ ...view, machine });
}

/** Says what is to be done next for one instance, or for the group. Pure; `now` is ISO 8601. */
export function decide(facts: Facts, limits: CarryLimits, now: string): Decision {
  const view = survey(facts, limits, now);
  const main = judge(view);
  if (facts.setback !== undefined) return main;
  const settled = settlePending(view, main);
  // Without a hook nothing runs out: a schedule that would have to wait leaves it to the next.
  return settled.kind === 'wait' && facts.ask.kind === 'reconcile' && facts.hook === null
    ? nothing(settled.evidence, settled.code, settled.because)
    : settled;
}
