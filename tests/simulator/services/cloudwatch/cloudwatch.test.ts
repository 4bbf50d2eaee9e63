import { describe, expect, it } from 'vitest';
import { isRecord } from '../../../../simulator/engine/json.ts';
import { type ServiceWorld, serviceWorld } from '../service-world.ts';

const ID = 'i-0a1';

const alarm = (more: object = {}) => ({
  AlarmName: 'failed',
  Namespace: 'AWS/EC2',
  MetricName: 'StatusCheckFailed',
  Dimensions: [{ Name: 'InstanceId', Value: ID }],
  EvaluationPeriods: 2,
  ...more,
});

const world = (
  metricAlarms: readonly object[],
  compositeAlarms: readonly object[] = [],
  script: object = {},
): ServiceWorld =>
  serviceWorld({
    ec2: { Instances: [{ InstanceId: ID, State: { Name: 'running' }, Placement: { AvailabilityZone: 'eu-west-1a' } }] },
    cloudwatch: { MetricAlarms: metricAlarms, CompositeAlarms: compositeAlarms },
    ...script,
  });

const stateOf = ({ world: simulated }: ServiceWorld, name = 'failed'): unknown =>
  [...simulated.records('cloudwatch', 'MetricAlarms'), ...simulated.records('cloudwatch', 'CompositeAlarms')].find(
    (each) => each['AlarmName'] === name,
  )?.['StateValue'];

const alarmEvents = ({ events }: ServiceWorld) => events.filter((event) => event.source === 'aws.cloudwatch');

const impair = (simulation: ServiceWorld, check = 'SystemStatus', status = 'impaired') =>
  simulation.set(`ec2/InstanceStatuses/${ID}/${check}/Status`, status);

