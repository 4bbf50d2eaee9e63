/** SQS's part of a world file: queues as GetQueueAttributes prints them, each with the messages in it as ReceiveMessage prints those. */

import { z } from 'zod';
import type { Shape } from '../../engine/model.ts';
import { awsTime as time, TRIMMINGS } from '../pasted.ts';

/** Source: API_GetQueueAttributes, AttributeNames. All values are text. */
export const QUEUE_ATTRIBUTES = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesDelayed',
  'ApproximateNumberOfMessagesNotVisible',
  'ContentBasedDeduplication',
  'CreatedTimestamp',
  'DeduplicationScope',
  'DelaySeconds',
  'FifoQueue',
  'FifoThroughputLimit',
  'KmsDataKeyReusePeriodSeconds',
  'KmsMasterKeyId',
  'LastModifiedTimestamp',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'Policy',
  'QueueArn',
  'ReceiveMessageWaitTimeSeconds',
  'RedriveAllowPolicy',
  'RedrivePolicy',
  'SqsManagedSseEnabled',
  'VisibilityTimeout',
] as const;

const redriveSchema = z.object({
  deadLetterTargetArn: z.string(),
  maxReceiveCount: z.union([z.number(), z.string().regex(/^\d+$/u).transform(Number)]),
});

/** Where a queue puts what it has handed over so often in vain. */
export type Redrive = z.infer<typeof redriveSchema>;

/** The redrive policy of a queue, which is JSON in a text; `undefined`: it is none. */
export function redriveIn(text: unknown): Redrive | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    return redriveSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Source: API_SetQueueAttributes, RedriveAllowPolicy. */
const redriveAllowSchema = z.union([
  z.object({ redrivePermission: z.enum(['allowAll', 'denyAll']) }),
  z.object({ redrivePermission: z.literal('byQueue'), sourceQueueArns: z.array(z.string()).min(1).max(10) }),
]);

/** Which queues may put their dead letters into one. */
export type RedriveAllow = z.infer<typeof redriveAllowSchema>;

/** The redrive allow policy of a queue, which is JSON in a text; `undefined`: it is none. */
export function redriveAllowIn(text: unknown): RedriveAllow | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    return redriveAllowSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export const queueAttributes = z.partialRecord(z.enum(QUEUE_ATTRIBUTES), z.string()).superRefine((given, context) => {
  if (given.RedrivePolicy !== undefined && redriveIn(given.RedrivePolicy) === undefined)
    context.addIssue({
      code: 'custom',
      path: ['RedrivePolicy'],
      message: 'must be JSON in a text: {"deadLetterTargetArn":"arn:…","maxReceiveCount":3}',
    });
  if (given.RedriveAllowPolicy !== undefined && redriveAllowIn(given.RedriveAllowPolicy) === undefined)
    context.addIssue({
      code: 'custom',
      path: ['RedriveAllowPolicy'],
      message:
        'must be JSON in a text: {"redrivePermission":"byQueue","sourceQueueArns":["arn:…"]}, or allowAll or denyAll',
    });
});

const messageAttribute = z.looseObject({
  DataType: z.string(),
  StringValue: z.string().optional(),
  BinaryValue: z.string().optional().describe('In base 64, as the command line prints it.'),
});

/** A message, as a file or a script has it. */
export const messageSchema = z.strictObject({
  MessageId: z.string().min(1).optional().describe('Derived.'),
  Body: z.string(),
  Attributes: z
    .record(z.string(), z.string())
    .optional()
    .describe(
      'SentTimestamp, milliseconds since 1970 as text, is when it comes to stand here unless it says otherwise.',
    ),
  MessageAttributes: z.record(z.string(), messageAttribute).optional(),
  MD5OfBody: z.string().optional().describe('Left out.'),
  MD5OfMessageAttributes: z.string().optional().describe('Left out.'),
  ReceiptHandle: z.string().optional().describe('Left out, unless VisibleAt is there.'),
  VisibleAt: time
    .optional()
    .describe("The simulator's own: until then it is in flight, if it has a ReceiptHandle, and else delayed."),
});

/** A message of a file, or many that are alike. */
const manySchema = messageSchema.extend({
  Times: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe("The simulator's own: there are so many of it, and {n} in its Body is the number of each, from 0."),
});

