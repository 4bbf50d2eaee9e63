/** What is decided on about a network ACL. */

import type { NetworkAcl } from '../../../shared/judgement/blocklist/network-acl.ts';
import type { Published } from '../../../shared/judgement/blocklist/published.ts';
import type { Wishes } from '../../../shared/judgement/blocklist/wishes.ts';
import type { KernelFacts } from '../../../shared/kernel/decision.ts';
import type { DenyLimits } from './facts.ts';

export type { AclEntry, NetworkAcl } from '../../../shared/judgement/blocklist/network-acl.ts';

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
