/** Which sets enforce a blocklist: one question to the tagging API, whatever there is in the account. */

import { paginateGetResources, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { client } from '../../../shared/aws/clients.ts';
import { collect } from '../../../shared/aws/pages.ts';
import type { Io } from '../../../shared/kernel/definition.ts';

/** The tag that makes a set an enforcement point. */
const TAG = 'runbook:block';

/** A set by its ARN, and the blocklist that it enforces. */
export interface Point {
  readonly arn: string;
  readonly name: string;
  readonly id: string;
  readonly blocklist: string;
}

/** `arn:aws:wafv2:eu-west-1:111122223333:regional/ipset/NAME/ID`. */
const REGIONAL_SET = /:regional\/ipset\/([\w-]+)\/([\w-]+)$/u;

/** All of them. Throws what AWS throws: an answer that failed is not an empty one. */
export async function findPoints(io: Io): Promise<readonly Point[]> {
  const tagged = await collect(
    paginateGetResources(
      { client: client(ResourceGroupsTaggingAPIClient) },
      { TagFilters: [{ Key: TAG }], ResourceTypeFilters: ['wafv2'] },
      { abortSignal: io.signal },
    ),
    ({ ResourceTagMappingList }) => ResourceTagMappingList,
  );
  return tagged.flatMap(({ ResourceARN: arn = '', Tags = [] }) => {
    const [, name, id] = REGIONAL_SET.exec(arn) ?? [];
    const blocklist = Tags.find(({ Key }) => Key === TAG)?.Value ?? '';
    return name === undefined || id === undefined ? [] : [{ arn, name, id, blocklist }];
  });
}
