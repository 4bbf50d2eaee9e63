/** SQS's own move tasks: asked for, begun, cancelled. */

import {
  CancelMessageMoveTaskCommand,
  ListMessageMoveTasksCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
  type ListMessageMoveTasksResultEntry,
} from '@aws-sdk/client-sqs';
import { client } from '../../../shared/aws/clients.ts';
import { numberOf, textOf } from '../../../shared/aws/planned-input.ts';
import type { Meaning } from '../../../shared/kernel/decision.ts';
import type { Change, Io } from '../../../shared/kernel/definition.ts';
import { errorName, TerminalError } from '../../../shared/kernel/errors.ts';
import { statusIn, type MoveTask } from '../decide.ts';

/** What SQS says of a queue that no queue names for its dead letters, and of much else. Recorded of StartMessageMoveTask. */
const NOT_DEAD: ReadonlySet<string> = new Set(['InvalidParameterValue', 'InvalidParameterValueException']);

/** There are no tasks of a queue that is gone, or that no queue names. */
function saysNone(error: unknown, sourceCount: number): boolean {
  const name = errorName(error);
  return name === 'ResourceNotFoundException' || (sourceCount === 0 && NOT_DEAD.has(name));
}

/** The last task of a queue of dead letters; `null`: there is none. SQS lists the newest first, and one at a time is at work. Throws what AWS throws. */
export async function lastTaskOf(SourceArn: string, sourceCount: number, io: Io): Promise<MoveTask | null> {
  try {
    const command = new ListMessageMoveTasksCommand({ SourceArn });
    const { Results = [] } = await client(SQSClient).send(command, { abortSignal: io.signal });
    const [task] = Results;
    return task === undefined ? null : taskOf(SourceArn, task);
  } catch (error) {
    if (saysNone(error, sourceCount)) return null;
    throw error;
  }
}

/** @throws TerminalError for an answer that cannot be understood: nobody would know whether the queue is being emptied */
function taskOf(queue: string, task: ListMessageMoveTasksResultEntry): MoveTask {
  const status = statusIn(task.Status);
  if (status === undefined || task.StartedTimestamp === undefined)
    throw new TerminalError(`${queue}: a move task has the status ${task.Status}, begun at ${task.StartedTimestamp}`);
  return {
    handle: task.TaskHandle ?? null,
    status,
    moved: task.ApproximateNumberOfMessagesMoved ?? 0,
    toMove: task.ApproximateNumberOfMessagesToMove ?? null,
    failure: task.FailureReason ?? null,
    startedAt: new Date(task.StartedTimestamp).toISOString(),
  };
}

/** Whatever SQS says against it, it is decided again: the letters can be moved otherwise. A second task is one of these. */
const REFUSED: Change['means'] = {
  ...Object.fromEntries(
    [
      'AccessDenied',
      'AccessDeniedException',
      'InvalidAddress',
      'InvalidParameterValue',
      'InvalidParameterValueException',
      'InvalidSecurity',
      'OverLimit',
      'ResourceNotFoundException',
      'UnsupportedOperation',
    ].map((name): readonly [string, Meaning] => [name, 'refused']),
  ),
  RequestThrottled: 'wait',
};

export const startMoveTask: Change = {
  send: (input, io) =>
    client(SQSClient).send(
      new StartMessageMoveTaskCommand({
        SourceArn: textOf(input, 'SourceArn'),
        MaxNumberOfMessagesPerSecond: numberOf(input, 'MaxNumberOfMessagesPerSecond'),
      }),
      { abortSignal: io.signal },
    ),
  means: REFUSED,
};

export const cancelMoveTask: Change = {
  send: (input, io) =>
    client(SQSClient).send(new CancelMessageMoveTaskCommand({ TaskHandle: textOf(input, 'TaskHandle') }), {
      abortSignal: io.signal,
    }),
  // What has ended meanwhile, or is being cancelled, needs no cancelling.
  means: { ...REFUSED, ResourceNotFoundException: 'gone', UnsupportedOperation: 'gone' },
};
