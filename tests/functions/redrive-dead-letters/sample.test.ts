/** A look at some letters, on the simulated SQS: what is told of them, and that none is moved, or kept from others. */

import { describe, expect, it } from 'vitest';
import { readQueue } from '../../../functions/redrive-dead-letters/aws/queues.ts';
import { lookPiece } from '../../../functions/redrive-dead-letters/aws/sample.ts';
import { surroundWith } from '../../../shared/aws/clients.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { isBag } from '../../../shared/kernel/json.ts';
import type { DataLedger } from '../../../shared/kernel/ledger/data.ts';
import { memoryData } from '../../../simulator/engine/data.ts';
import { isRecord } from '../../../simulator/engine/json.ts';
import type { FaultPoint, LoggedRequest } from '../../../simulator/engine/run-types.ts';
import { inFunction } from '../in-a-function.ts';
import { inputOf, letters, moved, worldOf, type Wanted } from './a-piece.ts';
import { arnOf, queue } from './queue-facts.ts';

interface Looked {
  readonly told: unknown;
  readonly thrown: unknown;
  /** Letters that may be received in the queue of dead letters, and where they would go. */
  readonly visible: number | undefined;
  readonly sent: number | undefined;
  readonly seconds: number;
  readonly requests: readonly LoggedRequest[];
}

/** What a look tells, and what is to be seen after it. */
async function looked(
  wanted: Wanted,
  rule: JsonObject = {},
  points: readonly FaultPoint[] = [],
  data: DataLedger = memoryData(),
): Promise<Looked> {
  const { rule: usual, ...input } = inputOf({ maxItems: 500, ...wanted });
  const all: JsonObject = { ...input, rule: { ...(isBag(usual) ? usual : {}), ...rule } };
  const work = async (io: Io): Promise<Omit<Looked, 'requests'>> => {
    const wayBack = surroundWith({ data });
    const beganMs = Date.parse(io.now());
    let [told, thrown]: [unknown, unknown] = [undefined, undefined];
    try {
      told = await lookPiece.piece(all, io, undefined);
    } catch (error) {
      thrown = error;
    } finally {
      wayBack();
    }
    const seconds = (Date.parse(io.now()) - beganMs) / 1_000;
    const visibleIn = async (name: string): Promise<number | undefined> =>
      (await readQueue(arnOf(name), io))?.messages.visible;
    return { told, thrown, seconds, visible: await visibleIn('orders-dlq'), sent: await visibleIn('orders') };
  };
  const { value, thrown, requests } = await inFunction(worldOf(wanted), work, points);
  if (value === undefined) throw thrown;
  return { ...value, requests };
}

function inputsOf(requests: readonly LoggedRequest[], call: string): readonly unknown[] {
  return requests.filter((one) => one.call === call).map(({ input }) => input);
}

