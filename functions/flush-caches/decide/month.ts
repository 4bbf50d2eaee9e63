/** What we keep of the paths that we have sent, since no API tells how many of the month's are used. Pure. */

import type { PlannedCall } from '../../../shared/kernel/decision.ts';
import { plannedWrite } from '../../../shared/kernel/ledger/planned-write.ts';
import type { Ask, Distribution, Invalidation } from './facts.ts';

/** The partition of the data ledger. */
export const FLUSH_MONTH = 'flush-month';

/** The month of a time: what CloudFront's price counts by. */
export function monthOf(at: string): string {
  return at.slice(0, 7);
}

/** The key of an invalidation: those of a month stand together. */
function keyOf({ id }: Pick<Distribution, 'id'>, { createdAt, reference }: Invalidation): string {
  return `${monthOf(createdAt)}/${id}/${reference}`;
}

/** A quarter: who looks at last month's bill finds what it is made of. */
const KEPT_MS = 92 * 86_400_000;

/** Writes down what CloudFront has taken. Each item is written once: whoever comes second finds it. */
export function booking(distribution: Distribution, ask: Ask, invalidation: Invalidation): PlannedCall {
  const { id, createdAt, paths } = invalidation;
  return plannedWrite(
    {
      partition: FLUSH_MONTH,
      key: keyOf(distribution, invalidation),
      ifVersion: 0,
      value: { paths, invalidation: id, by: ask.by, why: ask.why, at: createdAt },
      expiresAt: new Date(Date.parse(createdAt) + KEPT_MS).toISOString(),
    },
    `invalidation ${id} counts in ${monthOf(createdAt)}`,
  );
}
