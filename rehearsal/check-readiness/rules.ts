/** What faults may change of the end of check-readiness's runs: nothing that stands in the account, which it only reads. */

import { anything, type Rules } from '../equivalence.ts';

/** What is permitted to check-readiness. */
export const RULES: Rules = {
  differences: [
    ...anything(
      'what was told last, when and by which run: what a fault has kept from being read is told as unread, and told anew once it can be read',
      'ledger/*/memory/*',
    ),
  ],
  surplus: [],
};