describe('a look', () => {
  it('counts the letters, and leaves all where they are, to be seen at once', async () => {
    const { told, visible, sent, requests } = await looked({ letters: letters(12) });
    expect(told).toEqual({
      letters: 12,
      bySource: { named: { orders: 12 } },
      byErrorClass: { named: {}, without: 12 },
      byAge: { underAMinute: 0, underAnHour: 0, underADay: 12, older: 0 },
      byAttempts: { named: { 0: 12 } },
      byFate: { named: { 'goes to orders': 12 } },
      earliestDeadline: '2026-12-06T07:00:00.000Z',
      expireWithinADay: 0,
    });
    expect([visible, sent]).toEqual([12, 0]);
    const hidden = inputsOf(requests, 'sqs:ReceiveMessage');
    expect(hidden).toMatchObject([{ VisibilityTimeout: 60, WaitTimeSeconds: 1, MaxNumberOfMessages: 10 }, {}, {}]);
    const shown = inputsOf(requests, 'sqs:ChangeMessageVisibilityBatch');
    expect(shown.map((input) => isRecord(input) && Array.isArray(input['Entries']) && input['Entries'].length)).toEqual(
      [10, 2],
    );
  });

  it('takes no more than it was asked for', async () => {
    const { told, requests } = await looked({ letters: letters(15), maxItems: 12 });
    expect(told).toMatchObject({ letters: 12 });
    const most = inputsOf(requests, 'sqs:ReceiveMessage').map(
      (input) => isRecord(input) && input['MaxNumberOfMessages'],
    );
    expect(most).toEqual([10, 2]);
  });

  it('counts a letter once however often it comes, and ends after some seconds', async () => {
    const { told, seconds } = await looked({ letters: letters(1), maxItems: 5 }, { hiddenSeconds: 0 });
    expect(told).toMatchObject({ letters: 1 });
    expect(seconds).toBeGreaterThanOrEqual(10);
    expect(seconds).toBeLessThan(13);
  });

  it('knows the copies of a letter, and how often each went', async () => {
    const same = { letters: letters(3, () => '{}') };
    const data = memoryData();
    await moved({ ...same, data });
    const before = data.dump().map((item) => ({ ...item, key: 'orders-dlq/2026-11-22T06:59:00.000Z/x' }));
    const { told } = await looked(same, { maxAttempts: 1 }, [], memoryData({ items: before }));
    expect(told).toMatchObject({
      duplicates: { contents: 1, copies: 2 },
      byAttempts: { named: { 1: 3 } },
      byFate: { named: { 'stays: attempts-used-up': 3 } },
    });
  });
});

describe('what would become of a letter', () => {
  const PARKING = { arn: arnOf('parked'), url: queue('parked').url, maximumMessageBytes: 1_048_576 };
  const large = { body: 'x'.repeat(2_000) };
  const ORDERS = { ...PARKING, arn: arnOf('orders') };
  const small = { ...ORDERS, maximumMessageBytes: 1_024, trust: 'works' };

  it.each<[string, Wanted['letters'], JsonObject]>([
    ['stays: source-is-gone', [{ body: 'a', source: 'gone' }], {}],
    ['stays: larger-than-its-queue-takes', [large], { to: [small] }],
    ['parks: larger-than-its-queue-takes', [large], { to: [small], parking: PARKING }],
    ['waits: waits-for-the-canary', [{ body: 'a' }], { to: [{ ...ORDERS, trust: 'on-trial' }] }],
    ['stays: not-wanted', [{ body: '{"id":1}' }], { filter: 'body.id == `2`' }],
    ['goes to orders', [{ body: '{"id":2}' }], { filter: 'body.id == `2`' }],
    ['goes to orders', [{ body: 'a' }], { filter: 'receiveCount == `1`' }],
    ['stays: too-old', [{ body: 'a' }], { maxAgeSeconds: 3_599 }],
    ['goes to orders', [{ body: 'a' }], { maxAgeSeconds: 4_000 }],
  ])('is told: %s', async (fate, some, rule) => {
    const { told } = await looked({ letters: some }, rule);
    expect(told).toMatchObject({ byFate: { named: { [fate]: 1 } } });
  });
});

describe('a look that fails', () => {
  it('at its first letter is no look', async () => {
    const { told, thrown } = await looked({ letters: letters(3) }, {}, [{ request: 0, kind: 'throttled' }]);
    expect([told, thrown]).toEqual([undefined, expect.objectContaining({ name: expect.any(String) })]);
  });

  it('later tells what it has seen, and gives it back', async () => {
    const { told, visible } = await looked({ letters: letters(12) }, {}, [{ request: 1, kind: 'throttled' }]);
    expect(told).toMatchObject({ letters: 10 });
    expect(visible).toBe(12);
  });

  it('to give letters back tells what it has seen, and goes on with the others', async () => {
    const { told, visible } = await looked({ letters: letters(12) }, {}, [{ request: 3, kind: 'throttled' }]);
    expect([told, visible]).toEqual([expect.objectContaining({ letters: 12 }), 2]);
  });
});
