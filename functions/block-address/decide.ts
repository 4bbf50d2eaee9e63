/**
 * What `block-address` does about a request, a finding, an alarm, or on a tick. Pure.
 *
 * A request, a finding or an alarm ends in one guarded write per network: a row holds its reasons, each with its own end, and nobody lifts another's. What
 * is blocked where follows from the rows, and is `publish-blocklist`'s to see to.
 */

import type { Decision } from '../../shared/kernel/decision.ts';
import { block, extend } from './decide/blocking.ts';
import type { BlockLimits, Facts } from './decide/facts.ts';
import { tellingOf } from './decide/forwarded.ts';
import { heed } from './decide/heeding.ts';
import { keep } from './decide/keeping.ts';
import { aboutList, takeIn } from './decide/listing.ts';
import { keepNeverBlock } from './decide/never-block.ts';
import { heedAlarm } from './decide/ringing.ts';
import { unblock } from './decide/unblocking.ts';

export type {
  Ask,
  BlockLimits,
  Facts,
  Guard,
  HeldBy,
  KeptRow,
  ListsSeen,
  SourceReading,
  Wish,
} from './decide/facts.ts';
export { clientIn, oursBy } from './decide/forwarded.ts';
export { SOURCES } from './decide/guards.ts';
export { isSharedRowOf } from './decide/keeping.ts';
export { OFFENCE_LIMITS } from './decide/limits.ts';
export { incidentOfAlarm, namedIn, targetOf, type NetworkAsk } from './decide/wish.ts';

/** Decides on one request, finding or alarm, or on what the schedule has read. */
export function decide(facts: Facts, limits: BlockLimits, now: string): Decision {
  const { ask, row, rows } = facts;
  if (ask.action === 'read-never-block') return keepNeverBlock(facts, now);
  if (ask.action === 'take-in') return takeIn(facts, ask.object, limits, now);
  if (ask.action === 'find-nobody') return ask.refusal;
  if ('list' in ask) return aboutList(facts, ask, limits, now);
  if (ask.action === 'heed') return heed(facts, ask, limits, now);
  if (ask.action === 'heed-alarm') return heedAlarm(facts, ask, limits, now);
  if (ask.action === 'allow' || ask.action === 'share') return keep(facts, ask, limits, now);
  if (ask.action === 'block') {
    if (row !== null) return tellingOf(block(facts, ask, row, limits, now), ask.forwarded);
    return { kind: 'refuse', code: 'no-address', because: 'say which address or cidr to block', evidence: {} };
  }
  // An operator may have spelt the same network otherwise: that blocks it, too.
  const concerned =
    row === null ? rows : [row, ...rows.filter(({ cidr, key }) => cidr === row.cidr && key !== undefined)];
  if (ask.action === 'extend') return extend(facts, ask, concerned, limits, now);
  return unblock(facts, ask, concerned, limits, now);
}
