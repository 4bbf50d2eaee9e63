/** Where letters are, for the invariants: each by its body, which stays the same on every way. */

import { isRecord } from '../../simulator/engine/json.ts';
import type { Shape, World } from '../../simulator/engine/model.ts';

/** A letter, and where it stands. */
export interface Standing {
  /** What SQS has named it: a letter that is sent is a new one. */
  readonly id: string;
  readonly body: string;
  /** ARN of the queue that it stands in. */
  readonly queue: string;
  /** ARN of the queue that it failed in; `undefined`: it is nobody's dead letter. */
  readonly source: string | undefined;
  /** The queue that it stands in carries the tag. */
  readonly isTagged: boolean;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function member(record: Shape, name: string, inner: string): unknown {
  const bag = record[name];
  return isRecord(bag) ? bag[inner] : undefined;
}

/** All letters of an account, in all its queues. */
export function lettersIn(world: World): readonly Standing[] {
  return world.records('sqs', 'Queues').flatMap((queue) => {
    const messages = queue['Messages'];
    const arn = text(member(queue, 'Attributes', 'QueueArn')) ?? '';
    const isTagged = member(queue, 'Tags', 'runbook:redrive') !== undefined;
    return (Array.isArray(messages) ? messages.filter(isRecord) : []).map((message) => ({
      id: String(message['MessageId']),
      body: String(message['Body']),
      queue: arn,
      source: text(member(message, 'Attributes', 'DeadLetterQueueSourceArn')),
      isTagged,
    }));
  });
}
