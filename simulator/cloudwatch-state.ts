/** What CloudWatch remembers: the shapes of its alarms and of the samples behind them. */

import type { Shape, World } from './model.ts';

export const SERVICE = 'cloudwatch';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

type Common = {
  AlarmName: string;
  AlarmArn: string;
  AlarmDescription?: string;
  StateValue: AlarmState;
  StateReason: string;
  StateReasonData: string;
  StateUpdatedTimestamp: string;
  StateTransitionedTimestamp: string;
};

/** A metric alarm after `start` has completed it. Times are ISO 8601. */
export type MetricAlarm = Common & {
  MetricName?: string;
  Namespace?: string;
  Statistic?: string;
  ExtendedStatistic?: string;
  Dimensions: { Name: string; Value: string }[];
  Period: number;
  Unit?: string;
  EvaluationPeriods: number;
  DatapointsToAlarm: number;
  Threshold: number;
  ComparisonOperator: string;
  TreatMissingData: string;
  Metrics?: Shape[];
};

export type CompositeAlarm = Common & {
  AlarmRule: string;
  ActionsSuppressor?: string;
  ActionsSuppressorWaitPeriod?: number;
  ActionsSuppressorExtensionPeriod?: number;
};

/** Ours: the latest datapoints of an alarm's metric, newest last; `null` is a missing one. */
export type Samples = { AlarmName: string; Values: (number | null)[] };

// The casts below are the one boundary: the world file was checked by the schema, `start` has completed the records, and
// nothing but this service writes them.
export const metricAlarmsOf = (world: World): MetricAlarm[] => world.records(SERVICE, 'MetricAlarms') as MetricAlarm[];
export const compositeAlarmsOf = (world: World): CompositeAlarm[] => world.records(SERVICE, 'CompositeAlarms') as CompositeAlarm[];
export const samplesOf = (world: World): Samples[] => world.records(SERVICE, 'Samples') as Samples[];

/** Timestamps inside an alarm event: milliseconds and a numeric offset, unlike everywhere else. */
export function alarmTime(iso: string): string {
  return new Date(iso).toISOString().replace('Z', '+0000');
}
