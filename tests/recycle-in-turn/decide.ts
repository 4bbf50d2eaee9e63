import type { StartInput } from '../../shared/aws/lambda/start-execution.ts';
import type { Decision } from '../../shared/kernel/decision.ts';
import type { Limits } from '../../shared/kernel/definition.ts';
import { decide as decideOne, type Facts as FactsOfOne } from '../recycle-instances/decide.ts';

export interface Facts extends FactsOfOne {
  /** How the next turn is started; absent: this is the last. */
  readonly next?: StartInput;
}

/**
 * Recycles an instance, and starts the turn of the next one before it marks its own as done: who dies between the two starts it
 * again, under the same name, which starts nothing.
 */
export function decide(facts: Facts, limits: Limits, now: string): Decision {
  const decision = decideOne(facts, limits, now);
  const { next, instanceId, refusals = [] } = facts;
  if (decision.kind !== 'act' || decision.code !== 'mark' || next === undefined) return decision;
  const refusal = refusals.find(({ call }) => call === 'lambda:Invoke');
  const evidence = { ...decision.evidence, execution: next.DurableExecutionName };
  if (refusal !== undefined)
    return {
      kind: 'refuse',
      code: 'next-not-started',
      because: `${instanceId} runs again, and the next turn cannot be started: ${refusal.message}`,
      evidence,
    };
  return {
    ...decision,
    code: 'hand-on',
    because: `${instanceId} runs again, the next may take its turn`,
    evidence,
    plan: [{ call: 'lambda:Invoke', input: next, because: next.Payload.reason ?? '' }, ...decision.plan],
  };
}
