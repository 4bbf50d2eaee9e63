/** What `publish-blocklist` decides on. */

import type { AddressFamily } from '../../../shared/judgement/addresses/arithmetic.ts';
import type { AllowRow, BlockRow, NeverBlockRow } from '../../../shared/judgement/blocklist/rows.ts';
import type { KernelFacts } from '../../../shared/kernel/decision.ts';
import type { Limits } from '../../../shared/kernel/definition.ts';

/** A WAF IP set that enforces a blocklist, as it is. */
export interface IpSet {
  readonly name: string;
  readonly id: string;
  readonly scope: 'REGIONAL';
  readonly family: AddressFamily;
  readonly description: string | null;
  readonly lockToken: string;
  /** Canonical: WAF spells IPv6 its own way. */
  readonly addresses: readonly string[];
  /** The blocklist that it enforces: the value of `runbook:block`. */
  readonly blocklist: string;
}

/** What the runbook put into a set the last time it wrote it. */
export interface Published {
  readonly mine: readonly string[];
  readonly version: number;
}

export interface Facts extends KernelFacts {
  /** `null`: it is gone, or not tagged any more. */
  readonly set: IpSet | null;
  readonly arn: string;
  readonly published: Published;
  readonly blocks: readonly BlockRow[];
  /** What is wrong with rows of blocks that cannot be understood: the others are published. */
  readonly unreadable: readonly string[];
  readonly allow: readonly AllowRow[];
  readonly neverBlock: readonly NeverBlockRow[];
}

export interface PublishLimits extends Limits {
  /** Addresses that one set takes. */
  readonly setCapacity: number;
}
