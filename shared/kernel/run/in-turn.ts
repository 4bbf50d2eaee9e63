/** In which order the targets of a run are served, where not all of them can be. Pure. */

import type { Located } from '../definition.ts';
import type { Resources } from '../ledger/access.ts';
import { TROUBLE_KEY } from './memory-keys.ts';
import { known } from './locate.ts';

/** Troubles that are none of the target's own: it was not its turn. */
const NOT_ITS_TURN = new Set([
  'refused:too-many-targets',
  'waiting:no-time',
  'waiting:operations-used-up',
  'waiting:paced',
]);

/**
 * The targets in the order in which they have their turn: first those that nobody is at and that nothing was tried on, and of
 * all others the one first that was acted on least recently. So what never comes right does not keep the others waiting for ever.
 */
export function inTurn<Seen extends object>(
  located: readonly Located<Seen>[],
  resources: Resources | undefined,
  now: string,
): readonly Located<Seen>[] {
  const ranked = located.map((each) => ({ each, rank: rankOf(each.target, resources, now) }));
  return ranked
    .toSorted((one, other) => (one.rank === other.rank ? 0 : one.rank < other.rank ? -1 : 1))
    .map(({ each }) => each);
}

/** Sorts as text. */
function rankOf(target: string, resources: Resources | undefined, now: string): string {
  const { history, heldUntil } = known(resources, undefined, target, now);
  if (typeof history !== 'object') return '';
  const trouble = history.memory[TROUBLE_KEY];
  const isTried = trouble !== undefined && !NOT_ITS_TURN.has(trouble);
  return `${Number(heldUntil !== undefined)}${Number(isTried)} ${history.actions[0] ?? ''}`;
}
