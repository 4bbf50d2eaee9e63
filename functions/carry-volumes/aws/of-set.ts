/** Which records belong to a set: their tag is its name, character by character. */

import { tagsOf } from '../../../shared/aws/ec2/reading.ts';

/** The tag that names the set, on everything that belongs to it. */
export const SET = 'runbook:volumes';

/** What AWS selects by. */
export interface TagFilter {
  readonly Name: string;
  readonly Values: string[];
}

/**
 * Asks for at least what belongs to the set, for `null` to any. EC2 takes `*`, `?` and a backslash in a value for patterns, of Auto Scaling
 * nobody says: a set whose name has one is picked out of all sets. Source: EC2 API, Filter.
 */
export function filterOf(set: string | null): TagFilter {
  const isAskable = set !== null && !/[*?\\]/u.test(set);
  return isAskable ? { Name: `tag:${SET}`, Values: [set] } : { Name: 'tag-key', Values: [SET] };
}

/** Whether a record that AWS selected belongs to the set; for `null`, to any. */
export function isOfSet(record: { readonly Tags?: Parameters<typeof tagsOf>[0] }, set: string | null): boolean {
  const own = tagsOf(record.Tags).get(SET);
  return set === null ? own !== undefined : own === set;
}