/** Each message by itself. */
function eachOf(messages: readonly z.infer<typeof manySchema>[]): Shape[] {
  return messages.flatMap(({ Times: times, ...message }): Shape[] => {
    if (times === undefined) return [message];
    const { MessageId: _id, ...alike } = message;
    return Array.from({ length: times }, (_, n) => ({ ...alike, Body: message.Body.replaceAll('{n}', String(n)) }));
  });
}

/** What a FIFO queue was sent within the last five minutes. */
const recentId = z.strictObject({
  MessageDeduplicationId: z.string(),
  MessageGroupId: z.string(),
  MessageId: z.string(),
  SentTimestamp: z.string().regex(/^\d+$/u).describe('Milliseconds since 1970, as text.'),
  SequenceNumber: z.string().optional(),
});

/** Source: API_ListMessageMoveTasksResultEntry. */
const moveTask = z.strictObject({
  TaskHandle: z.string().optional().describe('Derived while it runs.'),
  Status: z.enum(['RUNNING', 'COMPLETED', 'CANCELLING', 'CANCELLED', 'FAILED']),
  SourceArn: z.string().optional(),
  DestinationArn: z.string().optional(),
  MaxNumberOfMessagesPerSecond: z.number().int().min(1).optional(),
  ApproximateNumberOfMessagesMoved: z.number().int().min(0),
  ApproximateNumberOfMessagesToMove: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe('SQS does not say it before the task is selected to start.'),
  FailureReason: z.string().optional(),
  StartedTimestamp: z.number().int().describe('Milliseconds since 1970.'),
  CancelledAt: time.optional().describe("The simulator's own: when a task that is CANCELLING has come to its end."),
});

const NAME = /^[\w-]{1,80}(?:\.fifo)?$/u;

const queue = z.strictObject({
  QueueName: z
    .string()
    .regex(NAME, { error: 'must be the name of a queue' })
    .optional()
    .describe('Left out, it is the one in Attributes.QueueArn, or in QueueUrl.'),
  QueueUrl: z.string().optional(),
  Attributes: queueAttributes
    .optional()
    .describe('As get-queue-attributes prints them: all values are text. VisibilityTimeout is 30 if not said.'),
  Tags: z.record(z.string(), z.string()).optional().describe('As list-queue-tags prints them.'),
  Messages: z
    .array(manySchema)
    .optional()
    .describe('What is in it. A script adds to it (…/Messages/+), and what it feeds gets it within a second.'),
  MessageMoveTasks: z
    .array(moveTask)
    .optional()
    .describe('As list-message-move-tasks prints them, the newest first. One that is RUNNING goes on.'),
  RecentDeduplicationIds: z
    .array(recentId)
    .optional()
    .describe(
      'What a FIFO queue does not take again for five minutes after SentTimestamp, whether it is still there or not.',
    ),
  LastSequenceNumber: z.string().regex(/^\d+$/u).optional().describe("The simulator's own: of a FIFO queue."),
});

type GivenQueue = z.infer<typeof queue>;

/** The name of a queue as it was pasted: neither get-queue-attributes nor list-queue-tags prints it by itself. */
function nameIn({ QueueName: name, QueueUrl: url, Attributes }: GivenQueue): string | undefined {
  const told = name ?? Attributes?.QueueArn?.split(':').at(-1) ?? url?.split('/').at(-1);
  return told !== undefined && NAME.test(told) ? told : undefined;
}

function completed(given: GivenQueue): Shape {
  const { Messages: messages } = given;
  return { ...given, QueueName: nameIn(given), ...(messages === undefined ? {} : { Messages: eachOf(messages) }) };
}

export const sqsSchema = z
  .strictObject({
    ...TRIMMINGS,
    Queues: z
      .array(queue)
      .optional()
      .describe('A queue whose name ends in -RUNBOOK-requests feeds that runbook, if it takes requests from a queue.'),
  })
  .superRefine(({ Queues = [] }, context) => {
    for (const [index, one] of Queues.entries())
      if (nameIn(one) === undefined)
        context.addIssue({
          code: 'custom',
          path: ['Queues', index, 'QueueName'],
          message: 'is required where neither Attributes.QueueArn nor QueueUrl says which queue it is',
        });
  })
  .transform(({ Queues, ...section }): Shape => ({
    ...section,
    ...(Queues === undefined ? {} : { Queues: Queues.map((one) => completed(one)) }),
  }));
