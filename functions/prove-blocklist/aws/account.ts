/** What the account has that carries the tag of a blocklist, wherever it is. */

import type { LoadBalancer } from '@aws-sdk/client-elastic-load-balancing-v2';
import { attempted, type Reading } from '../../../shared/aws/attempted.ts';
import { taggedSets, type TaggedSetName } from '../../../shared/aws/blocklist/tagged-sets.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { findPrefixLists, readAcls, readBalancers, type FoundAcl, type FoundPrefixList } from './networks.ts';

export interface Account {
  readonly sets: readonly TaggedSetName[];
  /** Tagged or not. */
  readonly acls: readonly FoundAcl[];
  readonly prefixLists: readonly FoundPrefixList[];
  readonly balancers: readonly LoadBalancer[];
  /** What could not be read, each with its reason. */
  readonly unread: readonly string[];
  /** Those of them in which something may be tagged. */
  readonly unasked: readonly string[];
}

function all<T>(...readings: readonly Reading<readonly T[]>[]): readonly T[] {
  return readings.flatMap(({ value }) => value ?? []);
}

/** Where no ACL is tagged no balancer is behind one. */
async function balancersBehind(acls: readonly FoundAcl[], io: Io): Promise<Reading<readonly LoadBalancer[]>> {
  if (acls.every(({ blocklist }) => blocklist === '')) return { value: [], unread: [] };
  return attempted('load balancers', io, () => readBalancers(io));
}

/** Reads it side by side: a place that does not answer holds up no other. */
export async function readAccount(io: Io): Promise<Account> {
  const [regional, global, acls, prefixLists] = await Promise.all([
    attempted('IP sets of REGIONAL', io, () => taggedSets('REGIONAL', io)),
    attempted('IP sets of CLOUDFRONT', io, () => taggedSets('CLOUDFRONT', io)),
    readAcls(io),
    attempted('prefix lists', io, () => findPrefixLists(io)),
  ]);
  const balancers = await balancersBehind(all(acls), io);
  const unasked = [regional, global, acls, prefixLists].flatMap(({ value, unread }) => (value === null ? unread : []));
  return {
    sets: all(regional, global),
    acls: all(acls),
    prefixLists: all(prefixLists),
    balancers: all(balancers),
    unread: [regional, global, acls, prefixLists, balancers].flatMap(({ unread }) => unread),
    unasked,
  };
}

/** The blocklists that something is tagged with, in the order of their names. */
export function blocklistsIn({ sets, acls, prefixLists }: Account): readonly string[] {
  const names = [...sets, ...acls, ...prefixLists].map(({ blocklist }) => blocklist);
  return [...new Set(names)].filter((name) => name !== '').toSorted();
}
