/** What deploy/standard puts around the particulars of a runbook, plain and durable. */

import { describe, expect, it } from 'vitest';
import { rateOf } from '../../deploy/standard/particulars.ts';
import { expand, runbookNames, shared, standardOf, type Expanded } from '../../deploy/standard/standard.ts';
import { ARN, DURABLE, flushCache, HERE, LEAST, particulars, propertiesOf, statementsOf } from './flush-cache.ts';

describe('the function', () => {
  it('of a plain runbook keeps its events as long as it says, and buries those that failed', () => {
    expect(flushCache().function).toEqual({
      'flush-cache': {
        name: '${param:prefix}-flush-cache',
        description: 'Flushes a cache',
        handler: 'functions/flush-cache/handler.handler',
        role: 'FlushCacheRole',
        timeout: 60,
        memorySize: 512,
        reservedConcurrency: '${deploy:reservedConcurrency, null}',
        maximumEventAge: 300,
        maximumRetryAttempts: 2,
        destinations: { onFailure: { type: 'sqs', arn: { 'Fn::GetAtt': ['FailedRuns', 'Arn'] } } },
        events: [],
      },
    });
  });

  it('of a durable runbook has neither, and a dead-letter queue instead', () => {
    const { 'flush-cache': made } = flushCache(DURABLE).function;
    expect(made).toMatchObject({
      durableConfig: { executionTimeout: 3600, retentionPeriodInDays: 7 },
      onError: { 'Fn::GetAtt': ['FlushCacheFailed', 'Arn'] },
    });
    expect(Object.keys(made ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/maximum|destinations/u)]),
    );
  });

  it('is started by its rules, each with the delivery and the dead letters of all', () => {
    const rules = "rules: { hook: { description: 'A hook', pattern: { source: [aws.autoscaling] } } }\n";
    expect(flushCache(rules).function['flush-cache']).toMatchObject({
      events: [
        {
          eventBridge: {
            name: '${param:prefix}-flush-cache-hook',
            description: 'A hook',
            pattern: { source: ['aws.autoscaling'] },
            retryPolicy: { maximumEventAge: 300, maximumRetryAttempts: 10 },
            deadLetterQueueArn: { 'Fn::GetAtt': ['Undelivered', 'Arn'] },
          },
        },
      ],
    });
  });
});

describe('the schedule', () => {
  it('is spelt as EventBridge Scheduler wants it', () => {
    expect([rateOf(1), rateOf(5)]).toEqual(['rate(1 minute)', 'rate(5 minutes)']);
  });

  it.each([
    ['everyMinutes: 1', 'rate(1 minute)', 1],
    ['everyMinutes: 5040', 'rate(5040 minutes)', 5040],
    ["cron: '0 8 * * ? *'", 'cron(0 8 * * ? *)', 1440],
    ["cron: '0/5 8-17 ? * MON-FRI *'", 'cron(0/5 8-17 ? * MON-FRI *)', 3725],
    ["cron: '0 8 1 * ? *', heartbeat: false", 'cron(0 8 1 * ? *)', undefined],
    ['everyMinutes: 5, heartbeat: false', 'rate(5 minutes)', undefined],
  ])('may be %s', (said, expression, beatMinutes) => {
    const own = particulars(LEAST.replace('everyMinutes: 1', said));
    expect(own.schedule).toEqual({ description: 'Looks', expression, beatMinutes });
    expect(propertiesOf(expand('flush-cache', own), 'FlushCacheSchedule')).toMatchObject({
      ScheduleExpression: expression,
    });
  });

  it('starts a plain function, but the alias of a durable one', () => {
    const target = (expanded: Expanded): unknown => propertiesOf(expanded, 'FlushCacheSchedule')?.['Target'];
    expect(target(flushCache())).toMatchObject({ Arn: { 'Fn::GetAtt': ['FlushDashcacheLambdaFunction', 'Arn'] } });
    expect(target(flushCache(DURABLE))).toMatchObject({ Arn: { Ref: 'FlushDashcacheDurableLambdaAlias' } });
  });

  it('lets alarms start the function where the runbook says so, and nowhere else', () => {
    expect(propertiesOf(flushCache(), 'FlushCacheAlarmPermission')).toBeUndefined();
    expect(propertiesOf(flushCache('alarmAction: true\n'), 'FlushCacheAlarmPermission')).toMatchObject({
      Principal: 'lambda.alarms.cloudwatch.amazonaws.com',
      SourceAccount: { Ref: 'AWS::AccountId' },
      SourceArn: { 'Fn::Sub': `${ARN}:cloudwatch:${HERE}:alarm:*` },
    });
  });
});

