/**
 * The arriving side: an instance that comes into its group gets the very volumes of the set, or exact copies of them, and goes
 * into service only with all of them. In the order of `arrive`:
 *
 * 1. Is the instance here to stay?
 * 2. Is there a plight that only a person can end? It holds the group after two minutes: another launch would end like this.
 * 3. Is there a set at all? Nothing empty takes the place of data, unless the group says that it may, once.
 * 4. Is it in service with some of them? Then nothing under it is replaced (`serveOn`). Without any it yields to whoever arrives
 *    before it (`servedBefore`).
 * 5. Will a true volume not come any more? Then the newest complete set stands in for all (`falling-back.ts`).
 * 6. Has somebody else a volume? It is waited for, or taken from whoever is going (`reclaiming.ts`).
 * 7. Is a volume in another zone, or on another Outpost? Its exact copy is taken and awaited (`bringOver`), and a volume made of it (`copying.ts`). Where
 *    EBS does not make that copy, the set is replaced as in 5.
 * 8. All are within reach: they are attached, and the hook is answered (`attaching.ts`).
 *
 * What has to be waited for is a `doubt` (`hold.ts`): when the patience ends the launch is given up, and after two in a row the
 * group launches no more. Pure.
 */

import type { Decision } from '../../../shared/kernel/decision.ts';
import { nothing, refuse } from '../../../shared/judgement/decisions.ts';
import { isArrivingState } from '../../../shared/judgement/lifecycle.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import { attachAll } from './attaching.ts';
import { keepingVolumes, labelling } from './calls.ts';
import { copy } from './copying.ts';
import { fallBack, lossOfMember } from './falling-back.ts';
import { answer, doubt } from './hold.ts';
import { isAside, isUp, isYielding } from './machine.ts';
import { lockedKey, missingRemedy, untaggedBecause } from './preflight.ts';
import { reclaim } from './reclaiming.ts';
import { isLeavingByHook } from './scaling-group.ts';
import { secure } from './snapshots.ts';
import { act } from './step.ts';
import type { Side } from './view.ts';
import {
  attachmentTo,
  describeMember,
  describeSite,
  exactCopies,
  holderOf,
  isSameSite,
  isUsableAt,
  type Member,
  type SnapshotFacts,
  type VolumeFacts,
} from './volume-set.ts';

/** The next step for an instance that arrives, or is in service without all of its volumes. */
export function arrive(side: Side): Decision {
  const { facts, machine, members } = side;
  if (isGoing(side)) {
    const lifecycleState = machine.membership?.lifecycleState ?? machine.state;
    return nothing(side.evidence, 'gone', `${machine.id} is ${lifecycleState}, ${machine.state}`);
  }

  if (isAside(machine)) return leaveAside(side);

  const plight = plightOf(side);
  if (plight !== undefined) return doubt(side, plight.code, plight.because, { hopeless: true });

  if (members.length === 0)
    return answer(side, {
      code: 'began-empty',
      because: `${facts.set} has no member yet, and runbook:volumes-may-begin-empty allows that once`,
    });

  if (isServing(side)) return serveOn(side);

  const before = servedBefore(side);
  if (before !== undefined) return yieldTo(side, before);

  const { losses, others } = lossesOf(side);
  const [first] = losses;
  if (first === undefined) return bringAll(side, others);

  // Whoever has what is left of the set may still write on it: a copy beside it would fork the data.
  const isHeld = others.some((volume) => ![null, machine.id].includes(holderOf(volume)));
  return isHeld ? bringAll(side, others) : fallBack(side, first.why, placesOf(members));
}

/**
 * The instance that the set goes to first: one set is not brought to two at once, the volumes to one and copies of them to the other.
 * Whoever waits in a launch goes before one that nobody waits for, and of those that wait the one launched first.
 */
function servedBefore(side: Side): string | undefined {
  const { facts, machine } = side;
  const launchedAt = (id: string): string => facts.machines.find((each) => each.id === id)?.launchedAt ?? '';
  const isBefore = (id: string): boolean => {
    if (facts.hook === null) return true;
    const [earlier] = [id, machine.id].toSorted((one, other) =>
      `${launchedAt(one)} ${one}` < `${launchedAt(other)} ${other}` ? -1 : 1,
    );
    return earlier === id;
  };
  const arriving = facts.group.members.filter(({ lifecycleState }) => isArrivingState(lifecycleState));
  const others = arriving.map(({ instanceId }) => instanceId).filter((id) => id !== machine.id);
  return others.find((id) => isBefore(id) && mayBeServed(side, id));
}

