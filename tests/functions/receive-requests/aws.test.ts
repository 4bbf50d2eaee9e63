/** What is read of windows and executions, on the simulated AWS. */

import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import {
  GATHERING,
  locate,
  LOOK,
  observe,
  requestOf,
  TICK,
  verify,
  type Request,
} from '../../../functions/receive-requests/aws.ts';
import { leftWindows, openWindow } from '../../../functions/receive-requests/aws/windows.ts';
import { attemptName, executionName } from '../../../shared/aws/lambda/start-execution.ts';
import { executionNamed, failedExecutions } from '../../../functions/receive-requests/aws/executions.ts';
import { mockClient } from 'aws-sdk-client-mock';
import { LambdaClient, ListDurableExecutionsByFunctionCommand } from '@aws-sdk/client-lambda';
import type { Io } from '../../../shared/kernel/definition.ts';
import type { GatheredDelivery } from '../../../shared/kernel/triggers/gathered.ts';
import { plannedWrite } from '../../../shared/kernel/ledger/planned-write.ts';
import { inFunction } from '../in-a-function.ts';

const NOW = '2026-11-30T09:00:30Z';
const [FROM, TO, NEXT] = ['2026-11-30T09:00:00.000Z', '2026-11-30T09:01:00.000Z', '2026-11-30T09:02:00.000Z'];
const nameOf = (from: string): string => executionName('flush-caches', 'site', from);
const CHANGES = [['a', '2026-11-30T09:00:20.000Z']] as const;

interface Row {
  readonly partition: string;
  readonly key: string;
  readonly version: number;
  readonly value: object;
}

function windowRow(from: string, to: string, more: object = {}, version = 1): Row {
  return { partition: 'flush-window', key: nameOf(from), version, value: { bucket: 'site', from, to, ...more } };
}

interface Asked {
  readonly DurableExecutionName?: string;
  readonly Statuses?: readonly string[];
}

/** Executions as Lambda lists them, by name. */
let executions: { readonly [name: string]: string } = {};
const lambda = mockClient(LambdaClient);

beforeEach(() => {
  executions = {};
  lambda.reset();
  lambda
    .on(ListDurableExecutionsByFunctionCommand)
    .callsFake(({ DurableExecutionName: name, Statuses: statuses }: Asked) => ({
      DurableExecutions: Object.entries(executions)
        .filter(([known, status]) => known.startsWith(name ?? '') && (statuses ?? [status]).includes(status))
        .map(([DurableExecutionName, Status]) => ({ DurableExecutionName, Status })),
    }));
});
afterAll(() => lambda.restore());

async function inWorld<T extends object>(rows: readonly Row[], work: (io: Io) => Promise<T>, now = NOW): Promise<T> {
  const world = { now, account: '111122223333', region: 'eu-west-1', ledger: { data: rows } };
  const { value, thrown } = await inFunction(world, work);
  if (thrown instanceof Error) throw thrown;
  if (value === undefined) throw new Error('nothing came of it');
  return value;
}

const open = (rows: readonly Row[]) => inWorld(rows, (io) => openWindow('site', CHANGES, FROM, io));

