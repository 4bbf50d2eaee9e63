import { describe, expect, test } from 'vitest';
import { onSchedule } from '../../../../shared/kernel/triggers/schedule.ts';
import { parseSingle, readEvent, takenOf, told } from './events.ts';

const PLACE = { account: '111122223333', region: 'eu-west-1' };

describe('a tick', () => {
  test('of a rule and one of the Scheduler are schedule deliveries', () => {
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
});

describe('a start by schedule', () => {
  test('takes ticks, and nothing else', () => {
    expect(takenOf(onSchedule('rate(1 minute)', told))).toEqual(['tick']);
    expect(onSchedule('rate(1 minute)', told).name).toBe('schedule');
  });

  test('says how often', () => {
    expect(onSchedule('rate(1 minute)', told).schedule).toBe('rate(1 minute)');
  });
});
