/**
 * What becomes of every message of a world, as it stands in the queues and is given to functions from moment to moment: where it comes to stand,
 * and how it leaves. Read of the queues and functions alone, and of nothing that a runbook says.
 */

import { isRecord } from '../../simulator/engine/json.ts';
import type { Shape, World } from '../../simulator/engine/model.ts';
import type { Given } from '../worlds/interest.ts';
import { consumedIn, lettersIn, nameIn, type Standing } from './letters.ts';
import { identityOf, markIn } from './worlds/marks.ts';

/** A message that came to stand in a queue, or was given to a function. */
export interface Came {
  /** Counts all that comes and leaves, in its order. */
  readonly nth: number;
  readonly id: string;
  /** By what it is the same in every form: its mark, or its body. */
  readonly body: string;
  /** The name of the queue or function. */
  readonly queue: string;
  readonly group: string | undefined;
  /**
   * - `first`: a body that was not there before: it stood there when the world began, or somebody has sent it.
   * - `copy`: a new message with a body that was there before.
   * - `buried`: the same message, among the dead letters of the queue where it stood; or what a function has left there of its event.
   */
  readonly how: 'first' | 'copy' | 'buried';
  /** The name of the queue or function that it failed in; absent: it did in none. */
  readonly source: string | undefined;
}

/** A message that left. */
export interface Left {
  readonly nth: number;
  readonly id: string;
  readonly body: string;
  readonly queue: string;
  /** By its consumer, or a function that leaves nothing of it here; by its age; or somebody has deleted it. */
  readonly how: 'handled' | 'expired' | 'taken';
}

/** Whether a queue is one of dead letters, by the names of generated worlds. */
export function isGraveyard(name: string): boolean {
  return /-dlq(?:\.fifo)?$/u.test(name);
}

/** An event that a function is at. */
interface Event {
  readonly id: string;
  readonly body: string;
  readonly queue: string;
}

/** What functions have been given, each by its id. */
function eventsIn(world: World): ReadonlyMap<string, Event & { readonly outcome: unknown }> {
  const events = world.records('lambda', 'Functions').flatMap(({ FunctionName: name, Received: given }) =>
    (Array.isArray(given) ? given.filter(isRecord) : []).map(({ RequestId, Event: event, Outcome }) => {
      const id = String(RequestId);
      return [id, { id, body: identityOf(String(event)), queue: String(name), outcome: Outcome }] as const;
    }),
  );
  return new Map(events);
}

/** The name of the queue or function that a letter among the dead letters failed in. */
function sourceIn({ source, body }: Standing): string | undefined {
  return source === undefined ? markIn(body)?.home : nameIn(source);
}

/** What became of the messages of one world. */
export class Fates {
  readonly came: Came[] = [];
  readonly left: Left[] = [];
  /** Names that tags of a queue of dead letters have had for what goes back no more, by its name. */
  readonly parkings = new Map<string, Set<string>>();
  #standing: ReadonlyMap<string, Standing> = new Map();
  /** Events that functions are at. */
  #pending: ReadonlyMap<string, Event> = new Map();
  readonly #settled = new Set<string>();
  readonly #bodies = new Set<string>();
  #lists: readonly unknown[] = [];
  #isBegun = false;
  #nth = 0;

  /** Takes a look; the same twice is one. */
  look(world: World): void {
    const messages = world.records('sqs', 'Queues').map(({ Messages }: Shape) => Messages);
    const events = eventsIn(world);
    const lists = [...messages, ...[...events.values()].map(({ outcome }) => outcome)];
    const isSame = lists.length === this.#lists.length && lists.every((list, index) => list === this.#lists[index]);
    if (isSame) return;
    this.#lists = lists;
    const letters = lettersIn(world);
    const standing = new Map(letters.map((letter) => [letter.id, letter]));
    const consumed = consumedIn(world);
    for (const [id, before] of this.#standing) if (!standing.has(id)) this.#leaves(before, consumed, world.clock.now());
    const failed = this.#settle(events);
    for (const letter of letters) this.#comes(letter, failed);
    // What has failed, and of which nothing is here, is over.
    for (const event of failed) this.left.push({ nth: (this.#nth += 1), ...event, how: 'handled' });
    for (const { body } of letters) this.#bodies.add(identityOf(body));
    this.#standing = standing;
    this.#isBegun = true;
  }

  /** Messages that stand in this queue now. */
  standingIn(queue: string): readonly Standing[] {
    return [...this.#standing.values()].filter((letter) => nameIn(letter.queue) === queue);
  }

  /** What stands somewhere now, or is in a function's hands. */
  get standing(): readonly { readonly body: string }[] {
    const letters = [...this.#standing.values()].map(({ body }) => ({ body: identityOf(body) }));
    return [...letters, ...this.#pending.values()];
  }

  /** Takes in what functions were given and what they have handled; gives what they have failed on. */
  #settle(events: ReturnType<typeof eventsIn>): Event[] {
    const pending = new Map<string, Event>();
    const failed: Event[] = [];
    for (const [id, { outcome, ...event }] of events) {
      const isKnown = this.#pending.has(id) || this.#settled.has(id);
      if (!isKnown) this.#given(event);
      if (outcome === 'pending') pending.set(id, event);
      else if (!this.#settled.has(id)) {
        this.#settled.add(id);
        if (outcome === 'failed') failed.push(event);
        else this.left.push({ nth: (this.#nth += 1), ...event, how: 'handled' });
      }
    }
    this.#pending = pending;
    return failed;
  }

  #given(event: Event): void {
    const how = this.#bodies.has(event.body) ? 'copy' : 'first';
    this.came.push({ nth: (this.#nth += 1), ...event, group: undefined, how, source: undefined });
  }

  /** `failed`: events of which something may have come here at this moment; what has is taken out of it. */
  #comes(letter: Standing, failed: Event[]): void {
    const { id, group, parking } = letter;
    const [body, queue] = [identityOf(letter.body), nameIn(letter.queue)];
    if (parking !== undefined)
      this.parkings.set(queue, (this.parkings.get(queue) ?? new Set<string>()).add(nameIn(parking)));
    const before = this.#standing.get(id);
    if (before?.queue === letter.queue) return;
    const left = before === undefined && isGraveyard(queue) ? failed.findIndex((one) => one.body === body) : -1;
    if (left >= 0) failed.splice(left, 1);
    const isKnown = this.#isBegun && this.#bodies.has(body);
    const how = before !== undefined || left >= 0 ? 'buried' : isKnown ? 'copy' : 'first';
    this.came.push({ nth: (this.#nth += 1), id, body, queue, group, how, source: sourceIn(letter) });
  }

  #leaves({ id, body, queue: arn, expiresMs }: Standing, consumed: ReadonlySet<string>, nowMs: number): void {
    const queue = nameIn(arn);
    const how = expiresMs <= nowMs ? 'expired' : consumed.has(queue) ? 'handled' : 'taken';
    this.left.push({ nth: (this.#nth += 1), id, body: identityOf(body), queue, how });
  }
}

const known = new WeakMap<Given, Fates>();

/** The fates of a world, as far as somebody has looked. */
export function fatesOf(given: Given): Fates {
  const found = known.get(given) ?? new Fates();
  known.set(given, found);
  return found;
}

/** How many there are by a name. */
export function countBy<T>(all: readonly T[], name: (one: T) => string): ReadonlyMap<string, number> {
  return new Map([...Map.groupBy(all, name)].map(([key, of]) => [key, of.length]));
}
