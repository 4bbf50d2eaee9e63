/** Listings of AWS WAF, by scope and page. */

import { awsError, NotSimulatedError, type Shape, type World } from '../../engine/model.ts';
import { show, text } from '../ec2/state.ts';
import { demandScope, recordsGiven, type Collection } from './state.ts';

/** Source: https://docs.aws.amazon.com/waf/latest/APIReference/API_ListIPSets.html (Limit). */
const MOST_PER_PAGE = 100;

function limitOf(input: Shape): number {
  const limit = input['Limit'];
  if (typeof limit !== 'number') return MOST_PER_PAGE;
  if (limit >= 1 && limit <= MOST_PER_PAGE) return limit;
  const bound = limit < 1 ? 'greater than or equal to 1' : `less than or equal to ${MOST_PER_PAGE}`;
  throw awsError(
    'ValidationException',
    `1 validation error detected: Value '${limit}' at 'limit' failed to satisfy constraint: Member must have value ${bound}`,
  );
}

interface Page {
  readonly items: readonly Shape[];
  readonly rest: { readonly NextMarker?: string };
}

/**
 * One page, in the order of the names. Every page that holds something ends with a marker, the last one, too; what comes after it
 * is empty. Source: the output of `aws wafv2 list-ip-sets` in the command line's reference, one set and its name as the marker;
 * github.com/boto/boto3/issues/3715.
 * @param key the member that orders the items
 */
export function page(input: Shape, all: readonly Shape[], key: string): Page {
  const nameOf = (item: Shape): string => show(item[key]);
  const marker = text(input, 'NextMarker') ?? '';
  const following = all.filter((item) => nameOf(item) > marker).toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const items = following.slice(0, limitOf(input));
  const last = items.at(-1);
  return { items, rest: last === undefined ? {} : { NextMarker: nameOf(last) } };
}

/** Summaries of a scope's records. */
export function summaries(call: string, input: Shape, world: World, collection: Collection): Page {
  const scope = demandScope(world, input);
  const given = recordsGiven(world, collection);
  const ofScope = (given ?? []).filter((record) => record['Scope'] === scope);
  // Where only the other scope was pasted, nothing is known of this one.
  const isKnown = given?.length === 0 || ofScope.length > 0;
  if (world.isPasted && !isKnown)
    throw new NotSimulatedError(
      `${call} in ${world.region}: no ${collection} of scope ${scope} were pasted; write "wafv2": { "${collection}": [] } if there are none`,
    );
  const { items, rest } = page(input, ofScope, 'Name');
  const shown = items.map((record) => ({
    Name: record['Name'],
    Id: record['Id'],
    Description: record['Description'] ?? '',
    LockToken: record['LockToken'],
    ARN: record['ARN'],
  }));
  return { items: shown, rest };
}
