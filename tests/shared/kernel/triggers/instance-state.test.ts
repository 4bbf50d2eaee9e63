import { describe, expect, test } from 'vitest';
import { onInstanceState } from '../../../../shared/kernel/triggers/instance-state.ts';
import { altered, parseOnly, parseSingle, readEvent, takenOf, told } from './events.ts';

const PLACE = { account: '111122223333', region: 'eu-west-1' };

describe('an instance state change', () => {
  test('is identified by instance, state and time', () => {
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

  test('an event of another source is not mistaken for AWS because of its detail type', () => {
    expect(parseSingle(altered(readEvent('eventbridge-instance-state'), ['source'], 'my.app'))).toMatchObject({
      kind: 'other',
      source: 'my.app',
    });
  });
});

describe('a start by instance states', () => {
  test('takes the states that it names, and nothing else', () => {
    expect(takenOf(onInstanceState(['stopping', 'stopped'], told))).toEqual(['stopped']);
    expect(takenOf(onInstanceState(['running'], told))).toEqual([]);
    expect(onInstanceState(['running'], told).name).toBe('ec2-state-change');
  });

  test('has a rule for these states', () => {
    expect(onInstanceState(['stopped', 'terminated'], told).pattern).toEqual({
      source: ['aws.ec2'],
      'detail-type': ['EC2 Instance State-change Notification'],
      detail: { state: ['stopped', 'terminated'] },
    });
  });
});
