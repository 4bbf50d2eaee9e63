/**
 * What becomes of every message of a world, as it stands in the queues from moment to moment: where it comes to stand, and how it leaves. Read of
 * the queues alone, and of nothing that a runbook says.
 */

import type { Shape, World } from '../../simulator/engine/model.ts';
import type { Given } from '../worlds/interest.ts';
import { consumedIn, lettersIn, nameIn, type Standing } from './letters.ts';

/** A message that came to stand in a queue. */
export interface Came {
  /** Counts all that comes and leaves, in its order. */
  readonly nth: number;
  readonly id: string;
  readonly body: string;
  readonly queue: string;
  readonly group: string | undefined;
  /**
   * - `first`: a body that was not there before: it stood there when the world began, or somebody has sent it.
   * - `copy`: a new message with a body that was there before.
   * - `buried`: the same message, among the dead letters of the queue where it stood.
   */
  readonly how: 'first' | 'copy' | 'buried';
  /** The name of the queue that it failed in; absent: it did in none. */
  readonly source: string | undefined;
}

/** A message that left. */
export interface Left {
  readonly nth: number;
  readonly id: string;
  readonly body: string;
  readonly queue: string;
  /** By its consumer; by its age; or somebody has deleted it. */
  readonly how: 'handled' | 'expired' | 'taken';
}

/** Whether a queue is one of dead letters, by the names of generated worlds. */
export function isGraveyard(name: string): boolean {
  return /-dlq(?:\.fifo)?$/u.test(name);
}

/** What became of the messages of one world. */
export class Fates {
  readonly came: Came[] = [];
  readonly left: Left[] = [];
  /** Names that tags of a queue of dead letters have had for what goes back no more, by its name. */
  readonly parkings = new Map<string, Set<string>>();
  #standing: ReadonlyMap<string, Standing> = new Map();
  readonly #bodies = new Set<string>();
  #lists: readonly unknown[] = [];
  #isBegun = false;
  #nth = 0;

  /** Takes a look; the same twice is one. */
  look(world: World): void {
    const lists = world.records('sqs', 'Queues').map(({ Messages: messages }: Shape) => messages);
    const isSame = lists.length === this.#lists.length && lists.every((list, index) => list === this.#lists[index]);
    if (isSame) return;
    this.#lists = lists;
    const letters = lettersIn(world);
    const standing = new Map(letters.map((letter) => [letter.id, letter]));
    const consumed = consumedIn(world);
    for (const [id, before] of this.#standing) if (!standing.has(id)) this.#leaves(before, consumed, world.clock.now());
    for (const letter of letters) this.#comes(letter);
    for (const { body } of letters) this.#bodies.add(body);
    this.#standing = standing;
    this.#isBegun = true;
  }

  /** Messages that stand in this queue now. */
  standingIn(queue: string): readonly Standing[] {
    return this.standing.filter((letter) => nameIn(letter.queue) === queue);
  }

  /** All messages that stand somewhere now. */
  get standing(): readonly Standing[] {
    return [...this.#standing.values()];
  }

  #comes(letter: Standing): void {
    const { id, body, group, parking } = letter;
    const queue = nameIn(letter.queue);
    if (parking !== undefined)
      this.parkings.set(queue, (this.parkings.get(queue) ?? new Set<string>()).add(nameIn(parking)));
    const before = this.#standing.get(id);
    if (before?.queue === letter.queue) return;
    const isKnown = this.#isBegun && this.#bodies.has(body);
    const how = before === undefined ? (isKnown ? 'copy' : 'first') : 'buried';
    const source = letter.source === undefined ? undefined : nameIn(letter.source);
    this.came.push({ nth: (this.#nth += 1), id, body, queue, group, how, source });
  }

  #leaves({ id, body, queue: arn, expiresMs }: Standing, consumed: ReadonlySet<string>, nowMs: number): void {
    const queue = nameIn(arn);
    const how = expiresMs <= nowMs ? 'expired' : consumed.has(queue) ? 'handled' : 'taken';
    this.left.push({ nth: (this.#nth += 1), id, body, queue, how });
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
