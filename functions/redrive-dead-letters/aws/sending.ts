/** Sends letters to a queue, and says of each what became of it: nothing is taken for sent that SQS does not name as sent. */

import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { client } from '../../../shared/aws/clients.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import type { Fault } from '../../../shared/kernel/errors.ts';
import { packed, type Entry, type Received } from './letters.ts';
import { patiently, THROTTLED } from './patience.ts';

/** A letter, and what became of it: `null`: it has arrived. */
type Posted = readonly [letter: Received, left: Fallen | null];

/** Why a letter has not arrived; `refused`: it never will. */
export interface Fallen {
  readonly state: 'kept' | 'doubt' | 'refused';
  readonly why: string;
}

/** What became of the letters; and what keeps all others from going, too. */
export interface Post {
  readonly posted: readonly Posted[];
  readonly trouble: Fault | null;
}

/**
 * Refusals of a whole batch for the sake of one letter in it. All others (no such queue, no permission, no key) are about the queue.
 * Source: API_SendMessageBatch, "Errors"; the two without a documented shape are ElasticMQ's and older ones of AWS's.
 */
const BY_A_LETTER: ReadonlySet<string> = new Set([
  'BatchRequestTooLong',
  'AWS.SimpleQueueService.BatchRequestTooLong',
  'InvalidAttributeValue',
  'InvalidMessageContents',
  'InvalidParameterValue',
  'MessageTooLong',
]);

/** Where letters go, and as what. */
export interface Address {
  readonly url: string;
  readonly entry: (letter: Received) => Entry;
}

/** Sends all of them. Throws nothing: every letter has its end. */
export async function post(letters: readonly Received[], to: Address, io: Io): Promise<Post> {
  const posts = await Promise.all(packed(letters).map((batch) => postBatch(batch, to, io)));
  return {
    posted: posts.flatMap(({ posted }) => posted),
    trouble: posts.find(({ trouble }) => trouble !== null)?.trouble ?? null,
  };
}

function allAs(batch: readonly Received[], state: Fallen['state'], why: string): readonly Posted[] {
  return batch.map((letter) => [letter, { state, why }]);
}

async function postBatch(batch: readonly Received[], to: Address, io: Io): Promise<Post> {
  const command = new SendMessageBatchCommand({
    QueueUrl: to.url,
    Entries: batch.map((letter, index) => ({ Id: String(index), ...to.entry(letter) })),
  });
  const answer = await patiently(() => client(SQSClient).send(command, { abortSignal: io.signal }), false, io);
  if (answer.ok)
    return { posted: batch.map((letter, index) => [letter, fateIn(answer.value, String(index))]), trouble: null };
  const { fault } = answer;
  if (fault.effect === 'unknown') return { posted: allAs(batch, 'doubt', fault.name), trouble: null };
  if (!BY_A_LETTER.has(fault.name)) return { posted: allAs(batch, 'kept', fault.name), trouble: fault };
  return batch.length === 1
    ? { posted: allAs(batch, 'refused', fault.name), trouble: null }
    : postHalves(batch, to, io);
}

/** One letter spoils the batch: in halves it is found. */
async function postHalves(batch: readonly Received[], to: Address, io: Io): Promise<Post> {
  const middle = Math.ceil(batch.length / 2);
  const [first, second] = [
    await postBatch(batch.slice(0, middle), to, io),
    await postBatch(batch.slice(middle), to, io),
  ];
  return { posted: [...first.posted, ...second.posted], trouble: first.trouble ?? second.trouble };
}

/** As much of an answer as is read. */
interface BatchAnswer {
  readonly Successful?: readonly { readonly Id?: string | undefined }[] | undefined;
  readonly Failed?:
    | readonly {
        readonly Id?: string | undefined;
        readonly SenderFault?: boolean | undefined;
        readonly Code?: string | undefined;
      }[]
    | undefined;
}

function fateIn({ Successful = [], Failed = [] }: BatchAnswer, id: string): Fallen | null {
  if (Successful.some(({ Id }) => Id === id)) return null;
  const failure = Failed.find(({ Id }) => Id === id);
  // SQS says neither: it may be there.
  if (failure === undefined) return { state: 'doubt', why: 'not-in-the-answer' };
  const { SenderFault, Code = 'Failed' } = failure;
  return { state: SenderFault === true && !THROTTLED.has(Code) ? 'refused' : 'kept', why: Code };
}
