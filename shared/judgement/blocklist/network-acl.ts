/** Network ACLs, as those mean them who write to them and who look whether they hold. */

import type { AddressFamily } from '../addresses/arithmetic.ts';

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
}
