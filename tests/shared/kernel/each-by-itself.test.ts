/** One target never decides for another: whatever goes wrong with one ends as its own result, told, its lease handed back. */

import { describe, expect, it } from 'vitest';
import { classify, TerminalError } from '../../../shared/kernel/errors.ts';
import { durable } from '../../../shared/kernel/hosts/durable-host.ts';
import type { Host } from '../../../shared/kernel/hosts/host.ts';
import { plain } from '../../../shared/kernel/hosts/plain-host.ts';
import { conditionalWrite } from '../../../shared/kernel/run/conditional-write.ts';
import type { FaultKind } from '../../../simulator/engine/run-types.ts';
import { locate, observe } from '../../recycle-instances/aws.ts';
import { decide } from '../../recycle-instances/decide.ts';
import { executions, fleet, held, outcomes, recycle, recycler } from './recycling.ts';
import { judge, stoppedEvent, tick, useToys } from './toy-runbook.ts';

const toy = useToys();

describe('a decide that throws for one of two targets', () => {
  it('in the middle of a durable run fails that target, after its lease was taken, and no other', async () => {
    const handler = recycler({
      decide: (facts, limits, now) => {
        if (facts.instanceId === 'i-0b2' && facts.state === 'stopped') throw new TypeError('cannot read properties');
        return decide(facts, limits, now);
      },
    });
    const end = await recycle(handler);
    expect(outcomes(end)).toEqual(['i-0a1 done', 'i-0b2 failed']);
    expect(end.results.find(({ result }) => result.outcome === 'failed')?.result.reason).toBe(
      'cannot-decide: TypeError: cannot read properties',
    );
    expect(held(end)).toEqual([]);
    expect(
      end.ledger.records.map(({ target }) => target.split('/')[1] ?? '').toSorted((a, b) => a.localeCompare(b)),
    ).toEqual(['i-0a1', 'i-0b2']);
    expect(end.deadLetters).toHaveLength(1);
  });

  it('on the plain host fails that target, and no other', async () => {
    const handler = recycler({
      host: plain,
      decide: (facts, limits, now) => {
        if (facts.instanceId === 'i-0b2') throw new TypeError('a bug');
        return decide(facts, limits, now);
      },
    });
    const end = await recycle(handler);
    expect(outcomes(end)).toContain('i-0b2 failed');
    expect(outcomes(end).filter((line) => line.startsWith('i-0a1'))).not.toContain('i-0a1 failed');
    expect(held(end)).toEqual([]);
  });

  it.each([
    ['with the history that came with the lease', 'object'],
    ['with the history that it asked for', 'asked'],
  ])('%s fails it, uncharged, and hands the lease back', async (_when, which) => {
    const lamp = toy(() => ({
      decide: (facts) => {
        if (typeof facts.history === 'object') throw new RangeError('history');
        const decision = judge(facts);
        return which === 'asked' ? { ...decision, needsHistory: true } : decision;
      },
    }));
    await expect(lamp.give(stoppedEvent())).rejects.toThrow('CannotDecide: RangeError: history');
    expect(lamp.sent).toEqual([]);
    for (const { owner, history } of lamp.ledger.dump().resources) {
      expect(owner).toBeUndefined();
      expect(history.actions).toEqual([]);
    }
  });

  it('at the door, for a target whose facts are there already, lets the others be served', async () => {
    const lamp = toy(() => ({
      locate: () => Promise.resolve(['a', 'b', 'c'].map((target) => ({ target, facts: { lit: target !== 'b' } }))),
      decide: (facts) => {
        if (!facts.lit) throw new Error('not a lamp');
        return judge(facts);
      },
    }));
    await expect(lamp.give(tick())).rejects.toThrow('CannotDecide: Error: not a lamp');
    expect(
      lamp
        .logged()
        .map(({ target, outcome }) => `${target} ${outcome}`)
        .toSorted(),
    ).toEqual(['a nothing', 'b failed', 'c nothing']);
  });
});

