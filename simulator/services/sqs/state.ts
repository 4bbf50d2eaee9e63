/** SQS's queues and their messages in the world, and what time makes of them. */

import { isRecord } from '../../engine/json.ts';
import { NotSimulatedError, type Clock, type Shape, type World } from '../../engine/model.ts';
import { text } from '../ec2/state.ts';
import { earliestMs, withOne, withoutOne } from './earliest.ts';
import { refused } from './refusals.ts';
import { redriveIn } from './schema.ts';

export const SERVICE = 'sqs';

/** Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html (Attributes). */
const DEFAULTS = {
  DelaySeconds: '0',
  MaximumMessageSize: '1048576',
  MessageRetentionPeriod: '345600',
  ReceiveMessageWaitTimeSeconds: '0',
  SqsManagedSseEnabled: 'true',
  VisibilityTimeout: '30',
} as const;
const FIFO_DEFAULTS = {
  ContentBasedDeduplication: 'false',
  DeduplicationScope: 'queue',
  FifoQueue: 'true',
  FifoThroughputLimit: 'perQueue',
} as const;

/** Source: the developer guide, "Exactly-once processing in Amazon SQS": the deduplication interval. */
const DEDUPLICATION_MS = 300_000;

export function attributesOf(record: Shape): Shape {
  const given = record['Attributes'];
  return isRecord(given) ? given : {};
}

/** All queues of the Region. */
export function queuesOf(world: World): readonly Shape[] {
  return world.data[SERVICE]?.['Queues'] ?? [];
}

export function nameOf(queue: Shape): string {
  return String(queue['QueueName']);
}

export function arnOf(world: World, queue: Shape): string {
  return text(attributesOf(queue), 'QueueArn') ?? `arn:aws:sqs:${world.region}:${world.account}:${nameOf(queue)}`;
}

/** The queue with this ARN; `undefined`: it is not in the world. */
export function queueByArn(world: World, arn: unknown): Shape | undefined {
  return queuesOf(world).find((queue) => arnOf(world, queue) === arn);
}

/** The queue with this name. */
export function queueByName(world: World, name: unknown): Shape | undefined {
  return queuesOf(world).find((queue) => queue['QueueName'] === name);
}

export function isFifo(queue: Shape): boolean {
  return nameOf(queue).endsWith('.fifo');
}

/** All attributes of a queue but its numbers of messages, those that the file leaves out as AWS sets them. */
export function settingsOf(queue: Shape): Shape {
  return { ...DEFAULTS, ...(isFifo(queue) ? FIFO_DEFAULTS : {}), ...attributesOf(queue) };
}

export function secondsOf(queue: Shape, attribute: keyof typeof DEFAULTS): number {
  return Number(attributesOf(queue)[attribute] ?? DEFAULTS[attribute]);
}

/** Lists that hold nothing but records, and how long they were when that was seen: a list is asked for many times before it is replaced. */
const sound = new WeakMap<readonly unknown[], number>();

function isSound(list: readonly unknown[]): list is readonly Shape[] {
  if (sound.get(list) === list.length) return true;
  if (!list.every(isRecord)) return false;
  sound.set(list, list.length);
  return true;
}

/** Notes of a list that was made of records that it holds nothing else. */
function asSound(list: readonly Shape[]): readonly Shape[] {
  sound.set(list, list.length);
  return list;
}

/** The records of a list: the list itself, where it holds nothing else. */
function recordsIn(list: unknown): readonly Shape[] {
  const entries: readonly unknown[] = Array.isArray(list) ? list : [];
  return isSound(entries) ? entries : entries.filter(isRecord);
}

/** What is in a queue, in the order in which it came. */
export function messagesIn(queue: Shape): readonly Shape[] {
  return recordsIn(queue['Messages']);
}

/** Names what a queue's record must hold for an answer: of a pasted one it is not known what is not there. */
export function demandPasted(
  world: World,
  call: string,
  queue: Shape,
  member: 'Attributes' | 'Messages' | 'Tags',
): void {
  if (!world.isPasted || queue[member] !== undefined) return;
  throw new NotSimulatedError(`${call} of ${nameOf(queue)}: its ${member} were not pasted`);
}

