/** What is decided on about a network ACL. */

import type { NetworkAcl as ReadAcl } from '../../../shared/judgement/blocklist/network-acl.ts';
import type { Published } from '../../../shared/judgement/blocklist/published.ts';
import type { Wishes } from '../../../shared/judgement/blocklist/wishes.ts';
import type { KernelFacts } from '../../../shared/kernel/decision.ts';
import type { DenyLimits } from './facts.ts';

export type { AclEntry } from '../../../shared/judgement/blocklist/network-acl.ts';

/** A network ACL that enforces a blocklist, as it is, with what its tags say of its size. */
export interface NetworkAcl extends ReadAcl {
  /** Rules of each family that EC2 takes in it, as its tag `runbook:rules` says; `null`: it says nothing, or nothing that can be read. */
  readonly rules: number | null;
  /** What its tags say that cannot be read, a line each. */
  readonly problems: readonly string[];
}

/** A network ACL. */
export interface AclFacts extends KernelFacts {
  readonly kind: 'network-acl';
  readonly arn: string;
  readonly published: Published;
  /** As `forNetworks` narrows them. */
  readonly wishes: Wishes;
  /** `null`: it is gone, or not tagged any more. */
  readonly acl: NetworkAcl | null;
}

export type AclLimits = Pick<DenyLimits, 'aclRules'>;
