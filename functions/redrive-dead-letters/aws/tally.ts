/** Counts letters while a piece is at work. It begins with what the pieces before have told, and ends as what this one tells. */

import { createHash } from 'node:crypto';
import { isUnwanted, STAY_CHARS, unwantedIn, type BySqs, type Left, type Progress } from '../decide.ts';
import { homeOf, type Received } from './letters.ts';
import type { Places } from './places.ts';

/** What the plan says of a piece, as far as its counting goes by it. */
export interface Terms {
  readonly round: number;
  /** When it began, ISO 8601. */
  readonly roundAt: string;
  /** About so many letters are in the queue. */
  readonly held: number;
  /** Consumers are put on trial anew: what is counted begins with it. */
  readonly isNewTrial: boolean;
  /** Seconds from the sending of a message to its end in this queue. */
  readonly retentionSeconds: number;
  readonly mode: 'send' | 'collect' | 'search' | 'forgive' | 'hand-over' | 'take-back' | 'stand-by';
  readonly senders: Progress['senders'];
}

/** What has become of a letter; `refused`: it stays. */
interface Fallen {
  readonly state: Left['state'] | 'refused';
  readonly why: string;
}

/** How a letter came back. */
export interface Return {
  /** It may go no more. */
  readonly isLast: boolean;
  /** One of its group came back before it. */
  readonly isBehind: boolean;
}

const HAS_ARRIVED = 'not-deleted';

/** Short, for there may be thousands: of six bytes. */
function short(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, STAY_CHARS);
}

function stayOf({ id }: Received): string {
  return short(id);
}

function inPrints(all: string): readonly string[] {
  return Array.from({ length: all.length / STAY_CHARS }, (_none, index) =>
    all.slice(index * STAY_CHARS, (index + 1) * STAY_CHARS),
  );
}

function staysOf({ stays }: Progress): Map<string, string> {
  return new Map(Object.entries(stays).flatMap(([why, all]) => inPrints(all).map((print) => [print, why])));
}

export class Tally {
  /** When the run began to move letters, and when its round did. */
  readonly beganMs: number;
  readonly roundMs: number;
  readonly #now: string;
  readonly #before: Progress;
  readonly #terms: Terms;
  readonly #isNewRound: boolean;
  readonly #left: Map<string, Left>;
  /** By their prints why letters stay. */
  readonly #stays: Map<string, string>;
  // SQS may hand a letter over twice, to two hands at once or after it was deleted.
  readonly #inHand = new Set<string>();
  readonly #gone = new Set<string>();
  readonly #groupsBack: Set<string>;
  readonly #groupsHeld: Set<string>;
  #received: number;
  #surplus = 0;
  #unwanted: number;
  #sent: number;
  #parked: number;
  #cameBack: number;
  #perhapsTwice: number;
  readonly #held: number;
  #deleted: number;
  #lastSentAt: string | null;
  #isBegun = false;
  #isDrained = false;
  #trouble: string | null = null;
  #bySqs: BySqs | null;

  /** Goes on where the piece before has ended. */
  constructor(before: Progress, terms: Terms, now: string) {
    this.#now = now;
    this.#before = before;
    this.#terms = terms;
    this.#isNewRound = terms.round > before.round || before.roundAt === null;
    this.roundMs = Date.parse(terms.roundAt);
    this.beganMs = Date.parse(before.beganAt ?? terms.roundAt);
    this.#left = new Map(Object.entries(before.left));
    this.#stays = staysOf(before);
    this.#groupsBack = new Set(this.#isNewRound ? [] : inPrints(before.groupsBack));
    this.#groupsHeld = new Set(this.#isNewRound ? [] : inPrints(before.groupsHeld));
    this.#received = before.received;
    this.#unwanted = unwantedIn(before);
    this.#sent = before.sent;
    this.#parked = before.parked;
    this.#cameBack = before.cameBack;
    this.#perhapsTwice = before.perhapsTwice;
    const isNewTrial = before.trial === null || terms.isNewTrial;
    this.#held = isNewTrial ? terms.held : (before.trial?.held ?? terms.held);
    this.#deleted = isNewTrial ? 0 : (before.trial?.deleted ?? 0);
    this.#lastSentAt = this.#isNewRound ? null : before.lastSentAt;
    this.#bySqs = before.bySqs;
  }

