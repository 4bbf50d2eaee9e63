/** What faults may change of the end of flush-caches' runs, and which of its calls may take effect more often. */

import { anything, type Rules } from '../equivalence.ts';

/** What is permitted to flush-caches. */
export const RULES: Rules = {
  differences: [
    ...anything(
      'an invalidation has the time at which CloudFront took it, and is completed so much later',
      'cloudfront/Distributions/*/Invalidations/*/CreateTime',
      'cloudfront/Distributions/*/Invalidations/*/CompletesAt',
    ),
  ],
  surplus: [
    {
      call: 'cloudfront:CreateInvalidation',
      perFault: 1,
      againPerDuplicate: 0,
      againWithoutLedger: 0,
      because:
        'what one window would have flushed two do, where some of it is taken in later, each its own part: no-path-paid-twice holds',
    },
  ],
};
