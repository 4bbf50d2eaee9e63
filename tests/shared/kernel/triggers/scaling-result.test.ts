import { describe, expect, test } from 'vitest';
import { onLaunchResult, onScalingResult } from '../../../../shared/kernel/triggers/scaling-result.ts';
import { altered, faultOf, parseOnly, parseSingle, readEvent, sqsEvent, takenOf, told } from './events.ts';

const PLACE = { account: '111122223333', region: 'eu-west-1' };

describe('a scaling result', () => {
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

  test.each([
    ['autoscaling:EC2_INSTANCE_LAUNCH', 'launch', true],
    ['autoscaling:EC2_INSTANCE_LAUNCH_ERROR', 'launch', false],
    ['autoscaling:EC2_INSTANCE_TERMINATE', 'terminate', true],
    ['autoscaling:EC2_INSTANCE_TERMINATE_ERROR', 'terminate', false],
  ])('%s is the notification of one', (Event, activity, successful) => {
    expect(parseOnly(sqsEvent({ ...NOTIFICATION, Event }))).toMatchObject({ activity, successful });
  });

  test('that no notification has is bad input', () => {
    expect(faultOf({ ...NOTIFICATION, Event: 'autoscaling:OTHER' })).toBe(
      'Event: expected an Auto Scaling notification such as autoscaling:EC2_INSTANCE_LAUNCH, found "autoscaling:OTHER"',
    );
  });
});

const NOTIFICATION = {
  Time: '2026-11-22T08:00:00Z',
  AccountId: '111122223333',
  AutoScalingGroupARN: 'arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:u:autoScalingGroupName/web',
  AutoScalingGroupName: 'web',
  ActivityId: 'a-1',
  EC2InstanceId: 'i-0fedcba9876543210',
};

describe('a start by launches', () => {
  test('takes those that succeeded, and nothing else', () => {
    expect(takenOf(onLaunchResult(told))).toEqual(['launched']);
    expect(onLaunchResult(told).name).toBe('launch-result');
  });

  test('has a rule for these alone', () => {
    expect(onLaunchResult(told).pattern).toEqual({
      source: ['aws.autoscaling'],
      'detail-type': ['EC2 Instance Launch Successful'],
    });
  });
});

describe('a start by results', () => {
  test('takes those of launches and of ends, of good ones and of others, and nothing else', () => {
    expect(takenOf(onScalingResult(told))).toEqual(['launched', 'launch-failed']);
    const ended = { kind: 'scaling-result', activity: 'terminate', successful: false, group: 'web' } as const;
    expect(onScalingResult(told).request({ ...ended, id: 'end-failed', instanceId: 'i-1' })).toBe('end-failed');
    expect(onScalingResult(told).name).toBe('scaling-result');
  });

  test('has a rule for all four, and reads what a start by launches reads', () => {
    expect(onScalingResult(told).pattern).toEqual({
      source: ['aws.autoscaling'],
      'detail-type': [
        'EC2 Instance Launch Successful',
        'EC2 Instance Launch Unsuccessful',
        'EC2 Instance Terminate Successful',
        'EC2 Instance Terminate Unsuccessful',
      ],
    });
    expect(onScalingResult(told).reads).toBe(onLaunchResult(told).reads);
  });

  test('leaves what the runbook does not want', () => {
    const none = onScalingResult(() => undefined);
    expect(takenOf(none)).toEqual([]);
  });
});
