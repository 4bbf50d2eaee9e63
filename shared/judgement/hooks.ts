/** Answering Auto Scaling lifecycle hooks. Pure: facts in, planned calls out. */

import type { JsonObject, PlannedCall } from '../kernel/decision.ts';

/** A lifecycle action of ours that waits for its answer. `token` null: it is answered by instance id. */
export interface HookFacts {
  readonly group: string;
  readonly hook: string;
  readonly instanceId: string;
  readonly transition: 'launching' | 'terminating';
  readonly token: string | null;
  readonly toWarmPool: boolean;
}

/** A hook as its group describes it. */
export interface HookDescription {
  readonly hook: string;
  readonly transition: HookFacts['transition'];
  readonly metadata: string;
  readonly heartbeatSeconds: number;
  /** However many heartbeats are sent, the action ends after so long. */
  readonly globalSeconds: number;
  readonly defaultResult: 'CONTINUE' | 'ABANDON';
}

/** A lifecycle action as an event names it: `HookFacts` as JSON. */
export type NamedHook = { readonly [K in keyof HookFacts]: HookFacts[K] };

/** The runbooks that hold lifecycle hooks, perhaps several of them on one group. */
const HOOK_HOLDERS = ['carry-volumes', 'reassign-elastic-ip'] as const;

/** A runbook that holds lifecycle hooks. */
export type HookHolder = (typeof HOOK_HOLDERS)[number];

/**
 * Whose a hook is: the runbook's that its name or its notification metadata names; otherwise, where it is the only one of
 * its transition and names no other runbook, the asker's. Answering somebody else's hook would cut their work short.
 */
export function isOurs(asked: HookDescription, all: readonly HookDescription[], runbook: HookHolder): boolean {
  const words = `${asked.hook} ${asked.metadata}`;
  if (words.includes(runbook)) return true;
  const namesAnother = HOOK_HOLDERS.some((holder) => words.includes(holder));
  const isOnlyOne = all.every(({ hook, transition }) => hook === asked.hook || transition !== asked.transition);
  return !namesAnother && isOnlyOne;
}

/** In which hook an instance waits by Auto Scaling's word for its state; `undefined`: in none. */
export function waitingIn(lifecycleState: string | undefined): HookFacts['transition'] | undefined {
  if (lifecycleState === 'Pending:Wait') return 'launching';
  return lifecycleState === 'Terminating:Wait' ? 'terminating' : undefined;
}

/** What Auto Scaling still says of an instance shortly before the action that an event told of shows. */
const SHORTLY_BEFORE: { readonly [transition in HookFacts['transition']]: readonly string[] } = {
  launching: ['Pending'],
  terminating: ['InService', 'Terminating'],
};

/** Whether an instance in this state may yet come to wait in a hook of this transition. */
export function isShortlyBefore(transition: HookFacts['transition'], lifecycleState: string): boolean {
  return SHORTLY_BEFORE[transition].includes(lifecycleState);
}

function addressed({ group, hook, instanceId, token }: HookFacts): JsonObject {
  return {
    AutoScalingGroupName: group,
    LifecycleHookName: hook,
    InstanceId: instanceId,
    ...(token === null ? {} : { LifecycleActionToken: token }),
  };
}

/** Lets the instance go on: into service, or to its end. */
export function completion(hook: HookFacts, because: string): PlannedCall {
  return {
    call: 'autoscaling:CompleteLifecycleAction',
    input: { ...addressed(hook), LifecycleActionResult: 'CONTINUE' },
    because,
  };
}

/** Gives the instance up: a launch is terminated and tried again, a termination skips the other hooks. */
export function abandonment(hook: HookFacts, because: string): PlannedCall {
  return {
    call: 'autoscaling:CompleteLifecycleAction',
    input: { ...addressed(hook), LifecycleActionResult: 'ABANDON' },
    because,
  };
}

/** Asks for one more heartbeat time-out. */
export function heartbeat(hook: HookFacts, because: string): PlannedCall {
  return { call: 'autoscaling:RecordLifecycleActionHeartbeat', input: addressed(hook), because };
}
