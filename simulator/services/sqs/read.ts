/** What can be asked of queues: which there are, what they are like, and which others put their dead letters into one. */

import { NotSimulatedError, type Operation, type Shape, type World } from '../../engine/model.ts';
import { isRecord } from '../../engine/json.ts';
import { text } from '../ec2/state.ts';
import { notPasted } from '../listing.ts';
import { invalidValue, refused } from './refusals.ts';
import { QUEUE_ATTRIBUTES, redriveIn } from './schema.ts';
import {
  arnOf,
  attributesOf,
  demandPasted,
  demandQueue,
  messagesIn,
  nameOf,
  queuesOf,
  SERVICE,
  settingsOf,
  standingOf,
  type Standing,
} from './state.ts';

const REFERENCE = 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_';

/** Source: API_ListQueues and API_ListDeadLetterSourceQueues, MaxResults. */
const MOST_PER_PAGE = 1_000;

const NUMBERS: { readonly [attribute: string]: Standing } = {
  ApproximateNumberOfMessages: 'visible',
  ApproximateNumberOfMessagesNotVisible: 'in flight',
  ApproximateNumberOfMessagesDelayed: 'delayed',
};

/** A page of URLs. Without `MaxResults` there is one page, and no token. */
function page(input: Shape, urls: readonly string[]): { readonly items: readonly string[]; readonly rest: object } {
  const { MaxResults: most } = input;
  if (most !== undefined && !(Number(most) >= 1 && Number(most) <= MOST_PER_PAGE))
    throw invalidValue('MaxResults', most, `MaxResults must be an integer between 1 and ${MOST_PER_PAGE}.`);
  const after = Buffer.from(text(input, 'NextToken') ?? '', 'base64').toString();
  const following = urls.filter((url) => url > after).toSorted();
  const items = following.slice(0, Number(most ?? MOST_PER_PAGE));
  const last = items.at(-1);
  const isMore = most !== undefined && last !== undefined && items.length < following.length;
  return { items, rest: isMore ? { NextToken: Buffer.from(last).toString('base64') } : {} };
}

function demandQueues(world: World, call: string): readonly Shape[] {
  if (world.isPasted && world.data[SERVICE]?.['Queues'] === undefined)
    throw new NotSimulatedError(`${call}: no queues were pasted; write "sqs": { "Queues": [] } if there are none`);
  return queuesOf(world);
}

function listQueues(input: Shape, world: World): object {
  const prefix = text(input, 'QueueNamePrefix') ?? '';
  const named = demandQueues(world, 'sqs:ListQueues').filter((queue) => nameOf(queue).startsWith(prefix));
  const { items, rest } = page(
    input,
    named.map((queue) => String(queue['QueueUrl'])),
  );
  return items.length === 0 ? {} : { QueueUrls: items, ...rest };
}

function getQueueUrl(input: Shape, world: World): object {
  const owner = text(input, 'QueueOwnerAWSAccountId') ?? world.account;
  if (owner !== world.account) throw new NotSimulatedError(`sqs:GetQueueUrl of account ${owner}`);
  const queue = demandQueues(world, 'sqs:GetQueueUrl').find((one) => nameOf(one) === input['QueueName']);
  if (queue === undefined) throw refused('QueueDoesNotExist', 'The specified queue does not exist.');
  return { QueueUrl: queue['QueueUrl'] };
}

/** The numbers are counted; of a paste without its messages they are as they were pasted. */
function numbersOf(world: World, queue: Shape): Shape {
  if (queue['Messages'] === undefined) return {};
  const standings = messagesIn(queue).map((message) => standingOf(queue, message, world.clock.now()));
  return Object.fromEntries(
    Object.entries(NUMBERS).map(([attribute, standing]) => [
      attribute,
      String(standings.filter((one) => one === standing).length),
    ]),
  );
}

function getQueueAttributes(input: Shape, world: World): object {
  const queue = demandQueue(world, input);
  demandPasted(world, 'sqs:GetQueueAttributes', queue, 'Attributes');
  const given: unknown = input['AttributeNames'];
  const names: readonly unknown[] = Array.isArray(given) ? given : [];
  const known: readonly string[] = ['All', ...QUEUE_ATTRIBUTES];
  for (const name of names)
    if (!known.includes(String(name))) throw refused('InvalidAttributeName', `Unknown Attribute ${String(name)}.`);
  const all = { ...settingsOf(queue), ...numbersOf(world, queue) };
  const unsaid = Object.keys(NUMBERS).filter((name) => names.includes(name) && !Object.hasOwn(all, name));
  // AWS gives them of every queue: of a paste without them, and without its messages, they are not known.
  if (unsaid.length > 0)
    throw notPasted(
      'sqs:GetQueueAttributes',
      `${unsaid.join(', ')} of ${nameOf(queue)}`,
      ' --attribute-names All --queue-url …',
    );
  const asked = Object.entries(all).filter(([name]) => names.includes('All') || names.includes(name));
  return asked.length === 0 ? {} : { Attributes: Object.fromEntries(asked) };
}

function listQueueTags(input: Shape, world: World): object {
  const queue = demandQueue(world, input);
  demandPasted(world, 'sqs:ListQueueTags', queue, 'Tags');
  const tags = queue['Tags'];
  return isRecord(tags) && Object.keys(tags).length > 0 ? { Tags: { ...tags } } : {};
}

function listDeadLetterSourceQueues(input: Shape, world: World): object {
  const target = arnOf(world, demandQueue(world, input));
  const sources = demandQueues(world, 'sqs:ListDeadLetterSourceQueues').filter(
    (queue) => redriveIn(attributesOf(queue)['RedrivePolicy'])?.deadLetterTargetArn === target,
  );
  const { items, rest } = page(
    input,
    sources.map((queue) => String(queue['QueueUrl'])),
  );
  return { queueUrls: items, ...rest };
}

function read(name: string, run: Operation['run']): Operation {
  return { kind: 'read', grade: 'documented', source: `${REFERENCE}${name}.html`, run };
}

export const readOperations: { readonly [operation: string]: Operation } = {
  ListQueues: read('ListQueues', listQueues),
  GetQueueUrl: read('GetQueueUrl', getQueueUrl),
  GetQueueAttributes: read('GetQueueAttributes', getQueueAttributes),
  ListQueueTags: read('ListQueueTags', listQueueTags),
  ListDeadLetterSourceQueues: read('ListDeadLetterSourceQueues', listDeadLetterSourceQueues),
};