describe('the role', () => {
  it('has what is for CloudFront in us-east-1, wherever the stack is', () => {
    const own = 'statements: [{ Sid: ReadByArn, Action: wafv2:GetIPSet, Resource: wafv2:global/ipset/*/* }]';
    expect(statementsOf(flushCache(own))[0]).toEqual({
      Sid: 'ReadByArn',
      Effect: 'Allow',
      Action: 'wafv2:GetIPSet',
      Resource: { 'Fn::Sub': `${ARN}:wafv2:us-east-1:\${AWS::AccountId}:global/ipset/*/*` },
    });
  });

  it("has the runbook's own statements first, with what they are about written out", () => {
    const own = `statements:
  - { Sid: SeeByCode, Action: ec2:DescribeInstances, Resource: '*' }
  - { Sid: StopByTag, Action: ec2:StopInstances, Resource: ec2:instance/*, Condition: { Bool: { x: 'true' } } }
  - { Sid: CopyByArn, Action: ec2:CreateSnapshot, Resource: [ec2:volume/*, !Sub 'arn:x::snapshot/*'] }
`;
    expect(statementsOf(flushCache(own)).slice(0, 3)).toEqual([
      { Sid: 'SeeByCode', Effect: 'Allow', Action: 'ec2:DescribeInstances', Resource: '*' },
      {
        Sid: 'StopByTag',
        Effect: 'Allow',
        Action: 'ec2:StopInstances',
        Resource: { 'Fn::Sub': `${ARN}:ec2:${HERE}:instance/*` },
        Condition: { Bool: { x: 'true' } },
      },
      {
        Sid: 'CopyByArn',
        Effect: 'Allow',
        Action: 'ec2:CreateSnapshot',
        Resource: [{ 'Fn::Sub': `${ARN}:ec2:${HERE}:volume/*` }, { 'Fn::Sub': 'arn:x::snapshot/*' }],
      },
    ]);
  });

  it('may keep checkpoints only where there are some', () => {
    const checkpoints = expect.objectContaining({ Sid: 'KeepCheckpointsByArn' });
    expect(statementsOf(flushCache())).not.toContainEqual(checkpoints);
    expect(statementsOf(flushCache(DURABLE))).toContainEqual(checkpoints);
  });
});

describe('alarms', () => {
  const alarm = (expanded: Expanded, name: string) => propertiesOf(expanded, `FlushCache${name}Alarm`);

  it('of a runbook alone watch a number of its own, and tell those whom it names', () => {
    const own = flushCache(
      'alarms: { hot: { class: page, AlarmDescription: Too hot, MetricName: Hot, Threshold: 3 } }\n',
    );
    expect(alarm(own, 'Hot')).toEqual({
      AlarmName: '${param:prefix}-flush-cache-hot',
      AlarmDescription: 'Too hot',
      Namespace: 'Runbook',
      MetricName: 'Hot',
      Dimensions: [
        { Name: 'Stack', Value: '${param:prefix}' },
        { Name: 'Runbook', Value: 'flush-cache' },
      ],
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 3,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: [{ Ref: 'PageTopic' }],
      OKActions: [{ Ref: 'PageTopic' }],
    });
  });

  it('watch the queue of a durable runbook; a plain one shares that of all', () => {
    expect(alarm(flushCache(), 'FailedRuns')).toBeUndefined();
    expect(alarm(flushCache(DURABLE), 'FailedRuns')).toMatchObject({
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': ['FlushCacheFailed', 'QueueName'] } }],
      AlarmActions: [{ Ref: 'LookTopic' }],
    });
  });
});

describe('the alarm on lost dead letters', () => {
  it('is one for all, with a bit for each function, as each host counts it', () => {
    const kept = [
      { runbook: 'r1', isDurable: false },
      { runbook: 'r2', isDurable: true },
    ];
    const lost = (MetricName: string, runbook: string) => ({
      Metric: {
        Namespace: 'AWS/Lambda',
        MetricName,
        Dimensions: [{ Name: 'FunctionName', Value: `\${param:prefix}-${runbook}` }],
      },
      Period: 60,
      Stat: 'Sum',
    });
    expect(shared([], kept).Resources['DeadLettersLostAlarm']?.Properties).toEqual({
      AlarmName: '${param:prefix}-dead-letters-lost',
      AlarmDescription: expect.stringMatching(/ The value is the sum of 1 r1, 2 r2\.$/u),
      Metrics: [
        {
          Id: 'lost',
          Label: 'the sum of: 1 r1, 2 r2',
          Expression: 'IF(FILL(m1, 0) > 0, 1, 0) + IF(FILL(m2, 0) > 0, 2, 0)',
          ReturnData: true,
        },
        { Id: 'm1', MetricStat: lost('DestinationDeliveryFailures', 'r1'), ReturnData: false },
        { Id: 'm2', MetricStat: lost('DeadLetterErrors', 'r2'), ReturnData: false },
      ],
      EvaluationPeriods: 1,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: [{ Ref: 'PageTopic' }],
      OKActions: [{ Ref: 'PageTopic' }],
    });
  });

  it('has a second one for the eleventh function', () => {
    const kept = Array.from({ length: 11 }, (_, index) => ({ runbook: `r${index + 1}`, isDurable: false }));
    expect(shared([], kept).Resources['DeadLettersLost2Alarm']?.Properties).toMatchObject({
      AlarmName: '${param:prefix}-dead-letters-lost-2',
      Metrics: [{ Expression: 'IF(FILL(m1, 0) > 0, 1, 0)' }, { Id: 'm1' }],
    });
  });
});

