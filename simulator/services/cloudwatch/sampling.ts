/** Alarms on EC2's status checks: sampled each period from the simulated instances, and evaluated. */

import { COMPARISON_OPERATORS, type Criteria, breaches, evaluate, rangeOf } from './evaluation.ts';
import { type AlarmState, type MetricAlarm, alarmTime, metricAlarmsOf, samplesOf } from './state.ts';
import { transition } from './transitions.ts';
import { type InstanceChecks, statusOf } from '../ec2/instances.ts';
import type { Clock, World } from '../../engine/model.ts';

/** Which checks a metric reports. Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/viewing_metrics_with_cloudwatch.html */
const CHECKS: { readonly [metric: string]: readonly (keyof InstanceChecks)[] } = {
  StatusCheckFailed: ['system', 'instance', 'attachedEbs'],
  StatusCheckFailed_System: ['system'],
  StatusCheckFailed_Instance: ['instance'],
  StatusCheckFailed_AttachedEBS: ['attachedEbs'],
};

/** The status metrics are published each minute. Source: as above. */
const METRIC_PERIOD_SECONDS = 60;

/** The instance whose status checks an alarm is about; `undefined` for any other alarm. */
export function watchedInstance(alarm: MetricAlarm): string | undefined {
  if (alarm.Namespace !== 'AWS/EC2' || alarm.MetricName === undefined || CHECKS[alarm.MetricName] === undefined)
    return undefined;
  const [dimension] = alarm.Dimensions;
  return alarm.Dimensions.length === 1 && dimension?.Name === 'InstanceId' ? dimension.Value : undefined;
}

/** What keeps an alarm on a status check from being sampled, by member; `undefined`: nothing. */
export function unsimulated(alarm: MetricAlarm): { readonly member: string; readonly message: string } | undefined {
  const { ComparisonOperator: operator, DatapointsToAlarm: datapoints, EvaluationPeriods: periods } = alarm;
  if (!COMPARISON_OPERATORS.includes(operator)) {
    const message = `${operator} is not one of ${COMPARISON_OPERATORS.join(', ')}`;
    return { member: 'ComparisonOperator', message };
  }
  if (datapoints > periods)
    return { member: 'DatapointsToAlarm', message: `${datapoints} is more than EvaluationPeriods ${periods}` };
  if (alarm.Statistic !== 'SampleCount' && alarm.ExtendedStatistic === undefined) return undefined;
  const message = 'an alarm on a status check is simulated for Maximum, Minimum, Average and Sum only';
  return { member: 'Statistic', message };
}

/** Statistic of `value` over the alarm's period. */
function aggregated(alarm: MetricAlarm, value: number): number {
  return alarm.Statistic === 'Sum' ? (value * alarm.Period) / METRIC_PERIOD_SECONDS : value;
}

/** The datapoint of this moment; `null`: there is none. */
function datapoint(world: World, alarm: MetricAlarm): number | null {
  const instanceId = watchedInstance(alarm);
  if (instanceId === undefined) return null;
  const checks = statusOf(world, instanceId);
  const values = (CHECKS[alarm.MetricName ?? ''] ?? [])
    .map((each) => checks[each])
    .filter((each) => each !== 'not-applicable');
  // An instance that does not run has no checks, and publishes nothing.
  if (values.length === 0) return null;
  if (values.includes('impaired')) return aggregated(alarm, 1);
  if (values.every((each) => each === 'ok')) return aggregated(alarm, 0);
  world.assume('cloudwatch: a status check that is initializing or has insufficient data publishes no datapoint');
  return null;
}

function valuesOf(world: World, alarm: MetricAlarm): (number | null)[] {
  const all = samplesOf(world);
  let found = all.find((each) => each.AlarmName === alarm.AlarmName);
  if (found === undefined) {
    found = { AlarmName: alarm.AlarmName, Values: pastOf(alarm) };
    all.push(found);
  }
  return found.Values;
}

/** A past that agrees with the state the alarm begins in. */
function pastOf(alarm: MetricAlarm): (number | null)[] {
  if (alarm.StateValue === 'INSUFFICIENT_DATA') return Array.from({ length: rangeOf(alarm) }, () => null);
  const wanted = alarm.StateValue === 'ALARM';
  const value = [0, 1].map((each) => aggregated(alarm, each)).find((each) => breaches(alarm, each) === wanted);
  return Array.from({ length: rangeOf(alarm) }, () => value ?? null);
}

