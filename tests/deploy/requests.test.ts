/** What deploy/standard puts around a runbook that says `requests: queue`. */

import { describe, expect, it } from 'vitest';
import { ARN, DURABLE, flushCache, HERE, propertiesOf, statementsOf } from './flush-cache.ts';

describe('a queue of requests', () => {
  const QUEUE = 'requests: queue\n';

  it('hides a message for six time-outs, and keeps with the failed ones what came to nothing three times', () => {
    expect(propertiesOf(flushCache(QUEUE), 'FlushCacheRequests')).toEqual({
      QueueName: '${param:prefix}-flush-cache-requests',
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 345_600,
      VisibilityTimeout: 360,
      RedrivePolicy: {
        deadLetterTargetArn: { 'Fn::GetAtt': ['FlushCacheRequestsFailed', 'Arn'] },
        maxReceiveCount: 3,
      },
    });
    expect(propertiesOf(flushCache(QUEUE), 'FlushCacheRequestsFailed')).toEqual({
      QueueName: '${param:prefix}-flush-cache-requests-failed',
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 1_209_600,
      RedriveAllowPolicy: {
        redrivePermission: 'byQueue',
        sourceQueueArns: [{ 'Fn::Sub': `${ARN}:sqs:${HERE}:\${param:prefix}-flush-cache-requests` }],
      },
    });
  });

  it('starts the function with ten messages at most, two batches at a time, each message its own result', () => {
    expect(propertiesOf(flushCache(QUEUE), 'FlushCacheRequestsMapping')).toEqual({
      FunctionName: { 'Fn::GetAtt': ['FlushDashcacheLambdaFunction', 'Arn'] },
      EventSourceArn: { 'Fn::GetAtt': ['FlushCacheRequests', 'Arn'] },
      BatchSize: 10,
      MaximumBatchingWindowInSeconds: 0,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    });
  });

  it('takes nothing that is sent in the clear, and neither does that of the failed ones', () => {
    const closed = (id: string): object => ({
      Sid: `${id}OverTls`,
      Effect: 'Deny',
      Principal: '*',
      Action: 'sqs:*',
      Resource: { 'Fn::GetAtt': [id, 'Arn'] },
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
    expect(propertiesOf(flushCache(QUEUE), 'FlushCacheRequestsPolicy')).toEqual({
      Queues: [{ Ref: 'FlushCacheRequests' }, { Ref: 'FlushCacheRequestsFailed' }],
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [closed('FlushCacheRequests'), closed('FlushCacheRequestsFailed')],
      },
    });
  });

  it('is open to its own function, which takes out of it and puts nothing in', () => {
    expect(statementsOf(flushCache(QUEUE))).toContainEqual({
      Sid: 'TakeRequestsByArn',
      Effect: 'Allow',
      Action: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
      Resource: { 'Fn::GetAtt': ['FlushCacheRequests', 'Arn'] },
    });
  });

  it('has people look at what came to nothing, and says where to send to', () => {
    expect(propertiesOf(flushCache(QUEUE), 'FlushCacheRequestsFailedAlarm')).toMatchObject({
      AlarmName: '${param:prefix}-flush-cache-requests-failed',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': ['FlushCacheRequestsFailed', 'QueueName'] } }],
      AlarmActions: [{ Ref: 'LookTopic' }],
    });
    // Received three times, each hidden for six time-outs: what is still there after that nobody takes.
    expect(propertiesOf(flushCache(QUEUE), 'FlushCacheRequestsWaitingAlarm')).toMatchObject({
      AlarmName: '${param:prefix}-flush-cache-requests-waiting',
      MetricName: 'ApproximateAgeOfOldestMessage',
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': ['FlushCacheRequests', 'QueueName'] } }],
      Statistic: 'Maximum',
      Threshold: 1_140,
      AlarmActions: [{ Ref: 'LookTopic' }],
    });
    expect(flushCache(QUEUE).resources.Outputs).toEqual({
      FlushCacheRequestsUrl: {
        Description: 'Send requests for flush-cache here',
        Value: { Ref: 'FlushCacheRequests' },
      },
    });
  });

  it('is nobody’s who does not ask for it, and no durable function’s', () => {
    expect(Object.keys(flushCache().resources.Resources).filter((id) => id.includes('Requests'))).toEqual([]);
    expect(flushCache().resources.Outputs).toEqual({});
    expect(() => flushCache(`${DURABLE}${QUEUE}`)).toThrow(
      'functions/flush-cache/function.yml: requests: a durable function takes no queue: an execution of it is one request',
    );
  });
});

describe('the queue that gathers for the stack', () => {
  const GATHERED = 'requests: gathered\nrules:\n  changed: { description: Told, pattern: { source: [aws.s3] } }\n';

  it('has the stack’s name, and is taken from by the hundred', () => {
    expect(propertiesOf(flushCache(GATHERED), 'FlushCacheRequests')).toMatchObject({
      QueueName: '${param:prefix}-requests',
      VisibilityTimeout: 365,
    });
    expect(propertiesOf(flushCache(GATHERED), 'FlushCacheRequestsMapping')).toMatchObject({
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 5,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  it('is told by rules, by buckets and by topics of this account, and by no other', () => {
    const policy = propertiesOf(flushCache(GATHERED), 'FlushCacheRequestsPolicy')?.['PolicyDocument'];
    const own = { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } };
    const from = (service: string, Sid: string, Condition: object): object => ({
      Sid,
      Effect: 'Allow',
      Principal: { Service: `${service}.amazonaws.com` },
      Action: 'sqs:SendMessage',
      Resource: { 'Fn::GetAtt': ['FlushCacheRequests', 'Arn'] },
      Condition,
    });
    expect(policy).toMatchObject({
      Statement: expect.arrayContaining([
        from('events', 'EventsTells', own),
        from('s3', 'S3Tells', own),
        from('sns', 'SnsTells', {
          ArnLike: { 'aws:SourceArn': { 'Fn::Sub': 'arn:${AWS::Partition}:sns:*:${AWS::AccountId}:*' } },
        }),
      ]) as unknown,
    });
  });

  it('is where its rules put what they let through, and where buckets are told to send to', () => {
    const expanded = flushCache(GATHERED);
    expect(JSON.stringify(expanded.function)).not.toContain('eventBridge');
    expect(propertiesOf(expanded, 'FlushCacheChangedRule')).toMatchObject({
      Name: '${param:prefix}-flush-cache-changed',
      EventPattern: { source: ['aws.s3'] },
      Targets: [
        {
          Arn: { 'Fn::GetAtt': ['FlushCacheRequests', 'Arn'] },
          DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['Undelivered', 'Arn'] } },
        },
      ],
    });
    expect(Object.keys(expanded.resources.Outputs ?? {})).toEqual(['FlushCacheRequestsUrl', 'FlushCacheRequestsArn']);
  });
});
