/** Who has a queue for dead letters in a scenario's beginning, made in moto. */

import { CreateEventBusCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateAliasCommand, CreateFunctionCommand, PutFunctionEventInvokeConfigCommand } from '@aws-sdk/client-lambda';
import { CreateScheduleCommand } from '@aws-sdk/client-scheduler';
import { CreateTopicCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { need, type Ids } from './moto-answers.ts';
import type { Clients } from './place.ts';
import { queueArn, type Seed } from './scenario.ts';
import { deadLetterConfig, destinationConfig, ROLE, subscriptionPolicy } from './simulated-senders.ts';

async function makeSubscriptions({ sns }: Clients, { subscriptions = {} }: Seed, ids: Ids): Promise<void> {
  for (const [name, { topic, queue, deadLetters }] of Object.entries(subscriptions)) {
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: topic }));
    const Attributes: Record<string, string> =
      deadLetters === undefined ? {} : { RedrivePolicy: subscriptionPolicy(deadLetters) };
    const { SubscriptionArn } = await sns.send(
      new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queueArn(queue), Attributes }),
    );
    ids.set(name, need(SubscriptionArn, 'subscription'));
  }
}

/** Moto has no function without its role; it is told by hand, since nothing else here needs a client for IAM. */
export async function makeRole(url: string): Promise<void> {
  const form = new URLSearchParams({
    Action: 'CreateRole',
    Version: '2010-05-08',
    RoleName: ROLE.split('/').at(-1) ?? '',
    AssumeRolePolicyDocument: '{"Version":"2012-10-17","Statement":[]}',
  });
  const authorization = 'AWS4-HMAC-SHA256 Credential=conformance/20261122/us-east-1/iam/aws4_request';
  const { status } = await fetch(url, { method: 'POST', body: form, headers: { authorization } });
  if (status !== 200) throw new Error(`moto makes no role: ${status}`);
}

/** An empty archive: nothing of it is ever run. */
const NO_CODE = new Uint8Array([0x50, 0x4b, 5, 6, ...Array.from({ length: 18 }, () => 0)]);

async function makeFunctions(clients: Clients, url: string, { functions = {} }: Seed): Promise<void> {
  const { lambda } = clients;
  const all = Object.entries(functions);
  if (all.length > 0) await makeRole(url);
  for (const [FunctionName, { deadLetters, onFailure, alias }] of all) {
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName,
        Runtime: 'nodejs24.x',
        Role: ROLE,
        Handler: 'index.handler',
        Code: { ZipFile: NO_CODE },
        ...(deadLetters === undefined ? {} : { DeadLetterConfig: { TargetArn: queueArn(deadLetters) } }),
      }),
    );
    if (onFailure !== undefined)
      await lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName, ...destinationConfig(onFailure) }));
    if (alias !== undefined)
      await lambda.send(new CreateAliasCommand({ FunctionName, Name: alias, FunctionVersion: '$LATEST' }));
  }
}

async function makeRules({ eventBridge }: Clients, { buses = {}, rules = {} }: Seed): Promise<void> {
  for (const [Name, { deadLetters }] of Object.entries(buses))
    await eventBridge.send(new CreateEventBusCommand({ Name, ...deadLetterConfig(deadLetters) }));
  for (const [Name, { bus: EventBusName = 'default', queue, deadLetters }] of Object.entries(rules)) {
    await eventBridge.send(new PutRuleCommand({ Name, EventBusName, EventPattern: '{"source":["shop"]}' }));
    const Targets = [{ Id: 'queue', Arn: queueArn(queue), ...deadLetterConfig(deadLetters) }];
    await eventBridge.send(new PutTargetsCommand({ Rule: Name, EventBusName, Targets }));
  }
}

async function makeSchedules({ scheduler }: Clients, { schedules = {} }: Seed): Promise<void> {
  for (const [Name, { queue, deadLetters }] of Object.entries(schedules))
    await scheduler.send(
      new CreateScheduleCommand({
        Name,
        ScheduleExpression: 'rate(1 day)',
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: { Arn: queueArn(queue), RoleArn: ROLE, ...deadLetterConfig(deadLetters) },
      }),
    );
}

/** Makes them all, behind their queues. */
export async function makeSenders(clients: Clients, url: string, seed: Seed, ids: Ids): Promise<void> {
  await makeSubscriptions(clients, seed, ids);
  await makeFunctions(clients, url, seed);
  await makeRules(clients, seed);
  await makeSchedules(clients, seed);
}
