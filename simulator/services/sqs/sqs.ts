/** The simulated SQS: queues and what is in them, sent and received by whoever asks, by scripts, and by event source mappings. */

import { BadInputError } from '../../../shared/kernel/errors.ts';
import { isRecord } from '../../engine/json.ts';
import { awsError, type ServiceModel, type Shape, type World } from '../../engine/model.ts';
import { uuid } from '../../engine/uuid.ts';
import { deleteOperations } from './delete.ts';
import { cancelByHand, moveTaskOperations, resumeTasks } from './move-tasks.ts';
import { readOperations } from './read.ts';
import { receiveOperations } from './receive.ts';
import { invalidValue } from './refusals.ts';
import { messageSchema, queueAttributes, redriveAllowIn, redriveIn, sqsSchema } from './schema.ts';
import { sendOperations } from './send.ts';
import {
  arnOf,
  attributesOf,
  isFifo,
  messagesIn,
  nameOf,
  nextSequenceNumber,
  queueByArn,
  queueByName,
  queuesOf,
  SERVICE,
  tend,
} from './state.ts';

/** What a FIFO queue gives each message. Who sent it gave the group. */
function fifoAttributes(queue: Shape, message: Shape, id: unknown): Shape {
  const { SequenceNumber: number, MessageDeduplicationId: deduplication } = attributesOf(message);
  return {
    MessageDeduplicationId: deduplication ?? id,
    SequenceNumber: number ?? nextSequenceNumber(queue),
  };
}

/** Takes it as sent now, unless it says otherwise. */
function asSent(world: World, queue: Shape, message: Shape): Shape {
  const { MD5OfBody: _md5, ReceiptHandle: handle, ...kept } = message;
  const id = message['MessageId'] ?? uuid(world);
  return {
    ...kept,
    // Of a paste it is what somebody received long since.
    ...(message['VisibleAt'] === undefined ? {} : { ReceiptHandle: handle }),
    MessageId: id,
    Attributes: {
      SentTimestamp: String(world.clock.now()),
      ApproximateReceiveCount: '0',
      ...attributesOf(message),
      ...(isFifo(queue) ? fifoAttributes(queue, message, id) : {}),
    },
  };
}

function setMessages(world: World, queue: Shape, messages: readonly Shape[]): void {
  queue['Messages'] = messages.map((message) =>
    attributesOf(message)['ApproximateReceiveCount'] === undefined ? asSent(world, queue, message) : message,
  );
  tend(world, queue);
}

/** Whole seconds since 1970, as SQS tells times of queues. */
function secondsNow(world: World): string {
  return String(Math.floor(world.clock.now() / 1_000));
}

function isCounted(queue: Shape): boolean {
  const numbers = Object.keys(attributesOf(queue)).some((name) => name.startsWith('ApproximateNumberOfMessages'));
  return numbers && queue['Messages'] === undefined;
}

function complete(world: World, queue: Shape): void {
  const name = nameOf(queue);
  queue['QueueUrl'] ??= `https://sqs.${world.region}.amazonaws.com/${world.account}/${name}`;
  // What of a pasted queue was not pasted is not known.
  const isKnown = (member: string): boolean => !world.isPasted || queue[member] !== undefined;
  if (isKnown('Attributes'))
    queue['Attributes'] = {
      QueueArn: arnOf(world, queue),
      CreatedTimestamp: secondsNow(world),
      LastModifiedTimestamp: secondsNow(world),
      ...attributesOf(queue),
    };
  if (isKnown('Tags')) queue['Tags'] ??= {};
  // Numbers that are given without messages are what SQS counts: it counts late, and counts what is gone.
  if (isKnown('Messages') && !isCounted(queue))
    queue['Messages'] = messagesIn(queue).map((message) => asSent(world, queue, message));
}

/** Source: API_SendMessage, MessageGroupId: a FIFO queue has no message without. */
function demandGroups(queue: Shape, at: string): void {
  if (!isFifo(queue)) return;
  for (const [index, message] of messagesIn(queue).entries())
    if (attributesOf(message)['MessageGroupId'] === undefined)
      throw new BadInputError(`${at}.Messages[${index}].Attributes.MessageGroupId`, 'is required in a FIFO queue');
}

