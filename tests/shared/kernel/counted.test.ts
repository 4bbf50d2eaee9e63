/** What is counted: looks that fail, operations of an execution, bytes of a step. */

import { describe, expect, it } from 'vitest';
import { RetryableError } from '../../../shared/kernel/errors.ts';
import { DEPLOYED_ENVIRONMENT } from '../../../rehearsal/drill.ts';
import { locate, observe } from '../../recycle-instances/aws.ts';
import { decide } from '../../recycle-instances/decide.ts';
import { executions, fleet, held, LIMITS, outcomes, recycle, recycler, TICK, TICKING } from './recycling.ts';
import { judge, lightUp, stoppedEvent, useToys } from './toy-runbook.ts';

const toy = useToys();

describe('a lease lost inside a step', () => {
  it('is known to every replay: the run goes on, in the same order of steps', async () => {
    let isFirst = true;
    const handler = recycler({
      verify: async (target, _plan, _request, io) => {
        if (target.endsWith('i-0a1')) await io.sleep(20_000);
        return { ok: true };
      },
    });
    const end = await recycle(handler, {}, ({ ledger }) => {
      const { renew } = ledger;
      Object.assign(ledger, {
        renew: async (...how: Parameters<typeof renew>) => {
          if (!isFirst || !how[0].resource.endsWith('i-0a1')) return renew(...how);
          isFirst = false;
          return false;
        },
      });
    });
    expect(executions(end)).toEqual(['SUCCEEDED 2']);
    expect(outcomes(end)).toEqual(['i-0a1 done', 'i-0b2 done']);
    expect(held(end)).toEqual([]);
    expect(end.deadLetters).toEqual([]);
  });
});

describe('looks that fail', () => {
  function flaky(fails: (poll: number) => boolean) {
    let polls = 0;
    return recycler({
      locate: async (request, io) => (await locate(request, io)).slice(0, 1),
      observe: (target, request, io) => {
        polls += 1;
        return fails(polls) ? Promise.reject(new RetryableError('Rate exceeded')) : observe(target, request, io);
      },
      decide: () => ({ kind: 'wait', seconds: 60, code: 'snapshot', because: 'it is pending', evidence: {} }),
    });
  }

  it('are made good by looks that do not: a wait whose every second look is throttled lasts as long as it may', async () => {
    const end = await recycle(flaky((poll) => poll % 2 === 0));
    expect(end.results).toMatchObject([
      { result: { outcome: 'failed', reason: 'waited-too-long: snapshot: it is pending; gave up after 3600 s' } },
    ]);
  });
  it('end a run that fails eight times in a row', async () => {
    const end = await recycle(flaky((poll) => poll > 3));
    expect(end.results[0]?.result.reason).toBe('retryable-error: Rate exceeded');
    const waits = end.executions[0]?.operations.filter(({ Name }) => Name?.startsWith('wait:'));
    expect(waits).toHaveLength(3);
  });
  it('end a run that fails more often than not, although never for long', async () => {
    const end = await recycle(flaky((poll) => poll % 3 !== 0));
    expect(end.results[0]?.result.reason).toBe('retryable-error: Rate exceeded');
    const waits = end.executions[0]?.operations.filter(({ Name }) => Name?.startsWith('wait:')).length ?? 0;
    // Three times the limit is 24: each round of two failures and one good look is one nearer to it.
    expect(waits).toBe(22);
  });
  it('of which each is followed by a stage that is reached do not add up', async () => {
    let calls = 0;
    const lamp = toy((account) => ({
      decide: (facts) => (facts.lit ? judge(facts) : lightUp(undefined, { more: true })),
      apply: {
        'toy:Light': () => {
          calls += 1;
          if (calls % 2 === 1) return Promise.reject(new RetryableError('not now'));
          account.lit = calls === 8;
          return Promise.resolve(null);
        },
      },
    }));
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'done' }]);
    expect(calls).toBe(8);
  });
});

describe('more targets than an execution has operations for', () => {
  const limits = { ...LIMITS, maxTargets: 1_000 };

  it.each([180, 1_000])(
    '%i that all act: as many as there is room for are served, the others are named',
    async (count) => {
      const end = await recycle(recycler({ limits }), { world: fleet(count), environment: DEPLOYED_ENVIRONMENT });
      expect(executions(end)).toEqual([`SUCCEEDED ${count}`]);
      expect(end.executions[0]?.operations.length).toBeLessThan(3_000);
      const ends = new Map<string, number>();
      for (const { result } of end.results) {
        const key = `${result.outcome} ${result.outcome === 'waiting' ? result.reason.split(':')[0] : ''}`;
        ends.set(key, (ends.get(key) ?? 0) + 1);
      }
      const done = ends.get('done ') ?? 0;
      expect(done).toBeGreaterThanOrEqual(50);
      expect(Object.fromEntries(ends)).toEqual({ 'done ': done, 'waiting left-for-the-next-run': count - done });
      expect(held(end)).toEqual([]);
      const summary = end.ledger.records.find(({ target }) => target === '');
      expect(summary?.body).toMatchObject({ outcome: 'waiting', evidence: { count: count - done } });
      expect(end.lines.filter((line) => line.includes('"Attention":1') && !line.includes('"Target"'))).toHaveLength(1);
    },
    120_000,
  );

  it('the next ticks go on with those that were left, and none is forgotten', async () => {
    const ticks = [0, 1, 2].map((index) => ({
      event: { ...TICK, id: `tick-${index}`, time: `2026-11-22T08:0${index * 4}:00Z` },
      afterMs: index * 240_000,
    }));
    const end = await recycle(recycler({ limits, triggers: TICKING }), { world: fleet(120), events: ticks });
    const done = new Set(end.results.flatMap(({ result }) => (result.outcome === 'done' ? [result.target] : [])));
    expect(done.size).toBe(120);
  }, 120_000);

  it('1,000 of which one acts: all are looked after', async () => {
    const handler = recycler({
      limits,
      decide: (facts, ...rest) =>
        facts.instanceId.endsWith('777')
          ? decide(facts, ...rest)
          : { kind: 'nothing', code: 'well', because: 'it is well', evidence: {} },
    });
    const end = await recycle(handler, { world: fleet(1_000) });
    expect(executions(end)).toEqual(['SUCCEEDED 1000']);
    expect(outcomes(end).filter((line) => line.endsWith(' nothing'))).toHaveLength(999);
    expect(outcomes(end).filter((line) => !line.endsWith(' nothing'))).toEqual(['i-00000000000000777 done']);
  }, 120_000);
});

