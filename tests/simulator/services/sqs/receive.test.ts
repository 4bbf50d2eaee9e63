import { describe, expect, it } from 'vitest';
import { messagesIn } from '../../../../simulator/services/sqs/state.ts';
import { ARN, queueWorld, type QueueWorld, redriveTo, refusalOf } from './queues.ts';

const NOW = '1795334400000';

describe('a message that is received', () => {
  const KENOBI = {
    Hello: { DataType: 'String', StringValue: 'There' },
    General: { DataType: 'String', StringValue: 'Kenobi' },
    'Help.Me': { DataType: 'String', StringValue: 'Me' },
  };

  it('shows only what is asked for', () => {
    const { receive } = queueWorld([
      { QueueName: 'q', Messages: [{ MessageId: 'm-1', Body: 'msg', MessageAttributes: KENOBI }] },
    ]);
    const [bare] = receive('q', { VisibilityTimeout: 0 });
    expect(bare).toEqual({
      MessageId: 'm-1',
      ReceiptHandle: expect.any(String),
      MD5OfBody: '6e2baaf3b97dbeef01c0043275f9a0e7',
      Body: 'msg',
    });
    const [all] = receive('q', { VisibilityTimeout: 0, MessageSystemAttributeNames: ['All'] });
    expect(all?.['Attributes']).toEqual({
      SentTimestamp: NOW,
      ApproximateReceiveCount: '2',
      ApproximateFirstReceiveTimestamp: NOW,
    });
    const [one] = receive('q', { VisibilityTimeout: 0, MessageSystemAttributeNames: ['ApproximateReceiveCount'] });
    expect(one?.['Attributes']).toEqual({ ApproximateReceiveCount: '3' });
  });

  // The digests were recorded of AWS: localstack, test_receive_message_message_attribute_names_filters.
  it.each([
    [['All'], ['Hello', 'General', 'Help.Me'], '4c360f3fdafd970e05fae2f149d997f5'],
    [['.*'], ['Hello', 'General', 'Help.Me'], '4c360f3fdafd970e05fae2f149d997f5'],
    [['Hello', 'General'], ['Hello', 'General'], 'fca026605781cb4126a1e9044df24232'],
    [['Hello', 'Foo'], ['Hello'], 'a311262e065454b75da111d535b8dacd'],
    [['Hel.*'], ['Hello', 'Help.Me'], '83fee93c1bcd8b9a5a923ffacdc636c7'],
  ])('shows of its own attributes %o, with the MD5 of these', (asked, names, md5) => {
    const { receive } = queueWorld([{ QueueName: 'q', Messages: [{ Body: 'msg', MessageAttributes: KENOBI }] }]);
    const [message] = receive('q', { MessageAttributeNames: asked });
    const wanted = Object.entries(KENOBI).filter(([name]) => names.includes(name));
    expect(message?.['MessageAttributes']).toEqual(Object.fromEntries(wanted));
    expect(message?.['MD5OfMessageAttributes']).toBe(md5);
  });

  it('gives bytes as bytes, under the MD5 that AWS gave', () => {
    const bytes = Buffer.from('traceparent\u001E00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01');
    const { ask, receive } = queueWorld([{ QueueName: 'q' }]);
    ask('SendMessage', 'q', {
      MessageBody: 'test',
      MessageAttributes: { attr1: { DataType: 'Binary', BinaryValue: new Uint8Array(bytes) } },
    });
    const [message] = receive('q', { MessageAttributeNames: ['All'] });
    expect(message?.['MD5OfMessageAttributes']).toBe('8cbe4db156db8a94db8b801b7addb984');
    expect(message?.['MessageAttributes']).toEqual({
      attr1: { DataType: 'Binary', BinaryValue: new Uint8Array(bytes) },
    });
  });
});

