/** What is done about one WAF IP set: it is written as a whole, under the lock token that it was read with. Pure. */

import type { Decision } from '../../../shared/kernel/decision.ts';
import type { IpSet, PublishLimits, SetFacts } from './facts.ts';
import {
  decideNetworkSet,
  type Difference,
  type Write,
  type Writer,
} from '../../../shared/judgement/blocklist/network-set.ts';
import { gone } from '../../../shared/judgement/blocklist/notes.ts';

/** Decides on one set. */
export function decideIpSet(facts: SetFacts, limits: PublishLimits, now: string): Decision {
  const { set, arn } = facts;
  return set === null ? gone(arn) : decideNetworkSet({ ...facts, set }, WRITER, limits, now);
}

const WRITER: Writer<IpSet> = { whole: ({ blocklist }) => `the sets of ${blocklist}`, write: update };

function update({ set, foreign, mine, added, removed }: Difference<IpSet>, because: string): Write {
  const { name, scope, id, lockToken, description } = set;
  const input = {
    Name: name,
    Scope: scope,
    Id: id,
    // Left out it would be cleared.
    ...(description === null ? {} : { Description: description }),
    Addresses: [...foreign, ...mine].toSorted(),
    LockToken: lockToken,
  };
  return { call: { call: 'wafv2:UpdateIPSet', input, because }, added, removed };
}
