/**
 * The simulated SQS: queues, and what is in them. Nobody calls it: scripts send, and `simulator/hosts/queue-source.ts` takes out, as an
 * event source mapping does.
 */

import { isRecord } from '../../engine/json.ts';
import { awsError, type ServiceModel, type Shape, type World } from '../../engine/model.ts';
import { uuid } from '../../engine/uuid.ts';
import { messageSchema, redriveIn, sqsSchema } from './schema.ts';

const SERVICE = 'sqs';

/** Source: API_CreateQueue, VisibilityTimeout. */
const DEFAULT_VISIBILITY_SECONDS = '30';

function attributesOf(record: Shape): Shape {
  const given = record['Attributes'];
  return isRecord(given) ? given : {};
}

/** Takes it as sent now, unless it says otherwise. */
function asSent(world: World, message: Shape): Shape {
  const { MD5OfBody: _md5, ReceiptHandle: _handle, ...kept } = message;
  return {
    ...kept,
    MessageId: message['MessageId'] ?? uuid(world),
    Attributes: {
      SentTimestamp: String(world.clock.now()),
      ApproximateReceiveCount: '0',
      ...attributesOf(message),
    },
  };
}

function setMessages(world: World, queue: Shape, messages: readonly Shape[]): void {
  queue['Messages'] = messages.map((message) =>
    attributesOf(message)['ApproximateReceiveCount'] === undefined ? asSent(world, message) : message,
  );
}

/** What is in a queue, in the order in which it came. */
export function messagesIn(queue: Shape): readonly Shape[] {
  const messages = queue['Messages'];
  return Array.isArray(messages) ? messages.filter(isRecord) : [];
}

/** All queues of the Region. */
export function queuesOf(world: World): readonly Shape[] {
  return world.records(SERVICE, 'Queues');
}

/** The queue with this ARN; `undefined`: it is not in the world. */
export function queueByArn(world: World, arn: unknown): Shape | undefined {
  return queuesOf(world).find((queue) => attributesOf(queue)['QueueArn'] === arn);
}

function without(queue: Shape, id: unknown): Shape | undefined {
  const found = messagesIn(queue).find((message) => message['MessageId'] === id);
  queue['Messages'] = messagesIn(queue).filter((message) => message !== found);
  return found;
}

/** Counts that a message was received once more. */
export function countReceive(queue: Shape, id: unknown, count: number): void {
  const message = messagesIn(queue).find((one) => one['MessageId'] === id);
  if (message !== undefined) attributesOf(message)['ApproximateReceiveCount'] = String(count);
}

/** Takes a message out of its queue. One that is not there any more is nothing to take out. */
export function deleteMessage(queue: Shape, id: unknown): void {
  without(queue, id);
}

/** Puts a message into the queue of dead letters, as it was sent and under its id. Done once, however often it is asked for. */
export function buryMessage(world: World, queue: Shape, id: unknown): void {
  const graveyard = queueByArn(world, redriveIn(attributesOf(queue)['RedrivePolicy'])?.deadLetterTargetArn);
  const message = without(queue, id);
  if (message !== undefined && graveyard !== undefined) graveyard['Messages'] = [...messagesIn(graveyard), message];
}

/** How a queue hands its messages over. */
interface Delivering {
  readonly arn: string;
  readonly visibilityMs: number;
  /** `undefined`: without end. */
  readonly mostReceives: number | undefined;
}

/** How a queue hands its messages over. */
export function deliveringOf(queue: Shape): Delivering {
  const { QueueArn: arn, VisibilityTimeout: hidden, RedrivePolicy: redrive } = attributesOf(queue);
  return {
    arn: String(arn),
    visibilityMs: Number(hidden) * 1_000,
    mostReceives: redriveIn(redrive)?.maxReceiveCount,
  };
}

function start(world: World): void {
  const queues = queuesOf(world);
  for (const queue of queues) {
    const name = String(queue['QueueName']);
    const { region, account } = world;
    queue['Attributes'] = {
      QueueArn: `arn:aws:sqs:${region}:${account}:${name}`,
      VisibilityTimeout: DEFAULT_VISIBILITY_SECONDS,
      ...attributesOf(queue),
    };
    queue['QueueUrl'] ??= `https://sqs.${region}.amazonaws.com/${account}/${name}`;
    queue['Messages'] = messagesIn(queue).map((message) => asSent(world, message));
  }
  for (const [index, queue] of queues.entries()) {
    const redrive = redriveIn(attributesOf(queue)['RedrivePolicy']);
    if (redrive !== undefined && queueByArn(world, redrive.deadLetterTargetArn) === undefined)
      world.gap({
        path: `sqs.Queues[${index}].Attributes.RedrivePolicy`,
        message: `there is no queue ${redrive.deadLetterTargetArn}`,
      });
  }
}

/** Somebody sends, or takes away. What a queue is is the world's to say, not a script's. */
function change(world: World, collection: string, key: string, path: readonly string[], value: unknown): boolean {
  const queue = world.records(SERVICE, collection).find((one) => one['QueueName'] === key);
  const [member, ...inside] = path;
  if (queue === undefined || member !== 'Messages' || inside.length > 0 || !Array.isArray(value))
    throw awsError('InvalidAddress', 'a script can only send to a queue that is there: sqs/Queues/NAME/Messages/+');
  const messages: readonly unknown[] = value;
  const isMessage = (one: unknown): one is Shape => messageSchema.safeParse(one).success && isRecord(one);
  const checked = messages.filter(isMessage);
  if (checked.length < messages.length)
    throw awsError('InvalidMessageContents', 'a message is { "Body": "…" }, and no more than ReceiveMessage prints');
  setMessages(world, queue, checked);
  world.signal('messages-sent', { queueName: key });
  return true;
}

export const sqs: ServiceModel = {
  name: SERVICE,
  prefix: 'sqs',
  schema: sqsSchema,
  collections: { Queues: 'QueueName' },
  operations: {},
  start,
  change,
};
