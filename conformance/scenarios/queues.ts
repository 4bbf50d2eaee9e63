/** Queues: what they are like, what is sent to them and received, and where it goes that nobody handles. */

import {
  CancelMessageMoveTaskCommand,
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListMessageMoveTasksCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  StartMessageMoveTaskCommand,
  type Message,
  type MessageAttributeValue,
  type ReceiveMessageCommandInput,
} from '@aws-sdk/client-sqs';
import { GetResourcesCommand } from '@aws-sdk/client-resource-groups-tagging-api';
import { queueArn, type Place, type Scenario } from '../scenario.ts';

const QUEUES = {
  dead: { tags: { 'runbook:redrive': 'manual' } },
  orders: { deadLetters: 'dead', attributes: { VisibilityTimeout: '20' } },
} as const;
const LINE = { 'line.fifo': {} } as const;

const ATTRIBUTES: Record<string, MessageAttributeValue> = {
  tenant: { DataType: 'String.tenant', StringValue: 't-7' },
  count: { DataType: 'Number', StringValue: '12' },
  blob: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255, 128, 10]) },
};

/** Long enough for all that is there, and short for an emulator that waits in earnest. */
const AT_ONCE = { MaxNumberOfMessages: 10, WaitTimeSeconds: 1 } as const;

/** A receive whose handles, which are opaque, are not noted. */
async function received(
  { sqs, unnoted }: Place,
  QueueUrl: string,
  more: Partial<ReceiveMessageCommandInput> = {},
): Promise<readonly Message[]> {
  const answer = await unnoted(() => sqs(new ReceiveMessageCommand({ QueueUrl, ...AT_ONCE, ...more })));
  return answer?.Messages ?? [];
}

function bodies(messages: readonly Message[]): string {
  return messages.map(({ Body }) => Body).join(' ');
}

