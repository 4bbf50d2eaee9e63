/** Pieces that try consumers, look for what came back, forgive, and park: on the simulated SQS. */

import { describe, expect, it } from 'vitest';
import { NO_PROGRESS, type Place, type Progress } from '../../../functions/redrive-dead-letters/decide.ts';
import { memoryData } from '../../../simulator/engine/data.ts';
import { idOf, letters, moved, printsIn, statesOf, staysOf } from './a-piece.ts';
import { arnOf, queue } from './queue-facts.ts';

const NOTED = 'orders-dlq/2026-11-22T07:59:';

function placesOf(trust: Place['trust'], sent: number): Progress['places'] {
  return { [arnOf('orders')]: { trust, sent, back: 0 } };
}

/** Letters went half a minute before the world begins; all that there are were sent an hour before that. */
const BEFORE: Progress = {
  ...NO_PROGRESS,
  beganAt: '2026-11-22T07:59:30.000Z',
  roundAt: '2026-11-22T07:59:30.000Z',
  lastSentAt: '2026-11-22T07:59:31.000Z',
  pieces: 1,
};

const PARKING = { arn: arnOf('parked'), url: queue('parked').url, maximumMessageBytes: 1_048_576 };

describe('a canary', () => {
  it('goes alone, and the others wait where they are', async () => {
    const { told, sent } = await moved({ letters: letters(100), trust: 'untried' });
    expect([told?.sent, sent]).toEqual([10, 10]);
    expect(told?.places).toEqual({ [arnOf('orders')]: { trust: 'on-trial', sent: 10, back: 0 } });
    expect([told?.received, told?.isDrained, told?.freePieces]).toEqual([10, false, 0]);
  });

  it('goes to each queue, and what is put aside for it is no more than some', async () => {
    const mixed = letters(200).map(({ body }, index) => ({ body, source: index < 150 ? 'orders' : 'refunds' }));
    const wanted = { letters: mixed, to: ['orders', 'refunds'], trust: 'untried' as const, rule: { maxLeft: 600 } };
    const { told, sent } = await moved(wanted);
    expect([told?.sent, sent]).toEqual([10, 10]);
    expect(statesOf(told)).toContain('kept waits-for-the-canary');
    expect(Object.keys(told?.left ?? {}).length).toBeGreaterThanOrEqual(50);
    expect(Object.keys(told?.left ?? {}).length).toBeLessThanOrEqual(60);
  });

  it('keeps what is received meanwhile for later', async () => {
    const { told, sent } = await moved({ letters: letters(3), trust: 'suspect' });
    expect([told?.received, sent]).toEqual([0, 0]);
    const mixed = [...letters(2), { body: 'x', source: 'refunds' }];
    const two = [
      { ...PARKING, arn: arnOf('orders'), trust: 'on-trial' },
      { ...PARKING, arn: arnOf('refunds'), url: queue('orders').url, trust: 'works' },
    ];
    const kept = await moved({ letters: mixed, rule: { to: two } });
    expect([kept.told?.sent, statesOf(kept.told)]).toEqual([1, ['kept waits-for-the-canary']]);
  });
});

describe('before letters go', () => {
  it('they are kept in the ledger, once for all that are noted together', async () => {
    const data = memoryData();
    await moved({ letters: letters(10), data });
    expect(data.dump()).toHaveLength(1);
    expect(printsIn(data)[0]).toHaveLength(80);
    expect(data.dump()[0]?.key).toMatch(/^orders-dlq\/2026-11-22T08:00:/u);
  });

  it('and where they cannot be kept none goes, and the piece ends', async () => {
    const data = { ...memoryData(), write: () => Promise.reject(new Error('no room')) };
    const { told, sent, calls } = await moved({ letters: letters(5), data, trust: 'untried' });
    expect([told?.sent, sent, calls.includes('sqs:SendMessageBatch')]).toEqual([0, 0, false]);
    expect(told?.trouble).toBe('the ledger does not keep what goes: Error: no room');
    expect([told?.places, statesOf(told)]).toEqual([{}, ['kept Error']]);
  });

  it('nothing is received where the ledger cannot be read', async () => {
    const data = { ...memoryData(), list: () => Promise.reject(new Error('no ledger')) };
    await expect(moved({ letters: letters(1), data })).rejects.toThrow('no ledger');
  });
});

