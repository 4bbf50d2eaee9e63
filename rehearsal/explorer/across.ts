/**
 * What several drills try together: a plan that is alike to plans of drills before it is left to them.
 *
 * Drills differ in the account; the code that a fault strikes is the same. A fault at the same step of a run of the same
 * runbook, that was set off alike, wrote the same last and ends alike, is tried in two drills, once in each.
 */

/** Drills in which a kind of plan is tried. A second one, since what surrounds the step differs. */
const DRILLS_OF_A_KIND = 2;

/** Remembers which kinds of plans have been tried, while drill after drill is explored in an order that is always the same. */
export class Acquaintance {
  readonly #drills = new Map<string, number>();

  /** Which of a drill's plans are new enough to be tried; those without a kind always are. To be asked once for each drill. */
  choose<S extends { readonly kind: string | undefined }>(schedules: readonly S[]): readonly S[] {
    const own = new Set<string>();
    return schedules.filter(({ kind }) => {
      if (kind === undefined) return true;
      if (own.has(kind)) return false;
      own.add(kind);
      const drills = (this.#drills.get(kind) ?? 0) + 1;
      this.#drills.set(kind, drills);
      return drills <= DRILLS_OF_A_KIND;
    });
  }
}
