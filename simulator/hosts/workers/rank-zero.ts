/** The worker on one gang: it looks, protects itself, takes a job, works, and gives the protection back, in that order. */

import type { Shape, World } from '../../engine/model.ts';
import { receivedBy, type Received } from '../../services/sqs/receipts.ts';
import { LONGEST_HIDDEN_SECONDS, receivable, receive } from '../../services/sqs/receive.ts';
import {
  hideUntil,
  isFifo,
  liveMessages,
  liveStandingOf,
  messagesIn,
  queueByName,
  receivesOf,
  takeOut,
  tend,
} from '../../services/sqs/state.ts';
import { text } from '../../services/ec2/state.ts';
import { deliveringOf } from '../../services/sqs/mapping.ts';
import { failsOn } from '../../world/failing.ts';
import { isBroken, isWhole, rankZero, type Gang } from './gangs.ts';
import { attest, giveBack, hold, isReleased, renew, seenLease, type LeaseBook, type SeenLease } from './holding.ts';
import type { Book, Job } from './book.ts';

/** From one request of a worker to its next. Assumed: long enough for others to come between. */
const STEP_MS = 200;

/** From one look for Spot notices to the next. Source: EC2 user guide, "Spot Instance interruption notices". */
const NOTICE_LOOK_MS = 5_000;

/** What a worker is given. */
export interface Place {
  readonly world: World;
  readonly leases: LeaseBook;
  readonly book: Book;
  /** The gang as it stands; `undefined`: there is none. */
  readonly gang: () => Gang | undefined;
  /** The queue has changed: everybody looks. */
  readonly changed: () => void;
}

/** When something can be received; `undefined`: not by waiting. */
function nextMs(world: World, queue: Shape): number | undefined {
  const now = world.clock.now();
  if (receivable(queue, now, 1).length > 0) return now;
  const hidden = messagesIn(queue).flatMap(({ VisibleAt: at }) => (typeof at === 'string' ? [Date.parse(at)] : []));
  const later = hidden.filter((ms) => ms > now);
  return later.length === 0 ? undefined : Math.min(...later);
}

function parsed(body: unknown): unknown {
  try {
    return JSON.parse(String(body));
  } catch {
    return undefined;
  }
}

/** Rank 0 of a gang, from when the gang is whole to when it is not. */
export class RankZero {
  readonly #place: Place;
  /** When it looked first, or will; the others follow in steps. */
  #firstMs: number | undefined;
  /** `over`: it takes nothing any more. */
  #phase: 'idle' | 'taking' | 'working' | 'over' = 'idle';
  #unplan: () => void = () => undefined;
  #unbeat: () => void = () => undefined;

  /** @param sinceMs since when the gang is whole */
  constructor(place: Place, sinceMs: number) {
    this.#place = place;
    this.#firstMs = sinceMs + place.book.ms('starts');
    if (this.#isGated()) this.#attest(sinceMs);
  }

  #isGated(): boolean {
    return this.#place.book.record()['attests'] !== undefined;
  }

