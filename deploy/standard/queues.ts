/** Where ends what could not be done: nothing that AWS or a person sent is lost without a trace. */

import { arn, att, PREFIX, ref, type Intrinsic, type Resource, type Resources } from './cloudformation.ts';
import type { Names } from './names.ts';
import type { Particulars } from './particulars.ts';

/** The longest that SQS keeps a message, seconds: 14 days. */
const RETENTION = 1_209_600;

/** A queue that keeps what ends in it until a person has looked. `more`: properties beside those that all have. */
export function deadLetterQueue(QueueName: string, more: Resource['Properties'] = {}): Resource {
  return {
    Type: 'AWS::SQS::Queue',
    Properties: { QueueName, SqsManagedSseEnabled: true, MessageRetentionPeriod: RETENTION, ...more },
  };
}

/** The queues that all runbooks share. */
export function stackQueues(): Resources {
  const rulesBury = {
    Sid: 'RulesBury',
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: att('Undelivered', 'Arn'),
    Condition: { ArnLike: { 'aws:SourceArn': arn('events', `rule/${PREFIX}-*`) } },
  };
  return {
    // What no rule and no schedule could hand to a function, as AWS sent it; its attributes name rule and target.
    Undelivered: deadLetterQueue(`${PREFIX}-undelivered`),
    UndeliveredPolicy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [ref('Undelivered')],
        PolicyDocument: { Version: '2012-10-17', Statement: [rulesBury] },
      },
    },
    // Runs of plain functions that failed after Lambda's own retries: the event, the error and whose it was.
    FailedRuns: deadLetterQueue(`${PREFIX}-failed-runs`),
  };
}

/** The queue that failed runs of a runbook are buried in. */
export function failedQueue({ id }: Names, { durable }: Particulars): Intrinsic {
  return att(durable === undefined ? 'FailedRuns' : `${id}Failed`, 'Arn');
}

/** A durable function's own: its dead letters are the event that its execution began with, and do not say whose. */
export function runbookQueues({ full, id }: Names, { durable }: Particulars): Resources {
  return durable === undefined ? {} : { [`${id}Failed`]: deadLetterQueue(`${full}-failed`) };
}
