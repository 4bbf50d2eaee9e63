import type { Decision, KernelFacts, PlannedCall } from '../../shared/kernel/decision.ts';
import type { Limits } from '../../shared/kernel/definition.ts';

export interface Facts extends KernelFacts {
  readonly instanceId: string;
  readonly state: string;
  /** Which request this is about. */
  readonly ticket: string;
  /** How far the instance has come, from its tag: `TICKET:stopping`, `TICKET:starting`, `TICKET:recycled`, or anything else. */
  readonly stage: string;
  /** `decide`: a bug in this very function. */
  readonly flaw: string;
}

function mark(instanceId: string, stage: string): PlannedCall {
  return {
    call: 'ec2:CreateTags',
    input: { Resources: [instanceId], Tags: [{ Key: 'recycle-stage', Value: stage }] },
    because: `so that the next look finds ${stage}`,
  };
}

/** Stops an instance, waits, starts it, waits, marks it: a choreography with two waits, judged from what stands there alone. */
export function decide(facts: Facts, _limits: Limits, _now: string): Decision {
  const { instanceId, state, ticket, stage, flaw } = facts;
  if (flaw === 'decide') throw new TypeError("Cannot read properties of undefined (reading 'length')");
  const evidence = { instanceId, state, stage };
  const ids = { InstanceIds: [instanceId] };
  const base = { evidence, intent: `${instanceId} recycled for ${ticket}`, note: { ticket } };
  const stop: PlannedCall = {
    call: 'ec2:StopInstances',
    input: ids,
    because: 'to be started on another host',
    undo: { call: 'ec2:StartInstances', input: ids },
  };
  if (state === 'terminated' || state === 'shutting-down')
    return { kind: 'refuse', code: 'gone', because: `${instanceId} is ${state}`, evidence };
  if (stage === `${ticket}:recycled`)
    return { kind: 'nothing', code: 'recycled', because: `${instanceId} was recycled for ${ticket}`, evidence };
  if (state === 'stopping' || state === 'pending')
    return { kind: 'wait', seconds: 15, code: state, because: `${instanceId} is ${state}`, evidence };
  if (stage === `${ticket}:starting`) {
    if (state === 'running')
      return {
        ...base,
        kind: 'act',
        code: 'mark',
        because: `${instanceId} runs again`,
        plan: [mark(instanceId, `${ticket}:recycled`)],
        budget: 'free',
      };
    return {
      ...base,
      kind: 'act',
      code: 'start',
      because: `${instanceId} has stopped`,
      plan: [{ call: 'ec2:StartInstances', input: ids, because: 'it has stopped' }],
      budget: 'free',
      more: true,
    };
  }
  if (stage === `${ticket}:stopping`) {
    if (state === 'running')
      return {
        ...base,
        kind: 'act',
        code: 'stop',
        because: `${instanceId} still runs`,
        plan: [stop],
        budget: 'free',
        more: true,
      };
    const start: PlannedCall = { call: 'ec2:StartInstances', input: ids, because: 'it has stopped' };
    return {
      ...base,
      kind: 'act',
      code: 'start',
      because: `${instanceId} has stopped`,
      plan: [mark(instanceId, `${ticket}:starting`), start],
      budget: 'free',
      more: true,
    };
  }
  if (state !== 'running')
    return { kind: 'refuse', code: 'not-running', because: `${instanceId} is ${state}, and not by us`, evidence };
  return {
    ...base,
    kind: 'act',
    code: 'stop',
    because: `stop ${instanceId}`,
    plan: [mark(instanceId, `${ticket}:stopping`), stop],
    budget: 'counted',
    more: true,
  };
}
