import { describe, expect, test } from 'vitest';
import { altered, faultOf, parseOnly, parseSingle, readEvent } from './events.ts';

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

describe('EC2 and Auto Scaling', () => {
  test('an instance state change is identified by instance, state and time', () => {
    const expected = {
      kind: 'instance-state',
      id: 'instance:i-0123456789abcdef0:stopping:2026-11-22T08:00:01.000Z',
      at: '2026-11-22T08:00:01.000Z',
      ...PLACE,
      instanceId: 'i-0123456789abcdef0',
      state: 'stopping',
    };
    expect(parseSingle(readEvent('eventbridge-instance-state'))).toEqual(expected);
    expect(parseOnly(readEvent('sqs-eventbridge-instance-state'))).toEqual(expected);
    expect(parseOnly(readEvent('sqs-sns-eventbridge'))).toEqual(expected);
  });

  test('a launch hook is identified by token and hook, by whatever path it comes', () => {
    const expected = {
      kind: 'lifecycle',
      id: 'lifecycle:4f0e2c1a-1111-4222-8333-abcdefabcdef:claim',
      at: '2026-11-22T08:00:05.000Z',
      account: '111122223333',
      transition: 'launching',
      group: 'web',
      hook: 'claim',
      instanceId: 'i-0fedcba9876543210',
      token: '4f0e2c1a-1111-4222-8333-abcdefabcdef',
      origin: 'EC2',
      destination: 'AutoScalingGroup',
    };
    expect(parseSingle(readEvent('eventbridge-launch-hook'))).toEqual({
      ...expected,
      region: 'eu-west-1',
      metadata: 'vip=web',
    });
    expect(parseOnly(readEvent('sqs-lifecycle'))).toEqual({ ...expected, at: '2026-11-22T08:00:05.250Z' });
  });

  test('a terminate hook has the same id in EventBridge and SNS', () => {
    const id = 'lifecycle:9a8b7c6d-2222-4333-8444-fedcbafedcba:hand-over';
    expect(parseSingle(readEvent('eventbridge-terminate-hook'))).toMatchObject({
      id,
      transition: 'terminating',
      instanceId: 'i-0123456789abcdef0',
    });
    expect(parseOnly(readEvent('sns-lifecycle'))).toMatchObject({
      id,
      transition: 'terminating',
      instanceId: 'i-0123456789abcdef0',
    });
  });

  test('a hook event whose transition contradicts its detail type is bad input', () => {
    expect(
      faultOf(
        altered(readEvent('eventbridge-launch-hook'), ['detail-type'], 'EC2 Instance-terminate Lifecycle Action'),
      ),
    ).toBe(
      'detail.LifecycleTransition: expected autoscaling:EC2_INSTANCE_TERMINATING, found "autoscaling:EC2_INSTANCE_LAUNCHING"',
    );
  });

  test.each([
    ['eventbridge-launch-successful', 'launch', true, 'i-0fedcba9876543210'],
    ['eventbridge-launch-unsuccessful', 'launch', false, ''],
    ['eventbridge-terminate-successful', 'terminate', true, 'i-0123456789abcdef0'],
    ['eventbridge-terminate-unsuccessful', 'terminate', false, 'i-0123456789abcdef0'],
  ])('%s is a scaling result', (name, activity, successful, instanceId) => {
    expect(parseSingle(readEvent(name))).toMatchObject({
      kind: 'scaling-result',
      activity,
      successful,
      instanceId,
      group: 'web',
      ...PLACE,
    });
  });

  test('a scaling result has the same id in EventBridge and SNS', () => {
    const id = 'scaling:77aa11bb-3333-4444-8555-0a0a0a0a0a0a:i-0fedcba9876543210:successful';
    expect(parseSingle(readEvent('eventbridge-launch-successful')).id).toBe(id);
    expect(parseOnly(readEvent('sns-scaling-result')).id).toBe(id);
  });

  test('a successful launch without an instance is bad input', () => {
    expect(faultOf(altered(readEvent('eventbridge-launch-successful'), ['detail', 'EC2InstanceId'], ''))).toBe(
      'detail.EC2InstanceId: expected an instance id such as i-0123456789abcdef0, found ""',
    );
  });
});

