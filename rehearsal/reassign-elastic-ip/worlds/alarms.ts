/** Generated alarms: of the operators' own about an instance, of EC2's metrics, and one over others. */

import * as fc from 'fast-check';
import type { Shape } from '../../../simulator/engine/model.ts';
import { BEGIN } from '../../worlds/case.ts';
import { chance, mostly, timeAt } from '../../worlds/pieces.ts';
import { instanceIdOf } from './machines.ts';

const BEGIN_MS = Date.parse(BEGIN);

/** An alarm as it is drawn. */
export interface Alarm {
  readonly about: number;
  readonly metric: 'own' | 'checks' | 'load' | 'math';
  readonly state: string;
  readonly ago: number;
  readonly actions: boolean;
}

export const anAlarm: fc.Arbitrary<Alarm> = fc.record({
  about: fc.nat(5),
  metric: mostly<Alarm['metric']>('own', [15, 'checks'], [10, 'load'], [10, 'math']),
  state: mostly('OK', [25, 'ALARM'], [5, 'INSUFFICIENT_DATA']),
  ago: fc.integer({ min: 1, max: 7_200 }),
  actions: chance(90),
});

const METRICS = {
  own: { Namespace: 'Web', MetricName: 'ErrorRate' },
  checks: { Namespace: 'AWS/EC2', MetricName: 'StatusCheckFailed' },
  load: { Namespace: 'AWS/EC2', MetricName: 'CPUUtilization' },
} as const;

export function alarmNameOf(index: number): string {
  return `alarm-${index + 1}`;
}

function subject({ metric, about }: Alarm, count: number): Shape {
  const Dimensions = [{ Name: 'InstanceId', Value: instanceIdOf(about % count) }];
  if (metric !== 'math') return { ...METRICS[metric], Statistic: 'Maximum', Dimensions, Period: 60 };
  const errors = { MetricStat: { Metric: { ...METRICS.own, Dimensions }, Period: 60, Stat: 'Sum' } };
  return {
    Metrics: [
      { Id: 'm1', ...errors, ReturnData: false },
      { Id: 'e1', Expression: 'm1 * 2', ReturnData: true },
    ],
  };
}

/** The record of an alarm, as `describe-alarms` prints it, about one of so many instances. */
export function alarmRecord(one: Alarm, index: number, count: number): Shape {
  return {
    AlarmName: alarmNameOf(index),
    ...subject(one, count),
    StateValue: one.state,
    StateUpdatedTimestamp: timeAt(BEGIN_MS, -one.ago),
    EvaluationPeriods: 2,
    Threshold: 0.5,
    ComparisonOperator: 'GreaterThanThreshold',
    ActionsEnabled: one.actions,
  };
}

/** A composite alarm over all others. */
export function compositeRecord(names: readonly string[]): Shape {
  return { AlarmName: 'any-of-them', AlarmRule: names.map((name) => `ALARM("${name}")`).join(' OR ') };
}
