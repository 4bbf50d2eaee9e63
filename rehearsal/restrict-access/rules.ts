/** What faults may change of the end of restrict-access's runs, and which of its calls may take effect more often. */

import { anything, type Rules } from '../equivalence.ts';

/** What is permitted to restrict-access. */
export const RULES: Rules = {
  differences: [
    ...anything(
      'who died before his note has changed nothing, and a tick settles what he announced: the repeat of his request is counted anew',
      'ledger/*/actions',
    ),
    ...anything(
      'each change gives a distribution another entity tag and its time, and a request that comes late makes another number of changes',
      'cloudfront/Distributions/*/ETag',
      'cloudfront/Distributions/*/LastModifiedTime',
    ),
  ],
  surplus: [],
};
