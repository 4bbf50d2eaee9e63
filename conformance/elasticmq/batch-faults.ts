/** What may go wrong with a request to SQS, chosen by a seed; and what is left of a batch of which some entries fail. */

import { z } from 'zod';
import { randomStream } from '../../simulator/engine/world.ts';

/** What becomes of one request. */
export type Fate =
  | { readonly kind: 'pass' }
  /** The connection ends before anything was passed on. */
  | { readonly kind: 'kill' }
  /** It is done, and its reply is lost. */
  | { readonly kind: 'lose' }
  /** These entries of the batch are not done, and named as failed. */
  | { readonly kind: 'fail'; readonly ids: readonly string[] };

/** How many in a hundred requests, and of the entries in a batch that is not whole. */
export interface FaultRates {
  readonly kill: number;
  readonly lose: number;
  readonly fail: number;
  readonly entries: number;
}

/** Each kind often enough to meet a few hundred letters, and rarely enough that they come to an end. */
const FAULT_RATES: FaultRates = { kill: 5, lose: 5, fail: 25, entries: 30 };

const batchSchema = z.looseObject({ Entries: z.array(z.looseObject({ Id: z.string() })) });
const answerSchema = z.looseObject({ Failed: z.array(z.unknown()).default([]) });

/** The batches in which SQS answers for each entry. */
const BATCHES: ReadonlySet<string> = new Set(['SendMessageBatch', 'DeleteMessageBatch']);
/** What is disturbed: the way of the letters, and none of the questions about queues, which the kernel asks again by itself. */
const DISTURBED: ReadonlySet<string> = new Set([...BATCHES, 'ReceiveMessage']);

/** Chooses what becomes of each request, one after the other; the same seed chooses the same. */
export function fates(seed: number, rates: FaultRates = FAULT_RATES): (operation: string, body: string) => Fate {
  const random = randomStream(seed, 'batch faults');
  const comes = (percent: number): boolean => random() * 100 < percent;
  return (operation, body) => {
    if (!DISTURBED.has(operation)) return { kind: 'pass' };
    if (comes(rates.kill)) return { kind: 'kill' };
    if (comes(rates.lose)) return { kind: 'lose' };
    if (!BATCHES.has(operation) || !comes(rates.fail)) return { kind: 'pass' };
    const { Entries } = batchSchema.parse(JSON.parse(body));
    return { kind: 'fail', ids: Entries.filter(() => comes(rates.entries)).map(({ Id }) => Id) };
  };
}

/** The batch without these entries; `undefined`: nothing is left to be passed on. */
export function batchWithout(body: string, ids: readonly string[]): string | undefined {
  const { Entries, ...rest } = batchSchema.parse(JSON.parse(body));
  const left = Entries.filter(({ Id }) => !ids.includes(Id));
  return left.length === 0 ? undefined : JSON.stringify({ ...rest, Entries: left });
}

/** As SQS names what it could not do for a reason of its own. Source: API_BatchResultErrorEntry. */
function failureOf(Id: string): object {
  return { Id, SenderFault: false, Code: 'InternalError', Message: 'We encountered an internal error.' };
}

/** The answer to a batch, with these entries named as failed. */
export function answerWith(answer: string, ids: readonly string[]): string {
  const { Failed, ...rest } = answerSchema.parse(JSON.parse(answer));
  return JSON.stringify({ Successful: [], ...rest, Failed: [...Failed, ...ids.map(failureOf)] });
}