describe('an alarm on a status check', () => {
  it('begins OK, samples without keeping the world busy, and stays OK', () => {
    const simulation = world([alarm()]);
    expect(simulation.quiesce()).toBe(0);
    simulation.pass(3600);
    expect(stateOf(simulation)).toBe('OK');
    expect(alarmEvents(simulation)).toEqual([]);
    expect(simulation.clock.foreground()).toBe(0);
  });

  it('goes to ALARM after its datapoints, and the world is not at rest before that', () => {
    const simulation = world([alarm()]);
    simulation.pass(30);
    impair(simulation);
    expect(simulation.clock.foreground()).toBe(1);
    simulation.pass(89);
    expect(stateOf(simulation)).toBe('OK');
    expect(simulation.quiesce()).toBe(1);
    expect(stateOf(simulation)).toBe('ALARM');
    expect(alarmEvents(simulation)).toHaveLength(1);
  });

  it('publishes its transition as CloudWatch does', () => {
    const simulation = world([alarm({ AlarmDescription: 'holder' })]);
    impair(simulation);
    simulation.quiesce();
    const [event] = alarmEvents(simulation);
    expect(event).toMatchObject({
      source: 'aws.cloudwatch',
      'detail-type': 'CloudWatch Alarm State Change',
      time: '2026-11-22T08:02:00Z',
      resources: ['arn:aws:cloudwatch:eu-west-1:111122223333:alarm:failed'],
      detail: {
        alarmName: 'failed',
        configuration: {
          description: 'holder',
          metrics: [
            {
              metricStat: {
                metric: { namespace: 'AWS/EC2', name: 'StatusCheckFailed', dimensions: { InstanceId: ID } },
                period: 60,
                stat: 'Maximum',
              },
              returnData: true,
            },
          ],
        },
        previousState: { value: 'OK', timestamp: '2026-11-22T08:00:00.000+0000' },
        state: {
          value: 'ALARM',
          reason: 'Threshold Crossed: 2 datapoints [1.0, 1.0] were greater than or equal to the threshold (1.0).',
          timestamp: '2026-11-22T08:02:00.000+0000',
        },
      },
    });
    const state = event?.detail['state'];
    const text: unknown = isRecord(state) ? state['reasonData'] : undefined;
    expect(typeof text === 'string' ? JSON.parse(text) : text).toMatchObject({
      version: '1.0',
      period: 60,
      recentDatapoints: [1, 1],
      threshold: 1,
    });
  });

  it('shows the moment of the transition when it is described', () => {
    const simulation = world([alarm()]);
    impair(simulation);
    simulation.quiesce();
    expect(simulation.call('cloudwatch:DescribeAlarms', { AlarmNames: ['failed'] })).toMatchObject({
      MetricAlarms: [
        {
          StateValue: 'ALARM',
          StateUpdatedTimestamp: new Date('2026-11-22T08:02:00Z'),
          StateTransitionedTimestamp: new Date('2026-11-22T08:02:00Z'),
        },
      ],
      CompositeAlarms: [],
    });
  });

  it('comes back to OK when the check does', () => {
    const simulation = world([alarm({ StateValue: 'ALARM' })]);
    expect(simulation.quiesce()).toBe(60);
    expect(stateOf(simulation)).toBe('OK');
    expect(alarmEvents(simulation)).toHaveLength(1);
  });

  it('forgets a failure that is shorter than its periods', () => {
    const simulation = world([alarm()]);
    impair(simulation);
    simulation.pass(61);
    impair(simulation, 'SystemStatus', 'ok');
    simulation.quiesce();
    expect(stateOf(simulation)).toBe('OK');
    expect(alarmEvents(simulation)).toEqual([]);
    expect(simulation.clock.foreground()).toBe(0);
  });

  it.each([
    ['StatusCheckFailed', 'SystemStatus', 'ALARM'],
    ['StatusCheckFailed', 'InstanceStatus', 'ALARM'],
    ['StatusCheckFailed', 'AttachedEbsStatus', 'ALARM'],
    ['StatusCheckFailed_System', 'SystemStatus', 'ALARM'],
    ['StatusCheckFailed_System', 'InstanceStatus', 'OK'],
    ['StatusCheckFailed_Instance', 'InstanceStatus', 'ALARM'],
    ['StatusCheckFailed_Instance', 'AttachedEbsStatus', 'OK'],
    ['StatusCheckFailed_AttachedEBS', 'AttachedEbsStatus', 'ALARM'],
    ['StatusCheckFailed_AttachedEBS', 'SystemStatus', 'OK'],
  ])('on %s with %s impaired is %s', (MetricName, check, expected) => {
    const simulation = world([alarm({ MetricName })]);
    impair(simulation, check);
    simulation.quiesce();
    expect(stateOf(simulation)).toBe(expected);
  });

  it.each([
    ['missing', 'INSUFFICIENT_DATA', 240],
    ['breaching', 'ALARM', 240],
    ['notBreaching', 'OK', 0],
    ['ignore', 'OK', 0],
  ])(
    'treating missing data as %s is %s once a stopped instance has left its range',
    (TreatMissingData, expected, seconds) => {
      const simulation = world([alarm({ TreatMissingData })]);
      simulation.set(`ec2/Instances/${ID}/State/Name`, 'stopped');
      expect(simulation.quiesce()).toBe(seconds);
      expect(stateOf(simulation)).toBe(expected);
    },
  );

  it('has no datapoint while a check has insufficient data', () => {
    const simulation = world([alarm({ MetricName: 'StatusCheckFailed_System' })]);
    impair(simulation, 'SystemStatus', 'insufficient-data');
    simulation.quiesce();
    expect(stateOf(simulation)).toBe('INSUFFICIENT_DATA');
    expect(alarmEvents(simulation)[0]?.detail).toMatchObject({
      state: { reason: 'Insufficient Data: 2 datapoints were unknown.' },
    });
  });

  it('is of nobody when its instance is not in the world', () => {
    const simulation = world([alarm({ Dimensions: [{ Name: 'InstanceId', Value: 'i-0ff' }] })]);
    simulation.pass(600);
    expect(stateOf(simulation)).toBe('INSUFFICIENT_DATA');
  });

  it('scripted into another state goes back by itself', () => {
    const simulation = world([alarm()]);
    simulation.set('cloudwatch/MetricAlarms/failed/StateValue', 'ALARM');
    expect(stateOf(simulation)).toBe('ALARM');
    simulation.quiesce();
    expect(stateOf(simulation)).toBe('OK');
    expect(alarmEvents(simulation).map((event) => event.detail['state'])).toMatchObject([
      { value: 'ALARM' },
      { value: 'OK' },
    ]);
  });

  it('is sampled no more once it is deleted', () => {
    const simulation = world([alarm()]);
    simulation.set('cloudwatch/MetricAlarms/failed', null);
    impair(simulation);
    simulation.pass(600);
    expect(alarmEvents(simulation)).toEqual([]);
  });
});

describe('any other alarm', () => {
  const math = {
    AlarmName: 'math',
    StateValue: 'OK',
    EvaluationPeriods: 1,
    Metrics: [
      { Id: 'e1', Expression: 'IF(m1 > 0, 1, 0)', Label: 'down', ReturnData: true },
      {
        Id: 'm1',
        MetricStat: {
          Metric: {
            Namespace: 'AWS/EC2',
            MetricName: 'StatusCheckFailed',
            Dimensions: [{ Name: 'InstanceId', Value: ID }],
          },
          Period: 60,
          Stat: 'Maximum',
        },
        ReturnData: false,
      },
    ],
  };

  it('keeps its state until the script sets it', () => {
    const simulation = world([
      math,
      alarm({ AlarmName: 'cpu', MetricName: 'CPUUtilization', StateValue: 'INSUFFICIENT_DATA' }),
    ]);
    impair(simulation);
    simulation.pass(600);
    expect([stateOf(simulation, 'math'), stateOf(simulation, 'cpu')]).toEqual(['OK', 'INSUFFICIENT_DATA']);
    simulation.set('cloudwatch/MetricAlarms/math/StateValue', 'ALARM');
    expect(alarmEvents(simulation)).toMatchObject([
      {
        detail: {
          alarmName: 'math',
          configuration: {
            metrics: [
              { id: 'e1', expression: 'IF(m1 > 0, 1, 0)', label: 'down', returnData: true },
              {
                id: 'm1',
                metricStat: { metric: { dimensions: { InstanceId: ID } }, period: 60, stat: 'Maximum' },
                returnData: false,
              },
            ],
          },
          state: { value: 'ALARM' },
        },
      },
    ]);
  });

  it('set to the state it is in says nothing', () => {
    const simulation = world([math]);
    simulation.set('cloudwatch/MetricAlarms/math/StateValue', 'OK');
    expect(simulation.events).toEqual([]);
  });
});

