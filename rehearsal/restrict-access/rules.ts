/** What faults may change of the end of restrict-access's runs, and which of its calls may take effect more often. */

import type { Rules } from '../equivalence.ts';

/** What is permitted to restrict-access. */
export const RULES: Rules = { differences: [], surplus: [] };
