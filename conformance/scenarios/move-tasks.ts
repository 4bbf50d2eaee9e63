/** SQS's own way to bring dead letters back, and what ours rests on. Moto has no tasks: these are held against ElasticMQ alone. */

import {
  CancelMessageMoveTaskCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  StartMessageMoveTaskCommand,
  type ListMessageMoveTasksResultEntry,
  type Message,
} from '@aws-sdk/client-sqs';
import { queueArn, type Place, type Scenario } from '../scenario.ts';

const QUEUES = { dead: {}, orders: { deadLetters: 'dead' }, other: {} } as const;

const DEAD = { SourceArn: queueArn('dead') } as const;

async function countIn({ sqs, unnoted }: Place, QueueUrl: string): Promise<number> {
  const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] });
  const attributes = (await unnoted(() => sqs(command)))?.Attributes ?? {};
  return AttributeNames.reduce((sum, name) => sum + Number(attributes[name] ?? 0), 0);
}

async function received({ sqs, unnoted }: Place, QueueUrl: string): Promise<readonly Message[]> {
  const most = { MaxNumberOfMessages: 10, VisibilityTimeout: 0, WaitTimeSeconds: 1 } as const;
  const command = new ReceiveMessageCommand({ QueueUrl, ...most, MessageSystemAttributeNames: ['All'] });
  return (await unnoted(() => sqs(command)))?.Messages ?? [];
}

/** Sends so many, and receives them in vain until they are dead letters; their ids. */
async function makeLetters(place: Place, count: number): Promise<readonly string[]> {
  const { sqs, unnoted, id } = place;
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const command = new SendMessageCommand({ QueueUrl: id('orders'), MessageBody: `letter ${index}` });
    ids.push((await unnoted(() => sqs(command)))?.MessageId ?? '');
  }
  for (let times = 0; times < 10 && (await countIn(place, id('dead'))) < count; times += 1)
    await received(place, id('orders'));
  return ids;
}

/** The tasks of the queue of dead letters, newest first, without what is opaque or a time. */
async function tasks({ sqs, unnoted }: Place): Promise<readonly ListMessageMoveTasksResultEntry[]> {
  const answer = await unnoted(() => sqs(new ListMessageMoveTasksCommand({ ...DEAD, MaxResults: 10 })));
  return answer?.Results ?? [];
}

export const moveTaskScenarios: readonly Scenario[] = [
  {
    name: 'a task moves dead letters back to where they failed',
    seed: { queues: QUEUES },
    play: async (place) => {
      const { sqs, id, fact, unnoted, until } = place;
      const ids = await makeLetters(place, 2);
      const started = await unnoted(() => sqs(new StartMessageMoveTaskCommand(DEAD)));
      fact('it is started, and has a handle', started?.TaskHandle !== undefined);
      await until('all are back', async () => (await countIn(place, id('orders'))) === 2);
      fact('that stay', await countIn(place, id('dead')));
      await until('it says so', async () => (await tasks(place))[0]?.Status === 'COMPLETED');
      const [task] = await tasks(place);
      fact('where it moved from', task?.SourceArn);
      fact('where it moved to', task?.DestinationArn);
      fact('that were to be moved', task?.ApproximateNumberOfMessagesToMove);
      fact('its handle when it is done', task?.TaskHandle === undefined ? 'none' : 'one');
      const [letter] = await received(place, id('orders'));
      fact('the id of before', ids.includes(letter?.MessageId ?? ''));
      fact('its receives', letter?.Attributes?.ApproximateReceiveCount);
      fact('its source', letter?.Attributes?.DeadLetterQueueSourceArn);
    },
  },
  {
    name: 'a task moves dead letters to a queue that is named',
    seed: { queues: QUEUES },
    play: async (place) => {
      const { sqs, id, fact, unnoted, until } = place;
      await makeLetters(place, 2);
      const input = { ...DEAD, DestinationArn: queueArn('other') };
      await unnoted(() => sqs(new StartMessageMoveTaskCommand(input)));
      await until('all are there', async () => (await countIn(place, id('other'))) === 2);
      fact('where it moved to', (await tasks(place))[0]?.DestinationArn);
    },
  },
  {
    name: 'one task at a time moves letters, at the pace that is asked for, until it is cancelled',
    seed: { queues: QUEUES },
    play: async (place) => {
      const { sqs, id, fact, unnoted, until } = place;
      await makeLetters(place, 20);
      const slowly = { ...DEAD, MaxNumberOfMessagesPerSecond: 1 };
      const started = await unnoted(() => sqs(new StartMessageMoveTaskCommand(slowly)));
      await sqs(new StartMessageMoveTaskCommand(slowly));
      fact('what it says', (await tasks(place))[0]?.Status);
      fact('that are to be moved', (await tasks(place))[0]?.ApproximateNumberOfMessagesToMove);
      const { TaskHandle } = started ?? {};
      const cancelled = await unnoted(() => sqs(new CancelMessageMoveTaskCommand({ TaskHandle })));
      fact('it is cancelled, and says how many it moved', cancelled?.ApproximateNumberOfMessagesMoved !== undefined);
      await until('it is told as cancelled', async () => (await tasks(place))[0]?.Status === 'CANCELLED');
      fact('some stay', (await countIn(place, id('dead'))) > 0);
      await sqs(new CancelMessageMoveTaskCommand({ TaskHandle }));
    },
  },
  {
    name: 'a task is refused that could not move anything',
    seed: { queues: QUEUES },
    play: async ({ sqs }) => {
      await sqs(new StartMessageMoveTaskCommand({ SourceArn: queueArn('gone') }));
      await sqs(new StartMessageMoveTaskCommand({ ...DEAD, DestinationArn: queueArn('gone') }));
      await sqs(new StartMessageMoveTaskCommand({ ...DEAD, MaxNumberOfMessagesPerSecond: 501 }));
      await sqs(new ListMessageMoveTasksCommand({ SourceArn: queueArn('gone') }));
      await sqs(new ListMessageMoveTasksCommand({ ...DEAD, MaxResults: 11 }));
    },
  },
  {
    name: 'a deletion may be asked for again, since its reply may have been lost',
    seed: { queues: QUEUES },
    play: async (place) => {
      const { sqs, id, unnoted } = place;
      const QueueUrl = id('orders');
      await unnoted(() => sqs(new SendMessageCommand({ QueueUrl, MessageBody: 'one' })));
      const [message] = await received(place, QueueUrl);
      const Entries = [{ Id: '0', ReceiptHandle: message?.ReceiptHandle }];
      for (let times = 0; times < 2; times += 1) await sqs(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    },
  },
];
