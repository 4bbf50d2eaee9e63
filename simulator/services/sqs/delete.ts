/** What is done to a message by its receipt handle: deleted, or hidden for longer or shorter. */

import type { Operation, Shape, World } from '../../engine/model.ts';
import { batch, batchOperation, demandEntries, entriesOf } from './batch.ts';
import { receivedBy } from './receipts.ts';
import { LONGEST_HIDDEN_SECONDS } from './receive.ts';
import { demandBetween, invalidValue, refused } from './refusals.ts';
import { demandPasted, demandQueue, hideUntil, isFifo, takeOut, tend } from './state.ts';

const REFERENCE = 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_';

/** The reference says that it might not be deleted. */
const OLDER_HANDLE = 'sqs: an older receipt handle than the last deletes nothing, and the answer says that it did';

/**
 * A standard queue takes a handle that has expired, a FIFO queue does not.
 * Recorded 2023-05-06: github.com/localstack/localstack, test_fifo_delete_message_with_expired_receipt_handle.
 */
function remove(world: World, queue: Shape, handle: unknown): void {
  const { message, isLatest, isInFlight } = receivedBy(world, queue, handle);
  if (message === undefined) return;
  if (isFifo(queue) && !isInFlight) throw invalidValue('ReceiptHandle', handle, 'The receipt handle has expired.');
  if (isLatest) takeOut(queue, message['MessageId']);
  else world.assume(OLDER_HANDLE);
}

function deleteMessage(input: Shape, world: World): object {
  const queue = demandQueue(world, input);
  demandPasted(world, 'sqs:DeleteMessage', queue, 'Messages');
  tend(world, queue);
  remove(world, queue, input['ReceiptHandle']);
  tend(world, queue);
  return {};
}

function deleteMessageBatch(input: Shape, world: World): object {
  const queue = demandQueue(world, input);
  demandPasted(world, 'sqs:DeleteMessageBatch', queue, 'Messages');
  const entries = entriesOf(input);
  demandEntries('DeleteMessageBatchRequestEntry', entries);
  tend(world, queue);
  const answer = batch(entries, (entry) => {
    remove(world, queue, entry['ReceiptHandle']);
    return {};
  });
  tend(world, queue);
  return answer;
}

/** Hides a message until so many seconds from now; 0: it can be received at once. */
function hide(world: World, queue: Shape, { ReceiptHandle: handle, VisibilityTimeout: seconds }: Shape): void {
  demandBetween('VisibilityTimeout', seconds, 0, LONGEST_HIDDEN_SECONDS);
  const { message, isInFlight } = receivedBy(world, queue, handle);
  if (message === undefined)
    throw invalidValue(
      'ReceiptHandle',
      handle,
      'Message does not exist or is not available for visibility timeout change.',
    );
  if (!isInFlight) throw refused('MessageNotInflight', 'The message referred to is not in flight.');
  hideUntil(queue, message, world.clock.now() + Number(seconds ?? 0) * 1_000);
}

function changeMessageVisibility(input: Shape, world: World): object {
  const queue = demandQueue(world, input);
  demandPasted(world, 'sqs:ChangeMessageVisibility', queue, 'Messages');
  tend(world, queue);
  hide(world, queue, input);
  tend(world, queue);
  return {};
}

function changeMessageVisibilityBatch(input: Shape, world: World): object {
  const queue = demandQueue(world, input);
  demandPasted(world, 'sqs:ChangeMessageVisibilityBatch', queue, 'Messages');
  const entries = entriesOf(input);
  demandEntries('ChangeMessageVisibilityBatchRequestEntry', entries);
  tend(world, queue);
  const answer = batch(entries, (entry) => {
    hide(world, queue, entry);
    return {};
  });
  tend(world, queue);
  return answer;
}

function write(name: string, run: Operation['run']): Operation {
  return { kind: 'write', grade: 'documented', source: `${REFERENCE}${name}.html`, run };
}

export const deleteOperations: { readonly [operation: string]: Operation } = {
  DeleteMessage: write('DeleteMessage', deleteMessage),
  DeleteMessageBatch: batchOperation('DeleteMessageBatch', deleteMessageBatch),
  ChangeMessageVisibility: write('ChangeMessageVisibility', changeMessageVisibility),
  ChangeMessageVisibilityBatch: batchOperation('ChangeMessageVisibilityBatch', changeMessageVisibilityBatch),
};
