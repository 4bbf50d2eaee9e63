import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { queueWorld, refusalOf } from './queues.ts';

const MEBIBYTE = 1_048_576;

function attributes(count: number): Shape {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`k${index}`, { DataType: 'String', StringValue: 'v' }]),
  );
}

function entry(Id: string, MessageBody: string, more: Shape = {}): Shape {
  return { Id, MessageBody, ...more };
}

describe('a message that is sent', () => {
  it('is told with its MD5s, and can be received', () => {
    const { ask, receive } = queueWorld([{ QueueName: 'q' }]);
    const sent = ask('SendMessage', 'q', {
      MessageBody: 'msg',
      MessageGroupId: 'tenant-7',
      MessageAttributes: { Hello: { DataType: 'String', StringValue: 'There' } },
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-2-3' } },
    });
    expect(sent).toEqual({
      MessageId: expect.stringMatching(/^[0-9a-f-]{36}$/u),
      MD5OfMessageBody: '6e2baaf3b97dbeef01c0043275f9a0e7',
      MD5OfMessageAttributes: 'a311262e065454b75da111d535b8dacd',
      MD5OfMessageSystemAttributes: expect.stringMatching(/^[0-9a-f]{32}$/u),
    });
    const [received] = receive('q', { MessageSystemAttributeNames: ['All'], MessageAttributeNames: ['All'] });
    expect(received).toMatchObject({
      MessageId: sent['MessageId'],
      Body: 'msg',
      Attributes: {
        SentTimestamp: '1795334400000',
        ApproximateReceiveCount: '1',
        MessageGroupId: 'tenant-7',
        AWSTraceHeader: 'Root=1-2-3',
      },
      MessageAttributes: { Hello: { DataType: 'String', StringValue: 'There' } },
    });
  });

  it('can be received after its delay, or that of its queue', () => {
    const { ask, bodies, pass } = queueWorld([{ QueueName: 'q', Attributes: { DelaySeconds: '5' } }]);
    ask('SendMessage', 'q', { MessageBody: 'as the queue' });
    ask('SendMessage', 'q', { MessageBody: 'later', DelaySeconds: 10 });
    ask('SendMessage', 'q', { MessageBody: 'now', DelaySeconds: 0 });
    expect(bodies('q')).toEqual(['now']);
    pass(5);
    expect(bodies('q')).toEqual(['as the queue']);
    pass(5);
    expect(bodies('q')).toEqual(['later']);
  });

  it('may be of a mebibyte, attributes counted, and no more', () => {
    const { ask } = queueWorld([{ QueueName: 'q' }]);
    // Name, type and value of k0.
    const rest = MEBIBYTE - 'k0'.length - 'String'.length - 'v'.length;
    const input = { MessageBody: 'x'.repeat(rest), MessageAttributes: attributes(1) };
    expect(ask('SendMessage', 'q', input)).toHaveProperty('MessageId');
    expect(refusalOf(() => ask('SendMessage', 'q', { ...input, MessageBody: 'x'.repeat(rest + 1) }))).toEqual([
      'InvalidParameterValue',
      400,
      'InvalidParameterValue',
      'One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.',
    ]);
  });

  it.each([
    ['a character that XML does not have', { MessageBody: 'a\u0000' }, 'InvalidMessageContents', /'#x0' was found/u],
    ['no body', { MessageBody: '' }, 'MissingParameter', /MessageBody/u],
    [
      'eleven attributes',
      { MessageAttributes: attributes(11) },
      'InvalidParameterValue',
      /\[11\] exceeds the allowed maximum \[10\]/u,
    ],
    [
      'a type that is none',
      { MessageAttributes: { a: { DataType: 'Text', StringValue: 'v' } } },
      'InvalidParameterValue',
      /Binary, Number, String/u,
    ],
    [
      'an attribute without value',
      { MessageAttributes: { a: { DataType: 'String', StringValue: '' } } },
      'InvalidParameterValue',
      /non-empty value of type 'String'/u,
    ],
    [
      'text in a binary attribute',
      { MessageAttributes: { a: { DataType: 'Binary', StringValue: 'v' } } },
      'InvalidParameterValue',
      /type 'Binary'/u,
    ],
    [
      'a number that is none',
      { MessageAttributes: { a: { DataType: 'Number', StringValue: 'v' } } },
      'InvalidParameterValue',
      /to a number/u,
    ],
    [
      'a name of AWS',
      { MessageAttributes: { 'AWS.a': { DataType: 'String', StringValue: 'v' } } },
      'InvalidParameterValue',
      /name of message/u,
    ],
    [
      'a system attribute that cannot be sent',
      { MessageSystemAttributes: { SenderId: { DataType: 'String', StringValue: 'v' } } },
      'InvalidParameterValue',
      /'SenderId'/u,
    ],
    ['a delay of a day', { DelaySeconds: 86_400 }, 'InvalidParameterValue', /DelaySeconds must be >= 0 and <= 900/u],
    ["a FIFO queue's id", { MessageDeduplicationId: 'd' }, 'InvalidParameterValue', /not valid for this queue type/u],
    ['a group with a space', { MessageGroupId: 'a b' }, 'InvalidParameterValue', /MessageGroupId can only include/u],
  ])('is refused with %s', (_what, input, name, message) => {
    const { ask, attributes: asked } = queueWorld([{ QueueName: 'q' }]);
    expect(refusalOf(() => ask('SendMessage', 'q', { MessageBody: 'msg', ...input }))).toEqual([
      name,
      400,
      name,
      expect.stringMatching(message),
    ]);
    expect(asked('q', 'ApproximateNumberOfMessages')).toEqual({ ApproximateNumberOfMessages: '0' });
  });

  it('keeps ten attributes of every type', () => {
    const { ask, receive } = queueWorld([{ QueueName: 'q' }]);
    const own = {
      ...attributes(6),
      count: { DataType: 'Number', StringValue: '123456789012345678901234567890.5' },
      blob: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255, 128, 10]) },
      tenant: { DataType: 'String.tenant', StringValue: 't-7' },
      amount: { DataType: 'Number.eur', StringValue: '12.50' },
    };
    const sent = ask('SendMessage', 'q', { MessageBody: 'msg', MessageAttributes: own });
    const [received] = receive('q', { MessageAttributeNames: ['All'] });
    expect(received?.['MessageAttributes']).toEqual(own);
    expect(received?.['MD5OfMessageAttributes']).toBe(sent['MD5OfMessageAttributes']);
  });
});

