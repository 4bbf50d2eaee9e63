import { describe, expect, it } from 'vitest';
import { queueWorld, refusalOf } from './queues.ts';

const GROUP = { MessageGroupId: 'a' };

describe('a receipt handle', () => {
  it('deletes its message, once and again', () => {
    const { ask, receive, pass } = queueWorld([{ QueueName: 'q', Messages: [{ Body: 'one' }] }]);
    const [message] = receive('q');
    const input = { ReceiptHandle: message?.['ReceiptHandle'] };
    expect(ask('DeleteMessage', 'q', input)).toEqual({});
    expect(ask('DeleteMessage', 'q', input)).toEqual({});
    pass(60);
    expect(receive('q')).toEqual([]);
  });

  it('that has expired is taken by a standard queue and refused by a FIFO queue', () => {
    const { ask, receive, pass } = queueWorld([
      { QueueName: 'q', Messages: [{ Body: 'one' }] },
      { QueueName: 'q.fifo', Messages: [{ Body: 'one', Attributes: GROUP }] },
    ]);
    const [standard] = receive('q');
    const [fifo] = receive('q.fifo');
    pass(31);
    expect(ask('DeleteMessage', 'q', { ReceiptHandle: standard?.['ReceiptHandle'] })).toEqual({});
    expect(receive('q')).toEqual([]);
    const handle = String(fifo?.['ReceiptHandle']);
    expect(refusalOf(() => ask('DeleteMessage', 'q.fifo', { ReceiptHandle: handle }))).toEqual([
      'InvalidParameterValue',
      400,
      'InvalidParameterValue',
      `Value ${handle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`,
    ]);
    expect(receive('q.fifo')).toHaveLength(1);
  });

  it('that is not the last deletes nothing, and is answered as if it did', () => {
    const { ask, receive, pass, world } = queueWorld([{ QueueName: 'q', Messages: [{ Body: 'one' }] }]);
    const [first] = receive('q');
    pass(30);
    receive('q');
    expect(ask('DeleteMessage', 'q', { ReceiptHandle: first?.['ReceiptHandle'] })).toEqual({});
    expect([...world.assumed]).toEqual([expect.stringContaining('an older receipt handle')]);
    pass(30);
    expect(receive('q')).toHaveLength(1);
  });

  it.each(['garbage', 'AQEBgarbage', 'AQEBe30='])('that is none is refused: %s', (ReceiptHandle) => {
    const { ask } = queueWorld([{ QueueName: 'q' }]);
    expect(refusalOf(() => ask('DeleteMessage', 'q', { ReceiptHandle }))).toEqual([
      'ReceiptHandleIsInvalid',
      404,
      'ReceiptHandleIsInvalid',
      `The input receipt handle "${ReceiptHandle}" is not a valid receipt handle.`,
    ]);
  });

  it('of another queue is none', () => {
    const { ask, receive } = queueWorld([{ QueueName: 'q', Messages: [{ Body: 'one' }] }, { QueueName: 'other' }]);
    const [message] = receive('q');
    expect(refusalOf(() => ask('DeleteMessage', 'other', { ReceiptHandle: message?.['ReceiptHandle'] }))).toContain(
      'ReceiptHandleIsInvalid',
    );
  });
});

describe('a batch', () => {
  it('deletes what it can, and names the entry that it cannot', () => {
    const { ask, receive, attributes } = queueWorld([{ QueueName: 'q', Messages: [{ Body: 'one' }] }]);
    const [message] = receive('q');
    const Entries = [
      { Id: 'a', ReceiptHandle: message?.['ReceiptHandle'] },
      { Id: 'b', ReceiptHandle: 'garbage' },
    ];
    expect(ask('DeleteMessageBatch', 'q', { Entries })).toEqual({
      Successful: [{ Id: 'a' }],
      Failed: [{ Id: 'b', SenderFault: true, Code: 'ReceiptHandleIsInvalid', Message: expect.any(String) }],
    });
    expect(attributes('q', 'ApproximateNumberOfMessagesNotVisible')).toEqual({
      ApproximateNumberOfMessagesNotVisible: '0',
    });
  });

  it.each([
    ['DeleteMessageBatch', 'DeleteMessageBatchRequestEntry'],
    ['ChangeMessageVisibilityBatch', 'ChangeMessageVisibilityBatchRequestEntry'],
  ])('of none is refused: %s', (call, kind) => {
    const { ask } = queueWorld([{ QueueName: 'q' }]);
    expect(refusalOf(() => ask(call, 'q', { Entries: [] }))).toEqual([
      'EmptyBatchRequest',
      400,
      'AWS.SimpleQueueService.EmptyBatchRequest',
      `There should be at least one ${kind} in the request.`,
    ]);
  });
});

describe('the time-out of a message', () => {
  it('is changed from now on, to nothing at all as well', () => {
    const { ask, receive, pass } = queueWorld([{ QueueName: 'q', Messages: [{ Body: 'one' }] }]);
    const [first] = receive('q');
    pass(20);
    ask('ChangeMessageVisibility', 'q', { ReceiptHandle: first?.['ReceiptHandle'], VisibilityTimeout: 60 });
    pass(59);
    expect(receive('q')).toEqual([]);
    pass(1);
    const [second] = receive('q');
    const Entries = [{ Id: 'a', ReceiptHandle: second?.['ReceiptHandle'], VisibilityTimeout: 0 }];
    expect(ask('ChangeMessageVisibilityBatch', 'q', { Entries })).toEqual({ Successful: [{ Id: 'a' }] });
    expect(receive('q')).toHaveLength(1);
  });

  it('is not changed of what is not in flight, is gone, or for more than twelve hours', () => {
    const { ask, receive, pass } = queueWorld([{ QueueName: 'q', Messages: [{ Body: 'one' }] }]);
    const ReceiptHandle = receive('q')[0]?.['ReceiptHandle'];
    const change = (VisibilityTimeout: number): unknown =>
      refusalOf(() => ask('ChangeMessageVisibility', 'q', { ReceiptHandle, VisibilityTimeout }));
    expect(change(43_201)).toContain(
      'Value 43201 for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200, if provided.',
    );
    pass(30);
    expect(change(5)).toEqual([
      'MessageNotInflight',
      400,
      'AWS.SimpleQueueService.MessageNotInflight',
      'The message referred to is not in flight.',
    ]);
    ask('DeleteMessage', 'q', { ReceiptHandle });
    expect(change(5)).toEqual([
      'InvalidParameterValue',
      400,
      'InvalidParameterValue',
      `Value ${String(ReceiptHandle)} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
    ]);
  });
});