/**
 * The queue that a request names by its URL.
 * @throws SqsError where there is none
 */
export function demandQueue(world: World, input: Shape): Shape {
  const [account, name] = String(input['QueueUrl']).split('/').slice(-2);
  const queue = account === world.account ? queueByName(world, name) : undefined;
  if (queue === undefined) throw refused('QueueDoesNotExist', 'The specified queue does not exist.');
  return queue;
}

function sentMs(message: Shape): number {
  return Number(attributesOf(message)['SentTimestamp']);
}

function visibleMs(message: Shape): number {
  const at = message['VisibleAt'];
  return typeof at === 'string' ? Date.parse(at) : 0;
}

function retentionMs(queue: Shape): number {
  return secondsOf(queue, 'MessageRetentionPeriod') * 1_000;
}

export type Standing = 'visible' | 'in flight' | 'delayed' | 'expired';

/** How a message stands in its queue. */
export function standingOf(queue: Shape, message: Shape, nowMs: number): Standing {
  // A message leaves by its age. A standard queue's dead letters keep the time they were sent first.
  return sentMs(message) + retentionMs(queue) <= nowMs ? 'expired' : liveStandingOf(message, nowMs);
}

/** How one of `liveMessages` stands, of which none is too old. */
export function liveStandingOf(message: Shape, nowMs: number): Exclude<Standing, 'expired'> {
  if (visibleMs(message) <= nowMs) return 'visible';
  return message['ReceiptHandle'] === undefined ? 'delayed' : 'in flight';
}

/** How often a message was received. */
export function receivesOf(message: Shape): number {
  return Number(attributesOf(message)['ApproximateReceiveCount'] ?? 0);
}

/** What is still in a queue: what is too old has left it. */
export function liveMessages(queue: Shape, nowMs: number): readonly Shape[] {
  const messages = messagesIn(queue);
  if (earliestMs(messages, sentMs) + retentionMs(queue) > nowMs) return messages;
  return messages.filter((message) => standingOf(queue, message, nowMs) !== 'expired');
}

function show(message: Shape): void {
  // To delete what is not there makes an object slow to read.
  if (message['VisibleAt'] !== undefined) delete message['VisibleAt'];
  if (message['ReceiptHandle'] !== undefined) delete message['ReceiptHandle'];
}

function recentMs({ SentTimestamp: at }: Shape): number {
  return Number(at);
}

/** What was sent lately to a FIFO queue, and is not taken again. */
export function recentIds(queue: Shape, nowMs: number): readonly Shape[] {
  const known = recordsIn(queue['RecentDeduplicationIds']);
  if (earliestMs(known, recentMs) + DEDUPLICATION_MS > nowMs) return known;
  return known.filter((one) => recentMs(one) + DEDUPLICATION_MS > nowMs);
}

/** Adds to what was sent lately. */
export function remember(queue: Shape, sent: Shape, nowMs: number): void {
  queue['RecentDeduplicationIds'] = asSound(withOne(recentIds(queue, nowMs), sent, recentMs));
}

/** The timers that follow a queue, by the clock of its Region. */
const timers = new WeakMap<Clock, Map<string, () => void>>();

/** When the first message of a queue is too old, or what it was sent is taken again. */
function nextOldMs(queue: Shape): number {
  return Math.min(
    earliestMs(messagesIn(queue), sentMs) + retentionMs(queue),
    earliestMs(recentIds(queue, 0), recentMs) + DEDUPLICATION_MS,
  );
}

/** When the next message of a list will have been hidden long enough: most requests come before that, and hide none. */
const nextShownMs = new WeakMap<readonly Shape[], number>();

/** Hides a message of a queue until then. */
export function hideUntil(queue: Shape, message: Shape, untilMs: number): void {
  nextShownMs.delete(messagesIn(queue));
  message['VisibleAt'] = new Date(untilMs).toISOString();
}

