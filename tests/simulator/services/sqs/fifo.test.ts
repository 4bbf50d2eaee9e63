import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { parseWorld, worldFile } from '../../../../simulator/world/world-file.ts';
import { ARN, queueWorld, redriveTo, refusalOf, type QueueWorld } from './queues.ts';

const FIFO = 'line.fifo';

function of(group: string, Body: string, more: Shape = {}): Shape {
  return { Body, Attributes: { MessageGroupId: group, ...more } };
}

function line(messages: readonly Shape[] = [], attributes: Shape = {}): QueueWorld {
  return queueWorld([{ QueueName: FIFO, Attributes: attributes, Messages: messages }]);
}

function sent(world: QueueWorld, group: string, body: string, id?: string): Shape {
  const named = id === undefined ? {} : { MessageDeduplicationId: id };
  return world.ask('SendMessage', FIFO, { MessageBody: body, MessageGroupId: group, ...named });
}

describe('a group', () => {
  it('is locked while a message of it is in flight, and others are not', () => {
    const { bodies, pass } = line([of('a', 'a1'), of('b', 'b1'), of('a', 'a2'), of('b', 'b2')]);
    expect(bodies(FIFO, { MaxNumberOfMessages: 1 })).toEqual(['a1']);
    expect(bodies(FIFO)).toEqual(['b1', 'b2']);
    expect(bodies(FIFO)).toEqual([]);
    pass(30);
    expect(bodies(FIFO)).toEqual(['a1', 'b1', 'a2', 'b2']);
  });

  it('is open again once what was in flight is deleted', () => {
    const { ask, receive, bodies } = line([of('a', 'a1'), of('a', 'a2')]);
    const [first] = receive(FIFO, { MaxNumberOfMessages: 1 });
    ask('DeleteMessage', FIFO, { ReceiptHandle: first?.['ReceiptHandle'] });
    expect(bodies(FIFO)).toEqual(['a2']);
  });

  it('is in the order of rising sequence numbers', () => {
    const world = line();
    const numbers = ['a', 'b', 'a'].map(
      (group, index) => sent(world, group, `m${index}`, `d${index}`)['SequenceNumber'],
    );
    expect(numbers).toEqual(['18850000000000000001', '18850000000000000002', '18850000000000000003']);
    expect(world.receive(FIFO, { MessageSystemAttributeNames: ['SequenceNumber'] })).toMatchObject(
      numbers.map((SequenceNumber) => ({ Attributes: { SequenceNumber } })),
    );
  });

  it('goes on when its first message is dead, which is a dead letter under its own id and age', () => {
    const { bodies, receive, pass } = queueWorld([
      {
        QueueName: FIFO,
        Attributes: { RedrivePolicy: redriveTo('dead.fifo', 1) },
        Messages: [{ MessageId: 'm-1', ...of('a', 'a1', { MessageDeduplicationId: 'd-1' }) }, of('a', 'a2')],
      },
      { QueueName: 'dead.fifo', Messages: [of('x', 'x1', { SequenceNumber: '18850000000000000007' })] },
    ]);
    receive(FIFO, { MaxNumberOfMessages: 1 });
    pass(30);
    expect(bodies(FIFO)).toEqual(['a2']);
    expect(receive('dead.fifo', { MessageSystemAttributeNames: ['All'] })[1]).toMatchObject({
      MessageId: 'm-1',
      Attributes: {
        MessageGroupId: 'a',
        MessageDeduplicationId: 'm-1',
        SentTimestamp: '1795334430000',
        SequenceNumber: '18850000000000000008',
        DeadLetterQueueSourceArn: `${ARN}${FIFO}`,
      },
    });
  });
});

describe('what is sent again within five minutes', () => {
  it('is answered as if it was sent, with the id of the first, and is not there', () => {
    const world = line();
    const first = sent(world, 'a', 'one', 'd-1');
    const [message] = world.receive(FIFO);
    world.ask('DeleteMessage', FIFO, { ReceiptHandle: message?.['ReceiptHandle'] });
    world.pass(299);
    expect(sent(world, 'b', 'two', 'd-1')).toMatchObject({
      MessageId: first['MessageId'],
      SequenceNumber: first['SequenceNumber'],
    });
    expect(world.bodies(FIFO)).toEqual([]);
    world.pass(1);
    expect(sent(world, 'a', 'two', 'd-1')['MessageId']).not.toBe(first['MessageId']);
    expect(world.bodies(FIFO)).toEqual(['two']);
  });

  it('is known by its body where the queue says so, and in its group only where it says that', () => {
    const byBody = line([], { ContentBasedDeduplication: 'true' });
    sent(byBody, 'a', 'one');
    sent(byBody, 'b', 'one');
    sent(byBody, 'a', 'two');
    expect(byBody.bodies(FIFO)).toEqual(['one', 'two']);
    const byGroup = line([], { DeduplicationScope: 'messageGroup' });
    sent(byGroup, 'a', 'one', 'd-1');
    sent(byGroup, 'b', 'two', 'd-1');
    expect(byGroup.bodies(FIFO)).toEqual(['one', 'two']);
  });

  it('is known from the file, which keeps what was sent', () => {
    const recent = {
      MessageDeduplicationId: 'd-1',
      MessageGroupId: 'a',
      MessageId: 'm-0',
      SentTimestamp: '1795334200000',
    };
    const world = queueWorld([{ QueueName: FIFO, RecentDeduplicationIds: [recent] }]);
    expect(sent(world, 'a', 'one', 'd-1')).toMatchObject({ MessageId: 'm-0' });
    world.pass(100);
    const { MessageId } = sent(world, 'a', 'one', 'd-1');
    const kept = JSON.stringify(worldFile(world.world)['sqs']);
    expect(kept).toContain(`"MessageId":"${String(MessageId)}","SentTimestamp":"1795334500000"`);
    expect(() => parseWorld(worldFile(world.world))).not.toThrow();
  });
});

describe('a FIFO queue', () => {
  it.each([
    [{ MessageDeduplicationId: 'd' }, 'MissingParameter', 'The request must contain the parameter MessageGroupId.'],
    [
      { MessageGroupId: 'a' },
      'InvalidParameterValue',
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    ],
    [
      { MessageGroupId: 'a', MessageDeduplicationId: 'd', DelaySeconds: 2 },
      'InvalidParameterValue',
      'Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.',
    ],
  ])('does not take %o, and no batch with it', (input, name, message) => {
    const { ask } = line();
    expect(refusalOf(() => ask('SendMessage', FIFO, { MessageBody: 'one', ...input }))).toEqual([
      name,
      400,
      name,
      message,
    ]);
    const Entries = [{ Id: 'a', MessageBody: 'one', ...input }];
    expect(refusalOf(() => ask('SendMessageBatch', FIFO, { Entries }))).toEqual([
      'InvalidParameterValue',
      400,
      'InvalidParameterValue',
      message,
    ]);
  });

  it('has no message without a group, in a file or of a script', () => {
    expect(() => line([{ Body: 'one' }])).toThrow(
      'sqs.Queues[0].Messages[0].Attributes.MessageGroupId: is required in a FIFO queue',
    );
    expect(() => line().set(`sqs/Queues/${FIFO}/Messages/+`, { Body: 'one' })).toThrow(/Attributes\.MessageGroupId/u);
  });

  it('gives every message that is not in flight, however few there are', () => {
    const { bodies, world } = line([of('a', 'a1'), of('b', 'b1')]);
    expect(bodies(FIFO, { WaitTimeSeconds: 0 })).toEqual(['a1', 'b1']);
    expect([...world.assumed]).toEqual([]);
  });
});
