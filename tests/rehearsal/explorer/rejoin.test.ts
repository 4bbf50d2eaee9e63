import { describe, expect, it } from 'vitest';
import { comparableStanding } from '../../../rehearsal/explorer/compare.ts';
import { calmSince, hasRejoined, timesApart } from '../../../rehearsal/explorer/rejoin.ts';
import { Rehearsal } from '../../../rehearsal/explorer/rehearsal.ts';
import { schedulesOf } from '../../../rehearsal/explorer/schedules.ts';
import type { LedgerDump } from '../../../simulator/engine/ledger.ts';
import {
  NO_FAULTS,
  type DeployedFunction,
  type LoggedRequest,
  type Standing,
} from '../../../simulator/engine/run-types.ts';
import { computing, drill, RULES } from './explored.ts';

const TICKING: DeployedFunction = {
  ...computing,
  summary: { ...computing.summary, triggers: [{ name: 'schedule', schedule: 'rate(1 minute)' }] },
};
const NOTHING: LedgerDump = { switches: [], modes: [], resources: [], records: [] };

function clockAt(at: string): { now: () => number; iso: () => string; after: () => () => void } {
  return { now: () => Date.parse(at), iso: () => at, after: () => () => undefined };
}

/** An account with one tagged address, at a time. */
async function standing(at: string, movedAt: string, more: object = {}, ledger = NOTHING): Promise<Standing> {
  const { end } = await new Rehearsal(drill(), [computing], 1).baseline();
  const Tags = [{ Key: 'runbook:moved-at', Value: movedAt }];
  const data = {
    ec2: { Addresses: [{ AllocationId: 'eipalloc-01', Tags, ...more }] },
    cloudwatch: { Samples: [{ at }] },
  };
  return { world: { ...end.world, clock: clockAt(at), data }, ledger: () => ledger };
}

async function calm(movedAt: string, since: string): Promise<{ readonly state: unknown; readonly sinceMs: number }> {
  const { world, ledger } = await standing('2026-11-22T08:10:00.000Z', movedAt);
  return { state: comparableStanding(world, ledger(), ''), sinceMs: Date.parse(since) };
}

describe('a run has rejoined the calm one', () => {
  const [moved, since] = ['2026-11-22T08:00:00Z', '2026-11-22T08:00:30.000Z'];

  it('when account and ledger are the same but for times that lie no further apart than the calm has lasted', async () => {
    const known = await calm(moved, since);
    const late = await standing('2026-11-22T08:01:00.000Z', '2026-11-22T08:00:20Z');
    expect(hasRejoined(known, late, '')).toBe(true);
    const tooSoon = await standing('2026-11-22T08:00:45.000Z', '2026-11-22T08:00:20Z');
    expect(hasRejoined(known, tooSoon, '')).toBe(false);
    const tooFar = await standing('2026-11-22T08:09:00.000Z', '2026-11-22T08:01:01Z');
    expect(hasRejoined(known, tooFar, '')).toBe(false);
  });

  it('not before the calm run has come to rest', async () => {
    const early = await standing('2026-11-22T08:00:29.999Z', moved);
    expect(hasRejoined(await calm(moved, since), early, '')).toBe(false);
  });

  it('not when anything else differs: a member, a kill switch, an action, an intent, a lease', async () => {
    const known = await calm(moved, since);
    const at = '2026-11-22T08:05:00.000Z';
    const history = { epoch: 7, actions: [], memory: {} };
    const resource = { resource: 'arn:1', runbook: 'a-b', history };
    const differing: readonly Standing[] = [
      await standing(at, moved, { InstanceId: 'i-1' }),
      await standing(at, moved, {}, { ...NOTHING, switches: [{ scope: 'all', reason: '', by: '', at }] }),
      await standing(at, moved, {}, { ...NOTHING, resources: [resource] }),
    ];
    expect(differing.map((one) => hasRejoined(known, one, ''))).toEqual([false, false, false]);
    const of = (more: object): unknown => {
      const { state } = {
        state: comparableStanding(
          { data: {}, clock: clockAt(at) },
          { ...NOTHING, resources: [{ ...resource, ...more }] },
          '',
        ),
      };
      return state;
    };
    expect(timesApart(of({}), of({ history: { ...history, epoch: 8 } }))).toBe(0);
    expect(timesApart(of({}), of({ history: { ...history, actions: [at] } }))).toBe(undefined);
    expect(timesApart(of({}), of({ history: { ...history, pending: { intent: 'x', at, note: {} } } }))).toBe(undefined);
    expect(timesApart(of({}), of({ owner: 'run', until: '2026-11-22T08:06:00.000Z' }))).toBe(undefined);
    expect(timesApart(of({}), of({ owner: 'run', until: '2026-11-22T08:04:00.000Z' }))).toBe(0);
  });
});

describe('times apart', () => {
  it('are the widest of all, in texts too', () => {
    expect(
      timesApart(
        { a: '2026-11-22T08:00:00Z', b: 'since 2026-11-22 08:00:00 GMT' },
        { a: '2026-11-22T08:00:01Z', b: 'since 2026-11-22 08:00:05 GMT' },
      ),
    ).toBe(5_000);
    expect(timesApart({ a: 'since 2026-11-22T08:00:00Z' }, { a: 'until 2026-11-22T08:00:00Z' })).toBe(undefined);
    expect(timesApart({ a: 1 }, { a: 2 })).toBe(undefined);
    expect(timesApart({ a: 1 }, { a: 1, b: 1 })).toBe(undefined);
  });
});

describe('the calm', () => {
  it('begins with the last change of the account, or of what the ledger holds', () => {
    const sent = (call: string, answeredAt: string): LoggedRequest => ({
      index: 0,
      invocation: 0,
      call,
      kind: 'write',
      input: {},
      at: answeredAt,
      answeredAt,
      depth: 1,
    });
    const requests = [sent('ledger:remember', '2026-11-22T08:00:10Z'), sent('ledger:record', '2026-11-22T08:00:20Z')];
    expect(calmSince({ requests }, Date.parse('2026-11-22T08:00:05Z'))).toBe(Date.parse('2026-11-22T08:00:10Z'));
    expect(calmSince({ requests }, Date.parse('2026-11-22T08:00:15Z'))).toBe(Date.parse('2026-11-22T08:00:15Z'));
  });
});

describe('a run that is stopped', () => {
  it('has less to do, and comes to the same as when it goes on', async () => {
    const rehearsal = new Rehearsal(drill(), [TICKING], 1, RULES);
    const calmly = { without: (await rehearsal.baseline()).end, moments: [], functions: [TICKING] };
    const effort = { isAmongOthers: false, isOfTheKernel: false };
    const plans = schedulesOf('exhaustive', calmly, effort, 1).schedules.map(({ plan }) => plan);
    const tried = plans.filter((_plan, index) => index % 5 === 0);
    let stopped = 0;
    for (const plan of [NO_FAULTS, ...tried]) {
      const finding = await rehearsal.check(plan);
      stopped += Number(finding.stopped);
      expect(finding.violations).toEqual((await rehearsal.rehearse(plan)).finding.violations);
    }
    expect(stopped).toBeGreaterThan(tried.length / 2);
  });
});
