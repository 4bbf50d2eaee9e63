import { describe, expect, test } from 'vitest';
import { onAlarm } from '../../../../shared/kernel/triggers/alarm.ts';
import { altered, faultOf, parseBatch, parseOnly, parseSingle, readEvent, takenOf, told } from './events.ts';

const PLACE = { account: '111122223333', region: 'eu-west-1' };
const METRIC_ALARM = {
  kind: 'alarm',
  id: 'alarm:111122223333:eu-west-1:web-primary-status:2026-11-22T08:00:04.512Z',
  at: '2026-11-22T08:00:04.512Z',
  ...PLACE,
  alarmName: 'web-primary-status',
  state: 'ALARM',
  instanceIds: ['i-0123456789abcdef0'],
  childAlarmNames: [],
};
const MATH_ALARM = {
  ...METRIC_ALARM,
  id: 'alarm:111122223333:eu-west-1:web-pair-status:2026-11-22T08:00:04.512Z',
  alarmName: 'web-pair-status',
  instanceIds: ['i-0123456789abcdef0', 'i-0fedcba9876543210'],
};
const COMPOSITE_ALARM = {
  ...METRIC_ALARM,
  id: 'alarm:111122223333:eu-west-1:web-down:2026-11-22T08:00:04.512Z',
  alarmName: 'web-down',
  instanceIds: [],
  childAlarmNames: ['web-primary-status', 'maintenance window', 'probe-a', 'probe-b'],
};

describe('an alarm', () => {
  test.each([
    ['eventbridge-alarm-metric', METRIC_ALARM],
    ['eventbridge-alarm-metric-math', MATH_ALARM],
    ['eventbridge-alarm-composite', COMPOSITE_ALARM],
    ['alarm-action-metric', METRIC_ALARM],
    ['alarm-action-metric-math', MATH_ALARM],
    ['alarm-action-composite', COMPOSITE_ALARM],
  ])('is read from %s', (name, expected) => {
    expect(parseSingle(readEvent(name))).toEqual(expected);
  });

  test.each([
    ['sns-alarm-metric', METRIC_ALARM],
    ['sns-alarm-metric-math', MATH_ALARM],
    ['sns-alarm-composite', COMPOSITE_ALARM],
    ['sqs-sns-alarm', METRIC_ALARM],
    ['sqs-sns-raw-alarm', METRIC_ALARM],
  ])('is read from %s with the same id as from EventBridge', (name, expected) => {
    expect(parseOnly(readEvent(name))).toEqual(expected);
  });

  test('that goes back to OK is a delivery of its own with another id', () => {
    expect(parseSingle(readEvent('eventbridge-alarm-ok'))).toMatchObject({
      state: 'OK',
      id: 'alarm:111122223333:eu-west-1:web-primary-status:2026-11-22T08:20:04.000Z',
    });
  });

  test('names its children whether the rule quotes them, leaves them bare, names ARNs or counts them', () => {
    const rule =
      'ALARM("a (1)") OR OK( b ) AND NOT INSUFFICIENT_DATA("arn:aws:cloudwatch:eu-west-1:111122223333:alarm:c") OR (alarm(a-2) OR AT_LEAST(50%, NOT OK, ("d", e))) OR ALARM("a (1)") OR TRUE';
    const event = altered(readEvent('alarm-action-composite'), ['alarmData', 'configuration', 'alarmRule'], rule);
    expect(parseSingle(event)).toMatchObject({ childAlarmNames: ['a (1)', 'b', 'c', 'a-2', 'd', 'e'] });
  });

  test('with a dimension InstanceId that is no EC2 instance names none', () => {
    const path = ['detail', 'configuration', 'metrics', 0, 'metricStat', 'metric', 'dimensions', 'InstanceId'];
    expect(parseSingle(altered(readEvent('eventbridge-alarm-metric'), path, 'web-1'))).toMatchObject({
      instanceIds: [],
    });
  });

  test('without a configuration is still an alarm', () => {
    expect(
      parseSingle(altered(readEvent('eventbridge-alarm-metric'), ['detail', 'configuration'], undefined)),
    ).toMatchObject({ instanceIds: [], childAlarmNames: [] });
  });

  test('whose account contradicts its ARN is bad input', () => {
    expect(faultOf(altered(readEvent('alarm-action-metric'), ['accountId'], '999999999999'))).toBe(
      'accountId: expected "111122223333" as in the alarm\'s ARN, found "999999999999"',
    );
  });

  test('with a state AWS does not have is bad input', () => {
    expect(faultOf(altered(readEvent('eventbridge-alarm-metric'), ['detail', 'state', 'value'], 'alarm'))).toBe(
      'detail.state.value: expected one of ALARM, OK, INSUFFICIENT_DATA, found "alarm"',
    );
  });
});

/** Which account and Region an alarm is of: its ARN says it, and whatever says otherwise is bad input. */
const ACTION = readEvent('alarm-action-metric');
const SNS = readEvent('sns-alarm-metric');

/** The SNS event whose message has this member instead. */
function message(member: string, value: unknown): unknown {
  const path = ['Records', 0, 'Sns', 'Message'];
  const text = path.reduce<unknown>((found, step) => Reflect.get(Object(found), step), SNS);
  return altered(SNS, path, JSON.stringify(altered(JSON.parse(String(text)), [member], value)));
}

/** What is wrong with the one record of an SNS event. */
function recordFault(event: unknown): string {
  const [record] = parseBatch(event);
  if (record === undefined || !('error' in record)) throw new Error('expected a record with a fault');
  return record.error.message;
}

describe('the payload with which an alarm invokes a function', () => {
  test.each([
    ['arn:aws:cloudwatch:eu-west-1:111122223333:metric-stream/one'],
    ['arn:aws:cloudwatch:eu-west-1:111122223333:insight-rule:one'],
    ['arn:aws:sns:eu-west-1:111122223333:alarm:one'],
  ])('is no alarm’s with the ARN %s', (arn) => {
    expect(faultOf(altered(ACTION, ['alarmArn'], arn))).toContain('alarmArn: expected the ARN of an alarm');
  });

  test('may say no other account or Region beside its ARN', () => {
    expect(faultOf(altered(ACTION, ['accountId'], '999999999999'))).toContain("as in the alarm's ARN");
    expect(faultOf(altered(ACTION, ['region'], 'us-east-1'))).toContain("as in the alarm's ARN");
    expect(parseSingle(altered(ACTION, ['region'], undefined)).kind).toBe('alarm');
  });
});

describe('the message of an alarm', () => {
  test('may say no other account beside its ARN', () => {
    expect(recordFault(message('AWSAccountId', '999999999999'))).toContain("as in the alarm's ARN");
  });

  test('is of the account that it says where it has no ARN', () => {
    const [record] = parseBatch(message('AlarmArn', undefined));
    if (record === undefined || 'error' in record) throw new Error('expected a good record');
    expect(record.delivery.kind).toBe('alarm');
    expect(record.delivery.region).toBeUndefined();
  });
});

describe('a start by alarms', () => {
  test('takes every transition, and nothing else', () => {
    expect(takenOf(onAlarm(told))).toEqual(['alarm']);
    expect(onAlarm(told).name).toBe('alarm');
  });

  test('has a rule, unless the alarm itself is to start it', () => {
    expect(onAlarm(told).pattern).toEqual({
      source: ['aws.cloudwatch'],
      'detail-type': ['CloudWatch Alarm State Change'],
    });
    expect(onAlarm(told, 'action').pattern).toBeUndefined();
  });
});
