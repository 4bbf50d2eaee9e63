/** A piece of the work: some seconds of receiving, sending and deleting, by as many hands as there is work for. */

import {
  ReceiveMessageCommand,
  SQSClient,
  type MessageSystemAttributeName,
  type ReceiveMessageResult,
} from '@aws-sdk/client-sqs';
import { client } from '../../../shared/aws/clients.ts';
import { numberOf, objectOf, objectsOf, textOf } from '../../../shared/aws/planned-input.ts';
import type { Json, JsonObject } from '../../../shared/kernel/decision.ts';
import type { Bulk, Io } from '../../../shared/kernel/definition.ts';
import { raise } from '../../../shared/kernel/errors.ts';
import { NO_PROGRESS, placeOf, progressIn, type Destination } from '../decide.ts';
import { deleteAll } from './deleting.ts';
import { received, type Received } from './letters.ts';
import { patiently } from './patience.ts';
import { post } from './sending.ts';
import { openTally, type Tally } from './tally.ts';

/** Seconds of a piece: the kill switch is read between two, as before any other call. */
const PIECE_MS = 10_000;
/** Hands at most: of more a function of one core makes no use. */
const MOST_HANDS = 16;
/** Source: API_ReceiveMessage. */
const MOST_MESSAGES = 10;
/** A receive that waits asks all of SQS's servers: where it finds nothing there is nothing. A short one may miss what is there. */
const WAIT_SECONDS = 1;

/** What is read of a message. SQS says more where it is asked for all, which is then parsed for nothing. */
const READ: MessageSystemAttributeName[] = [
  'DeadLetterQueueSourceArn',
  'SentTimestamp',
  'AWSTraceHeader',
  'MessageGroupId',
];

/** What the plan asks for. */
interface Work {
  readonly url: string;
  readonly to: readonly Destination[];
  readonly perSecond: number;
  readonly hiddenSeconds: number;
  readonly maxLeft: number;
  readonly maxItems: number;
}

/** @throws TerminalError for a plan of another form */
function workIn(input: JsonObject): Work {
  const [select, rule] = [objectOf(input, 'select'), objectOf(input, 'rule')];
  const to = objectsOf(rule, 'to').map((one) => ({
    queue: textOf(one, 'queue'),
    url: textOf(one, 'url'),
    maximumMessageBytes: numberOf(one, 'maximumMessageBytes'),
  }));
  return {
    url: textOf(select, 'url'),
    to,
    perSecond: numberOf(rule, 'perSecond'),
    hiddenSeconds: numberOf(rule, 'hiddenSeconds'),
    maxLeft: numberOf(rule, 'maxLeft'),
    maxItems: input['maxItems'] === null ? Infinity : numberOf(input, 'maxItems'),
  };
}

/** What all hands of a piece share. */
interface Desk {
  readonly work: Work;
  readonly io: Io;
  readonly tally: Tally;
  readonly untilMs: number;
  readonly beganMs: number;
  /** Hands that were called. */
  hands: number;
  /** Queues that take nothing, for a reason that is none of the letters': for the rest of the piece nothing is sent there. */
  readonly closed: Map<Destination, string>;
  /** Messages that were asked for since the piece began: by it the pace is kept. */
  asked: number;
}

/**
 * Moves letters for some seconds, and tells how far the work has come.
 * Throws what keeps the very first message from being received.
 */
async function redrive(input: JsonObject, io: Io, before: Json | undefined): Promise<Json> {
  const work = workIn(input);
  const tally = openTally(progressIn(before) ?? { ...NO_PROGRESS, beganAt: io.now() });
  const beganMs = Date.parse(io.now());
  const desk: Desk = { work, io, tally, beganMs, untilMs: beganMs + PIECE_MS, hands: 0, asked: 0, closed: new Map() };
  await hand(desk);
  return tally.close(io.now());
}

export const redrivePiece: Bulk = { piece: redrive, means: {} };

