/** A letter that is looked into: where it goes back to, as what, and by what it is known again. */

import type { Message } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { entryOf, received } from '../../../functions/redrive-dead-letters/aws/letters.ts';
import { opened, type Opening } from '../../../functions/redrive-dead-letters/aws/opening.ts';
import type { Origin } from '../../../functions/redrive-dead-letters/decide/origins.ts';
import {
  asynchronous,
  DEAD,
  EVENT,
  functionArn,
  OF_FUNCTION,
  ofRule,
  ofSchedule,
  ruled,
  scheduled,
} from './letters-of-others.ts';
import { arnOf } from './queue-facts.ts';

const TAGGED = [functionArn('charge'), functionArn('ship'), arnOf('orders'), arnOf('placed'), arnOf('nightly')];

function from(...origins: readonly Origin[]): Opening {
  return { queue: DEAD, senders: { origins, unread: [] }, tagged: TAGGED };
}

function attributes(texts: { readonly [name: string]: string }): NonNullable<Message['MessageAttributes']> {
  return Object.fromEntries(
    Object.entries(texts).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
  );
}

const CHARGE = from(asynchronous('charge'));

/** The dead letter of a function's event. */
function ofFunction(more: { readonly [name: string]: string } = {}, Body = EVENT): Message {
  return { MessageId: 'a', ReceiptHandle: 'r', Body, MessageAttributes: attributes({ ...OF_FUNCTION, ...more }) };
}

describe('a letter of a queue', () => {
  it('goes back there as it is, whoever else puts letters there', () => {
    const message = { ...ofFunction(), Attributes: { DeadLetterQueueSourceArn: arnOf('orders') } };
    const { Body, MessageAttributes } = message;
    for (const opening of [CHARGE, { queue: DEAD, senders: null, tagged: TAGGED }])
      expect(opened(message, opening)).toEqual({
        home: { arn: arnOf('orders') },
        functionArn: undefined,
        content: { Body, MessageAttributes },
      });
  });
});

describe('a letter that no queue has left', () => {
  it('stays as long as nobody has looked whose it is, or not to the end', () => {
    const message = ofFunction();
    const { Body, MessageAttributes } = message;
    const rest = { functionArn: undefined, content: { Body, MessageAttributes } };
    const unread = {
      queue: DEAD,
      senders: { origins: [asynchronous('charge')], unread: ['too many rules'] },
      tagged: TAGGED,
    };
    expect(opened(message, { queue: DEAD, senders: null, tagged: TAGGED })).toEqual({
      home: { why: 'sender-unknown' },
      ...rest,
    });
    expect(opened(message, unread)).toEqual({ home: { why: 'too-many-senders' }, ...rest });
    expect(opened(message, from())).toEqual({ home: { why: expect.any(String) }, ...rest });
    expect(opened({}, from()).home).toHaveProperty('why');
  });

  it('goes to the function that failed on it, by the version that failed, without what tells of the failing', () => {
    const [live, plain] = [functionArn('charge:live'), functionArn('charge')];
    const itself = from({ kind: 'lambda-async', function: live, aliases: [], way: { by: 'itself' } });
    expect(opened(ofFunction(), CHARGE)).toEqual({
      home: { arn: plain },
      functionArn: plain,
      content: { Body: EVENT },
    });
    expect(opened(ofFunction(), itself)).toMatchObject({ home: { arn: plain }, functionArn: live });
  });

  it('goes to the queue that a rule names, with the attributes that are its own', () => {
    const texts = { ...ofRule(arnOf('placed')), tenant: 'a' };
    const message: Message = { Body: EVENT, MessageAttributes: attributes(texts) };
    expect(opened(message, from(ruled(arnOf('placed'))))).toEqual({
      home: { arn: arnOf('placed') },
      functionArn: undefined,
      content: { Body: EVENT, MessageAttributes: attributes({ tenant: 'a' }) },
    });
  });
});

describe('a letter of a schedule', () => {
  it('goes as what the schedule had for its queue, not as the request for it', () => {
    const Body = JSON.stringify({ MessageBody: 'run', QueueUrl: arnOf('nightly') });
    const told = attributes(ofSchedule('arn:aws:scheduler:::aws-sdk:sqs:sendMessage'));
    expect(opened({ Body, MessageAttributes: told }, from(scheduled(arnOf('nightly')))).content).toEqual({
      Body: 'run',
      MessageAttributes: {},
    });
  });
});

describe('a letter of a function', () => {
  const ofRequest = (RequestID: string, more: object = {}): Message => ({ ...ofFunction({ RequestID }), ...more });
  const printOf = (message: Message, opening = CHARGE): string | undefined => received(message, opening)?.print;

  it('is known again when its event has failed under another request', () => {
    const first = printOf(ofRequest('1d4b5f0b-7a3a-4ba4-9d1c-0f7d9b5a0001'));
    const again = ofRequest('1d4b5f0b-7a3a-4ba4-9d1c-0f7d9b5a0002', { MessageId: 'b', ReceiptHandle: 's' });
    expect([printOf(again), first?.length]).toEqual([first, 8]);
    const otherwise = ofFunction({ ErrorMessage: 'timed out', ErrorCode: '500' });
    expect(printOf(otherwise)).toBe(first);
  });

  it('is another with another event, and of another function', () => {
    const first = printOf(ofFunction());
    expect(printOf(ofFunction({}, '{"order":6}'))).not.toBe(first);
    expect(printOf(ofFunction(), from(asynchronous('ship')))).not.toBe(first);
    expect(printOf(ofFunction(), from())).not.toBe(first);
  });

  it('is as large as what goes back of it, and as a whole as large as it came', () => {
    const letter = received(ofFunction(), CHARGE);
    const told = Object.entries(OF_FUNCTION).reduce((sum, [name, text]) => sum + name.length + 6 + text.length, 0);
    expect([letter?.bytes, letter?.wholeBytes]).toEqual([EVENT.length, EVENT.length + told]);
  });

  it('goes without what tells of its failing, also to a queue', () => {
    const message: Message = {
      MessageId: 'a',
      ReceiptHandle: 'r',
      Body: EVENT,
      MessageAttributes: attributes({ ...ofRule(arnOf('placed')), tenant: 'a' }),
    };
    const letter = received(message, from(ruled(arnOf('placed'))));
    expect(letter && entryOf(letter, arnOf('placed'), letter.content)).toEqual({
      MessageBody: EVENT,
      MessageAttributes: attributes({ tenant: 'a' }),
    });
  });
});

describe('a target without the tag', () => {
  it('gets nothing of a rule or a function, though a subscription lets its own letters go there', () => {
    const opening = { ...from(asynchronous('charge'), ruled(arnOf('placed'))), tagged: [] };
    for (const message of [ofFunction(), { Body: EVENT, MessageAttributes: attributes(ofRule(arnOf('placed'))) }])
      expect(opened(message, opening).home).toEqual({ why: 'target-not-tagged' });
  });
});
