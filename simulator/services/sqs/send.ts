/** SendMessage and SendMessageBatch: what SQS takes, and what becomes of it. */

import { createHash } from 'node:crypto';
import type { Operation, Shape, World } from '../../engine/model.ts';
import { uuid } from '../../engine/uuid.ts';
import { show, text } from '../ec2/state.ts';
import { batch, batchOperation, demandEntries, entriesOf } from './batch.ts';
import { attributesIn, md5Of, md5OfAttributes, sizeOf, valueOf } from './digests.ts';
import { demandKey } from './keys.ts';
import { invalidValue, notOfThisQueue, refused } from './refusals.ts';
import {
  attributesOf,
  demandPasted,
  demandQueue,
  isFifo,
  nextSequenceNumber,
  putIn,
  recentIds,
  remember,
  secondsOf,
  settingsOf,
  tend,
} from './state.ts';

/** Source: the developer guide, "Amazon SQS message quotas": of a message, and of a batch in all. */
const MOST_BYTES = 1_048_576;
const MOST_ATTRIBUTES = 10;
const LONGEST_DELAY_SECONDS = 900;
const LONGEST_ID = 128;

/** The only system attribute that can be sent. Source: API_SendMessage, MessageSystemAttributes. */
const TRACE = 'AWSTraceHeader';

/** Source: API_SendMessage, InvalidMessageContents. */
const ILLEGAL = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

const TYPE = /^(?:String|Number|Binary)(?:\..+)?$/u;

/** AWS's reports differ: that entry alone is refused, or the whole batch. */
const OVER_OWN_MAXIMUM =
  "sqs: a batch with an entry over the queue's own MaximumMessageSize is refused as a whole, or that entry alone";

/** The documentation says that it is accepted, and not with which id. */
const AS_THE_FIRST = 'sqs: what a FIFO queue does not take again is answered with the id of the first';

/** What the sender of a message is called. */
const SENDER = 'AROAEXAMPLEEXAMPLEEXA:function';

function demandLegal(content: string, where: string): void {
  const illegal = ILLEGAL.exec(content)?.[0];
  if (illegal === undefined) return;
  const code = illegal.codePointAt(0)?.toString(16) ?? '';
  throw refused(
    'InvalidMessageContents',
    `Invalid binary character '#x${code.toUpperCase()}' was found in the ${where}, the set of allowed characters is ` +
      '#x9 | #xA | #xD | [#x20 to #xD7FF] | [#xE000 to #xFFFD] | [#x10000 to #x10FFFF]',
  );
}

function invalid(message: string): Error {
  return refused('InvalidParameterValue', message);
}

function demandAttribute(name: string, attribute: Shape): void {
  const said = `message (user) attribute '${name}'`;
  const type = String(attribute['DataType']);
  if (!/^[\w\-.]{1,256}$/u.test(name) || /^(?:aws|amazon)\.|^\.|\.$|\.\./iu.test(name))
    throw invalid(`The name of ${said} is invalid.`);
  if (!TYPE.test(type))
    throw invalid(
      `The type of ${said} is invalid. You must use only the following supported type prefixes: Binary, Number, String.`,
    );
  const [base = ''] = type.split('.');
  const isBinary = base === 'Binary';
  if ((attribute['BinaryValue'] !== undefined) !== isBinary || valueOf(attribute).length === 0)
    throw invalid(`The ${said} must contain a non-empty value of type '${base}'.`);
  if (isBinary) return;
  const value = String(attribute['StringValue']);
  demandLegal(value, `value of ${said}`);
  if (base === 'Number' && !Number.isFinite(Number(value)))
    throw invalid(`Can't cast the value of ${said} to a number.`);
}

function demandAttributes(entry: Shape): void {
  const own = attributesIn(entry['MessageAttributes']);
  if (own.length > MOST_ATTRIBUTES)
    throw invalid(`Number of message attributes [${own.length}] exceeds the allowed maximum [${MOST_ATTRIBUTES}].`);
  for (const [name, attribute] of own) demandAttribute(name, attribute);
  for (const [name] of attributesIn(entry['MessageSystemAttributes']))
    if (name !== TRACE) throw invalid(`Message system attribute name '${name}' is invalid.`);
}

function demandId(parameter: string, value: unknown): void {
  if (value === undefined) return;
  const id = show(value);
  if (!/^[\x21-\x7E]+$/u.test(id) || id.length > LONGEST_ID)
    throw invalidValue(
      parameter,
      value,
      `${parameter} can only include alphanumeric and punctuation characters. 1 to ${LONGEST_ID} in length.`,
    );
}

