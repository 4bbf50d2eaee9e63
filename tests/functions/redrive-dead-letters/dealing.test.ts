/** What a hand does with the letters that it has, on the simulated SQS: receipts are none of its, so that nothing can be deleted. */

import { describe, expect, it } from 'vitest';
import { openAttempts, roundAtOf } from '../../../functions/redrive-dead-letters/aws/attempts.ts';
import { deal, type Desk } from '../../../functions/redrive-dead-letters/aws/dealing.ts';
import type { Received } from '../../../functions/redrive-dead-letters/aws/letters.ts';
import { Places } from '../../../functions/redrive-dead-letters/aws/places.ts';
import { readQueue } from '../../../functions/redrive-dead-letters/aws/queues.ts';
import { Tally } from '../../../functions/redrive-dead-letters/aws/tally.ts';
import { workIn } from '../../../functions/redrive-dead-letters/aws/work.ts';
import { NO_PROGRESS, type Progress } from '../../../functions/redrive-dead-letters/decide.ts';
import { surroundWith } from '../../../shared/aws/clients.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import type { DataItem, DataLedger } from '../../../shared/kernel/ledger/data.ts';
import { memoryData } from '../../../simulator/engine/data.ts';
import { inFunction } from '../in-a-function.ts';
import { inputOf } from './a-piece.ts';
import { arnOf, queue } from './queue-facts.ts';
import { letter } from './some-letters.ts';

const { arn, url } = queue('parked');
const PARKING = { arn, url, maximumMessageBytes: 1_048_576 };
/** Before the letters were sent. */
const ROUND = '2026-11-22T06:59:00.000Z';
const BEFORE: Progress = { ...NO_PROGRESS, beganAt: ROUND, roundAt: ROUND, pieces: 1 };
const expiresAt = '2026-12-06T07:00:00.000Z';

const WORLD = {
  now: '2026-11-22T08:00:00Z',
  account: '111122223333',
  region: 'eu-west-1',
  sqs: {
    Queues: [
      { QueueName: 'orders', Attributes: { MaximumMessageSize: '1024' } },
      { QueueName: 'parked' },
      { QueueName: 'orders-dlq' },
    ],
  },
};

interface Given {
  readonly before?: Progress;
  readonly rule?: JsonObject;
  readonly data?: DataLedger;
}

interface Dealt {
  readonly told: Progress;
  readonly isOpen: boolean;
  readonly sent: number | undefined;
  readonly parked: number | undefined;
}

/** Deals with the letters, and tells what it has come to. */
async function dealt(
  letters: readonly Received[],
  { before = BEFORE, rule = {}, data = memoryData() }: Given,
): Promise<Dealt> {
  const { value, thrown } = await inFunction(WORLD, async (io) => {
    const wayBack = surroundWith({ data });
    const work = workIn(inputOf({ letters: [], trust: 'untried', rule }));
    const places = new Places(before, work.to, work.round, work);
    const roundAt = await roundAtOf({ queueName: 'orders-dlq', round: work.round, before }, io);
    const tally = new Tally(before, { ...work, roundAt }, io.now());
    const attempts = await openAttempts({ queueName: 'orders-dlq', roundAt }, io);
    const desk: Desk = { work, io, tally, places, attempts, closed: new Map(), aside: 0, spared: [], tried: new Set() };
    await deal(desk, letters).finally(wayBack);
    const visibleIn = async (name: string): Promise<number | undefined> =>
      (await readQueue(arnOf(name), io))?.messages.visible;
    return {
      told: tally.close(io.now(), places),
      isOpen: places.isOpen(),
      sent: await visibleIn('orders'),
      parked: await visibleIn('parked'),
    };
  });
  if (value === undefined) throw thrown;
  return value;
}

/** The ledger in which that letter has gone in this round. */
function noted({ print }: Received): DataLedger {
  const item: DataItem = { partition: 'redriven', key: `orders-dlq/${ROUND}/x`, version: 1, value: { prints: print } };
  return memoryData({ items: [item] });
}

describe('a letter that has been here all the time', () => {
  const kept = (state: 'kept' | 'doubt' | 'back'): Progress => ({
    ...BEFORE,
    received: 1,
    left: { a: { state, why: 'Throttled', expiresAt } },
  });

  it('is not new, however late it was sent', async () => {
    const { told, sent } = await dealt([letter('a')], { before: kept('kept') });
    expect([sent, told.sent, told.stays]).toEqual([1, 1, {}]);
  });

  it('has not come back, though it was noted before a reply was lost', async () => {
    const { told, sent } = await dealt([letter('a')], { before: kept('doubt'), data: noted(letter('a')) });
    expect([sent, told.sent, told.cameBack, told.perhapsTwice]).toEqual([1, 1, 0, 1]);
  });

  it('has come back where it was seen so before', async () => {
    const { told, sent } = await dealt([letter('a')], { before: kept('back'), data: noted(letter('a')) });
    expect([sent, told.left['a']?.state]).toEqual([0, 'back']);
  });
});

describe('a letter that came back in a round before, and is seen only now', () => {
  it('was counted as gone, and is so no more', async () => {
    const went = { ...BEFORE, received: 5, sent: 5, beganAt: '2026-11-22T06:00:00.000Z' };
    const data = noted(letter('a'));
    const { told } = await dealt([letter('a')], { before: went, rule: { round: 2 }, data });
    expect(told).toMatchObject({ received: 5, sent: 5, cameBack: 1 });
    const { told: twice } = await dealt([letter('a')], { before: { ...went, sent: 0 }, rule: { round: 2 }, data });
    expect(twice).toMatchObject({ received: 6, sent: 1, cameBack: 1 });
  });
});

describe('a letter that has arrived, and cannot be deleted', () => {
  it('is known as sent, or as parked', async () => {
    const { told } = await dealt([letter('a')], { rule: { parking: PARKING }, before: NO_PROGRESS });
    expect(told.left['a']).toEqual({ state: 'sent', why: 'ReceiptHandleIsInvalid', expiresAt });
    const rule = { parking: PARKING, maxAttempts: 1, round: 2 };
    const { told: parking, parked } = await dealt([letter('a')], { rule, data: noted(letter('a')) });
    expect([parked, parking.parked]).toEqual([1, 1]);
    expect(parking.left['a']).toEqual({ state: 'parked', why: 'ReceiptHandleIsInvalid', expiresAt });
  });
});

describe('a letter that its queue refuses', () => {
  const large = letter('a', { message: { Body: 'y'.repeat(2_000) } });

  it('is parked where there is a queue for it, else it stays', async () => {
    const { told, sent, parked } = await dealt([large], { before: NO_PROGRESS, rule: { parking: PARKING } });
    expect([sent, parked, told.parked, told.stays]).toEqual([0, 1, 1, {}]);
    const alone = await dealt([large], { before: NO_PROGRESS });
    expect([alone.parked, alone.told.parked, Object.keys(alone.told.stays).length]).toEqual([0, 0, 1]);
  });

  it('leaves its place in the canary to another', async () => {
    const canary = Array.from({ length: 10 }, (_none, index) => letter(String(index), { message: large.message }));
    expect((await dealt(canary, { before: NO_PROGRESS })).isOpen).toBe(true);
    const fit = canary.map(({ id }) => letter(id));
    expect((await dealt(fit, { before: NO_PROGRESS })).isOpen).toBe(false);
    const data = { ...memoryData(), write: () => Promise.reject(new Error('no room')) };
    expect((await dealt(fit, { before: NO_PROGRESS, data })).isOpen).toBe(true);
  });
});
