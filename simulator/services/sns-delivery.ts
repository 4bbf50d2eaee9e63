/** What a topic hands to those who subscribe to it. */

import type { World } from '../engine/model.ts';
import { uuid } from '../engine/uuid.ts';
import { subscribersOf } from './sns.ts';

/** A message as it is published, and as a raw delivery has it. */
export interface Published {
  readonly body: string;
  readonly attributes: { readonly [name: string]: { readonly DataType: string; readonly StringValue: string } };
}

/** SNS's envelope. Source: SNS developer guide, "Parsing Amazon SNS message formats". */
function notification(world: World, topic: string, subscription: string, { body, attributes }: Published): string {
  const host = `https://sns.${world.region}.amazonaws.com`;
  const own = Object.entries(attributes).map(
    ([name, { DataType, StringValue }]) => [name, { Type: DataType, Value: StringValue }] as const,
  );
  return JSON.stringify({
    Type: 'Notification',
    MessageId: uuid(world),
    TopicArn: topic,
    Message: body,
    Timestamp: world.clock.iso(),
    SignatureVersion: '1',
    Signature: 'EXAMPLE',
    SigningCertURL: `${host}/SimpleNotificationService-example.pem`,
    UnsubscribeURL: `${host}/?Action=Unsubscribe&SubscriptionArn=${subscription}`,
    ...(own.length === 0 ? {} : { MessageAttributes: Object.fromEntries(own) }),
  });
}

/** Hands a message to each subscriber of a topic, in an envelope or as it is. */
export function deliver(
  world: World,
  topic: string,
  published: Published,
  send: (endpoint: string | undefined, message: Published) => void,
): void {
  for (const { arn, endpoint, isRaw } of subscribersOf(world, topic))
    send(endpoint, isRaw ? published : { body: notification(world, topic, arn, published), attributes: {} });
}
