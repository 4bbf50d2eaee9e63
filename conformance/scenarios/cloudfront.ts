/** Distributions, replaced as a whole under their entity tag, and anycast static IP lists. */

import {
  GetAnycastIpListCommand,
  GetDistributionCommand,
  GetDistributionConfigCommand,
  type GeoRestriction,
  ListAnycastIpListsCommand,
  ListDistributionsByWebACLIdCommand,
  ListTagsForResourceCommand,
  UpdateDistributionCommand,
} from '@aws-sdk/client-cloudfront';
import { distributionConfig, type Scenario } from '../scenario.ts';

const SHOP = { countries: ['AQ'], tags: { 'runbook:restrict': 'edge' } } as const;
const DISTRIBUTIONS = { shop: SHOP } as const;
const STALE = 'E0000000000000';
const ACL = 'arn:aws:wafv2:us-east-1:123456789012:global/webacl/none/00000000-0000-4000-8000-00000000ffff';

function restricted(GeoRestriction: GeoRestriction) {
  return { ...distributionConfig('shop', SHOP), Restrictions: { GeoRestriction } };
}

export const cloudFrontScenarios: readonly Scenario[] = [
  {
    name: 'a distribution tells its configuration with its entity tag, and its tags by its ARN',
    seed: { distributions: DISTRIBUTIONS },
    play: async ({ cloudFront, id }) => {
      await cloudFront(new GetDistributionCommand({ Id: id('shop') }));
      await cloudFront(new GetDistributionConfigCommand({ Id: id('shop') }));
      await cloudFront(new ListTagsForResourceCommand({ Resource: id('shop.arn') }));
      await cloudFront(new GetDistributionCommand({ Id: STALE }));
      await cloudFront(new GetDistributionConfigCommand({ Id: STALE }));
    },
  },
  {
    name: 'a distribution is replaced under its entity tag, loses what is left out, and has another tag then',
    seed: { distributions: DISTRIBUTIONS },
    play: async ({ cloudFront, id, fact, unnoted }) => {
      const { Restrictions: _restrictions, ...less } = distributionConfig('shop', SHOP);
      const written = await unnoted(() =>
        cloudFront(
          new UpdateDistributionCommand({ Id: id('shop'), IfMatch: id('shop.etag'), DistributionConfig: less }),
        ),
      );
      const after = await unnoted(() => cloudFront(new GetDistributionConfigCommand({ Id: id('shop') })));
      fact('a restriction that was left out', after?.DistributionConfig?.Restrictions?.GeoRestriction?.RestrictionType);
      fact('a change is in progress', written?.Distribution?.Status === 'InProgress');
      fact('another entity tag after a change', after?.ETag !== id('shop.etag'));
      fact('the entity tag as told', after?.ETag === written?.ETag);
    },
  },
  {
    name: 'a distribution is not replaced without its entity tag, under another, or by what counts wrong',
    seed: { distributions: DISTRIBUTIONS },
    play: async ({ cloudFront, id, unnoted }) => {
      const none = { RestrictionType: 'none', Quantity: 0 } as const;
      const whole = { Id: id('shop'), DistributionConfig: restricted(none) };
      await cloudFront(new UpdateDistributionCommand(whole));
      await cloudFront(new UpdateDistributionCommand({ ...whole, IfMatch: STALE }));
      const current = await unnoted(() => cloudFront(new GetDistributionConfigCommand({ Id: id('shop') })));
      const named = { Id: id('shop'), IfMatch: current?.ETag };
      const other = { ...whole.DistributionConfig, CallerReference: 'another' };
      await cloudFront(new UpdateDistributionCommand({ ...named, DistributionConfig: other }));
      const miscounted = restricted({ RestrictionType: 'blacklist', Quantity: 2, Items: ['AQ'] });
      await cloudFront(new UpdateDistributionCommand({ ...named, DistributionConfig: miscounted }));
      const unknown = restricted({ RestrictionType: 'blacklist', Quantity: 1, Items: ['UK'] });
      await cloudFront(new UpdateDistributionCommand({ ...named, DistributionConfig: unknown }));
    },
  },
  {
    name: 'distributions are listed by their web ACL, and anycast static IP lists where there are none',
    seed: { distributions: DISTRIBUTIONS },
    play: async ({ cloudFront }) => {
      await cloudFront(new ListDistributionsByWebACLIdCommand({ WebACLId: ACL }));
      await cloudFront(new ListAnycastIpListsCommand({}));
      await cloudFront(new GetAnycastIpListCommand({ Id: 'aip_none' }));
    },
  },
];
