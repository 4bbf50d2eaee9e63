/** Who has a queue for dead letters in a scenario's beginning, as a world file has them. */

import { ACCOUNT, queueArn, REGION, type Seed } from './scenario.ts';

/** ARN of a topic of the account. */
export function topicArn(name: string): string {
  return `arn:aws:sns:${REGION}:${ACCOUNT}:${name}`;
}

/** What may assume it is the beginning's to say. */
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/sender`;

/** `RedrivePolicy` of a subscription. */
export function subscriptionPolicy(deadLetters: string): string {
  return JSON.stringify({ deadLetterTargetArn: queueArn(deadLetters) });
}

/** `{ Arn }`, where there is a queue. */
export function deadLetterConfig(queue: string | undefined): { readonly DeadLetterConfig?: { readonly Arn: string } } {
  return queue === undefined ? {} : { DeadLetterConfig: { Arn: queueArn(queue) } };
}

/** How asynchronous invocations are treated. */
export function destinationConfig(queue: string): object {
  return { MaximumRetryAttempts: 1, DestinationConfig: { OnFailure: { Destination: queueArn(queue) } } };
}

/** The ids of subscriptions by their names. */
export function senderIds({ subscriptions = {} }: Seed): readonly (readonly [name: string, id: string])[] {
  return Object.entries(subscriptions).map(
    ([name, { topic }], index) =>
      [name, `${topicArn(topic)}:1234abcd-12ab-34cd-56ef-${String(index).padStart(12, '0')}`] as const,
  );
}

/** The sections of a world file. */
export function senderSections(seed: Seed, id: (name: string) => string): object {
  const { subscriptions = {}, functions = {}, buses = {}, rules = {}, schedules = {} } = seed;
  return {
    sns: {
      Subscriptions: Object.entries(subscriptions).map(([name, { topic, queue, deadLetters }]) => ({
        SubscriptionArn: id(name),
        TopicArn: topicArn(topic),
        Protocol: 'sqs',
        Endpoint: queueArn(queue),
        Attributes: deadLetters === undefined ? {} : { RedrivePolicy: subscriptionPolicy(deadLetters) },
      })),
    },
    lambda: {
      Functions: Object.entries(functions).map(([FunctionName, { deadLetters, onFailure, alias }]) => ({
        FunctionName,
        Runtime: 'nodejs24.x',
        Role: ROLE,
        Handler: 'index.handler',
        ...(deadLetters === undefined ? {} : { DeadLetterConfig: { TargetArn: queueArn(deadLetters) } }),
        ...(onFailure === undefined ? {} : { EventInvokeConfig: destinationConfig(onFailure) }),
        ...(alias === undefined ? {} : { Aliases: [{ Name: alias, FunctionVersion: '$LATEST', Description: '' }] }),
      })),
    },
    eventbridge: {
      EventBuses: Object.entries(buses).map(([Name, { deadLetters }]) => ({ Name, ...deadLetterConfig(deadLetters) })),
      Rules: Object.entries(rules).map(([Name, { bus = 'default', queue, deadLetters }]) => ({
        Name,
        EventBusName: bus,
        EventPattern: '{"source":["shop"]}',
        Targets: [{ Id: 'queue', Arn: queueArn(queue), ...deadLetterConfig(deadLetters) }],
      })),
    },
    scheduler: {
      Schedules: Object.entries(schedules).map(([Name, { queue, deadLetters }]) => ({
        Name,
        ScheduleExpression: 'rate(1 day)',
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: { Arn: queueArn(queue), RoleArn: ROLE, ...deadLetterConfig(deadLetters) },
      })),
    },
  };
}
