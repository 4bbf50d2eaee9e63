/** Which letters went before: what is kept of them in the ledger before they go, and when it counts. */

import { afterEach, describe, expect, it } from 'vitest';
import { openAttempts, roundAtOf, type Attempts } from '../../../functions/redrive-dead-letters/aws/attempts.ts';
import type { Received } from '../../../functions/redrive-dead-letters/aws/letters.ts';
import { surroundWith } from '../../../shared/aws/clients.ts';
import type { DataItem, DataLedger, DataWrite } from '../../../shared/kernel/ledger/data.ts';
import { NO_PROGRESS, type Progress } from '../../../functions/redrive-dead-letters/decide.ts';
import { makeIo } from '../../../shared/kernel/run/io.ts';
import { memoryData, type MemoryData } from '../../../simulator/engine/data.ts';
import { printsIn } from './a-piece.ts';
import { arnOf, NOW } from './queue-facts.ts';
import { letter } from './some-letters.ts';

const NOW_MS = Date.parse(NOW);
const DAY_MS = 24 * 3_600_000;

let wayBack: () => void = () => undefined;
afterEach(() => wayBack());

function at(ms: number): string {
  return new Date(NOW_MS + ms).toISOString();
}

interface Given {
  readonly data?: DataLedger;
  readonly roundAt?: string;
  readonly queueName?: string;
}

function open({ data = memoryData(), roundAt = NOW, queueName = 'orders-dlq' }: Given = {}): Promise<Attempts> {
  wayBack();
  wayBack = surroundWith({ data });
  const { signal } = new AbortController();
  const io = makeIo({ run: 'r', account: '111122223333', region: 'eu-west-1', signal, target: 't' });
  return openAttempts({ queueName, roundAt }, { ...io, now: () => NOW });
}

/** A letter that was sent so long after `NOW`. */
function sentAt(ms: number, id = 'a', more: Partial<Received> = {}): Received {
  return letter(id, { sentMs: NOW_MS + ms, ...more });
}

/** A round of `a` and `b` as it stands in the ledger, so long after `NOW`. */
function round(ms: number, value: DataItem['value'] = { prints: letter('a').print + letter('b').print }): DataItem {
  return { partition: 'redriven', key: `orders-dlq/${at(ms)}/x`, version: 1, value };
}

