/** The Auto Scaling groups that carry a set of volumes, by their tag `runbook:volumes`, and which of them a target belongs to. */

import {
  AutoScalingClient,
  paginateDescribeAutoScalingGroups,
  paginateDescribeAutoScalingInstances,
  type AutoScalingGroup,
  type Instance as GroupInstance,
} from '@aws-sdk/client-auto-scaling';
import { lastPartOf } from '../../../shared/aws/arn.ts';
import { client } from '../../../shared/aws/clients.ts';
import { need, tagsOf } from '../../../shared/aws/ec2/reading.ts';
import { collect } from '../../../shared/aws/pages.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { readInstances } from './instances.ts';

/** The tag that names the set, on everything that belongs to it. */
export const SET = 'runbook:volumes';
const GROUPS_PAGE = 100;

function groupsWith(
  which: { AutoScalingGroupNames: string[] } | { Filters: { Name: string; Values: string[] }[] },
  { signal }: Io,
): Promise<AutoScalingGroup[]> {
  return collect(
    paginateDescribeAutoScalingGroups({ client: client(AutoScalingClient), pageSize: GROUPS_PAGE }, which, {
      abortSignal: signal,
    }),
    ({ AutoScalingGroups }) => AutoScalingGroups,
  );
}

/** All groups that carry a set. */
export function taggedGroups(io: Io): Promise<AutoScalingGroup[]> {
  return groupsWith({ Filters: [{ Name: 'tag-key', Values: [SET] }] }, io);
}

/** All groups that carry this set. */
export function groupsOfSet(set: string, io: Io): Promise<AutoScalingGroup[]> {
  return groupsWith({ Filters: [{ Name: `tag:${SET}`, Values: [set] }] }, io);
}

/** The group of that name, if it carries a set. */
export async function groupNamed(name: string, io: Io): Promise<AutoScalingGroup | undefined> {
  if (name === '') return undefined;
  const [group] = await groupsWith({ AutoScalingGroupNames: [name] }, io);
  return group !== undefined && carriesSet(group) ? group : undefined;
}

/** Whether it carries a set. */
function carriesSet({ Tags: tags }: AutoScalingGroup): boolean {
  return tagsOf(tags).has(SET);
}

/** The group's name. */
export function nameOf({ AutoScalingGroupName }: AutoScalingGroup): string {
  return need(AutoScalingGroupName, 'AutoScalingGroups[].AutoScalingGroupName');
}

/** The name of its set; empty where the tag has no value. */
export function setOf({ Tags: tags }: AutoScalingGroup): string {
  return tagsOf(tags).get(SET) ?? '';
}

/** Records by the set that they carry, sorted once: an account has thousands of each. */
export function bySet<T extends { readonly Tags?: Parameters<typeof tagsOf>[0] }>(
  records: readonly T[],
): (set: string) => readonly T[] {
  const found = new Map<string, T[]>();
  for (const record of records) {
    const set = tagsOf(record.Tags).get(SET);
    if (set === undefined) continue;
    const known = found.get(set);
    if (known === undefined) found.set(set, [record]);
    else known.push(record);
  }
  return (set) => found.get(set) ?? [];
}

/** Its instances, but for those in a warm pool. */
export function membersOf({ Instances }: AutoScalingGroup): readonly GroupInstance[] {
  return Instances ?? [];
}

/** Whether the instance is one of its members. */
export function hasMember(group: AutoScalingGroup, instanceId: string): boolean {
  return membersOf(group).some(({ InstanceId }) => InstanceId === instanceId);
}

/** How many instances these groups want together, and how many of them are in good service. */
export function countsOf(groups: readonly AutoScalingGroup[]): {
  readonly desired: number;
  readonly inGoodService: number;
} {
  const desired = groups.map((group) => need(group.DesiredCapacity, `${nameOf(group)}.DesiredCapacity`));
  const inGoodService = groups
    .flatMap(membersOf)
    .filter(({ LifecycleState, HealthStatus }) => LifecycleState === 'InService' && isHealthy(HealthStatus));
  return { desired: desired.reduce((sum, each) => sum + each, 0), inGoodService: inGoodService.length };
}

/** Auto Scaling's word for it: `Healthy` in one answer, `HEALTHY` in another. */
export function isHealthy(word: string | undefined): boolean {
  return word?.toLowerCase() === 'healthy';
}

/** Whether it is an instance's id, in full or as people shorten them: never taken for a name. */
export function isInstanceId(text: string): boolean {
  return /^i-[0-9a-f]+$/u.test(text);
}

/** The name in the ARN of a group; a name as it is. */
export function groupNameIn(target: string): string {
  return target.startsWith('arn:') ? lastPartOf(target) : target;
}

/** What Auto Scaling says of these instances, of all it knows for `null`; those in warm pools are among them. */
async function scalingInstances(among: readonly string[] | null, { signal }: Io) {
  const which = among === null ? {} : { InstanceIds: [...among] };
  return collect(
    paginateDescribeAutoScalingInstances({ client: client(AutoScalingClient) }, which, { abortSignal: signal }),
    ({ AutoScalingInstances }) => AutoScalingInstances,
  );
}

/** Who waits on the way into a warm pool: DescribeAutoScalingGroups does not list them. `among`: these instances; `null`: all. */
export async function waitingInPool(
  groups: readonly AutoScalingGroup[],
  among: readonly string[] | null,
  io: Io,
): Promise<string[]> {
  const names = groups.filter(({ WarmPoolConfiguration }) => WarmPoolConfiguration !== undefined).map(nameOf);
  if (names.length === 0) return [];
  const all = await scalingInstances(among, io);
  return all.flatMap(({ InstanceId, LifecycleState, AutoScalingGroupName }) => {
    const isWaiting = LifecycleState === 'Warmed:Pending:Wait' && names.includes(AutoScalingGroupName ?? '');
    return isWaiting ? (InstanceId ?? []) : [];
  });
}

/** The group of an instance, if it carries a set: the one it is a member of, or else was, as its own tag tells. */
export async function groupOfInstance(id: string, io: Io): Promise<AutoScalingGroup | undefined> {
  const [member] = await scalingInstances([id], io);
  if (member?.AutoScalingGroupName !== undefined) return groupNamed(member.AutoScalingGroupName, io);
  const [gone] = await readInstances(new Set([id]), io);
  return groupNamed(tagsOf(gone?.Tags).get('aws:autoscaling:groupName') ?? '', io);
}
