/** Who has a queue for dead letters: subscriptions, functions, rules, buses and schedules. */

import {
  DescribeEventBusCommand,
  ListEventBusesCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
} from '@aws-sdk/client-eventbridge';
import {
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  ListAliasesCommand,
  ListEventSourceMappingsCommand,
  ListFunctionEventInvokeConfigsCommand,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda';
import { GetScheduleCommand, ListSchedulesCommand } from '@aws-sdk/client-scheduler';
import {
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
} from '@aws-sdk/client-sns';
import { queueArn, type Scenario } from '../scenario.ts';
import { topicArn } from '../simulated-senders.ts';

const QUEUES = { dead: {}, orders: {} } as const;

/** An ARN of the same form that names nothing: another last digit than the real one, which ends as chance will have it. */
function unlike(arn: string): string {
  return `${arn.slice(0, -1)}${arn.endsWith('f') ? 'e' : 'f'}`;
}

export const senderScenarios: readonly Scenario[] = [
  {
    name: 'subscriptions are listed, and each tells where its dead letters go',
    seed: {
      queues: QUEUES,
      subscriptions: { placed: { topic: 'shop', queue: 'orders', deadLetters: 'dead' } },
    },
    play: async ({ sns, id }) => {
      await sns(new ListSubscriptionsCommand({}));
      await sns(new ListSubscriptionsByTopicCommand({ TopicArn: topicArn('shop') }));
      await sns(new ListSubscriptionsByTopicCommand({ TopicArn: topicArn('gone') }));
      await sns(new GetSubscriptionAttributesCommand({ SubscriptionArn: id('placed') }));
      await sns(new GetSubscriptionAttributesCommand({ SubscriptionArn: unlike(id('placed')) }));
    },
  },
  {
    name: 'functions are listed with their dead letters, and each tells its aliases and destinations',
    seed: {
      queues: QUEUES,
      functions: { charge: { deadLetters: 'dead', alias: 'live' }, ship: { onFailure: 'dead' } },
    },
    play: async ({ lambda }) => {
      await lambda(new ListFunctionsCommand({}));
      await lambda(new GetFunctionConfigurationCommand({ FunctionName: 'charge' }));
      await lambda(new GetFunctionConfigurationCommand({ FunctionName: 'gone' }));
      await lambda(new ListAliasesCommand({ FunctionName: 'charge' }));
      await lambda(new ListAliasesCommand({ FunctionName: 'gone' }));
      await lambda(new ListFunctionEventInvokeConfigsCommand({ FunctionName: 'ship' }));
      await lambda(new ListFunctionEventInvokeConfigsCommand({ FunctionName: 'charge' }));
      await lambda(new ListFunctionEventInvokeConfigsCommand({ FunctionName: 'gone' }));
      await lambda(new ListEventSourceMappingsCommand({ EventSourceArn: queueArn('orders') }));
      await lambda(new GetFunctionConcurrencyCommand({ FunctionName: 'charge' }));
      await lambda(new GetFunctionConcurrencyCommand({ FunctionName: 'gone' }));
    },
  },
  {
    name: 'rules are listed by bus, with their targets, and both tell where their dead letters go',
    seed: {
      queues: QUEUES,
      buses: { shop: { deadLetters: 'dead' } },
      rules: { placed: { queue: 'orders', deadLetters: 'dead' }, paid: { bus: 'shop', queue: 'orders' } },
    },
    play: async ({ eventBridge }) => {
      await eventBridge(new ListEventBusesCommand({}));
      await eventBridge(new DescribeEventBusCommand({ Name: 'shop' }));
      await eventBridge(new DescribeEventBusCommand({ Name: 'gone' }));
      await eventBridge(new ListRulesCommand({}));
      await eventBridge(new ListRulesCommand({ EventBusName: 'shop' }));
      await eventBridge(new ListTargetsByRuleCommand({ Rule: 'placed' }));
      await eventBridge(new ListTargetsByRuleCommand({ Rule: 'paid', EventBusName: 'shop' }));
      await eventBridge(new ListTargetsByRuleCommand({ Rule: 'gone' }));
    },
  },
  {
    name: 'schedules are listed, and each tells its target and where its dead letters go',
    seed: { queues: QUEUES, schedules: { nightly: { queue: 'orders', deadLetters: 'dead' } } },
    play: async ({ scheduler }) => {
      await scheduler(new ListSchedulesCommand({}));
      await scheduler(new ListSchedulesCommand({ GroupName: 'default' }));
      await scheduler(new GetScheduleCommand({ Name: 'nightly' }));
      await scheduler(new GetScheduleCommand({ Name: 'gone' }));
    },
  },
];