/** Writes of which each waits until the test ends it, or fails it. */
function slowData(): {
  data: DataLedger;
  writes: DataWrite[];
  end: (error?: Error, isEnding?: boolean) => Promise<void>;
} {
  const writes: DataWrite[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const write = (given: DataWrite): Promise<boolean> => {
    writes.push(given);
    return new Promise((resolve, reject) => {
      ends.push((error) => (error === undefined ? resolve(true) : reject(error)));
    });
  };
  const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
  const end = async (error?: Error, isEnding = true): Promise<void> => {
    if (isEnding) ends.shift()?.(error);
    await settled();
  };
  return { data: { ...memoryData(), write }, writes, end };
}

describe('times that a letter went', () => {
  it('are the rounds that it is noted in, under whatever id it comes back', async () => {
    const { of } = await open({ data: memoryData({ items: [round(-5_000), round(-4_000)] }) });
    expect(of(sentAt(0))).toBe(2);
    expect(of(sentAt(0, 'other', { print: letter('b').print }))).toBe(2);
    expect(of(sentAt(0, 'c'))).toBe(0);
  });

  it('are counted once a round, however many items it has', async () => {
    const again = { ...round(-5_000), key: `orders-dlq/${at(-5_000)}/y` };
    const { of } = await open({ data: memoryData({ items: [round(-5_000), again] }) });
    expect(of(sentAt(0))).toBe(1);
  });

  it('are those before it was sent for the last time, with two seconds for clocks that are apart', async () => {
    const { of } = await open({ data: memoryData({ items: [round(-5_000)] }) });
    expect([-7_001, -7_000, 0].map((ms) => of(sentAt(ms)))).toEqual([0, 1, 1]);
  });

  it('are forgotten after 28 days', async () => {
    const { of } = await open({ data: memoryData({ items: [round(-28 * DAY_MS - 1)] }) });
    expect(of(sentAt(0))).toBe(0);
    const { of: ofYounger } = await open({ data: memoryData({ items: [round(-28 * DAY_MS)] }) });
    expect(ofYounger(sentAt(0))).toBe(1);
  });

  it('are those of the same queue of dead letters', async () => {
    const data = memoryData({ items: [round(-5_000)] });
    expect((await open({ data, queueName: 'orders' })).of(sentAt(0))).toBe(0);
    const longer = { ...round(-5_000), key: `orders-dlq-old/${at(-5_000)}/x` };
    expect((await open({ data: memoryData({ items: [longer] }) })).of(sentAt(0))).toBe(0);
  });

  it('do not count where its consumer was broken, and count for those of others', async () => {
    const forgiven = { ...round(-5_000, { forgiven: [arnOf('orders'), 7] }), key: `orders-dlq/${at(-5_000)}/y` };
    const { of, lastRoundMs } = await open({ data: memoryData({ items: [round(-5_000), forgiven, round(-4_000)] }) });
    expect(of(sentAt(0))).toBe(1);
    expect(of(sentAt(0, 'a', { home: { arn: arnOf('refunds') } }))).toBe(2);
    expect(of(sentAt(0, 'a', { home: { why: 'no-source' } }))).toBe(2);
    expect(lastRoundMs(sentAt(-4_500 - 2_000), NOW_MS - 9_000)).toBe(NOW_MS - 5_000);
  });

  it('are found among many, and not beside them', async () => {
    const ids = Array.from({ length: 99 }, (_none, index) => String(index));
    const prints = ids.map((id) => letter(id).print).join('');
    const { of } = await open({ data: memoryData({ items: [round(-5_000, { prints })] }) });
    expect(ids.filter((id) => of(sentAt(0, id)) !== 1)).toEqual([]);
    expect(['100', 'x', 'y', 'z'].filter((id) => of(sentAt(0, id)) !== 0)).toEqual([]);
  });

  it('are none by what cannot be read', async () => {
    const items = [round(-5_000, { prints: 5 }), { ...round(-4_000), key: 'orders-dlq/once/x' }];
    const { of } = await open({ data: memoryData({ items: [...items, { ...round(-3_000), key: 'orders-dlq/' }] }) });
    expect(of(sentAt(0))).toBe(0);
  });
});

describe('the last time of a letter in this run', () => {
  it('is the latest round since the run began', async () => {
    const items = [round(-5_000), round(-3_000), round(-9_000)];
    const { lastRoundMs } = await open({ data: memoryData({ items }) });
    expect(lastRoundMs(sentAt(0), NOW_MS - 5_000)).toBe(NOW_MS - 3_000);
    expect(lastRoundMs(sentAt(-5_001), NOW_MS - 5_000)).toBe(NOW_MS - 5_000);
    expect(lastRoundMs(sentAt(0), NOW_MS - 2_999)).toBeUndefined();
    expect(lastRoundMs(sentAt(0, 'c'), 0)).toBeUndefined();
  });
});

describe('what goes now', () => {
  const itemsOf = (data: MemoryData): unknown => data.dump().map(({ key, value }) => ({ key, value }));

  it('is kept under its queue and round, and counts from then on', async () => {
    const data = memoryData();
    const { note, of, lastRoundMs } = await open({ data, roundAt: at(-1_000) });
    await note([sentAt(-9_000), sentAt(-9_000, 'b')]);
    const prints = letter('a').print + letter('b').print;
    expect(itemsOf(data)).toEqual([{ key: `orders-dlq/${at(-1_000)}/${NOW}-1`, value: { run: 'r', prints } }]);
    expect([-3_001, -3_000, 0].map((ms) => of(sentAt(ms)))).toEqual([0, 1, 1]);
    expect(of(sentAt(0, 'c'))).toBe(0);
    expect(lastRoundMs(sentAt(0), NOW_MS - 1_000)).toBe(NOW_MS - 1_000);
    expect((await open({ data })).of(sentAt(0))).toBe(1);
  });

  it('counts once where a piece before this one has noted it in the same round', async () => {
    const data = memoryData({ items: [round(-1_000), round(-500)] });
    const { note, of } = await open({ data, roundAt: at(-1_000) });
    await note([sentAt(0)]);
    expect(of(sentAt(0))).toBe(2);
  });

  it('stands under another key where somebody has written at the same moment', async () => {
    const key = `orders-dlq/${NOW}/${NOW}`;
    const taken = (count: number): MemoryData =>
      memoryData({
        items: Array.from({ length: count }, (_none, index) => ({ ...round(0, {}), key: `${key}-${index + 1}` })),
      });
    const data = taken(2);
    await (await open({ data })).note([letter('a')]);
    expect(data.dump().at(-1)).toMatchObject({ key: `${key}-3`, value: { prints: letter('a').print } });
    await (await open({ data: taken(19) })).note([letter('a')]);
    await expect((await open({ data: taken(20) })).note([letter('a')])).rejects.toThrow(
      'orders-dlq: 20 items of the same millisecond stand in the ledger',
    );
  });

  it('is kept for 28 days', async () => {
    const { data, writes, end } = slowData();
    const noted = (await open({ data })).note([letter('a')]);
    await end();
    await end();
    await noted;
    expect(writes).toMatchObject([{ partition: 'redriven', ifVersion: 0, expiresAt: at(28 * DAY_MS) }]);
  });

  it('stands in items of five thousand', async () => {
    const data = memoryData();
    await (await open({ data })).note(Array.from({ length: 5_001 }, (_none, index) => letter(String(index))));
    expect(printsIn(data).map(({ length }) => length / 8)).toEqual([5_000, 1]);
  });

  it('is forgiven under the same round', async () => {
    const data = memoryData();
    const { note, forgive } = await open({ data });
    await note([letter('a')]);
    await forgive([arnOf('orders')]);
    expect(data.dump().at(-1)).toMatchObject({
      key: `orders-dlq/${NOW}/${NOW}-2`,
      value: { forgiven: [arnOf('orders')] },
    });
    const again = await open({ data });
    expect([again.of(sentAt(0)), again.of(sentAt(0, 'a', { home: { arn: arnOf('refunds') } }))]).toEqual([0, 1]);
  });
});

describe('what several hands note', () => {
  const noted = (writes: readonly DataWrite[]): unknown[] => writes.map(({ value }) => value['prints']);
  const [a, b, c] = [letter('a'), letter('b'), letter('c')];

  it('is written together while a write is under way, and each hears when its own is there', async () => {
    const { data, writes, end } = slowData();
    const { note } = await open({ data });
    const done: string[] = [];
    const noteOne = async (one: Received): Promise<void> => {
      await note([one]);
      done.push(one.id);
    };
    const noting = [noteOne(a)];
    await end();
    noting.push(noteOne(b), noteOne(c));
    await end(undefined, false);
    expect([noted(writes), done]).toEqual([[a.print], []]);
    await end();
    expect([noted(writes), done]).toEqual([[a.print, b.print + c.print], ['a']]);
    await end();
    await Promise.all(noting);
    expect([writes.length, done]).toEqual([2, ['a', 'b', 'c']]);
  });

  it('fails for those whose write failed, and for no others', async () => {
    const { data, writes, end } = slowData();
    const { note, of } = await open({ data });
    const first = note([a]).catch(String);
    await end();
    const [second, third] = [note([b]).catch(String), note([c]).catch(String)];
    await end(new Error('no ledger'));
    expect(await first).toBe('Error: no ledger');
    await end(new Error('still none'));
    expect([await second, await third]).toEqual(['Error: still none', 'Error: still none']);
    const fourth = note([a]);
    await end();
    await end();
    await fourth;
    expect(noted(writes)).toEqual([a.print, b.print + c.print, a.print]);
    // What was not kept did not go.
    expect([of(sentAt(0)), of(sentAt(0, 'b')), of(sentAt(0, 'c'))]).toEqual([1, 0, 0]);
  });
});

describe('a round', () => {
  const began = '2026-11-22T07:59:00.000Z';
  const item = (ms: number, run: string): DataItem => round(ms, { run, prints: letter('a').print });
  const beginning = async (
    items: readonly DataItem[],
    number: number,
    before: Partial<Progress> = {},
  ): Promise<string> => {
    wayBack = surroundWith({ data: memoryData({ items }) });
    const { signal } = new AbortController();
    const io = makeIo({ run: 'r', account: '111122223333', region: 'eu-west-1', signal, target: 't' });
    const queueName = 'orders-dlq';
    return roundAtOf({ queueName, round: number, before: { ...NO_PROGRESS, ...before } }, { ...io, now: () => NOW });
  };

  it('that goes on began when it did, and a new one now', async () => {
    expect(await beginning([], 1, { roundAt: began })).toBe(began);
    expect(await beginning([], 1)).toBe(NOW);
    expect(await beginning([], 2, { roundAt: began })).toBe(NOW);
  });

  it('that a piece of this run began, and broke off, began with that one', async () => {
    expect(await beginning([item(-30_000, 'r'), item(-20_000, 'r')], 1)).toBe(at(-30_000));
    expect(await beginning([item(-30_000, 'another')], 1)).toBe(NOW);
    const second = { round: 1, roundAt: at(-30_000) };
    expect(await beginning([item(-30_000, 'r')], 2, second)).toBe(NOW);
    expect(await beginning([item(-30_000, 'r'), item(-10_000, 'r')], 2, second)).toBe(at(-10_000));
  });
});

describe('an item that cannot be read', () => {
  it('lets none go: what stands in it may be of a letter that may go no more', async () => {
    const items = [{ ...round(-1_000), value: {}, fault: 'the value is no JSON object' }];
    await expect(open({ data: memoryData({ items }) })).rejects.toThrow(
      /redriven\/orders-dlq\/.*the value is no JSON object: mend or delete the item/u,
    );
  });
});
