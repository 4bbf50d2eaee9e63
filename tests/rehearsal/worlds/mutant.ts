/** What a planted fault is: a runbook that judges otherwise than it should, or does something behind its own back. */

import type { Act, Decision } from '../../../shared/kernel/decision.ts';
import type { PlannedCall } from '../../../shared/kernel/decision.ts';
import type { LambdaFunction } from '../../../shared/kernel/hosts/host.ts';
import type { DiscoveredFunction } from '../../../rehearsal/functions.ts';
import type { DeployedFunction } from '../../../simulator/engine/run-types.ts';

/** A fault in what `decide` is given, in what it says, or beside the run. */
export interface Mutant<Facts> {
  /** The interest that has to notice. */
  readonly interest: string;
  /** The fault, in words. */
  readonly fault: string;
  readonly facts?: (facts: Facts) => Facts;
  readonly decision?: (decision: Decision, facts: Facts) => Decision;
  /** Called at the beginning of every invocation. */
  readonly rogue?: () => Promise<void>;
}

/** A decision to do this and nothing else, uncounted. */
export function doing(plan: readonly PlannedCall[]): Act {
  return { kind: 'act', code: 'planted', because: 'planted', evidence: {}, plan, intent: 'planted', budget: 'free' };
}

/** A planned call. */
export function calling(call: string, input: PlannedCall['input']): PlannedCall {
  return { call, input, because: 'planted' };
}

/** The same decision with another plan, where it has one. */
export function withPlan(
  decision: Decision,
  change: (plan: readonly PlannedCall[]) => readonly PlannedCall[],
): Decision {
  return decision.kind === 'act' ? { ...decision, plan: change(decision.plan) } : decision;
}

/** Does nothing, and says nothing of it. */
export function idle(): Decision {
  return { kind: 'nothing', code: 'planted', because: 'planted', evidence: {} };
}

/** The function with somebody who acts at the beginning of each of its invocations. */
export function accompanied(fn: DiscoveredFunction, rogue: (() => Promise<void>) | undefined): DeployedFunction {
  if (rogue === undefined) return fn;
  const handler: LambdaFunction = async (event, context) => {
    // Whatever AWS refuses him: the runbook's own run goes on.
    await rogue().catch(() => undefined);
    return fn.handler(event, context);
  };
  return { summary: fn.summary, handler };
}