/** It runs, may be given volumes, and has not had its time: nobody waits for one to which they will not come. */
function mayBeServed({ facts, now }: Side, instanceId: string): boolean {
  const other = facts.machines.find(({ id }) => id === instanceId);
  if (other === undefined || other.launchedAt === null || !other.optedIn || !isUp(other)) return false;
  return secondsSince(other.launchedAt, now) < facts.settings.maxWaitSeconds;
}

function yieldTo(side: Side, before: string): Decision {
  const { ask, hook } = side.facts;
  const because = `${before} is arriving, and the set goes to it first`;
  return ask.kind === 'reconcile' && hook === null
    ? nothing(side.evidence, 'another-arrives', because)
    : doubt(side, 'another-arrives', because);
}

/** Nothing comes to a member that is in standby, detached, or in a state that nobody here knows; what it has must outlive it. */
function leaveAside(side: Side): Decision {
  const { facts, machine, members } = side;
  const mine = members.flatMap(({ volume }) =>
    volume !== null && attachmentTo(volume, machine.id)?.state === 'attached' ? [volume] : [],
  );
  const guard = machine.optedIn ? [...keepingVolumes(mine, machine.id), ...labelling(mine, machine.id)] : [];
  const because = `${machine.id} is ${machine.membership?.lifecycleState} in ${facts.group.name}: nothing is brought to it`;
  return guard.length > 0
    ? act(side, { code: 'guarded', because: `${because}, and what it has must outlive it`, plan: guard })
    : nothing(side.evidence, 'aside', because);
}

/** The members whose volume will not come, each with why, and the volumes of the others. */
function lossesOf(side: Side): {
  readonly losses: readonly { readonly member: Member; readonly why: string }[];
  readonly others: readonly VolumeFacts[];
} {
  const judged = side.members.map((member) => ({ member, why: lossOfMember(side, member) }));
  return {
    losses: judged.flatMap(({ member, why }) => (why === undefined ? [] : [{ member, why }])),
    others: judged.flatMap(({ member: { volume }, why }) => (why === undefined && volume !== null ? [volume] : [])),
  };
}

function placesOf(members: readonly Member[]): readonly string[] {
  return members.map(({ device }) => device);
}

/** In service already, with volumes of the set on it. */
function isServing({ facts, machine, members }: Side): boolean {
  const hasSome = members.some(({ volume }) => volume !== null && attachmentTo(volume, machine.id) !== undefined);
  return facts.hook === null && machine.membership?.lifecycleState === 'InService' && hasSome;
}

/**
 * Under a running service nothing is replaced, and nothing made of a snapshot but on a person's word: then of what it lacks alone. What
 * is whole and within reach comes to it.
 */
function serveOn(side: Side): Decision {
  const { facts, machine } = side;
  const { losses, others } = lossesOf(side);
  const [first] = losses;
  const isAsked = facts.ask.kind === 'carry';
  if (isAsked && first !== undefined) return fallBack(side, first.why, placesOf(losses.map(({ member }) => member)));

  const away = isAsked ? [] : others.filter((volume) => !isSameSite(volume, machine) && holderOf(volume) === null);
  const decision = bringAll(
    side,
    others.filter((volume) => !away.includes(volume)),
  );
  const lacking = [
    ...losses.map(({ why }) => why),
    ...away.map((volume) => `${volume.id} is in ${describeSite(volume)}`),
  ];
  if (decision.kind !== 'nothing' || lacking.length === 0) return decision;
  return refuse(decision.evidence, 'member-missing', `${lacking.join('; ')}; ${missingRemedy(machine.id)}`);
}

/** The next step towards volumes that are there, each by itself. */
function bringAll(side: Side, volumes: readonly VolumeFacts[]): Decision {
  const { machine } = side;
  const otherId = volumes.map(holderOf).find((id) => id !== null && id !== machine.id);
  if (typeof otherId === 'string') {
    const held = volumes.filter((volume) => holderOf(volume) === otherId);
    return reclaim(side, otherId, held);
  }

  if (volumes.some(({ state }) => state === 'creating'))
    return doubt(side, 'creating', 'a volume of the set is being created', { seconds: 5 });

  const away = volumes.filter((volume) => !isSameSite(volume, machine) && holderOf(volume) === null);
  return away.length > 0 ? bringOver(side, away) : attachAll(side, volumes);
}

