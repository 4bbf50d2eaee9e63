/** What `prove-blocklist` decides on: what of one blocklist was accepted, where it stands, what stands before it, who was seen. */

import type { AddressFamily } from '../../../shared/judgement/addresses/arithmetic.ts';
import type { Wishes } from '../../../shared/judgement/blocklist/wishes.ts';
import type { KernelFacts } from '../../../shared/kernel/decision.ts';
import type { Limits } from '../../../shared/kernel/definition.ts';

export type Scope = 'REGIONAL' | 'CLOUDFRONT';

/** A WAF IP set that is tagged with the blocklist. */
export interface TaggedSet {
  readonly arn: string;
  readonly name: string;
  readonly scope: Scope;
  /** It shares the blocklist with others that are numbered; else all of the blocklist is its own. */
  readonly isNumbered: boolean;
  /** `null`: it could not be read. */
  readonly content: { readonly family: AddressFamily; readonly addresses: readonly string[] } | null;
}

/** Where a rule looks for the client, if not at who has sent the request. */
export interface ForwardedIn {
  /** Lower case. */
  readonly header: string;
  readonly position: 'FIRST' | 'LAST' | 'ANY';
}

/** A set by which a rule matches whoever is in it, whatever else the request is. */
export interface SetReference {
  readonly arn: string;
  readonly forwarded: ForwardedIn | null;
}

/** A rule of a web ACL, as far as it matters here. */
export interface WebRule {
  readonly name: string;
  /** By which WAF keeps its samples. */
  readonly metric: string;
  /** The lowest is asked first. */
  readonly priority: number;
  /** `Group`: a rule group decides, and is not looked into. `GroupCount`: whatever it decides is only counted. */
  readonly action: 'Allow' | 'Block' | 'Count' | 'Captcha' | 'Challenge' | 'Group' | 'GroupCount';
  /** The group is one of the account's own, which may name any set of it. Absent: it is AWS's or a vendor's, or none. */
  readonly asksOwnGroup?: true;
  readonly references: readonly SetReference[];
  /** ARNs of sets that are named beside other conditions, or in the negative. */
  readonly underConditions: readonly string[];
  /** ARNs of the sets outside which the rule matches nobody; `null`: it may match anybody. */
  readonly only: readonly string[] | null;
}

/** What a web ACL is attached to, as it was read last. */
export interface Attached {
  /** When it was last asked for, ISO 8601. */
  readonly at: string;
  /** When what stands here was read. */
  readonly readAt: string;
  /** All kinds of resources answered; else there may be more. */
  readonly isWhole: boolean;
  readonly count: number;
  /** ARNs, the first of them. */
  readonly names: readonly string[];
}

/** A request that WAF has kept a sample of. */
export interface Sample {
  /** Canonical network of one address, of who has sent it to AWS; `null`: none that can be read. */
  readonly client: string | null;
  /** Addresses in headers that rules look into, by the header in lower case, canonical, in their order. */
  readonly forwarded: { readonly [header: string]: readonly string[] };
  /** ISO 8601. */
  readonly at: string;
  /** `ALLOW`, `BLOCK`, `COUNT`, … */
  readonly action: string;
  /** The rule that it was sampled for; `the default action`. */
  readonly rule: string;
}

/** A web ACL that names a set of the blocklist. */
export interface WebAcl {
  readonly arn: string;
  readonly id: string;
  readonly name: string;
  readonly scope: Scope;
  readonly rules: readonly WebRule[];
  /** `null`: it was never asked for. */
  readonly attached: Attached | null;
  /** Whether it was read by this run: then it has to be remembered. */
  readonly isReadNow: boolean;
  /** `null`: they could not be read. */
  readonly samples: readonly Sample[] | null;
}

/** An entry for what comes in, in the order of numbers. */
export interface AclEntry {
  readonly ruleNumber: number;
  readonly action: string;
  /** A number as text; `-1`: all. */
  readonly protocol: string;
  readonly family: AddressFamily;
  /** In its one spelling, or `0.0.0.0/0`, `::/0`. */
  readonly cidr: string;
}

/** A network ACL that is tagged with the blocklist. */
export interface TaggedAcl {
  readonly id: string;
  readonly subnets: readonly string[];
  readonly entries: readonly AclEntry[];
}

/** A managed prefix list that is tagged with the blocklist. */
export interface TaggedPrefixList {
  readonly id: string;
  readonly name: string;
  readonly family: AddressFamily;
  readonly maxEntries: number;
  /** `null`: they could not be read. */
  readonly entries: readonly string[] | null;
}

/** A subnet of a network load balancer, and the ACL in force there. */
export interface BalancerSubnet {
  readonly balancer: string;
  readonly subnet: string;
  /** `null`: none that was read. */
  readonly acl: string | null;
  /** The blocklist with which that ACL is tagged; empty: none. */
  readonly blocklist: string;
}

/** One blocklist. */
export interface Facts extends KernelFacts {
  readonly blocklist: string;
  /** A network in its one spelling: only that is asked about; `null`: all. */
  readonly address: string | null;
  readonly wishes: Wishes;
  /** Some list of the ledger says whom nobody may block: those are not read here. */
  readonly hasAllowLists: boolean;
  readonly sets: readonly TaggedSet[];
  readonly webAcls: readonly WebAcl[];
  /** Addresses of the sets by which rules let somebody in, by ARN; of one that could not be read nothing is there. */
  readonly allowSets: { readonly [arn: string]: readonly string[] };
  /** What requests come from that pass CloudFront first; `null`: not known. */
  readonly cloudFrontRanges: readonly string[] | null;
  readonly acls: readonly TaggedAcl[];
  readonly prefixLists: readonly TaggedPrefixList[];
  /** All subnets of the network load balancers that have one behind an ACL of the blocklist. */
  readonly balancerSubnets: readonly BalancerSubnet[];
  /** What could not be read, each with its reason. */
  readonly unread: readonly string[];
  /** Scopes of which not all web ACLs could be read: there nobody can say that none refers to a set. */
  readonly unreadScopes: readonly Scope[];
  /** What is remembered of web ACLs that are not there any more. */
  readonly forget: readonly string[];
}

export interface ProveLimits extends Limits {
  /** How long a block may be accepted and not written. */
  readonly writtenWithinSeconds: number;
  /** How long after that WAF may not know of it yet. */
  readonly propagationSeconds: number;
  /** Addresses that one IP set takes. */
  readonly setCapacity: number;
  /** Rules of a network ACL by direction and family, AWS's own denial among them. */
  readonly aclRules: number;
}

/** The sample of requests that no rule has decided about. */
export const DEFAULT_ACTION = 'the default action';

/** What a reading of attachments is remembered by. */
export function memoryKey(id: string): string {
  return `attached:${id}`;
}
