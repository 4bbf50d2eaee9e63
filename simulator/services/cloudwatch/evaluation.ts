/** From samples to an alarm's state: M out of N, with missing datapoints. Pure. */

import type { AlarmState } from './state.ts';

/**
 * How many datapoints beyond N an alarm looks at for missing ones. The documentation's own examples use 5 for N = 3 and
 * say that the number varies.
 */
const EXTRA_DATAPOINTS = 2;

/** What the evaluation needs of an alarm. */
export interface Criteria {
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm: number;
  readonly Threshold: number;
  readonly ComparisonOperator: string;
  readonly TreatMissingData: string;
}

const COMPARE: { readonly [operator: string]: (value: number, threshold: number) => boolean } = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

/** Operators this simulator evaluates; the anomaly-detection ones are not among them. */
export const COMPARISON_OPERATORS = Object.keys(COMPARE);

/** How many datapoints an alarm looks at. */
export function rangeOf(criteria: Criteria): number {
  return criteria.EvaluationPeriods + EXTRA_DATAPOINTS;
}

export function breaches(criteria: Criteria, value: number): boolean {
  return COMPARE[criteria.ComparisonOperator]?.(value, criteria.Threshold) ?? false;
}

/**
 * State that `samples` (newest last, `null` missing) give. With N or more real datapoints in the range the newest N of
 * them count and missing ones are passed over; with fewer, the missing ones are filled as the alarm says.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function evaluate(criteria: Criteria, samples: readonly (number | null)[], current: AlarmState): AlarmState {
  const { EvaluationPeriods: n, DatapointsToAlarm: m, TreatMissingData: missing } = criteria;
  const real = samples
    .slice(-rangeOf(criteria))
    .filter((each) => each !== null)
    .slice(-n);
  const bad = real.filter((value) => breaches(criteria, value)).length;
  const holes = n - real.length;
  if (holes === 0) return bad >= m ? 'ALARM' : 'OK';
  if (missing === 'breaching') return bad + holes >= m ? 'ALARM' : 'OK';
  if (missing === 'notBreaching') return bad >= m ? 'ALARM' : 'OK';
  if (missing === 'ignore') {
    if (bad >= m) return 'ALARM';
    // Too few bad ones even if every hole were bad: surely not in alarm.
    return real.length > 0 && bad + holes < m ? 'OK' : current;
  }
  if (real.length === 0) return 'INSUFFICIENT_DATA';
  return bad >= Math.min(m, real.length) ? 'ALARM' : 'OK';
}
