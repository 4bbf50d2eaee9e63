/** Auto Scaling's reading operations. */

import { SERVICE, warmPoolName } from './state.ts';
import { copied, isRecord } from '../../engine/json.ts';
import { type Operation, type Shape, type World, NotSimulatedError, awsError } from '../../engine/model.ts';

const API = 'https://docs.aws.amazon.com/autoscaling/ec2/APIReference';

// Reads look at the data they are given: a stale read is given an older copy.
const recordsIn = (world: World, collection: string): readonly Shape[] => world.data[SERVICE]?.[collection] ?? [];

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const shapes = (value: unknown): readonly Shape[] => list(value).filter(isRecord);

/** One page of a listing; the token is the offset. */
function page(
  all: readonly Shape[],
  input: Shape,
  usual: number,
  most: number,
): { items: Shape[]; next: { NextToken?: string } } {
  const size = input['MaxRecords'] ?? usual;
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 1 || size > most) {
    throw awsError('ValidationError', `MaxRecords must be between 1 and ${most}.`);
  }
  const token = input['NextToken'];
  const from = token === undefined ? 0 : Number(token);
  if (!Number.isInteger(from) || from < 0 || from > all.length)
    throw awsError('InvalidNextToken', 'The NextToken value is not valid.');
  const items = all.slice(from, from + size).map((each) => copied(each));
  return { items, next: from + size < all.length ? { NextToken: String(from + size) } : {} };
}

function withDates(record: Shape, members: readonly string[]): Shape {
  for (const member of members) {
    const value = record[member];
    if (typeof value === 'string') record[member] = new Date(value);
  }
  return record;
}

function matches(group: Shape, filter: Shape): boolean {
  const name = String(filter['Name']);
  const values = list(filter['Values']);
  const tags = shapes(group['Tags']);
  if (name === 'tag-key') return tags.some((tag) => values.includes(tag['Key']));
  if (name === 'tag-value') return tags.some((tag) => values.includes(tag['Value']));
  if (name.startsWith('tag:')) return tags.some((tag) => tag['Key'] === name.slice(4) && values.includes(tag['Value']));
  throw awsError(
    'ValidationError',
    `Filter type ${name} is not correct. Allowed Filter types are: tag-key, tag-value, tag:<key>.`,
  );
}

function warmMembersIn(world: World, groupName: unknown): readonly Shape[] {
  return shapes(
    recordsIn(world, 'WarmPools').find((pool) => pool['AutoScalingGroupName'] === groupName)?.['Instances'],
  );
}

function isPoolUnknown(world: World, groupName: unknown): boolean {
  return world.isMentionedOnly(warmPoolName(String(groupName)));
}

function describeGroups(input: Shape, world: World): object {
  const names = input['AutoScalingGroupNames'];
  const found = recordsIn(world, 'AutoScalingGroups').filter(
    (group) =>
      (list(names).length === 0 || list(names).includes(group['AutoScalingGroupName'])) &&
      shapes(input['Filters']).every((filter) => matches(group, filter)),
  );
  const { items, next } = page(found, input, 50, 100);
  const AutoScalingGroups = items.map((group) => {
    if (input['IncludeInstances'] === false) delete group['Instances'];
    // Warm members are not among the instances; only their number is told here. Source: API reference, AutoScalingGroup and DescribeWarmPool.
    if (group['WarmPoolConfiguration'] !== undefined && !isPoolUnknown(world, group['AutoScalingGroupName']))
      group['WarmPoolSize'] = warmMembersIn(world, group['AutoScalingGroupName']).length;
    return withDates(group, ['CreatedTime']);
  });
  return { AutoScalingGroups, ...next };
}

function describeInstances(input: Shape, world: World): object {
  const ids = list(input['InstanceIds']);
  const unknown = recordsIn(world, 'AutoScalingGroups').find((group) =>
    isPoolUnknown(world, group['AutoScalingGroupName']),
  );
  if (ids.length === 0 && unknown !== undefined)
    throw new NotSimulatedError(
      `autoscaling:DescribeAutoScalingInstances beside ${warmPoolName(String(unknown['AutoScalingGroupName']))}, which was not pasted`,
    );
  // Warm members are listed here, as kops relies on (github.com/kubernetes/kops, nodeup, getAWSConfigurationMode).
  const all = recordsIn(world, 'AutoScalingGroups').flatMap((group) =>
    [...shapes(group['Instances']), ...warmMembersIn(world, group['AutoScalingGroupName'])].map((member) => ({
      ...member,
      AutoScalingGroupName: group['AutoScalingGroupName'],
      // This operation prints the health in capitals, unlike DescribeAutoScalingGroups. Source: the AWS CLI's example of it.
      HealthStatus: String(member['HealthStatus']).toUpperCase(),
    })),
  );
  const found: Shape[] = all.filter((member: Shape) => ids.length === 0 || ids.includes(member['InstanceId']));
  const { items, next } = page(found, input, 50, 50);
  return { AutoScalingInstances: items, ...next };
}

function describeHooks(input: Shape, world: World): object {
  const group = input['AutoScalingGroupName'];
  if (!recordsIn(world, 'AutoScalingGroups').some((each) => each['AutoScalingGroupName'] === group)) {
    throw awsError(
      'ValidationError',
      `AutoScalingGroup name not found - AutoScalingGroup '${String(group)}' not found`,
    );
  }
  const names = list(input['LifecycleHookNames']);
  const found = recordsIn(world, 'LifecycleHooks').filter(
    (hook) =>
      hook['AutoScalingGroupName'] === group && (names.length === 0 || names.includes(hook['LifecycleHookName'])),
  );
  return { LifecycleHooks: found.map((hook) => copied(hook)) };
}

function describeActivities(input: Shape, world: World): object {
  const ids = list(input['ActivityIds']);
  const group = input['AutoScalingGroupName'];
  if (list(input['Filters']).length > 0)
    throw new NotSimulatedError('Filters of autoscaling:DescribeScalingActivities');
  const found = recordsIn(world, 'Activities')
    .filter(
      (each) =>
        (group === undefined || each['AutoScalingGroupName'] === group) &&
        (ids.length === 0 || ids.includes(each['ActivityId'])),
    )
    .toReversed();
  const { items, next } = page(found, input, 100, 100);
  return { Activities: items.map((each) => withDates(each, ['StartTime', 'EndTime'])), ...next };
}

export const autoScalingReads: { readonly [operation: string]: Operation } = {
  DescribeAutoScalingGroups: {
    kind: 'read',
    grade: 'documented',
    source: `${API}/API_DescribeAutoScalingGroups.html`,
    run: describeGroups,
  },
  DescribeAutoScalingInstances: {
    kind: 'read',
    grade: 'documented',
    source: `${API}/API_DescribeAutoScalingInstances.html`,
    run: describeInstances,
  },
  DescribeLifecycleHooks: {
    kind: 'read',
    grade: 'documented',
    source: `${API}/API_DescribeLifecycleHooks.html`,
    run: describeHooks,
  },
  DescribeScalingActivities: {
    kind: 'read',
    grade: 'documented',
    source: `${API}/API_DescribeScalingActivities.html`,
    run: describeActivities,
  },
};
