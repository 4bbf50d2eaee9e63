/** A piece of the work, on the simulated SQS. */

import { describe, expect, it } from 'vitest';
import { redrivePiece } from '../../../functions/redrive-dead-letters/aws/piece.ts';
import { readQueue, sourcesOf } from '../../../functions/redrive-dead-letters/aws/queues.ts';
import { NO_PROGRESS, type Progress } from '../../../functions/redrive-dead-letters/decide.ts';
import { staysIn } from '../../../functions/redrive-dead-letters/decide/progress.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { inFunction } from '../in-a-function.ts';
import { idOf, inputOf, letters, moved, statesOf, staysOf, worldOf } from './a-piece.ts';
import { arnOf, queue } from './queue-facts.ts';

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
    expect([told?.left, staysOf(told)]).toEqual([{}, { InvalidMessageContents: 1 }]);
  });

  it('is held up by no queue that takes nothing, but where there is no other', async () => {
    const both = letters(30).map(({ body }, index) => ({ body, source: index % 2 === 0 ? 'orders' : 'refunds' }));
    const { told, sent } = await moved({ letters: both, to: ['orders', 'refunds'] });
    expect([told?.received, told?.sent, sent, told?.trouble]).toEqual([30, 15, 15, null]);
    expect(statesOf(told)).toEqual(['kept QueueDoesNotExist']);
    const alone = await moved({ letters: both, to: ['refunds'] });
    expect(alone.told?.trouble).toMatch(/^QueueDoesNotExist: /u);
    expect([alone.told?.isDrained, alone.told?.failedPieces]).toEqual([false, 1]);
  });

  it('ends where as many stay, or are in hand, as can be known again', async () => {
    const strays = letters(400).map(({ body }) => ({ body, source: 'payments' }));
    const staying = await moved({ letters: strays });
    const stays = staysIn(staying.told ?? NO_PROGRESS);
    expect(staysOf(staying.told)).toEqual({ 'source-is-gone': stays });
    expect(stays).toBeGreaterThan(60);
    expect(stays).toBeLessThanOrEqual(220);
    expect([staying.told?.received, staying.told?.isDrained, staying.told?.left]).toEqual([stays, false, {}]);
    expect(staying.seconds).toBeLessThan(5);
    const kept = await moved({
      letters: letters(400).map(({ body }) => ({ body, source: 'refunds' })),
      to: ['orders', 'refunds'],
    });
    const left = Object.keys(kept.told?.left ?? {}).length;
    expect(left).toBeGreaterThan(40);
    expect(left).toBeLessThanOrEqual(200);
  });

  it('leaves what is new since the run began', async () => {
    const late: Progress = { ...NO_PROGRESS, beganAt: '2026-11-21T00:00:00.000Z', pieces: 1 };
    const { told, sent } = await moved({ letters: letters(3) }, late);
    expect([told?.sent, sent, staysOf(told)]).toEqual([0, 0, { new: 3 }]);
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
    const expiresAt = '2026-12-01T08:00:00.000Z';
    const before: Progress = {
      ...NO_PROGRESS,
      received: 1,
      sent: 1,
      beganAt: '2026-11-22T07:58:00.000Z',
      roundAt: '2026-11-22T07:58:00.000Z',
      left: { [idOf(0)]: { state: 'sent', why: 'not-deleted', expiresAt } },
      isDrained: true,
      endedAt: '2026-11-22T07:59:00.000Z',
      pieces: 1,
      sweeps: 1,
    };
    const { told, sent } = await moved({ letters: letters(2) }, before);
    expect(told).toMatchObject({ received: 2, sent: 2, left: {}, pieces: 2, sweeps: 1 });
    expect(sent).toBe(1);
  });

  it('fails where it may not receive, for nothing is done yet', async () => {
    const { thrown } = await inFunction(worldOf({ letters: [] }), (io) => {
      const input = inputOf({ letters: [] });
      const select = { queue: 'x', url: `${queue('orders-dlq').url}-gone`, held: 0, retentionSeconds: 60 };
      const gone = { ...input, select };
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

  it.each<[string, JsonObject]>([
    ['the plan says eat, which is none of send, collect, search, forgive', { mode: 'eat' }],
    ['the plan says blind, which is none of', { to: [{ arn: 'q', url: 'u', maximumMessageBytes: 1, trust: 'blind' }] }],
  ])('fails: %s', async (why, rule) => {
    await expect(moved({ letters: [], rule })).rejects.toThrow(why);
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
