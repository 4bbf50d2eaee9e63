/** What CloudWatch remembers: the shapes of its alarms and of the samples behind them. */

import type { Shape, World } from '../../engine/model.ts';

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

// The schema has checked what the world file holds and `start` has completed it; the guards look for members that `start`
// adds, so that a record which slipped past it is found here and not as an odd behaviour later.
const isComplete = (record: Shape): boolean => typeof record['StateTransitionedTimestamp'] === 'string';
export const isMetricAlarm = (record: Shape): record is MetricAlarm =>
  isComplete(record) && typeof record['DatapointsToAlarm'] === 'number';
export const isCompositeAlarm = (record: Shape): record is CompositeAlarm =>
  isComplete(record) && typeof record['AlarmRule'] === 'string';
const isSamples = (record: Shape): record is Samples => Array.isArray(record['Values']);

function checked<T extends Shape>(world: World, collection: string, is: (record: Shape) => record is T): T[] {
  const records = world.records(SERVICE, collection);
  if (!records.every(is))
    throw new Error(`${SERVICE}.${collection} holds a record that was not completed when the world began`);
  return records;
}

export const metricAlarmsOf = (world: World): MetricAlarm[] => checked(world, 'MetricAlarms', isMetricAlarm);
export const compositeAlarmsOf = (world: World): CompositeAlarm[] =>
  checked(world, 'CompositeAlarms', isCompositeAlarm);
export const samplesOf = (world: World): Samples[] => checked(world, 'Samples', isSamples);

/** Timestamps inside an alarm event: milliseconds and a numeric offset, unlike everywhere else. */
export function alarmTime(iso: string): string {
  return new Date(iso).toISOString().replace('Z', '+0000');
}
