/** The door of a run: what goes no further, and how that is told. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { surroundWith } from '../../../../shared/aws/clients.ts';
import { BadInputError, fault } from '../../../../shared/kernel/errors.ts';
import type { RunRecord } from '../../../../shared/kernel/ledger/ledger.ts';
import {
  close,
  match,
  noTarget,
  noTrigger,
  refuseAll,
  reject,
  stopAtDoor,
  verdict,
} from '../../../../shared/kernel/run/door.ts';
import type { Delivery } from '../../../../shared/kernel/triggers/triggers.ts';
import { memoryLedger } from '../../../../simulator/engine/ledger.ts';
import { hostOf, NOW, runOf } from './parts.ts';

const LIMITS = { maxAgeSeconds: 900 };
const HERE = { account: '111122223333', region: 'eu-west-1' };
const TICK: Delivery = { kind: 'schedule', id: 'tick' };

describe('a delivery', () => {
  const stops = (change: Partial<Delivery>) =>
    stopAtDoor(Object.assign({ ...TICK }, change), hostOf('plain'), LIMITS, NOW);

  it('from here and of now goes on', () => {
    expect(stops({})).toBeUndefined();
    expect(stops({ ...HERE, at: NOW })).toBeUndefined();
  });
  it('that only tries a hook or a topic out ends there', () => {
    expect(noTrigger({ kind: 'test-notification', id: 't' }, 'light-lamps')).toEqual({
      outcome: 'nothing',
      code: 'test-notification',
      because: 'sent when a hook or a topic is set up; nothing happened',
    });
  });
  it('that no trigger knows is not ours', () => {
    expect(noTrigger(TICK, 'light-lamps')).toEqual({
      outcome: 'not-mine',
      code: 'no-trigger',
      because: 'light-lamps is not started by this',
    });
  });
  it('about another account or Region is not ours', () => {
    expect(stops({ account: '999900001111' })).toEqual({
      outcome: 'not-mine',
      code: 'foreign-account',
      because: 'the event is about account 999900001111',
    });
    expect(stops({ region: 'eu-west-2' })).toEqual({
      outcome: 'not-mine',
      code: 'foreign-region',
      because: 'the event is about region eu-west-2',
    });
  });
  it('is refused once it is older than the limit', () => {
    expect(stops({ at: '2026-11-22T07:45:00.000Z' })).toBeUndefined();
    expect(stops({ at: '2026-11-22T07:44:59.000Z' })).toEqual({
      outcome: 'refused',
      code: 'stale',
      because: 'the event is 901 s old, the limit is 900 s; the schedule looks at the present state',
    });
  });
  it('is refused from five minutes into the future on', () => {
    expect(stops({ at: '2026-11-22T08:05:00.000Z' })).toBeUndefined();
    expect(stops({ at: '2026-11-22T08:05:01.000Z' })).toEqual({
      outcome: 'refused',
      code: 'from-the-future',
      because: 'the event is dated 301 s from now',
    });
  });
  it('is taken by the first trigger that knows it', () => {
    const trigger = (name: string, knows: boolean) => ({
      name,
      reads: {},
      request: () => (knows ? { by: name } : undefined),
    });
    expect(match([trigger('a', false), trigger('b', true), trigger('c', true)], TICK)).toEqual({ by: 'b' });
    expect(match([trigger('a', false)], TICK)).toBeUndefined();
  });
  it('without a target is somebody’s mistake, nobody’s event, or a quiet account', () => {
    expect(noTarget(TICK)).toEqual({
      outcome: 'nothing',
      code: 'no-target',
      because: 'nothing in this account is tagged for this runbook',
    });
    const request = { kind: 'request', id: 'r', runbook: 'light-lamps', params: {}, dryRun: false } as const;
    expect(noTarget(request)).toEqual({
      outcome: 'refused',
      code: 'no-target',
      because: 'nothing that the request is about is tagged for this runbook',
    });
    expect(noTarget({ ...request, target: 'lamp/2' }).because).toBe(
      'lamp/2 names nothing that is tagged for this runbook',
    );
    expect(noTarget({ kind: 'instance-state', id: 'e', instanceId: 'i-1', state: 'stopped' })).toEqual({
      outcome: 'not-mine',
      code: 'no-target',
      because: 'the event is about nothing that is tagged for this runbook',
    });
  });
});

describe('a run that is closed at the door', () => {
  let lines: { readonly [key: string]: unknown }[] = [];
  let restore = (): void => undefined;
  beforeEach(() => {
    lines = [];
    restore = surroundWith({
      write: (line) => {
        const parsed: unknown = JSON.parse(line);
        if (typeof parsed === 'object') lines.push({ ...parsed });
      },
    });
  });
  afterEach(() => restore());

  const GATE = [{ name: 'gate', startedAt: NOW, endedAt: NOW }];
  const counts = () =>
    lines.flatMap(({ _aws, Stack: _stack, Runbook: _runbook, ...rest }) => (_aws === undefined ? [] : [rest]));

  function herald(records: RunRecord[] = [], delivery: Delivery = TICK) {
    const { config } = runOf({ config: { controlTable: 'control' } });
    const record = (entry: RunRecord) => Promise.resolve(void records.push(entry));
    return {
      definition: { name: 'light-lamps' },
      host: hostOf('plain'),
      config,
      delivery,
      ledger: { ...memoryLedger(), record },
    };
  }

  it('has one result, one line and its metrics', async () => {
    const doorkeeper = herald();
    const end = await close(doorkeeper, verdict('not-mine', 'x', 'y'), GATE);
    expect(end).toEqual({
      results: [
        {
          runbook: 'light-lamps',
          run: 'run-1',
          outcome: 'not-mine',
          reason: 'x: y',
          evidence: {},
          plan: [],
          phases: GATE,
        },
      ],
      failure: undefined,
    });
    expect(doorkeeper.host.begun).toEqual(['report']);
    expect(counts()).toEqual([{ NotMine: 1 }]);
    expect(lines.at(-1)).toMatchObject({ level: 'INFO', message: 'outcome', result: { reason: 'x: y' } });
    await close(doorkeeper, verdict('refused', 'x', 'y'), GATE);
    expect(counts().at(-1)).toEqual({ Refused: 1 });
  });
  it('because it cannot look is an error, and thrown by the caller', async () => {
    const why = fault('retryable', 'Throttling', 'slow down', 'none');
    expect((await close(herald(), verdict('failed', 'cannot-look', 'z'), GATE, why)).failure).toEqual(why);
    expect(counts()).toEqual([{ Failed: 1, Page: 1 }]);
    expect(lines.at(-1)).toMatchObject({ level: 'ERROR' });
  });
  it('is on record where a person has asked for it, and nowhere else', async () => {
    const asked: RunRecord[] = [];
    const request = { kind: 'request', id: 'r-1', runbook: 'light-lamps', params: {}, dryRun: false } as const;
    await close(herald(asked, request), verdict('refused', 'no-target', 'y'), GATE);
    await close(herald(asked, request), verdict('not-mine', 'no-trigger', 'y'), GATE);
    await close(herald(asked), verdict('nothing', 'no-target', 'y'), GATE);
    expect(asked).toMatchObject([
      { run: 'run-1', target: '', body: { reason: 'no-target: y', trigger: { kind: 'request' } } },
    ]);
  });
  it('because it is over a limit as a whole is recorded and alarmed with', async () => {
    const records: RunRecord[] = [];
    let more = 0;
    const chore = ['remember', () => Promise.resolve((more += 1))] as const;
    const end = await refuseAll(herald(records), verdict('refused', 'x', 'y'), GATE, { more: [chore] });
    expect(end).toMatchObject({ results: [{ outcome: 'refused' }], failure: undefined });
    expect(records).toMatchObject([
      { runbook: 'light-lamps', run: 'run-1', target: '', body: { reason: 'x: y', commands: { undo: [] } } },
    ]);
    expect(counts()).toEqual([{ Refused: 1, Attention: 1, Look: 1 }]);
    expect(more).toBe(1);
    await refuseAll(herald(records), verdict('refused', 'x', 'y'), GATE);
    expect(records).toHaveLength(2);
  });
  it('of which people have heard says so in its metrics alone', async () => {
    const records: RunRecord[] = [];
    await refuseAll(herald(records), verdict('refused', 'x', 'y'), GATE, { isSilent: true });
    expect(records).toEqual([]);
    expect(counts()).toEqual([{ Refused: 1, Attention: 1, Look: 1 }]);
  });
  it('before it began says whether the event or the deployment is at fault', async () => {
    const bad = await reject(herald(), new BadInputError('detail.state', 'expected text'));
    expect(bad).toMatchObject({
      results: [{ outcome: 'failed', reason: 'bad-input: detail.state: expected text', phases: [{ name: 'gate' }] }],
      failure: { class: 'terminal' },
    });
    const broken = await reject(herald(), new Error('no table'));
    expect(broken).toMatchObject({ results: [{ reason: 'cannot-start: no table' }], failure: { class: 'retryable' } });
    expect(counts()).toEqual([
      { BadInput: 1, Look: 1 },
      { Failed: 1, Page: 1 },
    ]);
  });
});
