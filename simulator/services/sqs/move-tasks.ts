/** Message move tasks: SQS's own redrive, which goes on by itself, with a clock of its own and without a filter. */

import { isRecord } from '../../engine/json.ts';
import type { Operation, Shape, World } from '../../engine/model.ts';
import { uuid } from '../../engine/uuid.ts';
import { receivable } from './receive.ts';
import { demandBetween, refused } from './refusals.ts';
import { redriveIn } from './schema.ts';
import {
  arnOf,
  attributesOf,
  isFifo,
  nextSequenceNumber,
  putIn,
  queueByArn,
  queuesOf,
  takeOut,
  tend,
} from './state.ts';

const REFERENCE = 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_';

/** Source: API_StartMessageMoveTask, MaxNumberOfMessagesPerSecond. */
const MOST_PER_SECOND = 500;
/** Source: API_ListMessageMoveTasks, MaxResults. */
const MOST_LISTED = 10;
/** Source: API_StartMessageMoveTask: tasks of an account that are active. */
const MOST_ACTIVE = 100;

const SECOND_MS = 1_000;
/** Recorded 2024-01-03: a task at one message a second went on for two to six more after it was cancelled. */
const CANCEL_MS = 5_000;

/** Without a rate "the system will optimize". */
const OWN_RATE = 100;
const AT_OWN_RATE = 'sqs: a move task without a rate moves a hundred messages a second';
/** The documentation says that a message is new, and no more. */
const AS_NEW = 'sqs: a message that a task moved was never received, and keeps its attributes';

const ACTIVE: ReadonlySet<unknown> = new Set(['RUNNING', 'CANCELLING']);

function tasksOf(queue: Shape): readonly Shape[] {
  const tasks = queue['MessageMoveTasks'];
  return Array.isArray(tasks) ? tasks.filter(isRecord) : [];
}

function handleOf(world: World, queue: Shape): string {
  return Buffer.from(JSON.stringify({ taskId: uuid(world), sourceArn: arnOf(world, queue) })).toString('base64');
}

function notThere(parameter: string): Error {
  return refused(
    'ResourceNotFoundException',
    `The resource that you specified for the ${parameter} parameter doesn't exist.`,
  );
}

function demandByArn(world: World, parameter: string, arn: unknown): Shape {
  const queue = queueByArn(world, arn);
  if (queue === undefined) throw notThere(parameter);
  return queue;
}

function invalid(message: string): Error {
  return refused('InvalidParameterValue', message);
}

/** Where a message goes; a reason, where it goes nowhere. */
function destinationOf(world: World, task: Shape, message: Shape): Shape | string {
  const arn = task['DestinationArn'] ?? attributesOf(message)['DeadLetterQueueSourceArn'];
  // Source: the developer guide, "Troubleshooting dead-letter queue redrive".
  if (arn === undefined) return 'CouldNotDetermineMessageSource';
  return queueByArn(world, arn) ?? 'AWS.SimpleQueueService.NonExistentQueue';
}

/** A message that was moved is a new one. Source: the developer guide, "Configuring a dead-letter queue redrive". */
function movedTo(world: World, queue: Shape, message: Shape): Shape {
  const {
    DeadLetterQueueSourceArn: _source,
    ApproximateFirstReceiveTimestamp: _first,
    SequenceNumber: _number,
    MessageDeduplicationId: _id,
    ...attributes
  } = attributesOf(message);
  world.assume(AS_NEW);
  const MessageId = uuid(world);
  const fifo = isFifo(queue) ? { MessageDeduplicationId: MessageId, SequenceNumber: nextSequenceNumber(queue) } : {};
  return {
    ...message,
    MessageId,
    Attributes: {
      ...attributes,
      SentTimestamp: String(world.clock.now()),
      ApproximateReceiveCount: '0',
      ...fifo,
    },
  };
}

