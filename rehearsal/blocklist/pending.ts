/** What runs of block-address have told as blocked, and since when. */

import type { RunResult } from '../../shared/kernel/report/result.ts';
import { isRecord } from '../../simulator/engine/json.ts';
import { blockedBy, isOverlap } from './told.ts';

function textsOf(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.filter((each) => typeof each === 'string');
}

/** Networks that a run has told as unblocked or as allowed: from then on they need not be in a set. */
function letGoBy({ runbook, outcome, evidence, target = '' }: RunResult): readonly string[] {
  if (runbook !== 'block-address' || outcome !== 'done') return [];
  // What has an end and was not allowed has been extended.
  if (typeof evidence['until'] === 'string') return Array.isArray(evidence['blockedFor']) ? [target] : [];
  return textsOf(evidence['cidrs']);
}

/** Since when each network that is blocked has been told as blocked, milliseconds; kept from one look to the next. */
type Pending = { [cidr: string]: { readonly since: number; readonly until: number } };

/** What is blocked, as the runs have told so far: what was told as unblocked or allowed since is not. */
export function pendingIn(memory: { [key: string]: unknown }, told: readonly RunResult[], now: number): Pending {
  const [kept, read] = [memory['pending'], memory['read']];
  const pending: Pending = {};
  for (const [cidr, each] of Object.entries(isRecord(kept) ? kept : {}))
    if (isRecord(each)) pending[cidr] = { since: Number(each['since']), until: Number(each['until']) };
  for (const result of told.slice(typeof read === 'number' ? read : 0)) {
    for (const gone of letGoBy(result))
      for (const cidr of Object.keys(pending)) if (isOverlap(cidr, gone)) delete pending[cidr];
    for (const { cidr, until } of blockedBy(result)) pending[cidr] = { since: pending[cidr]?.since ?? now, until };
  }
  memory['pending'] = pending;
  memory['read'] = told.length;
  return pending;
}
