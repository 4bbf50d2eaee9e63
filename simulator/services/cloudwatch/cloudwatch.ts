/** The simulated CloudWatch: alarms that follow the simulated status checks, and alarms that follow the script. */

import { BadInputError } from '../../../shared/kernel/errors.ts';
import { cloudWatchReads } from './describe.ts';
import { type Rule, parseRule } from './rules.ts';
import { forgetAlarm, replan, startSampling, unsimulated, watchedInstance } from './sampling.ts';
import { cloudWatchSchema } from './schema.ts';
import {
  type MetricAlarm,
  SERVICE,
  compositeAlarmsOf,
  isCompositeAlarm,
  isMetricAlarm,
  metricAlarmsOf,
} from './state.ts';
import { transition } from './transitions.ts';
import { instanceState } from '../ec2/instances.ts';
import { NotSimulatedError, type ServiceModel, type Shape, type World } from '../../engine/model.ts';

/** What PutMetricAlarm assumes, or what a hand-written alarm most likely means. */
const METRIC_DEFAULTS = {
  Dimensions: [],
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 1,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  TreatMissingData: 'missing',
};

function complete(world: World, record: Shape, defaults: Shape): void {
  const now = world.clock.iso();
  const made = {
    AlarmArn: `arn:aws:cloudwatch:${world.region}:${world.account}:alarm:${String(record['AlarmName'])}`,
    ActionsEnabled: true,
    OKActions: [],
    AlarmActions: [],
    InsufficientDataActions: [],
    AlarmConfigurationUpdatedTimestamp: now,
    StateReason: 'The state the world began with.',
    StateReasonData: '',
    StateUpdatedTimestamp: now,
    ...defaults,
  };
  for (const [member, value] of Object.entries(made)) record[member] ??= structuredClone(value);
  record['StateTransitionedTimestamp'] ??= record['StateUpdatedTimestamp'];
}

function completeMetricAlarm(world: World, record: Shape, index: number): void {
  const path = `${SERVICE}.MetricAlarms[${index}]`;
  const math = record['Metrics'] !== undefined;
  if (!math && (record['MetricName'] === undefined || record['Namespace'] === undefined))
    world.gap({ path, message: 'an alarm needs MetricName and Namespace, or Metrics' });
  // A metric-math alarm has no statistic and no period of its own, so that none is made up for it.
  complete(
    world,
    record,
    math
      ? { ...METRIC_DEFAULTS, StateValue: 'OK' }
      : {
          ...METRIC_DEFAULTS,
          StateValue: 'OK',
          ...(record['ExtendedStatistic'] === undefined ? { Statistic: 'Maximum' } : {}),
        },
  );
  record['DatapointsToAlarm'] ??= record['EvaluationPeriods'];
  if (isMetricAlarm(record)) checkWatching(world, record, path);
}

/** What the sampling of status checks cannot do is said at the beginning. */
function checkWatching(world: World, alarm: MetricAlarm, path: string): void {
  const id = watchedInstance(alarm);
  if (id === undefined) return;
  const fault = unsimulated(alarm);
  if (fault !== undefined) world.gap({ path: `${path}.${fault.member}`, message: fault.message });
  else if (world.isPasted && instanceState(world, id) === undefined)
    world.gap({ path: `${path}.Dimensions`, id, message: `there is no instance ${id} in ec2.Instances` });
}

/** A rule that is written in a way that is not known here is no rule: its alarm stays in its state. */
const NO_RULE: Rule = { children: [], holds: () => undefined };

function ruleOf(world: World, record: Shape, path: string): Rule {
  try {
    return parseRule(String(record['AlarmRule']));
  } catch (error) {
    world.gap({ path: `${path}.AlarmRule`, message: error instanceof Error ? error.message : String(error) });
    return NO_RULE;
  }
}

/** Completes the composite alarms, children before parents, so that a state that is not given follows from the rule. */
function completeComposites(world: World): void {
  const records = world.records(SERVICE, 'CompositeAlarms');
  const paths = new Map(
    records.map((record, index) => [String(record['AlarmName']), `${SERVICE}.CompositeAlarms[${index}]`]),
  );
  const states = new Map(metricAlarmsOf(world).map((alarm) => [alarm.AlarmName, alarm.StateValue]));
  const visit = (record: Shape, trail: readonly string[]): void => {
    const name = String(record['AlarmName']);
    const path = paths.get(name) ?? SERVICE;
    if (states.has(name)) return;
    if (trail.includes(name))
      throw new BadInputError(
        `${path}.AlarmRule`,
        `the alarms name each other in a circle: ${[...trail, name].join(' -> ')}`,
      );
    const rule = ruleOf(world, record, path);
    for (const child of rule.children) {
      const composite = records.find((each) => each['AlarmName'] === child);
      if (composite !== undefined) visit(composite, [...trail, name]);
      else if (!states.has(child))
        world.gap({ path: `${path}.AlarmRule`, id: child, message: `there is no alarm ${child}` });
    }
    complete(world, record, { StateValue: rule.holds((child) => states.get(child)) === true ? 'ALARM' : 'OK' });
    if (isCompositeAlarm(record)) states.set(name, record.StateValue);
  };
  for (const record of records) visit(record, []);
}

function start(world: World): void {
  world.records(SERVICE, 'MetricAlarms').forEach((record, index) => completeMetricAlarm(world, record, index));
  completeComposites(world);
  startSampling(world);
}

const STATES = ['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const;

function change(world: World, collection: string, key: string, path: readonly string[], value: unknown): boolean {
  if (path.length === 0 && value !== null)
    throw new NotSimulatedError(`a scripted new alarm (${key}): put it in the world file and script its state`);
  if (path.length === 0 && collection === 'MetricAlarms') forgetAlarm(world, key);
  if (path.join('/') !== 'StateValue') return false;
  const metric =
    collection === 'MetricAlarms' ? metricAlarmsOf(world).find((each) => each.AlarmName === key) : undefined;
  const alarm =
    metric ??
    (collection === 'CompositeAlarms' ? compositeAlarmsOf(world).find((each) => each.AlarmName === key) : undefined);
  if (alarm === undefined) return false;
  const state = STATES.find((each) => each === value);
  if (state === undefined)
    throw new BadInputError(
      `${SERVICE}/${collection}/${key}/StateValue`,
      `${JSON.stringify(value)} is not one of ${STATES.join(', ')}`,
    );
  transition(world, alarm, { state, reason: 'Set by the script of the world.', reasonData: {} });
  // An alarm on a status check goes back by itself at its next evaluation, as after SetAlarmState.
  if (metric !== undefined) replan(world, metric);
  return true;
}

export const cloudWatch: ServiceModel = {
  name: SERVICE,
  prefix: 'cloudwatch',
  schema: cloudWatchSchema,
  collections: { MetricAlarms: 'AlarmName', CompositeAlarms: 'AlarmName', Samples: 'AlarmName' },
  operations: cloudWatchReads,
  start,
  change,
};
