/**
 * Queues of requests, and the event source mappings that hand their messages to functions: small batches, each message again after its
 * visibility time-out until it is taken, and so often at most.
 */

import { createHash } from 'node:crypto';
import { isRecord } from '../engine/json.ts';
import { NotSimulatedError, type Shape, type World } from '../engine/model.ts';
import type { DeployedFunction } from '../engine/run-types.ts';
import { countReceive, deliveringOf } from '../services/sqs/mapping.ts';
import { bury, messagesIn, queueByArn, queuesOf, takeOut } from '../services/sqs/state.ts';

/** `BatchSize` of the mappings (`deploy/standard/requests.ts`). */
const BATCH_SIZE = 10;
/** Lambda polls without a pause; how long a message is under way it does not say. Assumed. */
const POLL_MS = 500;
/** `maxReceiveCount` of the queues (`deploy/standard/requests.ts`), for a batch whose queue is not in the world. */
const MOST_RECEIVES = 3;
/** `VisibilityTimeout` of the same, in time-outs of the function. */
const TIMEOUTS_HIDDEN = 6;

/** A record of a batch, as Lambda hands it over. */
type BatchMessage = Record<string, unknown>;

/** The queue that a batch comes from: how it hands over, and what becomes of each message in it. */
export interface FeedingQueue {
  readonly visibilityMs: number;
  readonly mostReceives: number;
  readonly received: (messages: readonly BatchMessage[], count: number) => void;
  readonly taken: (messages: readonly BatchMessage[]) => void;
  readonly buried: (message: BatchMessage) => void;
}

/** The queue of a batch. One that is not in the world hands over as the stack's do. */
export function feedingQueue(
  world: World,
  { summary: { timeoutSeconds } }: DeployedFunction,
  messages: readonly BatchMessage[],
): FeedingQueue {
  const queue = queueByArn(world, messages[0]?.['eventSourceARN']);
  if (queue === undefined) {
    const nothing = (): void => undefined;
    const visibilityMs = TIMEOUTS_HIDDEN * timeoutSeconds * 1_000;
    return { visibilityMs, mostReceives: MOST_RECEIVES, received: nothing, taken: nothing, buried: nothing };
  }
  const { visibilityMs, mostReceives } = deliveringOf(queue);
  if (mostReceives === undefined)
    throw new NotSimulatedError(`the queue ${String(queue['QueueName'])} feeds a function without a RedrivePolicy`);
  return {
    visibilityMs,
    mostReceives,
    received: (some, count) => {
      for (const { messageId } of some) countReceive(queue, messageId, count);
    },
    taken: (some) => {
      for (const { messageId } of some) takeOut(queue, messageId);
    },
    buried: ({ messageId }) => bury(world, queue, messageId),
  };
}

/** The functions whose own queue a batch comes from; none where it is another event. */
export function fedBy<F extends DeployedFunction>(event: unknown, functions: readonly F[]): readonly F[] {
  const records: unknown = isRecord(event) ? event['Records'] : undefined;
  const first: unknown = Array.isArray(records) ? records[0] : undefined;
  const source: unknown = isRecord(first) && first['eventSource'] === 'aws:sqs' ? first['eventSourceARN'] : undefined;
  return functions.filter((fn) => feeds(String(source), fn));
}

/** Whether a queue feeds the function, by the name of the queue or its ARN. */
function feeds(queue: string, { summary: { name, triggers } }: DeployedFunction): boolean {
  const isFed = triggers.some((trigger) => trigger.queue === 'requests');
  return isFed && queue.endsWith(`-${name}-requests`);
}

/** `{ DataType, StringValue }` → `{ dataType, stringValue }`. */
function lowerCased(attributes: unknown): object {
  if (!isRecord(attributes)) return {};
  const lowered = (one: unknown): unknown =>
    isRecord(one)
      ? Object.fromEntries(
          Object.entries(one).map(([key, value]) => [key.charAt(0).toLowerCase() + key.slice(1), value]),
        )
      : one;
  return Object.fromEntries(Object.entries(attributes).map(([name, one]) => [name, lowered(one)]));
}

/** Source: "Using Lambda with Amazon SQS", example event. */
function recordOf(world: World, queue: Shape, message: Shape): BatchMessage {
  const [body, attributes] = [String(message['Body']), message['Attributes']];
  return {
    messageId: message['MessageId'],
    receiptHandle: `handle-${String(message['MessageId'])}`,
    body,
    attributes: {
      SenderId: world.account,
      ApproximateFirstReceiveTimestamp: String(world.clock.now()),
      ...(isRecord(attributes) ? attributes : {}),
    },
    messageAttributes: lowerCased(message['MessageAttributes']),
    md5OfBody: createHash('md5').update(body).digest('hex'),
    eventSource: 'aws:sqs',
    eventSourceARN: deliveringOf(queue).arn,
    awsRegion: world.region,
  };
}

export interface QueueSourceOptions {
  readonly world: World;
  readonly functions: readonly DeployedFunction[];
  /** Gives a batch to the function, out of which it may come twice. */
  readonly hand: (fn: DeployedFunction, event: unknown) => void;
}

/** Hands what comes into the queues to the functions that they feed. What was handed over once is the service's own to repeat. */
export function pollQueues({ world, functions, hand }: QueueSourceOptions): void {
  const handed = new Set<unknown>();
  const poll = (queue: Shape, fn: DeployedFunction): void => {
    const waiting = messagesIn(queue).filter(({ MessageId: id }) => !handed.has(id));
    for (const { MessageId: id } of waiting) handed.add(id);
    for (let from = 0; from < waiting.length; from += BATCH_SIZE) {
      const batch = waiting.slice(from, from + BATCH_SIZE);
      hand(fn, { Records: batch.map((message) => recordOf(world, queue, message)) });
    }
  };
  const look = (queue: Shape): void => {
    const fn = functions.find((one) => feeds(String(queue['QueueName']), one));
    if (fn === undefined || messagesIn(queue).length === 0) return;
    world.clock.after(POLL_MS, () => poll(queue, fn));
  };
  world.on('messages-sent', ({ queueName }) => {
    for (const queue of queuesOf(world)) if (queue['QueueName'] === queueName) look(queue);
  });
  for (const queue of queuesOf(world)) look(queue);
}
