/** What is gathered from a log that only grows: each look takes in what has come since the last one, and no more. */

/**
 * Gathers from a log, entry by entry, each once.
 * @param begin what there is before the first entry
 * @param take takes in one entry; it must not depend on what an entry comes to later
 * @returns what has been gathered so far from this very log; not to be changed by who asks
 */
export function soFar<Entry, Gathered>(
  begin: () => Gathered,
  take: (gathered: Gathered, entry: Entry) => void,
): (log: readonly Entry[]) => Gathered {
  const known = new WeakMap<readonly Entry[], { read: number; readonly gathered: Gathered }>();
  return (log) => {
    const state = known.get(log) ?? { read: 0, gathered: begin() };
    known.set(log, state);
    for (; state.read < log.length; state.read += 1) {
      const entry = log[state.read];
      if (entry !== undefined) take(state.gathered, entry);
    }
    return state.gathered;
  };
}
