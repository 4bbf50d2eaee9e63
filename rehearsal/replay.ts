/** A fault plan as one word on a command line, and back: what the explorer prints and `--replay` takes. */

import { BadInputError } from '../shared/kernel/errors.ts';
import type {
  ApprovalAnswer,
  DuplicateDelivery,
  FaultKind,
  FaultPlan,
  FaultPoint,
} from '../simulator/engine/run-types.ts';

const KINDS: readonly FaultKind[] = [
  'throttled',
  'throttled-for-a-minute',
  'failed-before',
  'reply-lost',
  'stale-read',
  'lock-conflict',
  'died-before',
  'died-after',
  'refused',
  'effect-throws',
  'world-moves',
  'lease-stolen',
];
const ANSWERS: readonly ApprovalAnswer[] = ['given', 'twice', 'late', 'stale', 'denied', 'never'];
const WHEN: readonly DuplicateDelivery['when'][] = ['with', 'during', 'after'];
/** What lasts for the whole run. */
const LASTING: ReadonlySet<string> = new Set(['ledger-lost', 'leases-granted-to-all', 'ledger-full']);
const FORMS = [
  `REQUEST:FAULT (${KINDS.join(', ')}; world-moves with the move: REQUEST:world-moves:MOVE)`,
  `again:EVENT:${WHEN.join('|')}`,
  `approval:${ANSWERS.join('|')}`,
  ...LASTING,
].join(', ');

function wordOf({ request, kind, move }: FaultPoint): string {
  return [request, kind, ...(move === undefined ? [] : [move])].join(':');
}

/** `14:reply-lost,again:0:during,ledger-lost,leases-granted-to-all`; `none` for an empty plan. */
export function formatReplay(plan: FaultPlan): string {
  const words = [
    ...plan.points.map(wordOf),
    ...plan.duplicates.map(({ event, when }) => `again:${event}:${when}`),
    ...(plan.ledgerLost ? ['ledger-lost'] : []),
    ...(plan.leasesGrantedToAll ? ['leases-granted-to-all'] : []),
    ...(plan.ledgerFull === true ? ['ledger-full'] : []),
    ...(plan.approval === undefined ? [] : [`approval:${plan.approval}`]),
  ];
  return words.join(',') || 'none';
}

function pointOf(word: string): FaultPoint | undefined {
  const [, request, name, move] = /^(\d{1,9}):([a-z-]+)(?::([a-z-]+))?$/u.exec(word) ?? [];
  const kind = KINDS.find((one) => one === name);
  if (kind === undefined || (kind === 'world-moves') !== (move !== undefined)) return undefined;
  return { request: Number(request), kind, ...(move === undefined ? {} : { move }) };
}

function answerOf(word: string): ApprovalAnswer | undefined {
  return ANSWERS.find((answer) => word === `approval:${answer}`);
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
    if (LASTING.has(word) || answerOf(word) !== undefined) continue;
    const point = pointOf(word);
    const duplicate = duplicateOf(word);
    if (point !== undefined) points.push(point);
    else if (duplicate !== undefined) duplicates.push(duplicate);
    else throw new BadInputError('--replay', `${JSON.stringify(word)} is none of ${FORMS}`);
  }
  const approval = words.map(answerOf).find((answer) => answer !== undefined);
  return {
    points,
    duplicates,
    ledgerLost: words.includes('ledger-lost'),
    leasesGrantedToAll: words.includes('leases-granted-to-all'),
    ...(words.includes('ledger-full') ? { ledgerFull: true } : {}),
    ...(approval === undefined ? {} : { approval }),
  };
}
