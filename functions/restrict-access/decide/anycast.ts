/** What `restrict-access` does about the account's own addresses at CloudFront: they are kept as what nobody may have blocked. Pure. */

import { ANYCAST, NEVER_BLOCK } from '../../../shared/judgement/blocklist/rows.ts';
import { nothing } from '../../../shared/judgement/decisions.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import { plannedWrite } from '../../../shared/kernel/ledger/planned-write.ts';
import type { AnycastFacts } from './facts.ts';

/**
 * Writes the row when it has changed, and remembers when it was last read well: that wakes nobody. After a reading that failed the last
 * good one stands, and grows old: `block-address` says when it is too old.
 */
export function keepAnycast({ ranges, fault, row }: AnycastFacts, now: string): Decision {
  const known = row?.ranges ?? [];
  if (ranges === null) {
    const because = `the account's Anycast static IP lists were not read: ${fault ?? ''}; the last good reading stands`;
    return nothing({ ranges: known.length }, 'anycast-unread', because);
  }
  const [came, went] = [ranges.filter((one) => !known.includes(one)), known.filter((one) => !ranges.includes(one))];
  if (came.length === 0 && went.length === 0) {
    const because = "the account's Anycast static IP lists are as they were";
    const unchanged = nothing({ ranges: ranges.length }, 'anycast-unchanged', because);
    // Nobody depends on a reading of what the account never had.
    return row === null ? unchanged : { ...unchanged, remember: { [ANYCAST]: now } };
  }
  const because = `${ANYCAST}: ${came.length} ranges more and ${went.length} fewer may not be blocked`;
  const write = { partition: NEVER_BLOCK, key: ANYCAST, ifVersion: row?.version ?? 0, value: { ranges } };
  return {
    kind: 'act',
    code: 'never-block-changed',
    because,
    evidence: { came, went },
    plan: [plannedWrite(write, because)],
    intent: 'keep what may not be blocked',
    budget: 'free',
    // The look behind the write remembers that it was read.
    more: true,
  };
}