describe('the heartbeat', () => {
  const ticking = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ runbook: `r${index + 1}`, everyMinutes: index === 1 ? 2 : 1 }));
  const beat = (runbook: string) => ({
    Metric: {
      Namespace: 'Runbook',
      MetricName: 'Heartbeat',
      Dimensions: [
        { Name: 'Stack', Value: '${param:prefix}' },
        { Name: 'Runbook', Value: runbook },
      ],
    },
    Period: 120,
    Stat: 'Sum',
  });

  it('is one alarm whose value has a bit for each function, which its description decodes', () => {
    const { HeartbeatAlarm } = shared(ticking(3), []).Resources;
    expect(HeartbeatAlarm?.Properties).toEqual({
      AlarmName: '${param:prefix}-heartbeat',
      AlarmDescription: expect.stringMatching(/ The value is the sum of 1 r1, 2 r2, 4 r3\.$/u),
      Metrics: [
        {
          Id: 'missing',
          Label: 'the sum of: 1 r1, 2 r2, 4 r3',
          Expression: 'IF(FILL(m1, 0) < 1, 1, 0) + IF(FILL(m2, 0) < 1, 2, 0) + IF(FILL(m3, 0) < 1, 4, 0)',
          ReturnData: true,
        },
        { Id: 'm1', MetricStat: beat('r1'), ReturnData: false },
        { Id: 'm2', MetricStat: beat('r2'), ReturnData: false },
        { Id: 'm3', MetricStat: beat('r3'), ReturnData: false },
      ],
      EvaluationPeriods: 2,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'breaching',
      AlarmActions: [{ Ref: 'PageTopic' }],
      OKActions: [{ Ref: 'PageTopic' }],
    });
  });

  it('has a second alarm for the eleventh function', () => {
    const { Resources } = shared(ticking(11), []);
    expect(Resources['Heartbeat2Alarm']?.Properties).toMatchObject({
      AlarmName: '${param:prefix}-heartbeat-2',
      Metrics: [{ Expression: 'IF(FILL(m1, 0) < 1, 1, 0)' }, { Id: 'm1' }],
    });
    expect(JSON.stringify(Resources['HeartbeatAlarm'])).not.toContain('r11');
  });

  it('of those that tick about as often is one alarm, as slow as the slowest of them', () => {
    const { Resources } = shared(
      [
        { runbook: 'nightly', everyMinutes: 1440 },
        { runbook: 'hourly', everyMinutes: 60 },
        { runbook: 'quarterly', everyMinutes: 15 },
        { runbook: 'patient', everyMinutes: 5 },
        { runbook: 'brisk', everyMinutes: 1 },
      ],
      [],
    );
    const watched = ['', 2, 3, 4].map((number) => {
      const { AlarmDescription: words, Metrics } = Resources[`Heartbeat${number}Alarm`]?.Properties ?? {};
      return [/ The value is the sum of (?<of>.*)\.$/u.exec(String(words))?.groups?.['of'], JSON.stringify(Metrics)];
    });
    expect(watched).toEqual([
      ['1 brisk', expect.stringContaining('"Period":60,')],
      ['1 patient', expect.stringContaining('"Period":300,')],
      ['1 hourly, 2 quarterly', expect.stringContaining('"Period":3600,')],
      ['1 nightly', expect.stringContaining('"Period":86400,')],
    ]);
  });
});

