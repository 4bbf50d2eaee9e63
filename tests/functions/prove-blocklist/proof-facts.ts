/** Builders of facts for the tests of `prove-blocklist`: one set, one web ACL that blocks by it, at one load balancer; and what may change about that. */

import type {
  Attached,
  Facts,
  Sample,
  TaggedAcl,
  TaggedSet,
  WebAcl,
  WebRule,
} from '../../../functions/prove-blocklist/decide.ts';
import type { ProveLimits } from '../../../functions/prove-blocklist/decide/facts.ts';
import type { Wishes } from '../../../shared/judgement/blocklist/wishes.ts';
import { KERNEL_LIMITS, later, NOW, row, wishes } from '../../shared/judgement/blocklist/ledger-facts.ts';

export const LIMITS: ProveLimits = {
  ...KERNEL_LIMITS,
  writtenWithinSeconds: 120,
  propagationSeconds: 120,
  setCapacity: 10_000,
  aclRules: 20,
};

export const SET_ARN =
  'arn:aws:wafv2:eu-west-1:111122223333:regional/ipset/edge-v4/6f1c2a34-5b7d-4e89-9a01-23c4d5e6f789';
export const ALLOW_ARN =
  'arn:aws:wafv2:eu-west-1:111122223333:regional/ipset/office/6f1c2a34-5b7d-4e89-9a01-23c4d5e6f780';
export const BALANCER = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/shop/50dc6c495c0c9188';

export function tagged(addresses: readonly string[], change: Partial<TaggedSet> = {}): TaggedSet {
  const content = { family: addresses[0]?.includes(':') === true ? ('IPV6' as const) : ('IPV4' as const), addresses };
  return { arn: SET_ARN, name: 'edge-v4', scope: 'REGIONAL', isNumbered: false, content, ...change };
}

/** A rule that blocks whoever is in the set. */
export function rule(change: Partial<WebRule> = {}): WebRule {
  return {
    name: 'block-edge',
    metric: 'block-edge',
    priority: 10,
    action: 'Block',
    isOverridden: false,
    references: [{ arn: SET_ARN, forwarded: null }],
    spares: [],
    underConditions: [],
    only: [SET_ARN],
    isSampled: true,
    ...change,
  };
}

/** A rule that lets in whom it matches, and matches anybody. */
export function letting(change: Partial<WebRule> = {}): WebRule {
  return rule({
    name: 'let-in',
    metric: 'let-in',
    priority: 1,
    action: 'Allow',
    references: [],
    only: null,
    ...change,
  });
}

export function attached(change: Partial<Attached> = {}): Attached {
  return { at: later(-60), readAt: later(-60), isWhole: true, count: 1, hadSome: false, names: [BALANCER], ...change };
}

export function webAcl(change: Partial<WebAcl> = {}): WebAcl {
  return {
    arn: 'arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/shop/7f1c2a34-5b7d-4e89-9a01-23c4d5e6f789',
    id: '7f1c2a34-5b7d-4e89-9a01-23c4d5e6f789',
    name: 'shop',
    scope: 'REGIONAL',
    rules: [rule()],
    isSampled: true,
    attached: attached(),
    isReadNow: false,
    samples: [],
    ...change,
  };
}

/** A request from an address, so many seconds after the tests' present. */
export function sample(client: string, action: string, seconds: number, change: Partial<Sample> = {}): Sample {
  return { client, forwarded: {}, isHealthCheck: false, at: later(seconds), action, rule: 'block-edge', ...change };
}

export function acl(change: Partial<TaggedAcl> = {}): TaggedAcl {
  return { id: 'acl-0a1f9d3c5e7b24860', subnets: ['subnet-0a1'], entries: [], ...change };
}

/** A block that stands since a time before the tests' present, seconds. */
export function blocked(cidr: string, ageSeconds = 3_600) {
  return row(cidr, { from: later(-ageSeconds) });
}

/** 198.51.100.7 is blocked for an hour now, written and enforced. */
export function facts({ ledger = {}, ...change }: Partial<Facts> & { readonly ledger?: Partial<Wishes> } = {}): Facts {
  return {
    history: 'unread',
    blocklist: 'edge',
    address: null,
    wishes: wishes({ blocks: [blocked('198.51.100.7/32')], ...ledger }),
    hasGuardLists: false,
    sets: [tagged(['198.51.100.7/32'])],
    webAcls: [webAcl()],
    allowSets: {},
    cloudFrontRanges: ['130.176.0.0/18'],
    acls: [],
    prefixLists: [],
    balancerSubnets: [],
    unread: [],
    unreadScopes: [],
    forget: [],
    ...change,
  };
}

export { NOW };
