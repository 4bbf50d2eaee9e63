import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { handler } from '../../../functions/reassign-elastic-ip/handler.ts';
import { NO_FAULTS } from '../../../simulator/engine/run-types.ts';
import { simulate, type SimulationEnd } from '../../../simulator/engine/simulation.ts';
import { EVENT_FIXTURES } from '../../shared/kernel/triggers/events.ts';
import { mutatedEvents } from '../../shared/kernel/triggers/mutate.ts';
import { cases } from '../../share.ts';

const RUNS = cases(2_000);

const HOLDER = 'i-0123456789abcdef0';
const STANDBY = 'i-0fedcba9876543210';
const VIP = [{ Key: 'runbook:vip', Value: 'web' }];

/** The holder is bad and the standby good, so that every event that is about the holder has something to do. */
const WORLD = {
  now: '2026-11-22T08:01:00Z',
  account: '111122223333',
  region: 'eu-west-1',
  ec2: {
    Instances: [
      { InstanceId: HOLDER, Placement: { AvailabilityZone: 'eu-west-1a' }, Tags: VIP },
      { InstanceId: STANDBY, Placement: { AvailabilityZone: 'eu-west-1b' }, Tags: VIP },
      { InstanceId: 'i-0aaaaaaaaaaaaaaaa' },
    ],
    InstanceStatuses: [{ InstanceId: HOLDER, InstanceStatus: { Status: 'impaired' } }],
    Addresses: [{ AllocationId: 'eipalloc-0a1', PublicIp: '203.0.113.10', InstanceId: HOLDER, Tags: VIP }],
  },
};

function give(event: unknown): Promise<SimulationEnd> {
  return simulate({
    world: WORLD,
    events: [{ event, afterMs: 0, runbook: 'reassign-elastic-ip' }],
    functions: [{ summary: handler.runbook, handler }],
    seed: 1,
    faults: NO_FAULTS,
    runForMs: 0,
    environment: {},
    watchers: [],
  });
}

/** Every AWS write of a run, without the moments that stand in status tags. */
function writesOf(end: SimulationEnd): readonly string[] {
  return end.requests
    .filter(({ kind, call }) => kind === 'write' && !call.startsWith('ledger:'))
    .map(({ call, input }) => `${call} ${JSON.stringify(input).replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/gu, '<time>')}`);
}

/** What is wrong with the end of a run that a damaged event started. */
function faultsIn(end: SimulationEnd, allowed: ReadonlySet<string>): readonly string[] {
  const errors = end.invocations.flatMap(({ error }) =>
    error === undefined || /^[^\n]{1,300}$/u.test(error) ? [] : [`not one clear line: ${error}`],
  );
  const failures = end.results.flatMap(({ result: { outcome, reason } }) =>
    outcome !== 'failed' || /^bad-input: [^\n]+$/u.test(reason) ? [] : [`failed: ${reason}`],
  );
  const writes = writesOf(end).flatMap((write) => (allowed.has(write) ? [] : [`would not have been made: ${write}`]));
  return [
    ...(end.error === undefined ? [] : [end.error.message]),
    ...(end.results.length === 0 ? ['no result'] : []),
    ...errors,
    ...failures,
    ...writes,
  ];
}

describe('damaged events', () => {
  it('end in one clear error or a known outcome, and make no write that the whole event would not have made', async () => {
    const allowed = new Map<string, ReadonlySet<string>>();
    for (const { name, event } of EVENT_FIXTURES) allowed.set(name, new Set(writesOf(await give(event))));
    expect([...allowed.values()].some((writes) => writes.size > 0)).toBe(true);
    let decided = 0;
    let acted = 0;
    await fc.assert(
      fc.asyncProperty(mutatedEvents(EVENT_FIXTURES), async ({ name, mutated }) => {
        const end = await give(mutated);
        expect(faultsIn(end, allowed.get(name) ?? new Set())).toEqual([]);
        decided += Number(end.results.some(({ result }) => result.target !== undefined));
        acted += Number(writesOf(end).length > 0);
      }),
      { numRuns: RUNS, seed: 20_261_122, endOnFailure: true },
    );
    expect(decided / RUNS).toBeGreaterThan(0.3);
    expect(acted).toBeGreaterThan(cases(500));
  }, 150_000);
});
