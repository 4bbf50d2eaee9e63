import { describe, expect, it, test } from 'vitest';
import { onAlarm } from '../../../../shared/kernel/triggers/alarm.ts';
import { onMetricAlarm } from '../../../../shared/kernel/triggers/alarm-metrics.ts';
import { readersOf } from '../../../../shared/kernel/triggers/parser.ts';
import type { Delivery } from '../../../../shared/kernel/triggers/triggers.ts';
import { altered, faultOf, parseOnly, parseSingle, readEvent, told } from './events.ts';

const READERS = readersOf([onMetricAlarm(told)]);

const FAILED = { namespace: 'AWS/EC2', name: 'StatusCheckFailed' };
/** Messages come in batches, the other forms alone. */
function read(name: string): Delivery {
  return (name.startsWith('sns') ? parseOnly : parseSingle)(readEvent(name), READERS);
}

const [ONE, OTHER] = ['i-0123456789abcdef0', 'i-0fedcba9876543210'].map((InstanceId) => ({
  ...FAILED,
  dimensions: { InstanceId },
}));

describe('an alarm with its metrics', () => {
  test.each([
    ['eventbridge-alarm-metric-math', [ONE, OTHER]],
    ['alarm-action-metric-math', [ONE, OTHER]],
    ['sns-alarm-metric-math', [ONE, OTHER]],
    ['alarm-action-composite', []],
    ['eventbridge-alarm-composite', []],
    ['sns-alarm-composite', []],
  ])('names those of %s', (name, metrics) => {
    expect(read(name)).toMatchObject({ kind: 'metric-alarm', metrics });
  });

  test.each(['eventbridge-alarm-metric', 'alarm-action-metric', 'sns-alarm-metric'])('names the one of %s', (name) => {
    expect(read(name)).toMatchObject({
      metrics: [{ namespace: 'AWS/EC2', dimensions: { InstanceId: ONE?.dimensions.InstanceId } }],
    });
  });

  it('is otherwise what the same alarm is without', () => {
    const event = readEvent('eventbridge-alarm-metric');
    const { metrics, isComputed, ...rest } = {
      metrics: undefined,
      isComputed: undefined,
      ...parseSingle(event, READERS),
    };
    expect(metrics).toHaveLength(1);
    expect(isComputed).toBe(false);
    expect({ ...rest, kind: 'alarm' }).toEqual(parseSingle(event, readersOf([onAlarm(told)])));
  });

  it('without a configuration has none', () => {
    const bare = altered(readEvent('eventbridge-alarm-metric'), ['detail', 'configuration'], undefined);
    expect(parseSingle(bare, READERS)).toMatchObject({ metrics: [] });
  });

  it('whose dimension is no text is bad input', () => {
    const path = ['detail', 'configuration', 'metrics', 0, 'metricStat', 'metric', 'dimensions', 'InstanceId'];
    expect(faultOf(altered(readEvent('eventbridge-alarm-metric'), path, 7), READERS)).toBe(
      'detail.configuration.metrics[0].metricStat.metric.dimensions.InstanceId: expected text, found number 7',
    );
  });
});

it('has a rule of its own, or is the action of its alarm', () => {
  expect(onMetricAlarm(told).pattern).toEqual(onAlarm(told).pattern);
  expect(onMetricAlarm(told, 'action').pattern).toBe(undefined);
});
