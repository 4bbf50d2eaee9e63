/** What faults may change of the end of flush-caches' runs, and which of its calls may take effect more often. */

import { anything, type Rules } from '../equivalence.ts';

/** What is permitted to flush-caches. */
export const RULES: Rules = {
  differences: [
    ...anything(
      'an invalidation has the time at which CloudFront took it, and is completed so much later',
      'cloudfront/Distributions/*/Invalidations/*/CreateTime',
      'cloudfront/Distributions/*/Invalidations/*/CompletesAt',
      'cloudfront/DistributionTenants/*/Invalidations/*/CreateTime',
      'cloudfront/DistributionTenants/*/Invalidations/*/CompletesAt',
    ),
    ...anything(
      'a flush of a stage has the time at which API Gateway took it, and may be there once more; how often is counted below',
      'api-gateway/Stages/*/Flushes',
    ),
    ...anything(
      'ElastiCache dates what happens to a node; a reboot of which nothing is seen is looked for ten minutes before it is sent',
      'elasticache/CacheClusters/*/Reboots/*/At',
      'elasticache/Events/*/Date',
    ),
  ],
  surplus: [
    {
      call: 'apigateway:FlushStageCache',
      perFault: 1,
      againPerDuplicate: 0,
      againWithoutLedger: 0,
      because:
        'it has no id: where it is over before it could be written down that it was taken, the cache is flushed once more, which costs load alone',
    },
    {
      call: 'apigateway:FlushStageAuthorizersCache',
      perFault: 1,
      againPerDuplicate: 0,
      againWithoutLedger: 1,
      because:
        'nothing shows that it was taken but what is written down behind it; each caller is authorized once more, and nothing else',
    },
    ...['cloudfront:CreateInvalidation', 'cloudfront:CreateInvalidationForDistributionTenant'].map((call) => ({
      call,
      perFault: 1,
      againPerDuplicate: 0,
      againWithoutLedger: 0,
      because:
        'what one window would have flushed two do, where some of it is taken in later, each its own part: no-path-paid-twice holds',
    })),
  ],
};
