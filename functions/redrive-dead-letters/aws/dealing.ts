/** What a hand does with the letters that it has received: each goes where it belongs, or is left, and what has arrived is deleted. */

import type { Io } from '../../../shared/kernel/definition.ts';
import { classify, errorName } from '../../../shared/kernel/errors.ts';
import { fateOf, type Destination, type FailedEvent, type Fate, type Letter, type Stays } from '../decide.ts';
import type { Attempts } from './attempts.ts';
import { deleteAll } from './deleting.ts';
import { invoke } from './invoking.ts';
import { asFailedAt, entryOf, homeOf, isOrdered, type Received } from './letters.ts';
import { failedEventsIn } from './opening.ts';
import { parkedEntryOf } from './parking.ts';
import type { Places } from './places.ts';
import { post, type Fallen, type Post } from './sending.ts';
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
  /** Letters that came back, and are not charged with it. */
  readonly spared: Received[];
  /** Groups of which a letter went to a consumer that is tried. */
  readonly tried: Set<string>;
  /** Letters that wait for what is learned of a consumer. */
  aside: number;
}

/**
 * Sends each letter to where it failed, or parks it, and deletes what has arrived; of a FIFO queue's each group in its order.
 * Gives the number of those that were sent anywhere.
 */
export function deal(desk: Desk, letters: readonly Received[]): Promise<number> {
  const { queueName, mode } = desk.work;
  // Where letters are only looked at none overtakes another.
  return isOrdered(queueName) && mode !== 'search' ? dealInOrder(desk, letters) : dealAtOnce(desk, letters);
}

/** The first of each group goes, then the second: where one has not gone those behind it wait, so that none overtakes it. */
async function dealInOrder(desk: Desk, letters: readonly Received[]): Promise<number> {
  const { tally, work, io } = desk;
  const freshUntilMs = Date.parse(io.now()) + (work.hiddenSeconds * 1_000) / 2;
  let groups = [...Map.groupBy(letters, groupOf).values()];
  let gone = 0;
  while (groups.length > 0) {
    gone += await dealAtOnce(
      desk,
      groups.flatMap(([first]) => first ?? []),
    );
    // Half of the time that they are hidden for is left: SQS takes no deletion of a FIFO queue's message that may be seen again.
    const isLate = Date.parse(io.now()) >= freshUntilMs;
    const [going, stopped] = [[] as Received[][], [] as Received[]];
    for (const [first, ...behind] of groups) {
      const isHeld = isLate || (first !== undefined && ['kept', 'doubt'].includes(tally.known(first) ?? ''));
      if (isHeld) stopped.push(...behind);
      else if (behind.length > 0) going.push(behind);
    }
    await keepBack(desk, stopped);
    groups = going;
  }
  return gone;
}

/**
 * Letters behind one that has not gone. Those that have arrived before are deleted all the same, and one that has come back is known for
 * it: seen once more it would be taken for one that was here all the time, and go again uncharged.
 */
async function keepBack(desk: Desk, letters: readonly Received[]): Promise<void> {
  if (letters.length === 0) return;
  const { arrived, fresh } = desk.tally.take(letters);
  for (const { letter } of judgedAll(desk, fresh)) stayBehind(desk, letter);
  await deleteArrived(desk, arrived);
}

async function dealAtOnce(desk: Desk, letters: readonly Received[]): Promise<number> {
  const { tally } = desk;
  const { arrived, fresh } = tally.take(letters);
  const { sending, parking } = sorted(desk, fresh);
  const noted = await note(desk, sending);
  const gone = await Promise.all([
    ...[...noted].map(([to, of]) => sendTo(desk, to, of)),
    ...[...parking].map(([why, of]) => park(desk, why, of)),
  ]);
  await deleteArrived(desk, [...arrived, ...gone.flat()]);
  return [...noted.values(), ...parking.values()].flat().length;
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
  const { work, tally } = desk;
  const [sending, parking] = [new Map<Destination, Received[]>(), new Map<Stays, Received[]>()];
  for (const { letter, seen, fate } of judgedAll(desk, letters)) {
    if (fate.kind === 'park') put(parking, fate.why, letter);
    else if (isBehindOneAlone(desk, letter)) stayBehind(desk, letter);
    else {
      const to = fate.kind === 'send' ? work.to.find(({ arn }) => arn === fate.to.arn) : undefined;
      toSend(desk, letter, to, sending);
      if (seen.standing === 'again' && seen.attempts > 0) tally.hold(groupOf(letter));
    }
  }
  return { sending, parking };
}

