/** What faults may change of the end of block-address's runs: nothing that stands in the account. */

import type { Rules } from '../equivalence.ts';

/** What is permitted to block-address. */
export const RULES: Rules = { differences: [], surplus: [] };
