/** The rules of `support/template-rules.ts` on the packaged stack and on every example; and that each rule can be broken. */

import { beforeAll, describe, expect, it } from 'vitest';
import { readTemplate } from '../../build/cloudformation.ts';
import { templateSchema, type Template } from './iam/template.ts';
import { DEFAULTS, packagedTemplate, PACKAGING_TIMEOUT_MS } from './packaged-template.ts';
import { TEMPLATE_RULES } from './template-rules.ts';
import { folders } from './tidy-files.ts';

const EXAMPLES = folders('examples').map((name) => `examples/${name}/template.yml`);

let packaged: Template;
beforeAll(async () => {
  packaged = await packagedTemplate(DEFAULTS);
}, PACKAGING_TIMEOUT_MS);

function example(path: string): Template {
  return templateSchema.parse(readTemplate(path));
}

describe.each(TEMPLATE_RULES)('$name', ({ breaches }) => {
  it('in the packaged stack', async () => {
    expect(await breaches(packaged)).toEqual([]);
  });

  it.each(EXAMPLES)('in %s', async (path) => {
    expect(await breaches(example(path))).toEqual([]);
  });
});

/** The breaches of all rules in a template of one resource, or of a few. */
async function breachesOf(
  Resources: Record<string, { Type: string; Properties: Record<string, unknown>; DeletionPolicy?: string }>,
  more: object = {},
): Promise<string[]> {
  const template = templateSchema.parse({ Resources, ...more });
  const found: string[] = [];
  for (const { breaches } of TEMPLATE_RULES) found.push(...(await breaches(template)));
  return found;
}

function policy(statement: object): Record<string, { Type: string; Properties: Record<string, unknown> }> {
  return {
    P: {
      Type: 'AWS::IAM::ManagedPolicy',
      Properties: { PolicyDocument: { Statement: [{ Effect: 'Allow', ...statement }] } },
    },
  };
}

/** Functions whose failed runs Lambda keeps as dead letters of the function. */
const DURABLE: ReadonlySet<string> = new Set([
  'CarryDashvolumesLambdaFunction',
  'FlushDashcachesLambdaFunction',
  'HealDashbastionLambdaFunction',
  'RedriveDashdeadDashlettersLambdaFunction',
  'ScaleDashhpcDashfleetLambdaFunction',
]);

