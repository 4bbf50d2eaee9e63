/** Schema of the CloudWatch part of a world file: what describe-alarms prints, nearly all of it optional. */

import { z } from 'zod';
import { awsTime as time, TRIMMINGS } from '../pasted.ts';

const json = z.unknown();
const strings = z.array(z.string());
const state = z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']);
const dimensions = z.array(z.strictObject({ Name: z.string(), Value: z.string() }));

const common = {
  AlarmName: z.string().min(1),
  AlarmArn: z.string().optional(),
  AlarmDescription: z.string().optional(),
  AlarmConfigurationUpdatedTimestamp: time.optional(),
  ActionsEnabled: z.boolean().optional(),
  OKActions: strings.optional(),
  AlarmActions: strings.optional(),
  InsufficientDataActions: strings.optional(),
  StateValue: state.optional(),
  StateReason: z.string().optional(),
  StateReasonData: z.string().optional(),
  StateUpdatedTimestamp: time.optional(),
  StateTransitionedTimestamp: time.optional(),
  ActionConfiguration: json.optional(),
};

const metricQuery = z.strictObject({
  Id: z.string(),
  MetricStat: z
    .strictObject({
      Metric: z.strictObject({
        Namespace: z.string().optional(),
        MetricName: z.string().optional(),
        Dimensions: dimensions.optional(),
      }),
      Period: z.int().positive(),
      Stat: z.string(),
      Unit: z.string().optional(),
    })
    .optional(),
  Expression: z.string().optional(),
  Label: z.string().optional(),
  ReturnData: z.boolean().optional(),
  Period: z.int().positive().optional(),
  AccountId: z.string().optional(),
});

const metricAlarm = z.strictObject({
  ...common,
  MetricName: z.string().optional(),
  Namespace: z.string().optional(),
  Statistic: z.enum(['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum']).optional(),
  ExtendedStatistic: z.string().optional(),
  Dimensions: dimensions.optional(),
  Period: z.int().positive().optional(),
  Unit: z.string().optional(),
  EvaluationPeriods: z.int().positive().optional(),
  DatapointsToAlarm: z.int().positive().optional(),
  Threshold: z.number().optional(),
  ComparisonOperator: z.string().optional(),
  TreatMissingData: z.enum(['missing', 'breaching', 'notBreaching', 'ignore']).optional(),
  EvaluateLowSampleCountPercentile: z.string().optional(),
  Metrics: z.array(metricQuery).optional(),
  ThresholdMetricId: z.string().optional(),
  EvaluationState: z.string().optional(),
  EvaluationWindow: json.optional(),
  WarmUpConfiguration: json.optional(),
  EvaluationCriteria: json.optional(),
  EvaluationInterval: z.int().optional(),
});

const compositeAlarm = z.strictObject({
  ...common,
  AlarmRule: z.string().min(1),
  ActionsSuppressedBy: z.string().optional(),
  ActionsSuppressedReason: z.string().optional(),
  ActionsSuppressor: z.string().optional(),
  ActionsSuppressorWaitPeriod: z.int().optional(),
  ActionsSuppressorExtensionPeriod: z.int().optional(),
});

/** Ours: the latest datapoints of an alarm's metric, newest last. */
const samples = z.strictObject({ AlarmName: z.string(), Values: z.array(z.number().nullable()) });

export const cloudWatchSchema = z.strictObject({
  ...TRIMMINGS,
  MetricAlarms: z.array(metricAlarm).optional(),
  CompositeAlarms: z.array(compositeAlarm).optional(),
  LogAlarms: z.array(json).optional(),
  Samples: z.array(samples).optional(),
});
