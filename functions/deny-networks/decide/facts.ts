/** What `deny-networks` decides on. */

import type { NetworkSet } from '../../../shared/judgement/blocklist/network-set.ts';
import type { SetLimits } from '../../../shared/judgement/blocklist/placement.ts';
import type { Published } from '../../../shared/judgement/blocklist/published.ts';
import type { Wishes } from '../../../shared/judgement/blocklist/wishes.ts';
import type { KernelFacts } from '../../../shared/kernel/decision.ts';
import type { Limits } from '../../../shared/kernel/definition.ts';

/** A managed prefix list that enforces a blocklist. */
export interface PrefixList extends NetworkSet {
  readonly version: number;
  readonly maxEntries: number;
  /** A change is under way, and AWS takes no other until it is done. */
  readonly isBusy: boolean;
}

/** A managed prefix list. */
export interface PrefixListFacts extends KernelFacts {
  readonly kind: 'prefix-list';
  /** `null`: it is gone, or not tagged any more. */
  readonly list: PrefixList | null;
  readonly arn: string;
  readonly published: Published;
  /** As `forNetworks` narrows them. */
  readonly wishes: Wishes;
}

export interface DenyLimits extends Limits, Omit<SetLimits, 'setCapacity'> {
  /** Rules that a network ACL may have by direction and family, AWS's own denial among them. */
  readonly aclRules: number;
}
