/** Where ends what could not be done: nothing that AWS or a person sent is lost without a trace. */

import { arn, att, ref, type Resource, type Resources } from './cloudformation.ts';
import type { Names } from './names.ts';

/** The longest that SQS keeps a message, seconds: 14 days. */
const RETENTION = 1_209_600;

function queue(QueueName: string): Resource {
  return {
    Type: 'AWS::SQS::Queue',
    Properties: { QueueName, SqsManagedSseEnabled: true, MessageRetentionPeriod: RETENTION },
  };
}

/** The queue of what no rule and no schedule could hand to the function, and that of runs that failed for good. */
export function queueResources({ full, id }: Names): Resources {
  const rulesBury = {
    Sid: 'RulesBury',
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: att(`${id}Undelivered`, 'Arn'),
    Condition: { ArnLike: { 'aws:SourceArn': arn('events', `rule/${full}-*`) } },
  };
  return {
    // What AWS sent, as it was sent.
    [`${id}Undelivered`]: queue(`${full}-undelivered`),
    [`${id}UndeliveredPolicy`]: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [ref(`${id}Undelivered`)],
        PolicyDocument: { Version: '2012-10-17', Statement: [rulesBury] },
      },
    },
    // A plain function's: the event and the error, after Lambda's own retries. A durable one's: the event its execution began with.
    [`${id}Failed`]: queue(`${full}-failed`),
  };
}