describe('a breach is found:', () => {
  it('a queue, topic, table, bucket, key or volume that is not encrypted', async () => {
    expect(
      await breachesOf({ Q: { Type: 'AWS::SQS::Queue', Properties: { RedrivePolicy: { deadLetterTargetArn: 'x' } } } }),
    ).toEqual(['Q: a AWS::SQS::Queue that is not encrypted']);
    expect(await breachesOf({ T: { Type: 'AWS::SNS::Topic', Properties: {} } })).toEqual([
      'T: a AWS::SNS::Topic that is not encrypted',
    ]);
    expect(await breachesOf({ K: { Type: 'AWS::KMS::Key', Properties: {} } })).toEqual([
      'K: a AWS::KMS::Key that is not encrypted',
    ]);
    expect(await breachesOf({ V: { Type: 'AWS::EC2::Volume', Properties: { Size: 8 } } })).toEqual([
      'V: a AWS::EC2::Volume that is not encrypted',
    ]);
    expect(
      await breachesOf({
        I: { Type: 'AWS::EC2::Instance', Properties: { BlockDeviceMappings: [{ Ebs: { VolumeSize: 8 } }] } },
      }),
    ).toEqual(['I: a volume that is not encrypted']);
  });

  it('a log, a table or dead letters that are not kept as they should be', async () => {
    expect(await breachesOf({ L: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/a' } } })).toEqual([
      'L: a log that is kept for ever',
    ]);
    expect(
      await breachesOf({ T: { Type: 'AWS::DynamoDB::Table', Properties: { SSESpecification: { SSEEnabled: true } } } }),
    ).toEqual(['T: a table without point-in-time recovery', 'T: a table that goes with its stack']);
    const table = (DeletionPolicy: string, more: object = {}) => ({
      T: {
        Type: 'AWS::DynamoDB::Table',
        DeletionPolicy,
        Properties: {
          SSESpecification: { SSEEnabled: true },
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          ...more,
        },
      },
    });
    expect(await breachesOf(table('Retain'))).toEqual(['T: a table that stays behind when its first deployment fails']);
    expect(await breachesOf(table('RetainExceptOnCreate', { DeletionProtectionEnabled: true }))).toEqual([
      'T: a table that no rollback of its creation can delete',
    ]);
    expect(await breachesOf(table('RetainExceptOnCreate'))).toEqual([]);
  });

  it('a rule, schedule, subscription, function or mapping whose failures are lost', async () => {
    expect(
      await breachesOf({ R: { Type: 'AWS::Events::Rule', Properties: { Targets: [{ Arn: 'x', Id: 'y' }] } } }),
    ).toEqual(['R: a target without dead letters']);
    expect(await breachesOf({ S: { Type: 'AWS::Scheduler::Schedule', Properties: { Target: { Arn: 'x' } } } })).toEqual(
      ['S: a schedule without dead letters'],
    );
    expect(await breachesOf({ S: { Type: 'AWS::SNS::Subscription', Properties: {} } })).toEqual([
      'S: a subscription without dead letters',
    ]);
    expect(
      await breachesOf({ M: { Type: 'AWS::Lambda::EventSourceMapping', Properties: { EventSourceArn: 'x' } } }),
    ).toEqual(['M: records of a stream that are given up are lost']);
    expect(await breachesOf({ F: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'f' } } })).toEqual([
      'F: its log group is left to Lambda, which keeps logs for ever',
      'F: a function whose failed events are lost',
      'F: no alarm on its heartbeat',
      'F: no alarm on DestinationDeliveryFailures',
    ]);
  });

  it('a dead-letter queue that forgets, that EventBridge may not write to, that nobody watches', async () => {
    const Q = { Type: 'AWS::SQS::Queue', Properties: { SqsManagedSseEnabled: true } };
    const R = {
      Type: 'AWS::Events::Rule',
      Properties: { Targets: [{ Arn: 'x', DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['Q', 'Arn'] } } }] },
    };
    expect(await breachesOf({ Q, R })).toEqual([
      'Q: dead letters are to be kept for 14 days',
      'Q: its policy does not let EventBridge bury in it',
      'Q: dead letters without an alarm',
    ]);
  });

  it('a function of which nothing tells that it does not tick, or that its dead letter was lost', async () => {
    // An alarm joins ten functions; those behind them have another.
    const others = Object.fromEntries(
      Object.entries(packaged.Resources).filter(([id]) => !/^(?:Heartbeat|DeadLettersLost)\d*Alarm$/u.test(id)),
    );
    const watched = TEMPLATE_RULES.find(({ name }) => name.includes('alarms'));
    const functions = Object.entries(packaged.Resources).flatMap(([id, { Type }]) =>
      Type === 'AWS::Lambda::Function' ? [id] : [],
    );
    const expected = functions.flatMap((id) => {
      const lost = DURABLE.has(id) ? 'DeadLetterErrors' : 'DestinationDeliveryFailures';
      return [`${id}: no alarm on its heartbeat`, `${id}: no alarm on ${lost}`];
    });
    expect((await watched?.breaches({ Resources: others }))?.toSorted()).toEqual(expected.toSorted());
  });

  it('of functions that stand in their template, only that their events or logs are lost', async () => {
    const Code = { ZipFile: 'exports.handler = async () => {};' };
    const F = (more: object) => ({ F: { Type: 'AWS::Lambda::Function', Properties: { Code, ...more } } });
    expect(await breachesOf(F({}))).toEqual([
      'F: its log group is left to Lambda, which keeps logs for ever',
      'F: a function whose failed events are lost',
    ]);
    const L = { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 3 } };
    expect(
      await breachesOf({
        L,
        ...F({ LoggingConfig: { LogGroup: { Ref: 'L' } }, DeadLetterConfig: { TargetArn: 'x' } }),
      }),
    ).toEqual([]);
  });

  it('a queue without dead letters, but none that letters are parked in; one without an alarm, but none that is redriven by hand', async () => {
    const kept = { SqsManagedSseEnabled: true, MessageRetentionPeriod: 1_209_600 };
    const queue = (more: object = {}) => ({ Type: 'AWS::SQS::Queue', Properties: { ...kept, ...more } });
    const Q = queue({ RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['D', 'Arn'] } } });
    const dead = (mode: string, more: readonly object[] = []) =>
      queue({ Tags: [{ Key: 'runbook:redrive', Value: mode }, ...more] });
    const parked = { Key: 'runbook:parking', Value: { 'Fn::GetAtt': ['P', 'QueueName'] } };
    expect(await breachesOf({ Q, P: queue(), D: dead('auto') })).toEqual([
      'P: a queue without dead letters',
      'D: dead letters without an alarm',
    ]);
    expect(await breachesOf({ Q, P: queue(), D: dead('manual', [parked]) })).toEqual([]);
  });

  it('an alarm that does not say what missing data means, and one of the stack that tells nobody', async () => {
    expect(await breachesOf({ A: { Type: 'AWS::CloudWatch::Alarm', Properties: {} } })).toEqual([
      'A: an alarm that does not say what missing data means',
    ]);
    const { PageAlarm: alarm, ...others } = packaged.Resources;
    const { AlarmActions: _told, ...Properties } = alarm?.Properties ?? {};
    const watched = TEMPLATE_RULES.find(({ name }) => name.includes('alarms'));
    expect(
      await watched?.breaches({ Resources: { ...others, A: { Type: 'AWS::CloudWatch::Alarm', Properties } } }),
    ).toEqual(['A: an alarm that tells nobody']);
    const deaf = { ...alarm?.Properties, Dimensions: [{ Name: 'Runbook', Value: 'carry-volumes' }] };
    expect(
      await watched?.breaches({ Resources: { ...others, A: { Type: 'AWS::CloudWatch::Alarm', Properties: deaf } } }),
    ).toEqual(['A: an alarm that hears another stack too']);
  });

  it('what is open to everybody', async () => {
    expect(
      await breachesOf({
        P: {
          Type: 'AWS::SQS::QueuePolicy',
          Properties: {
            PolicyDocument: {
              Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: 'x' }],
            },
          },
        },
      }),
    ).toEqual(['P: a policy for everybody']);
    expect(await breachesOf({ B: { Type: 'AWS::S3::Bucket', Properties: { BucketEncryption: {} } } })).toEqual([
      'B: a bucket that does not block public access',
    ]);
    expect(await breachesOf({ U: { Type: 'AWS::Lambda::Url', Properties: { AuthType: 'NONE' } } })).toEqual([
      'U: a function that everybody may call',
    ]);
    expect(
      await breachesOf({ P: { Type: 'AWS::Lambda::Permission', Properties: { Principal: 'events.amazonaws.com' } } }),
    ).toEqual(['P: a service that calls for whoever asks it to']);
    const shell = {
      Type: 'AWS::EC2::SecurityGroup',
      Properties: { SecurityGroupIngress: [{ FromPort: 22, ToPort: 22, CidrIp: { Ref: 'Who' } }] },
    };
    expect(await breachesOf({ G: shell }, { Parameters: { Who: { Default: '0.0.0.0/0' } } })).toEqual([
      'G: port 22 is open to everybody',
    ]);
    expect(await breachesOf({ G: shell }, { Parameters: { Who: { Default: '10.0.0.0/8' } } })).toEqual([]);
    expect(
      await breachesOf({
        L: {
          Type: 'AWS::EC2::LaunchTemplate',
          Properties: { LaunchTemplateData: { MetadataOptions: { HttpTokens: 'optional' } } },
        },
      }),
    ).toEqual(['L: instance credentials without a session token (IMDSv1)']);
  });

  it('what a service may do for any account', async () => {
    const statement = (more: object) => ({
      P: {
        Type: 'AWS::SQS::QueuePolicy',
        Properties: {
          PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: 'x', ...more }] },
        },
      },
    });
    const Principal = { Service: ['sns.amazonaws.com', 'events.amazonaws.com'] };
    const found = ['P: sns.amazonaws.com, events.amazonaws.com for any account'];
    expect(await breachesOf(statement({ Principal }))).toEqual(found);
    expect(await breachesOf(statement({ Principal, Condition: { Bool: { 'aws:SecureTransport': 'true' } } }))).toEqual(
      found,
    );
    expect(await breachesOf(statement({ Principal, Condition: { ArnEquals: { 'aws:SourceArn': 'x' } } }))).toEqual([]);
  });

  it('a wildcard for actions, or for resources of an action that knows some', async () => {
    expect(await breachesOf(policy({ Action: 'sqs:*', Resource: 'x' }))).toEqual(['P: the action sqs:*']);
    expect(await breachesOf(policy({ NotAction: 'iam:*', Resource: 'x' }))).toEqual([
      'P: NotAction allows whatever comes to be',
    ]);
    expect(await breachesOf(policy({ Action: ['sqs:SendMessage', 'ec2:DescribeInstances'], Resource: '*' }))).toEqual([
      'P: sqs:SendMessage on every resource',
    ]);
    expect(await breachesOf(policy({ Effect: 'Deny', Action: '*', Resource: '*' }))).toEqual([]);
  });
});
