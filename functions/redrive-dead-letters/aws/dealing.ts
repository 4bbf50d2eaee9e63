/** What a hand does with the letters that it has received: each goes where it belongs, or is left, and what has arrived is deleted. */

import type { Io } from '../../../shared/kernel/definition.ts';
import { classify, errorName } from '../../../shared/kernel/errors.ts';
import { fateOf, type Destination, type Letter, type Stays } from '../decide.ts';
import type { Attempts } from './attempts.ts';
import { deleteAll } from './deleting.ts';
import { entryOf, type Received } from './letters.ts';
import { parkedEntryOf } from './parking.ts';
import type { Places } from './places.ts';
import { post, type Fallen } from './sending.ts';
import type { Tally } from './tally.ts';
import type { Work } from './work.ts';

/** What the hands of a piece share. */
export interface Desk {
  readonly work: Work;
  readonly io: Io;
  readonly tally: Tally;
  readonly places: Places;
  readonly attempts: Attempts;
  /** Queues that take nothing, for a reason that is none of the letters': for the rest of the piece nothing is sent there. */
  readonly closed: Map<string, string>;
  /** Letters that wait for what is learned of a consumer. */
  aside: number;
}

/** Sends each letter to where it failed, or parks it, and deletes what has arrived. */
export async function deal(desk: Desk, letters: readonly Received[]): Promise<void> {
  const { tally } = desk;
  const { arrived, fresh } = tally.take(letters);
  const { sending, parking } = sorted(desk, fresh);
  const noted = await note(desk, sending);
  const gone = await Promise.all([
    ...[...noted].map(([to, of]) => sendTo(desk, to, of)),
    ...[...parking].map(([why, of]) => park(desk, why, of)),
  ]);
  await deleteArrived(desk, [...arrived, ...gone.flat()]);
}

async function deleteArrived({ tally, work, io }: Desk, letters: readonly Received[]): Promise<void> {
  const undeleted = new Map(await deleteAll(letters, work.url, io));
  for (const letter of letters) {
    const why = undeleted.get(letter);
    if (why === undefined) tally.forget(letter);
    else tally.leave(letter, { state: tally.known(letter) === 'parked' ? 'parked' : 'sent', why });
  }
}

interface Sorted {
  readonly sending: ReadonlyMap<Destination, Received[]>;
  readonly parking: ReadonlyMap<Stays, Received[]>;
}

function put<K>(groups: Map<K, Received[]>, key: K, letter: Received): void {
  groups.set(key, [...(groups.get(key) ?? []), letter]);
}

/** The letters by where they go. What goes nowhere, now or at all, is left. */
function sorted(desk: Desk, letters: readonly Received[]): Sorted {
  const { work, tally, places } = desk;
  const [sending, parking] = [new Map<Destination, Received[]>(), new Map<Stays, Received[]>()];
  const leave = (letter: Received, state: Fallen['state'], why: string): void => tally.leave(letter, { state, why });
  for (const letter of letters) {
    const rule = { ...work, to: work.to.map((to) => ({ ...to, trust: places.trustOf(to.queue) ?? to.trust })) };
    const fate = fateOf(judged(desk, letter), rule);
    if (fate.kind === 'back') tally.cameBack(letter, places, fate.isLast);
    else if (work.mode === 'search') leave(letter, 'kept', 'looked-at');
    else if (fate.kind === 'stay') leave(letter, 'refused', fate.why);
    else if (fate.kind === 'park') put(parking, fate.why, letter);
    else toSend(desk, letter, fate.kind === 'send' ? work.to.find(({ queue }) => queue === fate.to.queue) : undefined, sending);
  }
  return { sending, parking };
}

