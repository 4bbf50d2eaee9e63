/** Whether letters can be taken, and whether anybody takes them where they go. Pure. */

import type { JsonObject, Refuse } from '../../../shared/kernel/decision.ts';
import type { Facts, Queue, Readiness } from './facts.ts';
import type { Destination } from './letter.ts';

/** Nothing was found, or nothing was looked at. */
export const ALL_READY: Readiness = { unusableKeys: {}, unreadKeys: [], off: {}, withoutMapping: [] };

type No = (code: string, because: string) => Refuse;

/** Why nothing can be moved: a key without which no letter is received, sent or parked, or consumers that are all switched off. */
export function unready({ readiness, sources, parking }: Facts, queue: Queue, no: No): Refuse | undefined {
  const { unusableKeys, off } = readiness;
  const areLocked = sources.every(({ arn }) => unusableKeys[arn] !== undefined);
  const needed = [queue, ...(parking === null ? [] : [parking]), ...(areLocked ? sources : [])];
  const locked = needed.find(({ arn }) => unusableKeys[arn] !== undefined);
  if (locked !== undefined)
    return no('key-unusable', `the key of ${locked.name} cannot be used: ${unusableKeys[locked.arn]}`);
  if (!sources.every((source) => shut(source, readiness) !== undefined)) return undefined;
  const [first] = sources.flatMap(({ arn }) => off[arn] ?? []);
  return no('consumer-off', `nobody takes what goes back: ${first}. Switch it on, and ask again`);
}

/** Why no letter goes to a queue; `undefined`: it may. */
export function shut({ arn }: Pick<Queue, 'arn'>, { off, unusableKeys }: Readiness): Destination['shut'] {
  if (unusableKeys[arn] !== undefined) return 'key-unusable';
  return off[arn] === undefined ? undefined : 'consumer-off';
}

/** What people are told of it. */
export function toldOfReadiness({ readiness }: Facts): JsonObject {
  const { unreadKeys, withoutMapping, off, unusableKeys } = readiness;
  const shutFor = [...Object.values(unusableKeys), ...Object.values(off)];
  return {
    ...(unreadKeys.length === 0 ? {} : { keysNotRead: unreadKeys }),
    ...(withoutMapping.length === 0 ? {} : { noFunctionTakesFrom: withoutMapping }),
    ...(shutFor.length === 0 ? {} : { shut: shutFor }),
  };
}