  #attest(sinceMs: number): void {
    const { world, leases, book, gang: ask } = this.#place;
    world.clock.after(Math.max(0, sinceMs + book.ms('attests') - world.clock.now()), () => {
      const gang = ask();
      if (gang !== undefined && isWhole(gang))
        attest(leases, gang, text(book.record(), 'attestFault'), world.clock.iso());
    });
  }

  /** Comes back when there is something to take: as long as there is not, its looks change nothing. */
  look(): void {
    if (this.#phase !== 'idle') return;
    this.#unplan();
    const queue = this.#queue();
    const next = queue === undefined ? undefined : nextMs(this.#place.world, queue);
    if (queue === undefined || next === undefined) return;
    const { book } = this.#place;
    // Without a redrive policy a job that fails comes again for days: the world does not wait for that.
    const isEndless = deliveringOf(queue).mostReceives === undefined && book.record()['fails'] !== undefined;
    this.#plan(this.#untilLook(next), () => this.#poll(), isEndless);
  }

  /** Goes on with a job that the gang was at when the world was written down. */
  resume(job: Job): void {
    this.#phase = 'working';
    this.#work(job);
  }

  /** A node of the gang has left what runs. */
  nodeGone(node: Shape): void {
    if (this.#phase === 'over') return;
    const { book, gang: ask, world } = this.#place;
    const gang = ask();
    const id = gang?.id ?? '';
    const job = book.jobOf(id);
    if (job !== undefined) book.lose(job, node, world.clock.iso());
    if (gang === undefined || rankZero(gang) === undefined) {
      // Its process is gone with it: what it holds runs out by itself.
      this.#stop();
      book.abandoned(id);
    } else if (job !== undefined) {
      // The others hang; that they do is seen at the next look.
      this.#plan(this.#untilLook(world.clock.now()), () => this.#giveUp(job));
    } else if (this.#phase === 'idle') this.#stop();
  }

  /** EC2 takes a node back: the job is given up, and no other is taken. */
  noticed(): void {
    const { book, gang: ask } = this.#place;
    const job = book.jobOf(ask()?.id ?? '');
    if (this.#phase === 'working' && job !== undefined) this.#plan(NOTICE_LOOK_MS, () => this.#loseTo(job));
    else if (this.#phase === 'idle') this.#stop();
  }

  #loseTo(job: Job): void {
    this.#place.book.end(job, 'lost');
    this.#giveUp(job);
  }

  #queue(): Shape | undefined {
    return queueByName(this.#place.world, this.#place.book.record()['queue']);
  }

  /** How long from now to its first look that is not before then. */
  #untilLook(ms: number): number {
    const { world, book } = this.#place;
    const polls = Math.max(book.ms('polls'), 1);
    const first = this.#firstMs ?? world.clock.now();
    return first + Math.max(0, Math.ceil((ms - first) / polls)) * polls - world.clock.now();
  }

  #plan(ms: number, effect: () => void, isEndless = false): void {
    this.#unplan();
    this.#unplan = this.#place.world.clock.after(ms, effect, isEndless ? { background: true } : {});
  }

  #stop(): void {
    this.#phase = 'over';
    this.#unplan();
    this.#unbeat();
  }

  #poll(): void {
    const { world, leases, gang: ask } = this.#place;
    const [queue, gang] = [this.#queue(), ask()];
    if (queue === undefined || gang === undefined || !isWhole(gang) || isBroken(gang)) return;
    const now = world.clock.now();
    if (!liveMessages(queue, now).some((message) => liveStandingOf(message, now) === 'visible')) {
      this.look();
      return;
    }
    if (this.#isGated() && !isReleased(leases, gang)) {
      this.#plan(this.#untilLook(now + 1), () => this.#poll(), true);
      return;
    }
    const seen = seenLease(leases, gang);
    if (seen.isClosed) {
      this.#stop();
      return;
    }
    this.#phase = 'taking';
    this.#plan(STEP_MS, () => this.#protect(seen));
  }

  #protect(seen: SeenLease): void {
    const { world, leases, book, gang: ask } = this.#place;
    const gang = ask();
    if (gang === undefined || isBroken(gang)) {
      this.#stop();
      return;
    }
    const untilMs = world.clock.now() + book.ms('visibility');
    if (!hold(world, leases, gang, seen, untilMs)) {
      this.#rest();
      return;
    }
    book.holds(gang, untilMs);
    this.#plan(STEP_MS, () => this.#receive());
  }

  #receive(): void {
    const { world, book, gang: ask, changed } = this.#place;
    const [queue, gang] = [this.#queue(), ask()];
    const canWork = queue !== undefined && gang !== undefined && !isBroken(gang);
    const [message] = canWork ? receive(world, queue, 1, book.ms('visibility') / 1_000) : [];
    if (!canWork || message === undefined) {
      this.#plan(STEP_MS, () => this.#release());
      return;
    }
    tend(world, queue);
    const job = book.begin(gang, message, receivesOf(message) > 1);
    this.#phase = 'working';
    this.#work(job);
    changed();
  }

  #work(job: Job): void {
    const { world, gang: ask } = this.#place;
    const gang = ask();
    if (gang !== undefined && isBroken(gang)) this.#plan(NOTICE_LOOK_MS, () => this.#loseTo(job));
    else this.#plan(Date.parse(job.until) - world.clock.now(), () => this.#end(job));
    this.#beat(job);
  }

  /** Keeps the job hidden, and the lease taken, while it works: at half of their time. */
  #beat(job: Job): void {
    const { world, leases, book, gang: ask, changed } = this.#place;
    const visibilityMs = book.ms('visibility');
    this.#unbeat = world.clock.after(visibilityMs / 2, () => {
      const [queue, gang, now] = [this.#queue(), ask(), world.clock.now()];
      if (queue !== undefined) this.#hide(queue, job, now + visibilityMs);
      if (gang !== undefined) {
        renew(leases, gang, now + visibilityMs);
        book.holds(gang, now + visibilityMs);
      }
      this.#beat(job);
      changed();
    });
  }

  /** Hides a job until then: no longer than SQS allows from when it was received, and only while nobody else can have it. */
  #hide(queue: Shape, { handle, since }: Job, untilMs: number): void {
    const { world } = this.#place;
    const { message, isInFlight } = receivedBy(world, queue, handle);
    if (message === undefined || !isInFlight) return;
    hideUntil(queue, message, Math.min(untilMs, Date.parse(since) + LONGEST_HIDDEN_SECONDS * 1_000));
    tend(world, queue);
  }

  #end(job: Job): void {
    const { world, book, changed } = this.#place;
    this.#unbeat();
    const queue = this.#queue();
    const received = queue === undefined ? undefined : receivedBy(world, queue, job.handle);
    const record = book.record();
    const isFailing = failsOn(
      { ...record, received: record['started'] },
      parsed(received?.message?.['Body']),
      world.clock.now(),
    );
    if (isFailing) book.end(job, 'failed');
    else if (queue !== undefined && this.#isMine(queue, received)) {
      takeOut(queue, job.message);
      tend(world, queue);
      book.end(job, 'finished');
    } else book.end(job, undefined);
    this.#phase = 'taking';
    this.#plan(STEP_MS, () => this.#release());
    changed();
  }

  /** Nobody else has received it since; of a FIFO queue SQS takes no handle that has expired. */
  #isMine(queue: Shape, received: Received | undefined): boolean {
    return received !== undefined && (isFifo(queue) ? received.isInFlight : received.isLatest);
  }

  /** A node is gone and the job with it: the job is for another gang, and this one for nothing more. */
  #giveUp(job: Job): void {
    const { world, changed } = this.#place;
    this.#unbeat();
    const queue = this.#queue();
    if (queue !== undefined) this.#hide(queue, job, world.clock.now());
    this.#plan(STEP_MS, () => this.#release());
    changed();
  }

  #release(): void {
    const { world, leases, book, gang: ask } = this.#place;
    const gang = ask();
    if (gang !== undefined) {
      giveBack(world, leases, gang);
      book.released(gang.id);
    }
    if (gang === undefined || isBroken(gang)) this.#stop();
    else this.#rest();
  }

  #rest(): void {
    this.#phase = 'idle';
    this.look();
  }
}