/** Recorded, but for the delay of a FIFO queue's: github.com/localstack/localstack, test_sqs.snapshot.json. */
function demandFifo(queue: Shape, entry: Shape, missing: string): void {
  const { MessageGroupId: group, MessageDeduplicationId: id, DelaySeconds: delay } = entry;
  if (Number(delay ?? 0) > 0) throw notOfThisQueue('DelaySeconds', delay);
  if (group === undefined) throw refused(missing, 'The request must contain the parameter MessageGroupId.');
  if (id === undefined && settingsOf(queue)['ContentBasedDeduplication'] !== 'true')
    throw invalid(
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
}

/** What can be said of a message without its queue's own limits: a batch in which one is so is refused as a whole. */
function demandParameters(queue: Shape, entry: Shape, missing: string): void {
  const { DelaySeconds: delay, MessageGroupId: group, MessageDeduplicationId: id } = entry;
  if (delay !== undefined && !(Number(delay) >= 0 && Number(delay) <= LONGEST_DELAY_SECONDS))
    throw invalidValue('DelaySeconds', delay, `DelaySeconds must be >= 0 and <= ${LONGEST_DELAY_SECONDS}.`);
  if (isFifo(queue)) demandFifo(queue, entry, missing);
  else if (id !== undefined) throw notOfThisQueue('MessageDeduplicationId', id);
  demandId('MessageGroupId', group);
  demandId('MessageDeduplicationId', id);
}

function bodyOf(entry: Shape): string {
  return text(entry, 'MessageBody') ?? '';
}

function bytesOf(entry: Shape): number {
  return sizeOf(bodyOf(entry), entry['MessageAttributes']);
}

/** What is wrong with a message itself: in a batch that entry fails, and no other. */
function demandContents(queue: Shape, entry: Shape): void {
  if (bodyOf(entry) === '') throw refused('MissingParameter', 'The request must contain the parameter MessageBody.');
  demandLegal(bodyOf(entry), 'message body');
  demandAttributes(entry);
  const most = secondsOf(queue, 'MaximumMessageSize');
  if (bytesOf(entry) > most)
    throw invalid(`One or more parameters are invalid. Reason: Message must be shorter than ${most} bytes.`);
}

/** An attribute as the world keeps it, which is JSON. */
function kept(attribute: Shape): Shape {
  const { DataType, StringValue, BinaryValue } = attribute;
  return BinaryValue === undefined
    ? { DataType, StringValue }
    : { DataType, BinaryValue: valueOf(attribute).toString('base64') };
}

function traceOf(entry: Shape): unknown {
  return attributesIn(entry['MessageSystemAttributes']).find(([name]) => name === TRACE)?.[1]['StringValue'];
}

/** What a FIFO queue knows a message by: as it says, or by its body. */
function deduplicationId(entry: Shape): string {
  return text(entry, 'MessageDeduplicationId') ?? createHash('sha256').update(bodyOf(entry)).digest('hex');
}

/** A message that was sent within five minutes before; by `DeduplicationScope` in its group, or in the queue. */
function sentBefore(world: World, queue: Shape, entry: Shape): Shape | undefined {
  const id = deduplicationId(entry);
  const isByGroup = settingsOf(queue)['DeduplicationScope'] === 'messageGroup';
  return recentIds(queue, world.clock.now()).find(
    (recent) =>
      recent['MessageDeduplicationId'] === id && (!isByGroup || recent['MessageGroupId'] === entry['MessageGroupId']),
  );
}

function rememberSent(world: World, queue: Shape, message: Shape): void {
  const { MessageDeduplicationId, MessageGroupId, SequenceNumber } = attributesOf(message);
  const sent = {
    MessageDeduplicationId,
    MessageGroupId,
    SequenceNumber,
    MessageId: message['MessageId'],
    SentTimestamp: String(world.clock.now()),
  };
  remember(queue, sent, world.clock.now());
}

function messageOf(world: World, queue: Shape, entry: Shape): Shape {
  const now = world.clock.now();
  const own = attributesIn(entry['MessageAttributes']).map(([name, one]) => [name, kept(one)] as const);
  const trace = traceOf(entry);
  const delaySeconds = isFifo(queue)
    ? secondsOf(queue, 'DelaySeconds')
    : Number(entry['DelaySeconds'] ?? secondsOf(queue, 'DelaySeconds'));
  const fifo = isFifo(queue)
    ? { MessageDeduplicationId: deduplicationId(entry), SequenceNumber: nextSequenceNumber(queue) }
    : {};
  return {
    MessageId: uuid(world),
    Body: bodyOf(entry),
    Attributes: {
      SenderId: SENDER,
      SentTimestamp: String(now),
      ApproximateReceiveCount: '0',
      ...(entry['MessageGroupId'] === undefined ? {} : { MessageGroupId: entry['MessageGroupId'] }),
      ...fifo,
      ...(trace === undefined ? {} : { [TRACE]: trace }),
    },
    ...(own.length === 0 ? {} : { MessageAttributes: Object.fromEntries(own) }),
    ...(delaySeconds === 0 ? {} : { VisibleAt: new Date(now + delaySeconds * 1_000).toISOString() }),
  };
}

function told(entry: Shape, sent: { readonly id: unknown; readonly sequence: unknown }): object {
  const ofAttributes = md5OfAttributes(entry['MessageAttributes']);
  const ofSystem = md5OfAttributes(entry['MessageSystemAttributes']);
  return {
    MessageId: sent.id,
    MD5OfMessageBody: md5Of(bodyOf(entry)),
    ...(ofAttributes === undefined ? {} : { MD5OfMessageAttributes: ofAttributes }),
    ...(ofSystem === undefined ? {} : { MD5OfMessageSystemAttributes: ofSystem }),
    ...(sent.sequence === undefined ? {} : { SequenceNumber: sent.sequence }),
  };
}

/** Takes a message, unless a FIFO queue has taken it just before: then it says so of that one. */
function send(world: World, queue: Shape, entry: Shape): object {
  tend(world, queue);
  const before = isFifo(queue) ? sentBefore(world, queue, entry) : undefined;
  if (before !== undefined) {
    world.assume(AS_THE_FIRST);
    return told(entry, { id: before['MessageId'], sequence: before['SequenceNumber'] });
  }
  const message = messageOf(world, queue, entry);
  if (isFifo(queue)) rememberSent(world, queue, message);
  putIn(world, queue, message);
  return told(entry, { id: message['MessageId'], sequence: attributesOf(message)['SequenceNumber'] });
}

function sendMessage(input: Shape, world: World): object {
  const queue = demandQueue(world, input);
  // What else is in a standard queue makes no difference to what is sent there.
  if (isFifo(queue)) demandPasted(world, 'sqs:SendMessage', queue, 'Messages');
  demandParameters(queue, input, 'MissingParameter');
  demandContents(queue, input);
  demandKey(world, queue);
  return send(world, queue, input);
}

function tooLong(most: number, bytes: number): Error {
  return refused(
    'BatchRequestTooLong',
    `Batch requests cannot be longer than ${most} bytes. You have sent ${bytes} bytes.`,
  );
}

/** All messages of a batch together, and where AWS has it so the largest of them alone. */
function demandBytes(world: World, queue: Shape, entries: readonly Shape[]): void {
  const bytes = entries.map(bytesOf).reduce((sum, size) => sum + size, 0);
  if (bytes > MOST_BYTES) throw tooLong(MOST_BYTES, bytes);
  const own = secondsOf(queue, 'MaximumMessageSize');
  if (entries.every((entry) => bytesOf(entry) <= own)) return;
  world.assume(OVER_OWN_MAXIMUM);
  if (world.random() < 0.5) throw tooLong(own, bytes);
}

function sendMessageBatch(input: Shape, world: World): object {
  const queue = demandQueue(world, input);
  if (isFifo(queue)) demandPasted(world, 'sqs:SendMessageBatch', queue, 'Messages');
  const entries = entriesOf(input);
  demandEntries('SendMessageBatchRequestEntry', entries);
  demandBytes(world, queue, entries);
  for (const entry of entries) demandParameters(queue, entry, 'InvalidParameterValue');
  demandKey(world, queue);
  return batch(entries, (entry) => {
    demandContents(queue, entry);
    return send(world, queue, entry);
  });
}

export const sendOperations: { readonly [operation: string]: Operation } = {
  SendMessage: {
    kind: 'write',
    grade: 'documented',
    source: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html',
    run: sendMessage,
  },
  SendMessageBatch: batchOperation('SendMessageBatch', sendMessageBatch),
};
