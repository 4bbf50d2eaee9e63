/** The hosts of a fleet: its targets, the members of groups that register there, and instances that carry its name. */

import {
  AutoScalingClient,
  paginateDescribeAutoScalingGroups,
  type AutoScalingGroup,
} from '@aws-sdk/client-auto-scaling';
import { EC2Client, paginateDescribeInstanceStatus, type Instance, type InstanceStatus } from '@aws-sdk/client-ec2';
import type { TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import { client } from '../../../shared/aws/clients.ts';
import { literally } from '../../../shared/aws/ec2/filters.ts';
import { instancesBy, instancesNamed } from '../../../shared/aws/ec2/instances.ts';
import {
  absentInstance,
  checksOf,
  instanceFacts,
  membershipOf,
  need,
  tagsOf,
} from '../../../shared/aws/ec2/reading.ts';
import { chunksOf, collect } from '../../../shared/aws/pages.ts';
import type { Membership } from '../../../shared/judgement/instance-health.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { errorName, RetryableError } from '../../../shared/kernel/errors.ts';
import type { Group, Host } from '../decide.ts';
import { readElsewhere } from './elsewhere.ts';
import { TAG, targetHealthOf } from './target-groups.ts';

/** DescribeInstanceStatus takes at most so many names. */
const NAMES = 100;

/** Target groups at which a group registers its members. */
export function targetGroupsOf({
  TargetGroupARNs: arns,
  TrafficSources: sources,
}: AutoScalingGroup): readonly string[] {
  return [...new Set([...(arns ?? []), ...(sources ?? []).flatMap(({ Identifier: id }) => id ?? [])])];
}

/** All groups. */
export function readGroups({ signal }: Io): Promise<AutoScalingGroup[]> {
  return collect(
    paginateDescribeAutoScalingGroups(
      { client: client(AutoScalingClient), pageSize: 100 },
      {},
      { abortSignal: signal },
    ),
    ({ AutoScalingGroups }) => AutoScalingGroups,
  );
}

/** A group as `decide` sees it. `gone`: target groups that do not exist any more. */
export function groupOf(group: AutoScalingGroup, fleet: string, gone: ReadonlySet<string>): Group {
  const name = need(group.AutoScalingGroupName, 'AutoScalingGroups[].AutoScalingGroupName');
  // Standbys are members that do not count.
  const counted = (group.Instances ?? []).filter(
    ({ LifecycleState: state }) => !/^(?:Entering)?Standby$/u.test(state ?? ''),
  );
  const types = (group.HealthCheckType ?? '').split(',').map((type) => type.trim().toUpperCase());
  return {
    name,
    isTagged: tagsOf(group.Tags).get(TAG) === fleet,
    checksByElb: types.includes('ELB'),
    checksByEbs: types.includes('EBS'),
    goneTargetGroups: targetGroupsOf(group)
      .filter((arn) => gone.has(arn))
      .map((arn) => ({ arn, isTrafficSource: group.TargetGroupARNs?.includes(arn) !== true })),
    graceSeconds: group.HealthCheckGracePeriod ?? 0,
    minSize: need(group.MinSize, `${name}.MinSize`),
    desired: need(group.DesiredCapacity, `${name}.DesiredCapacity`),
    zones: [...(group.AvailabilityZones ?? [])].toSorted(),
    suspended: (group.SuspendedProcesses ?? []).flatMap(({ ProcessName: process }) => process ?? []),
    members: counted.reduce((sum, { WeightedCapacity: weight = '1' }) => sum + Number(weight), 0),
    isWeighted: counted.some(({ WeightedCapacity: weight }) => weight !== undefined),
  };
}

function readTagged(fleet: string, io: Io): Promise<Instance[]> {
  const filters = [
    { Name: `tag:${TAG}`, Values: [literally(fleet)] },
    { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] },
  ];
  return instancesBy(filters, io);
}

type Checks = ReadonlyMap<string, ReturnType<typeof checksOf>>;

