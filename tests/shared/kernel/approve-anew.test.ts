/** A plain run asks and ends; another one, which is told whose word to look for, acts by it, once. */

import { describe, expect, it } from 'vitest';
import { plain } from '../../../shared/kernel/hosts/plain-host.ts';
import type { ApprovalRow } from '../../../shared/kernel/ledger/ledger.ts';
import type { FaultPlan } from '../../../simulator/engine/run-types.ts';
import type { Controls, SimulationEnd } from '../../../simulator/engine/simulation.ts';
import { SHARE } from '../../share.ts';
import { fleet, held, recycle, recycler, TICK, TICKING, type How } from './recycling.ts';
import { instances } from './small-run.ts';

const TARGET = 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1';
const HASH = '85c3a218274b2df45e600beaa9d98786';
const REQUEST = { runbook: 'recycle-instances', params: { ticket: 'T-7' }, requestedBy: 'kim' };
const ASKING = { OUTCOME_BUS: 'default', RUNBOOK_APPROVAL: 'always', RUNBOOK_APPROVAL_SECONDS: '600' };
const YES: ApprovalRow = {
  verdict: 'approve',
  at: '2026-11-22T08:00:30.000Z',
  by: 'kim',
  reason: '',
  until: '2026-11-22T08:10:00.000Z',
};
const asks = { event: REQUEST, afterMs: 0, runbook: 'recycle-instances', name: 'ask-1' };

function hinted(afterMs: number, name: string, more: object = {}) {
  const approval = { person: 'kim', run: 'ask-1', target: TARGET, planHash: HASH, ...more };
  return { event: { ...REQUEST, approval }, afterMs, runbook: 'recycle-instances', name };
}

const tick = (afterMs: number) => ({ event: TICK, afterMs, name: `tick-${afterMs}` });

interface Scene {
  readonly events: How['events'];
  readonly row?: ApprovalRow | null;
  readonly faults?: Partial<FaultPlan>;
  readonly prepare?: (controls: Controls) => void;
  readonly world?: object;
}

const runbook = recycler({ host: plain, triggers: TICKING });

function play({ events = [], row = YES, faults = {}, prepare, world = fleet(1) }: Scene): Promise<SimulationEnd> {
  const how = { events, world, environment: ASKING, faults, runForMs: 900_000 };
  return recycle(runbook, how, (controls) => {
    if (row !== null)
      void controls.ledger.approve({ person: 'kim', run: 'ask-1', target: TARGET, planHash: HASH }, row);
    prepare?.(controls);
  });
}

const told = ({ results }: SimulationEnd): readonly string[] =>
  results.map(({ result: { run, outcome, reason } }) => `${run} ${outcome} ${reason}`);

const changes = ({ requests }: SimulationEnd): readonly string[] =>
  requests.filter(({ call, kind }) => kind === 'write' && call.startsWith('ec2:')).map(({ call }) => call);

const questions = ({ world }: SimulationEnd): readonly object[] =>
  world.records('eventbridge', 'Entries').flatMap(({ Detail }) => {
    const detail: unknown = JSON.parse(String(Detail));
    const asked: unknown = typeof detail === 'object' && detail !== null && Reflect.get(detail, 'approval');
    return typeof asked === 'object' && asked !== null ? [asked] : [];
  });

const stops = (end: SimulationEnd): number => changes(end).filter((call) => call === 'ec2:StopInstances').length;

/** The account comes back to what it was when somebody asked. */
const AS_BEFORE = [{ after: 'PT12M', set: { 'ec2/Instances/i-0a1/Tags': [{ Key: 'recycle', Value: 'yes' }] } }];

const RECYCLED = ['i-0a1 running T-7:recycled'];
const UNCHANGED = ['i-0a1 running -'];

