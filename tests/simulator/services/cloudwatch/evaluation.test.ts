import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../../simulator/services/cloudwatch/evaluation.ts';
import { parseRule } from '../../../../simulator/services/cloudwatch/rules.ts';
import { serviceWorld } from '../service-world.ts';

const criteria = (TreatMissingData: string, EvaluationPeriods: number, DatapointsToAlarm: number) => ({
  EvaluationPeriods,
  DatapointsToAlarm,
  Threshold: 1,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  TreatMissingData,
});

/** `0` good, `X` bad, `-` missing; oldest first. */
const samples = (text: string) => text.split('').map((each) => (each === '-' ? null : each === 'X' ? 1 : 0));

const SHORT = { ALARM: 'A', OK: 'O', INSUFFICIENT_DATA: 'I' } as const;

describe('the evaluation of missing data', () => {
  // Columns: missing, ignore, breaching, notBreaching; A alarm, O ok, I insufficient data, = keeps its state (OK here, tried from both).
  it.each([
    ['0-X-X', 3, 3, 'OOOO'],
    ['----0', 3, 3, 'OOOO'],
    ['-----', 3, 3, 'I=AO'],
    ['0XX-X', 3, 3, 'AAAA'],
    ['--X--', 3, 3, 'A=AO'],
    ['0-X-X', 3, 2, 'AAAA'],
    ['00X-X', 3, 2, 'AAAA'],
    ['----0', 3, 2, 'O=AO'],
    ['-----', 3, 2, 'I=AO'],
    ['---0X', 3, 2, 'O=AO'],
    ['--XX-', 3, 2, 'AAAA'],
  ])('%s with %i periods and %i datapoints', (text, periods, datapoints, expected) => {
    const found = ['missing', 'ignore', 'breaching', 'notBreaching'].map((treatment) => {
      const [fromOk, fromAlarm] = (['OK', 'ALARM'] as const).map(
        (current) => SHORT[evaluate(criteria(treatment, periods, datapoints), samples(text), current)],
      );
      return fromOk === fromAlarm ? fromOk : '=';
    });
    expect(found.join('')).toBe(expected);
  });

  it.each([
    ['GreaterThanOrEqualToThreshold', [0.5, 1, 2], ['OK', 'ALARM', 'ALARM']],
    ['GreaterThanThreshold', [0.5, 1, 2], ['OK', 'OK', 'ALARM']],
    ['LessThanThreshold', [0.5, 1, 2], ['ALARM', 'OK', 'OK']],
    ['LessThanOrEqualToThreshold', [0.5, 1, 2], ['ALARM', 'ALARM', 'OK']],
  ])('%s', (ComparisonOperator, values, expected) => {
    expect(
      values.map((value) => evaluate({ ...criteria('missing', 1, 1), ComparisonOperator }, [value], 'OK')),
    ).toEqual(expected);
  });
});

describe('an alarm rule', () => {
  const states = { a: 'ALARM', o: 'OK', i: 'INSUFFICIENT_DATA' } as const;
  const lookup = (name: string) => (name === 'a' || name === 'o' || name === 'i' ? states[name] : undefined);

  it.each([
    ['ALARM("a")', true],
    ["ALARM('o')", false],
    ['OK(o)', true],
    ['INSUFFICIENT_DATA( "i" )', true],
    ['ALARM(gone)', false],
    ['NOT ALARM("a")', false],
    ['NOT NOT ALARM("a")', true],
    ['TRUE AND NOT FALSE', true],
    ['ALARM("a") OR ALARM("o") AND FALSE', true],
    ['(ALARM("a") OR ALARM("o")) AND FALSE', false],
    ['NOT ALARM("o") AND ALARM("a")', true],
    ['NOT (ALARM("o") OR ALARM("a"))', false],
    ['ALARM(arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a)\n AND\tOK("o")', true],
  ])('%s is %s', (rule, expected) => {
    expect(parseRule(rule).holds(lookup)).toBe(expected);
  });

  it('names its children once each', () => {
    expect(parseRule('ALARM("a") AND (OK(o) OR ALARM("a"))').children).toEqual(['a', 'o']);
  });

  it.each(['', 'ALARM("a"', '(ALARM("a")', 'ALARM("a"))', 'AND', 'MAYBE("a")', 'ALARM("a") OK("a")', 'NOT'])(
    'refuses %j',
    (rule) => {
      expect(() => parseRule(rule)).toThrow(Error);
    },
  );
});

