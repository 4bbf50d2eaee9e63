import { describe, expect, it } from 'vitest';
import { decide, type ChangesFacts, type Facts, type WindowFacts } from '../../../functions/receive-requests/decide.ts';

const WINDOW = {
  name: 'flush-caches_site_w_0123456789abcdef0123',
  bucket: 'site',
  from: '2026-11-30T09:00:00.000Z',
  to: '2026-11-30T09:01:00.000Z',
};
const START = {
  FunctionName: 'runbook-flush-caches:durable',
  DurableExecutionName: WINDOW.name,
  Payload: { collected: WINDOW.name },
};
const CHANGE = ['a.html', '2026-11-30T08:59:58.120Z'] as const;
const EXPIRES = '2026-12-03T09:01:00.000Z';

function changes(more: Partial<ChangesFacts> = {}): ChangesFacts {
  return {
    kind: 'changes',
    history: 'unread',
    bucket: 'site',
    run: 'm-1',
    window: WINDOW,
    isBegun: false,
    portions: [{ key: 'p1', changes: [CHANGE], writtenBy: null }],
    start: START,
    passed: [],
    ...more,
  };
}

const calls = (facts: Facts): readonly string[] => {
  const decision = decide(facts);
  return decision.kind === 'act'
    ? decision.plan.map(({ call, input: { key = '' } }) => `${call} ${typeof key === 'string' ? key : ''}`)
    : [];
};

describe('changes', () => {
  it('are written down, with their window, before anybody is started', () => {
    const decision = decide(changes());
    expect(decision).toMatchObject({ kind: 'act', code: 'collecting', more: true, budget: 'free' });
    expect(decision.kind === 'act' && decision.plan.map(({ input }) => input)).toEqual([
      {
        partition: 'flush-window',
        key: WINDOW.name,
        ifVersion: 0,
        value: { bucket: 'site', from: WINDOW.from, to: WINDOW.to },
        expiresAt: EXPIRES,
      },
      {
        partition: 'flush-keys',
        key: `${WINDOW.name}/p1`,
        ifVersion: 0,
        value: { changes: [CHANGE], run: 'm-1' },
        expiresAt: EXPIRES,
      },
    ]);
  });

  it('are added to a window that there is', () => {
    expect(calls(changes({ isBegun: true }))).toEqual([`ledger:write ${WINDOW.name}/p1`]);
    const portions = [
      { key: 'p1', changes: [CHANGE], writtenBy: 'm-0' },
      { key: 'p2', changes: [CHANGE], writtenBy: null },
    ];
    expect(calls(changes({ isBegun: true, portions }))).toEqual([`ledger:write ${WINDOW.name}/p2`]);
  });

  it('have their window flushed when all is there, by its name and nothing else', () => {
    const portions = [{ key: 'p1', changes: [CHANGE], writtenBy: 'm-1' }];
    const decision = decide(changes({ isBegun: true, portions, passed: ['earlier'] }));
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'collected',
      plan: [{ call: 'lambda:Invoke', input: START }],
      untold: [{ call: 'ledger:write', input: { key: `${WINDOW.name}/p1` } }],
      metrics: { ChangesCollected: 1 },
      evidence: { passed: ['earlier'], changes: 1 },
    });
    expect(decision.kind === 'act' && decision.more).toBeUndefined();
  });

  it('that somebody else has written are not told as our own', () => {
    const portions = [{ key: 'p1', changes: [CHANGE], writtenBy: 'm-0' }];
    expect(decide(changes({ isBegun: true, portions }))).toMatchObject({ untold: [] });
  });
});

describe('a request', () => {
  it('starts its runbook, with nothing of its own added', () => {
    const start = {
      FunctionName: 'runbook-flush-caches:durable',
      DurableExecutionName: 'flush-caches_site_0123456789abcdef0123',
      Payload: { runbook: 'flush-caches', target: 'site', params: {}, requestedBy: 'kim' },
    };
    expect(decide({ kind: 'start', history: 'unread', start })).toMatchObject({
      kind: 'act',
      code: 'started',
      because: 'flush-caches of site is started for kim',
      plan: [{ call: 'lambda:Invoke', input: start }],
    });
  });
});

describe('a window that is left', () => {
  const row = { ...WINDOW, sealedAt: null, givenUpBy: null, triedBy: null, version: 2 };
  const left = (more: Partial<WindowFacts> = {}): WindowFacts => ({
    kind: 'window',
    history: 'unread',
    run: 'r-1',
    row,
    start: START,
    attempt: 1,
    isStarted: false,
    ...more,
  });

  it('is tried again, and says why', () => {
    expect(decide(left())).toMatchObject({
      kind: 'act',
      code: 'tried-again',
      plan: [{ call: 'ledger:write', input: { ifVersion: 2, value: { triedBy: 'r-1' } } }, { call: 'lambda:Invoke' }],
    });
    const marked = left({ row: { ...row, triedBy: 'r-1' } });
    expect(calls(marked)).toEqual(['lambda:Invoke ']);
    expect(decide({ ...marked, isStarted: true })).toMatchObject({
      kind: 'nothing',
      code: 'tried-again',
      untold: [{ call: 'lambda:Invoke' }],
    });
    expect(decide(left()).because).toContain('was never taken up');
    expect(decide(left({ attempt: 2 })).because).toContain('attempt 1 at what changed in site');
  });

  it('is given up after the last attempt, which is written down before it is told', () => {
    const over = left({ start: null, attempt: 4 });
    expect(decide(over)).toMatchObject({
      code: 'giving-up',
      more: true,
      plan: [{ input: { partition: 'flush-window', ifVersion: 2, value: { givenUpBy: 'r-1' } } }],
    });
    expect(decide({ ...over, row: { ...row, givenUpBy: 'r-1' } })).toMatchObject({
      kind: 'refuse',
      code: 'gave-up',
      attention: true,
    });
  });

  it('is none where somebody is at it by now', () => {
    expect(decide(left({ row: null, start: null }))).toMatchObject({ kind: 'nothing', code: 'none-left' });
  });
});
