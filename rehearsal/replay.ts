/** A fault plan as one word on a command line, and back: what the explorer prints and `--replay` takes. */

import { BadInputError } from '../shared/kernel/errors.ts';
import { nearest } from '../build/nearest.ts';
import { movesAround } from './runbooks.ts';
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
  'entry-failed',
  'effect-throws',
  'world-moves',
  'lease-stolen',
];
const ANSWERS: readonly ApprovalAnswer[] = ['given', 'twice', 'late', 'stale', 'denied', 'forged', 'never'];
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

/** What may have been meant by a word that is no fault; `undefined`: it is like nothing. */
function meantBy(word: string): string | undefined {
  // A word of which nothing but a number fits is like everything.
  if (word.replaceAll(/[\d:]/gu, '') === '') return undefined;
  const [number] = /\d{1,9}/u.exec(word) ?? [];
  const forms = [
    ...KINDS.map((kind) => `${number ?? 'REQUEST'}:${kind}${kind === 'world-moves' ? ':MOVE' : ''}`),
    ...WHEN.map((when) => `again:${number ?? 'EVENT'}:${when}`),
    ...ANSWERS.map((answer) => `approval:${answer}`),
    ...LASTING,
  ];
  return nearest(word, forms, 2).join(' or ');
}

function notAFault(word: string): BadInputError {
  const meant = meantBy(word);
  const advice = meant === undefined ? '' : ` Did you mean ${meant}?`;
  return new BadInputError('--replay', `${JSON.stringify(word)} is no fault.${advice} Faults: ${FORMS}`);
}

/**
 * Reads what `formatReplay` wrote.
 * @throws BadInputError naming the word it cannot read, and what may have been meant
 */
export function parseReplay(spec: string): FaultPlan {
  const points: FaultPoint[] = [];
  const duplicates: DuplicateDelivery[] = [];
  const answers: ApprovalAnswer[] = [];
  const words = spec === 'none' ? [] : spec.split(',');
  for (const word of words) {
    const [point, duplicate, answer] = [pointOf(word), duplicateOf(word), answerOf(word)];
    if (point !== undefined) points.push(point);
    else if (duplicate !== undefined) duplicates.push(duplicate);
    else if (answer !== undefined) answers.push(answer);
    else if (!LASTING.has(word)) throw notAFault(word);
  }
  const [approval, ...more] = answers;
  if (more.length > 0)
    throw new BadInputError(
      '--replay',
      `a person answers in one way: ${answers.map((one) => `approval:${one}`).join(', ')}`,
    );
  return {
    points,
    duplicates,
    ledgerLost: words.includes('ledger-lost'),
    leasesGrantedToAll: words.includes('leases-granted-to-all'),
    ...(words.includes('ledger-full') ? { ledgerFull: true } : {}),
    ...(approval === undefined ? {} : { approval }),
  };
}

/**
 * Refuses a plan with a move of the world that nobody makes around these runbooks.
 * @throws BadInputError with the names that are nearest, and all
 */
export function demandMoves({ points }: FaultPlan, runbooks: readonly string[]): void {
  const known = [...new Set(movesAround(runbooks).map(({ name }) => name))];
  const unknown = points.find(({ move }) => move !== undefined && !known.includes(move));
  if (unknown === undefined) return;
  const { move = '' } = unknown;
  const advice =
    known.length === 0
      ? 'there is none'
      : `did you mean ${nearest(move, known, 2).join(' or ')}? There are: ${known.join(', ')}`;
  throw new BadInputError(
    '--replay',
    `${wordOf(unknown)}: around ${runbooks.join(', ')} there is no move ${move}; ${advice}`,
  );
}
