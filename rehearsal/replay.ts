/** A fault plan as one word on a command line, and back: what the explorer prints and `--replay` takes. */

import { BadInputError } from '../shared/kernel/errors.ts';
import type { DuplicateDelivery, FaultKind, FaultPlan, FaultPoint } from '../simulator/engine/run-types.ts';

const KINDS: readonly FaultKind[] = [
  'throttled',
  'throttled-for-a-minute',
  'failed-before',
  'reply-lost',
  'stale-read',
  'lock-conflict',
  'died-before',
  'died-after',
];
const WHEN: readonly DuplicateDelivery['when'][] = ['with', 'during', 'after'];

/** `14:reply-lost,again:0:during,ledger-lost,leases-granted-to-all`; `none` for an empty plan. */
export function formatReplay(plan: FaultPlan): string {
  const words = [
    ...plan.points.map(({ request, kind }) => `${request}:${kind}`),
    ...plan.duplicates.map(({ event, when }) => `again:${event}:${when}`),
    ...(plan.ledgerLost ? ['ledger-lost'] : []),
    ...(plan.leasesGrantedToAll ? ['leases-granted-to-all'] : []),
  ];
  return words.join(',') || 'none';
}

function pointOf(word: string): FaultPoint | undefined {
  const [, request, name] = /^(\d{1,9}):(.+)$/u.exec(word) ?? [];
  const kind = KINDS.find((one) => one === name);
  return kind === undefined ? undefined : { request: Number(request), kind };
}

function duplicateOf(word: string): DuplicateDelivery | undefined {
  const [, event, name] = /^again:(\d{1,9}):(.+)$/u.exec(word) ?? [];
  const when = WHEN.find((one) => one === name);
  return when === undefined ? undefined : { event: Number(event), when };
}

/**
 * Reads what `formatReplay` wrote.
 * @throws BadInputError naming the word it cannot read
 */
export function parseReplay(spec: string): FaultPlan {
  const points: FaultPoint[] = [];
  const duplicates: DuplicateDelivery[] = [];
  const words = spec === 'none' ? [] : spec.split(',');
  for (const word of words) {
    if (word === 'ledger-lost' || word === 'leases-granted-to-all') continue;
    const point = pointOf(word);
    const duplicate = duplicateOf(word);
    if (point !== undefined) points.push(point);
    else if (duplicate !== undefined) duplicates.push(duplicate);
    else
      throw new BadInputError(
        '--replay',
        `${JSON.stringify(word)} is none of REQUEST:FAULT (${KINDS.join(', ')}), again:EVENT:${WHEN.join('|')}, ledger-lost, leases-granted-to-all`,
      );
  }
  return {
    points,
    duplicates,
    ledgerLost: words.includes('ledger-lost'),
    leasesGrantedToAll: words.includes('leases-granted-to-all'),
  };
}
