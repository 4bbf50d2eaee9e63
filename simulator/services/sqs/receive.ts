/** ReceiveMessage: what can be received, for how long it is hidden, what of it is shown. */

import { NotSimulatedError, type Operation, type Shape, type World } from '../../engine/model.ts';
import { attributesIn, md5Of, md5OfAttributes, valueOf } from './digests.ts';
import { demandKey } from './keys.ts';
import { handleOf } from './receipts.ts';
import { demandBetween, invalidValue, refused } from './refusals.ts';
import {
  attributesOf,
  bury,
  demandPasted,
  demandQueue,
  hideUntil,
  isFifo,
  liveMessages,
  liveStandingOf,
  queueByName,
  receivesOf,
  secondsOf,
  tend,
} from './state.ts';
import { redriveIn } from './schema.ts';

const CALL = 'sqs:ReceiveMessage';
const MOST = 10;
const LONGEST_WAIT_SECONDS = 20;
export const LONGEST_HIDDEN_SECONDS = 43_200;

/** Source: the developer guide, "Amazon SQS message quotas" (Messages per queue, in flight). */
const MOST_IN_FLIGHT = 120_000;

/** Below this a short poll may answer with fewer messages than there are. Source: the developer guide, "Short polling". */
const FEW_MESSAGES = 1_000;

/** How often a long poll looks again. */
const LOOK_MS = 250;

/** The share that it leaves is not documented. */
const SAMPLED = 'sqs: a short poll of a small queue answers with any number of what is there, or nothing';
/** Whether a dead letter is judged by its receives in the queue before, too, is not documented. */
const JUDGED_AGAIN =
  'sqs: a dead letter is counted on, and by that count moved on where its queue has a redrive policy';

function waitSeconds(queue: Shape, input: Shape): number {
  return Number(input['WaitTimeSeconds'] ?? secondsOf(queue, 'ReceiveMessageWaitTimeSeconds'));
}

function demandRanges(input: Shape): void {
  demandBetween('MaxNumberOfMessages', input['MaxNumberOfMessages'], 1, MOST);
  demandBetween('VisibilityTimeout', input['VisibilityTimeout'], 0, LONGEST_HIDDEN_SECONDS);
  const wait = input['WaitTimeSeconds'];
  if (wait !== undefined && !(Number(wait) >= 0 && Number(wait) <= LONGEST_WAIT_SECONDS))
    throw invalidValue('WaitTimeSeconds', wait, `Must be >= 0 and <= ${LONGEST_WAIT_SECONDS}, if provided.`);
  if (input['ReceiveRequestAttemptId'] !== undefined) throw new NotSimulatedError(`${CALL} ReceiveRequestAttemptId`);
}

/**
 * What can be received now, in its order, up to so many. Of a FIFO queue's group nothing that stands behind a message which is in flight or
 * delayed. Source: the developer guide, "FIFO queue delivery logic".
 */
export function receivable(queue: Shape, nowMs: number, most = Number.POSITIVE_INFINITY): readonly Shape[] {
  const isInOrder = isFifo(queue);
  const found: Shape[] = [];
  const locked = new Set<unknown>();
  for (const message of liveMessages(queue, nowMs)) {
    const group = isInOrder ? attributesOf(message)['MessageGroupId'] : undefined;
    const isVisible = liveStandingOf(message, nowMs) === 'visible';
    if (isInOrder && !isVisible) locked.add(group);
    if (isVisible && !locked.has(group)) found.push(message);
    if (found.length >= most) break;
  }
  return found;
}

/** What was received so often as the redrive policy allows is not handed out once more, but put among the dead letters. */
function buryExhausted(world: World, queue: Shape): void {
  const most = redriveIn(attributesOf(queue)['RedrivePolicy'])?.maxReceiveCount;
  if (most === undefined) return;
  const exhausted = receivable(queue, world.clock.now()).filter((message) => receivesOf(message) >= most);
  if (exhausted.some((message) => attributesOf(message)['DeadLetterQueueSourceArn'] !== undefined))
    world.assume(JUDGED_AGAIN);
  for (const { MessageId: id } of exhausted) bury(world, queue, id);
}

/** A short poll asks a part of SQS's servers only. */
function polled(world: World, queue: Shape, most: number, isShort: boolean): readonly Shape[] {
  const found = receivable(queue, world.clock.now(), most);
  const isSampled = isShort && !isFifo(queue) && liveMessages(queue, world.clock.now()).length < FEW_MESSAGES;
  if (!isSampled || found.length === 0) return found;
  world.assume(SAMPLED);
  return found.slice(0, Math.floor(world.random() * (found.length + 1)));
}

function named(names: unknown): readonly string[] {
  return Array.isArray(names) ? names.map(String) : [];
}

