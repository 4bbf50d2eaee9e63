/** What faults may change of the end of receive-requests' runs, and which of its calls may take effect more often. */

import { anything, type Rules } from '../equivalence.ts';

/** What is permitted to receive-requests. */
export const RULES: Rules = {
  differences: anything(
    'a change that is taken in later goes into a later window, and is flushed with others; which paths are flushed is compared',
    'cloudfront/Distributions/*/Invalidations/*',
    'cloudfront/DistributionTenants/*/Invalidations/*',
  ),
  surplus: [
    {
      call: 'lambda:Invoke',
      perFault: 1,
      againPerDuplicate: 1,
      againWithoutLedger: 1,
      because: 'whoever does not know that a start was made asks for it again: a name starts one execution',
    },
  ],
};