/** Whoever is stopped or ended meanwhile needs no volumes. */
function isGoing({ machine }: Side): boolean {
  return machine.state === 'stopping' || machine.state === 'stopped' || isYielding(machine);
}

/** What keeps the data from this instance until a person does something about it; `undefined`: nothing that is known. */
function plightOf(side: Side): { readonly code: string; readonly because: string } | undefined {
  const { facts, machine, members } = side;
  const { problems } = facts.settings;
  if (problems.length > 0) return { code: 'bad-settings', because: problems.join('; ') };

  if (!machine.optedIn) return { code: 'not-opted-in', because: untaggedBecause(machine.id, facts.set) };

  const claimed = members.find(({ rivals }) => rivals.length > 0);
  if (claimed !== undefined) {
    const remedy =
      'take the tag runbook:volumes off all but the one to be carried: what is without it is left alone, and never deleted';
    return { code: 'ambiguous', because: `${claimed.device} is ${describeMember(claimed)}; ${remedy}` };
  }

  if (members.length === 0 && !mayBeginEmpty(side)) {
    const because = `no volume and no snapshot of ${facts.set} is left; nothing empty takes its place`;
    return { code: 'no-member', because };
  }

  const locked = needsKeys(side) ? lockedKey(facts.keys) : undefined;
  return locked === undefined ? undefined : { code: 'key-locked', because: locked };
}

/** Where the group says so: once, before any launch of it was good, of a set nobody ever saw. */
function mayBeginEmpty({ facts, machine }: Side): boolean {
  const isGroupUnserved = !facts.group.activities.some(
    ({ kind, status, instanceId }) => kind === 'launch' && status === 'Successful' && instanceId !== machine.id,
  );
  const isSetUnseen = facts.volumes.length + facts.snapshots.length === 0;
  return facts.settings.mayBeginEmpty && isGroupUnserved && isSetUnseen;
}

/** A key is needed to make or attach a volume; what is attached already works on without. */
function needsKeys({ machine, members }: Side): boolean {
  return members.some(({ volume }) => volume === null || attachmentTo(volume, machine.id) === undefined);
}

/** Unattached at another site: exact copies of them are begun (by the leaving side, where there is one), awaited, and used. */
function bringOver(side: Side, away: readonly VolumeFacts[]): Decision {
  const { facts } = side;
  const secured = secure(side, away);
  if (secured.kind === 'stuck') {
    const affected = isServing(side)
      ? side.members.filter(({ volume }) => volume !== null && away.includes(volume))
      : side.members;
    return fallBack(side, secured.because, placesOf(affected));
  }
  if (secured.kind === 'refused') return doubt(side, 'no-capacity', secured.because, { seconds: 60 });
  if (secured.kind === 'unable') return doubt(side, 'cannot-copy', secured.because, { seconds: 30 });
  if (secured.kind === 'wait') return doubt(side, secured.code, secured.because, { seconds: secured.seconds });
  if (secured.kind === 'act') {
    if (isLeavingByHook(facts.group, null))
      return doubt(side, 'leaving-side', 'the leaving side takes the exact copy', { seconds: 10 });
    return act(side, secured);
  }

  const sources = completedCopies(side, away);
  if (sources.size < away.length) {
    const names = away.map(({ id }) => id).join(', ');
    return doubt(side, 'snapshot-pending', `the exact copies of ${names} are not completed yet`);
  }
  return copy(side, sources, { rpoSeconds: 0 });
}

/** By device, the completed exact copy of each of these volumes that has one. */
function completedCopies(
  { facts, members, machine }: Side,
  away: readonly VolumeFacts[],
): ReadonlyMap<string, SnapshotFacts> {
  const sources = new Map<string, SnapshotFacts>();
  for (const { device, volume } of members) {
    if (volume === null || !away.includes(volume)) continue;
    const exact = exactCopies(volume, facts.snapshots).find((each) => isUsableAt(each, machine));
    if (exact !== undefined) sources.set(device, exact);
  }
  return sources;
}
