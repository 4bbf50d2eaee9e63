/**
 * What `publish-blocklist` does about one set, and about one list. Pure.
 *
 * What is blocked where follows from the ledger alone. Sets and lists have a file each in `decide/`.
 */

import type { Decision } from '../../shared/kernel/decision.ts';
import type { ListFacts, PublishLimits, SetFacts } from './decide/facts.ts';
import { decideIpSet } from './decide/ip-set.ts';
import { decideList } from './decide/lists.ts';

export type { IpSet, ListContent, ListFacts, ListNote, Protects, PublishLimits, SetFacts } from './decide/facts.ts';
export { doubtOf, noteKey } from './decide/lists.ts';
export { readList } from './decide/list-reader.ts';

/** A list, or a set. */
export type Facts = ListFacts | SetFacts;

/** Decides on one of them. */
export function decide(facts: Facts, limits: PublishLimits, now: string): Decision {
  return facts.kind === 'list' ? decideList(facts, now) : decideIpSet(facts, limits, now);
}
