/** What `carry-volumes` judges from, how it looks at it, and the form of its steps. Pure. */

import type { Act, Evidence, JsonObject, KernelFacts, PlannedCall } from '../../../shared/kernel/decision.ts';
import type { HookFacts } from '../../../shared/judgement/hooks.ts';
import { noteOf, progressOf, type RunProgress } from './progress.ts';
import { activityStart, type GroupFacts } from './scaling-group.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import type { FreezeFacts } from './freeze.ts';
import type { CarrySettings, KeyStates } from './preflight.ts';
import type { Machine } from './release.ts';
import { describeMember, membersOf, type Member, type SnapshotFacts, type VolumeFacts } from './volume-set.ts';

/** What started the run. `at`: when the event happened. */
export type Ask =
  | { readonly kind: 'event'; readonly at: string | null }
  | { readonly kind: 'reconcile' | 'carry' | 'sweep' };

export interface Facts extends KernelFacts {
  readonly ask: Ask;
  readonly run: string;
  readonly set: string;
  readonly group: GroupFacts;
  readonly settings: CarrySettings;
  /** The instance that arrives or leaves; `null`: the run tends the whole group. */
  readonly instanceId: string | null;
  readonly leaving: boolean;
  readonly hook: HookFacts | null;
  /** The event's lifecycle action does not show yet in what Auto Scaling says of the instance. */
  readonly hookUnseen: boolean;
  /** The group's instances and whoever holds a volume of the set. */
  readonly machines: readonly Machine[];
  /** EC2's word for each zone. */
  readonly zones: { readonly [zone: string]: string };
  readonly volumes: readonly VolumeFacts[];
  readonly snapshots: readonly SnapshotFacts[];
  /** Of a leaving instance that runs, where the group wishes to freeze it; else `null`. */
  readonly freeze: FreezeFacts | null;
  /** Of the keys that the set is encrypted with; empty for the leaving side, which needs none. */
  readonly keys: KeyStates;
}

export interface CarryLimits {
  readonly maxCalls: number;
  readonly forceStopSeconds: number;
  readonly maxStopSeconds: number;
  /** An attachment that is `attaching` for longer is stuck. */
  readonly stuckAttachSeconds: number;
  /** How long a plight that only a person can end must last before the group is held. */
  readonly hopelessSeconds: number;
  /** A run that has waited so long leaves the rest to the schedule. */
  readonly runSeconds: number;
  /** From superseded to deleted. */
  readonly retireSeconds: number;
  /** Heartbeat time-outs below this do not outlast two ticks of the schedule. */
  readonly minHeartbeatSeconds: number;
}

/** The facts, and what is read out of them for every step. */
export interface View {
  readonly facts: Facts;
  readonly limits: CarryLimits;
  readonly now: string;
  readonly progress: RunProgress;
  readonly members: readonly Member[];
  readonly elapsedSeconds: number;
  readonly evidence: Evidence;
}

/** The two sides of one carry see an instance. */
export interface Side extends View {
  readonly machine: Machine;
}

/** What the facts come to. */
export function survey(facts: Facts, limits: CarryLimits, now: string): View {
  const { group, set, instanceId, leaving, ask, machines } = facts;
  const members = membersOf(facts.volumes, facts.snapshots);
  const began =
    (instanceId === null ? null : activityStart(group.activities, leaving ? 'terminate' : 'launch', instanceId)) ??
    ('at' in ask ? ask.at : null);
  const progress = progressOf(facts.history, facts.run, now);
  // A person's word begins anew: the instance may be there for months, and nothing runs out.
  const isAsked = ask.kind === 'carry' && facts.hook === null;
  const since = isAsked ? progress.beganAt : (began ?? machines.find(({ id }) => id === instanceId)?.launchedAt ?? now);
  const seen = Object.fromEntries(members.map((member) => [member.device, describeMember(member)]));
  const evidence = { set, group: group.name, ...(instanceId === null ? {} : { instance: instanceId }), members: seen };
  return { facts, limits, now, progress, members, elapsedSeconds: Math.max(0, secondsSince(since, now)), evidence };
}

/** A step as its author writes it. `steps` are counted in the run's progress. */
export interface Step {
  readonly code: string;
  readonly because: string;
  readonly plan: readonly PlannedCall[];
  readonly steps?: readonly string[];
  readonly evidence?: JsonObject;
  readonly budget?: Act['budget'];
}

/** One step; `last`: the goal is reached with it. */
export function act(
  view: View,
  { code, because, plan, steps = [], evidence = {}, budget = 'free' }: Step,
  last = false,
): Act {
  const { facts, progress, now } = view;
  const isBeat = plan.some(({ call }) => call === 'autoscaling:RecordLifecycleActionHeartbeat');
  const intent =
    facts.instanceId === null
      ? `${facts.set} in order`
      : `${facts.set} ${facts.leaving ? 'leaves' : 'comes to'} ${facts.instanceId}`;
  const decision: Act = {
    kind: 'act',
    code,
    because,
    evidence: { ...view.evidence, ...evidence },
    plan,
    intent,
    note: noteOf(progress, steps, isBeat, now),
    budget,
  };
  return last ? decision : { ...decision, more: true };
}
