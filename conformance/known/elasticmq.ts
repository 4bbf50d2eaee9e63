/** Known differences between SQS as it is simulated and ElasticMQ. */

import type { Known } from './known.ts';

const GUIDE = 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide';
/** AWS's own answers, as somebody else's tests have recorded them. */
const RECORDED = 'https://github.com/localstack/localstack/blob/master/tests/aws/services/sqs';

function api(name: string): string {
  return `https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_${name}.html`;
}

function otherError(operation: string, simulator: string, because: string, source: string): Known {
  return { operation, where: ['error'], simulator, right: 'simulator', because, source };
}

const MOVES_BACK = 'a task moves dead letters back to where they failed';
const ONE_AT_A_TIME = 'one task at a time moves letters, at the pace that is asked for, until it is cancelled';
const BATCH = 'a batch is done entry by entry, or refused as a whole';

const IDS = 'An id of an entry has letters, digits, hyphens and underscores. ElasticMQ takes a colon.';

const sending: readonly Known[] = [
  otherError(
    'sqs:ReceiveMessage',
    'InvalidParameterValue',
    'ElasticMQ has another name for a number that is out of range.',
    `${RECORDED}/test_sqs.snapshot.json`,
  ),
  otherError(
    'sqs:SendMessage',
    'InvalidMessageContents',
    'Characters that XML does not have are refused. ElasticMQ has another name for it.',
    api('SendMessage'),
  ),
  otherError(
    'sqs:SendMessage',
    'InvalidParameterValue',
    'ElasticMQ has another name for what is out of range.',
    `${RECORDED}/test_sqs.snapshot.json`,
  ),
  otherError(
    'sqs:SendMessageBatch',
    'EmptyBatchRequest',
    'A batch has an entry at least. ElasticMQ takes none.',
    api('SendMessageBatch'),
  ),
  otherError('sqs:SendMessageBatch', 'InvalidBatchEntryId', IDS, api('SendMessageBatch')),
  otherError(
    'sqs:SendMessageBatch',
    'BatchRequestTooLong',
    'ElasticMQ has another name for a batch that is too long.',
    api('SendMessageBatch'),
  ),
  {
    operation: 'sqs:ChangeMessageVisibilityBatch',
    where: ['Successful[] count'],
    scenario: BATCH,
    right: 'simulator',
    because: IDS,
    source: api('SendMessageBatch'),
  },
  {
    operation: 'sqs:DeleteMessageBatch',
    where: ['Successful[] count'],
    scenario: BATCH,
    right: 'simulator',
    because: IDS,
    source: api('SendMessageBatch'),
  },
  {
    operation: 'sqs:DeleteMessageBatch',
    where: ['Failed', 'Successful'],
    scenario: 'a deletion may be asked for again, since its reply may have been lost',
    right: 'simulator',
    because:
      'By a receipt that is no longer good a deletion succeeds, and deletes nothing. ElasticMQ refuses it once the message is gone.',
    source: api('DeleteMessage'),
  },
  {
    operation: 'sqs:GetQueueAttributes',
    where: ['Attributes.MessageRetentionPeriod'],
    right: 'simulator',
    because: 'How long a queue keeps messages, ElasticMQ does not say.',
    source: api('GetQueueAttributes'),
  },
];

const tasks: readonly Known[] = [
  {
    operation: 'fact',
    where: ['that were to be moved'],
    scenario: MOVES_BACK,
    right: 'simulator',
    because: 'The number is that of when the task began. ElasticMQ has none any more when it is done.',
    source: api('ListMessageMoveTasks'),
  },
  {
    operation: 'fact',
    where: ['its handle when it is done'],
    scenario: MOVES_BACK,
    right: 'simulator',
    because: 'Only a task that runs has a handle.',
    source: api('ListMessageMoveTasksResultEntry'),
  },
  {
    operation: 'fact',
    where: ['the id of before'],
    scenario: MOVES_BACK,
    right: 'simulator',
    because: 'What was moved is a new message with an id of its own. ElasticMQ keeps the old one.',
    source: `${GUIDE}/sqs-configure-dead-letter-queue-redrive.html`,
  },
  {
    operation: 'fact',
    where: ['its source'],
    scenario: MOVES_BACK,
    right: 'both allowed',
    because:
      'What was moved is a new message, and no dead letter: here it names no queue that it came from. ElasticMQ goes on naming it. What SQS does is not documented.',
    source: `${GUIDE}/sqs-configure-dead-letter-queue-redrive.html`,
  },
  {
    operation: 'fact',
    where: ['it is told as cancelled'],
    scenario: ONE_AT_A_TIME,
    right: 'simulator',
    because: 'A task that was cancelled is listed as that. ElasticMQ forgets it.',
    source: api('ListMessageMoveTasks'),
  },
  otherError(
    'sqs:CancelMessageMoveTask',
    'InvalidParameterValue',
    'What is no handle is refused as that. ElasticMQ looks for it.',
    `${RECORDED}/test_sqs_move_task.snapshot.json`,
  ),
  otherError(
    'sqs:CancelMessageMoveTask',
    'UnsupportedOperation',
    'Only a task that runs can be cancelled. ElasticMQ has forgotten the one that was.',
    api('CancelMessageMoveTask'),
  ),
  otherError(
    'sqs:ListMessageMoveTasks',
    'ResourceNotFoundException',
    'A queue that is not there has another name where tasks are asked for.',
    api('ListMessageMoveTasks'),
  ),
  otherError(
    'sqs:ListMessageMoveTasks',
    'InvalidParameterValue',
    'Ten tasks are listed at most. ElasticMQ takes any number.',
    api('ListMessageMoveTasks'),
  ),
  otherError(
    'sqs:StartMessageMoveTask',
    'ResourceNotFoundException',
    'A queue that is not there has another name where tasks are asked for.',
    api('StartMessageMoveTask'),
  ),
  {
    ...otherError(
      'sqs:StartMessageMoveTask',
      'InvalidParameterValue',
      'A queue that nobody sends dead letters to is refused. ElasticMQ does not answer.',
      `${RECORDED}/test_sqs_move_task.snapshot.json`,
    ),
    scenario: 'dead letters are moved back by a task',
  },
  {
    ...otherError(
      'sqs:StartMessageMoveTask',
      'InvalidParameterValue',
      'A second task is refused as a parameter that is wrong. ElasticMQ has another name for it.',
      `${RECORDED}/test_sqs_move_task.snapshot.json`,
    ),
    scenario: ONE_AT_A_TIME,
  },
  {
    ...otherError(
      'sqs:StartMessageMoveTask',
      'InvalidParameterValue',
      'Five hundred messages a second are the most. ElasticMQ takes any number.',
      api('StartMessageMoveTask'),
    ),
    scenario: 'a task is refused that could not move anything',
  },
];

export const elasticMqDifferences: readonly Known[] = [...sending, ...tasks];
