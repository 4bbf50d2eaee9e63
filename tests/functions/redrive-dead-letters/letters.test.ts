/** One letter: where it belongs, what of it is sent, by what it is known again, and in which batches it goes. */

import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { entryOf, packed, received, type Received } from '../../../functions/redrive-dead-letters/aws/letters.ts';
import {
  fateOf,
  traceOf,
  type Destination,
  type Letter,
  type Rule,
} from '../../../functions/redrive-dead-letters/decide.ts';
import type { Fate, Trust } from '../../../functions/redrive-dead-letters/decide/letter.ts';
import { arnOf } from './queue-facts.ts';
import { letter } from './some-letters.ts';

const ORDERS: Destination = {
  arn: arnOf('orders'),
  url: 'https://…/orders',
  maximumMessageBytes: 1_024,
  trust: 'untried',
  isAnew: false,
};
const OPENING = { queue: arnOf('orders-dlq'), senders: { origins: [], unread: [] }, tagged: [] };
const PARKING = { arn: arnOf('parked'), url: 'https://…/parked', maximumMessageBytes: 1_024 };

function fate(more: Partial<Letter>, trust: Trust = 'untried', parking: Rule['parking'] = null): Fate {
  const judged: Letter = {
    home: { arn: arnOf('orders') },
    bytes: 1_024,
    wholeBytes: more.bytes ?? 1_024,
    standing: 'waiting',
    attempts: 2,
    ...more,
  };
  const to = [
    { ...ORDERS, arn: arnOf('refunds') },
    { ...ORDERS, trust },
  ];
  return fateOf(judged, { to, parking, maxAttempts: 3 });
}