export const queueScenarios: readonly Scenario[] = [
  {
    name: 'queues are listed and found by name, and tell attributes, tags, and whose dead letters they take',
    seed: { queues: QUEUES },
    play: async ({ sqs, tagging, id }) => {
      await sqs(new ListQueuesCommand({}));
      await sqs(new ListQueuesCommand({ QueueNamePrefix: 'ord' }));
      await sqs(new GetQueueUrlCommand({ QueueName: 'dead' }));
      await sqs(new GetQueueUrlCommand({ QueueName: 'gone' }));
      const names = ['QueueArn', 'VisibilityTimeout', 'MessageRetentionPeriod', 'DelaySeconds'] as const;
      await sqs(new GetQueueAttributesCommand({ QueueUrl: id('orders'), AttributeNames: [...names] }));
      await sqs(new GetQueueAttributesCommand({ QueueUrl: `${id('orders')}-gone`, AttributeNames: ['All'] }));
      await sqs(new ListQueueTagsCommand({ QueueUrl: id('dead') }));
      await sqs(new ListDeadLetterSourceQueuesCommand({ QueueUrl: id('dead') }));
      await tagging(new GetResourcesCommand({ ResourceTypeFilters: ['sqs'] }));
    },
  },
  {
    name: 'a message is received with what is asked for, counted, hidden, shown again and deleted',
    seed: { queues: QUEUES },
    play: async (place) => {
      const { sqs, id, fact } = place;
      const QueueUrl = id('orders');
      await sqs(new SendMessageCommand({ QueueUrl, MessageBody: 'one', MessageAttributes: ATTRIBUTES }));
      const [shown] = await received(place, QueueUrl, { MessageAttributeNames: ['All'], VisibilityTimeout: 0 });
      fact('attributes', JSON.stringify(shown?.MessageAttributes?.['tenant']));
      fact('MD5s', `${shown?.MD5OfBody} ${shown?.MD5OfMessageAttributes}`);
      const [hidden] = await received(place, QueueUrl, { MessageSystemAttributeNames: ['ApproximateReceiveCount'] });
      fact('received', hidden?.Attributes?.ApproximateReceiveCount);
      const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
      await sqs(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }));
      const handle = { QueueUrl, ReceiptHandle: hidden?.ReceiptHandle };
      await sqs(new ChangeMessageVisibilityCommand({ ...handle, VisibilityTimeout: 0 }));
      await sqs(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }));
      await sqs(new DeleteMessageCommand(handle));
      await sqs(new ReceiveMessageCommand({ QueueUrl, ...AT_ONCE }));
      await sqs(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }));
      await sqs(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'garbage' }));
    },
  },
  {
    name: 'what cannot be sent or received is refused',
    seed: { queues: QUEUES },
    play: async ({ sqs, id }) => {
      const QueueUrl = id('orders');
      await sqs(new SendMessageCommand({ QueueUrl, MessageBody: 'one\u0000' }));
      await sqs(new SendMessageCommand({ QueueUrl, MessageBody: 'one', DelaySeconds: 901 }));
      await sqs(new SendMessageCommand({ QueueUrl, MessageBody: 'x'.repeat(1_048_577) }));
      await sqs(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 11 }));
      await sqs(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 21 }));
    },
  },
  {
    name: 'a batch is done entry by entry, or refused as a whole',
    seed: { queues: QUEUES },
    play: async (place) => {
      const { sqs, id } = place;
      const QueueUrl = id('orders');
      const entry = (Id: string, MessageBody = Id): { Id: string; MessageBody: string } => ({ Id, MessageBody });
      await sqs(new SendMessageBatchCommand({ QueueUrl, Entries: [entry('a'), entry('b')] }));
      await sqs(new SendMessageBatchCommand({ QueueUrl, Entries: [] }));
      await sqs(new SendMessageBatchCommand({ QueueUrl, Entries: [entry('a'), entry('a')] }));
      await sqs(new SendMessageBatchCommand({ QueueUrl, Entries: [entry('a:b')] }));
      const eleven = Array.from({ length: 11 }, (_, index) => entry(`e${index}`));
      await sqs(new SendMessageBatchCommand({ QueueUrl, Entries: eleven }));
      const long = [entry('a', 'x'.repeat(1_048_000)), entry('b', 'y'.repeat(1_000))];
      await sqs(new SendMessageBatchCommand({ QueueUrl, Entries: long }));
      const messages = await received(place, QueueUrl);
      const handles = messages.map(({ ReceiptHandle }, index) => ({ Id: `e${index}`, ReceiptHandle }));
      const hidden = handles.map((one) => ({ ...one, VisibilityTimeout: 60 }));
      await sqs(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries: hidden }));
      await sqs(new DeleteMessageBatchCommand({ QueueUrl, Entries: handles }));
      const AttributeNames = ['ApproximateNumberOfMessagesNotVisible'] as const;
      await sqs(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }));
    },
  },
  {
    name: 'a FIFO queue keeps the order of a group, locks it, and takes nothing twice',
    seed: { queues: LINE },
    play: async (place) => {
      const { sqs, id, fact, unnoted } = place;
      const QueueUrl = id('line.fifo');
      const send = (MessageGroupId: string, MessageBody: string, MessageDeduplicationId: string) =>
        unnoted(() => sqs(new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId, MessageDeduplicationId })));
      const first = await send('a', 'a1', 'd-1');
      await send('b', 'b1', 'd-2');
      await send('a', 'a2', 'd-3');
      const again = await send('a', 'other', 'd-1');
      fact('the same message', again?.MessageId === first?.MessageId);
      fact('the first', bodies(await received(place, QueueUrl, { MaxNumberOfMessages: 1 })));
      fact('of the other group', bodies(await received(place, QueueUrl)));
      await sqs(new SendMessageCommand({ QueueUrl, MessageBody: 'one', MessageDeduplicationId: 'd-4' }));
      await sqs(new SendMessageCommand({ QueueUrl, MessageBody: 'one', MessageGroupId: 'a' }));
      const delayed = {
        QueueUrl,
        MessageBody: 'one',
        MessageGroupId: 'a',
        MessageDeduplicationId: 'd-5',
        DelaySeconds: 2,
      };
      await sqs(new SendMessageCommand(delayed));
    },
  },
  {
    name: 'what was received in vain is a dead letter, as it was sent',
    seed: { queues: QUEUES },
    play: async (place) => {
      const { sqs, id, fact, unnoted } = place;
      const [orders, dead] = [id('orders'), id('dead')];
      const sent = await unnoted(() =>
        sqs(new SendMessageCommand({ QueueUrl: orders, MessageBody: 'poison', MessageAttributes: ATTRIBUTES })),
      );
      for (let times = 0; times < 3; times += 1)
        fact(`receive ${times + 1}`, bodies(await received(place, orders, { VisibilityTimeout: 0 })));
      const [letter] = await received(place, dead, {
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      });
      fact('the same message', letter?.MessageId === sent?.MessageId);
      fact('its attributes', letter?.MD5OfMessageAttributes);
      fact('its source', letter?.Attributes?.DeadLetterQueueSourceArn);
      fact('its receives', letter?.Attributes?.ApproximateReceiveCount);
    },
  },
  {
    name: 'dead letters are moved back by a task',
    seed: { queues: QUEUES },
    play: async ({ sqs }) => {
      await sqs(new StartMessageMoveTaskCommand({ SourceArn: queueArn('orders') }));
      await sqs(new ListMessageMoveTasksCommand({ SourceArn: queueArn('dead') }));
      await sqs(new CancelMessageMoveTaskCommand({ TaskHandle: 'garbage' }));
    },
  },
];