/** `All`, `.*`, a name, or `prefix.*`. Recorded: github.com/localstack/localstack, test_receive_message_message_attribute_names_filters. */
function isAskedFor(name: string, asked: readonly string[]): boolean {
  return asked.some(
    (one) => one === 'All' || one === '.*' || one === name || (one.endsWith('.*') && name.startsWith(one.slice(0, -2))),
  );
}

function withoutEmpty(members: object): object {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]: [string, unknown]) => {
      const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
      return value !== undefined && !isEmpty;
    }),
  );
}

/** An attribute as the SDK gives it: bytes are bytes. */
function answered(attribute: Shape): Shape {
  return attribute['BinaryValue'] === undefined
    ? attribute
    : { ...attribute, BinaryValue: new Uint8Array(valueOf(attribute)) };
}

/** A message as it is answered with: of its attributes those that were asked for. */
function shown(message: Shape, input: Shape): object {
  const system = [...named(input['AttributeNames']), ...named(input['MessageSystemAttributeNames'])];
  const isWanted = ([name]: readonly [string, unknown]): boolean => system.includes('All') || system.includes(name);
  const own = attributesIn(message['MessageAttributes']).filter(([name]) =>
    isAskedFor(name, named(input['MessageAttributeNames'])),
  );
  const body = String(message['Body']);
  return withoutEmpty({
    MessageId: message['MessageId'],
    ReceiptHandle: message['ReceiptHandle'],
    MD5OfBody: md5Of(body),
    Body: body,
    Attributes: Object.fromEntries(Object.entries(attributesOf(message)).filter(isWanted)),
    MD5OfMessageAttributes: md5OfAttributes(Object.fromEntries(own)),
    MessageAttributes: Object.fromEntries(own.map(([name, attribute]) => [name, answered(attribute)])),
  });
}

/** Hides a message for a while, and counts that it was received. */
function take(world: World, queue: Shape, message: Shape, hiddenSeconds: number): void {
  const now = world.clock.now();
  message['Attributes'] = {
    ...attributesOf(message),
    ApproximateReceiveCount: String(receivesOf(message) + 1),
    ApproximateFirstReceiveTimestamp: attributesOf(message)['ApproximateFirstReceiveTimestamp'] ?? String(now),
  };
  message['ReceiptHandle'] = handleOf(world, queue, message);
  hideUntil(queue, message, now + hiddenSeconds * 1_000);
}

function inFlight(world: World, queue: Shape): number {
  const now = world.clock.now();
  return liveMessages(queue, now).filter((message) => liveStandingOf(message, now) === 'in flight').length;
}

/** Takes up to so many messages out of sight. */
export function receive(
  world: World,
  queue: Shape,
  most: number,
  hiddenSeconds: number,
  isShort = false,
): readonly Shape[] {
  tend(world, queue);
  buryExhausted(world, queue);
  const taken = polled(world, queue, most, isShort);
  for (const message of taken) take(world, queue, message, hiddenSeconds);
  return taken;
}

function receiveMessage(input: Shape, world: World): object {
  const queue = demandQueue(world, input);
  demandRanges(input);
  demandPasted(world, CALL, queue, 'Messages');
  demandKey(world, queue);
  if (inFlight(world, queue) >= MOST_IN_FLIGHT) {
    // A FIFO queue says nothing of it. Source: as of the number.
    if (isFifo(queue)) return {};
    throw refused('OverLimit', `The queue has ${MOST_IN_FLIGHT} messages in flight, and no more can be received.`);
  }
  const hidden = Number(input['VisibilityTimeout'] ?? secondsOf(queue, 'VisibilityTimeout'));
  const isShort = waitSeconds(queue, input) === 0;
  const taken = receive(world, queue, Number(input['MaxNumberOfMessages'] ?? 1), hidden, isShort);
  const messages = taken.map((message) => shown(message, input));
  tend(world, queue);
  return messages.length === 0 ? {} : { Messages: messages };
}

/** A long poll is answered as soon as there is something, or when its time is over. */
function holdMs(input: Shape, world: World, heldMs: number): number {
  const queue = queueByName(world, String(input['QueueUrl']).split('/').at(-1));
  if (queue === undefined || receivable(queue, world.clock.now(), 1).length > 0) return 0;
  const leftMs = Math.min(waitSeconds(queue, input), LONGEST_WAIT_SECONDS) * 1_000 - heldMs;
  return Math.min(Math.max(leftMs, 0), LOOK_MS);
}

export const receiveOperations: { readonly [operation: string]: Operation } = {
  ReceiveMessage: {
    kind: 'write',
    grade: 'documented',
    source: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html',
    run: receiveMessage,
    holdMs,
  },
};