interface Judged {
  readonly letter: Received;
  readonly seen: Letter;
  readonly fate: Fate;
}

/** Those that may go, or be parked. What has come back, stays or is only looked at is left as what it is. */
function judgedAll(desk: Desk, letters: readonly Received[]): readonly Judged[] {
  const { work, tally, places } = desk;
  const leave = (letter: Received, state: Fallen['state'], why: string): void => tally.leave(letter, { state, why });
  return letters.flatMap((letter): readonly Judged[] => {
    // What a letter has shown of its consumer may decide on the next.
    const rule = { ...work, to: work.to.map((to) => ({ ...to, trust: places.trustOf(to.arn) ?? to.trust })) };
    const seen = judged(desk, letter);
    const fate = fateOf(seen, rule);
    if (seen.standing === 'again') cameLate(desk, letter);
    const isUnnamed = seen.standing === 'new' && 'why' in seen.home && cameUnnamed(desk, letter);
    if (isUnnamed && 'why' in seen.home) leave(letter, 'refused', seen.home.why);
    else if (fate.kind === 'back') returned(desk, letter, fate.isLast);
    else if (work.mode === 'search') leave(letter, 'kept', 'looked-at');
    else if (fate.kind === 'stay') leave(letter, 'refused', fate.why);
    else if (fate.kind === 'wait' && fate.why === 'sender-unknown') leave(letter, 'kept', fate.why);
    else return [{ letter, seen, fate }];
    return [];
  });
}

/** It went in an earlier round, and is seen to be back only now: its consumer was busy. */
function cameLate({ tally, places }: Desk, letter: Received): void {
  if (tally.known(letter) !== undefined) return;
  tally.wentBefore();
  places.cameBack(homeOf(letter));
}

/**
 * Whether it has come back from a function, of a letter that does not say where it failed: one was given the same in this run. The letter
 * stays, and the function is judged by it. What no function was given is new, and says nothing of any.
 */
function cameUnnamed({ work, tally, places, attempts }: Desk, letter: Received): boolean {
  if (tally.known(letter) !== undefined) return false;
  const isGiven = (one: FailedEvent): boolean =>
    attempts.lastRoundMs(asFailedAt(letter, one), tally.beganMs) !== undefined;
  const given = failedEventsIn(letter.message, work)
    .filter((one) => places.trustOf(one.function) !== undefined)
    .filter(isGiven);
  // Where there may be a record of it besides, that one counts as what came back.
  if (given.length > 0 && !given.some(({ isRecorded }) => isRecorded)) tally.wentBefore();
  places.cameBackFromOneOf(given);
  return given.length > 0;
}

/** It has failed again. Of a FIFO queue's group the first alone is charged with it: those behind it were not tried. */
function returned({ tally, places, work, spared }: Desk, letter: Received, isLast: boolean): void {
  const group = groupOf(letter);
  const isSeenFirst = tally.known(letter) === undefined;
  const isBehind = isOrdered(work.queueName) && isSeenFirst && tally.isBehind(group);
  if (isBehind) spared.push(letter);
  else if (isSeenFirst) tally.headCameBack(group);
  tally.cameBack(letter, places, { isLast: isLast && !isBehind, isBehind });
}

function groupOf({ message }: Received): string {
  return message.Attributes?.MessageGroupId ?? '';
}

/** Of a FIFO queue a letter that has failed before goes alone: what stands behind it would come back with it. */
function isBehindOneAlone({ work, tally }: Desk, letter: Received): boolean {
  return isOrdered(work.queueName) && tally.isHeld(groupOf(letter));
}

/**
 * Of a FIFO queue a consumer is tried with one letter of each group: it begins nothing behind one that it fails on, and a single bad
 * letter would speak for all that stand behind it.
 */
function mayBeTried({ places, tried }: Desk, letter: Received, to: Destination): boolean {
  if (!isOrdered(to.arn) || places.trustOf(to.arn) !== 'untried') return true;
  const group = groupOf(letter);
  if (tried.has(group)) return false;
  tried.add(group);
  return true;
}

/** Until the next round. */
function stayBehind({ tally }: Desk, letter: Received): void {
  if (tally.known(letter) === 'back') tally.leave(letter, { state: 'back', why: 'came-back' });
  else tally.leave(letter, { state: 'kept', why: 'waits-for-its-group' });
}