function end(task: Shape, status: 'COMPLETED' | 'CANCELLED' | 'FAILED', reason?: string): void {
  task['Status'] = status;
  if (reason !== undefined) task['FailureReason'] = reason;
}

/** Moves one message; false: the task has ended. */
function move(world: World, queue: Shape, task: Shape): boolean {
  const [message] = receivable(queue, world.clock.now(), 1);
  const isDone = Number(task['ApproximateNumberOfMessagesMoved']) >= Number(task['ApproximateNumberOfMessagesToMove']);
  if (message === undefined || isDone) {
    end(task, 'COMPLETED');
    return false;
  }
  const destination = destinationOf(world, task, message);
  if (typeof destination === 'string') {
    end(task, 'FAILED', destination);
    return false;
  }
  takeOut(queue, message['MessageId']);
  putIn(world, destination, movedTo(world, destination, message));
  task['ApproximateNumberOfMessagesMoved'] = Number(task['ApproximateNumberOfMessagesMoved']) + 1;
  return true;
}

function rateOf(world: World, task: Shape): number {
  const rate = task['MaxNumberOfMessagesPerSecond'];
  if (typeof rate === 'number') return rate;
  world.assume(AT_OWN_RATE);
  return OWN_RATE;
}

/** What a task does each second. The records are looked for anew: the world may have been copied meanwhile. */
function follow(world: World, sourceArn: string, handle: unknown): void {
  world.clock.after(SECOND_MS, () => {
    const queue = queueByArn(world, sourceArn);
    const task = queue === undefined ? undefined : tasksOf(queue).find((one) => one['TaskHandle'] === handle);
    if (queue === undefined || task === undefined || !ACTIVE.has(task['Status'])) return;
    tend(world, queue);
    const cancelled = task['CancelledAt'];
    if (typeof cancelled === 'string' && world.clock.now() >= Date.parse(cancelled)) {
      end(task, 'CANCELLED');
      return;
    }
    // One that is selected to start only now has not counted yet what it moves.
    task['ApproximateNumberOfMessagesToMove'] ??=
      Number(task['ApproximateNumberOfMessagesMoved']) + receivable(queue, world.clock.now()).length;
    let left = rateOf(world, task);
    while (left > 0 && move(world, queue, task)) left -= 1;
    tend(world, queue);
    if (ACTIVE.has(task['Status'])) follow(world, sourceArn, handle);
  });
}

/** Goes on with the tasks that the world file has running. */
export function resumeTasks(world: World, queue: Shape): void {
  for (const task of tasksOf(queue).filter(({ Status: status }) => ACTIVE.has(status))) {
    task['TaskHandle'] ??= handleOf(world, queue);
    follow(world, arnOf(world, queue), task['TaskHandle']);
  }
}

function isDeadLetterQueue(world: World, arn: string): boolean {
  return queuesOf(world).some((queue) => redriveIn(attributesOf(queue)['RedrivePolicy'])?.deadLetterTargetArn === arn);
}

/** Recorded 2024-01-05: github.com/localstack/localstack, test_sqs_move_task.snapshot.json; of types and of the account: API reference. */
function demandStartable(world: World, queue: Shape, input: Shape): void {
  if (!isDeadLetterQueue(world, arnOf(world, queue)))
    throw invalid('Source queue must be configured as a Dead Letter Queue.');
  const destination = input['DestinationArn'];
  if (destination !== undefined && isFifo(demandByArn(world, 'DestinationArn', destination)) !== isFifo(queue))
    throw invalid('Source and destination queues must be of the same type.');
  demandBetween('MaxNumberOfMessagesPerSecond', input['MaxNumberOfMessagesPerSecond'], 1, MOST_PER_SECOND);
  const isActive = ({ Status: status }: Shape): boolean => ACTIVE.has(status);
  if (tasksOf(queue).some(isActive))
    throw invalid(
      'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
    );
  if (queuesOf(world).filter((one) => tasksOf(one).some(isActive)).length >= MOST_ACTIVE)
    throw refused('OverLimit', `There are ${MOST_ACTIVE} active message move tasks in this account.`);
}

