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
    ...anything(
      'ElastiCache dates what happens to a node; a reboot of which nothing is seen is looked for ten minutes before it is sent',
      'elasticache/CacheClusters/*/Reboots/*/At',
      'elasticache/Events/*/Date',
    ),
  ],
  surplus: [],
};