describe('a function.yml that is wrong', () => {
  it.each([
    ['timeout: 60', 'timeout: soon', 'timeout: '],
    ['timeout: 60', 'timeout: 60\nmemory: 3', 'the file: '],
    ['timeout: 60', 'timeout: 60\nrequests: stream', 'requests: may only be queue or gathered'],
    ['everyMinutes: 1', 'everyMinutes: 0', 'schedule.everyMinutes: '],
    ['everyMinutes: 1', "everyMinutes: 1, cron: '0 8 * * ? *'", 'schedule: say either everyMinutes or cron'],
    [', everyMinutes: 1', '', 'schedule: say either everyMinutes or cron'],
    [
      'everyMinutes: 1',
      "cron: '0 8 * * * *'",
      'schedule.cron: cron(0 8 * * * *): one of day-of-month and day-of-week must be ?, and the other not',
    ],
    [
      'everyMinutes: 1',
      "cron: '0 8 ? * MON *'",
      'schedule.cron: no heartbeat alarm can watch cron(0 8 ? * MON *): it has to tick every three and a half days at least, or to say heartbeat: false beside it',
    ],
    [
      'everyMinutes: 1',
      'everyMinutes: 5041',
      'schedule.everyMinutes: no heartbeat alarm can watch rate(5041 minutes): ',
    ],
    [
      'timeout: 60',
      'timeout: 60\nstatements: [{ Sid: X, Action: a:B, Resource: ec2/instance }]',
      'statements.0.Resource: ',
    ],
  ])('with %s as %s is told in one line, by its path', (right, wrong, told) => {
    const attempt = (): unknown => particulars(LEAST.replace(right, wrong));
    expect(attempt).toThrow(`functions/flush-cache/function.yml: ${told}`);
    expect(attempt).toThrow(/^[^\n]+$/u);
  });

  it('is told of the runbook whose it is', () => {
    expect(() => standardOf('no-such-runbook')).toThrow('functions/no-such-runbook/function.yml');
  });

  it('is none of those that are here', () => {
    for (const name of runbookNames()) expect(Object.keys(standardOf(name).function)).toEqual([name]);
  });
});

describe('the data ledger', () => {
  const DATA = 'data: { read: [block], write: [published] }\nstream: [block]\n';

  it('is open to a function by partition, and its stream to who listens to it', () => {
    const onData = (Sid: string, Action: unknown, partitions: readonly string[]): object => ({
      Sid,
      Effect: 'Allow',
      Action,
      Resource: { 'Fn::GetAtt': ['DataTable', 'Arn'] },
      Condition: {
        'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': partitions },
        Null: { 'dynamodb:LeadingKeys': 'false' },
      },
    });
    const statements = statementsOf(flushCache(DATA));
    expect(statements).toContainEqual(
      onData('ReadDataByArn', ['dynamodb:GetItem', 'dynamodb:Query'], ['block', 'published']),
    );
    expect(statements).toContainEqual(onData('WriteDataByArn', 'dynamodb:PutItem', ['published']));
    expect(statements).toContainEqual({
      Sid: 'HearOfDataByArn',
      Effect: 'Allow',
      Action: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
      Resource: { 'Fn::GetAtt': ['DataTable', 'StreamArn'] },
    });
    expect(JSON.stringify(statementsOf(flushCache()))).not.toContain('DataTable');
  });

  it('is open to who only adds to a partition for listing it, and for single writes', () => {
    const statements = statementsOf(flushCache('data: { read: [], write: [published], add: [redriven] }\n'));
    const onData = statements.filter((statement) => JSON.stringify(statement).includes('DataTable'));
    expect(onData).toMatchObject(
      [
        { Sid: 'ReadDataByArn', Action: ['dynamodb:GetItem', 'dynamodb:Query'], partitions: ['published'] },
        { Sid: 'ListDataByArn', Action: 'dynamodb:Query', partitions: ['redriven'] },
        { Sid: 'WriteDataByArn', Action: 'dynamodb:PutItem', partitions: ['published', 'redriven'] },
      ].map(({ partitions, ...statement }) => ({
        ...statement,
        Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': partitions } },
      })),
    );
  });

  it('starts a function by the partitions that it names', () => {
    expect(propertiesOf(flushCache(DATA), 'FlushCacheDataStream')).toEqual({
      FunctionName: { 'Fn::GetAtt': ['FlushDashcacheLambdaFunction', 'Arn'] },
      EventSourceArn: { 'Fn::GetAtt': ['DataTable', 'StreamArn'] },
      StartingPosition: 'LATEST',
      BatchSize: 1_000,
      MaximumBatchingWindowInSeconds: 1,
      MaximumRecordAgeInSeconds: 120,
      FilterCriteria: { Filters: [{ Pattern: '{"dynamodb":{"Keys":{"pk":{"S":["block"]}}}}' }] },
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['FailedRuns', 'Arn'] } } },
    });
    expect(propertiesOf(flushCache(), 'FlushCacheDataStream')).toBeUndefined();
  });

  it('wakes nobody by what it writes itself', () => {
    for (const data of ['write: [block]', 'write: [], add: [block]'])
      expect(() => flushCache(`data: { read: [], ${data} }\nstream: [block]\n`)).toThrow(
        'functions/flush-cache/function.yml: stream: writes to a partition that starts it: it would wake itself for ever',
      );
  });
});
