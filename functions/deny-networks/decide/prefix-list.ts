/**
 * What is done about one managed prefix list: entries are added and removed under the version that it was read with. Pure.
 *
 * A list says nothing by itself: a rule group of Network Firewall, or a route, that refers to it does.
 */

import type { Decision } from '../../../shared/kernel/decision.ts';
import type { PrefixList, PrefixListFacts, DenyLimits } from './facts.ts';
import {
  decideNetworkSet,
  type Difference,
  type Write,
  type Writer,
} from '../../../shared/judgement/blocklist/network-set.ts';
import { gone } from '../../../shared/judgement/blocklist/notes.ts';

/** Entries that one request adds and removes. Source: API_ModifyManagedPrefixList (array members), which does not say that either counts by itself. */
const MOST_AT_ONCE = 100;
/** Of these, what goes where as many come: so a full list is never emptier than it must be. */
const HALF = 50;

/** Who reads the list in the console sees whose the entry is. */
const DESCRIPTION = 'blocked by deny-networks';

/** A minute: the schedule's. */
const UNTIL_THE_NEXT_TICK_SECONDS = 60;

/** Decides on one list. */
export function decidePrefixList(facts: PrefixListFacts, limits: DenyLimits, now: string): Decision {
  const { arn, list, published, wishes } = facts;
  if (list === null) return gone(arn);
  const alone = { arn, shard: 0, isReadable: true, addresses: list.addresses, published };
  const found = { arn, set: list, published, group: [alone], wishes };
  const decision = decideNetworkSet(found, WRITER, { ...limits, setCapacity: list.maxEntries }, now);
  if (decision.kind !== 'act' || !list.isBusy) return decision;
  const because = `${list.name} is being changed by somebody; ${decision.because}`;
  return { ...waiting, because, evidence: decision.evidence };
}

const waiting = { kind: 'wait', code: 'being-modified', seconds: UNTIL_THE_NEXT_TICK_SECONDS } as const;

const WRITER: Writer<PrefixList> = { whole: ({ name }) => `the places of ${name}`, write: modify };

/** As many as one request takes: first what goes, for what comes needs its room. */
function modify({ set, added, removed }: Difference<PrefixList>, because: string): Write {
  const goes = removed.slice(0, Math.max(HALF, MOST_AT_ONCE - added.length));
  const room = set.maxEntries - set.addresses.length + goes.length;
  const comes = added.slice(0, Math.max(0, Math.min(MOST_AT_ONCE - goes.length, room)));
  const input = {
    PrefixListId: set.id,
    CurrentVersion: set.version,
    ...(comes.length === 0 ? {} : { AddEntries: comes.map((Cidr) => ({ Cidr, Description: DESCRIPTION })) }),
    ...(goes.length === 0 ? {} : { RemoveEntries: goes.map((Cidr) => ({ Cidr })) }),
  };
  return { call: { call: 'ec2:ModifyManagedPrefixList', input, because }, added: comes, removed: goes };
}
