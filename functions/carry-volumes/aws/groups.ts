/** The Auto Scaling groups that carry a set of volumes, by their tag `runbook:volumes`, and which of them a target belongs to. */

import {
  AutoScalingClient,
  paginateDescribeAutoScalingGroups,
  paginateDescribeAutoScalingInstances,
  type AutoScalingGroup,
  type Instance as GroupInstance,
} from '@aws-sdk/client-auto-scaling';
import { arnParts } from '../../../shared/aws/arn.ts';
import { client } from '../../../shared/aws/clients.ts';
import { instancesNamed } from '../../../shared/aws/ec2/instances.ts';
import { need, tagsOf } from '../../../shared/aws/ec2/reading.ts';
import { collect } from '../../../shared/aws/pages.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { filterOf, isOfSet, SET, type TagFilter } from './of-set.ts';

const GROUPS_PAGE = 100;

function groupsWith(
  which: { AutoScalingGroupNames: string[] } | { Filters: TagFilter[] },
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
  return groupsWith({ Filters: [filterOf(null)] }, io);
}

/** All groups that carry this set. */
export async function groupsOfSet(set: string, io: Io): Promise<AutoScalingGroup[]> {
  const found = await groupsWith({ Filters: [filterOf(set)] }, io);
  return found.filter((group) => isOfSet(group, set));
}

/** The group of that name, if it carries a set. */
export async function groupNamed(name: string, io: Io): Promise<AutoScalingGroup | undefined> {
  if (name === '') return undefined;
  const found = await groupsWith({ AutoScalingGroupNames: [name] }, io);
  return found.find((group) => group.AutoScalingGroupName === name && isOfSet(group, null));
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

/** What people name, or a target: an instance by its id, or a group by its name. */
export type Named = { readonly instanceId: string } | { readonly groupName: string };

/** An instance's id, in full or as people shorten them: never taken for a name. */
const INSTANCE_ID = /^i-[0-9a-f]+$/u;

/** What an ARN, an id or a name means; `undefined`: nothing that is here. The name of a group may look like anything, but holds no colon. */
export function namedBy(text: string, { account, region }: Io): Named | undefined {
  if (!text.startsWith('arn:')) return INSTANCE_ID.test(text) ? { instanceId: text } : { groupName: text };

  const arn = arnParts(text);
  const isHere = ['', region].includes(arn?.region ?? '') && ['', account].includes(arn?.account ?? '');
  if (arn === undefined || !isHere) return undefined;
  if (arn.service === 'ec2' && arn.kind === 'instance') return { instanceId: arn.name };
  return arn.service === 'autoscaling' && arn.kind === 'autoScalingGroupName' ? { groupName: arn.name } : undefined;
}

/** The id of an instance that is a target; `null` for that of a group. */
export function instanceIdOf(target: string): string | null {
  const arn = arnParts(target);
  return arn?.service === 'ec2' && arn.kind === 'instance' ? arn.name : null;
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
  const [gone] = await instancesNamed([id], io);
  return groupNamed(tagsOf(gone?.Tags).get('aws:autoscaling:groupName') ?? '', io);
}
