/** Batches: what SQS demands of each, and an answer that may be yes to one entry and no to the next. */

import { isRecord } from '../../engine/json.ts';
import type { Operation, Shape } from '../../engine/model.ts';
import { refused, SqsError } from './refusals.ts';

const MOST_ENTRIES = 10;
const ID = /^[\w-]{1,80}$/u;

export function entriesOf(input: Shape): readonly Shape[] {
  const entries = input['Entries'];
  return Array.isArray(entries) ? entries.filter(isRecord) : [];
}

/**
 * Recorded: github.com/localstack/localstack, test_sqs.snapshot.json; that a batch is empty or names an id twice: API_SendMessageBatch, Errors.
 * @param kind the entry's name in the API
 * @throws SqsError of the batch as a whole
 */
export function demandEntries(kind: string, entries: readonly Shape[]): void {
  if (entries.length === 0) throw refused('EmptyBatchRequest', `There should be at least one ${kind} in the request.`);
  if (entries.length > MOST_ENTRIES)
    throw refused(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${MOST_ENTRIES}. You have sent ${entries.length}.`,
    );
  const seen = new Set<unknown>();
  for (const { Id: id } of entries) {
    if (!ID.test(String(id)))
      throw refused(
        'InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      );
    if (seen.has(id)) throw refused('BatchEntryIdsNotDistinct', `Id ${String(id)} repeated.`);
    seen.add(id);
  }
}

/** Does each entry by itself. A list in which nothing is, is not in the answer. */
export function batch(entries: readonly Shape[], run: (entry: Shape) => object): object {
  const successful: object[] = [];
  const failed: object[] = [];
  for (const entry of entries) {
    try {
      successful.push({ Id: entry['Id'], ...run(entry) });
    } catch (error) {
      if (!(error instanceof SqsError)) throw error;
      failed.push({ Id: entry['Id'], SenderFault: true, Code: error.Error.Code, Message: error.message });
    }
  }
  return {
    ...(successful.length === 0 ? {} : { Successful: successful }),
    ...(failed.length === 0 ? {} : { Failed: failed }),
  };
}

function failedIn(answer: object): readonly unknown[] {
  const failed: unknown = Reflect.get(answer, 'Failed');
  return Array.isArray(failed) ? failed : [];
}

/** A batch of which SQS fails the entry in the middle by a fault of its own. Source of the code: API_BatchResultErrorEntry, SenderFault. */
function partly(run: Operation['run']): Operation['run'] {
  return (input, world) => {
    const entries = entriesOf(input);
    const struck = entries[Math.floor((entries.length - 1) / 2)];
    if (struck === undefined) return run(input, world);
    const others = entries.filter((entry) => entry !== struck);
    const answer = others.length === 0 ? {} : run({ ...input, Entries: others }, world);
    const failure = {
      Id: struck['Id'],
      SenderFault: false,
      Code: 'InternalError',
      Message: 'An internal error has occurred',
    };
    return { ...answer, Failed: [...failedIn(answer), failure] };
  };
}

/** A batch operation. */
export function batchOperation(name: string, run: Operation['run']): Operation {
  return {
    kind: 'write',
    grade: 'documented',
    source: `https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_${name}.html`,
    run,
    partly: partly(run),
  };
}
