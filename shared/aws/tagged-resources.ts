/** What carries a tag, by the tagging API: one question, whatever there is in the account. */

import {
  paginateGetResources,
  ResourceGroupsTaggingAPIClient,
  type ResourceTagMapping,
} from '@aws-sdk/client-resource-groups-tagging-api';
import type { Io } from '../kernel/definition.ts';
import { client, type ClientUse } from './clients.ts';
import { collect } from './pages.ts';

/** Which. */
export interface Wanted {
  readonly tag: string;
  /** Absent: whatever its value. */
  readonly value?: string | undefined;
  /** As the tagging API writes them: `sqs`, `cloudfront:distribution`; absent: of each type. */
  readonly types?: string[];
}

/** What there is, with its tags. Throws what AWS throws. */
export function taggedResources(
  { tag: Key, value, types: ResourceTypeFilters }: Wanted,
  { signal: abortSignal }: Pick<Io, 'signal'>,
  where?: ClientUse,
): Promise<ResourceTagMapping[]> {
  const Values = value === undefined ? undefined : [value];
  const pages = paginateGetResources(
    { client: client(ResourceGroupsTaggingAPIClient, where) },
    { TagFilters: [{ Key, Values }], ResourceTypeFilters },
    { abortSignal },
  );
  return collect(pages, ({ ResourceTagMappingList }) => ResourceTagMappingList);
}

/** Their ARNs. */
export async function taggedArns(wanted: Wanted, io: Pick<Io, 'signal'>, where?: ClientUse): Promise<string[]> {
  return (await taggedResources(wanted, io, where)).flatMap(({ ResourceARN: arn }) => arn ?? []);
}