describe('what is received', () => {
  it('is hidden for the time-out, under another handle each time', () => {
    const { receive, pass } = queueWorld([{ QueueName: 'q', Messages: [{ Body: 'one' }] }]);
    const [first] = receive('q');
    expect(receive('q')).toEqual([]);
    pass(29);
    expect(receive('q')).toEqual([]);
    pass(1);
    const [second] = receive('q');
    expect(second?.['MessageId']).toBe(first?.['MessageId']);
    expect(second?.['ReceiptHandle']).not.toBe(first?.['ReceiptHandle']);
  });

  it('is hidden for as long as the request says, or its queue', () => {
    const { receive, pass } = queueWorld([
      { QueueName: 'q', Attributes: { VisibilityTimeout: '5' }, Messages: [{ Body: 'one' }] },
    ]);
    receive('q');
    pass(5);
    expect(receive('q', { VisibilityTimeout: 60 })).toHaveLength(1);
    pass(59);
    expect(receive('q')).toEqual([]);
    pass(1);
    expect(receive('q')).toHaveLength(1);
  });

  it('leaves when it is too old', () => {
    const attributes = { MessageRetentionPeriod: '60' };
    const { bodies, pass, world } = queueWorld([
      {
        QueueName: 'q',
        Attributes: attributes,
        Messages: [{ Body: 'old', Attributes: { SentTimestamp: '1795334399000' } }, { Body: 'new' }],
      },
    ]);
    pass(59);
    expect(bodies('q', { VisibilityTimeout: 0 })).toEqual(['new']);
    pass(1);
    expect(world.records('sqs', 'Queues')[0]?.['Messages']).toEqual([]);
  });

  it('of a standard queue is as old among the dead letters as it was before', () => {
    const { receive, pass, bodies } = queueWorld([
      { QueueName: 'q', Attributes: { RedrivePolicy: redriveTo('dead', 1) }, Messages: [{ Body: 'a' }] },
      { QueueName: 'dead', Attributes: { MessageRetentionPeriod: '3600' } },
    ]);
    receive('q');
    pass(1_800);
    expect([receive('q'), bodies('dead', { VisibilityTimeout: 0 })]).toEqual([[], ['a']]);
    pass(1_799);
    expect(bodies('dead', { VisibilityTimeout: 0 })).toEqual(['a']);
    pass(1);
    expect(receive('dead')).toEqual([]);
  });

  it('of a FIFO queue begins to age anew among the dead letters', () => {
    const { receive, pass, bodies } = queueWorld([
      {
        QueueName: 'q.fifo',
        Attributes: { RedrivePolicy: redriveTo('dead.fifo', 1) },
        Messages: [{ Body: 'a', Attributes: { MessageGroupId: 'g' } }],
      },
      { QueueName: 'dead.fifo', Attributes: { MessageRetentionPeriod: '3600' } },
    ]);
    receive('q.fifo');
    pass(1_800);
    expect(receive('q.fifo')).toEqual([]);
    pass(3_599);
    expect(bodies('dead.fifo', { VisibilityTimeout: 0 })).toEqual(['a']);
    pass(1);
    expect(receive('dead.fifo')).toEqual([]);
  });

  it.each([
    [
      { MaxNumberOfMessages: 11 },
      'Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.',
    ],
    [
      { VisibilityTimeout: 43_201 },
      'Value 43201 for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200, if provided.',
    ],
    [
      { WaitTimeSeconds: 21 },
      'Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.',
    ],
  ])('is not received with %o', (input, message) => {
    const { receive } = queueWorld([{ QueueName: 'q', Messages: [{ Body: 'one' }] }]);
    expect(refusalOf(() => receive('q', input))).toEqual([
      'InvalidParameterValue',
      400,
      'InvalidParameterValue',
      message,
    ]);
  });

  it('is all that a long poll finds, of which a short one may find any number', () => {
    const messages = Array.from({ length: 10 }, (_, index) => ({ Body: String(index) }));
    const counts = Array.from({ length: 20 }, (_, seed) => {
      const { receive, world } = queueWorld([{ QueueName: 'q', Messages: messages }], seed);
      const count = receive('q', { WaitTimeSeconds: 0 }).length;
      expect([...world.assumed]).toEqual([expect.stringContaining('a short poll')]);
      return count;
    });
    expect(Math.min(...counts)).toBe(0);
    expect(Math.max(...counts)).toBe(10);
    const { receive, world } = queueWorld([{ QueueName: 'q', Messages: messages }]);
    expect(receive('q')).toHaveLength(10);
    expect([...world.assumed]).toEqual([]);
  });
});

