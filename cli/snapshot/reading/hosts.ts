/** What is in front of instances and behind them: Auto Scaling groups, load balancers, alarms. */

import type { Row } from '../asking.ts';
import { chunks, rowsOf, section, textOf, type Place, type Section } from './place.ts';

/** Source: ELB API_DescribeTags, ResourceArns: at most 20. */
const TAGGED_AT_ONCE = 20;

/** Activities of a group: what carry-volumes looks for is under way, or ended within the hour. */
const LATEST_ACTIVITIES = 100;

async function ofGroups(
  { ask, region }: Place,
  groups: readonly Row[],
  call: string,
  member: string,
  more: object = {},
): Promise<readonly Row[] | undefined> {
  const found = await ask.each(groups, async ({ AutoScalingGroupName }) =>
    ask.all(region, call, { AutoScalingGroupName, ...more }, member),
  );
  return found.some((one) => one === undefined) ? undefined : found.flatMap((one) => one ?? []);
}

/** The latest page: a group keeps six weeks of activities. */
async function activities({ ask, region }: Place, groups: readonly Row[]): Promise<readonly Row[] | undefined> {
  const found = await ask.each(groups, ({ AutoScalingGroupName }) =>
    ask.one(region, 'autoscaling:DescribeScalingActivities', { AutoScalingGroupName, MaxRecords: LATEST_ACTIVITIES }),
  );
  return found.some((one) => one === undefined) ? undefined : found.flatMap((one) => rowsOf(one?.['Activities']));
}

async function warmPools(place: Place, groups: readonly Row[]): Promise<readonly Row[] | undefined> {
  const { ask, region } = place;
  const having = groups.filter((one) => one['WarmPoolConfiguration'] !== undefined);
  const pools = await ask.each(having, async ({ AutoScalingGroupName, WarmPoolConfiguration }) => {
    const Instances = await ask.all(region, 'autoscaling:DescribeWarmPool', { AutoScalingGroupName }, 'Instances');
    return Instances === undefined ? [] : [{ AutoScalingGroupName, WarmPoolConfiguration, Instances }];
  });
  return pools.flat();
}

/** Auto Scaling groups. */
export async function readScaling(place: Place): Promise<Section> {
  const { ask, region } = place;
  const groups = await ask.all(region, 'autoscaling:DescribeAutoScalingGroups', {}, 'AutoScalingGroups');
  if (groups === undefined) return {};
  return section({
    AutoScalingGroups: groups,
    LifecycleHooks: await ofGroups(place, groups, 'autoscaling:DescribeLifecycleHooks', 'LifecycleHooks'),
    Activities: await activities(place, groups),
    WarmPools: await warmPools(place, groups),
  });
}

/** Tags by ARN; of what they could not be read of none. */
async function tagsOf({ ask, region }: Place, arns: readonly string[]): Promise<ReadonlyMap<string, unknown>> {
  const found = await ask.each(chunks(arns, TAGGED_AT_ONCE), (ResourceArns) =>
    ask.one(region, 'elasticloadbalancing:DescribeTags', { ResourceArns }),
  );
  const rows = found.flatMap((one) => rowsOf(one?.['TagDescriptions']));
  return new Map(rows.map(({ ResourceArn, Tags }) => [textOf(ResourceArn), Tags]));
}

async function withAttributes(
  { ask, region }: Place,
  rows: readonly Row[],
  key: 'LoadBalancerArn' | 'TargetGroupArn',
  tags: ReadonlyMap<string, unknown>,
): Promise<readonly Row[]> {
  const call = `elasticloadbalancing:Describe${key === 'LoadBalancerArn' ? 'LoadBalancer' : 'TargetGroup'}Attributes`;
  return ask.each(rows, async (row) => {
    const answer = await ask.one(region, call, { [key]: row[key] });
    const Tags = tags.get(textOf(row[key]));
    return {
      ...row,
      ...(answer === undefined ? {} : { Attributes: answer['Attributes'] ?? [] }),
      ...(Tags === undefined ? {} : { Tags }),
    };
  });
}

async function listeners(place: Place, balancers: readonly Row[]): Promise<readonly Row[] | undefined> {
  const { ask, region } = place;
  const found = await ask.each(balancers, ({ LoadBalancerArn }) =>
    ask.all(region, 'elasticloadbalancing:DescribeListeners', { LoadBalancerArn }, 'Listeners'),
  );
  return found.some((one) => one === undefined) ? undefined : found.flatMap((one) => one ?? []);
}

async function healthOf({ ask, region }: Place, groups: readonly Row[]): Promise<readonly Row[] | undefined> {
  const found = await ask.each(groups, async ({ TargetGroupArn }) => {
    const answer = await ask.one(region, 'elasticloadbalancing:DescribeTargetHealth', { TargetGroupArn });
    return answer && { TargetGroupArn, TargetHealthDescriptions: answer['TargetHealthDescriptions'] ?? [] };
  });
  return found.every((one) => one !== undefined) ? found : undefined;
}

/** Load balancers and target groups. */
export async function readBalancing(place: Place): Promise<Section> {
  const { ask, region } = place;
  const balancers = await ask.all(region, 'elasticloadbalancing:DescribeLoadBalancers', {}, 'LoadBalancers');
  const groups = await ask.all(region, 'elasticloadbalancing:DescribeTargetGroups', {}, 'TargetGroups');
  const arns = [
    ...(balancers ?? []).map((one) => textOf(one['LoadBalancerArn'])),
    ...(groups ?? []).map((one) => textOf(one['TargetGroupArn'])),
  ];
  const tags = await tagsOf(place, arns);
  return section({
    LoadBalancers: balancers && (await withAttributes(place, balancers, 'LoadBalancerArn', tags)),
    TargetGroups: groups && (await withAttributes(place, groups, 'TargetGroupArn', tags)),
    TargetHealth: groups && (await healthOf(place, groups)),
    Listeners: balancers && (await listeners(place, balancers)),
  });
}

/** Alarms, of metrics and composite ones. */
export async function readAlarms({ ask, region }: Place): Promise<Section> {
  const input = (AlarmTypes: readonly string[]) => ({ AlarmTypes });
  const [metric, composite] = await Promise.all([
    ask.all(region, 'cloudwatch:DescribeAlarms', input(['MetricAlarm']), 'MetricAlarms'),
    ask.all(region, 'cloudwatch:DescribeAlarms', input(['CompositeAlarm']), 'CompositeAlarms'),
  ]);
  return section({ MetricAlarms: metric, CompositeAlarms: composite });
}
