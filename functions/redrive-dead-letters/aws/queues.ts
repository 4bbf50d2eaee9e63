/** Queues as SQS describes them. */

import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueueTagsCommand,
  paginateListDeadLetterSourceQueues,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { queueArn } from '../../../shared/aws/arn.ts';
import { client } from '../../../shared/aws/clients.ts';
import { isNoQueue } from '../../../shared/aws/sqs/no-queue.ts';
import { collect } from '../../../shared/aws/pages.ts';
import { taggedArns } from '../../../shared/aws/tagged-resources.ts';
import { TerminalError } from '../../../shared/kernel/errors.ts';
import { isBag } from '../../../shared/kernel/json.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import type { Queue } from '../decide.ts';

/** The tag that makes a queue one whose dead letters may be moved. */
const TAG = 'runbook:redrive';

/** What holds for a queue that says nothing of it. Source: API_SetQueueAttributes. */
const DEFAULT = { maximumMessageBytes: 1_048_576, visibilityTimeoutSeconds: 30, retentionSeconds: 345_600 };

/** The ARNs of all queues that are tagged, in the order of their names. */
export async function taggedQueues(io: Io): Promise<readonly string[]> {
  return (await taggedArns({ tag: TAG, types: ['sqs'] }, io)).toSorted();
}

/** The queue's URL, which all else is asked by; `undefined`: there is no such queue. */
async function urlOf(name: string, io: Io): Promise<string | undefined> {
  try {
    const { QueueUrl: url } = await client(SQSClient).send(new GetQueueUrlCommand({ QueueName: name }), {
      abortSignal: io.signal,
    });
    return url;
  } catch (error) {
    if (isNoQueue(error)) return undefined;
    throw error;
  }
}

/** The queue of an ARN; `null`: there is none. Throws what AWS throws. */
export async function readQueue(arn: string, io: Io): Promise<Queue | null> {
  const url = await urlOf(queueName(arn), io);
  return url === undefined ? null : readByUrl(url, io);
}

/** The name in a queue's ARN, which has neither kind nor slash. */
export function queueName(arn: string): string {
  return arn.split(':').at(-1) ?? arn;
}

async function readByUrl(url: string, io: Io): Promise<Queue | null> {
  try {
    const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] });
    const { Attributes = {} } = await client(SQSClient).send(command, { abortSignal: io.signal });
    return queueOf(url, Attributes);
  } catch (error) {
    if (isNoQueue(error)) return null;
    throw error;
  }
}

type Attributes = { readonly [name: string]: string | undefined };

/** @throws TerminalError for an answer that cannot be understood */
function queueOf(url: string, attributes: Attributes): Queue {
  const { QueueArn: arn, RedrivePolicy: policy } = attributes;
  if (arn === undefined) throw new TerminalError(`${url}: SQS gives no QueueArn`);
  const whole = (name: string, absent: number): number => wholeIn(arn, attributes, name, absent);
  const count = (name: string): number => Number(attributes[name] ?? 0);
  const { target, maxReceiveCount } = policyIn(arn, policy);
  return {
    arn,
    name: queueName(arn),
    url,
    isFifo: attributes['FifoQueue'] === 'true',
    maximumMessageBytes: whole('MaximumMessageSize', DEFAULT.maximumMessageBytes),
    messages: {
      visible: count('ApproximateNumberOfMessages'),
      inFlight: count('ApproximateNumberOfMessagesNotVisible'),
      delayed: count('ApproximateNumberOfMessagesDelayed'),
    },
    deadLetters: target,
    visibilityTimeoutSeconds: whole('VisibilityTimeout', DEFAULT.visibilityTimeoutSeconds),
    maxReceiveCount,
    retentionSeconds: whole('MessageRetentionPeriod', DEFAULT.retentionSeconds),
    key: attributes['KmsMasterKeyId'] || null,
  };
}