describe('a queue with 120,000 messages in flight', () => {
  const inFlight = Array.from({ length: 120_000 }, (_, index) => ({
    MessageId: `m-${index}`,
    Body: 'b',
    Attributes: { MessageGroupId: `g-${index}`, SentTimestamp: NOW, ApproximateReceiveCount: '1' },
    ReceiptHandle: 'h',
    VisibleAt: '2026-11-22T09:00:00Z',
  }));

  function full(name: string): QueueWorld {
    const own = { Body: 'one', Attributes: { MessageGroupId: 'a' } };
    const world = queueWorld([{ QueueName: name, Messages: [own] }]);
    const [queue] = world.world.records('sqs', 'Queues');
    if (queue !== undefined) queue['Messages'] = [...inFlight, ...messagesIn(queue)];
    return world;
  }

  it('hands out no more, and says so', () => {
    const { receive } = full('q');
    expect(refusalOf(() => receive('q'))).toEqual(['OverLimit', 403, 'OverLimit', expect.any(String)]);
  });

  it('says nothing of it where it is a FIFO queue', () => {
    expect(full('q.fifo').receive('q.fifo')).toEqual([]);
  });
});

describe('a redrive policy', () => {
  it('moves what was received so often to the dead letters, with all that it had', () => {
    const { receive, pass } = queueWorld([
      {
        QueueName: 'q',
        Attributes: { RedrivePolicy: redriveTo('dead', 2) },
        Messages: [
          {
            MessageId: 'm-1',
            Body: 'poison',
            Attributes: { SentTimestamp: '1795334300000', AWSTraceHeader: 'Root=1-67405f00-0123456789abcdef01234567' },
            MessageAttributes: { tenant: { DataType: 'String.tenant', StringValue: 't-7' } },
          },
        ],
      },
      { QueueName: 'dead' },
    ]);
    for (let times = 0; times < 2; times += 1) {
      expect(receive('q')).toHaveLength(1);
      pass(30);
    }
    expect(receive('dead')).toEqual([]);
    expect(receive('q')).toEqual([]);
    expect(receive('dead', { MessageSystemAttributeNames: ['All'], MessageAttributeNames: ['All'] })).toEqual([
      {
        MessageId: 'm-1',
        ReceiptHandle: expect.any(String),
        Body: 'poison',
        MD5OfBody: '35393c24384b8862798716628f7bc6f4',
        Attributes: {
          SentTimestamp: '1795334300000',
          ApproximateReceiveCount: '3',
          ApproximateFirstReceiveTimestamp: NOW,
          AWSTraceHeader: 'Root=1-67405f00-0123456789abcdef01234567',
          DeadLetterQueueSourceArn: `${ARN}q`,
        },
        MessageAttributes: { tenant: { DataType: 'String.tenant', StringValue: 't-7' } },
        MD5OfMessageAttributes: expect.any(String),
      },
    ]);
  });

  it('of the dead letters themselves moves them on, which is assumed', () => {
    const { receive, world } = queueWorld([
      {
        QueueName: 'dead',
        Attributes: { RedrivePolicy: redriveTo('second', 3) },
        Messages: [{ Body: 'one', Attributes: { ApproximateReceiveCount: '3', DeadLetterQueueSourceArn: `${ARN}q` } }],
      },
      { QueueName: 'second' },
    ]);
    expect(receive('dead')).toEqual([]);
    expect(receive('second')).toHaveLength(1);
    expect([...world.assumed]).toEqual([expect.stringContaining('a dead letter is counted on')]);
  });
});
