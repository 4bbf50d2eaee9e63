/** Subscriptions that have a queue for their dead letters, and topics that the queue subscribes to. */

import {
  GetSubscriptionAttributesCommand,
  paginateListSubscriptions,
  SNSClient,
  type Subscription,
} from '@aws-sdk/client-sns';
import { client } from '../../../shared/aws/clients.ts';
import { isBag } from '../../../shared/kernel/json.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { parsedJson, targetOf, type Origin, type Target, type Way } from '../decide.ts';
import { atMost, ofEach, unlessGone } from './reading.ts';

/** Each is asked for by itself: a listing does not say where its dead letters go. */
const MOST_SUBSCRIPTIONS = 1_000;

/** To others nothing can be delivered again: an address of the web, a telephone. */
const DELIVERED: ReadonlySet<string | undefined> = new Set(['sqs', 'lambda']);

/** What SNS has to do with a queue. */
interface Subscribed {
  readonly origins: readonly Origin[];
  /** Topics whose messages come into the queue as to any subscriber, by their ARNs. */
  readonly ways: ReadonlyMap<string, Way>;
  readonly unread: readonly string[];
}

type Found = { readonly origin: Origin } | { readonly way: Way & { readonly by: 'topic' } };

/** Source: API_GetSubscriptionAttributes: the policy is JSON in a text. */
function deadLettersOf(policy: string | undefined): unknown {
  const read = policy === undefined ? undefined : parsedJson(policy);
  return isBag(read) ? read['deadLetterTargetArn'] : undefined;
}

/**
 * Where a subscription delivers. One that nothing can be delivered to is looked at all the same: what it has left raw would else be taken for
 * that of another. It has its own name for a place, for its address may be a person's.
 */
function placeOf(protocol: string | undefined, endpoint: string, subscription: string): Target {
  return targetOf(DELIVERED.has(protocol) ? endpoint : subscription);
}

async function readOne(of: Subscription, queue: string, io: Io): Promise<readonly Found[]> {
  const { SubscriptionArn: arn, TopicArn: topic, Endpoint: endpoint, Protocol: protocol } = of;
  if (arn === undefined || topic === undefined || endpoint === undefined) return [];
  const command = new GetSubscriptionAttributesCommand({ SubscriptionArn: arn });
  const answer = await unlessGone(() => client(SNSClient).send(command, { abortSignal: io.signal }), io);
  const { RedrivePolicy: policy, RawMessageDelivery } = answer?.Attributes ?? {};
  const raw = RawMessageDelivery === 'true';
  const origin: Origin = { kind: 'sns', subscription: arn, topic, raw, to: placeOf(protocol, endpoint, arn) };
  return [
    ...(deadLettersOf(policy) === queue ? [{ origin }] : []),
    ...(answer !== undefined && endpoint === queue ? [{ way: { by: 'topic' as const, topic, raw } }] : []),
  ];
}

/** The subscriptions and topics that put something into a queue. Throws what AWS throws. */
export async function subscriptionsAt(queue: string, io: Io): Promise<Subscribed> {
  const { items, unread } = await atMost(
    MOST_SUBSCRIPTIONS,
    'subscriptions',
    paginateListSubscriptions({ client: client(SNSClient) }, {}, { abortSignal: io.signal }),
    ({ Subscriptions }) => Subscriptions,
  );
  // Until it is confirmed it has neither a name nor messages.
  const confirmed = items.filter(({ SubscriptionArn }) => SubscriptionArn?.startsWith('arn:') === true);
  const found = await ofEach(confirmed, (one) => readOne(one, queue, io));
  return {
    origins: found.flatMap((one) => ('origin' in one ? [one.origin] : [])),
    ways: new Map(found.flatMap((one) => ('way' in one ? [[one.way.topic, one.way] as const] : []))),
    unread,
  };
}
