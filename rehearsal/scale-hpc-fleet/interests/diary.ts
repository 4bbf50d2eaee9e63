/** What was seen of fleets while a world went on: that they were short of gangs, or that strangers stood beside them. */

import type { Given } from '../../worlds/interest.ts';
import type { Fleet } from './scene.ts';

/** Something that lasted, of a fleet. */
export interface Spell {
  readonly fleet: string;
  readonly what: 'short' | 'strangers';
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What was seen of fleets while a world went on, for whoever judges when it is over. */
class Diary {
  readonly #spells = new Map<string, Spell>();
  #open: ReadonlySet<string> = new Set();

  look(fleets: readonly Fleet[], off: boolean, now: number): void {
    const holding = fleets.flatMap(({ id, jobs = 0, gangs, strangers, fault }) => [
      ...(jobs > gangs.length ? [[id, 'short'] as const] : []),
      ...(strangers.length > 0 && fault === undefined ? [[id, 'strangers'] as const] : []),
    ]);
    const open = new Set<string>();
    for (const [fleet, what] of off ? [] : holding) {
      const key = `${fleet}/${what}`;
      open.add(key);
      const before = this.#open.has(key) ? this.#spells.get(key) : undefined;
      this.#keep(key, { fleet, what, fromMs: before?.fromMs ?? now, untilMs: now });
    }
    this.#open = open;
  }

  /** The longest of each kind. */
  all(): readonly Spell[] {
    return [...this.#spells.values(), ...this.#longest.values()];
  }

  readonly #longest = new Map<string, Spell>();

  #keep(key: string, spell: Spell): void {
    this.#spells.set(key, spell);
    const known = this.#longest.get(key);
    const lasted = ({ fromMs, untilMs }: Spell): number => untilMs - fromMs;
    if (known === undefined || lasted(spell) > lasted(known)) this.#longest.set(key, spell);
  }
}

const diaries = new WeakMap<Given, Diary>();

/** The diary of one run. */
export function diaryOf(given: Given): Diary {
  const diary = diaries.get(given) ?? new Diary();
  diaries.set(given, diary);
  return diary;
}
