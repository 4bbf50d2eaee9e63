/**
 * What `publish-blocklist` does about one enforcement point, and about one list. Pure.
 *
 * What is blocked where follows from the ledger alone. Each kind of enforcement point has its own file in `decide/`.
 */

import type { Decision } from '../../shared/kernel/decision.ts';
import type { PublishLimits, ListFacts, SetFacts } from './decide/facts.ts';
import { decideIpSet } from './decide/ip-set.ts';
import { decideList } from './decide/lists.ts';
import { decideNetworkAcl, type AclFacts } from './decide/network-acl.ts';

export type {
  IpSet,
  KnownList,
  ListContent,
  ListFacts,
  ListNote,
  Member,
  Published,
  PublishLimits,
  SetFacts,
  Wishes,
} from './decide/facts.ts';
export { doubtOf, noteKey } from './decide/lists.ts';
export { readList } from './decide/list-reader.ts';
export { marksIn, PUBLISHED } from './decide/published.ts';

export type { AclEntry, AclFacts, NetworkAcl } from './decide/network-acl.ts';
export { forNetworkAcls } from './decide/wanted.ts';

/** A list, or an enforcement point of one kind or another. */
export type Facts = ListFacts | SetFacts | AclFacts;

/** Decides on one of them. */
export function decide(facts: Facts, limits: PublishLimits, now: string): Decision {
  if (facts.kind === 'list') return decideList(facts, now);
  return facts.kind === 'ip-set' ? decideIpSet(facts, limits, now) : decideNetworkAcl(facts, limits, now);
}