/** Whether the alarm will change its state if the instance stays as it is. */
function willTransition(world: World, alarm: MetricAlarm): boolean {
  const value = datapoint(world, alarm);
  const ahead = [...valuesOf(world, alarm)];
  for (let step = 0; step < rangeOf(alarm); step += 1) {
    ahead.push(value);
    if (evaluate(alarm, ahead, alarm.StateValue) !== alarm.StateValue) return true;
  }
  return false;
}

interface Pending {
  readonly dueMs: number;
  readonly cancel: () => void;
}

// Functions cannot live in the JSON state, so they hang on the world's clock, which outlives every copy of the data.
const schedules = new WeakMap<Clock, Map<string, Pending>>();

function scheduleOf(world: World): Map<string, Pending> {
  let schedule = schedules.get(world.clock);
  if (schedule === undefined) {
    schedule = new Map();
    schedules.set(world.clock, schedule);
  }
  return schedule;
}

/** Plans the next sample. One that leads to a transition keeps the world busy; an idle one does not. */
function plan(world: World, alarm: MetricAlarm, dueMs: number): void {
  const schedule = scheduleOf(world);
  schedule.get(alarm.AlarmName)?.cancel();
  const wait = dueMs - world.clock.now();
  const take = (): void => sample(world, alarm);
  const cancel = willTransition(world, alarm)
    ? world.clock.after(wait, take)
    : world.clock.after(wait, take, { background: true });
  schedule.set(alarm.AlarmName, { dueMs, cancel });
}

const number = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));

const WORDS: { readonly [operator: string]: string } = {
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  GreaterThanThreshold: 'greater than',
  LessThanThreshold: 'less than',
  LessThanOrEqualToThreshold: 'less than or equal to',
};

function reasonFor(alarm: MetricAlarm & Criteria, state: AlarmState, values: readonly (number | null)[]): string {
  const recent = values.slice(-alarm.EvaluationPeriods);
  const shown = recent.map((each) => (each === null ? 'missing' : number(each))).join(', ');
  if (state === 'INSUFFICIENT_DATA') return `Insufficient Data: ${recent.length} datapoints were unknown.`;
  const not = state === 'ALARM' ? '' : 'not ';
  return `Threshold Crossed: ${recent.length} datapoints [${shown}] were ${not}${WORDS[alarm.ComparisonOperator] ?? ''} the threshold (${number(alarm.Threshold)}).`;
}

function sample(world: World, alarm: MetricAlarm): void {
  const values = valuesOf(world, alarm);
  values.push(datapoint(world, alarm));
  values.splice(0, values.length - rangeOf(alarm));
  if (values.includes(null) && values.some((each) => each !== null))
    world.assume(
      'cloudwatch: an alarm looks two datapoints beyond its evaluation periods before data counts as missing',
    );
  const state = evaluate(alarm, values, alarm.StateValue);
  transition(world, alarm, {
    state,
    reason: reasonFor(alarm, state, values),
    reasonData: {
      version: '1.0',
      queryDate: alarmTime(world.clock.iso()),
      statistic: alarm.Statistic ?? 'Average',
      period: alarm.Period,
      recentDatapoints: values.slice(-alarm.EvaluationPeriods).filter((each) => each !== null),
      threshold: alarm.Threshold,
    },
  });
  plan(world, alarm, world.clock.now() + alarm.Period * 1_000);
}

/** Plans the pending sample of an alarm anew: something happened that may let it transition, or no longer. */
export function replan(world: World, alarm: MetricAlarm): void {
  const pending = scheduleOf(world).get(alarm.AlarmName);
  if (pending !== undefined) plan(world, alarm, pending.dueMs);
}

/** Stops the sampling of an alarm that is deleted. */
export function forgetAlarm(world: World, alarmName: string): void {
  const schedule = scheduleOf(world);
  schedule.get(alarmName)?.cancel();
  schedule.delete(alarmName);
}

/** Starts the sampling of every alarm on status checks; one of an instance that was not pasted stays in its state. */
export function startSampling(world: World): void {
  for (const alarm of metricAlarmsOf(world)) {
    const instanceId = watchedInstance(alarm);
    if (instanceId === undefined || unsimulated(alarm) !== undefined) continue;
    if (!world.isMentionedOnly(instanceId)) plan(world, alarm, world.clock.now() + alarm.Period * 1_000);
  }
  const replanFor = ({ instanceId }: { readonly instanceId: string }): void => {
    for (const alarm of metricAlarmsOf(world)) if (watchedInstance(alarm) === instanceId) replan(world, alarm);
  };
  world.on('instance-state', replanFor);
  world.on('status-changed', replanFor);
}