describe('a target whose operations are used up', () => {
  it('waits for the next run with its intent kept and uncharged, and that run finishes it', async () => {
    // One target of many that all wait long: their shares are small.
    const handler = recycler({
      triggers: TICKING,
      limits: { ...LIMITS, maxTargets: 50, maxWaitSeconds: 100_000 },
      decide: (facts, limits, now) => {
        const decision = decide(facts, limits, now);
        return decision.kind === 'wait' ? { ...decision, seconds: 3 } : decision;
      },
    });
    const ticks = [0, 300_000].map((afterMs, index) => ({
      event: { ...TICK, id: `tick-${index}`, time: `2026-11-22T08:0${index * 5}:00Z` },
      afterMs,
    }));
    const end = await recycle(handler, { world: fleet(50), events: ticks, environment: DEPLOYED_ENVIRONMENT });
    const waiting = end.results.filter(({ result }) => result.reason.startsWith('operations-used-up'));
    expect(waiting.length).toBeGreaterThan(0);
    expect(end.executions.every(({ status }) => status === 'SUCCEEDED')).toBe(true);
    const done = new Set(end.results.flatMap(({ result }) => (result.outcome === 'done' ? [result.target] : [])));
    expect(done.size).toBe(50);
    for (const { history } of end.ledger.resources) expect(history.actions).toHaveLength(1);
  }, 120_000);
});

describe('bytes', () => {
  it('bound a step of the durable host, in UTF-8', async () => {
    const handler = recycler({
      observe: async (...how) => ({ ...(await observe(...how)), stage: '名'.repeat(90_000) }),
    });
    const end = await recycle(handler, { world: fleet(1) });
    expect(end.results[0]?.result.reason).toMatch(
      /^terminal-error: observe:0: result of 270\d\d\d bytes is over the 250000/u,
    );
  });
  it('do not bound the plain host, which keeps no checkpoint', async () => {
    const lamp = toy(() => ({
      locate: () => Promise.resolve([{ target: 'a', facts: { lit: true, text: 'x'.repeat(400_000) } }]),
    }));
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'nothing' }]);
  });
  it('of facts that do not fit into the step of locate have them read again, each by its own run', async () => {
    const handler = recycler({
      locate: async (request, io) => {
        const located = await locate(request, io);
        const facts = {
          instanceId: 'i-0',
          state: 'running',
          ticket: 'T-7',
          stage: `T-7:recycled${' '.repeat(60_000)}`,
          flaw: '',
        };
        return located.map((each) => ({ ...each, facts }));
      },
      decide: (facts) => ({
        kind: 'nothing',
        code: facts.stage.length > 100 ? 'located' : 'observed',
        because: '',
        evidence: {},
      }),
    });
    const end = await recycle(handler, { world: fleet(6) });
    expect(end.results.map(({ result }) => result.reason).toSorted()).toEqual([
      'located: ',
      'located: ',
      'located: ',
      'located: ',
      'observed: ',
      'observed: ',
    ]);
  });
  it('of a ledger that thousands of resources have filled make it no less readable', async () => {
    const history = { epoch: 3, actions: ['2026-11-01T08:00:00.000Z', '2026-11-01T07:00:00.000Z'], memory: {} };
    const resources = Array.from({ length: 5_000 }, (_, index) => ({
      resource: `arn:aws:ec2:eu-west-1:111122223333:instance/i-0f${String(index).padStart(15, '0')}`,
      runbook: 'recycle-instances',
      history,
    }));
    const end = await recycle(recycler(), { world: { ...fleet(2), ledger: { resources } } });
    expect(outcomes(end)).toEqual(['i-0a1 done', 'i-0b2 done']);
    expect(end.lines.filter((line) => line.includes('"LedgerLost":1'))).toEqual([]);
  });
  it('of histories that do not fit into one step are read in several', async () => {
    const world = fleet(40);
    const resources = Array.from({ length: 40 }, (_, index) => ({
      resource: `arn:aws:ec2:eu-west-1:111122223333:instance/i-0${String(index).padStart(16, '0')}`,
      runbook: 'recycle-instances',
      history: { epoch: 1, actions: [], memory: { long: 'x'.repeat(20_000), index: String(index) } },
    }));
    const seen = new Set<string>();
    const handler = recycler({
      limits: { ...LIMITS, maxTargets: 50 },
      decide: ({ history }) => {
        if (typeof history === 'object') seen.add(history.memory['index'] ?? '');
        return { kind: 'nothing', code: 'seen', because: '', evidence: {} };
      },
    });
    const end = await recycle(handler, { world: { ...world, ledger: { resources } } });
    expect(outcomes(end)).toHaveLength(40);
    expect(seen.size).toBe(40);
    const names = end.executions[0]?.operations.map(({ Name }) => Name).filter((name) => name?.startsWith('resources'));
    expect(names).toEqual(['resources', 'resources:1', 'resources:2', 'resources:3']);
  });
});
