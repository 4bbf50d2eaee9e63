/**
 * Which entry of a list was sent first: until that one is due none is, and a list of thousands need not be read at each request. Lists are
 * never changed but replaced, so that what is known of one holds; who takes an entry out or adds one says what that makes of it.
 */

import type { Shape } from '../../engine/model.ts';

interface Earliest {
  readonly ms: number;
  /** How many entries were sent then. */
  readonly count: number;
  /** Length of the list when it was read. */
  readonly length: number;
}

const known = new WeakMap<readonly Shape[], Earliest>();

/** One that does not say when it was sent never becomes due. */
function sentOf(entry: Shape, sentMs: (entry: Shape) => number): number {
  const ms = sentMs(entry);
  return Number.isNaN(ms) ? Number.POSITIVE_INFINITY : ms;
}

function read(list: readonly Shape[], sentMs: (entry: Shape) => number): Earliest {
  let [ms, count] = [Number.POSITIVE_INFINITY, 0];
  for (const entry of list) {
    const own = sentOf(entry, sentMs);
    if (own < ms) [ms, count] = [own, 1];
    else if (own === ms) count += 1;
  }
  return { ms, count, length: list.length };
}

function earliestOf(list: readonly Shape[], sentMs: (entry: Shape) => number): Earliest {
  const before = known.get(list);
  const earliest = before?.length === list.length ? before : read(list, sentMs);
  known.set(list, earliest);
  return earliest;
}

/** When the first of them was sent; infinity: there is none. */
export function earliestMs(list: readonly Shape[], sentMs: (entry: Shape) => number): number {
  return earliestOf(list, sentMs).ms;
}

/** The list with one entry more, at its end. */
export function withOne(list: readonly Shape[], entry: Shape, sentMs: (entry: Shape) => number): readonly Shape[] {
  const { ms, count, length } = earliestOf(list, sentMs);
  const own = sentOf(entry, sentMs);
  const longer = [...list, entry];
  const earliest = own < ms ? { ms: own, count: 1 } : { ms, count: own === ms ? count + 1 : count };
  known.set(longer, { ...earliest, length: length + 1 });
  return longer;
}

/** The list without one of its entries. */
export function withoutOne(list: readonly Shape[], at: number, sentMs: (entry: Shape) => number): readonly Shape[] {
  const { ms, count, length } = earliestOf(list, sentMs);
  const gone = list[at];
  const shorter = list.toSpliced(at, 1);
  const isOfFirst = gone !== undefined && sentOf(gone, sentMs) === ms;
  // Of the last that was sent then, it has to be read who is first now.
  if (!isOfFirst || count > 1) known.set(shorter, { ms, count: isOfFirst ? count - 1 : count, length: length - 1 });
  return shorter;
}