describe('DescribeAlarms', () => {
  const world = () =>
    serviceWorld({
      cloudwatch: {
        MetricAlarms: ['m1', 'm2', 'other'].map((AlarmName, index) => ({
          AlarmName,
          Namespace: 'App',
          MetricName: 'Errors',
          Dimensions: [
            { Name: 'A', Value: String(index) },
            { Name: 'B', Value: 'b' },
          ],
          StateValue: index === 0 ? 'ALARM' : 'OK',
        })),
        CompositeAlarms: [{ AlarmName: 'm-all', AlarmRule: 'ALARM(m1) AND ALARM(m2)' }],
      },
    });

  const names = (answer: Record<string, unknown>): unknown[] =>
    ['MetricAlarms', 'CompositeAlarms'].flatMap((type) =>
      Array.isArray(answer[type]) ? answer[type].map((each: Record<string, unknown>) => each['AlarmName']) : [],
    );

  it.each([
    ['only metric alarms without types', {}, ['m1', 'm2', 'other']],
    ['only metric alarms even for the name of a composite one', { AlarmNames: ['m-all', 'm1'] }, ['m1']],
    [
      'both types when asked',
      { AlarmTypes: ['MetricAlarm', 'CompositeAlarm'], AlarmNamePrefix: 'm' },
      ['m1', 'm2', 'm-all'],
    ],
    ['composite alarms alone', { AlarmTypes: ['CompositeAlarm'] }, ['m-all']],
    ['a state', { StateValue: 'ALARM' }, ['m1']],
    ['nothing for no names', { AlarmNames: [] }, []],
  ])('answers %s', (_what, input, expected) => {
    expect(names(world().call('cloudwatch:DescribeAlarms', input))).toEqual(expected);
  });

  it('gives pages over both types', () => {
    const simulation = world();
    const AlarmTypes = ['MetricAlarm', 'CompositeAlarm'];
    const first = simulation.call('cloudwatch:DescribeAlarms', { AlarmTypes, MaxRecords: 3 });
    expect(names(first)).toEqual(['m1', 'm2', 'other']);
    const second = simulation.call('cloudwatch:DescribeAlarms', {
      AlarmTypes,
      MaxRecords: 3,
      NextToken: first['NextToken'],
    });
    expect(names(second)).toEqual(['m-all']);
    expect(second).not.toHaveProperty('NextToken');
  });

  it('refuses names together with a prefix, and says what is not simulated', () => {
    expect(() => world().call('cloudwatch:DescribeAlarms', { AlarmNames: ['a'], AlarmNamePrefix: 'a' })).toThrow(
      expect.objectContaining({ name: 'ValidationError' }),
    );
    expect(() => world().call('cloudwatch:DescribeAlarms', { ChildrenOfAlarmName: 'm-all' })).toThrow(
      'not simulated: ChildrenOfAlarmName',
    );
  });

  it('finds the alarms of a metric with exactly its dimensions, in any order', () => {
    const Dimensions = [
      { Name: 'B', Value: 'b' },
      { Name: 'A', Value: '1' },
    ];
    const ask = (more: object) =>
      names(
        world().call('cloudwatch:DescribeAlarmsForMetric', {
          Namespace: 'App',
          MetricName: 'Errors',
          Dimensions,
          ...more,
        }),
      );
    expect(ask({})).toEqual(['m2']);
    expect(ask({ Dimensions: [] })).toEqual([]);
    expect(ask({ Period: 300 })).toEqual([]);
  });

  it('accepts the full output of describe-alarms', () => {
    const simulation = serviceWorld({
      cloudwatch: {
        MetricAlarms: [
          {
            AlarmName: 'full',
            AlarmArn: 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:full',
            AlarmConfigurationUpdatedTimestamp: '2023-11-01T12:00:00.123000+00:00',
            ActionsEnabled: true,
            OKActions: [],
            AlarmActions: ['arn:aws:sns:eu-west-1:111122223333:t'],
            InsufficientDataActions: [],
            StateValue: 'OK',
            StateReason: 'r',
            StateReasonData: '{}',
            StateUpdatedTimestamp: '2023-11-02T12:00:00+00:00',
            MetricName: 'Errors',
            Namespace: 'App',
            Statistic: 'Sum',
            Dimensions: [],
            Period: 300,
            EvaluationPeriods: 1,
            DatapointsToAlarm: 1,
            Threshold: 0.5,
            ComparisonOperator: 'GreaterThanThreshold',
            TreatMissingData: 'notBreaching',
            StateTransitionedTimestamp: '2023-11-02T11:00:00+00:00',
          },
        ],
        CompositeAlarms: [],
      },
    });
    expect(simulation.call('cloudwatch:DescribeAlarms')).toMatchObject({
      MetricAlarms: [{ StateTransitionedTimestamp: new Date('2023-11-02T11:00:00Z'), Period: 300, Threshold: 0.5 }],
    });
  });
});
