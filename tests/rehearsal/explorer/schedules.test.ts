import { describe, expect, it } from 'vitest';
import { formatReplay, parseReplay } from '../../../rehearsal/replay.ts';
import { Rehearsal } from '../../../rehearsal/explorer/rehearsal.ts';
import { faultsOf, pointsAt, requestsUnderLease } from '../../../rehearsal/explorer/faults.ts';
import { schedulesOf, type Calmly } from '../../../rehearsal/explorer/schedules.ts';
import type { DeployedFunction, LoggedRequest } from '../../../simulator/engine/run-types.ts';
import type { SimulationEnd } from '../../../simulator/engine/simulation.ts';
import { computing, drill } from './explored.ts';

const TICKING: DeployedFunction = {
  ...computing,
  summary: { ...computing.summary, triggers: [{ name: 'schedule', schedule: 'rate(1 minute)' }] },
};

const ALONE = { isAmongOthers: false, isOfTheKernel: false };

/** The drill alone, or with a schedule that ticks five more times. */
async function baselineOf(fn: DeployedFunction): Promise<Calmly & { readonly without: SimulationEnd }> {
  const { end } = await new Rehearsal(drill(), [fn], 1).baseline();
  return { without: end, moments: [], functions: [fn] };
}

function request(changes: Partial<LoggedRequest>): LoggedRequest {
  return {
    index: 0,
    invocation: 0,
    call: 'ec2:DescribeAddresses',
    kind: 'read',
    input: {},
    at: '2026-11-22T08:00:00.000Z',
    depth: 1,
    ...changes,
  };
}

describe('the faults of a request', () => {
  const write = request({ index: 0, call: 'ec2:AssociateAddress', kind: 'write' });

  it('are those that can strike a read, a stale answer only soon after a write', () => {
    const soon = request({ index: 1, at: '2026-11-22T08:00:59.000Z' });
    const late = request({ index: 1, at: '2026-11-22T08:01:01.000Z' });
    expect(faultsOf(soon, [write, soon])).toEqual([
      'throttled',
      'throttled-for-a-minute',
      'failed-before',
      'died-before',
      'stale-read',
    ]);
    expect(faultsOf(late, [write, late])).toEqual([
      'throttled',
      'throttled-for-a-minute',
      'failed-before',
      'died-before',
    ]);
    expect(faultsOf(soon, [request({ index: 0, kind: 'write', call: 'ledger:acquire' }), soon])).not.toContain(
      'stale-read',
    );
  });

  it('are those that can strike a write, a conflict where another run may come first', () => {
    expect(faultsOf(write, [write])).toEqual([
      'throttled',
      'throttled-for-a-minute',
      'failed-before',
      'reply-lost',
      'died-before',
      'died-after',
      'refused',
    ]);
    const batch = request({ call: 'sqs:SendMessageBatch', kind: 'write', inParts: true });
    expect(faultsOf(batch, [batch])).toContain('entry-failed');
    expect(faultsOf(request({ call: 'events:PutEvents', kind: 'write' }), [])).not.toContain('refused');
    expect(faultsOf(request({ call: 'ledger:acquire', kind: 'write' }), [])).toContain('lock-conflict');
    expect(faultsOf(request({ call: 'ledger:record', kind: 'write' }), [])).not.toContain('lock-conflict');
    expect(faultsOf(request({ call: 'lambda:CheckpointDurableExecution', kind: 'write' }), [])).toEqual([
      'throttled',
      'died-before',
      'died-after',
    ]);
  });
});

