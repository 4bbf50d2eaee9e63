/** The token buckets, in memory and on DynamoDB: the same places, whoever asks, and none of them twice. */

import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { array, assert, asyncProperty, integer, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { client } from '../../../../shared/aws/clients.ts';
import { dynamoPacer, openPacer, placeIn, type Booking, type Pacer } from '../../../../shared/kernel/ledger/pacer.ts';
import { memoryPacer } from '../../../../simulator/engine/pacer.ts';
import { useTables } from './dynamo-tables.ts';

const freshTable = useTables();
const NOW_MS = Date.parse('2026-11-22T08:00:00Z');

/** Two tokens, one more every two seconds, and nobody waits for more than five. */
function bookingAt(seconds: number, change: Partial<Booking> = {}): Booking {
  return { bucket: 'ec2:X', nowMs: NOW_MS + seconds * 1_000, intervalMs: 2_000, burst: 2, longestMs: 5_000, ...change };
}

async function bookTimes(pacer: Pacer, count: number, booking: Booking): Promise<(number | null)[]> {
  const waits: (number | null)[] = [];
  while (waits.length < count) waits.push(await pacer.book(booking));
  return waits;
}

const MAKERS: readonly (readonly [string, () => Promise<Pacer>])[] = [
  ['in memory', () => Promise.resolve(memoryPacer())],
  ['on DynamoDB', async () => dynamoPacer(await freshTable())],
];

describe.each(MAKERS)('a bucket %s', (_where, make) => {
  it('lets its burst leave at once, the others one after the other, and books none that would wait too long', async () => {
    const pacer = await make();
    expect(await bookTimes(pacer, 6, bookingAt(0))).toEqual([0, 0, 2_000, 4_000, null, null]);
    // Two were not booked: nobody waits for them.
    expect(await pacer.book(bookingAt(2))).toBe(4_000);
  });

  it('fills again, to its burst and no further', async () => {
    const pacer = await make();
    await bookTimes(pacer, 2, bookingAt(0));
    expect(await pacer.book(bookingAt(2))).toBe(0);
    expect(await pacer.book(bookingAt(2))).toBe(2_000);
    expect(await bookTimes(pacer, 3, bookingAt(900))).toEqual([0, 0, 2_000]);
  });

  it('is another for another name', async () => {
    const pacer = await make();
    await bookTimes(pacer, 2, bookingAt(0));
    expect(await pacer.book(bookingAt(0, { bucket: 'ec2:Y' }))).toBe(0);
  });

  it('gives twenty that ask at once twenty places', async () => {
    const pacer = await make();
    const asked = Array.from({ length: 20 }, () => pacer.book(bookingAt(0, { longestMs: 100_000 })));
    const places = (await Promise.all(asked)).flatMap((wait) => (wait === null ? [] : [wait / 1_000]));
    expect(places.toSorted((one, other) => one - other)).toEqual([
      0, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36,
    ]);
  });
});

describe('both', () => {
  it('give the same places to any sequence of calls', async () => {
    const call = record({ afterMs: integer({ min: 0, max: 4_000 }), longestMs: integer({ min: 0, max: 9_000 }) });
    await assert(
      asyncProperty(array(call, { minLength: 3, maxLength: 15 }), async (calls) => {
        const [memory, dynamo] = [memoryPacer(), dynamoPacer(await freshTable())];
        let nowMs = NOW_MS;
        for (const { afterMs, longestMs } of calls) {
          nowMs += afterMs;
          const booking = bookingAt(0, { nowMs, longestMs });
          expect(await dynamo.book(booking)).toBe(await memory.book(booking));
        }
      }),
      { numRuns: 15, seed: 20_261_128 },
    );
  });

  it('count as one rule says', () => {
    expect(placeIn(undefined, bookingAt(0))).toEqual({ waitMs: 0, fullAtMs: NOW_MS + 2_000 });
    expect(placeIn(NOW_MS + 7_000, bookingAt(0))).toEqual({ waitMs: 5_000, fullAtMs: NOW_MS + 9_000 });
    expect(placeIn(NOW_MS + 7_001, bookingAt(0))).toBeNull();
  });
});

describe('the deployed one', () => {
  it('is in the control table, for a day after it was last drawn on', async () => {
    const table = await freshTable();
    process.env['LEDGER_CONTROL_TABLE'] = table;
    await openPacer().book(bookingAt(0));
    delete process.env['LEDGER_CONTROL_TABLE'];
    const { Item } = await client(DynamoDBClient).send(
      new GetItemCommand({ TableName: table, Key: { pk: { S: 'bucket' }, sk: { S: 'ec2:X' } } }),
    );
    expect(Item).toMatchObject({
      fullAt: { N: String(NOW_MS + 2_000) },
      layout: { N: '1' },
      ttl: { N: String(NOW_MS / 1_000 + 86_400) },
    });
  });

  it('fails where the table does not answer', async () => {
    await expect(dynamoPacer('no-such-table').book(bookingAt(0))).rejects.toThrow(/resource/u);
  });
});