describe('the window that changes go into', () => {
  it('is that of the time, and not begun where nothing is there', async () => {
    expect(await open([])).toMatchObject({
      window: { name: nameOf(FROM), bucket: 'site', from: FROM, to: TO },
      isBegun: false,
      attempt: 1,
      passed: [],
      portions: [{ changes: CHANGES, writtenBy: null }],
    });
  });

  it('is the next where it is sealed', async () => {
    const sealed = windowRow(FROM, TO, { sealedAt: TO }, 2);
    expect(await open([sealed])).toMatchObject({ window: { name: nameOf(TO), to: NEXT }, passed: [nameOf(FROM)] });
  });

  it('knows what is written already, and by whom', async () => {
    const { window, portions } = await open([]);
    const key = `${window.name}/${portions[0]?.key ?? ''}`;
    const kept = { partition: 'flush-keys', key, version: 1, value: { changes: CHANGES, run: 'm-7' } };
    expect(await open([windowRow(FROM, TO), kept])).toMatchObject({ isBegun: true, portions: [{ writtenBy: 'm-7' }] });
  });

  it.each([
    [{ '': 'RUNNING' }, FROM, 1],
    [{ '': 'FAILED' }, FROM, 2],
    [{ '': 'TIMED_OUT', _2: 'RUNNING' }, FROM, 2],
    [{ '': 'FAILED', _2: 'FAILED', _3: 'FAILED' }, TO, 1],
    [{ '': 'SUCCEEDED' }, TO, 1],
    [{ '': 'FAILED', _2: 'STOPPED' }, TO, 1],
  ])('is one whose execution can still come: %j', async (known, from, attempt) => {
    executions = Object.fromEntries(Object.entries(known).map(([end, status]) => [`${nameOf(FROM)}${end}`, status]));
    expect(await open([windowRow(FROM, TO)])).toMatchObject({ window: { from }, attempt });
  });

  it('keeps each item within its bytes, under the same keys for the same changes', async () => {
    const many = Array.from({ length: 1_000 }, (_none, index) => [`${'k'.repeat(900)}${index}`, FROM] as const);
    const both = await inWorld([], async (io) => [
      await openWindow('site', many, FROM, io),
      await openWindow('site', many, FROM, io),
    ]);
    const [one, other] = both.map(({ portions }) => portions.map(({ key }) => key));
    expect(one).toEqual(other);
    expect(new Set(one).size).toBe(one?.length);
    expect(one?.length).toBeGreaterThan(18);
    expect(both[0]?.portions.flatMap(({ changes }) => changes)).toEqual(many);
  });

  it('is refused where its item cannot be read', async () => {
    const damaged = { ...windowRow(FROM, TO), value: { bucket: 'site' } };
    await expect(open([damaged])).rejects.toThrow('it lacks bucket, from or to');
  });
});

describe('windows that are left', () => {
  const LATE = '2026-11-30T09:10:00Z';
  const left = (rows: readonly Row[]) => inWorld(rows, leftWindows, LATE);
  const own = windowRow(FROM, TO);
  const sealed = windowRow(FROM, TO, { sealedAt: TO }, 2);

  it('are those that nobody was started for, and those whose last attempt has failed', async () => {
    expect(await left([own])).toMatchObject([{ name: own.key, attempt: 1 }]);
    executions = { [own.key]: 'FAILED' };
    expect(await left([own])).toMatchObject([{ attempt: 2 }]);
    expect(await left([sealed])).toMatchObject([{ attempt: 2 }]);
    executions = { [own.key]: 'FAILED', [attemptName(own.key, 2)]: 'FAILED', [attemptName(own.key, 3)]: 'TIMED_OUT' };
    expect(await left([sealed])).toMatchObject([{ attempt: 4 }]);
  });

  it.each([
    [{ '': 'RUNNING' }, own],
    [{ '': 'SUCCEEDED' }, own],
    [{}, sealed],
    [{ '': 'FAILED', _2: 'RUNNING' }, sealed],
    [{ '': 'FAILED', _2: 'SUCCEEDED' }, sealed],
    [{ '': 'FAILED', _2: 'STOPPED' }, sealed],
  ])('are none that somebody is at, has flushed or has stopped: %j', async (known, row) => {
    executions = Object.fromEntries(Object.entries(known).map(([end, status]) => [`${own.key}${end}`, status]));
    expect(await left([row])).toEqual([]);
  });

  it('are none that have just ended, are long over, or were given up by another run', async () => {
    const old = '2026-11-30T02:00:00.000Z';
    expect(await left([windowRow('2026-11-30T09:08:00.000Z', '2026-11-30T09:09:00.000Z')])).toEqual([]);
    expect(await left([windowRow(old, '2026-11-30T02:01:00.000Z')])).toEqual([]);
    expect(await left([windowRow(FROM, TO, { givenUpBy: 'another' })])).toEqual([]);
    expect(await left([windowRow(FROM, TO, { givenUpBy: 'r' })])).toHaveLength(1);
  });

  it('that cannot be read are their own fault, and nobody else’s', async () => {
    const damaged = { partition: 'flush-window', key: 'damaged', version: 1, value: {} };
    const located = await inWorld([damaged, own], (io) => locate(TICK, io), LATE);
    expect(located).toMatchObject([
      { target: 'window/damaged', fault: { class: 'terminal' } },
      { target: `window/${own.key}`, facts: { kind: 'window', attempt: 1 } },
    ]);
  });

  it('are looked for by a person too, who hears that there are none', async () => {
    expect(await inWorld([], (io) => locate(TICK, io))).toEqual([]);
    expect(await inWorld([], (io) => locate(LOOK, io))).toMatchObject([
      { target: 'window/none', facts: { row: null } },
    ]);
    expect(await inWorld([], (io) => observe('window/gone', TICK, io))).toMatchObject({ row: null, start: null });
  });
});

