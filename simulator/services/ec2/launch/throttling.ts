/**
 * EC2's token buckets of an account in a Region: requests of an operation draw one token, and some operations one more for each
 * instance that they are about. Those of reading are not kept: nothing here asks a hundred times within a second.
 * Source: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
 */

import { awsError, type World } from '../../../engine/model.ts';
import { runtimeOf } from '../state.ts';

interface Bucket {
  readonly size: number;
  readonly perSecond: number;
}

const BUCKETS = {
  'RunInstances requests': { size: 5, perSecond: 2 },
  'RunInstances resources': { size: 1000, perSecond: 2 },
  'TerminateInstances requests': { size: 100, perSecond: 5 },
  'TerminateInstances resources': { size: 1000, perSecond: 20 },
} as const satisfies { readonly [name: string]: Bucket };

/**
 * Takes tokens from a bucket.
 * @throws `RequestLimitExceeded` (AwsError) where there are fewer; none is taken then
 */
export function drawTokens(world: World, name: keyof typeof BUCKETS, count: number): void {
  const { size, perSecond } = BUCKETS[name];
  const { buckets } = runtimeOf(world);
  const now = world.clock.now();
  const before = buckets.get(name) ?? { tokens: size, atMs: now };
  const tokens = Math.min(size, before.tokens + (Math.max(0, now - before.atMs) / 1000) * perSecond);
  if (tokens < count) {
    buckets.set(name, { tokens, atMs: now });
    throw awsError('RequestLimitExceeded', 'Request limit exceeded.', 503);
  }
  buckets.set(name, { tokens: tokens - count, atMs: now });
}
