/** Messages as SQS hands them over, and as it takes them back. */

import { createHash } from 'node:crypto';
import type { Message, MessageAttributeValue, SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import { traceOf, type FailedEvent } from '../decide.ts';
import { opened, type Content, type Opened, type Opening } from './opening.ts';

/** A message that was received: with what it takes to send it, and to delete it. */
export interface Received extends Opened {
  readonly id: string;
  readonly receipt: string;
  readonly message: Message;
  /** Of what goes back, and of all of it: body, and names, types and values of the attributes, in bytes. SQS holds them against its limits. */
  readonly bytes: number;
  readonly wholeBytes: number;
  /** `SentTimestamp`; 0 where SQS gives none. */
  readonly sentMs: number;
  /** The same for what goes to the same place, with the same group, body and attributes, whatever its id: eight characters. */
  readonly print: string;
}

/** The message with its id and receipt; `undefined`: SQS gave none, so that it can neither be counted nor deleted. */
export function received(message: Message, opening: Opening): Received | undefined {
  const { MessageId: id, ReceiptHandle: receipt } = message;
  if (id === undefined || receipt === undefined) return undefined;
  const { SentTimestamp: sentMs = '0' } = message.Attributes ?? {};
  const inside = opened(message, opening);
  const [bytes, wholeBytes] = [bytesOf(inside.content), bytesOf(message)];
  return {
    id,
    receipt,
    message,
    ...inside,
    bytes,
    wholeBytes,
    sentMs: Number(sentMs),
    print: printOf(message, inside),
  };
}

/** The ARN of where it failed; empty: it is not known. */
export function homeOf({ home }: Received): string {
  return 'arn' in home ? home.arn : '';
}

/** Six bytes in base64url. */
const PRINT_CHARS = 8;

/** Of what goes back, not of what came: what tells of its failing is another with each time that it fails. */
function printOf({ Attributes = {} }: Message, { home, content }: Pick<Opened, 'home' | 'content'>): string {
  const hash = createHash('sha256');
  const { MessageGroupId = '' } = Attributes;
  const { Body = '', MessageAttributes = {} } = content;
  // The length before each part keeps what stands in one from being taken for a part of the next.
  const add = (part: string | Uint8Array): void => void hash.update(`${part.length} `).update(part);
  for (const part of ['arn' in home ? home.arn : '', MessageGroupId, Body]) add(part);
  for (const [name, value] of Object.entries(MessageAttributes).toSorted(([one], [other]) => (one < other ? -1 : 1)))
    for (const part of [name, value.DataType ?? '', value.StringValue ?? value.BinaryValue ?? '']) add(part);
  return hash.digest('base64url').slice(0, PRINT_CHARS);
}

/** The letter as it would be known if it were the event of that function: with the print of what the function was given. */
export function asFailedAt(letter: Received, { function: arn, event }: FailedEvent): Received {
  return { ...letter, print: printOf(letter.message, { home: { arn }, content: { Body: event } }) };
}

/** Source: SQS developer guide, "message quotas": attributes count with name, type and value; system attributes do not. */
function bytesOf({ Body = '', MessageAttributes = {} }: Content): number {
  const attributes = Object.entries(MessageAttributes).map(
    ([name, { DataType = '', StringValue = '', BinaryValue }]) =>
      Buffer.byteLength(name) +
      Buffer.byteLength(DataType) +
      Buffer.byteLength(StringValue) +
      (BinaryValue?.byteLength ?? 0),
  );
  return attributes.reduce((sum, bytes) => sum + bytes, Buffer.byteLength(Body));
}

/** SQS gives members that it does not take (`StringListValues`, `BinaryListValues`): they are left out. */
function sendable({ DataType, StringValue, BinaryValue }: MessageAttributeValue): MessageAttributeValue {
  return {
    DataType,
    ...(StringValue === undefined ? {} : { StringValue }),
    ...(BinaryValue === undefined ? {} : { BinaryValue }),
  };
}

/** A FIFO queue. Source: API_CreateQueue, `QueueName`: it ends so. */
export function isOrdered(queueArn: string): boolean {
  return queueArn.endsWith('.fifo');
}

/** An entry of a batch but for its id. */
export type Entry = Omit<SendMessageBatchRequestEntry, 'Id'>;

/**
 * The entry of a batch that sends the letter: body, attributes of every type, group or tenant, and trace.
 * @param queueArn where it goes
 * @param content what goes of it
 */
export function entryOf({ id, message }: Received, queueArn: string, content: Content): Entry {
  const { Body, MessageAttributes = {} } = content;
  const { AWSTraceHeader, MessageGroupId } = message.Attributes ?? {};
  const attributes = Object.entries(MessageAttributes).map(([name, value]) => [name, sendable(value)] as const);
  const trace = AWSTraceHeader === undefined ? '' : traceOf(AWSTraceHeader);
  return {
    MessageBody: Body,
    ...(attributes.length === 0 ? {} : { MessageAttributes: Object.fromEntries(attributes) }),
    ...(trace === ''
      ? {}
      : { MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: trace } } }),
    // On a standard queue it is the tenant, among whom SQS is fair.
    ...(MessageGroupId === undefined ? {} : { MessageGroupId }),
    // Made of the letter's own id: the same letter sent twice is there once, and no other is taken for it and dropped in silence.
    ...(isOrdered(queueArn) ? { MessageDeduplicationId: `redrive-${id}` } : {}),
  };
}

/** Source: API_SendMessageBatch. */
const [MOST_ENTRIES, MOST_BYTES] = [10, 1_048_576];

/** The letters in batches that SQS takes: so many, and so many bytes together, at most. In their order. */
export function packed(letters: readonly Received[]): Received[][] {
  const batches: Received[][] = [];
  let room = 0;
  for (const letter of letters) {
    const batch = batches.at(-1);
    if (batch === undefined || batch.length === MOST_ENTRIES || letter.bytes > room) {
      batches.push([letter]);
      room = MOST_BYTES - letter.bytes;
    } else {
      batch.push(letter);
      room -= letter.bytes;
    }
  }
  return batches;
}
