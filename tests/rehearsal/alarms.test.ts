/** Which alarms a run raises: each class of failure its own, and none without one. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { alarmsRaised } from '../../rehearsal/alarms.ts';
import { unheard } from '../../rehearsal/explorer/verdicts.ts';
import { surroundWith } from '../../shared/aws/clients.ts';
import { emitMetrics, type Metrics } from '../../shared/kernel/report/telemetry.ts';
import { NO_FAULTS, type FaultPlan } from '../../simulator/engine/run-types.ts';
import { simulate, type SimulationEnd } from '../../simulator/engine/simulation.ts';

const NOW_MS = Date.parse('2026-11-22T08:00:00Z');
const BOTH = ['carry-volumes', 'reassign-elastic-ip'];
const MINUTE_MS = 60_000;

let lines: string[] = [];
let restore = (): void => undefined;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW_MS, toFake: ['Date'] });
  lines = [];
  restore = surroundWith({ write: (line) => void lines.push(line) });
});
afterEach(() => {
  restore();
  vi.useRealTimers();
});

function at(minutes: number, metrics: Metrics): void {
  vi.setSystemTime(NOW_MS + minutes * MINUTE_MS);
  emitMetrics(metrics);
}

/** A run of so many minutes in which nothing happened. */
async function quiet(minutes: number): Promise<SimulationEnd> {
  const world = { now: '2026-11-22T08:00:00Z', account: '111122223333', region: 'eu-west-1' };
  return simulate({
    world,
    events: [],
    functions: [],
    seed: 1,
    faults: NO_FAULTS,
    runForMs: minutes * MINUTE_MS,
    environment: {},
    watchers: [],
  });
}

async function raised(minutes: number, change: Partial<SimulationEnd> = {}, runbooks = BOTH): Promise<string[]> {
  return alarmsRaised({ ...(await quiet(minutes)), lines, ...change }, runbooks, NOW_MS);
}

/** Both schedules tick, but for one from a minute on. */
function beat(minutes: number, dead?: string): void {
  for (let minute = 0; minute < minutes; minute += 1) {
    if (dead !== 'reassign-elastic-ip') at(minute, { runbook: 'reassign-elastic-ip', gauges: { Heartbeat: 1 } });
    if (minute % 5 === 0 && dead !== 'carry-volumes')
      at(minute, { runbook: 'carry-volumes', gauges: { Heartbeat: 1 } });
  }
}

describe('an alarm', () => {
  it.each([
    [{ Failed: 1, Attention: 1 }, ['page']],
    [{ LedgerLost: 1 }, ['page']],
    [{ OutcomeNotPublished: 1 }, ['page']],
    [{ Attention: 1, Refused: 1 }, ['look']],
    [{ BadInput: 1 }, ['look']],
    [{ LeaseExpired: 1 }, ['look']],
    [{ Refused: 1, Done: 1 }, []],
  ])('on %j is %j', async (counters, names) => {
    beat(4);
    at(0, { runbook: 'carry-volumes', counters });
    expect(await raised(4)).toEqual(names);
  });

  it('on a missing standby needs five minutes of it', async () => {
    beat(6);
    for (let minute = 0; minute < 4; minute += 1)
      at(minute, { runbook: 'reassign-elastic-ip', gauges: { StandbyReady: 0 } });
    at(4, { runbook: 'reassign-elastic-ip', gauges: { StandbyReady: 1 } });
    expect(await raised(6)).toEqual([]);
    at(4, { runbook: 'reassign-elastic-ip', gauges: { StandbyReady: 0 } });
    expect(await raised(6)).toEqual(['reassign-elastic-ip-standby']);
  });

  it('on a heart that does not beat needs two periods without it, of either function', async () => {
    beat(15);
    expect(await raised(15)).toEqual([]);
    lines = [];
    beat(15, 'carry-volumes');
    expect(await raised(15)).toEqual(['heartbeat-2']);
    lines = [];
    beat(15, 'reassign-elastic-ip');
    expect(await raised(15)).toEqual(['heartbeat']);
    lines = [];
    // Each at its own pace: two minutes, and twice five.
    expect(await raised(1)).toEqual([]);
    expect(await raised(2)).toEqual(['heartbeat']);
    expect(await raised(9)).toEqual(['heartbeat']);
    expect(await raised(10)).toEqual(['heartbeat', 'heartbeat-2']);
  });

  it('on dead letters is that of the queue they lie in: a durable runbook has its own', async () => {
    const letter = { event: {}, error: 'x', at: '2026-11-22T08:01:00Z' };
    beat(4);
    expect(await raised(4, { deadLetters: [{ ...letter, runbook: 'reassign-elastic-ip' }] })).toEqual(['failed-runs']);
    const request = { ...letter, runbook: 'block-address', queue: 'requests' as const };
    expect(await raised(4, { deadLetters: [request] }, ['block-address'])).toContain('block-address-requests-failed');
    expect(await raised(4, { deadLetters: [{ ...letter, runbook: 'carry-volumes' }] })).toEqual([
      'carry-volumes-failed-runs',
    ]);
  });

  it('of another stack is none of ours', async () => {
    beat(4);
    vi.stubEnv('RUNBOOK_STACK', 'somebody-elses');
    at(0, { runbook: 'carry-volumes', counters: { Failed: 1 } });
    vi.unstubAllEnvs();
    expect(await raised(4)).toEqual([]);
  });
});

describe('a failure that nobody hears of', () => {
  const result = (reason: string, outcome: 'failed' | 'refused') => ({
    invocation: 0,
    result: { runbook: 'carry-volumes', run: 'r', outcome, reason, evidence: {}, plan: [], phases: [] },
  });
  const heard = async (change: Partial<SimulationEnd>, plan: Partial<FaultPlan> = {}): Promise<string[]> =>
    unheard({ ...(await quiet(1)), lines, ...change }, { ...NO_FAULTS, ...plan });

  it('is a run that failed and pages nobody', async () => {
    const results = [result('verification-failed: x', 'failed')];
    expect(await heard({ results })).toEqual(['no alarm pages anybody for a run that failed']);
    at(0, { runbook: 'carry-volumes', counters: { Failed: 1 } });
    expect(await heard({ results })).toEqual([]);
  });

  it('is an event that could not be read, and only waits for the morning', async () => {
    const results = [result('bad-input: x', 'failed')];
    expect(await heard({ results })).toEqual(['no alarm says that an event could not be read']);
    at(0, { runbook: 'carry-volumes', counters: { BadInput: 1 } });
    expect(await heard({ results })).toEqual([]);
  });

  it('is what could not be told of a run', async () => {
    lines = ['{"level":"ERROR","message":"chore failed"}'];
    expect(await heard({})).toEqual(['no alarm pages anybody for what could not be told of a run']);
  });

  it('is no refusal', async () => {
    expect(await heard({ results: [result('kill-switch: x', 'refused')] })).toEqual([]);
  });

  it('is no ledger that nobody asked', async () => {
    expect(await heard({}, { ledgerLost: true })).toEqual([]);
  });
});
