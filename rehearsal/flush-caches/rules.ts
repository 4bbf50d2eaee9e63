/** What faults may change of the end of flush-caches' runs, and which of its calls may take effect more often. */

import type { Rules } from '../equivalence.ts';

/** What is permitted to flush-caches. */
export const RULES: Rules = { differences: [], surplus: [] };
