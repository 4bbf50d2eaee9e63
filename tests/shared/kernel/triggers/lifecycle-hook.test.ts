import { describe, expect, test } from 'vitest';
import { onLaunchHook, onTerminateHook } from '../../../../shared/kernel/triggers/lifecycle-hook.ts';
import { altered, faultOf, parseOnly, parseSingle, readEvent, takenOf, told } from './events.ts';

describe('a lifecycle hook', () => {
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
});

describe('a start by hooks', () => {
  test('takes the hooks of its own transition, and nothing else', () => {
    expect(takenOf(onLaunchHook(told))).toEqual(['launching']);
    expect(takenOf(onTerminateHook(told))).toEqual(['terminating']);
    expect([onLaunchHook(told).name, onTerminateHook(told).name]).toEqual(['launch-hook', 'terminate-hook']);
  });

  test('has a rule of its own, and reads what the other reads', () => {
    expect(onLaunchHook(told).pattern).toEqual({
      source: ['aws.autoscaling'],
      'detail-type': ['EC2 Instance-launch Lifecycle Action'],
    });
    expect(onTerminateHook(told).pattern).toEqual({
      source: ['aws.autoscaling'],
      'detail-type': ['EC2 Instance-terminate Lifecycle Action'],
    });
    expect(onLaunchHook(told).reads).toBe(onTerminateHook(told).reads);
  });
});
