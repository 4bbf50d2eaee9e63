/** What the next invalidation holds: as much as there is room for; of what CloudFront has refused as a whole, a half. Pure. */

import { kindOf } from './selection.ts';

/** How much more may be in progress. */
export interface Room {
  readonly files: number;
  readonly wildcards: number;
  /** UTF-8 bytes of one batch: the plan is kept, printed and told. */
  readonly bytes: number;
}

/** As many of the items, in their order, as there is room for. That cache tags count as files is assumed. */
function fitting(items: readonly string[], room: Room): readonly string[] {
  let { files, wildcards, bytes } = room;
  const taken: string[] = [];
  for (const item of items) {
    const isWildcard = kindOf(item) === 'wildcard';
    const hasRoom = (isWildcard ? wildcards : files) > 0 && bytes >= item.length;
    if (!hasRoom) continue;
    taken.push(item);
    if (isWildcard) wildcards -= 1;
    else files -= 1;
    bytes -= item.length;
  }
  return taken;
}

/** Items that were refused although nothing else was with them. */
export function refusedAlone(refused: readonly (readonly string[])[]): readonly string[] {
  return refused.flatMap((batch) => (batch.length === 1 ? batch : []));
}

/**
 * The next batch. A batch that was refused holds a path that CloudFront does not take, and CloudFront does not say which: what is left of
 * it, without what was accepted since, goes in halves, until a path is refused that was sent alone.
 * @param items what is not accepted yet, in order, always the same
 * @param refused the batches that were refused
 */
export function nextBatch(
  items: readonly string[],
  room: Room,
  refused: readonly (readonly string[])[],
): readonly string[] {
  const alone = new Set(refusedAlone(refused));
  const open = items.filter((item) => !alone.has(item));
  const isOpen = new Set(open);
  const suspects = refused
    .filter((batch) => !batch.some((item) => alone.has(item)))
    .map((batch) => batch.filter((item) => isOpen.has(item)))
    .filter(({ length }) => length > 0)
    .toSorted((one, other) => one.length - other.length);
  const batch = fitting(open, room);
  const within = new Set(batch);
  const [smallest] = suspects.filter((suspect) => suspect.every((item) => within.has(item)));
  return smallest === undefined ? batch : smallest.slice(0, Math.ceil(smallest.length / 2));
}
