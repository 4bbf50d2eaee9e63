/** Queues, what sends dead letters to them, and what they feed. */

import { isRecord } from '../../../simulator/engine/json.ts';
import type { Row } from '../asking.ts';
import { tagObject, type Tagged } from './caches.ts';
import { section, textOf, type Place, type Section, type Sections } from './place.ts';

async function queue({ ask, region }: Place, QueueUrl: string): Promise<Row | undefined> {
  const answer = await ask.one(region, 'sqs:GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
  const Attributes = answer?.['Attributes'];
  if (!isRecord(Attributes)) return undefined;
  const tags = await ask.one(region, 'sqs:ListQueueTags', { QueueUrl });
  const SourceArn = textOf(Attributes['QueueArn']);
  return {
    QueueName: QueueUrl.split('/').at(-1),
    QueueUrl,
    Attributes,
    ...(tags === undefined ? {} : { Tags: tags['Tags'] ?? {} }),
    SourceArn,
  };
}

/** Tasks that move the messages of a queue of dead letters. Only of such a queue AWS lists them. */
async function withTasks({ ask, region }: Place, { SourceArn, ...row }: Row, isDead: boolean): Promise<Row> {
  if (!isDead) return row;
  const Results = await ask.all(region, 'sqs:ListMessageMoveTasks', { SourceArn, MaxResults: 10 }, 'Results');
  return Results === undefined || Results.length === 0 ? row : { ...row, MessageMoveTasks: Results };
}

async function readSqs(place: Place): Promise<Section> {
  const { ask, region } = place;
  const urls = await ask.all(region, 'sqs:ListQueues', { MaxResults: 1_000 }, 'QueueUrls');
  if (urls === undefined) return {};
  const found = await ask.each(urls, ({ Value }) => queue(place, textOf(Value)));
  const queues = found.flatMap((one) => (one === undefined ? [] : [one]));
  const policies = queues.map((one) => JSON.stringify(one['Attributes']));
  const isDead = ({ SourceArn }: Row): boolean =>
    policies.some((policy) => policy.includes('deadLetterTargetArn') && policy.includes(`${textOf(SourceArn)}\\"`));
  return { Queues: await ask.each(queues, (one) => withTasks(place, one, isDead(one))) };
}

async function readSns({ ask, region }: Place): Promise<Section> {
  const listed = await ask.all(region, 'sns:ListSubscriptions', {}, 'Subscriptions');
  if (listed === undefined) return {};
  const subscriptions = await ask.each(listed, async (one) => {
    // One that waits for its confirmation has no ARN, and no attributes.
    if (!textOf(one['SubscriptionArn']).startsWith('arn:')) return one;
    const answer = await ask.one(region, 'sns:GetSubscriptionAttributes', { SubscriptionArn: one['SubscriptionArn'] });
    return { ...one, ...(answer === undefined ? {} : { Attributes: answer['Attributes'] ?? {} }) };
  });
  return { Subscriptions: subscriptions.filter((one) => textOf(one['SubscriptionArn']).startsWith('arn:')) };
}

async function readEvents({ ask, region }: Place): Promise<Section> {
  const buses = await ask.all(region, 'events:ListEventBuses', {}, 'EventBuses');
  if (buses === undefined) return {};
  const described = await ask.each(buses, async (bus) => {
    const answer = await ask.one(region, 'events:DescribeEventBus', { Name: bus['Name'] });
    return { ...bus, ...answer };
  });
  const found = await ask.each(buses, ({ Name: EventBusName }) =>
    ask.all(region, 'events:ListRules', { EventBusName }, 'Rules'),
  );
  const rules = found.flatMap((one) => one ?? []);
  const withTargets = await ask.each(rules, async (rule) => {
    const { Name: Rule, EventBusName } = rule;
    const Targets = await ask.all(region, 'events:ListTargetsByRule', { Rule, EventBusName }, 'Targets');
    return { ...rule, ...(Targets === undefined ? {} : { Targets }) };
  });
  return section({ EventBuses: described, Rules: found.includes(undefined) ? undefined : withTargets });
}

async function readSchedules({ ask, region }: Place): Promise<Section> {
  const listed = await ask.all(region, 'scheduler:ListSchedules', {}, 'Schedules');
  const whole = await ask.each(listed ?? [], ({ Name, GroupName }) =>
    ask.one(region, 'scheduler:GetSchedule', { Name, GroupName }),
  );
  return section({ Schedules: listed && whole.flatMap((one) => (one === undefined ? [] : [one])) });
}

async function lambdaFunction({ ask, region }: Place, row: Row, tagged: Tagged | undefined): Promise<Row> {
  const { FunctionName } = row;
  const [Aliases, EventInvokeConfig, Concurrency] = await Promise.all([
    ask.all(region, 'lambda:ListAliases', { FunctionName }, 'Aliases'),
    ask.all(region, 'lambda:ListFunctionEventInvokeConfigs', { FunctionName }, 'FunctionEventInvokeConfigs'),
    ask.one(region, 'lambda:GetFunctionConcurrency', { FunctionName }),
  ]);
  const own = tagged?.find(({ arn }) => arn === row['FunctionArn']);
  return {
    ...row,
    ...(Aliases === undefined ? {} : { Aliases }),
    ...(EventInvokeConfig === undefined ? {} : { EventInvokeConfig }),
    ...(Concurrency === undefined ? {} : { Concurrency }),
    ...(own === undefined ? {} : { Tags: tagObject(own.tags) }),
  };
}

async function readLambda(place: Place, tagged: Tagged | undefined): Promise<Section> {
  const { ask, region } = place;
  const functions = await ask.all(region, 'lambda:ListFunctions', {}, 'Functions');
  return section({
    Functions: functions && (await ask.each(functions, (one) => lambdaFunction(place, one, tagged))),
    EventSourceMappings: await ask.all(region, 'lambda:ListEventSourceMappings', {}, 'EventSourceMappings'),
  });
}

/** Queues, senders and consumers of a Region. */
export async function readQueues(place: Place, tagged: Tagged | undefined): Promise<Sections> {
  const [sqs, sns, eventbridge, scheduler, lambda] = await Promise.all([
    readSqs(place),
    readSns(place),
    readEvents(place),
    readSchedules(place),
    readLambda(place, tagged),
  ]);
  return { sqs, sns, eventbridge, scheduler, lambda };
}
