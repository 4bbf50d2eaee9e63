/** What `publish-blocklist` decides on. */

import type { AddressFamily } from '../../../shared/judgement/addresses/arithmetic.ts';
import type { ListReading } from './list-reader.ts';
import type { ListRow, ListUse } from '../../../shared/judgement/blocklist/list-rows.ts';
import type { AllowRow, BlockRow, RangesRow } from '../../../shared/judgement/blocklist/rows.ts';
import type { KernelFacts } from '../../../shared/kernel/decision.ts';
import type { Limits } from '../../../shared/kernel/definition.ts';

/** What holds networks of a blocklist, as it is. */
export interface NetworkSet {
  readonly name: string;
  readonly id: string;
  readonly family: AddressFamily;
  /** Canonical: AWS spells IPv6 its own way. */
  readonly addresses: readonly string[];
  /** The blocklist that it enforces: the value of `runbook:block`. */
  readonly blocklist: string;
}

/** A WAF IP set that enforces a blocklist. */
export interface IpSet extends NetworkSet {
  readonly scope: 'REGIONAL' | 'CLOUDFRONT';
  readonly description: string | null;
  readonly lockToken: string;
  /** Its place among the sets that share the blocklist: the value of `runbook:shard`. */
  readonly shard: number;
}

/** A managed prefix list that enforces a blocklist. */
export interface PrefixList extends NetworkSet {
  readonly version: number;
  readonly maxEntries: number;
  /** A change is under way, and AWS takes no other until it is done. */
  readonly isBusy: boolean;
}

/** What the runbook put into an enforcement point the last time it wrote it: entries, or the marks of them where they are many. */
export interface Published {
  readonly mine: readonly string[];
  readonly form: 'entries' | 'marks';
  readonly version: number;
}

/** A set among those that share blocklist, scope and family. */
export interface Member {
  readonly arn: string;
  readonly shard: number;
  /** Where it is not, it keeps what is noted of it, and is given nothing more. */
  readonly isReadable: boolean;
  readonly addresses: readonly string[];
  readonly published: Published;
}

/** A list as far as its networks are known. */
export interface KnownList {
  readonly name: string;
  readonly use: ListUse;
  /** `null`: not known now. What stands of it stays. */
  readonly networks: readonly string[] | null;
}

/** The ledger as it was read, with the lists that it names: the same value for all enforcement points of a run. */
export interface Wishes {
  /** When it was read, ISO 8601: what is blocked now is what was blocked then. */
  readonly asOf: string;
  readonly blocks: readonly BlockRow[];
  /** Lists that hold now. */
  readonly lists: readonly KnownList[];
  /** What is wrong with rows of blocks and of lists that cannot be understood: the others are published. */
  readonly unreadable: readonly string[];
  readonly allow: readonly AllowRow[];
  readonly neverBlock: readonly RangesRow[];
  /** Ranges behind whose addresses many people sit: blocked at web ACLs only. */
  readonly sharedEgress: readonly RangesRow[];
  /** What is wrong with rows of `allow`, `never-block` and `shared-egress`, and with lists of whom to allow: while nobody knows whom they protect, nobody more is blocked. */
  readonly guardFaults: readonly string[];
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
}

export interface PublishLimits extends Limits {
  /** Addresses that one set takes. */
  readonly setCapacity: number;
  /** How full a set is made while others have room, so that what is added later seldom has to go elsewhere. */
  readonly headRoom: number;
  /** Rules that a network ACL may have by direction and family, AWS's own denial among them. */
  readonly aclRules: number;
  /** People hear of it when the sets of a blocklist are so full together. */
  readonly fullShare: number;
}
