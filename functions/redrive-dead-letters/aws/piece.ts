/** A piece of the work: some seconds of receiving, sending and deleting, by as many hands as there is work for. */

import { SQSClient, type ReceiveMessageResult } from '@aws-sdk/client-sqs';
import { client } from '../../../shared/aws/clients.ts';
import type { Json, JsonObject } from '../../../shared/kernel/decision.ts';
import type { Bulk, Io } from '../../../shared/kernel/definition.ts';
import { raise } from '../../../shared/kernel/errors.ts';
import { accountOf, NO_PROGRESS, placeIn, progressIn, type Progress } from '../decide.ts';
import { openAttempts, roundAtOf } from './attempts.ts';
import { deal, ledgerTrouble, type Desk } from './dealing.ts';
import { received, type Received } from './letters.ts';
import { patiently } from './patience.ts';
import { Places } from './places.ts';
import { MOST_MESSAGES, receiving } from './receiving.ts';
import { Tally } from './tally.ts';
import { workIn, type Work } from './work.ts';

/** Seconds of a piece: the kill switch is read between two, as before any other call. */
const PIECE_MS = 10_000;
/** Hands at most: of more a function of one core makes no use. */
const MOST_HANDS = 16;
/** Letters, in canaries, that are put aside in vain before a piece leaves the consumers that are tried alone. Assumed. */
const CANARIES_ASIDE = 5;

/** Parts in which no letter is received: something is only kept. */
const KEEPING: ReadonlySet<Work['mode']> = new Set(['forgive', 'hand-over', 'take-back']);

/** What all hands of a piece share. */
interface Shift extends Desk {
  readonly untilMs: number;
  readonly beganMs: number;
  /** Hands that were called. */
  hands: number;
  /** Hands that have letters in them. */
  busy: number;
  /** Messages that were asked for since the piece began, and went or are on their way: by it the pace is kept. */
  asked: number;
}

/**
 * Moves letters for some seconds, and tells how far the work has come.
 * Throws what keeps the very first message from being received.
 */
async function redrive(input: JsonObject, io: Io, told: Json | undefined): Promise<Json> {
  const work = workIn(input);
  const before = progressIn(told) ?? NO_PROGRESS;
  // What comes back while it stands by was there before it moved anything.
  if (work.mode === 'stand-by') return { ...before, endedAt: io.now() };
  const places = new Places(before, work.to, work.round, work);
  const { queueName, round } = work;
  const roundAt = await roundAtOf({ queueName, round, before }, io);
  const tally = new Tally(before, { ...work, roundAt }, io.now());
  const attempts = await openAttempts({ queueName, roundAt }, io);
  const found = brokenSince(before, work);
  if (found.length > 0) await attempts.forgive(found);
  if (work.mode === 'hand-over') tally.handOver();
  if (work.bySqs !== null) tally.takeBack(work.bySqs);
  if (KEEPING.has(work.mode)) return tally.close(io.now(), places);
  const beganMs = Date.parse(io.now());
  const untilMs = beganMs + PIECE_MS;
  const counts = { hands: 0, busy: 0, asked: 0, aside: 0 };
  const shift: Shift = {
    work,
    io,
    tally,
    places,
    attempts,
    beganMs,
    untilMs,
    ...counts,
    spared: [],
    tried: new Set(),
    closed: new Map(),
  };
  await hand(shift);
  await keepLearned(shift);
  return tally.close(io.now(), places);
}

/** What was learned of consumers is kept. Where it cannot be they are found broken once more, and what stood behind others is charged. */
async function keepLearned({ attempts, places, tally, spared }: Shift): Promise<void> {
  try {
    if (spared.length > 0) await attempts.spare(spared);
    if (places.broken().length > 0) await attempts.forgive(places.broken());
  } catch (error) {
    places.forgetBroken();
    tally.stop(ledgerTrouble(error));
  }
}

export const redrivePiece: Bulk = {
  piece: redrive,
  means: {},
  account: (told, now) => accountOf(progressIn(told) ?? NO_PROGRESS, now),
};

/** Queues whose consumer is known to be broken since the last piece. What went in this round counts against none of their letters. */
function brokenSince(before: Progress, { to }: Work): readonly string[] {
  return to
    .filter(({ arn, trust }) => trust === 'fails' && placeIn(before, arn).trust !== 'fails')
    .map(({ arn }) => arn);
}

/** One hand: receives, sends, deletes, until there is nothing left, or no time. Calls others where there is much to do. */
async function hand(shift: Shift): Promise<void> {
  const { tally, work, places } = shift;
  const others: Promise<void>[] = [];
  shift.hands += 1;
  while (await mayGoOn(shift)) {
    const most = Math.min(MOST_MESSAGES, work.maxItems - tally.claimed());
    tally.claim(most);
    const letters = await receive(shift, most);
    tally.claim(letters.length - most);
    if (letters.length === 0) {
      // Of a FIFO queue what stands behind a letter in another hand is not given: that is no empty queue.
      if (shift.busy === 0 && !tally.isStopped()) tally.drained();
      break;
    }
    const isBusy = letters.length === MOST_MESSAGES && (places.isFree() || work.mode === 'search');
    if (isBusy && shift.hands < MOST_HANDS) others.push(hand(shift));
    shift.busy += 1;
    const gone = await deal(shift, letters);
    shift.busy -= 1;
    // What stays is none of the pace: or letters that stay would keep those behind them from ever being seen.
    shift.asked -= Math.max(0, letters.length - gone);
  }
  await Promise.all(others);
}

async function mayGoOn(shift: Shift): Promise<boolean> {
  const { io, work, untilMs, beganMs } = shift;
  if (isOver(shift)) return false;
  const dueMs = beganMs + (shift.asked / work.perSecond) * 1_000;
  shift.asked += Math.min(MOST_MESSAGES, work.perSecond);
  const earlyMs = Math.min(dueMs, untilMs) - Date.parse(io.now());
  if (earlyMs > 0) await io.sleep(earlyMs);
  return !isOver(shift);
}

function isOver({ tally, io, work, places, untilMs, aside }: Shift): boolean {
  if (Date.parse(io.now()) >= untilMs || tally.isStopped()) return true;
  if (work.mode === 'search') return tally.left() >= work.maxLookedAt;
  // What is received now would only be put aside: it waits better where it is.
  const isInVain = !places.isOpen() || aside >= CANARIES_ASIDE * work.canary;
  const isFull = tally.left() > work.maxLeft || tally.stays() > work.maxStays;
  return isInVain || isFull || tally.claimed() >= work.maxItems;
}

async function receive({ work, io, tally }: Shift, most: number): Promise<readonly Received[]> {
  const { url, perSecond, hiddenSeconds, isScreened: isCounted } = work;
  const command = receiving({ url, most: Math.min(most, perSecond), hiddenSeconds, isCounted });
  const send = (): Promise<ReceiveMessageResult> => client(SQSClient).send(command, { abortSignal: io.signal });
  const answer = await patiently(send, true, io);
  if (!answer.ok) {
    if (!tally.hasBegun()) throw raise(answer.fault);
    tally.stop(`${answer.fault.name}: ${answer.fault.message}`);
    return [];
  }
  const { Messages = [] } = answer.value;
  return Messages.flatMap((message) => received(message, work) ?? []);
}