  /** Letters that were received and are meant, or are being asked for. */
  claimed(): number {
    return this.#received - this.#unwanted + this.#surplus;
  }

  /** Asks for so many more; with a negative number fewer have come than were asked for. */
  claim(count: number): void {
    this.#surplus += count;
  }

  /** Letters that were received, are still in their queue, and are dealt with again. */
  left(): number {
    return this.#left.size;
  }

  /** Letters that stay. */
  stays(): number {
    return this.#stays.size;
  }

  /** What is known of a letter from before; `undefined`: it is seen for the first time. */
  known({ id }: Received): Left['state'] | undefined {
    return this.#left.get(id)?.state;
  }

  /** Letters that have arrived already, and only are to be deleted; and those to be dealt with. What cannot go is neither. */
  take(letters: readonly Received[]): { readonly arrived: readonly Received[]; readonly fresh: readonly Received[] } {
    this.#isBegun = true;
    this.#surplus -= letters.length;
    const free = letters.filter((letter) => !this.#inHand.has(letter.id) && !this.#stays.has(stayOf(letter)));
    const hasArrived = (letter: Received): boolean =>
      this.#gone.has(letter.id) || ['sent', 'parked'].includes(this.known(letter) ?? '');
    const arrived = free.filter(hasArrived);
    const fresh = free.filter((letter) => !hasArrived(letter));
    this.#received += fresh.filter(({ id }) => !this.#left.has(id)).length;
    for (const { id } of fresh) this.#inHand.add(id);
    return { arrived, fresh };
  }

  /** It stays, for now or for good. */
  leave(letter: Received, { state, why }: Fallen): void {
    const isDoubtful = this.known(letter) === 'doubt';
    this.#inHand.delete(letter.id);
    if (isDoubtful && state === 'kept') {
      // What is in doubt stays so until it has been sent for certain.
      this.#put(letter, 'doubt', why);
      return;
    }
    // Whatever it is from now on, and if it is in doubt once more: the copy that was in doubt may be there all the same.
    if (isDoubtful) this.#perhapsTwice += 1;
    if (state !== 'refused') {
      this.#put(letter, state, why);
      return;
    }
    this.#left.delete(letter.id);
    this.#stays.set(stayOf(letter), why);
    if (isUnwanted(why)) this.#unwanted += 1;
  }

  #put({ id, sentMs }: Received, state: Left['state'], why: string): void {
    const expiresMs = sentMs + this.#terms.retentionSeconds * 1_000;
    this.#left.set(id, { state, why, expiresAt: new Date(expiresMs).toISOString() });
  }

  /**
   * A letter of its group came back before it in this round. Then it may have failed for having stood behind that one: a consumer of a
   * FIFO queue begins nothing behind what it fails on.
   */
  isBehind(group: string): boolean {
    return this.#groupsBack.has(short(group));
  }

  /** The next of the group goes, alone: those before it have come back, and are known. */
  goesFirst(group: string): void {
    this.#groupsBack.delete(short(group));
  }

  headCameBack(group: string): void {
    this.#groupsBack.add(short(group));
  }

  /** A letter of its group went alone in this round: nothing else of it goes before it is known what becomes of that one. */
  isHeld(group: string): boolean {
    return this.#groupsHeld.has(short(group));
  }

  hold(group: string): void {
    this.#groupsHeld.add(short(group));
  }

