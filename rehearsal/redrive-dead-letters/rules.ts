/** What faults may change of the end of redrive-dead-letters' runs, and which of its calls may take effect more often. */

import { anything, type PermittedSurplus, type Rules } from '../equivalence.ts';

function repeated(call: string, perFault: number, because: string): PermittedSurplus {
  // A second delivery may do with our own calls what one call has had SQS do: of two hundred letters each.
  return { call, perFault, againPerDuplicate: 25, againWithoutLedger: 1, because };
}

/**
 * Letters that SQS's own task moves where all can go with it, and our hands one by one where a fault leaves one that cannot: there are two
 * hundred at most in a drill, and some are seen twice.
 */
const BY_HAND = 300;

/** What is permitted to redrive-dead-letters. */
export const RULES: Rules = {
  differences: [
    ...anything(
      'where the reply to a batch is lost its letters are sent again: they are perhaps there twice, which is counted and told; that none is lost or goes astray, invariants say',
      'sqs/Queues/*/Messages',
      'sqs/Queues/*/Messages/*',
    ),
    ...anything(
      "a FIFO queue remembers for five minutes what was sent to it, and numbers it: of groups that go side by side the order is nobody's",
      'sqs/Queues/*/RecentDeduplicationIds',
      'sqs/Queues/*/RecentDeduplicationIds/*',
      'sqs/Queues/*/RecentDeduplicationIds/*/*',
      'sqs/Queues/*/LastSequenceNumber',
    ),
    ...anything(
      'whether the rest is left to a task of SQS, and how much of it, depends on what is left when its consumer has been tried; which task moved it is no matter',
      'sqs/Queues/*/MessageMoveTasks',
      'sqs/Queues/*/MessageMoveTasks/*',
      'sqs/Queues/*/MessageMoveTasks/*/*',
    ),
    ...anything(
      'what was sent twice is handled twice, as an idempotent consumer has it',
      'consumers/Consumers/*/handled',
    ),
    ...anything(
      'what a function is given twice it handles twice; an event has a new id each time, and asynchronous ones no order',
      'lambda/Functions/*/Attempted',
      'lambda/Functions/*/Received',
      'lambda/Functions/*/Received/*',
    ),
    ...anything(
      'where a task could not be begun nobody can cancel it: then nothing was stopped that is to be remembered',
      'ledger/*/memory/asked',
    ),
    ...anything(
      'a request that comes twice is two requests, each of which counts; the second finds nothing to move',
      'ledger/*/actions',
    ),
    ...anything('from when on a queue is left alone is when its last run ended', 'ledger/*/memory/tried'),
  ],
  surplus: [
    {
      ...repeated(
        'sqs:ReceiveMessage',
        BY_HAND,
        'a queue that gave nothing is asked again, by each hand, and once more when what was left is seen again',
      ),
      // SQS gives a few at a time.
      againPerDuplicate: 50,
    },
    repeated(
      'sqs:SendMessageBatch',
      BY_HAND,
      'a batch whose reply was lost is sent again when its letters are seen again; one that is refused goes in halves, and what a piece that broke off would have sent together goes otherwise',
    ),
    repeated('ledger:write', BY_HAND, 'each piece keeps in the ledger which letters went'),
    repeated('lambda:Invoke', 15, 'an event of which the reply was lost is given again when its letter is seen again'),
    repeated('sqs:ChangeMessageVisibilityBatch', 10, 'to show what is shown does no harm'),
    repeated('sqs:DeleteMessageBatch', BY_HAND, 'to delete what is deleted does no harm'),
    repeated(
      'sqs:StartMessageMoveTask',
      2,
      'SQS has one task at a queue at a time: a second one is refused, or moves what the first has left',
    ),
    repeated('sqs:CancelMessageMoveTask', 2, 'to cancel what is cancelled is refused, and does no harm'),
  ],
};