function startMessageMoveTask(input: Shape, world: World): object {
  const queue = demandByArn(world, 'SourceArn', input['SourceArn']);
  demandStartable(world, queue, input);
  tend(world, queue);
  const now = world.clock.now();
  const { DestinationArn: destination, MaxNumberOfMessagesPerSecond: rate } = input;
  const task: Shape = {
    TaskHandle: handleOf(world, queue),
    Status: 'RUNNING',
    SourceArn: arnOf(world, queue),
    ...(destination === undefined ? {} : { DestinationArn: destination }),
    ...(rate === undefined ? {} : { MaxNumberOfMessagesPerSecond: rate }),
    ApproximateNumberOfMessagesMoved: 0,
    // What comes later is not moved.
    ApproximateNumberOfMessagesToMove: receivable(queue, now).length,
    StartedTimestamp: now,
  };
  queue['MessageMoveTasks'] = [task, ...tasksOf(queue)];
  follow(world, arnOf(world, queue), task['TaskHandle']);
  return { TaskHandle: task['TaskHandle'] };
}

function listMessageMoveTasks(input: Shape, world: World): object {
  const queue = demandByArn(world, 'SourceArn', input['SourceArn']);
  demandBetween('MaxResults', input['MaxResults'], 1, MOST_LISTED);
  const listed = tasksOf(queue).slice(0, Number(input['MaxResults'] ?? 1));
  const shown = listed.map(({ TaskHandle: handle, CancelledAt: _at, ...task }) =>
    task['Status'] === 'RUNNING' ? { TaskHandle: handle, ...task } : task,
  );
  return { Results: shown };
}

/** Somebody cancels the task that is at a queue, if there is one. */
export function cancelByHand(world: World, queue: Shape): void {
  const running = tasksOf(queue).find(({ Status: status }) => status === 'RUNNING');
  if (running !== undefined) cancel(world, running);
}

function cancel(world: World, task: Shape): void {
  task['Status'] = 'CANCELLING';
  task['CancelledAt'] = new Date(world.clock.now() + CANCEL_MS).toISOString();
}

function sourceIn(handle: unknown): string {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(String(handle), 'base64').toString());
    if (isRecord(parsed) && typeof parsed['sourceArn'] === 'string') return parsed['sourceArn'];
  } catch {
    // As below.
  }
  throw invalid('Value for parameter TaskHandle is invalid.');
}

function cancelMessageMoveTask(input: Shape, world: World): object {
  const handle = input['TaskHandle'];
  const queue = demandByArn(world, 'SourceArn', sourceIn(handle));
  const task = tasksOf(queue).find((one) => one['TaskHandle'] === handle);
  if (task === undefined) throw refused('ResourceNotFoundException', 'Task does not exist.');
  // Source: API_CancelMessageMoveTask: only a task that is RUNNING.
  if (task['Status'] !== 'RUNNING')
    throw refused('UnsupportedOperation', 'Only message move tasks in RUNNING status can be cancelled.');
  cancel(world, task);
  return { ApproximateNumberOfMessagesMoved: task['ApproximateNumberOfMessagesMoved'] };
}

function operation(name: string, kind: Operation['kind'], run: Operation['run']): Operation {
  return { kind, grade: 'recorded', source: `${REFERENCE}${name}.html`, run };
}

export const moveTaskOperations: { readonly [operation: string]: Operation } = {
  StartMessageMoveTask: operation('StartMessageMoveTask', 'write', startMessageMoveTask),
  ListMessageMoveTasks: operation('ListMessageMoveTasks', 'read', listMessageMoveTasks),
  CancelMessageMoveTask: operation('CancelMessageMoveTask', 'write', cancelMessageMoveTask),
};
