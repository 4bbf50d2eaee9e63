import { describe, expect, test } from 'vitest';
import { onAlarm } from '../../../../shared/kernel/triggers/alarm.ts';
import { onLaunchHook, onTerminateHook } from '../../../../shared/kernel/triggers/lifecycle-hook.ts';
import { isRead, readersOf } from '../../../../shared/kernel/triggers/parser.ts';
import { onLaunchResult } from '../../../../shared/kernel/triggers/scaling-result.ts';
import { READERS, altered, faultOf, parseBatch, parseOnly, parseSingle, readEvent, sqsEvent, told } from './events.ts';

const ALARMS = readersOf([onAlarm(told)]);
const HOOKS = readersOf([onLaunchHook(told), onTerminateHook(told)]);

describe('what starts nothing', () => {
  test.each(['sqs-lifecycle-test', 'sqs-s3-test'])('%s is a test notification', (name) => {
    expect(parseOnly(readEvent(name))).toMatchObject({ kind: 'test-notification' });
  });

  test('a test notification is one whatever is read', () => {
    const queued = readEvent('sqs-lifecycle-test');
    expect(parseOnly(queued, [])).toEqual(parseOnly(queued));
    const hook = altered(readEvent('eventbridge-launch-hook'), ['detail', 'LifecycleTransition'], TEST);
    expect(parseSingle(hook, [])).toMatchObject({ kind: 'test-notification' });
    expect(parseSingle(hook)).toMatchObject({ kind: 'test-notification' });
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
});

const TEST = 'autoscaling:TEST_NOTIFICATION';

describe('a document that nothing here reads', () => {
  test.each(['eventbridge-instance-state', 'eventbridge-launch-hook', 'eventbridge-schedule-rule', 'scheduler-tick'])(
    '%s is another EventBridge event',
    (name) => {
      expect(parseSingle(readEvent(name), ALARMS)).toMatchObject({ kind: 'other' });
    },
  );

  test('is nobody’s even if its detail is malformed', () => {
    const event = altered(readEvent('eventbridge-instance-state'), ['detail', 'state'], 'rebooting');
    expect(parseSingle(event, ALARMS)).toMatchObject({ kind: 'other' });
    expect(faultOf(altered(event, ['account'], '1111'), ALARMS)).toBe(
      'account: expected an account of 12 digits, found "1111"',
    );
  });

  test('is bad input without EventBridge’s frame, and the line lists what is read', () => {
    const action = readEvent('alarm-action-metric');
    expect(parseSingle(action, ALARMS).kind).toBe('alarm');
    expect(faultOf(action, HOOKS)).toBe(
      'expected an EventBridge event or an Auto Scaling notification, found keys source, alarmArn, accountId, time',
    );
    expect(faultOf({ runbook: 'recycle-instances' }, [])).toBe('expected an EventBridge event, found keys runbook');
    expect(faultOf({}, [...ALARMS, ...HOOKS])).toBe(
      'expected an EventBridge event, an alarm or an Auto Scaling notification, found no keys',
    );
  });

  test('in a batch is a fault of its own record', () => {
    const batch = sqsEvent(readEvent('eventbridge-other'), { Event: 'x', Time: 'y' });
    expect(parseBatch(batch, ALARMS)).toMatchObject([
      { delivery: { kind: 'other' } },
      {
        error: { message: 'Records[1].body: expected an EventBridge event or an alarm, found keys Event, Time' },
      },
    ]);
  });
});

describe('whether an event is read', () => {
  test('is a matter of its kind, not of its being whole', () => {
    expect(isRead(readEvent('sns-alarm-metric'), ALARMS)).toBe(true);
    expect(isRead(readEvent('sns-alarm-metric'), HOOKS)).toBe(false);
    expect(isRead(readEvent('alarm-action-metric'), HOOKS)).toBe(false);
    expect(isRead({ AlarmName: 7 }, ALARMS)).toBe(true);
    expect(isRead(readEvent('eventbridge-alarm-metric'), HOOKS)).toBe(true);
  });

  test('is asked of all that is in it', () => {
    expect(isRead(readEvent('sqs-mixed'), ALARMS)).toBe(false);
    expect(isRead(readEvent('sqs-mixed'), READERS)).toBe(true);
  });
});

describe('readers', () => {
  test('of triggers of one kind are one', () => {
    expect(HOOKS).toHaveLength(1);
    expect(readersOf([{}, onLaunchHook(told), {}])).toEqual(HOOKS);
    expect(READERS).toHaveLength(8);
  });

  test('tell their documents from those of all others', () => {
    const keys = READERS.flatMap(({ message }) => message?.keys ?? []);
    expect(keys).toEqual([...new Set(keys)]);
    const ofEvents = ['version', 'id', 'detail-type', 'source', 'account', 'time', 'region', 'resources', 'detail'];
    expect(keys.filter((key) => [...ofEvents, 'Type', 'Message', 'Records'].includes(key))).toEqual([]);
  });

  test('of two kinds of the same notifications are told of once', () => {
    expect(faultOf({}, readersOf([onLaunchHook(told), onLaunchResult(told)]))).toBe(
      'expected an EventBridge event or an Auto Scaling notification, found no keys',
    );
  });
});
