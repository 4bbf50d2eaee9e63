/** Where the objects of a bucket are seen at a distribution, out of its configuration. */

import type { CacheBehavior, DefaultCacheBehavior, DistributionConfig } from '@aws-sdk/client-cloudfront';
import { bucketIn, type Behavior, type BucketOrigin, type BucketView, type Spellings } from '../decide.ts';

function originsOf({ Origins: origins }: DistributionConfig, bucket: string): readonly BucketOrigin[] {
  return (origins?.Items ?? []).flatMap(({ Id: id, DomainName: domainName = '', OriginPath: path = '' }) => {
    const found = bucketIn(domainName);
    return id === undefined || found?.bucket !== bucket ? [] : [{ id, path, isWebsite: found.isWebsite }];
  });
}

/** An origin group asks one of its members, and then another. */
function membersOf({ OriginGroups: groups }: DistributionConfig, target: string): readonly string[] {
  const group = groups?.Items?.find(({ Id: id }) => id === target);
  return group === undefined ? [target] : (group.Members?.Items ?? []).flatMap(({ OriginId }) => OriginId ?? []);
}

function behaviorOf(
  config: DistributionConfig,
  pattern: string,
  { TargetOriginId: target = '', FunctionAssociations: own, LambdaFunctionAssociations: edge }: Partial<CacheBehavior>,
): Behavior {
  const functions = [...(own?.Items ?? []), ...(edge?.Items ?? [])];
  return { pattern, origins: membersOf(config, target), mayRewrite: functions.length > 0 };
}

/** Whether any origin of a distribution is the bucket. */
export function isServedFrom(config: DistributionConfig, bucket: string): boolean {
  return originsOf(config, bucket).length > 0;
}

/** Where the objects of a bucket are seen. */
export function bucketView(config: DistributionConfig, bucket: string, spellings: Spellings): BucketView {
  const byDefault: Partial<DefaultCacheBehavior> = config.DefaultCacheBehavior ?? {};
  const behaviors = config.CacheBehaviors?.Items ?? [];
  return {
    origins: originsOf(config, bucket),
    behaviors: [
      ...behaviors.map((behavior) => behaviorOf(config, behavior.PathPattern ?? '*', behavior)),
      behaviorOf(config, '*', byDefault),
    ],
    rootObject: config.DefaultRootObject?.replace(/^\//u, '') || null,
    spellings,
  };
}