async function statusesOf(InstanceIds: string[], { signal }: Io): Promise<InstanceStatus[]> {
  try {
    return await collect(
      paginateDescribeInstanceStatus({ client: client(EC2Client) }, { InstanceIds }, { abortSignal: signal }),
      ({ InstanceStatuses }) => InstanceStatuses,
    );
  } catch (error) {
    // What one of EC2's answers knows another may not know yet, or not any more.
    if (errorName(error) === 'InvalidInstanceID.NotFound') throw new RetryableError(String(error));
    throw error;
  }
}

async function readChecks(ids: readonly string[], io: Io): Promise<Checks> {
  const read = chunksOf(ids, NAMES).map((some) => statusesOf(some, io));
  const statuses = (await Promise.all(read)).flat();
  return new Map(statuses.flatMap((one) => (one.InstanceId === undefined ? [] : [[one.InstanceId, checksOf(one)]])));
}

/** What is known of the hosts of a fleet. */
export interface HostsRead {
  readonly hosts: readonly Host[];
  readonly instances: ReadonlyMap<string, Instance>;
  /** Target groups at which a group of theirs registers, and that do not exist any more: their ARNs. */
  readonly gone: ReadonlySet<string>;
}

/** Whose hosts are read. */
export interface Fleet {
  /** Of the target group. */
  readonly arn: string;
  readonly fleet: string;
  readonly health: readonly TargetHealthDescription[];
  /** Groups that register their members there. */
  readonly groups: readonly AutoScalingGroup[];
  /** All others. */
  readonly others: readonly AutoScalingGroup[];
}

/** Reads the hosts. */
export async function readHosts({ arn, fleet, health, groups, others }: Fleet, io: Io): Promise<HostsRead> {
  const targets = Map.groupBy(health, ({ Target: target }) => need(target?.Id, 'TargetHealthDescriptions[].Target.Id'));
  const memberships = new Map<string, Membership>(
    groups.flatMap((group) =>
      (group.Instances ?? []).flatMap((member) =>
        member.InstanceId === undefined ? [] : [[member.InstanceId, membershipOf(group, member)] as const],
      ),
    ),
  );
  const memberOf = new Map(
    others.flatMap(({ AutoScalingGroupName: name = '', Instances: members = [] }) =>
      members.flatMap(({ InstanceId: id }) => (id === undefined ? [] : [[id, name] as const])),
    ),
  );
  const elsewhereIn = groups.flatMap(targetGroupsOf).filter((each) => each !== arn);
  const [tagged, elsewhere] = await Promise.all([readTagged(fleet, io), readElsewhere(elsewhereIn, io)]);
  const known = new Set(tagged.map(({ InstanceId }) => InstanceId));
  const named = [...new Set([...targets.keys(), ...memberships.keys()])].filter((id) => !known.has(id));
  const instances = new Map(
    [...tagged, ...(await instancesNamed(named, io))].flatMap((one) =>
      one.InstanceId === undefined ? [] : [[one.InstanceId, one]],
    ),
  );
  const running = [...instances.values()].filter(({ State: state }) => state?.Name === 'running');
  const checks = await readChecks(
    running.flatMap(({ InstanceId }) => InstanceId ?? []),
    io,
  );
  const ids = [...new Set([...targets.keys(), ...memberships.keys(), ...instances.keys()])].toSorted();
  const hosts = ids.map((id): Host => {
    const instance = instances.get(id);
    const membership = memberships.get(id) ?? null;
    const beside = { checks: checks.get(id) ?? null, membership, zones: new Map(), zoneUnsaid: '' };
    return {
      ...(instance === undefined ? { ...absentInstance(id), membership } : instanceFacts(instance, beside)),
      isTagged: tagsOf(instance?.Tags).get(TAG) === fleet,
      targets: (targets.get(id) ?? []).map(targetHealthOf).toSorted((one, other) => one.port - other.port),
      ofOtherGroup: memberOf.get(id) ?? null,
      ...elsewhere.of(id),
    };
  });
  return { hosts, instances, gone: elsewhere.gone };
}
