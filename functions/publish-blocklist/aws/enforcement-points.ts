/** Which sets enforce a blocklist: one question to the tagging API of each place, whatever there is in the account. */

import { paginateGetResources, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { client, type ClientUse } from '../../../shared/aws/clients.ts';
import { collect } from '../../../shared/aws/pages.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { classify, type Fault } from '../../../shared/kernel/errors.ts';

/** The tag that makes a set an enforcement point. */
const TAG = 'runbook:block';

/** The tag that says in which order the sets of a blocklist are filled. */
const SHARD_TAG = 'runbook:shard';

/** A set by its ARN, and the blocklist that it enforces. */
export interface Point {
  readonly arn: string;
  readonly name: string;
  readonly id: string;
  readonly scope: 'REGIONAL' | 'CLOUDFRONT';
  readonly blocklist: string;
  /** Its place among the sets of the blocklist. */
  readonly shard: number;
}

/** Of one that defends a Region's resources, and one that defends CloudFront's: `…:regional/ipset/NAME/ID`, `…:global/ipset/NAME/ID`. */
const SET = /:(regional|global)\/ipset\/([\w-]+)\/([\w-]+)$/u;

/** What defends CloudFront is kept there, wherever the function runs. */
const CLOUDFRONT_REGION = 'us-east-1';

/** Where a set of a scope is read and written. */
export function regionOf(scope: string): ClientUse {
  return scope === 'CLOUDFRONT' ? { region: CLOUDFRONT_REGION } : {};
}

/** Sets that are tagged, and the places that could not be asked. */
export interface FoundPoints {
  readonly points: readonly Point[];
  readonly unasked: readonly { readonly target: string; readonly fault: Fault }[];
}

/** All of them, in the function's Region and for CloudFront. A place that does not answer holds up no other. */
export async function findPoints(io: Io): Promise<FoundPoints> {
  const scopes = ['REGIONAL', 'CLOUDFRONT'] as const;
  const asked = await Promise.allSettled(scopes.map((scope) => findIn(scope, io)));
  const points = asked.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
  const unasked = asked.flatMap((each, index) =>
    each.status === 'rejected' ? [{ target: setsOf(scopes[index] ?? ''), fault: classify(each.reason) }] : [],
  );
  return { points, unasked };
}

/** What stands for all sets of a scope while nobody knows which there are. */
function setsOf(scope: string): string {
  return `ip-sets/${scope}`;
}

async function findIn(scope: Point['scope'], io: Io): Promise<readonly Point[]> {
  const tagged = await collect(
    paginateGetResources(
      { client: client(ResourceGroupsTaggingAPIClient, regionOf(scope)) },
      { TagFilters: [{ Key: TAG }], ResourceTypeFilters: ['wafv2'] },
      { abortSignal: io.signal },
    ),
    ({ ResourceTagMappingList }) => ResourceTagMappingList,
  );
  return tagged.flatMap(({ ResourceARN: arn = '', Tags = [] }) => {
    const [, place, name, id] = SET.exec(arn) ?? [];
    const tag = (key: string): string => Tags.find(({ Key }) => Key === key)?.Value ?? '';
    // The tagging API of us-east-1 lists those of both scopes.
    const isOfScope = (place === 'global') === (scope === 'CLOUDFRONT');
    if (name === undefined || id === undefined || !isOfScope) return [];
    return [{ arn, name, id, scope, blocklist: tag(TAG), shard: shardIn(tag(SHARD_TAG)) }];
  });
}

/** The place of a set without a number, or with one that is none: it shares with nobody. */
export const UNNUMBERED = Number.MAX_SAFE_INTEGER;

function shardIn(text: string): number {
  return /^\d{1,6}$/u.test(text) ? Number(text) : UNNUMBERED;
}
