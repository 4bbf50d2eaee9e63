/** The simulated SNS: who subscribes to which topic, and where goes what a subscriber does not get. Nothing is published here but by Lambda. */

import { Subscription$, Topic$ } from '@aws-sdk/client-sns';
import { z } from 'zod';
import { isRecord } from '../engine/json.ts';
import { awsError, type Operation, type ServiceModel, type Shape, type World } from '../engine/model.ts';
import { recordSchema } from './ec2/shape.ts';
import { text } from './ec2/state.ts';
import { memberGiven, pageOf, recordsGiven } from './listing.ts';
import { TRIMMINGS } from './pasted.ts';

const SERVICE = 'sns';

/** Source: API_ListSubscriptions, API_ListSubscriptionsByTopic ("returns a limited list of subscriptions, up to 100"). */
const MOST_PER_PAGE = 100;

const texts = z.record(z.string(), z.string()).optional();

const topic = recordSchema(
  Topic$,
  'TopicArn',
  {},
  {
    Attributes: texts.describe('As get-topic-attributes prints them.'),
    Tags: texts.describe('Values by their keys.'),
  },
);

const subscription = recordSchema(
  Subscription$,
  'SubscriptionArn',
  {},
  {
    Attributes: texts.describe(
      'As get-subscription-attributes prints them: all values are text. RawMessageDelivery is false if not said.',
    ),
  },
);

function subscriptionsOf(world: World, call: string): readonly Shape[] {
  return recordsGiven(world, { call, service: SERVICE, collection: 'Subscriptions' });
}

function pageWith(all: readonly Shape[], input: Shape): object {
  const { items, next } = pageOf(all, input['NextToken'], MOST_PER_PAGE);
  const Subscriptions = items.map(({ SubscriptionArn, Owner, Protocol, Endpoint, TopicArn }) => ({
    SubscriptionArn,
    Owner,
    Protocol,
    Endpoint,
    TopicArn,
  }));
  return { Subscriptions, ...(next === undefined ? {} : { NextToken: next }) };
}

function listSubscriptions(input: Shape, world: World): object {
  return pageWith(subscriptionsOf(world, 'sns:ListSubscriptions'), input);
}

/** A topic that a subscription names is there, whether it is written or not. The words: API_ListSubscriptionsByTopic, NotFound; moto. */
function listByTopic(input: Shape, world: World): object {
  const call = 'sns:ListSubscriptionsByTopic';
  const found = subscriptionsOf(world, call).filter(({ TopicArn }) => TopicArn === input['TopicArn']);
  const topics = recordsGiven(world, { call, service: SERVICE, collection: 'Topics' });
  if (found.length === 0 && !topics.some(({ TopicArn }) => TopicArn === input['TopicArn']))
    throw awsError('NotFoundException', 'Topic does not exist', 404);
  return pageWith(found, input);
}

/** What AWS says of a subscription that the file leaves out. */
function attributesOf(record: Shape): Shape {
  const { SubscriptionArn, Owner, Protocol, Endpoint, TopicArn, Attributes } = record;
  return {
    ConfirmationWasAuthenticated: 'true',
    Endpoint,
    Owner,
    PendingConfirmation: 'false',
    Protocol,
    RawMessageDelivery: 'false',
    SubscriptionArn,
    TopicArn,
    ...(isRecord(Attributes) ? Attributes : {}),
  };
}

/** The words: github.com/localstack/localstack, test_sns.snapshot.json, recorded of AWS. */
function getSubscriptionAttributes(input: Shape, world: World): object {
  const call = 'sns:GetSubscriptionAttributes';
  const found = subscriptionsOf(world, call).find(
    ({ SubscriptionArn }) => SubscriptionArn === input['SubscriptionArn'],
  );
  if (found === undefined) throw awsError('NotFoundException', 'Subscription does not exist', 404);
  memberGiven(world, call, found, 'Attributes');
  return { Attributes: attributesOf(found) };
}

/** Subscriptions to a topic, each with its protocol, its endpoint, and whether it gets messages without an envelope. */
export function subscribersOf(
  world: World,
  topicArn: string,
): readonly { readonly arn: string; readonly endpoint: string | undefined; readonly isRaw: boolean }[] {
  const all = world.data[SERVICE]?.['Subscriptions'] ?? [];
  return all
    .filter(({ TopicArn }) => TopicArn === topicArn)
    .map((record) => ({
      arn: text(record, 'SubscriptionArn') ?? '',
      endpoint: text(record, 'Endpoint'),
      isRaw: attributesOf(record)['RawMessageDelivery'] === 'true',
    }));
}

function start(world: World): void {
  for (const record of world.data[SERVICE]?.['Subscriptions'] ?? []) record['Owner'] ??= world.account;
}

const API = 'https://docs.aws.amazon.com/sns/latest/api';

const operations: { readonly [operation: string]: Operation } = {
  ListSubscriptions: {
    kind: 'read',
    grade: 'documented',
    source: `${API}/API_ListSubscriptions.html`,
    run: listSubscriptions,
  },
  ListSubscriptionsByTopic: {
    kind: 'read',
    grade: 'documented',
    source: `${API}/API_ListSubscriptionsByTopic.html`,
    run: listByTopic,
  },
  GetSubscriptionAttributes: {
    kind: 'read',
    grade: 'documented',
    source: `${API}/API_GetSubscriptionAttributes.html`,
    run: getSubscriptionAttributes,
  },
};

export const sns: ServiceModel = {
  name: SERVICE,
  prefix: 'sns',
  schema: z.strictObject({
    ...TRIMMINGS,
    Topics: z.array(topic).optional().describe('As list-topics prints them.'),
    Subscriptions: z.array(subscription).optional().describe('As list-subscriptions prints them.'),
  }),
  collections: { Topics: 'TopicArn', Subscriptions: 'SubscriptionArn' },
  // Those that wait for their confirmation all have the same name.
  within: { Subscriptions: 'Endpoint' },
  operations,
  start,
};
