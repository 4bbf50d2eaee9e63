/** A piece of the work, on the simulated SQS. */

import { describe, expect, it } from 'vitest';
import { redrivePiece } from '../../../functions/redrive-dead-letters/aws/piece.ts';
import { readQueue, sourcesOf } from '../../../functions/redrive-dead-letters/aws/queues.ts';
import { NO_PROGRESS, progressIn, type Progress } from '../../../functions/redrive-dead-letters/decide.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { inFunction } from '../in-a-function.ts';
import { arnOf, queue } from './queue-facts.ts';

interface Wanted {
  readonly letters: readonly { readonly body: string; readonly source?: string }[];
  readonly maxItems?: number;
  readonly perSecond?: number;
  /** Queues that may be sent to; `orders` alone is there. */
  readonly to?: readonly string[];
}

function idOf(index: number): string {
  return `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
}

function worldOf(wanted: Wanted): object {
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf('orders-dlq'), maxReceiveCount: 3 });
  return {
    now: '2026-11-22T08:00:00Z',
    account: '111122223333',
    region: 'eu-west-1',
    sqs: {
      Queues: [
        { QueueName: 'orders', Attributes: { RedrivePolicy } },
        {
          QueueName: 'orders-dlq',
          Messages: wanted.letters.map(({ body, source = 'orders' }, index) => ({
            MessageId: idOf(index),
            Body: body,
            Attributes: { DeadLetterQueueSourceArn: arnOf(source), SentTimestamp: '1795330800000' },
          })),
        },
      ],
    },
  };
}

function inputOf({ maxItems, perSecond = 10_000, to = ['orders'] }: Wanted): JsonObject {
  const places = to
    .map((name) => queue(name))
    .map(({ arn, url, maximumMessageBytes }) => ({ queue: arn, url, maximumMessageBytes }));
  return {
    select: { queue: arnOf('orders-dlq'), url: queue('orders-dlq').url },
    rule: { to: places, perSecond, hiddenSeconds: 60, maxLeft: 40 },
    maxItems: maxItems ?? null,
  };
}

/** What a piece tells, and how many letters are where afterwards. */
async function moved(
  wanted: Wanted,
  before?: Progress,
): Promise<{ told: Progress | undefined; sent: number | undefined; calls: readonly string[]; seconds: number }> {
  const { value, thrown, requests } = await inFunction(worldOf(wanted), async (io) => {
    const beganMs = Date.parse(io.now());
    const told = await redrivePiece.piece(inputOf(wanted), io, before);
    const seconds = (Date.parse(io.now()) - beganMs) / 1_000;
    return { told: progressIn(told), sent: (await readQueue(arnOf('orders'), io))?.messages.visible, seconds };
  });
  if (value === undefined) throw thrown;
  return { ...value, calls: requests.map(({ call }) => call) };
}

function letters(count: number, body: (index: number) => string = (index) => `{"id":${index}}`): Wanted['letters'] {
  return Array.from({ length: count }, (_none, index) => ({ body: body(index) }));
}

describe('a piece of the work', () => {
  it('moves all that there is, by several hands', async () => {
    const { told, sent, calls } = await moved({ letters: letters(300) });
    expect(told).toMatchObject({ received: 300, sent: 300, left: {}, isDrained: true, trouble: null, pieces: 1 });
    expect(sent).toBe(300);
    expect(calls.filter((call) => call === 'sqs:SendMessageBatch').length).toBeLessThanOrEqual(45);
  });

  it('moves six letters of 200 kB in batches that SQS takes', async () => {
    const { told, sent, calls } = await moved({
      letters: letters(6, (id) => JSON.stringify({ id, pad: 'y'.repeat(200_000) })),
    });
    expect([told?.sent, sent]).toEqual([6, 6]);
    expect(calls.filter((call) => call === 'sqs:SendMessageBatch')).toHaveLength(2);
  });

  it('leaves the one that SQS does not take, and moves its neighbours', async () => {
    const { told, sent } = await moved({ letters: letters(5, (id) => (id === 2 ? 'bell \u0007' : `{"id":${id}}`)) });
    expect([told?.received, told?.sent, sent]).toEqual([5, 4, 4]);
    expect(told?.left).toEqual({ [idOf(2)]: { state: 'refused', why: 'InvalidMessageContents' } });
  });

  it('is held up by no queue that takes nothing, but where there is no other', async () => {
    const both = letters(30).map(({ body }, index) => ({ body, source: index % 2 === 0 ? 'orders' : 'refunds' }));
    const { told, sent } = await moved({ letters: both, to: ['orders', 'refunds'] });
    expect([told?.received, told?.sent, sent, told?.trouble]).toEqual([30, 15, 15, null]);
    expect(new Set(Object.values(told?.left ?? {}).map(({ state, why }) => `${state} ${why}`))).toEqual(
      new Set(['kept QueueDoesNotExist']),
    );
    const alone = await moved({ letters: both, to: ['refunds'] });
    expect(alone.told?.trouble).toMatch(/^QueueDoesNotExist: /u);
    expect([alone.told?.isDrained, alone.told?.failedPieces]).toEqual([false, 1]);
  });

  it('ends where it has left as many as can be known again', async () => {
    const { told, seconds } = await moved({ letters: letters(400).map(({ body }) => ({ body, source: 'payments' })) });
    const left = Object.keys(told?.left ?? {}).length;
    expect(left).toBeGreaterThan(40);
    expect(left).toBeLessThanOrEqual(200);
    expect([told?.received, told?.isDrained]).toEqual([left, false]);
    expect(seconds).toBeLessThan(5);
  });

  it('leaves what has come back since the run began', async () => {
    const late: Progress = { ...NO_PROGRESS, beganAt: '2026-11-21T00:00:00.000Z', pieces: 1 };
    const { told, sent } = await moved({ letters: letters(3) }, late);
    expect([told?.sent, sent]).toEqual([0, 0]);
    expect(Object.values(told?.left ?? {})[0]).toEqual({ state: 'refused', why: 'come-back-or-new' });
  });

  it('takes no more than are asked for', async () => {
    const { told, sent } = await moved({ letters: letters(50), maxItems: 23 });
    expect([told?.received, told?.isDrained, sent]).toEqual([23, false, 23]);
  });

  it('keeps the pace that is set, and ends after ten seconds', async () => {
    const { told, seconds } = await moved({ letters: letters(200), perSecond: 7 });
    expect(told?.sent).toBeGreaterThanOrEqual(63);
    expect(told?.sent).toBeLessThanOrEqual(77);
    expect(told?.isDrained).toBe(false);
    expect(seconds).toBeGreaterThanOrEqual(10);
    expect(seconds).toBeLessThan(12);
  });

  it('deletes what has arrived before, and sends it no second time', async () => {
    const before: Progress = {
      received: 1,
      sent: 1,
      perhapsTwice: 0,
      beganAt: '2026-11-22T07:58:00.000Z',
      left: { [idOf(0)]: { state: 'sent', why: 'not-deleted' } },
      isDrained: true,
      trouble: null,
      endedAt: '2026-11-22T07:59:00.000Z',
      pieces: 1,
      failedPieces: 0,
      rounds: 1,
    };
    const { told, sent } = await moved({ letters: letters(2) }, before);
    expect(told).toMatchObject({ received: 2, sent: 2, left: {}, pieces: 2, rounds: 2 });
    expect(sent).toBe(1);
  });

  it('fails where it may not receive, for nothing is done yet', async () => {
    const { thrown } = await inFunction(worldOf({ letters: [] }), (io) => {
      const input = inputOf({ letters: [] });
      const gone = { ...input, select: { queue: 'x', url: `${queue('orders-dlq').url}-gone` } };
      return redrivePiece.piece(gone, io, undefined);
    });
    expect(String(thrown)).toContain('QueueDoesNotExist');
  });

  it('fails for a plan of another form', async () => {
    const { thrown } = await inFunction(worldOf({ letters: [] }), (io) =>
      redrivePiece.piece({ select: {}, rule: {} }, io, undefined),
    );
    expect(String(thrown)).toContain('plan:');
  });
});

describe('queues', () => {
  it('are read with what their attributes say, and those whose letters they have', async () => {
    const { value } = await inFunction(worldOf({ letters: letters(2) }), async (io) => {
      const dlq = await readQueue(arnOf('orders-dlq'), io);
      const { sources } = dlq === null ? { sources: [] } : await sourcesOf(dlq, io);
      return { dlq, sources, gone: await readQueue(arnOf('payments'), io) };
    });
    expect(value?.dlq).toMatchObject({ name: 'orders-dlq', deadLetters: null, messages: { visible: 2, inFlight: 0 } });
    expect(value?.sources).toMatchObject([{ name: 'orders', deadLetters: arnOf('orders-dlq'), isFifo: false }]);
    expect(value?.gone).toBeNull();
  });
});