describe('schedules', () => {
  it('are told in a replay that reads back the same', async () => {
    const calmly = await baselineOf(TICKING);
    for (const mode of ['exhaustive', 'random', 'no-leases'] as const) {
      const plans = schedulesOf(mode, calmly, ALONE, 1).schedules.map(({ plan }) => plan);
      expect(plans.length).toBeGreaterThan(20);
      expect(plans.map((plan) => parseReplay(formatReplay(plan)))).toEqual(plans);
    }
  });

  it('differ by seed only where they are random', async () => {
    const calmly = await baselineOf(computing);
    const made = (mode: 'exhaustive' | 'random', seed: number): unknown => schedulesOf(mode, calmly, ALONE, seed);
    expect(made('exhaustive', 1)).toEqual(made('exhaustive', 2));
    expect(made('random', 1)).not.toEqual(made('random', 2));
  });

  it('ask a person only where every function can, and cross approvals with faults only for the kernel', async () => {
    const calmly = await baselineOf(computing);
    const durable = { ...computing, summary: { ...computing.summary, host: 'durable' as const } };
    const answers = (made: Calmly, isOfTheKernel: boolean): readonly unknown[] =>
      schedulesOf('exhaustive', made, { ...ALONE, isOfTheKernel }, 1).schedules.flatMap(
        ({ plan }) => plan.approval ?? [],
      );
    expect(answers(calmly, false)).toEqual([]);
    const canAsk = { ...calmly, functions: [durable] };
    expect(answers(canAsk, false)).toEqual(['given', 'twice', 'late', 'stale', 'denied', 'forged', 'never']);
    // Two reads with three faults each, a write with five, and the death before it.
    expect(answers({ ...canAsk, asked: canAsk }, true)).toHaveLength(7 + 12);
  });

  it('are of a kind by what they strike; what lasts for the whole run is of none', async () => {
    const { schedules } = schedulesOf('exhaustive', await baselineOf(computing), ALONE, 1);
    const refused = schedules.find(({ plan }) => plan.points[0]?.kind === 'refused');
    expect(refused?.kind).toBe('probe-function|runbook|done done,waiting waiting|start|ec2:AssociateAddress refused ');
    const lasting = schedules.filter(({ plan }) => plan.ledgerLost || plan.ledgerFull === true);
    expect(lasting.map(({ kind }) => kind)).toEqual(lasting.map(() => undefined));
    expect(lasting.length).toBe(1 + 3 + 1);
  });
});

describe('requests under a lease', () => {
  const at = (seconds: number): string => new Date(Date.parse('2026-11-22T08:00:00Z') + seconds * 1_000).toISOString();
  const sent = (index: number, seconds: number, call: string, input: object = {}): LoggedRequest =>
    request({ index, call, kind: 'write', at: at(seconds), answeredAt: at(seconds), input: { ...input } });
  const lease = { lease: { owner: 'run|arn:1' } };
  const requests = [
    sent(0, 0, 'ec2:CreateTags'),
    sent(1, 0.1, 'ledger:acquire', { owner: 'run|arn:1' }),
    request({ index: 2, call: 'ec2:DescribeAddresses', at: at(0.2), answeredAt: at(0.2) }),
    sent(3, 0.3, 'ec2:AssociateAddress'),
    request({ index: 4, call: 'ec2:DescribeAddresses', at: at(5), answeredAt: at(5) }),
    sent(5, 5.1, 'ledger:renew', lease),
    sent(6, 5.2, 'events:PutEvents'),
    sent(7, 5.3, 'ledger:release', lease),
    sent(8, 9, 'ec2:CreateTags'),
  ];

  it('are what renews the lease, or comes first after a wait, while it is held', async () => {
    const { without } = await baselineOf(computing);
    expect([...requestsUnderLease({ ...without, requests })]).toEqual([4, 5]);
  });

  it('can lose it there; moves of the world come by name; an exception only for the kernel', () => {
    const reach = { underLease: new Set([3]), isOfTheKernel: false };
    const call = request({ index: 3, call: 'ec2:AssociateAddress', kind: 'write', moves: ['target-stopped'] });
    const points = pointsAt(call, [call], reach);
    expect(points).toContainEqual({ request: 3, kind: 'lease-stolen' });
    expect(points).toContainEqual({ request: 3, kind: 'world-moves', move: 'target-stopped' });
    expect(points.map(({ kind }) => kind)).not.toContain('effect-throws');
    expect(pointsAt(call, [call], { ...reach, isOfTheKernel: true }).map(({ kind }) => kind)).toContain(
      'effect-throws',
    );
  });
});
