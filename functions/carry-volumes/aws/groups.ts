/** The Auto Scaling groups that carry a set of volumes, by their tag `runbook:volumes`, and which of them a target belongs to. */

import {
  AutoScalingClient,
  paginateDescribeAutoScalingGroups,
  paginateDescribeAutoScalingInstances,
  type AutoScalingGroup,
  type Instance as GroupInstance,
} from '@aws-sdk/client-auto-scaling';
import { EC2Client, paginateDescribeInstances } from '@aws-sdk/client-ec2';
import { lastPartOf } from '../../../shared/aws/arn.ts';
import { client } from '../../../shared/aws/clients.ts';
import { need, tagsOf } from '../../../shared/aws/ec2/reading.ts';
import { collect } from '../../../shared/aws/pages.ts';
import type { Io } from '../../../shared/kernel/definition.ts';

/** The tag that names the set, on everything that belongs to it. */
export const SET = 'runbook:volumes';
/** The most EC2 and Auto Scaling give in a page. */
export const PAGE = 1_000;
const GROUPS_PAGE = 100;

/** All groups that carry a set. */
export function taggedGroups({ signal }: Io): Promise<AutoScalingGroup[]> {
  const filter = { Filters: [{ Name: 'tag-key', Values: [SET] }] };
  return collect(
    paginateDescribeAutoScalingGroups({ client: client(AutoScalingClient), pageSize: GROUPS_PAGE }, filter, {
      abortSignal: signal,
    }),
    ({ AutoScalingGroups }) => AutoScalingGroups,
  );
}

/** The group's name. */
export function nameOf({ AutoScalingGroupName }: AutoScalingGroup): string {
  return need(AutoScalingGroupName, 'AutoScalingGroups[].AutoScalingGroupName');
}

/** The name of its set; empty where the tag has no value. */
export function setOf({ Tags: tags }: AutoScalingGroup): string {
  return tagsOf(tags).get(SET) ?? '';
}

/** Its instances, but for those in a warm pool. */
export function membersOf({ Instances }: AutoScalingGroup): readonly GroupInstance[] {
  return Instances ?? [];
}

/** Whether a person's target is this group. */
export function isNamed(group: AutoScalingGroup, target: string): boolean {
  return target === nameOf(group) || target === group.AutoScalingGroupARN;
}

/** Whether the instance is one of its members. */
export function hasMember(group: AutoScalingGroup, instanceId: string): boolean {
  return membersOf(group).some(({ InstanceId }) => InstanceId === instanceId);
}

/** Who waits on the way into a warm pool: DescribeAutoScalingGroups does not list them. `among`: these instances; `null`: all. */
export async function waitingInPool(
  groups: readonly AutoScalingGroup[],
  among: readonly string[] | null,
  { signal }: Io,
): Promise<string[]> {
  const names = groups.filter(({ WarmPoolConfiguration }) => WarmPoolConfiguration !== undefined).map(nameOf);
  if (names.length === 0) return [];
  const which = among === null ? {} : { InstanceIds: [...among] };
  const all = await collect(
    paginateDescribeAutoScalingInstances({ client: client(AutoScalingClient) }, which, { abortSignal: signal }),
    ({ AutoScalingInstances }) => AutoScalingInstances,
  );
  return all.flatMap(({ InstanceId, LifecycleState, AutoScalingGroupName }) => {
    const isWaiting = LifecycleState === 'Warmed:Pending:Wait' && names.includes(AutoScalingGroupName ?? '');
    return isWaiting ? (InstanceId ?? []) : [];
  });
}

/** The group of a target: its own, the event's, the one the instance is a member of, or was. */
export async function groupOf(
  target: string,
  eventGroup: string | undefined,
  groups: readonly AutoScalingGroup[],
  { signal }: Io,
): Promise<AutoScalingGroup | undefined> {
  const id = lastPartOf(target);
  const known = groups.find(
    (group) => group.AutoScalingGroupARN === target || nameOf(group) === eventGroup || hasMember(group, id),
  );
  if (known !== undefined || !id.startsWith('i-')) return known;
  const which = { Filters: [{ Name: 'instance-id', Values: [id] }] };
  const [gone] = await collect(
    paginateDescribeInstances({ client: client(EC2Client), pageSize: PAGE }, which, { abortSignal: signal }),
    ({ Reservations }) => Reservations?.flatMap(({ Instances }) => Instances ?? []),
  );
  const formerGroup = tagsOf(gone?.Tags).get('aws:autoscaling:groupName');
  return groups.find((group) => nameOf(group) === formerGroup);
}
