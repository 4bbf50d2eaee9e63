/** Which caches of CloudFront are meant: those of distributions, and of a multi-tenant one those of its tenants. */

import type { DistributionConfig } from '@aws-sdk/client-cloudfront';
import type { Io } from '../../../shared/kernel/definition.ts';
import { isServedFrom } from './bucket-view.ts';
import { getDistribution, idIn, isDistribution, readTenant, TAG, tagged, tagsOf } from './distributions.ts';
import { BUCKET_TAG } from './settings.ts';
import { hasNamedDomains, isMultiTenant, isTenant, tenantIn, tenantsOf } from './tenants.ts';

/** Whether an ARN is that of something that has a cache at CloudFront. */
export function isCache(arn: string): boolean {
  return isDistribution(arn) || isTenant(arn);
}

/** The tenants that stand for a multi-tenant distribution, and itself where it has to tell that these are none, or not all. */
async function tenantsFor(arn: string, io: Io): Promise<readonly string[]> {
  const { found, areMore } = await tenantsOf(idIn(arn) ?? '', io);
  return areMore || found.length === 0 ? [arn, ...found] : found;
}

/** ARNs of what is flushed for one that was named: itself, or tenants in its stead. */
export async function cachesOf(arn: string, io: Io): Promise<readonly string[]> {
  const id = idIn(arn);
  const read = id === undefined ? undefined : await getDistribution(id, io);
  if (read === undefined || !isMultiTenant(read.config)) return [arn];
  // Of one that is not tagged that is said once.
  const tags = await tagsOf(arn, io);
  return tags?.has(TAG) === true ? tenantsFor(arn, io) : [arn];
}

/** ARNs of all that are tagged with a name. */
export async function taggedCaches(name: string, io: Io): Promise<readonly string[]> {
  const found = new Set<string>();
  // One after the other: a few quick requests are enough to be throttled.
  for (const { ResourceARN: arn = '' } of await tagged(name, io)) {
    if (!isCache(arn)) continue;
    for (const cache of await cachesOf(arn, io)) found.add(cache);
  }
  return [...found];
}

/** Whether a tenant has a bucket for an origin, by its own parameters. */
async function isTenantOf(bucket: string, arn: string, io: Io): Promise<boolean> {
  const read = await readTenant(tenantIn(arn) ?? '', io);
  return read !== null && isServedFrom(read.config, { bucket, said: read.tags.get(BUCKET_TAG) });
}

/** Tenants of a distribution for which some of its origins may be the bucket. */
async function tenantsOfBucket(
  bucket: string,
  arn: string,
  config: DistributionConfig,
  io: Io,
): Promise<readonly string[]> {
  const tenants = await tenantsFor(arn, io);
  if (!hasNamedDomains(config)) return tenants;
  const found: string[] = [];
  for (const each of tenants) if (!isTenant(each) || (await isTenantOf(bucket, each, io))) found.push(each);
  return found;
}

/** ARNs of what is tagged, itself or its distribution, and has a bucket for an origin, by its own name or as a tag says. */
export async function cachesOfBucket(bucket: string, io: Io): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const { ResourceARN: arn = '', Tags: tags = [] } of await tagged(null, io)) {
    if (isTenant(arn) && (await isTenantOf(bucket, arn, io))) found.add(arn);
    const read = isDistribution(arn) ? await getDistribution(idIn(arn) ?? '', io) : undefined;
    if (read === undefined) continue;
    const said = tags.find(({ Key }) => Key === BUCKET_TAG)?.Value;
    const isServed = isServedFrom(read.config, { bucket, said });
    if (!isServed && !hasNamedDomains(read.config)) continue;
    const caches = isMultiTenant(read.config) ? await tenantsOfBucket(bucket, arn, read.config, io) : [arn];
    for (const cache of caches) found.add(cache);
  }
  return [...found];
}
