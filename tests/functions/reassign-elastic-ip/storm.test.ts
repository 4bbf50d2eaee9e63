import { describe, expect, it } from 'vitest';
import { handler } from '../../../functions/reassign-elastic-ip/handler.ts';
import { deployed } from '../../../rehearsal/functions.ts';
import { DEPLOYED_ENVIRONMENT } from '../../../rehearsal/drill.ts';
import { NO_FAULTS } from '../../../simulator/engine/run-types.ts';
import { simulate, type SimulationEnd } from '../../../simulator/engine/simulation.ts';

const EVENTS = 4_000;
/** Runs of Lambda side by side; the function's reserved concurrency lets ten through. */
const AT_ONCE = 10;
const STATES = ['stopping', 'stopped', 'shutting-down', 'terminated'];

const INSTANCES = [
  {
    InstanceId: 'i-0a17c4e9b2d58f306',
    Placement: { AvailabilityZone: 'eu-west-1a' },
    State: { Name: 'running' },
    Tags: [{ Key: 'runbook:vip', Value: 'web' }],
  },
  {
    InstanceId: 'i-0b93e1f67a2c4d815',
    Placement: { AvailabilityZone: 'eu-west-1b' },
    State: { Name: 'running' },
    Tags: [{ Key: 'runbook:vip', Value: 'web' }],
  },
  {
    InstanceId: 'i-0e8d41c7b6a2f5930',
    Placement: { AvailabilityZone: 'eu-west-1a' },
    State: { Name: 'stopped' },
    Tags: [{ Key: 'Name', Value: 'build-7' }],
  },
];

const WORLD = {
  now: '2026-11-22T08:00:00Z',
  account: '111122223333',
  region: 'eu-west-1',
  ec2: {
    Instances: INSTANCES,
    Addresses: [
      {
        AllocationId: 'eipalloc-04c8e2a6f1b3d9570',
        InstanceId: 'i-0a17c4e9b2d58f306',
        Tags: [{ Key: 'runbook:vip', Value: 'web' }],
      },
    ],
  },
};

/** A build fleet is being shut down: events about instances that this runbook does not know, one that it can see among them. */
function foreignEvent(index: number): { readonly event: object; readonly afterMs: number } {
  const id = index % 100 === 0 ? 'i-0e8d41c7b6a2f5930' : `i-0f${String(index).padStart(15, '0')}`;
  const event = {
    version: '0',
    id: `8d1f3b52-0000-4000-8000-${String(index).padStart(12, '0')}`,
    'detail-type': 'EC2 Instance State-change Notification',
    source: 'aws.ec2',
    account: '111122223333',
    time: '2026-11-22T08:00:00Z',
    region: 'eu-west-1',
    resources: [`arn:aws:ec2:eu-west-1:111122223333:instance/${id}`],
    detail: { 'instance-id': id, state: STATES[index % STATES.length] },
  };
  return { event, afterMs: Math.floor(index / AT_ONCE) * 100 };
}

async function storm(): Promise<SimulationEnd> {
  return simulate({
    world: WORLD,
    events: Array.from({ length: EVENTS }, (_none, index) => foreignEvent(index)),
    functions: [deployed(handler)],
    seed: 1,
    faults: NO_FAULTS,
    runForMs: 0,
    environment: DEPLOYED_ENVIRONMENT,
    watchers: [],
  });
}

describe('4,000 state events of foreign instances', () => {
  it('cause no write and at most one ledger request each, and are reported as not ours', async () => {
    const { requests, invocations, results, error, deadLetters } = await storm();
    const ledger = new Map<number, number>();
    for (const { call, invocation } of requests)
      if (call.startsWith('ledger:')) ledger.set(invocation, (ledger.get(invocation) ?? 0) + 1);
    expect(error).toBeUndefined();
    expect(invocations).toHaveLength(4_000);
    expect(new Set(results.map(({ result }) => result.outcome))).toEqual(new Set(['not-mine']));
    expect(requests.filter(({ kind }) => kind === 'write')).toEqual([]);
    expect(Math.max(...ledger.values())).toBe(1);
    expect(deadLetters).toEqual([]);
  }, 60_000);
});
