/** How `carry-volumes` looks at the facts of one look: what is read out of them once, for every judgement. Pure. */

import type { Evidence } from '../../../shared/kernel/decision.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import type { CarryLimits, Facts } from './facts.ts';
import type { FreezeFacts } from './freeze.ts';
import type { Machine } from './machine.ts';
import { progressOf, type RunProgress } from './progress.ts';
import { activityStart } from './scaling-group.ts';
import {
  describeMember,
  isLost,
  membersOf,
  snapshotSets,
  type Member,
  type SnapshotFacts,
  type VolumeFacts,
} from './volume-set.ts';

/** The facts, and what is read out of them for every step. */
export interface View {
  readonly facts: Facts;
  readonly limits: CarryLimits;
  readonly now: string;
  readonly progress: RunProgress;
  /** The places of the set, and who fills them. */
  readonly members: readonly Member[];
  /** Since the departure or arrival began. */
  readonly elapsedSeconds: number;
  readonly evidence: Evidence;
}

/** One of the two sides of a carry: the instance that arrives or leaves. */
export interface Side extends View {
  readonly machine: Machine;
}

/** An instance that is to give up volumes of the set. */
export interface Holding extends View {
  readonly holder: Machine;
  /** The set's volumes on it. */
  readonly volumes: readonly VolumeFacts[];
  /** `null`: the group wishes no freezing, or whoever looks has no business with it. */
  readonly freeze: FreezeFacts | null;
}

/** When the departure or arrival began: by Auto Scaling's word, else by the event's, else with the instance. */
function beginningOf(facts: Facts, progress: RunProgress, now: string): string {
  const { ask, group, hook, instanceId, leaving, machines } = facts;
  // A person's word begins anew: the instance may be there for months, and nothing runs out.
  if (ask.kind === 'carry' && hook === null) return progress.beganAt;
  const kind = leaving ? 'terminate' : 'launch';
  const activityAt = instanceId === null ? null : activityStart(group.activities, kind, instanceId);
  const eventAt = 'at' in ask ? ask.at : null;
  const launchedAt = machines.find(({ id }) => id === instanceId)?.launchedAt;
  return activityAt ?? eventAt ?? launchedAt ?? now;
}

/** Places whose volume is gone, each with the last that is known of it. */
function missingIn(members: readonly Member[], { snapshots, volumes }: Facts): readonly string[] {
  const lost = members.filter(isLost);
  const sets = lost.length === 0 ? [] : snapshotSets(snapshots, volumes);
  return lost.map(({ device }) => {
    const last = sets.map((set) => set.snapshots.get(device)).find((snapshot) => snapshot !== undefined);
    return `${device}: no volume is left; its newest snapshot is ${last?.id ?? 'unknown'} of ${last?.startedAt ?? 'an unknown time'}`;
  });
}

/**
 * Places that no volume claims and only snapshots too old to be remembered know: given up, or lost just before a departure, after days
 * in which none was taken of it. Which of the two nothing shows, so nothing comes to them, and each is named with how to have it.
 */
function forgottenIn(members: readonly Member[], { set, snapshots, volumes }: Facts): readonly string[] {
  const known = new Set(members.map(({ device }) => device));
  const last = new Map<string, SnapshotFacts>();
  for (const one of snapshotSets(snapshots, volumes))
    for (const [place, snapshot] of one.snapshots) if (!known.has(place) && !last.has(place)) last.set(place, snapshot);
  return [...last].map(
    ([place, { id, startedAt }]) =>
      `${place}: nothing comes to it; only old snapshots know of it, the last ${id} of ${startedAt}; if it was lost, make a volume of that and tag it runbook:volumes = ${set}; if it was given up, take runbook:volumes off them`,
  );
}

/** What the facts come to. */
export function survey(facts: Facts, limits: CarryLimits, now: string): View {
  const { group, set, instanceId } = facts;
  const progress = progressOf(facts.history, facts.run, now);
  const members = membersOf(facts.volumes, facts.snapshots);
  const elapsedSeconds = Math.max(0, secondsSince(beginningOf(facts, progress, now), now));
  const missing = missingIn(members, facts);
  const forgotten = forgottenIn(members, facts);
  const seen = Object.fromEntries(members.map((member) => [member.device, describeMember(member)]));
  const evidence = {
    set,
    group: group.name,
    ...(instanceId === null ? {} : { instance: instanceId }),
    members: seen,
    ...(missing.length === 0 ? {} : { missing }),
    ...(forgotten.length === 0 ? {} : { forgotten }),
    ...(facts.heldByServices.length === 0 ? {} : { heldByServices: facts.heldByServices }),
    ...(facts.roots.length === 0 ? {} : { roots: facts.roots.map(({ said }) => said) }),
    ...(facts.leftOut.length === 0 ? {} : { leftOut: facts.leftOut }),
  };
  return { facts, limits, now, progress, members, elapsedSeconds, evidence };
}
