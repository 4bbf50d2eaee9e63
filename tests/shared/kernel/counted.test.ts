/** What is counted: looks that fail, operations of an execution, bytes of a step. */

import { describe, expect, it } from 'vitest';
import { RetryableError } from '../../../shared/kernel/errors.ts';
import { locate, observe } from '../../recycle-instances/aws.ts';
import { LIMITS } from '../../recycle-instances/limits.ts';
import { executions, fleet, held, outcomes, recycle, recycler } from './recycling.ts';
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

describe('bytes', () => {
  it('bound a step of the durable host, in UTF-8', async () => {
    const handler = recycler({
      observe: async (target, request, io) => ({ ...(await observe(target, request, io)), stage: '名'.repeat(90_000) }),
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
