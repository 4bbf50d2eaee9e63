/** The distributions of a scenario's beginning, made in moto. */

import {
  type CloudFrontClient,
  CreateDistributionWithTagsCommand,
  GetDistributionCommand,
} from '@aws-sdk/client-cloudfront';
import { distributionConfig, type Seed } from './scenario.ts';

/** Makes each, and looks at it, which is what brings moto's to their end. */
export async function makeDistributions(
  cloudFront: CloudFrontClient,
  { distributions = {} }: Seed,
  ids: Map<string, string>,
): Promise<void> {
  for (const [name, seed] of Object.entries(distributions)) {
    const Items = Object.entries(seed.tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
    const made = await cloudFront.send(
      new CreateDistributionWithTagsCommand({
        DistributionConfigWithTags: { DistributionConfig: distributionConfig(name, seed), Tags: { Items } },
      }),
    );
    const Id = made.Distribution?.Id;
    if (Id === undefined) throw new Error(`moto gave ${name} no id`);
    const { Distribution, ETag } = await cloudFront.send(new GetDistributionCommand({ Id }));
    ids.set(name, Id);
    ids.set(`${name}.arn`, Distribution?.ARN ?? '');
    ids.set(`${name}.etag`, ETag ?? '');
    ids.set(`${name}.domain`, Distribution?.DomainName ?? '');
  }
}
