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

/**
 * Whose a hook is: the runbook's that its name or its notification metadata names; otherwise, where it is the only one of
 * its transition and names none of `others`, the asker's. Answering somebody else's hook would cut their work short.
 */
export function isOurs(
  asked: HookDescription,
  all: readonly HookDescription[],
  runbook: string,
  others: readonly string[],
): boolean {
  const words = `${asked.hook} ${asked.metadata}`;
  if (words.includes(runbook)) return true;
  return (
    !others.some((other) => words.includes(other)) &&
    all.every(({ hook, transition }) => hook === asked.hook || transition !== asked.transition)
  );
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
