/** What a tick says of itself and of dead runs, and how lines and metrics are written. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { surroundWith } from '../../../../shared/aws/clients.ts';
import type { LeaseRequest, Ledger, ResourceState } from '../../../../shared/kernel/ledger/ledger.ts';
import { emitMetrics, log, logOutcome } from '../../../../shared/kernel/report/telemetry.ts';
import { watch, type Watch } from '../../../../shared/kernel/report/watchdog.ts';
import { memoryLedger } from '../../../../simulator/engine/ledger.ts';
import { hostOf, NOW } from '../run/parts.ts';

let lines: { readonly [key: string]: unknown }[] = [];
let restore = (): void => undefined;

beforeEach(() => {
  vi.useFakeTimers({ now: new Date(NOW), toFake: ['Date'] });
  lines = [];
  restore = surroundWith({
    write: (line) => {
      const parsed: unknown = JSON.parse(line);
      if (typeof parsed === 'object') lines.push({ ...parsed });
    },
  });
});
afterEach(() => {
  restore();
  vi.unstubAllEnvs();
  vi.useRealTimers();
});

const EMPTY = { epoch: 0, actions: [], memory: {} };

function state(resource: string, change: Partial<ResourceState> = {}): ResourceState {
  return { resource, runbook: 'light-lamps', history: EMPTY, ...change };
}

const DEAD = { owner: 'dead', until: '2026-11-22T07:59:59.999Z' };

async function tick(states: readonly ResourceState[], change: Partial<Watch> = {}) {
  const [asked, released, kept]: [LeaseRequest[], string[], string[]] = [[], [], []];
  const ledger: Ledger = {
    ...memoryLedger(),
    acquire: (request) => {
      asked.push(request);
      const { resource, owner, until } = request;
      const lease = { resource, owner, until, epoch: 2 };
      return Promise.resolve(
        resource === 'taken'
          ? { granted: false, why: 'leased', detail: '', history: EMPTY }
          : { granted: true, lease, history: EMPTY, resumed: false },
      );
    },
    release: ({ lease, intent }) => Promise.resolve(released.push(`${lease.resource} ${intent}`) > 0),
    remember: (resource, runbook, values) =>
      Promise.resolve(void kept.push(`${resource} ${runbook} ${JSON.stringify(values)}`)),
  };
  const host = hostOf('plain');
  await watch({
    host,
    ledger,
    runbook: 'light-lamps',
    located: ['lamp'],
    resources: new Map(states.map((each) => [each.resource, each])),
    dryRun: false,
    ...change,
  });
  const counted = lines.flatMap(({ _aws, Stack: _stack, Runbook: _runbook, ...rest }) =>
    _aws === undefined ? [] : [rest],
  );
  return { host, asked, released, kept, counted, named: lines.filter(({ message }) => message === 'lease expired') };
}

describe('a tick', () => {
  it('says that it is alive, whatever it finds', async () => {
    const { counted, host } = await tick([]);
    expect(counted).toEqual([{ Heartbeat: 1 }]);
    expect(host.begun).toEqual(['watchdog']);
    expect((await tick([], { resources: undefined })).counted.at(-1)).toEqual({ Heartbeat: 1 });
    expect((await tick([], { resources: 'lost' })).counted.at(-1)).toEqual({
      Heartbeat: 1,
      LedgerLost: 1,
      Page: 1,
    });
  });
  it('names each lease of its own runbook that ran out, and hands back those that nobody else will', async () => {
    const { counted, named, asked, released } = await tick([
      state('lamp', DEAD),
      state('gone', DEAD),
      state('taken', DEAD),
      state('theirs', { ...DEAD, runbook: 'another' }),
      state('alive', { owner: 'x', until: NOW }),
      state('free', { until: DEAD.until }),
    ]);
    expect(counted).toEqual([{ Heartbeat: 1, LeaseExpired: 3, Look: 1 }]);
    expect(named).toEqual(
      ['lamp', 'gone', 'taken'].map((target) => ({
        level: 'WARN',
        message: 'lease expired',
        at: NOW,
        runbook: 'light-lamps',
        target,
        ...DEAD,
        orphaned: target !== 'lamp',
      })),
    );
    expect(asked).toEqual(
      ['gone', 'taken'].map((resource) => ({
        resource,
        runbook: 'light-lamps',
        owner: `run-1|${resource}`,
        now: NOW,
        until: '2026-11-22T08:00:30.000Z',
      })),
    );
    expect(released).toEqual(['gone settle']);
  });
  it('keeps what was announced about them: a look of its own tells how it ended', async () => {
    const pending = { intent: 'lamp lit', at: '2026-11-22T07:58:00.000Z', note: {} };
    const { released } = await tick([state('gone', { ...DEAD, history: { ...EMPTY, pending } })]);
    expect(released).toEqual(['gone keep']);
  });
  it('leaves a durable run that is merely late alone for five minutes', async () => {
    const late = (until: string) => tick([state('gone', { owner: 'x', until })], { host: hostOf('durable') });
    expect((await late('2026-11-22T07:55:00.000Z')).asked).toHaveLength(0);
    expect((await late('2026-11-22T07:54:59.999Z')).asked).toHaveLength(1);
  });
  it('keeps what it looks after from expiring, once that is near', async () => {
    const expiring = (expiresAt: string, change: Partial<Watch> = {}) => tick([state('lamp', { expiresAt })], change);
    expect((await expiring('2027-06-10T07:59:59.999Z')).kept).toEqual(['lamp light-lamps {}']);
    expect((await expiring('2027-06-10T08:00:00.000Z')).kept).toEqual([]);
    expect((await expiring('2026-12-01T00:00:00.000Z', { located: ['other'] })).kept).toEqual([]);
    expect((await expiring('2026-12-01T00:00:00.000Z', { dryRun: true })).kept).toEqual([]);
    expect((await tick([state('lamp')])).kept).toEqual([]);
  });
  it('that is a dry run only says what it sees', async () => {
    const { named, asked, released } = await tick([state('gone', DEAD)], { dryRun: true });
    expect([named.length, asked, released]).toEqual([1, [], []]);
  });
});

describe('a line', () => {
  it('has its level, its time and what it tells', () => {
    log('WARN', 'careful', { a: 1 });
    const result = { runbook: 'r', run: 'x', outcome: 'done', reason: '', evidence: {}, plan: [], phases: [] } as const;
    logOutcome('INFO', result);
    expect(lines).toEqual([
      { level: 'WARN', message: 'careful', at: NOW, a: 1 },
      { level: 'INFO', message: 'outcome', at: NOW, result },
    ]);
  });
  it('that is too long loses what is longest, and says so', () => {
    log('WARN', 'careful', { evidence: { long: 'x'.repeat(250_000) }, run: 'x' });
    const evidence = { long: `${'x'.repeat(199_788)}… (50212 bytes more)` };
    expect(lines).toEqual([{ level: 'WARN', message: 'careful', at: NOW, run: 'x', evidence }]);
  });
  const directive = (Dimensions: string[], names: string[]) => ({
    Namespace: 'Runbook',
    Dimensions: [Dimensions],
    Metrics: names.map((Name) => ({ Name, Unit: 'Count' })),
  });
  it('of metrics counts what happened, by stack and runbook; a target is named and costs no metric', () => {
    vi.stubEnv('RUNBOOK_STACK', 'ours-prod');
    emitMetrics({ runbook: 'light-lamps', gauges: { Lit: 0 }, counters: { Done: 1, Refused: 0 }, target: 'lamp' });
    expect(lines).toEqual([
      {
        _aws: {
          Timestamp: Date.parse(NOW),
          CloudWatchMetrics: [directive(['Stack', 'Runbook'], ['Lit', 'Done'])],
        },
        Stack: 'ours-prod',
        Runbook: 'light-lamps',
        Target: 'lamp',
        Lit: 0,
        Done: 1,
      },
    ]);
  });
  it('of metrics is none where nothing happened', () => {
    emitMetrics({ runbook: 'light-lamps', counters: { Failed: 0 } });
    expect(lines).toEqual([]);
  });
  it.each([
    [{ Failed: 1, Attention: 1 }, { Page: 1 }],
    [{ LedgerLost: 2 }, { Page: 1 }],
    [{ OutcomeNotPublished: 1 }, { Page: 1 }],
    [{ Refused: 1, Attention: 1 }, { Look: 1 }],
    [{ BadInput: 1 }, { Look: 1 }],
    [{ LeaseExpired: 3 }, { Look: 1 }],
    [{ Refused: 1 }, {}],
    [{ Done: 1, Failed: 0 }, {}],
  ])('of %j raises %j for the whole stack, the graver of the two', (counters, raised) => {
    emitMetrics({ runbook: 'light-lamps', counters });
    const directives = Object.keys(raised).length === 0 ? [] : [directive(['Stack'], Object.keys(raised))];
    expect(lines).toMatchObject([
      { _aws: { CloudWatchMetrics: [{ Dimensions: [['Stack', 'Runbook']] }, ...directives] }, ...raised },
    ]);
    expect(lines[0]).not.toHaveProperty('Page' in raised ? 'Look' : 'Page');
  });
});