describe('what went in this round, and is there again', () => {
  /** The ledger as it is when all letters went at the round's begin. */
  const data = async (count: number): Promise<ReturnType<typeof memoryData>> => {
    const kept = memoryData();
    await moved({ letters: letters(count), data: kept });
    const prints = printsIn(kept).join('');
    // They were sent at seven, so the round is before that.
    return memoryData({
      items: [{ partition: 'redriven', key: `orders-dlq/${ROUND}/x`, version: 1, value: { prints } }],
    });
  };
  const ROUND = '2026-11-22T06:59:00.000Z';
  const WENT: Progress = {
    ...BEFORE,
    beganAt: ROUND,
    roundAt: ROUND,
    received: 8,
    sent: 8,
    places: placesOf('works', 8),
  };

  it('is found, counted, and goes no second time', async () => {
    const { told, sent } = await moved({ letters: letters(2), data: await data(2), rule: { mode: 'collect' } }, WENT);
    expect([told?.sent, told?.received, told?.cameBack, sent]).toEqual([6, 8, 2, 0]);
    expect([statesOf(told), told?.searchedAt]).toEqual([['back came-back'], '2026-11-22T08:00:00.000Z']);
  });

  it('is known to have gone as often as it may', async () => {
    const { told } = await moved({ letters: letters(2), data: await data(2), rule: { maxAttempts: 1 } }, WENT);
    expect(statesOf(told)).toEqual(['back attempts-used-up']);
  });

  it('goes again in the next round, or is parked', async () => {
    const before: Progress = { ...WENT, sent: 6, cameBack: 2, left: backOf(2) };
    const kept = await data(2);
    const again = await moved({ letters: letters(2), data: kept, rule: { round: 2 } }, before);
    expect([again.told?.sent, again.sent, again.told?.left, again.told?.round]).toEqual([8, 2, {}, 2]);
    const rule = { round: 2, maxAttempts: 1, parking: PARKING };
    const parked = await moved({ letters: letters(2), data: await data(2), rule }, before);
    expect([parked.told?.parked, parked.parked, parked.sent, parked.told?.left]).toEqual([2, 2, 0, {}]);
    const stays = await moved({ letters: letters(2), data: await data(2), rule: { round: 2, maxAttempts: 1 } }, before);
    expect([stays.told?.parked, staysOf(stays.told)]).toEqual([0, { 'attempts-used-up': 2 }]);
  });

  it('opens the breaker, which is forgiven in the ledger, and nothing more goes', async () => {
    const kept = await data(6);
    const before: Progress = { ...WENT, received: 10, sent: 10, places: placesOf('works', 10) };
    const { told, sent } = await moved({ letters: letters(6), data: kept }, before);
    expect(told?.places).toEqual({ [arnOf('orders')]: { trust: 'fails', sent: 10, back: 6 } });
    expect(sent).toBe(0);
    const forgiven = kept.dump().filter(({ value }) => value['forgiven'] !== undefined);
    expect(forgiven).toMatchObject([{ value: { forgiven: [arnOf('orders')] } }]);
    expect(forgiven[0]?.key).toContain(`orders-dlq/${ROUND}/`);
  });

  it('is left alone by a search, which sends nothing and tells how many came back', async () => {
    const many = letters(400);
    const rule = { mode: 'search' };
    const { told, sent } = await moved(
      { letters: many, data: await data(5), trust: 'on-trial', rule },
      { ...WENT, places: placesOf('on-trial', 8) },
    );
    expect([sent, told?.sent, told?.isDrained]).toEqual([0, 3, false]);
    expect(Object.keys(told?.left ?? {}).length).toBeGreaterThanOrEqual(50);
    expect(Object.keys(told?.left ?? {}).length).toBeLessThanOrEqual(220);
    expect(statesOf(told)).toEqual(['back came-back', 'kept looked-at']);
    expect(told?.places).toEqual({ [arnOf('orders')]: { trust: 'on-trial', sent: 8, back: 5 } });
  });
});

function backOf(count: number): Progress['left'] {
  const one = { state: 'back', why: 'came-back', expiresAt: '2026-12-01T08:00:00.000Z' } as const;
  return Object.fromEntries(Array.from({ length: count }, (_none, index) => [idOf(index), one]));
}

describe('a consumer that is broken', () => {
  it('is forgiven, and not a letter is looked at', async () => {
    const data = memoryData();
    const before = { ...BEFORE, places: placesOf('on-trial', 10) };
    const { told, calls } = await moved(
      { letters: letters(3), data, trust: 'fails', rule: { mode: 'forgive' } },
      before,
    );
    expect(calls).not.toContain('sqs:ReceiveMessage');
    expect(told?.places).toEqual({ [arnOf('orders')]: { trust: 'fails', sent: 10, back: 0 } });
    expect(data.dump().map(({ key, value }) => [key.slice(0, NOTED.length), value['forgiven']])).toEqual([
      [NOTED, [arnOf('orders')]],
    ]);
  });

  it('is forgiven once, as soon as it is known, and its letters stay', async () => {
    const data = memoryData();
    const known = await moved(
      { letters: letters(3), data, trust: 'fails', to: ['orders', 'refunds'] },
      {
        ...BEFORE,
        places: placesOf('fails', 10),
      },
    );
    expect(data.dump().map(({ value }) => value['forgiven'])).toEqual([[arnOf('refunds')]]);
    expect([known.sent, known.told?.received]).toEqual([0, 0]);
  });
});

describe('what can never go', () => {
  it('is parked where there is a queue for it, with its reason', async () => {
    const large = [...letters(2), { body: 'y'.repeat(2_000) }, { body: 'bell \u0007' }];
    const to = [
      { ...PARKING, arn: arnOf('orders'), url: queue('orders').url, maximumMessageBytes: 1_024, trust: 'works' },
    ];
    const { told, sent, parked } = await moved({ letters: large, rule: { to, parking: PARKING } });
    expect([told?.sent, sent, told?.parked, parked]).toEqual([2, 2, 1, 1]);
    expect(staysOf(told)).toEqual({ InvalidMessageContents: 1 });
  });

  it('is kept where the queue for it takes nothing', async () => {
    const gone = { ...PARKING, url: queue('nowhere').url };
    const to = [{ ...PARKING, arn: arnOf('orders'), url: queue('orders').url, maximumMessageBytes: 4, trust: 'works' }];
    const { told } = await moved({ letters: letters(2), rule: { to, parking: gone } });
    expect([told?.parked, told?.trouble, statesOf(told)]).toEqual([0, null, ['kept QueueDoesNotExist']]);
  });
});