describe('a composite alarm', () => {
  const children = [
    alarm({ AlarmName: 'a', MetricName: 'StatusCheckFailed_System' }),
    alarm({ AlarmName: 'b', MetricName: 'StatusCheckFailed_Instance' }),
  ];

  it('follows its children, and names the one that moved it', () => {
    const simulation = world(children, [{ AlarmName: 'both', AlarmRule: 'ALARM("a") AND ALARM("b")' }]);
    expect(stateOf(simulation, 'both')).toBe('OK');
    impair(simulation, 'SystemStatus');
    simulation.quiesce();
    expect(stateOf(simulation, 'both')).toBe('OK');
    impair(simulation, 'InstanceStatus');
    simulation.quiesce();
    expect(stateOf(simulation, 'both')).toBe('ALARM');
    const last = alarmEvents(simulation).at(-1);
    expect(last?.detail).toMatchObject({
      alarmName: 'both',
      configuration: { alarmRule: 'ALARM("a") AND ALARM("b")' },
      previousState: { value: 'OK' },
      state: {
        value: 'ALARM',
        reason:
          'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:b transitioned to ALARM at 2026-11-22T08:03:00.000+0000',
      },
    });
    expect(last?.detail['configuration']).not.toHaveProperty('metrics');
    expect(alarmEvents(simulation).map((event) => event.detail['alarmName'])).toEqual(['a', 'b', 'both']);
  });

  it('of composite alarms takes its state from theirs, whatever their order in the file', () => {
    const simulation = world(
      [alarm({ AlarmName: 'a', StateValue: 'ALARM', MetricName: 'CPUUtilization' })],
      [
        { AlarmName: 'outer', AlarmRule: 'NOT OK(inner)' },
        { AlarmName: 'inner', AlarmRule: 'ALARM(arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a)' },
      ],
    );
    expect([stateOf(simulation, 'inner'), stateOf(simulation, 'outer')]).toEqual(['ALARM', 'ALARM']);
    simulation.set('cloudwatch/MetricAlarms/a/StateValue', 'OK');
    expect(alarmEvents(simulation).map((event) => event.detail['alarmName'])).toEqual(['a', 'inner', 'outer']);
  });

  it('keeps the state that the world gives it until a child moves', () => {
    const simulation = world(children, [{ AlarmName: 'both', AlarmRule: 'ALARM("a")', StateValue: 'ALARM' }]);
    simulation.pass(300);
    expect(stateOf(simulation, 'both')).toBe('ALARM');
  });

  it.each([
    [
      'an unknown child',
      [{ AlarmName: 'x', AlarmRule: 'ALARM("nobody")' }],
      'cloudwatch.CompositeAlarms[0].AlarmRule: there is no alarm nobody',
    ],
    [
      'a rule that is none',
      [{ AlarmName: 'x', AlarmRule: 'ALARM("a") ALARM("b")' }],
      'cloudwatch.CompositeAlarms[0].AlarmRule: the rule goes on after its end',
    ],
    [
      'a circle',
      [
        { AlarmName: 'x', AlarmRule: 'OK(y)' },
        { AlarmName: 'y', AlarmRule: 'OK(x)' },
      ],
      'circle: x -> y -> x',
    ],
  ])('is refused with %s', (_what, composites, message) => {
    expect(() => world(children, composites)).toThrow(message);
  });
});

describe('what a world file gets wrong', () => {
  it.each([
    ['a misspelt member', { Treshold: 1 }, 'cloudwatch.MetricAlarms[0].Treshold: unknown member'],
    [
      'no metric',
      { MetricName: undefined },
      'cloudwatch.MetricAlarms[0]: an alarm needs MetricName and Namespace, or Metrics',
    ],
    [
      'more datapoints than periods',
      { DatapointsToAlarm: 3 },
      'cloudwatch.MetricAlarms[0].DatapointsToAlarm: 3 is more than EvaluationPeriods 2',
    ],
    [
      'an operator that is not simulated',
      { ComparisonOperator: 'LessThanLowerThreshold' },
      'cloudwatch.MetricAlarms[0].ComparisonOperator: LessThanLowerThreshold is not one of',
    ],
  ])('is said with its path: %s', (_what, more, message) => {
    expect(() => world([alarm(more)])).toThrow(message);
  });
});