/** Shows what was hidden long enough; when the next will have been. */
function showDue(queue: Shape, nowMs: number): number {
  const messages = messagesIn(queue);
  const known = nextShownMs.get(messages);
  if (known !== undefined && nowMs < known) return known;
  let next = Number.POSITIVE_INFINITY;
  for (const message of messages) {
    const hiddenUntil = visibleMs(message);
    if (hiddenUntil <= nowMs) show(message);
    else next = Math.min(next, hiddenUntil);
  }
  nextShownMs.set(messages, next);
  return next;
}

/** Does what time has made due in a queue, and comes back when it next has. */
export function tend(world: World, queue: Shape): void {
  const { clock } = world;
  const now = clock.now();
  if (queue['Messages'] !== undefined) queue['Messages'] = liveMessages(queue, now);
  const nextShown = showDue(queue, now);
  if (queue['RecentDeduplicationIds'] !== undefined) queue['RecentDeduplicationIds'] = recentIds(queue, now);
  const ofRegion = timers.get(clock) ?? new Map<string, () => void>();
  timers.set(clock, ofRegion);
  const name = nameOf(queue);
  ofRegion.get(name)?.();
  const next = Math.min(nextShown, nextOldMs(queue));
  if (!Number.isFinite(next)) return;
  // By its name: the record is another one once the state was copied.
  const again = (): void => {
    const later = queueByName(world, name);
    if (later !== undefined) tend(world, later);
  };
  ofRegion.set(name, clock.after(next - now, again, { background: true }));
}

/** The greater of two numbers. Those of twenty digits are told apart as texts: to read each of thousands took most of a send. */
function greater(most: string, number: unknown): string {
  if (typeof number !== 'string') return most;
  const isGreater = number.length === most.length ? number > most : BigInt(number) > BigInt(most);
  return isGreater ? number : most;
}

/** A sequence number that the queue has not given yet: twenty digits, rising. */
export function nextSequenceNumber(queue: Shape): string {
  const given = messagesIn(queue).map((message) => attributesOf(message)['SequenceNumber']);
  const last = [queue['LastSequenceNumber'], ...given].reduce(greater, '18850000000000000000');
  const next = String(BigInt(last) + 1n);
  queue['LastSequenceNumber'] = next;
  return next;
}

/** Takes a message out of its queue; `undefined`: it is not there any more. */
export function takeOut(queue: Shape, id: unknown): Shape | undefined {
  const messages = messagesIn(queue);
  const at = messages.findIndex((message) => message['MessageId'] === id);
  if (at < 0) return undefined;
  const [found, left] = [messages[at], asSound(withoutOne(messages, at, sentMs))];
  const next = nextShownMs.get(messages);
  if (next !== undefined && found !== undefined && visibleMs(found) !== next) nextShownMs.set(left, next);
  queue['Messages'] = left;
  return found;
}

/** Puts a message into a queue, behind those that are there. */
export function putIn(world: World, queue: Shape, message: Shape): void {
  const before = messagesIn(queue);
  const messages = asSound(withOne(before, message, sentMs));
  const next = nextShownMs.get(before);
  if (next !== undefined && visibleMs(message) === 0) nextShownMs.set(messages, next);
  queue['Messages'] = messages;
  tend(world, queue);
  world.signal('messages-sent', { queueName: nameOf(queue) });
}

/**
 * Puts a message among the dead letters of its queue: its id, its attributes and, but in a FIFO queue, its age stay.
 * Recorded 2024-04-30: github.com/localstack/localstack, test_sqs_move_task.py; FIFO: the developer guide, "Using dead-letter queues".
 */
export function bury(world: World, queue: Shape, id: unknown): void {
  const graveyard = queueByArn(world, redriveIn(attributesOf(queue)['RedrivePolicy'])?.deadLetterTargetArn);
  const message = takeOut(queue, id);
  // A world file is refused whose queue names one that is not there; of a paste it is elsewhere.
  if (message === undefined || graveyard === undefined) return;
  show(message);
  const anew = isFifo(graveyard)
    ? {
        SentTimestamp: String(world.clock.now()),
        MessageDeduplicationId: message['MessageId'],
        SequenceNumber: nextSequenceNumber(graveyard),
      }
    : {};
  message['Attributes'] = { ...attributesOf(message), DeadLetterQueueSourceArn: arnOf(world, queue), ...anew };
  putIn(world, graveyard, message);
}
