/** How many targets one run acts on. */

/** Counts the targets that a run acts on, as far as that is counted. */
export interface Tally {
  /** How many there may be. */
  readonly limit: number;
  /**
   * Whether the run may act on this target; then it counts from here on. It is kept in memory and shared by all targets: on the
   * durable host it is asked inside a step, whose value decides, and a replay enters again what was granted. Targets whose
   * branches have ended before an invocation are not counted in it: the limit is of those acted on at the same time.
   */
  readonly admits: (target: string) => boolean;
  /** It does not act on this one after all. */
  readonly withdraw: (target: string) => void;
}

/** A tally of at most `limit` targets. */
export function tallyOf(limit: number): Tally {
  const acting = new Set<string>();
  return {
    limit,
    admits: (target) => {
      if (!acting.has(target) && acting.size >= limit) return false;
      acting.add(target);
      return true;
    },
    withdraw: (target) => void acting.delete(target),
  };
}
