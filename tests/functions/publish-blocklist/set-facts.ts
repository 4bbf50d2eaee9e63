/** Builders of facts for the tests of `publish-blocklist`: an empty set, and what may change about it. */

import type { IpSet, PublishLimits, SetFacts } from '../../../functions/publish-blocklist/decide.ts';
import type { Member } from '../../../shared/judgement/blocklist/placement.ts';
import type { Published } from '../../../shared/judgement/blocklist/published.ts';
import type { Wishes } from '../../../shared/judgement/blocklist/wishes.ts';
import { KERNEL_LIMITS, note, wishes } from '../../shared/judgement/blocklist/ledger-facts.ts';

export const ARN = 'arn:aws:wafv2:eu-west-1:111122223333:regional/ipset/edge-v4/6f1c2a34-5b7d-4e89-9a01-23c4d5e6f789';

export const LIMITS: PublishLimits = { ...KERNEL_LIMITS, setCapacity: 10_000, headRoom: 0.9, fullShare: 1.1 };

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