/** It goes, unless its queue takes nothing, or its consumer is tried with others first. */
function toSend(
  desk: Desk,
  letter: Received,
  to: Destination | undefined,
  sending: Map<Destination, Received[]>,
): void {
  const { tally, places, closed } = desk;
  const isShut = to === undefined ? undefined : closed.get(to.queue);
  if (isShut !== undefined) tally.leave(letter, { state: 'kept', why: isShut });
  else if (to !== undefined && places.admits(to)) put(sending, to, letter);
  else {
    desk.aside += 1;
    tally.leave(letter, { state: 'kept', why: 'waits-for-the-canary' });
  }
}

/** What is judged of a letter. One that has been here all the time has not come back. */
function judged({ tally, attempts }: Desk, letter: Received): Letter {
  const { sourceArn, bytes, sentMs } = letter;
  const state = tally.known(letter);
  const wasHere = state !== undefined && state !== 'back';
  const lastMs = wasHere ? undefined : attempts.lastRoundMs(letter, tally.beganMs);
  const standing = lastMs === undefined ? unsent(wasHere, sentMs >= tally.beganMs) : returned(lastMs === tally.roundMs);
  return { sourceArn, bytes, standing, attempts: attempts.of(letter) };
}

function unsent(wasHere: boolean, isLater: boolean): Letter['standing'] {
  return isLater && !wasHere ? 'new' : 'waiting';
}

function returned(isOfThisRound: boolean): Letter['standing'] {
  return isOfThisRound ? 'back' : 'again';
}

/** Keeps which letters go before they do. Where that cannot be kept none goes: nobody would know how often it went. */
async function note(
  { attempts, tally, places }: Desk,
  sending: ReadonlyMap<Destination, Received[]>,
): Promise<ReadonlyMap<Destination, Received[]>> {
  const letters = [...sending.values()].flat();
  if (letters.length === 0) return sending;
  try {
    await attempts.note(letters);
    return sending;
  } catch (error) {
    for (const [to, of] of sending)
      for (const letter of of) {
        places.settle(to, false);
        tally.leave(letter, { state: 'kept', why: errorName(error) });
      }
    tally.stop(`the ledger does not keep what goes: ${errorName(error)}: ${classify(error).message}`);
    return new Map();
  }
}

/** Sends letters to one queue; gives those that have arrived. A queue that takes nothing holds up no other, unless there is none. */
async function sendTo(desk: Desk, to: Destination, letters: readonly Received[]): Promise<Received[]> {
  const { work, io, tally, places, closed } = desk;
  const { posted, trouble } = await post(letters, { url: to.url, entry: entryOf }, io);
  if (trouble !== null) {
    closed.set(to.queue, trouble.name);
    if (work.to.every(({ queue }) => closed.has(queue))) tally.stop(`${trouble.name}: ${trouble.message}`);
  }
  const unfit: Received[] = [];
  const arrived = posted.flatMap(([letter, left]) => {
    places.settle(to, left === null);
    if (left === null) tally.sent(letter, io.now());
    else if (left.state === 'refused' && work.parking !== null) unfit.push(letter);
    else tally.leave(letter, left);
    return left === null ? [letter] : [];
  });
  return [...arrived, ...(unfit.length === 0 ? [] : await park(desk, 'its-queue-refuses-it', unfit))];
}

/** Puts letters into the parking queue; gives those that have arrived. */
async function park(desk: Desk, why: Stays, letters: readonly Received[]): Promise<Received[]> {
  const { work, io, tally, attempts, closed } = desk;
  const { parking } = work;
  if (parking === null) return [];
  const shut = closed.get(parking.queue);
  const entry = (letter: Received): ReturnType<typeof entryOf> =>
    parkedEntryOf(letter, { why, attempts: attempts.of(letter), run: io.run }, parking.maximumMessageBytes);
  const { posted, trouble } =
    shut === undefined
      ? await post(letters, { url: parking.url, entry }, io)
      : { posted: letters.map((letter) => [letter, { state: 'kept', why: shut }] as const), trouble: null };
  if (trouble !== null) closed.set(parking.queue, trouble.name);
  return posted.flatMap(([letter, left]) => {
    if (left === null) tally.parked(letter);
    else tally.leave(letter, left);
    return left === null ? [letter] : [];
  });
}
