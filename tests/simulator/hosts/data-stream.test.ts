import { describe, expect, it } from 'vitest';
import { surroundings } from '../../../shared/aws/clients.ts';
import type { DataItem } from '../../../shared/kernel/ledger/data.ts';
import { onDataChange } from '../../../shared/kernel/triggers/data-stream.ts';
import { createClock, settle, type SimulatedClock } from '../../../simulator/engine/clock.ts';
import { isRecord } from '../../../simulator/engine/json.ts';
import type { DeployedFunction, SimulationOptions } from '../../../simulator/engine/run-types.ts';
import { simulate, type SimulationEnd } from '../../../simulator/engine/simulation.ts';
import { DataStream } from '../../../simulator/hosts/data-stream.ts';
import { deploy, run, sleep, TWO_INSTANCES } from '../deploy.ts';

function listening(partitions: readonly string[], handler: DeployedFunction['handler'] = () => Promise.resolve()) {
  return deploy(handler, { name: 'listen-along', triggers: [onDataChange(partitions, () => ({}))] });
}

function item(key: string, partition = 'block', version = 1): DataItem {
  return { partition, key, version, value: {} };
}

/** `1 block/a`: how often it has been written, and what. */
function keysOf(event: unknown): readonly string[] {
  const records: unknown = isRecord(event) ? event['Records'] : undefined;
  return (Array.isArray(records) ? records : []).filter(isRecord).map((record) => {
    const text = JSON.stringify(record['dynamodb']);
    const [, pk = '', sk = ''] = /"pk":\{"S":"([^"]*)"\},"sk":\{"S":"([^"]*)"/u.exec(text) ?? [];
    return `${String(record['eventName'])} ${pk}/${sk}`;
  });
}

interface Taken {
  readonly atMs: number;
  readonly keys: readonly string[];
  readonly finish: () => void;
}

/** A stream whose batches stay with the function until a test says that they are done. */
function begin(partitions: readonly string[] = ['block']) {
  const clock: SimulatedClock = createClock(0);
  const taken: Taken[] = [];
  const stream = new DataStream({
    clock,
    account: '111122223333',
    region: 'eu-west-1',
    functions: [listening(partitions)],
    deliver: (_fn, event) =>
      new Promise((finish) => {
        taken.push({ atMs: clock.now(), keys: keysOf(event), finish });
      }),
  });
  return { clock, taken, stream };
}

describe('the stream of the data table', () => {
  it('gathers for a second what comes together, in the order of the writes', () => {
    const { clock, taken, stream } = begin();
    stream.changed(item('a'));
    clock.after(900, () => stream.changed(item('b')));
    clock.after(950, () => stream.changed(item('a', 'block', 2)));
    while (clock.step());
    expect(taken.map(({ atMs, keys }) => [atMs, keys])).toEqual([
      [1_000, ['INSERT block/a', 'INSERT block/b', 'MODIFY block/a']],
    ]);
  });

  it('hands over one batch at a time: what comes meanwhile waits for its end, and a window more', async () => {
    const { clock, taken, stream } = begin();
    stream.changed(item('a'));
    while (clock.step());
    stream.changed(item('b'));
    clock.after(5_000, () => taken[0]?.finish());
    while (clock.step());
    expect(taken).toHaveLength(1);
    await settle();
    while (clock.step());
    expect(taken.map(({ atMs, keys }) => [atMs, keys])).toEqual([
      [1_000, ['INSERT block/a']],
      [7_000, ['INSERT block/b']],
    ]);
  });

  it('hands over a thousand records at most', async () => {
    const { clock, taken, stream } = begin();
    for (let index = 0; index < 1_001; index += 1) stream.changed(item(String(index)));
    while (clock.step());
    taken[0]?.finish();
    await settle();
    while (clock.step());
    expect(taken.map(({ keys }) => keys.length)).toEqual([1_000, 1]);
    expect(taken[1]?.keys).toEqual(['INSERT block/1000']);
  });

  it('tells nobody of partitions that nobody listens to', () => {
    const { clock, taken, stream } = begin(['allow']);
    stream.changed(item('a'));
    expect(clock.step()).toBe(false);
    expect(taken).toEqual([]);
  });
});

/** Writes two items, one after the other, and a third in a partition of its own. */
const writer = deploy(async () => {
  const { data } = surroundings();
  await data?.write({ partition: 'block', key: 'a', ifVersion: 0, value: {} });
  await data?.write({ partition: 'block', key: 'b', ifVersion: 0, value: {} });
  await data?.write({ partition: 'published', key: 'c', ifVersion: 0, value: {} });
});

function streamed(
  handler: DeployedFunction['handler'],
  change: Partial<SimulationOptions> = {},
): Promise<SimulationEnd> {
  return simulate(run(writer, { functions: [writer, listening(['block'], handler)], ...change }));
}

function batches({ invocations }: SimulationEnd): readonly unknown[] {
  return invocations
    .filter(({ runbook }) => runbook === 'listen-along')
    .map(({ startedAt, event, ended }) => [startedAt.slice(14, 19), keysOf(event), ended]);
}

describe('a function that the stream starts', () => {
  it('hears of what others write, and is asked to look by nothing else', async () => {
    const end = await streamed(() => Promise.resolve());
    expect(batches(end)).toEqual([['00:01', ['INSERT block/a', 'INSERT block/b'], 'returned']]);
    expect(end.deadLetters).toEqual([]);
  });

  it('hears nothing of what stood there from the beginning, and of what a script writes', async () => {
    const ledger = { data: [{ partition: 'block', key: 'old', value: {} }] };
    const script = [{ after: 'PT10S', set: { 'ledger/data/block/new': { by: 'an operator' } } }];
    const end = await streamed(() => sleep(20_000), { world: { ...TWO_INSTANCES, ledger, script } });
    expect(batches(end)).toEqual([
      ['00:01', ['INSERT block/a', 'INSERT block/b'], 'returned'],
      ['00:22', ['INSERT block/new'], 'returned'],
    ]);
  });

  it('that fails gets the same batch again, later each time, until it takes it', async () => {
    let tries = 0;
    const end = await streamed(() => ((tries += 1) < 3 ? Promise.reject(new Error('no')) : Promise.resolve()));
    expect(batches(end)).toEqual([
      ['00:01', ['INSERT block/a', 'INSERT block/b'], 'threw'],
      ['00:02', ['INSERT block/a', 'INSERT block/b'], 'threw'],
      ['00:04', ['INSERT block/a', 'INSERT block/b'], 'returned'],
    ]);
    expect(end.deadLetters).toEqual([]);
  });

  it('that goes on failing loses the batch to the dead letters before it is two minutes old, and gets the next', async () => {
    const script = [{ after: 'PT60S', set: { 'ledger/data/block/new': {} } }];
    const end = await streamed(
      (event) => (keysOf(event).includes('INSERT block/new') ? Promise.resolve() : Promise.reject(new Error('no'))),
      { world: { ...TWO_INSTANCES, script } },
    );
    const [last] = batches(end).slice(-1);
    expect(last).toEqual([expect.any(String), ['INSERT block/new'], 'returned']);
    expect(end.deadLetters).toMatchObject([{ runbook: 'listen-along', error: 'Error: no' }]);
    expect(end.deadLetters.map(({ event, at }) => [keysOf(event), at.slice(14, 19)])).toEqual([
      [['INSERT block/a', 'INSERT block/b'], '01:32'],
    ]);
  });
});
