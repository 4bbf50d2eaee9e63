/** What is decided on about a network ACL. */

import type { AddressFamily } from '../../../shared/judgement/addresses/arithmetic.ts';
import type { Published } from '../../../shared/judgement/blocklist/published.ts';
import type { Wishes } from '../../../shared/judgement/blocklist/wishes.ts';
import type { KernelFacts } from '../../../shared/kernel/decision.ts';
import type { DenyLimits } from './facts.ts';

/** An entry of a network ACL. */
export interface AclEntry {
  /** 1 to 32766; above, AWS's own denial of what no entry decides. Of both families together, in each direction. */
  readonly ruleNumber: number;
  /** In its one spelling, or `0.0.0.0/0`, `::/0`. */
  readonly cidr: string;
  readonly family: AddressFamily;
  readonly action: 'allow' | 'deny';
  /** A number as text; `-1`: all. */
  readonly protocol: string;
  /** What leaves the subnets; else what comes in. */
  readonly egress: boolean;
}

/** A network ACL that enforces a blocklist, as it is. */
export interface NetworkAcl {
  readonly id: string;
  readonly vpcId: string;
  /** The blocklist that it enforces: the value of `runbook:block`. */
  readonly blocklist: string;
  readonly entries: readonly AclEntry[];
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
