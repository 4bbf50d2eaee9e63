/** Messages as SQS hands them over, and as it takes them back. */

import type { Message, MessageAttributeValue, SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import { traceOf } from '../decide.ts';

/** A message that was received: with what it takes to send it, and to delete it. */
export interface Received {
  readonly id: string;
  readonly receipt: string;
  readonly message: Message;
  /** Body, and names, types and values of the attributes, in bytes: what SQS holds against its limits. */
  readonly bytes: number;
}

/** The message with its id and receipt; `undefined`: SQS gave none, so that it can neither be counted nor deleted. */
export function received(message: Message): Received | undefined {
  const { MessageId: id, ReceiptHandle: receipt } = message;
  return id === undefined || receipt === undefined ? undefined : { id, receipt, message, bytes: bytesOf(message) };
}

/** Source: SQS developer guide, "message quotas": attributes count with name, type and value; system attributes do not. */
function bytesOf({ Body = '', MessageAttributes = {} }: Message): number {
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

/** The entry of a batch that sends the letter as it was: body, attributes of every type, tenant, and trace. */
export function entryOf({ message }: Received, id: string): SendMessageBatchRequestEntry {
  const { Body, MessageAttributes = {}, Attributes = {} } = message;
  const { AWSTraceHeader, MessageGroupId } = Attributes;
  const attributes = Object.entries(MessageAttributes).map(([name, value]) => [name, sendable(value)] as const);
  const trace = AWSTraceHeader === undefined ? '' : traceOf(AWSTraceHeader);
  return {
    Id: id,
    MessageBody: Body,
    ...(attributes.length === 0 ? {} : { MessageAttributes: Object.fromEntries(attributes) }),
    ...(trace === ''
      ? {}
      : { MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: trace } } }),
    // On a standard queue it is the tenant, among whom SQS is fair.
    ...(MessageGroupId === undefined ? {} : { MessageGroupId }),
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