function start(world: World): void {
  const queues = queuesOf(world);
  for (const [index, queue] of queues.entries()) {
    demandGroups(queue, `sqs.Queues[${index}]`);
    complete(world, queue);
  }
  for (const [index, queue] of queues.entries()) {
    const redrive = redriveIn(attributesOf(queue)['RedrivePolicy']);
    if (redrive !== undefined && queueByArn(world, redrive.deadLetterTargetArn) === undefined)
      world.gap({
        path: `sqs.Queues[${index}].Attributes.RedrivePolicy`,
        message: `there is no queue ${redrive.deadLetterTargetArn}`,
      });
    tend(world, queue);
    resumeTasks(world, queue);
  }
}

function isMessage(one: unknown): one is Shape {
  return messageSchema.safeParse(one).success && isRecord(one);
}

/** Somebody sends, or takes away. */
function changeMessages(world: World, queue: Shape, value: unknown): void {
  const messages: readonly unknown[] = Array.isArray(value) ? value : [value];
  const checked = messages.filter(isMessage);
  if (checked.length < messages.length)
    throw awsError('InvalidMessageContents', 'a message is { "Body": "…" }, and no more than ReceiveMessage prints');
  if (isFifo(queue) && checked.some((one) => attributesOf(one)['MessageGroupId'] === undefined))
    throw awsError('MissingParameter', 'a message of a FIFO queue has Attributes.MessageGroupId');
  setMessages(world, queue, checked);
  world.signal('messages-sent', { queueName: nameOf(queue) });
}

/** The API reference says who may, and not how others are refused. */
const NOT_ALLOWED = 'sqs: a redrive policy that the dead-letter queue does not allow is refused as a bad parameter';

/** A queue says itself which others may put their dead letters into it; what was set before stays. Source: API_SetQueueAttributes, RedriveAllowPolicy. */
function demandAllowed(world: World, queue: Shape, policy: unknown): void {
  const graveyard = queueByArn(world, redriveIn(policy)?.deadLetterTargetArn);
  const allow = graveyard === undefined ? undefined : redriveAllowIn(attributesOf(graveyard)['RedriveAllowPolicy']);
  if (allow === undefined || allow.redrivePermission === 'allowAll') return;
  if (allow.redrivePermission === 'byQueue' && allow.sourceQueueArns.includes(arnOf(world, queue))) return;
  world.assume(NOT_ALLOWED);
  throw invalidValue('RedrivePolicy', policy, 'The dead-letter queue does not allow this source queue.');
}

/** An attribute or a tag is set, or with null taken away. */
function changeMember(world: World, queue: Shape, member: 'Attributes' | 'Tags', name: string, value: unknown): void {
  const { [name]: _old, ...others } = isRecord(queue[member]) ? queue[member] : {};
  const changed = value === null ? others : { ...others, [name]: value };
  if (member === 'Attributes' && !queueAttributes.safeParse(changed).success)
    throw awsError(
      'InvalidAttributeName',
      `${name} is no attribute of a queue, or not as get-queue-attributes prints it`,
    );
  if (name === 'RedrivePolicy') demandAllowed(world, queue, value);
  queue[member] = changed;
  tend(world, queue);
}

/** A script deletes a queue, sends to it, or sets an attribute or a tag of it. */
function change(world: World, collection: string, key: string, path: readonly string[], value: unknown): boolean {
  const queue = collection === 'Queues' ? queueByName(world, key) : undefined;
  const [member, inside, ...further] = path;
  // What is deleted is so with all that is in it.
  if (queue !== undefined && member === undefined && value === null) return false;
  if (queue !== undefined && member === 'Messages' && inside === undefined && Array.isArray(value)) {
    changeMessages(world, queue, value);
    return true;
  }
  if (queue !== undefined && member === 'MessageMoveTasks' && inside === undefined && value === 'CANCELLING') {
    cancelByHand(world, queue);
    return true;
  }
  const isSetting = (member === 'Attributes' || member === 'Tags') && inside !== undefined && further.length === 0;
  if (queue === undefined || !isSetting)
    throw awsError(
      'InvalidAddress',
      'a script can send to a queue that is there (sqs/Queues/NAME/Messages/+), set its Attributes/… and Tags/…, cancel its move task (…/MessageMoveTasks: CANCELLING), or delete it',
    );
  changeMember(world, queue, member, inside, value);
  return true;
}

export const sqs: ServiceModel = {
  name: SERVICE,
  prefix: 'sqs',
  schema: sqsSchema,
  collections: { Queues: 'QueueName' },
  operations: {
    ...readOperations,
    ...receiveOperations,
    ...sendOperations,
    ...deleteOperations,
    ...moveTaskOperations,
  },
  start,
  change,
};
