/** Builders of facts for the tests of `publish-blocklist`: an empty set, an empty ledger, and what may change about them. */

import type {
  IpSet,
  Member,
  Published,
  PublishLimits,
  SetFacts,
  Wishes,
} from '../../../functions/publish-blocklist/decide.ts';
import type { AllowRow, BlockRow, Reason } from '../../../shared/judgement/blocklist/rows.ts';

export const NOW = '2026-11-22T08:00:00.000Z';
export const ARN = 'arn:aws:wafv2:eu-west-1:111122223333:regional/ipset/edge-v4/6f1c2a34-5b7d-4e89-9a01-23c4d5e6f789';

/** The moment so many seconds after `NOW`. */
export function later(seconds: number): string {
  return new Date(Date.parse(NOW) + seconds * 1_000).toISOString();
}

export const LIMITS: PublishLimits = {
  maxAgeSeconds: 900,
  maxTargets: 100,
  cooldownSeconds: 0,
  maxActionsPerWindow: 8,
  windowSeconds: 60,
  maxLooks: 5,
  maxWaitSeconds: 0,
  maxCalls: 3,
  setCapacity: 10_000,
  headRoom: 0.9,
  fullShare: 1.1,
  aclRules: 20,
};

/** A reason that ends in an hour. */
function reason(change: Partial<Reason> = {}): Reason {
  return {
    incident: 'INC-1',
    why: 'scans for WordPress',
    by: 'kim',
    from: later(-60),
    until: later(3_600),
    delivery: 'd-1',
    run: 'r-1',
    strikes: 0,
    ...change,
  };
}

export function row(cidr: string, ...reasons: readonly Partial<Reason>[]): BlockRow {
  return { cidr, version: 1, reasons: (reasons.length === 0 ? [{}] : reasons).map(reason) };
}

export function allowed(cidr: string, until: string | null = null): AllowRow {
  return { cidr, until, why: 'our office', by: 'kim', run: 'r-0', version: 1 };
}

export function ipSet(addresses: readonly string[], change: Partial<IpSet> = {}): IpSet {
  return {
    name: 'edge-v4',
    id: '6f1c2a34-5b7d-4e89-9a01-23c4d5e6f789',
    scope: 'REGIONAL',
    family: 'IPV4',
    description: null,
    lockToken: '00000000-0000-4000-8000-000000000001',
    addresses,
    blocklist: 'edge',
    shard: 1,
    ...change,
  };
}

export function note(published: Partial<Published> = {}): Published {
  return { mine: [], form: 'entries', version: 0, ...published };
}

/** Nothing is wanted. */
export function wishes(change: Partial<Wishes> = {}): Wishes {
  return {
    asOf: NOW,
    blocks: [],
    lists: [],
    unreadable: [],
    allow: [],
    neverBlock: [],
    sharedEgress: [],
    guardFaults: [],
    ...change,
  };
}

/** What may be said of the facts: of the ledger, of the set, and of the sets beside it. */
export interface Scene extends Partial<Wishes> {
  readonly set?: IpSet | null;
  readonly arn?: string;
  readonly published?: Partial<Published>;
  readonly beside?: readonly Member[];
}

/** Nothing is blocked, and the set is empty. */
export function facts({ set = ipSet([]), arn = ARN, published, beside = [], ...wished }: Scene = {}): SetFacts {
  const own = {
    arn,
    shard: set?.shard ?? 1,
    isReadable: true,
    addresses: set?.addresses ?? [],
    published: note(published),
  };
  return {
    kind: 'ip-set',
    history: 'unread',
    arn,
    set,
    published: own.published,
    group: [own, ...beside],
    wishes: wishes(wished),
  };
}
