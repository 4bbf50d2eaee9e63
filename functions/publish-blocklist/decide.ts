/**
 * What `publish-blocklist` does about one enforcement point, and about one list. Pure.
 *
 * What is blocked where follows from the ledger alone. Each kind of enforcement point has its own file in `decide/`.
 */

import type { Decision } from '../../shared/kernel/decision.ts';
import type { ListFacts, PrefixListFacts, PublishLimits, SetFacts } from './decide/facts.ts';
import { decideIpSet } from './decide/ip-set.ts';
import { decideList } from './decide/lists.ts';
import { decideNetworkAcl, type AclFacts } from './decide/network-acl.ts';
import { decidePrefixList } from './decide/prefix-list.ts';

export type {
  IpSet,
  KnownList,
  ListContent,
  ListFacts,
  ListNote,
  Member,
  PrefixList,
  PrefixListFacts,
  Published,
  PublishLimits,
  SetFacts,
  Wishes,
} from './decide/facts.ts';
export { doubtOf, noteKey } from './decide/lists.ts';
export { readList } from './decide/list-reader.ts';
export { marksIn, PUBLISHED } from './decide/published.ts';

export type { AclEntry, AclFacts, NetworkAcl } from './decide/network-acl.ts';
export { forNetworkAcls, forNetworks } from './decide/wanted.ts';

/** A list, or an enforcement point of one kind or another. */
export type Facts = ListFacts | SetFacts | AclFacts | PrefixListFacts;

/** Decides on one of them. */
export function decide(facts: Facts, limits: PublishLimits, now: string): Decision {
  switch (facts.kind) {
    case 'list':
      return decideList(facts, now);
    case 'ip-set':
      return decideIpSet(facts, limits, now);
    case 'network-acl':
      return decideNetworkAcl(facts, limits, now);
    case 'prefix-list':
      return decidePrefixList(facts, limits, now);
  }
}
