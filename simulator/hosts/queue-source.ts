/**
 * Queues of requests, and the event source mappings that hand their messages to functions: small batches, each message again after its
 * visibility time-out until it is taken, and so often at most.
 */

import { createHash } from 'node:crypto';
import { isRecord } from '../engine/json.ts';
import { NotSimulatedError, type Shape, type World } from '../engine/model.ts';
import type { DeployedFunction } from '../engine/run-types.ts';
import { uuid } from '../engine/uuid.ts';
import { countReceive, deliveringOf } from '../services/sqs/mapping.ts';
import { bury, messagesIn, putIn, queueByArn, queuesOf, takeOut } from '../services/sqs/state.ts';

/** `BatchSize` of the mappings (`deploy/standard/requests.ts`), and how long they gather. Lambda polls without a pause; how long a message is under way it does not say: assumed. */
const TAKING = {
  requests: { batchSize: 10, waitMs: 500 },
  gathered: { batchSize: 100, waitMs: 5_000 },
} as const;
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
  return fedFrom(String(source), functions);
}

/** What a function is fed with, if it is. */
function takingOf({ summary: { triggers } }: DeployedFunction): keyof typeof TAKING | undefined {
  return triggers.find(({ queue }) => queue !== undefined)?.queue;
}

/** The functions that a queue feeds, by its name or its ARN: its own, which has the function's name in it; else what gathers for the stack. */
function fedFrom<F extends DeployedFunction>(queue: string, functions: readonly F[]): readonly F[] {
  if (!queue.endsWith('-requests')) return [];
  const own = functions.filter((fn) => takingOf(fn) === 'requests' && queue.endsWith(`-${fn.summary.name}-requests`));
  return own.length > 0 ? own : functions.filter((fn) => takingOf(fn) === 'gathered');
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

/** Whether rules put the events of a function into a queue, out of which many come to it at once. */
export function isGathered({ summary: { triggers } }: DeployedFunction): boolean {
  return triggers.some(({ queue }) => queue === 'gathered');
}

/** Puts an event into the queue that feeds the function, as a rule does; false: that is not in the world. */
export function queued(world: World, functions: readonly DeployedFunction[], event: unknown): boolean {
  const queue = queuesOf(world).find(({ QueueName: name }) => fedFrom(String(name), functions).some(isGathered));
  if (queue === undefined) return false;
  putIn(world, queue, {
    MessageId: uuid(world),
    Body: JSON.stringify(event),
    Attributes: { SentTimestamp: String(world.clock.now()), ApproximateReceiveCount: '0' },
  });
  return true;
}

/** An event that a rule has put into a queue which is not in the world, as Lambda hands it over. */
export function handedOver(event: unknown, { account, region, clock }: World): object {
  const [messageId, sentAt] = [isRecord(event) ? String(event['id']) : 'message', String(clock.now())];
  return {
    Records: [
      {
        messageId,
        receiptHandle: `handle-${messageId}`,
        body: JSON.stringify(event),
        attributes: {
          ApproximateReceiveCount: '1',
          SentTimestamp: sentAt,
          SenderId: account,
          ApproximateFirstReceiveTimestamp: sentAt,
        },
        messageAttributes: {},
        md5OfBody: createHash('md5').update(JSON.stringify(event)).digest('hex'),
        eventSource: 'aws:sqs',
        eventSourceARN: `arn:aws:sqs:${region}:${account}:runbook-requests`,
        awsRegion: region,
      },
    ],
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
  const gathering = new Set<unknown>();
  const poll = (queue: Shape, fn: DeployedFunction, batchSize: number): void => {
    const waiting = messagesIn(queue).filter(({ MessageId: id }) => !handed.has(id));
    for (const { MessageId: id } of waiting) handed.add(id);
    for (let from = 0; from < waiting.length; from += batchSize) {
      const batch = waiting.slice(from, from + batchSize);
      hand(fn, { Records: batch.map((message) => recordOf(world, queue, message)) });
    }
  };
  const look = (queue: Shape): void => {
    const [fn] = fedFrom(String(queue['QueueName']), functions);
    if (fn === undefined || messagesIn(queue).length === 0) return;
    const taking = takingOf(fn) ?? 'requests';
    const { batchSize, waitMs } = TAKING[taking];
    const name = queue['QueueName'];
    // What comes while it is waited for more goes with it.
    if (taking === 'gathered' && gathering.has(name)) return;
    gathering.add(name);
    world.clock.after(waitMs, () => {
      gathering.delete(name);
      poll(queue, fn, batchSize);
    });
  };
  world.on('messages-sent', ({ queueName }) => {
    for (const queue of queuesOf(world)) if (queue['QueueName'] === queueName) look(queue);
  });
  for (const queue of queuesOf(world)) look(queue);
}
