/** The tick, the role that starts it, and the permission of alarms to start the function themselves. */

import { arn, att, ref, type Resources } from './cloudformation.ts';
import type { Names } from './names.ts';
import type { Particulars } from './particulars.ts';

function scheduleRole({ target }: Names): Resources[string] {
  const trust = {
    Effect: 'Allow',
    Principal: { Service: 'scheduler.amazonaws.com' },
    Action: 'sts:AssumeRole',
    Condition: { StringEquals: { 'aws:SourceAccount': ref('AWS::AccountId') } },
  };
  const statements = [
    { Sid: 'InvokeByArn', Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: target },
    { Sid: 'BuryByArn', Effect: 'Allow', Action: 'sqs:SendMessage', Resource: att('Undelivered', 'Arn') },
  ];
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [trust] },
      Policies: [{ PolicyName: 'tick', PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
    },
  };
}

/** The schedule and its role. */
export function scheduleResources(names: Names, { schedule }: Particulars): Resources {
  const { full, id, target } = names;
  return {
    [`${id}Schedule`]: {
      Type: 'AWS::Scheduler::Schedule',
      Properties: {
        Name: full,
        Description: schedule.description,
        ScheduleExpression: schedule.expression,
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: {
          Arn: target,
          RoleArn: att(`${id}ScheduleRole`, 'Arn'),
          // A tick that was missed must not be made up for: the next one sees more.
          RetryPolicy: { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 },
          DeadLetterConfig: { Arn: att('Undelivered', 'Arn') },
        },
      },
    },
    [`${id}ScheduleRole`]: scheduleRole(names),
  };
}

/** An alarm may call the function itself, as its alarm action: a hop less than through a rule. */
export function alarmPermission({ id, target }: Names, { alarmAction }: Particulars): Resources {
  if (!alarmAction) return {};
  return {
    [`${id}AlarmPermission`]: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        FunctionName: target,
        Action: 'lambda:InvokeFunction',
        Principal: 'lambda.alarms.cloudwatch.amazonaws.com',
        SourceAccount: ref('AWS::AccountId'),
        SourceArn: arn('cloudwatch', 'alarm:*'),
      },
    },
  };
}