describe('a record that cannot be read', () => {
  const unreadable = classify(new TerminalError('NetworkBorderGroup is missing'));
  it('fails its own target where reading it again would not help', async () => {
    const lamp = toy(() => ({
      locate: () =>
        Promise.resolve([
          { target: 'a', facts: { lit: true } },
          { target: 'b', fault: unreadable },
        ]),
    }));
    await expect(lamp.give(tick())).rejects.toThrow('NetworkBorderGroup is missing');
    expect(lamp.logged()).toMatchObject([
      { target: 'a', outcome: 'nothing' },
      { target: 'b', outcome: 'failed', reason: 'terminal-error: NetworkBorderGroup is missing' },
    ]);
  });
  it('is looked at again where it may', async () => {
    let looks = 0;
    const lamp = toy(() => ({
      locate: () => Promise.resolve([{ target: 'b', fault: classify(new Error('a moment')) }]),
      observe: () => {
        looks += 1;
        return Promise.resolve({ lit: true });
      },
    }));
    expect(await lamp.give(tick())).toMatchObject([{ target: 'b', outcome: 'nothing' }]);
    expect(looks).toBe(1);
  });
  it('on the durable host too', async () => {
    const handler = recycler({
      locate: async (request, io) =>
        (await locate(request, io)).map((each) =>
          each.target.endsWith('i-0a1') ? { ...each, fault: unreadable } : each,
        ),
      observe: (target, request, io) =>
        target.endsWith('i-0a1') ? Promise.reject(new TerminalError('unreadable')) : observe(target, request, io),
    });
    const end = await recycle(handler);
    expect(outcomes(end)).toEqual(['i-0a1 failed', 'i-0b2 done']);
  });
});

describe('an approval that cannot be asked for', () => {
  const environment = { RUNBOOK_APPROVAL: 'always', RUNBOOK_APPROVAL_SECONDS: '600', OUTCOME_BUS: 'runbooks' };
  const CLEAN = ['i-0a1 refused', 'i-0b2 refused'];

  it.each<FaultKind>(['throttled', 'failed-before', 'reply-lost', 'throttled-for-a-minute'])(
    'because of %s is asked for again: as many results as targets',
    async (kind) => {
      const clean = await recycle(recycler(), { environment });
      expect(outcomes(clean)).toEqual(CLEAN);
      const asked = clean.requests.filter(({ call }) => call === 'events:PutEvents').slice(0, 2);
      expect(asked).toHaveLength(2);
      for (const { index } of asked) {
        const end = await recycle(recycler(), { environment, faults: { points: [{ request: index, kind }] } });
        expect(outcomes(end)).toEqual(CLEAN);
        expect(executions(end)).toEqual(['SUCCEEDED 2']);
      }
    },
    60_000,
  );

  it('for good fails its target, which is told, and holds nothing', async () => {
    const clean = await recycle(recycler(), { environment });
    const first = clean.requests.find(({ call }) => call === 'events:PutEvents')?.index ?? -1;
    const end = await recycle(recycler(), { environment, faults: { points: [{ request: first, kind: 'refused' }] } });
    const failed = end.results.filter(({ result }) => result.outcome === 'failed');
    expect(failed).toHaveLength(1);
    expect(outcomes(end)).toHaveLength(2);
    expect(end.results.map(({ result }) => result.outcome).toSorted()).toEqual(['failed', 'refused']);
    expect(held(end)).toEqual([]);
  });

  it('without leases fails each target by itself, with what to do', async () => {
    const written = recycler({ host: plain, safety: conditionalWrite });
    const end = await recycle(written, { environment, world: fleet(2) });
    expect(new Set(outcomes(end))).toEqual(new Set(['i-0a1 failed', 'i-0b2 failed']));
    expect(end.results[0]?.result.reason).toBe(
      'no-approval: nobody can approve of what this runbook does; is RUNBOOK_APPROVAL set?',
    );
  });
});

describe('a branch of a durable execution that throws', () => {
  it('is a result of its own, and the others have theirs', async () => {
    const branches = (_event: unknown, host: Host): Promise<unknown> =>
      host.each(
        'branches',
        [1, 2, 3].map((value) => ({ value, operations: 5 })),
        async (value, own) => {
          await own.step('work', () => Promise.resolve(null));
          if (value === 1) throw new RangeError('no branch');
          await own.wait('rest', 5);
          return value;
        },
        () => 0,
      );
    const handler = Object.assign(durable.wrap(branches), {
      runbook: recycler().runbook,
      direct: durable.wrap(branches),
    });
    const end = await recycle(handler);
    expect(end.executions.map(({ status }) => status)).toEqual(['SUCCEEDED']);
    expect(JSON.parse(end.executions[0]?.result ?? '')).toEqual([
      { ok: false, fault: { class: 'retryable', name: 'BranchFailed', message: 'no branch', effect: 'unknown' } },
      { ok: true, value: 2 },
      { ok: true, value: 3 },
    ]);
  });
});

describe('what nobody foresaw', () => {
  it('in a runbook’s way back keeps no outcome from being told', async () => {
    const lamp = toy(() => ({
      undoRequest: () => {
        throw new Error('no way back');
      },
    }));
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'done' }]);
    expect(lamp.ledger.dump().records).toHaveLength(1);
    expect(lamp.ledger.dump().resources[0]?.owner).toBeUndefined();
  });
});
