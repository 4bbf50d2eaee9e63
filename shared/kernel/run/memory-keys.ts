/** What the kernel itself remembers with a resource. */

/** Memory key under which the kernel keeps the last outcome that is not all right, so that a schedule reports it once. */
export const TROUBLE_KEY = 'trouble';

/**
 * Memory key under which the kernel keeps the run that acted and ended in a failure no repeat can mend. Lambda delivers such
 * a run's event again all the same: it must end in the dead-letter queue, but not act a second time.
 */
export const ENDED_KEY = 'ended';
