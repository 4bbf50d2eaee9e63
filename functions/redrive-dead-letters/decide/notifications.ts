/** SNS's envelope around a message, and the event that it makes of one for a function. Pure. */

import { isBag, type Bag } from '../../../shared/kernel/json.ts';

/**
 * A notification as SNS sends it to a queue. Its error attributes, if a topic has it from Lambda, are among `MessageAttributes`.
 * Sources: SNS developer guide, "Parsing Amazon SNS message formats"; recorded of AWS 2023-08-24:
 * github.com/localstack/localstack, test_sns.snapshot.json and test_lambda_destinations.snapshot.json.
 */
export interface Notification {
  readonly topic: string;
  /** The subscription it was for, which stands nowhere but in its `UnsubscribeURL`; `undefined`: it does not say. */
  readonly subscription: string | undefined;
  readonly message: string;
  /** Names of its message attributes. */
  readonly attributes: readonly string[];
  readonly members: Bag;
}

const SUBSCRIPTION = /[?&]SubscriptionArn=([^&#]+)/u;

function subscriptionIn(url: unknown): string | undefined {
  const [, given] = typeof url === 'string' ? (SUBSCRIPTION.exec(url) ?? []) : [];
  try {
    return given === undefined ? undefined : decodeURIComponent(given);
  } catch {
    return given;
  }
}

/** The notification that a body is; `undefined`: it is none. */
export function notificationIn(body: unknown): Notification | undefined {
  if (!isBag(body) || body['Type'] !== 'Notification') return undefined;
  const { TopicArn: topic, Message: message, MessageId: id, MessageAttributes: attributes } = body;
  if (typeof topic !== 'string' || typeof message !== 'string' || typeof id !== 'string') return undefined;
  return {
    topic,
    subscription: subscriptionIn(body['UnsubscribeURL']),
    message,
    attributes: isBag(attributes) ? Object.keys(attributes) : [],
    members: body,
  };
}

/**
 * The event that a subscribed function gets: other names, one level deeper, and a subject of null where there is none.
 * Source: Lambda developer guide, "Invoking Lambda functions with Amazon SNS notifications".
 */
export function eventOf({ members }: Notification, subscription: string): string {
  const { SigningCertURL, UnsubscribeURL, Subject = null, MessageAttributes = {}, ...others } = members;
  const record = {
    EventSource: 'aws:sns',
    EventVersion: '1.0',
    EventSubscriptionArn: subscription,
    Sns: { ...others, Subject, MessageAttributes, SigningCertUrl: SigningCertURL, UnsubscribeUrl: UnsubscribeURL },
  };
  return JSON.stringify({ Records: [record] });
}
