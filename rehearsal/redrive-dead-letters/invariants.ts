/** What must hold at every moment of a run of redrive-dead-letters. */

import { isRecord } from '../../simulator/engine/json.ts';
import type { Watcher } from '../../simulator/engine/run-types.ts';
import { surplusCopiesAreTold } from './copies.ts';
import { lettersIn } from './letters.ts';

/** What stood in a tagged queue of dead letters stands somewhere, at every moment, until somebody has handled it. */
const noLetterIsLost: Watcher = {
  name: 'no-letter-is-lost',
  check: (world, memory) => {
    const letters = lettersIn(world);
    const known = isRecord(memory['known']) ? memory['known'] : {};
    memory['known'] = known;
    for (const { body, isTagged } of letters) if (isTagged) known[body] = true;
    const there = new Set(letters.map(({ body }) => body));
    const lost = Object.keys(known).filter((body) => !there.has(body));
    return lost.length === 0 ? undefined : `${lost.length} letters are in no queue, among them ${lost[0] ?? ''}`;
  },
};

/** A letter stands where it failed, or among the dead letters: in no third queue. */
const lettersGoWhereTheyFailed: Watcher = {
  name: 'letters-go-where-they-failed',
  check: (world, memory) => {
    const letters = lettersIn(world);
    const places = isRecord(memory['places']) ? memory['places'] : {};
    memory['places'] = places;
    for (const { body, queue, source, isTagged } of letters)
      if (isTagged) places[body] ??= [queue, source ?? queue].join(' ');
    const astray = letters.filter(({ body, queue }) => {
      const allowed = places[body];
      return typeof allowed === 'string' && !allowed.split(' ').includes(queue);
    });
    return astray.length === 0 ? undefined : `${astray[0]?.body ?? ''} stands in ${astray[0]?.queue ?? ''}`;
  },
};

/** Held against every drill of redrive-dead-letters. */
export const INVARIANTS: readonly Watcher[] = [noLetterIsLost, lettersGoWhereTheyFailed, surplusCopiesAreTold];
