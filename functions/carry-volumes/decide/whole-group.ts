/**
 * The group as a whole, which nobody waits for: volumes that would go with their instance are kept, those in service labelled,
 * what something newer replaced is retired (`retirement.ts`), and what a carry would miss is told (`preflight.ts`). Pure.
 */

import type { Decision, PlannedCall } from '../../../shared/kernel/decision.ts';
import { nothing, refuse } from '../../../shared/judgement/decisions.ts';
import { changesOf } from '../../../shared/judgement/since.ts';
import { keepingVolumes, labelling, noting, notingRoots } from './calls.ts';
import type { Machine } from './machine.ts';
import { refuseUncarried, uncarriedBecause } from './one-instance.ts';
import { flawsOf, missingRemedy, untaggedBecause } from './preflight.ts';
import { retirement, type Retirement } from './retirement.ts';
import { act } from './step.ts';
import type { View } from './view.ts';
import { attachmentTo, isLost, type VolumeFacts } from './volume-set.ts';

/** What a replaced volume that is attached once more is remembered by, and how often the time is renewed. */
const WORN = 'worn/';
const WORN_SECONDS = 3_600;

/** The next step for the group. */
export function tend(view: View): Decision {
  const remember = wearOf(view);
  const decision = judgeGroup(view);
  return Object.keys(remember).length === 0 ? decision : { ...decision, remember };
}

function judgeGroup(view: View): Decision {
  const { facts, limits } = view;
  const uncarried = uncarriedBecause(facts);
  if (uncarried !== undefined) return refuseUncarried(view, uncarried);

  const serving = facts.machines.filter(isServing);
  const guard = serving.flatMap(({ id }) => keepingVolumes(attachedTo(view, id), id));
  const labels = isQuiet(view) ? serving.flatMap(({ id }) => marking(attachedTo(view, id), id)) : [];
  const swept = sweep(view, serving);
  const roots = notingRoots(facts.roots.filter(({ lives }) => lives).map(({ id }) => id));
  const plan = [...guard, ...labels, ...roots, ...swept.plan].slice(0, limits.maxCalls);

  const flaws = [...flawsOf(view), ...untaggedMembers(view)];
  const evidence = {
    ...(flaws.length > 0 ? { preflight: flaws } : {}),
    ...(swept.kept.length > 0 ? { kept: swept.kept } : {}),
  };

  if (guard.length > 0) {
    const because = 'a data volume would have been deleted with its instance';
    return { ...act(view, { code: 'delete-on-termination', because, plan, evidence }, true), attention: true };
  }
  if (plan.length > 0) {
    const because = `${plan.length === 1 ? '1 call keeps' : `${plan.length} calls keep`} ${facts.set} in order`;
    return act(view, { code: 'tended', because, plan, evidence }, true);
  }
  const told = { ...view.evidence, ...evidence };
  const lacking = lackingOf(view, serving);
  if (lacking !== undefined && facts.ask.kind === 'reconcile') return refuse(told, 'member-missing', lacking);
  // The schedule raises the alarm; a sweep that a person asked for shows the flaws in its evidence.
  if (flaws.length > 0 && facts.ask.kind === 'reconcile') return refuse(told, 'preflight', flaws.join('; '));
  return nothing(told, 'in-order', `${facts.set} is in order`);
}

/** Places whose volume is gone under an instance in service, with what to do; whoever arrives says so itself. */
function lackingOf({ members }: View, serving: readonly Machine[]): string | undefined {
  const lost = members.filter(isLost).map(({ device }) => `${device} has no volume any more`);
  const [first] = serving;
  return lost.length === 0 || first === undefined ? undefined : `${lost.join('; ')}; ${missingRemedy(first.id)}`;
}

/** On whom they are, and where, written down while it shows. */
function marking(volumes: readonly VolumeFacts[], instanceId: string): readonly PlannedCall[] {
  return [...noting(volumes), ...labelling(volumes, instanceId)];
}

function isServing({ membership, optedIn, state }: Machine): boolean {
  return optedIn && membership?.lifecycleState === 'InService' && state === 'running';
}

/** Nobody is arriving or leaving. */
function isQuiet({ facts }: View): boolean {
  return (
    facts.group.sharers.length === 0 &&
    facts.group.members.every(({ lifecycleState }) => lifecycleState === 'InService')
  );
}

function attachedTo({ members }: View, instanceId: string): VolumeFacts[] {
  return members.flatMap(({ volume }) =>
    volume !== null && attachmentTo(volume, instanceId)?.state === 'attached' ? [volume] : [],
  );
}

/** The changes to what the ledger remembers of replaced volumes that somebody attaches once more. */
function wearOf({ facts, now }: View): { readonly [key: string]: string | null } {
  const replaced = facts.volumes.filter(({ supersededAt }) => supersededAt !== null);
  const conditions = replaced.map(({ id, attachments }) => ({
    key: `${WORN}${id}`,
    holds: attachments.length > 0,
    renewSeconds: WORN_SECONDS,
  }));
  return changesOf(memoryOf(facts), conditions, now, (key) => key.startsWith(WORN));
}

function memoryOf({ history }: View['facts']): { readonly [key: string]: string } {
  return typeof history === 'object' ? history.memory : {};
}

function wornAt({ facts }: View): { readonly [volumeId: string]: string } {
  const known = Object.entries(memoryOf(facts)).filter(([key]) => key.startsWith(WORN));
  return Object.fromEntries(known.map(([key, at]) => [key.slice(WORN.length), at]));
}

function sweep(view: View, serving: readonly Machine[]): Retirement {
  const { facts, limits, members, now } = view;
  return retirement({
    members,
    volumes: facts.volumes,
    snapshots: facts.snapshots,
    activities: facts.group.activities,
    wornAt: wornAt(view),
    healthyIds: serving.filter(({ membership }) => membership?.healthy === true).map(({ id }) => id),
    quiet: isQuiet(view),
    keep: facts.settings.keepSnapshots,
    retireSeconds: limits.retireSeconds,
    now,
  });
}

function untaggedMembers({ facts }: View): readonly string[] {
  return facts.machines
    .filter(({ membership, optedIn }) => membership !== null && !optedIn)
    .map(({ id }) => untaggedBecause(id, facts.set));
}
