/** One letter: where it belongs, what of it is sent, in which batches it goes, and how it is counted. */

import { describe, expect, it } from 'vitest';
import { entryOf, packed, received, type Received } from '../../../functions/redrive-dead-letters/aws/letters.ts';
import { openTally } from '../../../functions/redrive-dead-letters/aws/tally.ts';
import { NO_PROGRESS, placeOf, traceOf } from '../../../functions/redrive-dead-letters/decide.ts';
import { arnOf, NOW } from './queue-facts.ts';

const ORDERS = { queue: arnOf('orders'), url: 'https://…/orders', maximumMessageBytes: 1_024 };

function letter(id: string, bytes = 10): Received {
  return { id, receipt: `receipt of ${id}`, message: {}, bytes };
}

describe('a letter', () => {
  it.each([
    ['no-source', { sourceArn: undefined, bytes: 1, isNew: false }],
    ['source-is-gone', { sourceArn: arnOf('payments'), bytes: 1, isNew: false }],
    ['larger-than-its-queue-takes', { sourceArn: arnOf('orders'), bytes: 1_025, isNew: false }],
    ['come-back-or-new', { sourceArn: arnOf('orders'), bytes: 1, isNew: true }],
    [ORDERS, { sourceArn: arnOf('orders'), bytes: 1_024, isNew: false }],
  ])('goes to %s', (place, of) => {
    expect(placeOf(of, [{ ...ORDERS, queue: arnOf('refunds') }, ORDERS])).toEqual(place);
  });

  it.each([
    ['Root=1-a;Parent=b;Sampled=1', 'Root=1-a;Parent=b;Sampled=1'],
    ['Root=1-a;Parent=b;Sampled=1;Lineage=2:a87bd80c:1', 'Root=1-a;Parent=b;Sampled=1'],
    ['Root=1-a;Lineage=2:a87bd80c:1;Sampled=1', 'Root=1-a;Sampled=1'],
    ['Lineage=2:a87bd80c:1;Root=1-a', 'Root=1-a'],
    ['lineage=2:a87bd80c:1', ''],
  ])('with the trace %s goes on with %s', (given, sent) => {
    expect(traceOf(given)).toBe(sent);
  });

  it('cannot be counted or deleted without id and receipt', () => {
    expect([received({ Body: 'x' }), received({ MessageId: 'a' }), received({ ReceiptHandle: 'r' })]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('is as large as its body, and the names, types and values of its attributes', () => {
    const message = {
      MessageId: 'a',
      ReceiptHandle: 'r',
      Body: 'zwölf',
      MessageAttributes: {
        kind: { DataType: 'String', StringValue: 'ß' },
        blob: { DataType: 'Binary', BinaryValue: new Uint8Array(3) },
      },
    };
    expect(received(message)?.bytes).toBe(6 + (4 + 6 + 2) + (4 + 6 + 3));
    expect(received({ MessageId: 'a', ReceiptHandle: 'r' })?.bytes).toBe(0);
  });

  it('is sent as it was, without what SQS gives and does not take', () => {
    const blob = new Uint8Array([1]);
    const of: Received = {
      ...letter('a'),
      message: {
        Body: '{}',
        Attributes: { AWSTraceHeader: 'Root=1-a;Lineage=1:b:0', MessageGroupId: 'tenant', SenderId: 'x' },
        MessageAttributes: {
          n: { DataType: 'Number', StringValue: '1', StringListValues: [] },
          b: { DataType: 'Binary', BinaryValue: blob, BinaryListValues: [] },
        },
      },
    };
    expect(entryOf(of, '7')).toEqual({
      Id: '7',
      MessageBody: '{}',
      MessageAttributes: { n: { DataType: 'Number', StringValue: '1' }, b: { DataType: 'Binary', BinaryValue: blob } },
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-a' } },
      MessageGroupId: 'tenant',
    });
    expect(entryOf({ ...of, message: { Body: '{}', Attributes: { AWSTraceHeader: 'Lineage=1:b:0' } } }, '0')).toEqual({
      Id: '0',
      MessageBody: '{}',
    });
  });
});

describe('letters', () => {
  const sizes = (letters: readonly Received[]): number[][] =>
    packed(letters).map((batch) => batch.map(({ bytes }) => bytes));

  it('go ten at a time, and no more bytes than SQS takes', () => {
    expect(
      packed(Array.from({ length: 21 }, (_none, index) => letter(String(index)))).map(({ length }) => length),
    ).toEqual([10, 10, 1]);
    expect(sizes([600_000, 448_576, 1, 1_048_576, 2].map((bytes) => letter('a', bytes)))).toEqual([
      [600_000, 448_576],
      [1],
      [1_048_576],
      [2],
    ]);
    expect(packed([])).toEqual([]);
  });
});

describe('the count of letters', () => {
  it('adds up, each counted once however often it is handed over', () => {
    const tally = openTally(NO_PROGRESS);
    const [a, b] = [letter('a'), letter('b')];
    tally.claim(10);
    expect(tally.claimed()).toBe(10);
    tally.claim(-8);
    expect(tally.take([a, b])).toEqual({ arrived: [], fresh: [a, b] });
    expect(tally.claimed()).toBe(2);
    // To another hand, while the first has it.
    expect(tally.take([a])).toEqual({ arrived: [], fresh: [] });
    tally.sent(a);
    tally.leave(b, { state: 'kept', why: 'Throttling' });
    tally.forget(a);
    // After it was deleted: a server of SQS had missed that.
    expect(tally.take([a])).toEqual({ arrived: [a], fresh: [] });
    expect(tally.close(NOW)).toMatchObject({
      received: 2,
      sent: 1,
      left: { b: { state: 'kept', why: 'Throttling' } },
      pieces: 1,
      endedAt: NOW,
      isDrained: false,
      rounds: 0,
      trouble: null,
      failedPieces: 0,
    });
  });

  it('goes on with what was left before', () => {
    const left = {
      a: { state: 'sent', why: 'not-deleted' },
      b: { state: 'refused', why: 'no-source' },
      c: { state: 'doubt', why: 'TimeoutError' },
      d: { state: 'kept', why: 'Throttling' },
    } as const;
    const tally = openTally({ ...NO_PROGRESS, received: 4, sent: 1, left, pieces: 2, failedPieces: 1, rounds: 1 });
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((id) => letter(id));
    if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error('four letters');
    expect(tally.hasBegun()).toBe(true);
    expect(tally.take([a, b, c, d])).toEqual({ arrived: [a], fresh: [c, d] });
    tally.sent(c);
    tally.sent(d);
    for (const one of [a, c, d]) tally.forget(one);
    tally.drained();
    expect(tally.close(NOW)).toMatchObject({
      received: 4,
      sent: 3,
      perhapsTwice: 1,
      left: { b: { state: 'refused', why: 'no-source' } },
      isDrained: true,
      rounds: 2,
      pieces: 3,
      failedPieces: 0,
    });
  });

  it('keeps a doubt until the letter has been sent for certain', () => {
    const left = { a: { state: 'doubt', why: 'TimeoutError' }, b: { state: 'doubt', why: 'TimeoutError' } } as const;
    const tally = openTally({ ...NO_PROGRESS, received: 2, left });
    const [a, b] = [letter('a'), letter('b')];
    tally.take([a, b]);
    tally.leave(a, { state: 'kept', why: 'Throttling' });
    tally.leave(b, { state: 'refused', why: 'InvalidMessageContents' });
    expect(tally.close(NOW)).toMatchObject({
      perhapsTwice: 1,
      left: { a: { state: 'doubt', why: 'Throttling' }, b: { state: 'refused', why: 'InvalidMessageContents' } },
    });
    expect(tally.left()).toBe(2);
  });

  it('keeps the first trouble, and how often in a row there was some', () => {
    const tally = openTally({ ...NO_PROGRESS, failedPieces: 2 });
    expect([tally.isStopped(), tally.hasBegun()]).toEqual([false, false]);
    tally.stop('first');
    tally.stop('second');
    expect(tally.isStopped()).toBe(true);
    expect(tally.close(NOW)).toMatchObject({ trouble: 'first', failedPieces: 3 });
  });
});
