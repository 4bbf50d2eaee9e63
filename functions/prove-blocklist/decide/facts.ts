/** What `prove-blocklist` decides on: what of one blocklist was accepted, where it stands, what stands before it, who was seen. */

import type { AddressFamily } from '../../../shared/judgement/addresses/arithmetic.ts';
import type { AclEntry } from '../../../shared/judgement/blocklist/network-acl.ts';
import type { Wishes } from '../../../shared/judgement/blocklist/wishes.ts';
import type { KernelFacts } from '../../../shared/kernel/decision.ts';
import type { Limits } from '../../../shared/kernel/definition.ts';

export type { AclEntry } from '../../../shared/judgement/blocklist/network-acl.ts';

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
  /** What WAF does where the header is there and has no address at that position. Without the header the rule is not applied at all. */
  readonly fallback: 'MATCH' | 'NO_MATCH';
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
  /** `Group`: a rule group of AWS's, of a vendor's or of Firewall Manager's decides, and is not looked into. `GroupCount`: whatever it decides is only counted. */
  readonly action: 'Allow' | 'Block' | 'Count' | 'Captcha' | 'Challenge' | 'Group' | 'GroupCount';
  /** The rule stands in a rule group, and the web ACL has it do something else than what the group says. */
  readonly isOverridden: boolean;
  /** Sets by which it matches whoever is in them: by themselves, or by a label that an earlier rule puts on all of them. */
  readonly references: readonly SetReference[];
  /** Sets by which it matches nobody who is in them. */
  readonly spares: readonly SetReference[];
  /** ARNs of sets that are named beside other conditions, or in the negative. */
  readonly underConditions: readonly string[];
  /** ARNs of the sets outside which the rule matches nobody; `null`: it may match anybody. */
  readonly only: readonly string[] | null;
  /** WAF keeps samples of what it matches. */
  readonly isSampled: boolean;
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
  /** Once it had something: where nothing is named any more, that was taken off it. */
  readonly hadSome: boolean;
  /** ARNs, the first of them. */
  readonly names: readonly string[];
}

/** A request that WAF has kept a sample of. */
export interface Sample {
  /** Canonical network of one address, of who has sent it to AWS; `null`: none that can be read. */
  readonly client: string | null;
  /** What stands in headers that rules look into, by the header in lower case: canonical addresses in their order, `null` where none is. A header that the request lacks is not there. */
  readonly forwarded: { readonly [header: string]: readonly (string | null)[] };
  /** It says that it is a health check of a load balancer. */
  readonly isHealthCheck: boolean;
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
  /** WAF keeps samples of what no rule has decided about. */
  readonly isSampled: boolean;
  /** `null`: it was never asked for. */
  readonly attached: Attached | null;
  /** Whether it was read by this run: then it has to be remembered. */
  readonly isReadNow: boolean;
  /** `null`: they could not be read. */
  readonly samples: readonly Sample[] | null;
}

/** A network ACL that is tagged with the blocklist. */
export interface TaggedAcl {
  readonly id: string;
  readonly subnets: readonly string[];
  /** For what comes in, in the order of numbers; `null`: one of them cannot be understood. */
  readonly entries: readonly AclEntry[] | null;
}

/** A managed prefix list that is tagged with the blocklist. */
export interface TaggedPrefixList {
  readonly id: string;
  readonly name: string;
  readonly family: AddressFamily;
  /** `null`: EC2 does not say. */
  readonly maxEntries: number | null;
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
  /** Some list of the ledger says whom nobody may block, or who is many people: those are not read here. */
  readonly hasGuardLists: boolean;
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