  /** A letter that was just received for the first time has gone in this run: it was counted as gone. Of two copies of one the second was not. */
  wentBefore(): void {
    this.#cameBack += 1;
    if (this.#sent === 0) return;
    this.#sent -= 1;
    this.#received -= 1;
  }

  /** It has gone in this round, and is there again. */
  cameBack(letter: Received, places: Places, { isLast, isBehind }: Return): void {
    if (this.known(letter) === undefined) {
      this.wentBefore();
      // What stood behind another says nothing of the consumer.
      if (!isBehind) places.cameBack(homeOf(letter));
    }
    if (places.trustOf(homeOf(letter)) === 'fails') this.leave(letter, { state: 'refused', why: 'consumer-fails' });
    else this.leave(letter, { state: 'back', why: isLast ? 'attempts-used-up' : 'came-back' });
  }

  /** It has arrived where it failed, and is still to be deleted. */
  sent(letter: Received, now: string): void {
    this.#sent += 1;
    this.#lastSentAt = now;
    this.#arrived(letter, 'sent');
  }

  /** It has arrived in the parking queue, and is still to be deleted. */
  parked(letter: Received): void {
    this.#parked += 1;
    this.#arrived(letter, 'parked');
  }

  #arrived(letter: Received, state: 'sent' | 'parked'): void {
    if (this.known(letter) === 'doubt') this.#perhapsTwice += 1;
    this.#inHand.delete(letter.id);
    this.#put(letter, state, HAS_ARRIVED);
  }

  /** It is no longer here. */
  forget({ id }: Received): void {
    if (!this.#gone.has(id)) this.#deleted += 1;
    this.#left.delete(id);
    this.#gone.add(id);
  }

  /** What was received and has not gone is SQS's to move from now on: it is none of what is counted here. */
  handOver(): void {
    this.#received -= this.#left.size;
    this.#left.clear();
    this.#bySqs = { handedAt: this.#now, moved: 0, ended: null, failure: null, isBroken: false };
  }

  /** SQS's own move task has ended: what it moved has gone by now, and whether it comes back is waited for. */
  takeBack(task: Omit<BySqs, 'handedAt'>): void {
    this.#bySqs = { handedAt: this.#bySqs?.handedAt ?? this.#now, ...task };
    if (task.moved > 0) this.#lastSentAt = this.#now;
  }

  drained(): void {
    this.#isDrained = true;
  }

  stop(trouble: string): void {
    this.#trouble ??= trouble;
  }

  isStopped(): boolean {
    return this.#trouble !== null;
  }

  /** Something was received, in this piece or in one before. */
  hasBegun(): boolean {
    return this.#isBegun || this.#before.pieces > 0;
  }

  #staysByReason(): Progress['stays'] {
    const groups = Map.groupBy(this.#stays, ([, why]) => why);
    return Object.fromEntries([...groups].map(([why, of]) => [why, of.map(([print]) => print).join('')]));
  }

  /** What the piece tells. */
  close(endedAt: string, places: Places): Progress {
    const before = this.#before;
    // Whoever moves something may go on: of a FIFO queue it may be one letter of a group at a time.
    const hasMoved = this.#isNewRound || this.#gone.size > 0;
    return {
      received: this.#received,
      sent: this.#sent,
      parked: this.#parked,
      cameBack: this.#cameBack,
      perhapsTwice: this.#perhapsTwice,
      trial: { held: this.#held, deleted: this.#deleted },
      beganAt: new Date(this.beganMs).toISOString(),
      round: this.#terms.round,
      roundAt: this.#terms.roundAt,
      lastSentAt: this.#lastSentAt,
      groupsBack: [...this.#groupsBack].join(''),
      groupsHeld: [...this.#groupsHeld].join(''),
      places: places.told(),
      left: Object.fromEntries(this.#left),
      stays: this.#staysByReason(),
      isDrained: this.#isDrained,
      trouble: this.#trouble,
      endedAt,
      searchedAt: ['collect', 'search'].includes(this.#terms.mode) ? this.#now : before.searchedAt,
      pieces: before.pieces + 1,
      freePieces: before.freePieces + (places.isFree() ? 1 : 0),
      failedPieces: this.isStopped() ? before.failedPieces + 1 : 0,
      sweeps: (hasMoved ? 0 : before.sweeps) + (this.#isDrained ? 1 : 0),
      senders: this.#terms.senders,
      bySqs: this.#bySqs,
    };
  }
}
