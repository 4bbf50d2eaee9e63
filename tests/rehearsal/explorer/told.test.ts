import { describe, expect, it } from 'vitest';
import { Rehearsal } from '../../../rehearsal/explorer/rehearsal.ts';
import { tellings, untoldChanges } from '../../../rehearsal/explorer/told.ts';
import { NO_FAULTS, type LoggedRequest } from '../../../simulator/engine/run-types.ts';
import type { SimulationEnd } from '../../../simulator/engine/simulation.ts';
import { computing, drill } from './explored.ts';

const ARN = 'arn:aws:ec2:eu-west-1:111122223333:elastic-ip/eipalloc-01';
const OTHER = 'arn:aws:ec2:eu-west-1:111122223333:elastic-ip/eipalloc-02';
const STARTED = '2026-11-22T08:00:10.000Z';

function request(index: number, call: string, input: object): LoggedRequest {
  const at = '2026-11-22T08:00:11.000Z';
  return { index, invocation: 0, call, kind: 'write', input: { ...input }, at, answeredAt: at, depth: 1 };
}

function acquire(index: number, target: string): LoggedRequest {
  return request(index, 'ledger:acquire', { owner: `run|${target}`, resource: target });
}

function move(index: number, AllocationId: string): LoggedRequest {
  return request(index, 'ec2:AssociateAddress', { AllocationId });
}

/** An end in which one invocation sent these requests, and a record about each target was written. */
async function endOf(
  requests: readonly LoggedRequest[],
  told: readonly { readonly target: string; readonly outcome: string; readonly at?: string }[],
  ended: 'returned' | 'died' = 'returned',
): Promise<SimulationEnd> {
  const { end } = await new Rehearsal(drill(), [computing], 1).baseline();
  const [invocation] = end.invocations;
  if (invocation === undefined) throw new Error('no invocation');
  const records = told.map(({ target, outcome, at = '2026-11-22T08:00:12.000Z' }) => ({
    runbook: 'probe-function',
    run: 'run',
    target,
    at,
    body: { outcome },
  }));
  return {
    ...end,
    requests,
    invocations: [{ ...invocation, startedAt: STARTED, ended }],
    results: [],
    timeline: [],
    ledger: { ...end.ledger, records },
  };
}

async function untold(...story: Parameters<typeof endOf>): Promise<string[]> {
  const end = await endOf(...story);
  return untoldChanges(end, end, NO_FAULTS);
}

describe('a change of the account', () => {
  it('need not be told where it passes by itself', async () => {
    const QueueUrl = 'https://sqs.eu-west-1.amazonaws.com/111122223333/orders';
    expect(await untold([request(0, 'sqs:ReceiveMessage', { QueueUrl })], [])).toEqual([]);
    expect(await untold([request(0, 'sqs:DeleteMessage', { QueueUrl })], [])).toHaveLength(1);
  });

  it('is told by a record about its target, written from its invocation on, that is not silent', async () => {
    const sent = [acquire(0, ARN), move(1, 'eipalloc-01')];
    expect(await untold(sent, [{ target: ARN, outcome: 'done' }])).toEqual([]);
    expect(await untold(sent, [{ target: ARN, outcome: 'failed' }])).toEqual([]);
    const complaint = [
      'no line, record or event of probe-function tells of ec2:AssociateAddress (request 1) for eipalloc-01',
    ];
    expect(await untold(sent, [])).toEqual(complaint);
    expect(await untold(sent, [{ target: ARN, outcome: 'nothing' }])).toEqual(complaint);
    expect(await untold(sent, [{ target: OTHER, outcome: 'done' }])).toEqual(complaint);
    expect(await untold(sent, [{ target: ARN, outcome: 'done', at: '2026-11-22T08:00:05.000Z' }])).toEqual(complaint);
  });

  it('is of the target that it names, or of any under lease where it names none', async () => {
    const leases = [acquire(0, ARN), acquire(1, OTHER)];
    const told = [{ target: OTHER, outcome: 'done' }];
    expect(await untold([...leases, move(2, 'eipalloc-02')], told)).toEqual([]);
    expect(await untold([...leases, move(2, 'eipalloc-01')], told)).toHaveLength(1);
    const tag = request(2, 'ec2:CreateTags', { Resources: ['i-0a1'] });
    expect(await untold([...leases, tag], told)).toEqual([]);
    const released = request(2, 'ledger:release', { lease: { owner: `run|${OTHER}` } });
    expect(await untold([...leases, released, { ...tag, index: 3 }], told)).toHaveLength(1);
  });

  it('is none that a service refused, and none in the ledger or on the bus', async () => {
    const refused = { ...move(1, 'eipalloc-01'), error: 'IncorrectInstanceState' };
    const lost = { ...move(2, 'eipalloc-01'), error: 'TimeoutError', fault: 'reply-lost' as const };
    expect(await untold([refused, request(2, 'events:PutEvents', {})], [])).toEqual([]);
    expect(await untold([lost], [])).toHaveLength(1);
  });

  it('of a run that dies without lease is told by the alarm on its function only', async () => {
    const end = await endOf([move(0, 'eipalloc-01')], [], 'died');
    expect(untoldChanges(end, end, { ...NO_FAULTS, ledgerLost: true })).toEqual([]);
    expect(untoldChanges(end, end, { ...NO_FAULTS, leasesGrantedToAll: true })).toEqual([]);
    expect(untoldChanges(end, end, NO_FAULTS)).toHaveLength(1);
  });
});

describe('tellings', () => {
  it('are log lines, with their times, and no silent ones', async () => {
    const { end } = await new Rehearsal(drill(), [computing], 1).baseline();
    expect(tellings(end).map(({ outcome, target }) => [outcome, target])).toEqual([
      ['waiting', 'eipalloc-01'],
      ['done', 'eipalloc-01'],
    ]);
    expect(tellings(end).every(({ atMs }) => atMs > Date.parse('2026-11-22T08:00:00Z'))).toBe(true);
  });
});