describe('a batch', () => {
  it('is taken but for the entries that are wrong', () => {
    const { ask, bodies } = queueWorld([{ QueueName: 'q' }]);
    const Entries = [entry('a', 'one'), entry('b', 'bad \uD800'), entry('c', 'three')];
    expect(ask('SendMessageBatch', 'q', { Entries })).toEqual({
      Successful: [
        { Id: 'a', MessageId: expect.any(String), MD5OfMessageBody: 'f97c5d29941bfb1b2fdab0874906ab82' },
        { Id: 'c', MessageId: expect.any(String), MD5OfMessageBody: '35d6d33467aae9a2e3dccb4b6b027878' },
      ],
      Failed: [
        {
          Id: 'b',
          SenderFault: true,
          Code: 'InvalidMessageContents',
          Message: expect.stringContaining("'#xD800' was found in the message body"),
        },
      ],
    });
    expect(bodies('q')).toEqual(['one', 'three']);
  });

  it.each([
    [[], 'EmptyBatchRequest', 'There should be at least one SendMessageBatchRequestEntry in the request.'],
    [
      Array.from({ length: 20 }, (_, index) => entry(`e${index}`, 'b')),
      'TooManyEntriesInBatchRequest',
      'Maximum number of entries per request are 10. You have sent 20.',
    ],
    [[entry('a', 'one'), entry('a', 'two')], 'BatchEntryIdsNotDistinct', 'Id a repeated.'],
    [
      [entry('a:b', 'one')],
      'InvalidBatchEntryId',
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
    ],
    [
      [entry('a', 'x'.repeat(MEBIBYTE - 9)), entry('b', 'y', { MessageAttributes: attributes(1) })],
      'BatchRequestTooLong',
      'Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.',
    ],
  ])('is refused as a whole: %#', (Entries, name, message) => {
    const { ask, bodies } = queueWorld([{ QueueName: 'q' }]);
    expect(refusalOf(() => ask('SendMessageBatch', 'q', { Entries }))).toEqual([
      name,
      400,
      `AWS.SimpleQueueService.${name}`,
      message,
    ]);
    expect(bodies('q')).toEqual([]);
  });

  it("with an entry over the queue's own maximum is refused, or that entry alone", () => {
    const answers = Array.from({ length: 20 }, (_, seed) => {
      const { ask, bodies, world } = queueWorld([{ QueueName: 'q', Attributes: { MaximumMessageSize: '1024' } }], seed);
      const Entries = [entry('a', 'one'), entry('b', 'x'.repeat(1025))];
      const answer = refusalOf(() => ask('SendMessageBatch', 'q', { Entries }));
      expect([...world.assumed]).toEqual([expect.stringContaining("over the queue's own MaximumMessageSize")]);
      return JSON.stringify([answer, bodies('q')]);
    });
    expect([...new Set(answers)].toSorted()).toEqual([
      '["not refused",["one"]]',
      '[["BatchRequestTooLong",400,"AWS.SimpleQueueService.BatchRequestTooLong","Batch requests cannot be longer than 1024 bytes. You have sent 1028 bytes."],[]]',
    ]);
  });
});
