/** Work that waits for its turn, so that not everything is asked at the same moment. */

/** Does the work as soon as fewer than so many others are at theirs. */
export type Queue = <T>(work: () => Promise<T>) => Promise<T>;

/** A queue of which `atOnce` are done at the same time, first come first served. */
export function queueOf(atOnce: number): Queue {
  let busy = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (busy >= atOnce) await new Promise<void>((go) => void waiting.push(go));
    else busy += 1;
    try {
      return await work();
    } finally {
      // The place goes to whoever waits longest, so that nobody who comes meanwhile takes it.
      const next = waiting.shift();
      if (next === undefined) busy -= 1;
      else next();
    }
  };
}
