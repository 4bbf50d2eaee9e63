/** WAF IP sets: which are tagged, and what is in them. */

import { paginateGetResources, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { GetIPSetCommand, WAFV2Client } from '@aws-sdk/client-wafv2';
import { client, type ClientUse } from '../../../shared/aws/clients.ts';
import { collect } from '../../../shared/aws/pages.ts';
import { isMalformed, parseNetwork } from '../../../shared/judgement/addresses/parse.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { TerminalError } from '../../../shared/kernel/errors.ts';
import type { Scope, TaggedSet } from '../decide.ts';

/** The tag that makes something an enforcement point. */
export const TAG = 'runbook:block';

/** The tag of sets that share a blocklist. */
const SHARD_TAG = 'runbook:shard';

/** What defends CloudFront is kept there, wherever the function runs. */
const CLOUDFRONT_REGION = 'us-east-1';

/** Where WAF keeps what is of a scope. */
export function placeOf(scope: Scope): ClientUse {
  return scope === 'CLOUDFRONT' ? { region: CLOUDFRONT_REGION } : {};
}

/** A set by its ARN. */
interface SetName {
  readonly arn: string;
  readonly name: string;
  readonly id: string;
  readonly scope: Scope;
}

/** A set that is tagged. */
export interface FoundSet extends SetName {
  readonly blocklist: string;
  readonly isNumbered: boolean;
}

/** `…:regional/ipset/NAME/ID`, `…:global/ipset/NAME/ID`. */
const SET = /:(regional|global)\/ipset\/([\w-]+)\/([\w-]+)$/u;

/** What an ARN says of a set; `undefined`: it is none. */
export function setIn(arn: string): SetName | undefined {
  const [, place, name, id] = SET.exec(arn) ?? [];
  if (name === undefined || id === undefined) return undefined;
  return { arn, name, id, scope: place === 'global' ? 'CLOUDFRONT' : 'REGIONAL' };
}

/** Sets of a scope that are tagged. Throws what AWS throws. */
export async function findSets(scope: Scope, io: Io): Promise<readonly FoundSet[]> {
  const tagged = await collect(
    paginateGetResources(
      { client: client(ResourceGroupsTaggingAPIClient, placeOf(scope)) },
      { TagFilters: [{ Key: TAG }], ResourceTypeFilters: ['wafv2'] },
      { abortSignal: io.signal },
    ),
    ({ ResourceTagMappingList }) => ResourceTagMappingList,
  );
  return tagged.flatMap(({ ResourceARN: arn = '', Tags = [] }) => {
    const set = setIn(arn);
    const tag = (key: string): string => Tags.find(({ Key }) => Key === key)?.Value ?? '';
    // The tagging API of us-east-1 lists those of both scopes.
    if (set?.scope !== scope) return [];
    return [{ ...set, blocklist: tag(TAG), isNumbered: /^\d{1,6}$/u.test(tag(SHARD_TAG)) }];
  });
}

/** WAF spells IPv6 out; what our own parser refuses is somebody else's, and blocks nobody that we have asked for. */
function canonical(text: string): readonly string[] {
  const parsed = parseNetwork(text);
  return isMalformed(parsed) ? [] : [parsed.cidr];
}

/**
 * What is in a set.
 * @throws TerminalError for an answer that cannot be understood, and what AWS throws
 */
export async function readContent({ name, id, scope }: SetName, io: Io): Promise<NonNullable<TaggedSet['content']>> {
  const command = new GetIPSetCommand({ Name: name, Id: id, Scope: scope });
  const { IPSet: set } = await client(WAFV2Client, placeOf(scope)).send(command, { abortSignal: io.signal });
  if (set?.Addresses === undefined || set.IPAddressVersion === undefined)
    throw new TerminalError(`${name}: WAF's answer lacks its addresses, or their family`);
  return { family: set.IPAddressVersion, addresses: set.Addresses.flatMap(canonical) };
}
