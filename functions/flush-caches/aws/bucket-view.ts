/** Where the objects of a bucket are seen at a distribution, out of its configuration. */

import type { CacheBehavior, DefaultCacheBehavior, DistributionConfig } from '@aws-sdk/client-cloudfront';
import { bucketIn, type Behavior, type BucketOrigin, type BucketView, type Spellings } from '../decide.ts';

/** A bucket, and the value of the tag that says which stands behind origins whose names do not. */
export interface Sought {
  readonly bucket: string;
  readonly said: string | undefined;
}

/** The alias of an access point looks like the name of a bucket. Source: S3 user guide, "Access point aliases", "Object Lambda". */
const ALIAS = /-(?:s3alias|-ol-s3)$/u;

function originsOf({ Origins: origins }: DistributionConfig, { bucket, said }: Sought): readonly BucketOrigin[] {
  return (origins?.Items ?? []).flatMap(({ Id: id, DomainName: domainName = '', OriginPath: path = '' }) => {
    if (id === undefined) return [];
    const named = bucketIn(domainName);
    const isUnnamed = named === undefined || ALIAS.test(named.bucket);
    if (isUnnamed) return said === bucket ? [{ id, path, isWebsite: false }] : [];
    return named.bucket === bucket ? [{ id, path, isWebsite: named.isWebsite }] : [];
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
export function isServedFrom(config: DistributionConfig, sought: Sought): boolean {
  return originsOf(config, sought).length > 0;
}

/** Where the objects of a bucket are seen. */
export function bucketView(config: DistributionConfig, sought: Sought, spellings: Spellings): BucketView {
  const byDefault: Partial<DefaultCacheBehavior> = config.DefaultCacheBehavior ?? {};
  const behaviors = config.CacheBehaviors?.Items ?? [];
  return {
    origins: originsOf(config, sought),
    behaviors: [
      ...behaviors.map((behavior) => behaviorOf(config, behavior.PathPattern ?? '*', behavior)),
      behaviorOf(config, '*', byDefault),
    ],
    rootObject: config.DefaultRootObject?.replace(/^\//u, '') || null,
    spellings,
  };
}
