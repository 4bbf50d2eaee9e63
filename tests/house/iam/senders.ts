/** What the requests ask IAM by which is read who leaves dead letters in a queue, and who takes them: topics, functions, rules, schedules. */

import type { Shape } from '../../../simulator/engine/model.ts';
import type { Authorization } from './policy.ts';
import type { Place } from './template.ts';

/** The resource of each by what the request names; `*`: it has none. Source: service authorization reference. */
const RESOURCES: { readonly [call: string]: (input: Shape, at: string) => string } = {
  'events:DescribeEventBus': ({ Name = 'default' }, at) => `arn:aws:events:${at}:event-bus/${String(Name)}`,
  'events:ListEventBuses': () => '*',
  'events:ListRules': () => '*',
  'events:ListTargetsByRule': ({ Rule }, at) => `arn:aws:events:${at}:rule/${String(Rule)}`,
  'lambda:GetFunctionConcurrency': ({ FunctionName }) => String(FunctionName),
  'lambda:GetFunctionConfiguration': ({ FunctionName }) => String(FunctionName),
  'lambda:ListAliases': ({ FunctionName }) => String(FunctionName),
  'lambda:ListEventSourceMappings': () => '*',
  'lambda:ListFunctionEventInvokeConfigs': ({ FunctionName }) => String(FunctionName),
  'lambda:ListFunctions': () => '*',
  'scheduler:GetSchedule': ({ GroupName = 'default', Name }, at) =>
    `arn:aws:scheduler:${at}:schedule/${String(GroupName)}/${String(Name)}`,
  'scheduler:ListSchedules': () => '*',
  // The topic's, whose name stands before the subscription's.
  'sns:GetSubscriptionAttributes': ({ SubscriptionArn }) => String(SubscriptionArn).split(':').slice(0, 6).join(':'),
  'sns:ListSubscriptions': () => '*',
  'sns:ListSubscriptionsByTopic': ({ TopicArn }) => String(TopicArn),
};

/** `undefined`: it is another request. */
export function ofSenders(action: string, input: Shape, { region, account }: Place): Authorization[] | undefined {
  const resource = RESOURCES[action]?.(input, `${region}:${account}`);
  return resource === undefined ? undefined : [{ action, resource, context: {} }];
}