describe('a letter', () => {
  it('goes to the queue that it failed in, as long as nothing speaks against its consumer', () => {
    expect(fate({})).toEqual({ kind: 'send', to: ORDERS });
    expect(fate({ standing: 'again' })).toEqual({ kind: 'send', to: ORDERS });
    expect(fate({}, 'works')).toEqual({ kind: 'send', to: { ...ORDERS, trust: 'works' } });
  });

  it.each<[Trust]>([['on-trial'], ['suspect']])('waits where its consumer is %s', (trust) => {
    expect(fate({}, trust)).toEqual({ kind: 'wait', why: 'waits-for-the-canary' });
    expect(fate({ home: { why: 'sender-unknown' } })).toEqual({ kind: 'wait', why: 'sender-unknown' });
  });

  it.each<[string, Partial<Letter>, Trust]>([
    ['new', { standing: 'new', home: { why: 'no-source' } }, 'untried'],
    ['no-source', { home: { why: 'no-source' }, attempts: 3 }, 'untried'],
    ['source-is-gone', { home: { arn: arnOf('payments') }, attempts: 3 }, 'untried'],
    ['target-not-tagged', { home: { why: 'target-not-tagged' } }, 'untried'],
    ['consumer-fails', { attempts: 3, bytes: 1_025 }, 'fails'],
    ['attempts-used-up', { attempts: 3, bytes: 1_025 }, 'on-trial'],
    ['attempts-used-up', { attempts: 4 }, 'works'],
    ['larger-than-its-queue-takes', { bytes: 1_025 }, 'suspect'],
  ])('stays: %s', (why, more, trust) => {
    expect(fate(more, trust)).toEqual({ kind: 'stay', why });
  });

  it('is parked only where it is its own fault that it cannot go', () => {
    expect(fate({ attempts: 3 }, 'works', PARKING)).toEqual({ kind: 'park', why: 'attempts-used-up' });
    const roomy = { ...PARKING, maximumMessageBytes: 1_025 };
    expect(fate({ bytes: 1_025 }, 'works', roomy)).toEqual({ kind: 'park', why: 'larger-than-its-queue-takes' });
    expect(fate({ bytes: 1_026 }, 'works', roomy)).toEqual({ kind: 'stay', why: 'larger-than-its-queue-takes' });
    for (const more of [
      { home: { why: 'no-source' as const } },
      { home: { arn: arnOf('payments') } },
      { standing: 'new' as const },
    ])
      expect(fate({ attempts: 3, ...more }, 'works', PARKING)).toMatchObject({ kind: 'stay' });
    expect(fate({ attempts: 3 }, 'fails', PARKING)).toEqual({ kind: 'stay', why: 'consumer-fails' });
  });

  it('that has come back waits for the end of the round, wherever it belongs', () => {
    expect(fate({ standing: 'back' }, 'fails')).toEqual({ kind: 'back', isLast: false });
    expect(fate({ standing: 'back', attempts: 3, home: { why: 'no-source' } })).toEqual({ kind: 'back', isLast: true });
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
    expect([
      received({ Body: 'x' }, OPENING),
      received({ MessageId: 'a' }, OPENING),
      received({ ReceiptHandle: 'r' }, OPENING),
    ]).toEqual([undefined, undefined, undefined]);
  });

  it('stays where one listing of who could have sent it was not read to the end', () => {
    const message = { MessageId: 'a', ReceiptHandle: 'r', Body: '{}' };
    const unread = ['there are more than 500 rules: the others were not read'];
    expect(received(message, { ...OPENING, senders: { origins: [], unread } })?.home).toEqual({
      why: 'too-many-senders',
    });
    expect(received(message, { ...OPENING, senders: null })?.home).toEqual({ why: 'sender-unknown' });
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
    expect(received(message, OPENING)?.bytes).toBe(6 + (4 + 6 + 2) + (4 + 6 + 3));
    expect(received({ MessageId: 'a', ReceiptHandle: 'r' }, OPENING)?.bytes).toBe(0);
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
    expect(entryOf(of, arnOf('orders'), of.message)).toEqual({
      MessageBody: '{}',
      MessageAttributes: { n: { DataType: 'Number', StringValue: '1' }, b: { DataType: 'Binary', BinaryValue: blob } },
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-a' } },
      MessageGroupId: 'tenant',
    });
    const bare = { ...of, message: { Body: '{}', Attributes: { AWSTraceHeader: 'Lineage=1:b:0' } } };
    expect(entryOf(bare, arnOf('orders'), bare.message)).toEqual({ MessageBody: '{}' });
  });

  it('has in a FIFO queue an id of its own, the same however often it is sent', () => {
    const of: Received = { ...letter('a'), message: { Body: '{}', Attributes: { MessageGroupId: 'customer-a' } } };
    expect(entryOf(of, arnOf('orders.fifo'), of.message)).toEqual({
      MessageBody: '{}',
      MessageGroupId: 'customer-a',
      MessageDeduplicationId: 'redrive-a',
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
    expect(sizes([600_000, 448_576, 1, 1_048_576, 2].map((bytes) => letter('a', { bytes })))).toEqual([
      [600_000, 448_576],
      [1],
      [1_048_576],
      [2],
    ]);
    expect(packed([])).toEqual([]);
  });
});

describe('a print', () => {
  const printOf = (message: Message): string | undefined =>
    received({ MessageId: 'a', ReceiptHandle: 'r', ...message }, OPENING)?.print;
  const attribute = (DataType: string, StringValue: string): MessageAttributeValue => ({ DataType, StringValue });
  const MESSAGE: Message = {
    Body: '{}',
    Attributes: { DeadLetterQueueSourceArn: arnOf('orders'), MessageGroupId: 'tenant' },
    MessageAttributes: { a: attribute('String', '1'), b: attribute('Number', '2') },
  };

  it('is the same for what comes back, under whatever id and however often it was received', () => {
    const again: Message = {
      ...MESSAGE,
      MessageId: 'other',
      ReceiptHandle: 'other',
      Attributes: { ...MESSAGE.Attributes, SentTimestamp: '5', ApproximateReceiveCount: '3', AWSTraceHeader: 'x' },
      MessageAttributes: { b: attribute('Number', '2'), a: attribute('String', '1') },
    };
    expect(printOf(again)).toBe(printOf(MESSAGE));
    expect(printOf(MESSAGE)).toMatch(/^[\w-]{8}$/u);
  });

  it.each<[string, Message]>([
    ['source', { Attributes: { ...MESSAGE.Attributes, DeadLetterQueueSourceArn: arnOf('refunds') } }],
    ['group', { Attributes: { ...MESSAGE.Attributes, MessageGroupId: 'other' } }],
    ['body', { Body: '{ }' }],
    ['name of an attribute', { MessageAttributes: { a: attribute('String', '1'), c: attribute('Number', '2') } }],
    ['type of an attribute', { MessageAttributes: { a: attribute('Number', '1'), b: attribute('Number', '2') } }],
    ['value of an attribute', { MessageAttributes: { a: attribute('String', '3'), b: attribute('Number', '2') } }],
    ['number of attributes', { MessageAttributes: { a: attribute('String', '1') } }],
  ])('is another with another %s', (_what, more) => {
    expect(printOf({ ...MESSAGE, ...more })).not.toBe(printOf(MESSAGE));
  });

  it('is another with other bytes, and where a part ends elsewhere', () => {
    const blob = (byte: number): Message => ({
      MessageAttributes: { a: { DataType: 'Binary', BinaryValue: new Uint8Array([byte]) } },
    });
    expect(printOf(blob(1))).not.toBe(printOf(blob(2)));
    const of = (MessageGroupId: string, Body: string): string | undefined =>
      printOf({ Body, Attributes: { MessageGroupId } });
    expect(of('ab', 'c')).not.toBe(of('a', 'bc'));
  });
});
