/** Where letters are, for the invariants: each by its body, which stays the same on every way. */

import { isRecord } from '../../simulator/engine/json.ts';
import type { Shape, World } from '../../simulator/engine/model.ts';

/** A letter, and where it stands. */
export interface Standing {
  /** What SQS has named it: a letter that is sent is a new one. */
  readonly id: string;
  readonly body: string;
  /** Its message group. */
  readonly group: string | undefined;
  /** When SQS forgets it, in milliseconds since 1970. */
  readonly expiresMs: number;
  /** ARN of the queue that it stands in. */
  readonly queue: string;
  /** ARN of the queue that it failed in; `undefined`: it is nobody's dead letter. */
  readonly source: string | undefined;
  /** The queue that it stands in carries the tag. */
  readonly isTagged: boolean;
  /** ARN of the queue for what goes back no more, by the tag of the queue that it stands in; `undefined`: it has none. */
  readonly parking: string | undefined;
  /** Times that it may go back, by the tag of the queue that it stands in, `Infinity`: however often; `undefined`: it has none. */
  readonly maxAttempts: number | undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function member(record: Shape, name: string, inner: string): unknown {
  const bag = record[name];
  return isRecord(bag) ? bag[inner] : undefined;
}

function withName(arn: string, name: string): string {
  return [...arn.split(':').slice(0, -1), name].join(':');
}

/** Source: API_SetQueueAttributes, `MessageRetentionPeriod`. */
const DEFAULT_RETENTION_SECONDS = 345_600;

function attemptsIn(tag: string | undefined): number | undefined {
  if (tag === undefined) return undefined;
  return tag === 'none' ? Infinity : Number(tag);
}

/** Letters that are in a queue, or these of them. */
export function standingsIn(queue: Shape, messages: unknown = queue['Messages']): readonly Standing[] {
  const arn = text(member(queue, 'Attributes', 'QueueArn')) ?? '';
  const tag = (name: string): string | undefined => text(member(queue, 'Tags', name));
  const retentionMs =
    Number(member(queue, 'Attributes', 'MessageRetentionPeriod') ?? DEFAULT_RETENTION_SECONDS) * 1_000;
  const [parking, most] = [tag('runbook:parking'), tag('runbook:redrive-max-attempts')];
  return (Array.isArray(messages) ? messages.filter(isRecord) : []).map((message) => ({
    id: String(message['MessageId']),
    body: String(message['Body']),
    group: text(member(message, 'Attributes', 'MessageGroupId')),
    expiresMs: Number(member(message, 'Attributes', 'SentTimestamp')) + retentionMs,
    queue: arn,
    source: text(member(message, 'Attributes', 'DeadLetterQueueSourceArn')),
    isTagged: tag('runbook:redrive') !== undefined,
    parking: parking === undefined ? undefined : withName(arn, parking),
    maxAttempts: attemptsIn(most),
  }));
}

/** All letters of an account, in all its queues. */
export function lettersIn(world: World): readonly Standing[] {
  return world.records('sqs', 'Queues').flatMap((queue) => standingsIn(queue));
}

/** Names of the queues that somebody takes from. */
export function consumedIn(world: World): ReadonlySet<string> {
  return new Set(world.records('consumers', 'Consumers').map(({ queue }) => String(queue)));
}

/** The name in a queue's ARN or URL. */
export function nameIn(arnOrUrl: string): string {
  return arnOrUrl.split(/[:/]/u).at(-1) ?? '';
}
