/** Distributions, replaced as a whole under their entity tag, and anycast static IP lists. */

import {
  CreateInvalidationCommand,
  CreateInvalidationForDistributionTenantCommand,
  GetAnycastIpListCommand,
  GetDistributionCommand,
  GetDistributionConfigCommand,
  GetDistributionTenantCommand,
  GetInvalidationCommand,
  GetInvalidationForDistributionTenantCommand,
  type GeoRestriction,
  ListAnycastIpListsCommand,
  ListDistributionsByWebACLIdCommand,
  ListDistributionTenantsCommand,
  ListInvalidationsCommand,
  ListInvalidationsForDistributionTenantCommand,
  ListTagsForResourceCommand,
  UpdateDistributionCommand,
} from '@aws-sdk/client-cloudfront';
import { distributionConfig, type Scenario } from '../scenario.ts';

const SHOP = { countries: ['AQ'], tags: { 'runbook:restrict': 'edge' } } as const;
const DISTRIBUTIONS = { shop: SHOP } as const;
const STALE = 'E0000000000000';
const NO_TENANT = 'dt_000000000000000000000000';
const ACL = 'arn:aws:wafv2:us-east-1:123456789012:global/webacl/none/00000000-0000-4000-8000-00000000ffff';

function restricted(GeoRestriction: GeoRestriction) {
  return { ...distributionConfig('shop', SHOP), Restrictions: { GeoRestriction } };
}

function invalidationOf(distribution: string, reference: string, ...Items: readonly string[]) {
  const Paths = { Quantity: Items.length, Items: [...Items] };
  return new CreateInvalidationCommand({
    DistributionId: distribution,
    InvalidationBatch: { CallerReference: reference, Paths },
  });
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
  {
    name: 'an invalidation is made, read and listed, the newest first',
    seed: { distributions: DISTRIBUTIONS },
    play: async ({ cloudFront, id, fact, unnoted }) => {
      const of = id('shop');
      const one = await unnoted(() => cloudFront(invalidationOf(of, 'one', '/a', '/b/*')));
      const two = await unnoted(() => cloudFront(invalidationOf(of, 'two', '/c')));
      const made = one?.Invalidation?.Id ?? '';
      const read = await unnoted(() => cloudFront(new GetInvalidationCommand({ DistributionId: of, Id: made })));
      const listed = await unnoted(() => cloudFront(new ListInvalidationsCommand({ DistributionId: of })));
      fact('the paths as they were sent', read?.Invalidation?.InvalidationBatch?.Paths?.Items?.join(' '));
      fact('it is in progress', one?.Invalidation?.Status);
      fact('how many are listed', listed?.InvalidationList?.Quantity);
      fact('the newest first', listed?.InvalidationList?.Items?.[0]?.Id === two?.Invalidation?.Id);
      await cloudFront(new GetInvalidationCommand({ DistributionId: of, Id: 'I0000000000000' }));
      await cloudFront(new ListInvalidationsCommand({ DistributionId: STALE }));
      await cloudFront(invalidationOf(STALE, 'one', '/a'));
    },
  },
  {
    name: 'an invalidation is refused as a whole for a path that CloudFront does not take, for a reference that was used, and over what may be in progress',
    seed: { distributions: DISTRIBUTIONS },
    play: async ({ cloudFront, id, unnoted }) => {
      const of = id('shop');
      await cloudFront(invalidationOf(of, 'one', '/good', '/runtime~main.js'));
      await unnoted(() => cloudFront(invalidationOf(of, 'two', '/a')));
      await cloudFront(invalidationOf(of, 'two', '/b'));
      const wildcards = Array.from({ length: 16 }, (_none, index) => `/${index}/*`);
      await cloudFront(invalidationOf(of, 'three', ...wildcards));
    },
  },
  {
    name: 'a tenant that is not there is neither read nor invalidated, and none is listed',
    seed: { distributions: DISTRIBUTIONS },
    play: async ({ cloudFront }) => {
      const InvalidationBatch = { CallerReference: 'one', Paths: { Quantity: 1, Items: ['/a'] } };
      const invalidation = { DistributionTenantId: NO_TENANT, Id: 'I0000000000000' };
      await cloudFront(new ListDistributionTenantsCommand({}));
      await cloudFront(new GetDistributionTenantCommand({ Identifier: NO_TENANT }));
      await cloudFront(new CreateInvalidationForDistributionTenantCommand({ Id: NO_TENANT, InvalidationBatch }));
      await cloudFront(new GetInvalidationForDistributionTenantCommand(invalidation));
      await cloudFront(new ListInvalidationsForDistributionTenantCommand({ Id: NO_TENANT }));
    },
  },
];
