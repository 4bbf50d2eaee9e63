/**
 * An alarm's change of state: its event, and the composite alarms that follow.
 * Source of the event's detail: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
 */

import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { parseRule, type Rule } from './rules.ts';
import {
  type AlarmState,
  type CompositeAlarm,
  type MetricAlarm,
  alarmTime,
  compositeAlarmsOf,
  metricAlarmsOf,
} from './state.ts';
import { isRecord } from '../../engine/json.ts';
import type { Shape, World } from '../../engine/model.ts';
import { uuid } from '../../engine/uuid.ts';

const shapes = (value: unknown): readonly Shape[] => (Array.isArray(value) ? value.filter(isRecord) : []);

function metricOf(metric: Shape): JsonObject {
  const dimensions = Object.fromEntries(
    shapes(metric['Dimensions']).map((each) => [String(each['Name']), String(each['Value'])]),
  );
  return { namespace: String(metric['Namespace']), name: String(metric['MetricName']), dimensions };
}

function queryOf(query: Shape): JsonObject {
  const stat = query['MetricStat'];
  return {
    id: String(query['Id']),
    ...(typeof query['Expression'] === 'string' ? { expression: query['Expression'] } : {}),
    ...(typeof query['Label'] === 'string' ? { label: query['Label'] } : {}),
    ...(isRecord(stat) && isRecord(stat['Metric'])
      ? { metricStat: { metric: metricOf(stat['Metric']), period: Number(stat['Period']), stat: String(stat['Stat']) } }
      : {}),
    returnData: query['ReturnData'] !== false,
  };
}

function configurationOf(world: World, alarm: MetricAlarm | CompositeAlarm): JsonObject {
  const description = alarm.AlarmDescription === undefined ? {} : { description: alarm.AlarmDescription };
  if ('AlarmRule' in alarm) {
    return {
      alarmRule: alarm.AlarmRule,
      ...(alarm.ActionsSuppressor === undefined ? {} : { actionsSuppressor: alarm.ActionsSuppressor }),
      ...(alarm.ActionsSuppressorWaitPeriod === undefined
        ? {}
        : { actionsSuppressorWaitPeriod: alarm.ActionsSuppressorWaitPeriod }),
      ...(alarm.ActionsSuppressorExtensionPeriod === undefined
        ? {}
        : { actionsSuppressorExtensionPeriod: alarm.ActionsSuppressorExtensionPeriod }),
      ...description,
    };
  }
  if (alarm.Metrics !== undefined) return { ...description, metrics: alarm.Metrics.map(queryOf) };
  const metricStat = {
    metric: metricOf(alarm),
    period: alarm.Period,
    stat: alarm.Statistic ?? alarm.ExtendedStatistic ?? 'Average',
  };
  return { ...description, metrics: [{ id: uuid(world), metricStat, returnData: true }] };
}

const stateOf = (alarm: MetricAlarm | CompositeAlarm): JsonObject => ({
  value: alarm.StateValue,
  reason: alarm.StateReason,
  ...(alarm.StateReasonData === '' ? {} : { reasonData: alarm.StateReasonData }),
  timestamp: alarmTime(alarm.StateUpdatedTimestamp),
});

/** Where an alarm goes and why. `reasonData` is JSON, as AWS sends it: a string. */
export interface Verdict {
  readonly state: AlarmState;
  readonly reason: string;
  readonly reasonData: JsonObject;
}

/** Puts an alarm in a state. If that is a transition, publishes the event and lets the composite alarms follow. */
export function transition(world: World, alarm: MetricAlarm | CompositeAlarm, verdict: Verdict): void {
  if (alarm.StateValue === verdict.state) return;
  const previousState = stateOf(alarm);
  alarm.StateValue = verdict.state;
  alarm.StateReason = verdict.reason;
  alarm.StateReasonData = JSON.stringify(verdict.reasonData);
  alarm.StateUpdatedTimestamp = world.clock.iso();
  alarm.StateTransitionedTimestamp = world.clock.iso();
  world.emit({
    source: 'aws.cloudwatch',
    detailType: 'CloudWatch Alarm State Change',
    resources: [alarm.AlarmArn],
    detail: {
      alarmName: alarm.AlarmName,
      configuration: configurationOf(world, alarm),
      previousState,
      state: stateOf(alarm),
    },
  });
  for (const parent of compositeAlarmsOf(world)) {
    if (ruleOf(parent)?.children.includes(alarm.AlarmName) === true) followChild(world, parent, alarm);
  }
}

/** The rule of an alarm; `undefined`: it says what is not known here, and the alarm stays in its state. */
function ruleOf(alarm: CompositeAlarm): Rule | undefined {
  try {
    return parseRule(alarm.AlarmRule);
  } catch {
    return undefined;
  }
}

/** The state that the rule of an alarm makes of its children's; its present one where that depends on alarms that are not there. */
function ruleState(world: World, alarm: CompositeAlarm): AlarmState {
  const all = [...metricAlarmsOf(world), ...compositeAlarmsOf(world)];
  const holds = ruleOf(alarm)?.holds((name) =>
    world.isMentionedOnly(name) ? 'UNKNOWN' : all.find((each) => each.AlarmName === name)?.StateValue,
  );
  if (holds === undefined) return alarm.StateValue;
  return holds ? 'ALARM' : 'OK';
}

function followChild(world: World, parent: CompositeAlarm, child: MetricAlarm | CompositeAlarm): void {
  const at = alarmTime(child.StateTransitionedTimestamp);
  transition(world, parent, {
    state: ruleState(world, parent),
    reason: `${child.AlarmArn} transitioned to ${child.StateValue} at ${at}`,
    reasonData: { triggeringAlarms: [{ arn: child.AlarmArn, state: { value: child.StateValue, timestamp: at } }] },
  });
}