/** One hand: receives, sends, deletes, until there is nothing left, or no time. Calls others where there is much to do. */
async function hand(desk: Desk): Promise<void> {
  const { tally } = desk;
  const others: Promise<void>[] = [];
  desk.hands += 1;
  while (await mayGoOn(desk)) {
    const most = Math.min(MOST_MESSAGES, desk.work.maxItems - tally.claimed());
    tally.claim(most);
    const letters = await receive(desk, most);
    tally.claim(letters.length - most);
    if (letters.length === 0) break;
    if (letters.length === MOST_MESSAGES && desk.hands < MOST_HANDS) others.push(hand(desk));
    await deal(desk, letters);
  }
  await Promise.all(others);
}

async function mayGoOn(desk: Desk): Promise<boolean> {
  const { tally, io, work, untilMs, beganMs } = desk;
  const isOver = (): boolean =>
    Date.parse(io.now()) >= untilMs ||
    tally.isStopped() ||
    tally.left() > work.maxLeft ||
    tally.claimed() >= work.maxItems;
  if (isOver()) return false;
  const dueMs = beganMs + (desk.asked / work.perSecond) * 1_000;
  desk.asked += Math.min(MOST_MESSAGES, work.perSecond);
  const earlyMs = Math.min(dueMs, untilMs) - Date.parse(io.now());
  if (earlyMs > 0) await io.sleep(earlyMs);
  return !isOver();
}

async function receive({ work, io, tally }: Desk, most: number): Promise<readonly Received[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: work.url,
    MaxNumberOfMessages: Math.min(most, work.perSecond),
    VisibilityTimeout: work.hiddenSeconds,
    WaitTimeSeconds: WAIT_SECONDS,
    MessageAttributeNames: ['All'],
    MessageSystemAttributeNames: READ,
  });
  const send = (): Promise<ReceiveMessageResult> => client(SQSClient).send(command, { abortSignal: io.signal });
  const answer = await patiently(send, true, io);
  if (!answer.ok) {
    if (!tally.hasBegun()) throw raise(answer.fault);
    tally.stop(`${answer.fault.name}: ${answer.fault.message}`);
    return [];
  }
  const { Messages = [] } = answer.value;
  if (Messages.length === 0) tally.drained();
  return Messages.flatMap((message) => received(message) ?? []);
}

/** Sends each letter to where it failed, and deletes what has arrived. */
async function deal(desk: Desk, letters: readonly Received[]): Promise<void> {
  const { work, io, tally } = desk;
  const { arrived, fresh } = tally.take(letters);
  const sent = await Promise.all([...byPlace(desk, fresh)].map(([to, of]) => sendTo(desk, to, of)));
  const there = [...arrived, ...sent.flat()];
  const undeleted = new Map(await deleteAll(there, work.url, io));
  for (const letter of there) {
    const why = undeleted.get(letter);
    if (why === undefined) tally.forget(letter);
    else tally.leave(letter, { state: 'sent', why });
  }
}

/** The letters by where they go. What goes nowhere, or to a queue that takes nothing, is left. */
function byPlace({ work, tally, closed }: Desk, letters: readonly Received[]): ReadonlyMap<Destination, Received[]> {
  const places = new Map<Destination, Received[]>();
  for (const letter of letters) {
    const { message, bytes } = letter;
    const { DeadLetterQueueSourceArn: sourceArn, SentTimestamp: sentMs } = message.Attributes ?? {};
    const isNew = sentMs !== undefined && Number(sentMs) >= tally.beganMs;
    const place = placeOf({ sourceArn, bytes, isNew }, work.to);
    const why = typeof place === 'string' ? undefined : closed.get(place);
    if (typeof place === 'string') tally.leave(letter, { state: 'refused', why: place });
    else if (why !== undefined) tally.leave(letter, { state: 'kept', why });
    else places.set(place, [...(places.get(place) ?? []), letter]);
  }
  return places;
}

/** Sends letters to one queue; gives those that have arrived. A queue that takes nothing holds up no other, unless there is none. */
async function sendTo(
  { work, io, tally, closed }: Desk,
  to: Destination,
  letters: readonly Received[],
): Promise<Received[]> {
  const { posted, trouble } = await post(letters, to, io);
  if (trouble !== null) {
    closed.set(to, trouble.name);
    if (closed.size === work.to.length) tally.stop(`${trouble.name}: ${trouble.message}`);
  }
  return posted.flatMap(([letter, left]) => {
    if (left !== null) tally.leave(letter, left);
    else tally.sent(letter);
    return left === null ? [letter] : [];
  });
}
