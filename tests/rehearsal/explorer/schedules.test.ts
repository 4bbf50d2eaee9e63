import { describe, expect, it } from 'vitest';
import { formatReplay, parseReplay } from '../../../rehearsal/replay.ts';
import { Rehearsal } from '../../../rehearsal/explorer/rehearsal.ts';
import { faultsOf, schedulesOf } from '../../../rehearsal/explorer/schedules.ts';
import type { DeployedFunction, LoggedRequest } from '../../../simulator/engine/run-types.ts';
import type { SimulationEnd } from '../../../simulator/engine/simulation.ts';
import { computing, drill } from './explored.ts';

const TICKING: DeployedFunction = {
  ...computing,
  summary: { ...computing.summary, triggers: [{ name: 'schedule', schedule: 'rate(1 minute)' }] },
};

/** The drill alone, or with a schedule that ticks five more times. */
async function baselineOf(fn: DeployedFunction): Promise<SimulationEnd> {
  return (await new Rehearsal(drill(), [fn], 1).baseline()).end;
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
    ]);
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
    const end = await baselineOf(TICKING);
    for (const mode of ['exhaustive', 'random', 'no-leases'] as const) {
      const { plans } = schedulesOf(mode, end, [], 1);
      expect(plans.length).toBeGreaterThan(20);
      expect(plans.map((plan) => parseReplay(formatReplay(plan)))).toEqual(plans);
    }
  });

  it('differ by seed only where they are random', async () => {
    const end = await baselineOf(computing);
    expect(schedulesOf('exhaustive', end, [], 1)).toEqual(schedulesOf('exhaustive', end, [], 2));
    expect(schedulesOf('random', end, [], 1)).not.toEqual(schedulesOf('random', end, [], 2));
  });
});