/** It goes, unless its queue takes nothing, or its consumer is tried with others first. */
function toSend(
  desk: Desk,
  letter: Received,
  to: Destination | undefined,
  sending: Map<Destination, Received[]>,
): void {
  const { tally, places, closed } = desk;
  const isShut = to === undefined ? undefined : closed.get(to.arn);
  if (isShut !== undefined) tally.leave(letter, { state: 'kept', why: isShut });
  else if (to !== undefined && mayBeTried(desk, letter, to) && places.admits(to)) {
    // Nothing of its group stands before it any more: what comes of it is its own.
    if (isOrdered(to.arn) && places.trustOf(to.arn) === 'untried') tally.goesFirst(groupOf(letter));
    put(sending, to, letter);
  } else {
    desk.aside += 1;
    tally.leave(letter, { state: 'kept', why: 'waits-for-the-canary' });
  }
}

/** What is judged of a letter. One that has been here all the time has not come back. */
function judged({ tally, attempts, work, io }: Desk, letter: Received): Letter {
  const { home, bytes, wholeBytes, sentMs } = letter;
  const state = tally.known(letter);
  const wasHere = state !== undefined && state !== 'back';
  const lastMs = wasHere ? undefined : attempts.lastRoundMs(letter, tally.beganMs);
  const standing =
    lastMs === undefined ? unsent(wasHere, sentMs >= tally.beganMs) : sentBefore(lastMs === tally.roundMs);
  const before = attempts.of(letter);
  return { home, bytes, wholeBytes, standing, attempts: before, unwanted: work.unwanted(letter, before, io.now()) };
}

function unsent(wasHere: boolean, isLater: boolean): Letter['standing'] {
  return isLater && !wasHere ? 'new' : 'waiting';
}

function sentBefore(isOfThisRound: boolean): Letter['standing'] {
  return isOfThisRound ? 'back' : 'again';
}

/** Said of a piece that ends for it. */
export function ledgerTrouble(error: unknown): string {
  return `the ledger does not keep what goes: ${errorName(error)}: ${classify(error).message}`;
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
    tally.stop(ledgerTrouble(error));
    return new Map();
  }
}

/** Sends letters to one place; gives those that have arrived. One that takes nothing holds up no other, unless there is none. */
async function sendTo(desk: Desk, to: Destination, letters: readonly Received[]): Promise<Received[]> {
  const { work, io, tally, places, closed } = desk;
  const { posted, trouble } = await deliver(letters, to, io);
  if (trouble !== null) {
    closed.set(to.arn, trouble.name);
    if (work.to.every(({ arn }) => closed.has(arn))) tally.stop(`${trouble.name}: ${trouble.message}`);
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

function deliver(letters: readonly Received[], { arn, url }: Destination, io: Io): Promise<Post> {
  if (url !== null) return post(letters, { url, entry: (letter) => entryOf(letter, arn, letter.content) }, io);
  const events = letters.map((letter) => {
    return { letter, functionArn: letter.functionArn ?? arn, event: letter.content.Body ?? '' };
  });
  return invoke(events, io);
}

/** What keeps a letter from being parked is not why it cannot go, unless AWS says the same of both queues. */
function unparked(left: Fallen, why: Stays): Fallen {
  return left.state === 'refused' && why !== 'its-queue-refuses-it' ? { state: 'refused', why } : left;
}

/** Puts letters into the parking queue; gives those that have arrived. */
async function park(desk: Desk, why: Stays, letters: readonly Received[]): Promise<Received[]> {
  const { work, io, tally, attempts, closed } = desk;
  const { parking } = work;
  if (parking === null) return [];
  const shut = closed.get(parking.arn);
  const entry = (letter: Received): ReturnType<typeof entryOf> =>
    parkedEntryOf(letter, { why, attempts: attempts.of(letter), run: io.run }, parking);
  const { posted, trouble } =
    shut === undefined
      ? await post(letters, { url: parking.url, entry }, io)
      : { posted: letters.map((letter) => [letter, { state: 'kept', why: shut }] as const), trouble: null };
  if (trouble !== null) closed.set(parking.arn, trouble.name);
  return posted.flatMap(([letter, left]) => {
    if (left === null) tally.parked(letter);
    else tally.leave(letter, unparked(left, why));
    return left === null ? [letter] : [];
  });
}
