/** What the kernel itself remembers with a resource. */

/** Memory key under which the kernel keeps the last outcome that is not all right, so that a schedule reports it once. */
export const TROUBLE_KEY = 'trouble';

/**
 * The same of dry runs, and the plan that was told last. By itself: what a dry run has told must not keep a run that acts from
 * telling it.
 */
export const PLANNED_KEY = 'planned';

/** Under which key a run keeps what it has told. */
export function toldKey(dryRun: boolean): string {
  return dryRun ? PLANNED_KEY : TROUBLE_KEY;
}

/**
 * Memory key under which the kernel keeps the run that acted and ended in a failure no repeat can mend. Lambda delivers such
 * a run's event again all the same: it must end in the dead-letter queue, but not act a second time.
 */
export const ENDED_KEY = 'ended';
