import { describe, expect, test } from 'vitest';
import { onSpotNotice } from '../../../../shared/kernel/triggers/spot-notice.ts';
import { altered, parseSingle, readEvent, takenOf, told } from './events.ts';

describe('a Spot notice', () => {
  test('is identified by instance and time', () => {
    expect(parseSingle(readEvent('eventbridge-spot-notice'))).toEqual({
      kind: 'spot-notice',
      id: 'spot-notice:i-0123456789abcdef0:2026-11-22T08:00:01.000Z',
      at: '2026-11-22T08:00:01.000Z',
      account: '111122223333',
      region: 'eu-west-1',
      instanceId: 'i-0123456789abcdef0',
      action: 'terminate',
    });
  });

  test('may be of an instance that is stopped or hibernated', () => {
    for (const action of ['stop', 'hibernate'])
      expect(
        parseSingle(altered(readEvent('eventbridge-spot-notice'), ['detail', 'instance-action'], action)),
      ).toMatchObject({ kind: 'spot-notice', action });
  });
});

describe('a start by Spot notices', () => {
  test('takes them, and nothing else', () => {
    expect(takenOf(onSpotNotice(told))).toEqual(['noticed']);
    expect(onSpotNotice(told).name).toBe('spot-notice');
  });

  test('has a rule for all of them', () => {
    expect(onSpotNotice(told).pattern).toEqual({
      source: ['aws.ec2'],
      'detail-type': ['EC2 Spot Instance Interruption Warning'],
    });
  });
});
