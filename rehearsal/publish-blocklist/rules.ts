/** What faults may change of the end of publish-blocklist's runs, and which of its calls may take effect more often. */

import { anything, type Rules } from '../equivalence.ts';

/** What is permitted to publish-blocklist. */
export const RULES: Rules = {
  differences: [
    ...anything(
      'each write gives a set another lock token, and a fault may have it written once more',
      'wafv2/IPSets/*/LockToken',
      'regions/*/wafv2/IPSets/*/LockToken',
    ),
  ],
  surplus: [
    {
      call: 'wafv2:UpdateIPSet',
      perFault: 1,
      againPerDuplicate: 1,
      againWithoutLedger: 1,
      because:
        'written again under a fresh lock token when it is not known whether it was, or when what came together was told apart',
    },
  ],
};
