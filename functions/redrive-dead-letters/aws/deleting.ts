/** Deletes letters that have arrived where they belong. */

import { DeleteMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { client } from '../../../shared/aws/clients.ts';
import { chunksOf } from '../../../shared/aws/pages.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import type { Received } from './letters.ts';
import { patiently } from './patience.ts';

/** Source: API_DeleteMessageBatch. */
const MOST_ENTRIES = 10;
/** Times that what SQS names as failed is asked for again. */
const MOST_TRIES = 3;

/** A letter that is still there, or may be, and why. */
export type Undeleted = readonly [letter: Received, why: string];

/** Deletes them; gives back those that are still there, or may be. Throws nothing. */
export async function deleteAll(letters: readonly Received[], url: string, io: Io): Promise<readonly Undeleted[]> {
  const rests = await Promise.all(chunksOf(letters, MOST_ENTRIES).map((batch) => deleteBatch(batch, url, io)));
  return rests.flat();
}

async function deleteBatch(batch: readonly Received[], url: string, io: Io): Promise<readonly Undeleted[]> {
  let rest: readonly Undeleted[] = batch.map((letter) => [letter, '']);
  for (let tries = 0; tries < MOST_TRIES && rest.length > 0; tries += 1)
    rest = await deleteOnce(
      rest.map(([letter]) => letter),
      url,
      io,
    );
  return rest;
}

/** A deletion that is asked for twice is done once, so a lost reply does no harm. */
async function deleteOnce(batch: readonly Received[], url: string, io: Io): Promise<readonly Undeleted[]> {
  const command = new DeleteMessageBatchCommand({
    QueueUrl: url,
    Entries: batch.map(({ receipt }, index) => ({ Id: String(index), ReceiptHandle: receipt })),
  });
  const answer = await patiently(() => client(SQSClient).send(command, { abortSignal: io.signal }), true, io);
  if (!answer.ok) return batch.map((letter) => [letter, answer.fault.name]);
  const deleted = new Set((answer.value.Successful ?? []).map(({ Id }) => Id));
  const codes = new Map((answer.value.Failed ?? []).map(({ Id, Code }) => [Id, Code]));
  return batch.flatMap((letter, index): readonly Undeleted[] => {
    const id = String(index);
    return deleted.has(id) ? [] : [[letter, codes.get(id) ?? 'not-in-the-answer']];
  });
}
