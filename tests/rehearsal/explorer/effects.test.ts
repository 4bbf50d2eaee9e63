import { describe, expect, it } from 'vitest';
import { effects, surplus, tookEffect, type Effects } from '../../../rehearsal/explorer/effects.ts';
import { rulesOf } from '../../../rehearsal/runbooks.ts';
import { NO_FAULTS, type FaultPlan, type LoggedRequest } from '../../../simulator/engine/run-types.ts';

function request(changes: Partial<LoggedRequest>): LoggedRequest {
  return {
    index: 0,
    invocation: 0,
    call: 'ec2:AssociateAddress',
    kind: 'write',
    input: {},
    at: '',
    depth: 1,
    ...changes,
  };
}

/** What took effect of these requests, all sent by one runbook. */
function effectsOf(requests: readonly LoggedRequest[], runbook = 'reassign-elastic-ip'): Effects {
  const invocation = {
    index: 0,
    runbook,
    requestId: 'r',
    delivery: 0,
    event: {},
    startedAt: '',
    endedAt: '',
    ended: 'returned' as const,
  };
  return effects({ requests, invocations: [invocation] });
}

function surplusUnder(plan: FaultPlan, without: Effects, withFaults: Effects): string[] {
  return surplus(without, withFaults, { plan, rulesOf, abreast: 1 });
}

describe('the surplus of writes', () => {
  it('is counted in each Region by itself, and permitted in each as at home', () => {
    const region = 'us-east-1';
    const plan = { ...NO_FAULTS, points: [{ request: 1, kind: 'reply-lost' as const }] };
    const untouched = effectsOf([request({ call: 'ec2:StopInstances' })], 'recycle-instances');
    const other = effectsOf([request({ call: 'ec2:StopInstances', region })], 'recycle-instances');
    expect(surplusUnder(NO_FAULTS, untouched, other)).toEqual([
      'ec2:StopInstances in us-east-1 took effect 1 times, 0 times without faults; permitted are 0 more',
    ]);
    expect(surplusUnder(plan, untouched, other)).toEqual([]);
  });

  it('counts what took effect, whatever its sender heard', () => {
    expect(tookEffect(request({}))).toBe(true);
    expect(tookEffect(request({ fault: 'reply-lost', error: 'TimeoutError' }))).toBe(true);
    expect(tookEffect(request({ fault: 'died-after' }))).toBe(true);
    expect(tookEffect(request({ fault: 'died-before' }))).toBe(false);
    expect(tookEffect(request({ fault: 'throttled', error: 'RequestLimitExceeded' }))).toBe(false);
    expect(tookEffect(request({ error: 'IncorrectInstanceState' }))).toBe(false);
    expect(tookEffect(request({ kind: 'read' }))).toBe(false);
  });

  it('is permitted by fault and second delivery, to the calls that have a line', () => {
    const once = effectsOf([request({})]);
    const twice = effectsOf([request({}), request({ index: 1 })]);
    const fault = { ...NO_FAULTS, points: [{ request: 0, kind: 'died-after' as const }] };
    const again = { ...NO_FAULTS, duplicates: [{ event: 0, when: 'with' as const }] };
    expect(surplusUnder(fault, once, twice)).toEqual([
      'ec2:AssociateAddress took effect 2 times, 1 times without faults; permitted are 0 more',
    ]);
    expect(surplusUnder(again, once, twice)).toEqual([]);
    expect(surplusUnder(again, new Map(), effectsOf([request({ call: 'ec2:TerminateInstances' })]))).toEqual([
      'ec2:TerminateInstances took effect 1 times, 0 times without faults; permitted are 0 more',
    ]);
  });

  it('is permitted to the runbook that has the line, and to no other', () => {
    const again = { ...NO_FAULTS, duplicates: [{ event: 0, when: 'with' as const }] };
    const moves = [request({}), request({ index: 1 })];
    const once = (runbook: string): Effects => effectsOf(moves.slice(0, 1), runbook);
    const twice = (runbook: string): Effects => effectsOf(moves, runbook);
    expect(surplusUnder(again, once('reassign-elastic-ip'), twice('reassign-elastic-ip'))).toEqual([]);
    expect(surplusUnder(again, once('carry-volumes'), twice('carry-volumes'))).toEqual([
      'ec2:AssociateAddress took effect 2 times, 1 times without faults; permitted are 0 more',
    ]);
  });

  it('of one runbook is not made good by what another left undone', () => {
    const fault = { ...NO_FAULTS, points: [{ request: 0, kind: 'died-after' as const }] };
    const moves = effectsOf([request({}), request({ index: 1 })]);
    expect(surplusUnder(fault, effectsOf([request({}), request({ index: 1 })], 'carry-volumes'), moves)).toEqual([
      'ec2:AssociateAddress took effect 2 times, 0 times without faults; permitted are 0 more',
    ]);
  });
});
