/** Which WAF IP sets enforce a blocklist: one question to the tagging API of each place, whatever there is in the account. */

import type { Io } from '../../kernel/definition.ts';
import type { ClientUse } from '../clients.ts';
import { taggedResources } from '../tagged-resources.ts';
import { TAG } from './tag.ts';

/** The tag that says in which order the sets of a blocklist are filled. */
const SHARD_TAG = 'runbook:shard';

/** A set by its ARN. */
export interface SetName {
  readonly arn: string;
  readonly name: string;
  readonly id: string;
  readonly scope: 'REGIONAL' | 'CLOUDFRONT';
}

/** A set that is tagged, with what its tags say. */
export interface TaggedSetName extends SetName {
  readonly blocklist: string;
  /** Its place among those that share the blocklist. */
  readonly shard: number;
}

/** What defends CloudFront is kept there, wherever the function runs. */
const CLOUDFRONT_REGION = 'us-east-1';

/** Where a set of a scope is read and written. */
export function regionOf(scope: string): ClientUse {
  return scope === 'CLOUDFRONT' ? { region: CLOUDFRONT_REGION } : {};
}

/** Of one that defends a Region's resources, and one that defends CloudFront's: `…:regional/ipset/NAME/ID`, `…:global/ipset/NAME/ID`. */
const SET = /:(regional|global)\/ipset\/([\w-]+)\/([\w-]+)$/u;

/** What an ARN says of a set; `undefined`: it is none. */
export function setIn(arn: string): SetName | undefined {
  const [, place, name, id] = SET.exec(arn) ?? [];
  if (name === undefined || id === undefined) return undefined;
  return { arn, name, id, scope: place === 'global' ? 'CLOUDFRONT' : 'REGIONAL' };
}

/** Sets of a scope that are tagged. Throws what AWS throws. */
export async function taggedSets(scope: SetName['scope'], io: Io): Promise<readonly TaggedSetName[]> {
  const tagged = await taggedResources({ tag: TAG, types: ['wafv2'] }, io, regionOf(scope));
  return tagged.flatMap(({ ResourceARN = '', Tags = [] }) => {
    const set = setIn(ResourceARN);
    const tag = (key: string): string => Tags.find(({ Key }) => Key === key)?.Value ?? '';
    const shard = tag(SHARD_TAG);
    // The tagging API of us-east-1 lists those of both scopes.
    if (set?.scope !== scope) return [];
    return [{ ...set, blocklist: tag(TAG), shard: /^\d{1,6}$/u.test(shard) ? Number(shard) : UNNUMBERED }];
  });
}

/** The place of a set without a number, or with one that is none: it shares with nobody. */
export const UNNUMBERED = Number.MAX_SAFE_INTEGER;
