/** CloudWatch's operations: reading alarms. */

import { SERVICE } from './state.ts';
import { copied, isRecord } from '../../engine/json.ts';
import { type Operation, type Shape, type World, NotSimulatedError, awsError } from '../../engine/model.ts';

const API = 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference';

const TIMES = ['AlarmConfigurationUpdatedTimestamp', 'StateUpdatedTimestamp', 'StateTransitionedTimestamp'];

// Reads look at the data they are given: a stale read is given an older copy.
const recordsIn = (world: World, collection: string): readonly Shape[] => world.data[SERVICE]?.[collection] ?? [];

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function printed(alarm: Shape): Shape {
  const copy = copied(alarm);
  for (const time of TIMES) {
    const value = copy[time];
    if (typeof value === 'string') copy[time] = new Date(value);
  }
  if (copy['StateReasonData'] === '') delete copy['StateReasonData'];
  return copy;
}

function checkDescribe(input: Shape): void {
  for (const member of ['ChildrenOfAlarmName', 'ParentsOfAlarmName', 'ActionPrefix']) {
    if (input[member] !== undefined) throw new NotSimulatedError(`${member} of cloudwatch:DescribeAlarms`);
  }
  if (input['AlarmNames'] !== undefined && input['AlarmNamePrefix'] !== undefined) {
    throw awsError('ValidationError', 'AlarmNames and AlarmNamePrefix cannot both be given.');
  }
  if (list(input['AlarmNames']).length > 100)
    throw awsError('ValidationError', 'AlarmNames holds more than 100 names.');
}

function pageSize(input: Shape): number {
  const size = input['MaxRecords'] ?? 50;
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 1 || size > 100)
    throw awsError('ValidationError', 'MaxRecords must be between 1 and 100.');
  return size;
}

function describeAlarms(input: Shape, world: World): object {
  checkDescribe(input);
  // Without AlarmTypes only metric alarms are answered, even if a composite one is asked for by name. Source: DescribeAlarms, AlarmTypes.
  const types = list(input['AlarmTypes'] ?? ['MetricAlarm']);
  const names = input['AlarmNames'] === undefined ? undefined : list(input['AlarmNames']);
  const prefix = input['AlarmNamePrefix'];
  const wanted = (alarm: Shape): boolean =>
    (names === undefined || names.includes(alarm['AlarmName'])) &&
    (typeof prefix !== 'string' || String(alarm['AlarmName']).startsWith(prefix)) &&
    (input['StateValue'] === undefined || alarm['StateValue'] === input['StateValue']);
  const found = ['MetricAlarm', 'CompositeAlarm']
    .filter((type) => types.includes(type))
    .flatMap((type) =>
      recordsIn(world, `${type}s`)
        .filter(wanted)
        .map((alarm) => ({ type, alarm })),
    );
  const size = pageSize(input);
  const from = input['NextToken'] === undefined ? 0 : Number(input['NextToken']);
  if (!Number.isInteger(from) || from < 0 || from > found.length)
    throw awsError('InvalidNextToken', 'The next token specified is invalid.');
  const page = found.slice(from, from + size);
  const ofType = (type: string): Shape[] =>
    page.filter((each) => each.type === type).map((each) => printed(each.alarm));
  return {
    MetricAlarms: ofType('MetricAlarm'),
    CompositeAlarms: ofType('CompositeAlarm'),
    ...(from + size < found.length ? { NextToken: String(from + size) } : {}),
  };
}

const dimensionKey = (value: unknown): string =>
  list(value)
    .filter(isRecord)
    .map((each) => JSON.stringify([each['Name'], each['Value']]))
    .toSorted()
    .join();

function describeAlarmsForMetric(input: Shape, world: World): object {
  const same = (alarm: Shape, member: string): boolean =>
    input[member] === undefined || alarm[member] === input[member];
  const found = recordsIn(world, 'MetricAlarms').filter(
    (alarm) =>
      alarm['MetricName'] === input['MetricName'] &&
      alarm['Namespace'] === input['Namespace'] &&
      dimensionKey(alarm['Dimensions']) === dimensionKey(input['Dimensions']) &&
      ['Statistic', 'ExtendedStatistic', 'Period', 'Unit'].every((member) => same(alarm, member)),
  );
  return { MetricAlarms: found.map(printed) };
}

export const cloudWatchReads: { readonly [operation: string]: Operation } = {
  DescribeAlarms: { kind: 'read', grade: 'documented', source: `${API}/API_DescribeAlarms.html`, run: describeAlarms },
  DescribeAlarmsForMetric: {
    kind: 'read',
    grade: 'documented',
    source: `${API}/API_DescribeAlarmsForMetric.html`,
    run: describeAlarmsForMetric,
  },
};
