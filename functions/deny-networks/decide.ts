/**
 * What `deny-networks` does about one network ACL, one managed prefix list, or one host. Pure.
 *
 * What is denied where follows from the ledger alone. Each kind of enforcement point has its own file in `decide/`.
 */

import type { Decision } from '../../shared/kernel/decision.ts';
import type { DenyLimits, PrefixListFacts } from './decide/facts.ts';
import { decideHost, type HostFacts } from './decide/host.ts';
import { decideNetworkAcl, type AclFacts } from './decide/network-acl.ts';
import { decidePrefixList } from './decide/prefix-list.ts';

export type { DenyLimits, PrefixList, PrefixListFacts } from './decide/facts.ts';
export { commentOf, isUnderWay } from './decide/host.ts';
export { givenIn } from './decide/host-content.ts';
export type { Host, HostCommand, HostFacts } from './decide/host.ts';
export type { AclFacts, NetworkAcl } from './decide/network-acl.ts';

/** An enforcement point of one kind or another. */
export type Facts = AclFacts | HostFacts | PrefixListFacts;

/** Decides on one of them. */
export function decide(facts: Facts, limits: DenyLimits, now: string): Decision {
  if (facts.kind === 'host') return decideHost(facts, now);
  return facts.kind === 'network-acl' ? decideNetworkAcl(facts, limits, now) : decidePrefixList(facts, limits, now);
}
