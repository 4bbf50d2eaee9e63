/** What `publish-blocklist` decides on. */

import type { ListReading } from './list-reader.ts';
import type { ListedRow } from '../../../shared/judgement/blocklist/listed-rows.ts';
import type { ListRow } from '../../../shared/judgement/blocklist/list-rows.ts';
import type { NetworkSet } from '../../../shared/judgement/blocklist/network-set.ts';
import type { Member, SetLimits } from '../../../shared/judgement/blocklist/placement.ts';
import type { Published } from '../../../shared/judgement/blocklist/published.ts';
import type { Wishes } from '../../../shared/judgement/blocklist/wishes.ts';
import type { KernelFacts } from '../../../shared/kernel/decision.ts';
import type { Limits } from '../../../shared/kernel/definition.ts';

/** A WAF IP set that enforces a blocklist. */
export interface IpSet extends NetworkSet {
  readonly scope: 'REGIONAL' | 'CLOUDFRONT';
  readonly description: string | null;
  readonly lockToken: string;
  /** Its place among the sets that share the blocklist: the value of `runbook:shard`. */
  readonly shard: number;
}

/** A WAF IP set. */
export interface SetFacts extends KernelFacts {
  readonly kind: 'ip-set';
  /** `null`: it is gone, or not tagged any more. */
  readonly set: IpSet | null;
  readonly arn: string;
  readonly published: Published;
  /** All sets that share its blocklist, scope and family, itself among them: the same value for each of them. */
  readonly group: readonly Member[];
  readonly wishes: Wishes;
}

/** What was taken over of a list the last time. */
export interface ListNote {
  readonly versionId: string;
  /** How many networks it had. */
  readonly networks: number;
  readonly version: number;
}

/** What a version of a list says; its networks are counted. */
export type ListContent = Omit<ListReading, 'networks'> & { readonly networks: number };

/** A list. */
export interface ListFacts extends KernelFacts {
  readonly kind: 'list';
  /** `null`: it does not hold any more. */
  readonly row: ListRow | null;
  readonly note: ListNote | null;
  /** `null`: the version is not there any more. */
  readonly content: ListContent | null;
  /** Of a list that protects: its networks, and what others are told of it. Absent: it is one of whom to block. */
  readonly protects?: Protects;
}

/** Whom a list protects, in this version and by what others were told last. */
export interface Protects {
  readonly networks: readonly string[];
  /** `null`: nobody was told yet. */
  readonly told: ListedRow | null;
}

export interface PublishLimits extends Limits, SetLimits {}
