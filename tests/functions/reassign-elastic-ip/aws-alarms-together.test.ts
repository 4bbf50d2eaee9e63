import type { CompositeAlarm, MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { describe, expect, it } from 'vitest';
import { alarmFacts } from '../../../functions/reassign-elastic-ip/aws/alarms.ts';

const AT = new Date('2026-11-22T07:59:00Z');

function metric(name: string, change: Partial<MetricAlarm> = {}): MetricAlarm {
  return {
    AlarmName: name,
    StateValue: 'ALARM',
    StateUpdatedTimestamp: AT,
    Namespace: 'Web',
    MetricName: 'Errors',
    Dimensions: [{ Name: 'InstanceId', Value: `i-${name}` }],
    ...change,
  };
}

function composite(rule: string, change: Partial<CompositeAlarm> = {}): CompositeAlarm {
  return { AlarmName: 'all', StateValue: 'ALARM', StateUpdatedTimestamp: AT, AlarmRule: rule, ...change };
}

function namesOf(metrics: readonly MetricAlarm[], composites: readonly CompositeAlarm[] = []): readonly string[] {
  return alarmFacts(metrics, composites).map(({ name, instanceIds }) => `${name}: ${instanceIds.join(' ')}`);
}

describe('alarms as they are read again', () => {
  it.each([
    ['ALARM(a) OR ALARM(b)'],
    ['ALARM ("a") AND NOT OK( b )'],
    ["ALARM('a') OR ALARM(arn:aws:cloudwatch:eu-west-1:111122223333:alarm:b)"],
    ['AT_LEAST(1, ALARM, (a, b))'],
    ['AT_LEAST(50%, ALARM, ("a", "b"))'],
  ])('a composite of %s speaks of its red children', (rule) => {
    expect(namesOf([metric('a'), metric('b'), metric('c')], [composite(rule)])).toEqual([
      'a: i-a',
      'b: i-b',
      'c: i-c',
      'all: i-a i-b',
    ]);
  });

  it('a composite of composites speaks of what is red below, and one that contains itself ends', () => {
    const outer = composite('ALARM(inner) OR ALARM(all)');
    const inner = composite('ALARM(a) OR ALARM(green)', { AlarmName: 'inner' });
    expect(namesOf([metric('a'), metric('green', { StateValue: 'OK' })], [outer, inner])).toEqual([
      'a: i-a',
      'all: i-a',
      'inner: i-a',
    ]);
  });

  it('what stands below by many ways is asked once', () => {
    const layers = Array.from({ length: 40 }, (_none, index) =>
      ['x', 'y'].map((side) =>
        composite(index === 39 ? 'ALARM(a)' : `ALARM(x-${index + 1}) OR ALARM(y-${index + 1})`, {
          AlarmName: `${side}-${index}`,
          ActionsEnabled: index === 0,
        }),
      ),
    );
    expect(namesOf([metric('a')], layers.flat())).toEqual(['a: i-a', 'x-0: i-a', 'y-0: i-a']);
  });

  it('one whose actions are off, or are suppressed, says nothing; as a child it still tells its composite of whom it speaks', () => {
    const muted = metric('a', { ActionsEnabled: false });
    expect(namesOf([muted])).toEqual([]);
    expect(namesOf([muted], [composite('ALARM(a)', { ActionsEnabled: true })])).toEqual(['all: i-a']);
    expect(namesOf([muted], [composite('ALARM(a)', { ActionsSuppressedBy: 'Alarm' })])).toEqual([]);
    expect(namesOf([metric('a', { ActionsEnabled: true })])).toEqual(['a: i-a']);
  });
});
