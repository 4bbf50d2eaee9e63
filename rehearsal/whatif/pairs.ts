/** Which losses are played together: those that show what a silent one means, and pairs. Pure. */

import { concerns, type Loss } from './losses.ts';
import type { PlayedLoss } from './whatif.ts';
import type { Ward } from './wards/ward.ts';

/** A tenth of a second each, they are played within a minute: whoever waits longer does not look any more. */
const MOST_PAIRS = 500;

/** A key or the ledger is silent by itself: only what needs it meanwhile shows what its loss means. */
function isSilent({ lost: { kind } }: Loss): boolean {
  return kind === 'key' || kind === 'ledger';
}

function wardsOf(loss: Loss, wards: readonly Ward[]): readonly Ward[] {
  return wards.filter((ward) => concerns(loss, ward));
}

/**
 * Each silent loss beside the first loss that hits something which needs it, for each runbook one: what the runbook then does without
 * the ledger, or without the key.
 */
export function besideWhich(
  losses: readonly Loss[],
  played: readonly PlayedLoss[],
  wards: readonly Ward[],
): readonly (readonly Loss[])[] {
  return losses.filter(isSilent).flatMap((silent) => {
    const concerned = new Set(wardsOf(silent, wards).map(({ id }) => id));
    const runbooks = new Set<string>();
    return played.flatMap(({ losses: [loss, ...others], report }) => {
      if (loss === undefined || others.length > 0 || isSilent(loss)) return [];
      const hit = report.fared.find(({ id, runbook }) => concerned.has(id) && !runbooks.has(runbook));
      if (hit === undefined) return [];
      runbooks.add(hit.runbook);
      return [[silent, loss]];
    });
  });
}

function isWithin(one: Loss, other: Loss): boolean {
  return other.all.has(one.lost.id) || one.all.has(other.lost.id);
}

/**
 * Pairs of losses: first those that concern the same thing, for they can only be told by playing them together, then the others; each
 * as the world lists them. What is within the other is no pair, and beside a silent loss there are those of `besideWhich`.
 */
export function pairsOf(
  losses: readonly Loss[],
  wards: readonly Ward[],
  most: number = MOST_PAIRS,
): { readonly chosen: readonly (readonly Loss[])[]; readonly left: number } {
  const all = losses.flatMap((one, index) =>
    losses.slice(index + 1).flatMap((other) => (isWithin(one, other) ? [] : [[one, other] as const])),
  );
  const isShared = ([one, other]: readonly [Loss, Loss]): boolean =>
    wards.some((ward) => concerns(one, ward) && concerns(other, ward));
  const ordered = [...all.filter(isShared), ...all.filter((pair) => !isShared(pair))];
  return { chosen: ordered.slice(0, most), left: Math.max(0, ordered.length - most) };
}
