/** What is done about a request for another runbook: it is started, once however often the request comes. Pure. */

import type { Act } from '../../../shared/kernel/decision.ts';
import type { StartFacts } from './facts.ts';

/** Decides on a request. Lambda knows the name: whatever asks for it again starts nothing. */
export function decideStart({ start }: StartFacts): Act {
  const { DurableExecutionName: execution, Payload: request } = start;
  const { runbook, target, requestedBy, reason } = request;
  const because = `${runbook}${target === undefined ? '' : ` of ${target}`} is started for ${requestedBy}`;
  return {
    kind: 'act',
    code: 'started',
    because,
    evidence: { runbook, target, execution, by: requestedBy, why: reason ?? '' },
    plan: [{ call: 'lambda:Invoke', input: start, because }],
    intent: `${execution} started`,
    budget: 'free',
  };
}