describe('a plain run whose plan a person has to approve', () => {
  it('ends with the question, has done and booked nothing, and holds nothing', async () => {
    const end = await play({ events: [asks] });
    expect(told(end)[0]).toBe('ask-1 awaiting-approval stop: waits 600 s for a person: stop i-0a1');
    expect(end.ledger.records.find(({ run }) => run === 'ask-1')?.body).toMatchObject({
      outcome: 'awaiting-approval',
      plan: [{ call: 'ec2:CreateTags' }, { call: 'ec2:StopInstances' }],
      approval: { planHash: HASH, expiresInSeconds: 600 },
    });
    expect(end.ledger.resources).toMatchObject([{ history: { epoch: 0, actions: [] } }]);
    expect({ held: held(end), changes: changes(end) }).toEqual({ held: [], changes: [] });
  });

  it('asks once until the time for an answer is over, and whoever asks for it finds it on record', async () => {
    const end = await play({ events: [asks, tick(60_000), { ...asks, afterMs: 120_000, name: 'ask-2' }] });
    expect(told(end)).toHaveLength(6);
    expect(questions(end)).toEqual([
      { planHash: HASH, expiresInSeconds: 600 },
      { planHash: HASH, expiresInSeconds: 600 },
    ]);
    const told2 = end.ledger.records.map(({ run, at }) => [run.slice(0, 5), at.slice(11, 16)]);
    expect(told2).toEqual([
      ['ask-1', '08:00'],
      ['ask-2', '08:02'],
      [expect.any(String), '08:15'],
    ]);
  });

  it('is carried out by a run that is told whose word to look for, with all its stages', async () => {
    const end = await play({ events: [asks, hinted(60_000, 'act-1')] });
    expect(told(end).slice(0, 2)).toEqual([
      expect.stringContaining('ask-1 awaiting-approval'),
      expect.stringContaining('act-1 waiting'),
    ]);
    expect(told(end).filter((line) => line.includes(' done '))).toHaveLength(1);
    expect({ instances: instances(end), stops: stops(end) }).toEqual({ instances: RECYCLED, stops: 1 });
    expect(questions(end)).toHaveLength(1);
    const done = end.results.find(({ result }) => result.outcome === 'done');
    expect(done?.result.evidence).toMatchObject({ approvedBy: 'kim' });
  });

  it.each<readonly [string, string, Partial<ApprovalRow> | null, object, number]>([
    ['missing', 'not-approved: the ledger has no word on it by kim', null, {}, 60_000],
    ['another’s', 'not-approved: the ledger has no word on it by mara', {}, { person: 'mara' }, 60_000],
    ['of another run', 'not-approved: the ledger has no word on it by kim', {}, { run: 'ask-0' }, 60_000],
    ['a no', 'not-approved: kim said no: later', { verdict: 'reject', reason: 'later' }, {}, 60_000],
    ['late', 'not-approved: what kim said counted until 2026-11-22T08:10:00.000Z', {}, {}, 601_000],
    ['without a time', 'not-approved: what kim said counted until soon', { until: 'soon' }, {}, 60_000],
    ['of another plan', 'drifted: what was approved is no longer what would be done', {}, { planHash: 'f00d' }, 60_000],
  ])('is refused where the word is %s', async (_which, why, row, more, afterMs) => {
    const events = [asks, hinted(afterMs, 'act-1', more)];
    const end = await play({ events, row: row === null ? null : { ...YES, ...row } });
    expect(told(end).find((line) => line.startsWith('act-1'))).toContain(`act-1 refused ${why}`);
    expect({ instances: instances(end), changes: changes(end) }).toEqual({ instances: UNCHANGED, changes: [] });
    // What a person was asked is still asked: no word on it makes it news.
    expect(questions(end)).toHaveLength(2);
  });

  it('asks about a target that the word is not of', async () => {
    const end = await play({ events: [asks, hinted(60_000, 'act-1', { target: 'arn:of-another' })] });
    expect(told(end)[1]).toContain('act-1 awaiting-approval');
    expect(changes(end)).toEqual([]);
  });

  it('changes nothing while the ledger does not answer', async () => {
    const end = await play({ events: [asks, hinted(60_000, 'act-1')], faults: { ledgerLost: true } });
    expect(told(end)).toContainEqual(expect.stringContaining('act-1 refused ledger-lost'));
    expect(changes(end)).toEqual([]);
  });
});

describe('a word', () => {
  it('is used up by what is done, also where the account comes back to what it was', async () => {
    const untilLater = { ...YES, until: '2026-11-22T09:00:00.000Z' };
    const events = [asks, hinted(60_000, 'act-1'), hinted(730_000, 'act-2')];
    const end = await play({ events, row: untilLater, world: { ...fleet(1), script: AS_BEFORE } });
    expect(told(end).find((line) => line.startsWith('act-2'))).toBe(
      'act-2 refused not-approved: kim said yes, and it was acted on already, or what was asked for later was',
    );
    expect({ instances: instances(end), stops: stops(end) }).toEqual({ instances: UNCHANGED, stops: 1 });
    // The next tick asks again.
    expect(told(end).at(-1)).toContain('awaiting-approval');
  });

  it('is used up once by two that come together', async () => {
    const events = [asks, hinted(60_000, 'act-1'), hinted(60_000, 'act-2'), hinted(60_000, 'act-3')];
    const end = await play({ events });
    expect({ instances: instances(end), stops: stops(end) }).toEqual({ instances: RECYCLED, stops: 1 });
    expect(end.ledger.resources[0]?.history.actions).toHaveLength(1);
  });

  it('is left where nothing was done by it', async () => {
    const events = [asks, hinted(60_000, 'act-1'), hinted(90_000, 'act-2')];
    const calm = await play({ events: events.slice(0, 2) });
    const first = calm.requests.find(({ call, kind }) => kind === 'write' && call.startsWith('ec2:'))?.index ?? -1;
    const end = await play({ events, faults: { points: [{ request: first, kind: 'refused' }] } });
    expect(told(end)[1]).toContain('act-1 failed');
    expect(told(end)[2]).toContain('act-2 waiting');
    expect({ instances: instances(end), stops: stops(end) }).toEqual({ instances: RECYCLED, stops: 1 });
  });

  it.each(['died-before', 'died-after', 'reply-lost', 'throttled', 'failed-before'] as const)(
    'is enough to finish what was begun by it: %s at each request',
    async (kind) => {
      const events = [asks, hinted(60_000, 'act-1')];
      const calm = await play({ events });
      const wrong: string[] = [];
      for (const { index, call, runbook: of } of calm.requests) {
        if (of === undefined || index % SHARE !== 0) continue;
        const end = await play({ events, faults: { points: [{ request: index, kind }] } });
        const state = JSON.stringify([instances(end), held(end), end.error?.message]);
        if (state !== JSON.stringify([RECYCLED, [], undefined])) wrong.push(`${index} ${call}: ${state}`);
      }
      expect(wrong).toEqual([]);
    },
  );
});
