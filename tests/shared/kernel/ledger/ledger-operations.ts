/** Sequences of requests that any two ledgers have to answer alike. */

import { boolean, constant, constantFrom, nat, oneof, record, type Arbitrary } from 'fast-check';
import type { Lease, Ledger } from '../../../../shared/kernel/ledger/ledger.ts';
import { ADDRESS, asked, at } from './ledger-requests.ts';

/** A request to a ledger, made from small numbers. */
type Operation =
  | {
      readonly kind: 'acquire';
      readonly after: number;
      readonly owner: string;
      readonly intent: string | undefined;
      readonly max: number;
      readonly counted: boolean;
      readonly carries: boolean;
      readonly word: number | undefined;
    }
  | {
      readonly kind: 'release';
      readonly lease: number;
      readonly intent: 'settle' | 'keep';
      readonly refund: boolean;
      readonly wordBefore: string | null | undefined;
    }
  | { readonly kind: 'renew'; readonly lease: number; readonly after: number }
  | { readonly kind: 'remember'; readonly key: string; readonly value: string | null };

/** One request of any kind. */
export const operation: Arbitrary<Operation> = oneof(
  {
    weight: 5,
    arbitrary: record({
      kind: constant('acquire' as const),
      after: constantFrom(0, 1, 30, 61, 200, 4_000),
      owner: constantFrom('run-1', 'run-2'),
      intent: constantFrom('a', 'b', undefined),
      max: constantFrom(1, 2, 8),
      counted: boolean(),
      carries: boolean(),
      word: constantFrom(undefined, undefined, undefined, undefined, undefined, undefined, 1, 2, 3),
    }),
  },
  {
    weight: 3,
    arbitrary: record({
      kind: constant('release' as const),
      lease: nat(3),
      intent: constantFrom('settle' as const, 'keep' as const),
      refund: boolean(),
      wordBefore: constantFrom(undefined, null, `${at(1)}#${at(0)}#kim`),
    }),
  },
  { weight: 1, arbitrary: record({ kind: constant('renew' as const), lease: nat(3), after: constantFrom(1, 90) }) },
  {
    weight: 1,
    arbitrary: record({
      kind: constant('remember' as const),
      key: constantFrom('x', 'y'),
      value: constantFrom('1', null),
    }),
  },
);

/** Runs the operations on one ledger; what it answered, in order. */
export async function answersOf(ledger: Ledger, operations: readonly Operation[]): Promise<unknown[]> {
  const leases: Lease[] = [];
  const answers: unknown[] = [];
  let now = 0;
  for (const one of operations) {
    const lease = 'lease' in one ? leases.at(-1 - one.lease) : undefined;
    const last = leases.at(-1);
    if (one.kind === 'acquire') {
      now += one.after;
      const { intent: _intent, budget: _budget, ...plain } = asked(now, one.owner);
      const answer = await ledger.acquire({
        ...plain,
        ...(one.intent === undefined ? {} : { intent: { key: one.intent, note: { step: now } } }),
        ...(one.word === undefined ? {} : { word: { until: at(one.word), by: 'kim' } }),
        ...(one.carries && last !== undefined ? { carries: last.epoch } : {}),
        ...(one.counted ? { budget: { lastBefore: at(now - 120), windowFrom: at(now - 3_600), max: one.max } } : {}),
      });
      if (answer.granted) leases.push(answer.lease);
      answers.push(answer);
    } else if (one.kind === 'remember') {
      answers.push(await ledger.remember(ADDRESS, 'r', { [one.key]: one.value }));
    } else if (lease !== undefined) {
      if (one.kind === 'renew') answers.push(await ledger.renew(lease, at(now + one.after)));
      else {
        const { intent, refund, wordBefore } = one;
        answers.push(await ledger.release({ lease, intent, wordBefore, ...(refund ? { refund: true } : {}) }));
      }
    }
    // Items expire by the time of day, which is not in the requests.
    answers.push((await ledger.resources()).map(({ expiresAt: _when, ...state }) => state));
  }
  return answers;
}