describe('schedules, requests and the rest', () => {
  test('a tick of a rule and a tick of the Scheduler are schedule deliveries', () => {
    expect(parseSingle(readEvent('eventbridge-schedule-rule'))).toEqual({
      kind: 'schedule',
      id: 'schedule:arn:aws:events:eu-west-1:111122223333:rule/reassign-elastic-ip-reconcile:2026-11-22T08:01:00.000Z',
      at: '2026-11-22T08:01:00.000Z',
      ...PLACE,
    });
    expect(parseSingle(readEvent('scheduler-tick'))).toMatchObject({
      kind: 'schedule',
      at: '2026-11-22T08:02:00.000Z',
    });
  });

  test('a request keeps what it says and is identified by its content, whatever the order of its keys', () => {
    const delivery = parseSingle(readEvent('request'));
    expect(delivery).toEqual({
      kind: 'request',
      id: 'request:8af8a90246ca25bb1a3d54cd5db62869',
      runbook: 'reassign-elastic-ip',
      target: 'eipalloc-0123456789abcdef0',
      params: { action: 'move', to: 'i-0fedcba9876543210' },
      dryRun: true,
      reason: 'Kernel update of the primary',
      requestedBy: 'on-call',
    });
    const firstKeyLast = altered(readEvent('request'), ['runbook'], 'reassign-elastic-ip');
    expect(JSON.stringify(firstKeyLast)).not.toBe(JSON.stringify(readEvent('request')));
    expect(parseSingle(firstKeyLast).id).toBe(delivery.id);
    expect(parseSingle(altered(readEvent('request'), ['dryRun'], undefined)).id).not.toBe(delivery.id);
  });

  test('a request of a schedule has no dry run and no time', () => {
    const delivery = parseSingle(readEvent('scheduler-request'));
    expect(delivery).toMatchObject({ kind: 'request', dryRun: false, params: { action: 'fail-back' } });
    expect(delivery.at).toBeUndefined();
  });

  test('a request from a queue is as old as its message', () => {
    expect(parseOnly(readEvent('sqs-request'))).toMatchObject({ kind: 'request', at: '2026-11-22T08:00:04.700Z' });
  });

  test.each([
    [
      { runbook: 'recycle-instances', dryrun: true },
      'dryrun: unknown key; a request has runbook, target, params, dryRun, reason, requestedBy',
    ],
    [
      { runbook: 'Heal Bastion' },
      'runbook: expected a runbook\'s name such as reassign-elastic-ip, found "Heal Bastion"',
    ],
    [{ runbook: 'recycle-instances', dryRun: 'true' }, 'dryRun: expected true or false, found "true"'],
    [{ runbook: 'recycle-instances', dryRun: null }, 'dryRun: expected true or false, found null'],
    [{ runbook: 'recycle-instances', params: [] }, 'params: expected an object, found a list'],
    [{ runbook: 'recycle-instances', target: 7 }, 'target: expected text, found number 7'],
  ])('the request %j is bad input', (request, expected) => {
    expect(faultOf(request)).toBe(expected);
  });

  test.each(['sqs-lifecycle-test', 'sqs-s3-test'])('%s is a test notification', (name) => {
    expect(parseOnly(readEvent(name))).toMatchObject({ kind: 'test-notification' });
  });

  test('any other EventBridge event keeps its detail', () => {
    expect(parseSingle(readEvent('eventbridge-other'))).toMatchObject({
      kind: 'other',
      source: 'aws.ec2',
      detailType: 'EBS Snapshot Notification',
      resources: ['arn:aws:ec2::eu-west-1:snapshot/snap-0123456789abcdef0'],
      detail: { event: 'createSnapshot', result: 'succeeded' },
    });
  });

  test('an event of another source is not mistaken for AWS because of its detail type', () => {
    expect(parseSingle(altered(readEvent('eventbridge-instance-state'), ['source'], 'my.app'))).toMatchObject({
      kind: 'other',
      source: 'my.app',
    });
  });
});
