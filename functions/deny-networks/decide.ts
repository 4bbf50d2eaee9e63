/**
 * What `deny-networks` does about one network ACL, or one managed prefix list. Pure.
 *
 * What is denied where follows from the ledger alone. Each kind of enforcement point has its own file in `decide/`.
 */

import type { Decision } from '../../shared/kernel/decision.ts';
import type { DenyLimits, PrefixListFacts } from './decide/facts.ts';
import { decideNetworkAcl, type AclFacts } from './decide/network-acl.ts';
import { decidePrefixList } from './decide/prefix-list.ts';

export type { DenyLimits, PrefixList, PrefixListFacts } from './decide/facts.ts';
export type { AclEntry, AclFacts, NetworkAcl } from './decide/network-acl.ts';

/** An enforcement point of one kind or another. */
export type Facts = AclFacts | PrefixListFacts;

/** Decides on one of them. */
export function decide(facts: Facts, limits: DenyLimits, now: string): Decision {
  return facts.kind === 'network-acl' ? decideNetworkAcl(facts, limits, now) : decidePrefixList(facts, limits, now);
}
