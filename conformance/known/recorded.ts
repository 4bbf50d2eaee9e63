/** Differences between the simulator and AWS's own recorded answers that were looked into. */

import type { Known } from './known.ts';

/** None yet: there are no recordings. */
export const recordedDifferences: readonly Known[] = [];
