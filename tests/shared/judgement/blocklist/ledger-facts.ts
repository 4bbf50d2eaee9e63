/** Builders of what the ledger says about blocking, for the tests of those who read it: nothing is wanted, and what may change about that. */

import type { Published } from '../../../../shared/judgement/blocklist/published.ts';
import type { AllowRow, BlockRow, Reason } from '../../../../shared/judgement/blocklist/rows.ts';
import type { Wishes } from '../../../../shared/judgement/blocklist/wishes.ts';

export const NOW = '2026-11-22T08:00:00.000Z';
/** The moment so many seconds after `NOW`. */
export function later(seconds: number): string {
  return new Date(Date.parse(NOW) + seconds * 1_000).toISOString();
}

/** Those that every runbook has. */
export const KERNEL_LIMITS = {
  maxAgeSeconds: 900,
  maxTargets: 100,
  cooldownSeconds: 0,
  maxActionsPerWindow: 8,
  windowSeconds: 60,
  maxLooks: 5,
  maxWaitSeconds: 0,
  maxCalls: 3,
} as const;

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
