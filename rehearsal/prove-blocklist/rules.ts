/** What faults may change of the end of prove-blocklist's runs: nothing that stands in the account, which it only reads. */

import { anything, type Rules } from '../equivalence.ts';

/** What is permitted to prove-blocklist. */
export const RULES: Rules = {
  differences: [
    ...anything('each edit of a person gives a web ACL another lock token', 'wafv2/WebACLs/*/LockToken'),
    ...anything(
      'which run asked last what a web ACL is attached to, and when: one that a fault has cost leaves it to the next, a quarter of an hour later',
      'ledger/*/memory/*',
    ),
  ],
  surplus: [],
};