describe('what is asked', () => {
  const request = {
    kind: 'request',
    id: 'request:0123',
    runbook: 'flush-caches',
    target: 'site',
    params: { paths: ['/a'] },
    dryRun: true,
  } as const;
  const delivery = (deliveries: GatheredDelivery['deliveries'], about: string): Request =>
    requestOf({ kind: 'gathered', id: 'g', about, deliveries });

  it('is passed on as it is, for whom it is for', async () => {
    const asked = delivery([request], request.id);
    expect(await inWorld([], (io) => locate(asked, io))).toEqual([{ target: 'flush-caches/site' }]);
    expect(await inWorld([], (io) => observe('flush-caches/site', asked, io))).toEqual({
      kind: 'start',
      start: {
        FunctionName: expect.stringContaining('-flush-caches:durable') as unknown,
        DurableExecutionName: executionName('flush-caches', 'site', 'request:0123'),
        Payload: {
          runbook: 'flush-caches',
          target: 'site',
          params: { paths: ['/a'] },
          dryRun: true,
          requestedBy: 'somebody',
        },
      },
    });
  });

  it('is bad input for a runbook that is not started here, and nothing for this one', () => {
    expect(() => GATHERING.about({ ...request, runbook: 'carry-volumes' })).toThrow('only these are started here');
    expect(GATHERING.about({ ...request, runbook: 'receive-requests' })).toEqual([]);
    expect(GATHERING.about(request)).toEqual([request.id]);
  });

  it('is each key of a bucket once, with its last change', () => {
    const [early, late] = ['2026-11-30T08:59:00.000Z', '2026-11-30T08:59:30.000Z'];
    const changed = {
      kind: 'objects-changed',
      id: 'o',
      changes: [
        { bucket: 'site', key: 'b', at: late },
        { bucket: 'site', key: 'a', at: early },
        { bucket: 'site', key: 'b', at: early },
        { bucket: 'other', key: 'c', at: early },
      ],
    } as const;
    expect(GATHERING.about(changed)).toEqual(['bucket site', 'bucket other']);
    expect(delivery([changed], 'bucket site')).toEqual({
      kind: 'changes',
      bucket: 'site',
      changes: [
        ['a', early],
        ['b', late],
      ],
    });
  });
});

describe('executions', () => {
  it('are found by their very name, whatever Lambda lists with it', async () => {
    executions = { a_2: 'FAILED', a: 'RUNNING' };
    await inWorld([], async (io) => {
      expect(await executionNamed('flush-caches', 'a', io)).toEqual({ name: 'a', status: 'RUNNING' });
      expect(await executionNamed('flush-caches', 'b', io)).toBeUndefined();
      expect(await failedExecutions('flush-caches', FROM, io)).toEqual(['a_2']);
      return {};
    });
  });
});

describe('verification', () => {
  it('asks for what was written, or something on top of it', async () => {
    const write = (ifVersion: number) =>
      plannedWrite({ partition: 'flush-window', key: nameOf(FROM), ifVersion, value: {} }, 'x');
    await inWorld([windowRow(FROM, TO)], async () => {
      expect(await verify('t', [write(0)])).toEqual({ ok: true });
      expect(await verify('t', [write(1)])).toMatchObject({ ok: false });
      expect(await verify('t', [{ call: 'lambda:Invoke', input: {}, because: 'x' }])).toEqual({ ok: true });
      return {};
    });
  });
});