/** @throws TerminalError for what is no whole number */
function wholeIn(arn: string, attributes: Attributes, name: string, absent: number): number {
  const text = attributes[name];
  const value = text === undefined ? absent : Number(text);
  if (!Number.isInteger(value)) throw new TerminalError(`${arn}: ${name} is no whole number: ${text}`);
  return value;
}

/** Where a redrive policy sends what was handed over too often, and how often that is; both `null`: there is no such policy. */
interface Policy {
  readonly target: string | null;
  readonly maxReceiveCount: number | null;
}

/** A policy that says nothing of a target (`{}`) is none. `maxReceiveCount` is a number, or one in quotes. */
function policyIn(arn: string, policy: string | undefined): Policy {
  if (policy === undefined) return { target: null, maxReceiveCount: null };
  let read: unknown;
  try {
    read = JSON.parse(policy);
  } catch {
    throw new TerminalError(`${arn}: RedrivePolicy is no JSON`);
  }
  const { deadLetterTargetArn: target, maxReceiveCount } = isBag(read) ? read : {};
  if (typeof target !== 'string') return { target: null, maxReceiveCount: null };
  const count = Number(maxReceiveCount);
  return { target, maxReceiveCount: Number.isInteger(count) ? count : null };
}

/** The queue's tags. Throws what AWS throws. */
export async function tagsOfQueue({ url }: Queue, io: Io): Promise<ReadonlyMap<string, string>> {
  const { Tags = {} } = await client(SQSClient).send(new ListQueueTagsCommand({ QueueUrl: url }), {
    abortSignal: io.signal,
  });
  return new Map(Object.entries(Tags));
}

/** Source: API_ListDeadLetterSourceQueues: without a number it gives 1,000 and says nothing of more. */
const PAGE_SIZE = 1_000;

/** Queues that are read at most: 100 requests at once are what a look may cost. */
const MOST_SOURCES = 100;

/** Queues whose redrive policy names one, in the order of their names; none of them where there are too many to be read. */
export interface Sources {
  readonly sources: readonly Queue[];
  readonly sourceCount: number;
}

/** The queues whose redrive policy names this one. One that is deleted meanwhile is none. Throws what AWS throws. */
export async function sourcesOf({ url }: Queue, io: Io): Promise<Sources> {
  const urls = await collect(
    paginateListDeadLetterSourceQueues(
      { client: client(SQSClient), pageSize: PAGE_SIZE },
      { QueueUrl: url },
      { abortSignal: io.signal },
    ),
    ({ queueUrls }) => queueUrls,
  );
  if (urls.length > MOST_SOURCES) return { sources: [], sourceCount: urls.length };
  const read = await Promise.all(urls.map((source) => readByUrl(source, io)));
  const sources = read.filter((source) => source !== null).toSorted((one, other) => (one.arn < other.arn ? -1 : 1));
  return { sources, sourceCount: sources.length };
}

/** A queue's URL as AWS gives it, in the form of today and in that of old. */
const QUEUE_URL =
  /^https:\/\/(?:sqs\.(?<region>[a-z0-9-]+)|(?<old>[a-z0-9-]+)\.queue)\.amazonaws\.com(?:\.cn)?\/(?<account>\d{12})\/(?<name>[\w.-]+)$/u;

/** The ARN that a person means: by the queue's name, its ARN or its URL; `undefined`: another account's or Region's, or none. */
export function arnMeant(text: string, io: Io): string | undefined {
  const groups = QUEUE_URL.exec(text)?.groups;
  if (groups !== undefined) {
    const { region, old, account, name = '' } = groups;
    return (region ?? old) === io.region && account === io.account ? queueArn(name, io) : undefined;
  }
  const name = queueName(text);
  if (!/^[\w-]{1,80}(?:\.fifo)?$/u.test(name)) return undefined;
  return text === name || text === queueArn(name, io) ? queueArn(name, io) : undefined;
}
