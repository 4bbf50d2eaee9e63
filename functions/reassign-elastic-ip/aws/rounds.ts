/**
 * What is read of AWS, in two rounds at most: all that is tagged side by side, and rarely what only the first round shows to
 * be needed. A failover waits for these, so that no read waits for another of its round. Throws what AWS throws: an answer
 * that failed is not an empty one.
 */

import {
  AutoScalingClient,
  paginateDescribeAutoScalingGroups,
  type AutoScalingGroup,
} from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import {
  DescribeAddressesCommand,
  DescribeAvailabilityZonesCommand,
  EC2Client,
  paginateDescribeInstanceStatus,
  paginateDescribeNetworkInterfaces,
  paginateDescribeSpotInstanceRequests,
  paginateDescribeVolumes,
  type Address,
  type AvailabilityZone,
  type Filter,
  type Instance,
  type InstanceStatus,
  type NetworkInterface,
  type Volume,
} from '@aws-sdk/client-ec2';
import { readHooks } from '../../../shared/aws/auto-scaling/lifecycle.ts';
import { client } from '../../../shared/aws/clients.ts';
import { tagsOf } from '../../../shared/aws/ec2/reading.ts';
import { FILTER_VALUES, instancesBy, instancesNamed } from '../../../shared/aws/ec2/instances.ts';
import { chunksOf, collect } from '../../../shared/aws/pages.ts';
import type { HookDescription } from '../../../shared/judgement/hooks.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import type { AlarmFacts } from '../decide.ts';
import { alarmFacts } from './alarms.ts';
import type { Request } from './requests.ts';
import { VIP, vipOf } from './vip.ts';

/** The most an EC2 listing gives in a page: fewer dependent round trips. */
const PAGE = 1_000;
/** DescribeInstanceStatus and DescribeAlarms take at most 100 names. */
const NAMES = 100;
/** Auto Scaling writes it on the instances of a group. */
const GROUP_TAG = 'aws:autoscaling:groupName';

/** What the first round of reads gives. */
export interface Round {
  readonly addresses: readonly Address[];
  readonly instances: readonly Instance[];
  readonly statuses: readonly InstanceStatus[];
  /** The statuses are only the first page of a large account's. */
  readonly moreStatuses: boolean;
  readonly groups: readonly AutoScalingGroup[];
  readonly zones: ReadonlyMap<string, AvailabilityZone>;
  readonly volumes: readonly Volume[];
  readonly hooks: ReadonlyMap<string, readonly HookDescription[]>;
  readonly alarms: readonly AlarmFacts[];
}

/** What both rounds give. */
export interface BothRounds extends Round {
  /** Type of the Spot request by instance, for holders that may have to be fenced. */
  readonly spotTypes: ReadonlyMap<string, string>;
  /** Interfaces that hold an address and belong to no instance, by their id. */
  readonly interfaces: ReadonlyMap<string, NetworkInterface>;
}

/** The first round: everything that can be asked for before it is known which address is meant. */
export async function readRound(request: Request, io: Io): Promise<Round> {
  const options = { abortSignal: io.signal };
  const [addresses, instances, status, groups, zones, volumes, hooks, alarms] = await Promise.all([
    client(EC2Client).send(new DescribeAddressesCommand({ Filters: tagged(VIP) }), options),
    instancesBy(tagged(VIP), io),
    readFirstStatuses(io),
    readGroups(io),
    client(EC2Client).send(new DescribeAvailabilityZonesCommand({}), options),
    readVolumes(io),
    readHooks(request.hook === null ? [] : [request.hook.group], io),
    readAlarms(io),
  ]);
  const zoneMap = new Map(
    (zones.AvailabilityZones ?? []).flatMap((zone) => (zone.ZoneName === undefined ? [] : [[zone.ZoneName, zone]])),
  );
  return { addresses: addresses.Addresses ?? [], instances, ...status, groups, zones: zoneMap, volumes, hooks, alarms };
}

/** The rare second round: untagged holders and their groups, interfaces that hold an address, groups that are not tagged themselves, statuses beyond the first page, Spot requests, hooks that wait. */
export async function readMore(round: Round, chosen: readonly Address[], io: Io): Promise<BothRounds> {
  const strangers = strangersAmong(chosen, round);
  const spotHolders = spotHoldersAmong(chosen, round);
  const [found, groups, statuses, spotTypes, hooks, interfaces] = await Promise.all([
    instancesNamed(strangers, io),
    readNamedGroups(untaggedGroups(chosen, round), io),
    readStatuses(round.moreStatuses ? [...runningFor(chosen, round), ...strangers] : [], io),
    readSpotTypes(spotHolders, io),
    readHooks(waitingGroups(chosen, round), io),
    readInterfaces(loneInterfacesOf(chosen), io),
  ]);
  const known = [...round.groups, ...groups];
  // Whose group a stranger is in shows only with the stranger.
  const theirs = await readNamedGroups(unreadGroupsOf(found, known), io);
  return {
    ...round,
    instances: [...round.instances, ...found],
    groups: [...known, ...theirs],
    statuses: [...round.statuses, ...statuses],
    hooks: new Map([...round.hooks, ...hooks]),
    spotTypes,
    interfaces,
  };
}

/** Holders that are not tagged themselves: the first round did not find them. */
function strangersAmong(chosen: readonly Address[], { instances }: Round): string[] {
  const known = new Set(instances.map(({ InstanceId }) => InstanceId));
  return chosen.flatMap(({ InstanceId }) =>
    InstanceId === undefined || InstanceId === '' || known.has(InstanceId) ? [] : [InstanceId],
  );
}

/** What holds an address and is no instance: a NAT gateway, a load balancer, or an interface that has outlived its instance. */
function loneInterfacesOf(chosen: readonly Address[]): string[] {
  const lone = chosen.filter(({ InstanceId }) => InstanceId === undefined || InstanceId === '');
  return [...new Set(lone.flatMap(({ NetworkInterfaceId }) => NetworkInterfaceId ?? []))].filter((id) => id !== '');
}

/** Running instances that may hold or take one of these addresses, and whose status is on a further page. */
function runningFor(chosen: readonly Address[], { instances, statuses }: Round): string[] {
  const names = new Set(chosen.map(vipOf));
  const holders = new Set(chosen.map(({ InstanceId }) => InstanceId));
  const known = new Set(statuses.map(({ InstanceId }) => InstanceId));
  const wanted = instances.filter(
    (instance) =>
      instance.State?.Name === 'running' &&
      !known.has(instance.InstanceId) &&
      (names.has(vipOf(instance)) || holders.has(instance.InstanceId)),
  );
  return wanted.flatMap(({ InstanceId }) => InstanceId ?? []);
}

/** Whether a Spot instance can be stopped, which only its request tells, matters where it may have to be fenced. */
function spotHoldersAmong(chosen: readonly Address[], { instances }: Round): string[] {
  const fenced = chosen.filter((address) => tagsOf(address.Tags).has('runbook:fence'));
  const holders = new Set(fenced.map(({ InstanceId }) => InstanceId));
  return instances
    .filter(({ InstanceId, InstanceLifecycle }) => InstanceLifecycle === 'spot' && holders.has(InstanceId))
    .flatMap(({ InstanceId }) => InstanceId ?? []);
}

/** Groups of the same name that have an instance in some hook, and whose hooks were not read yet. */
function waitingGroups(chosen: readonly Address[], { groups, hooks }: Round): string[] {
  const names = new Set(chosen.map(vipOf));
  const waiting = groups.filter(
    (group) => !hooks.has(group.AutoScalingGroupName ?? '') && names.has(vipOf(group)) && hasWaiting(group),
  );
  return waiting.flatMap(({ AutoScalingGroupName }) => AutoScalingGroupName ?? []);
}

/** Groups that are not tagged, with members that are: who leaves them or is unhealthy to them is no better for that. */
function untaggedGroups(chosen: readonly Address[], { instances, groups }: Round): string[] {
  const names = new Set(chosen.map(vipOf));
  const holders = new Set(chosen.map(({ InstanceId }) => InstanceId));
  const concerned = instances.filter(
    (instance) =>
      instance.State?.Name !== 'terminated' && (names.has(vipOf(instance)) || holders.has(instance.InstanceId)),
  );
  return unreadGroupsOf(concerned, groups);
}

/** The groups that these instances are in, but for those that were read. */
function unreadGroupsOf(instances: readonly Instance[], groups: readonly AutoScalingGroup[]): string[] {
  const known = new Set(groups.map(({ AutoScalingGroupName }) => AutoScalingGroupName));
  const theirs = instances.flatMap(({ Tags: tags }) => tagsOf(tags).get(GROUP_TAG) ?? []);
  return [...new Set(theirs)].filter((name) => !known.has(name));
}

/** An instance of it is in some hook. */
export function hasWaiting({ Instances }: AutoScalingGroup): boolean {
  return (Instances ?? []).some(({ LifecycleState }) => LifecycleState?.endsWith(':Wait'));
}

function tagged(key: string): Filter[] {
  return [{ Name: 'tag-key', Values: [key] }];
}

async function readInterfaces(ids: readonly string[], { signal }: Io): Promise<Map<string, NetworkInterface>> {
  const read = chunksOf(ids, FILTER_VALUES).map((chunk) =>
    collect(
      paginateDescribeNetworkInterfaces(
        { client: client(EC2Client), pageSize: PAGE },
        { Filters: [{ Name: 'network-interface-id', Values: chunk }] },
        { abortSignal: signal },
      ),
      ({ NetworkInterfaces }) => NetworkInterfaces,
    ),
  );
  const found = (await Promise.all(read)).flat();
  return new Map(
    found.flatMap((each) => (each.NetworkInterfaceId === undefined ? [] : [[each.NetworkInterfaceId, each]])),
  );
}

function withId(ids: string[]): Filter[] {
  return [{ Name: 'instance-id', Values: ids }];
}

/** EC2 cannot filter statuses by tag, and whose are needed is not known yet. One page is all but the largest accounts'. */
async function readFirstStatuses({ signal }: Io): Promise<Pick<Round, 'statuses' | 'moreStatuses'>> {
  const pages = paginateDescribeInstanceStatus(
    { client: client(EC2Client), pageSize: PAGE },
    {},
    { abortSignal: signal },
  );
  for await (const page of pages)
    return { statuses: page.InstanceStatuses ?? [], moreStatuses: page.NextToken !== undefined };
  return { statuses: [], moreStatuses: false };
}

async function readStatuses(ids: readonly string[], { signal }: Io): Promise<InstanceStatus[]> {
  const read = chunksOf(ids, NAMES).map((InstanceIds) =>
    collect(
      paginateDescribeInstanceStatus({ client: client(EC2Client) }, { InstanceIds }, { abortSignal: signal }),
      ({ InstanceStatuses }) => InstanceStatuses,
    ),
  );
  return (await Promise.all(read)).flat();
}

function readGroups({ signal }: Io): Promise<AutoScalingGroup[]> {
  const pages = paginateDescribeAutoScalingGroups(
    { client: client(AutoScalingClient), pageSize: NAMES },
    { Filters: tagged(VIP) },
    { abortSignal: signal },
  );
  return collect(pages, ({ AutoScalingGroups }) => AutoScalingGroups);
}

async function readNamedGroups(names: readonly string[], { signal }: Io): Promise<AutoScalingGroup[]> {
  const read = chunksOf(names, NAMES).map((AutoScalingGroupNames) =>
    collect(
      paginateDescribeAutoScalingGroups(
        { client: client(AutoScalingClient), pageSize: NAMES },
        { AutoScalingGroupNames },
        { abortSignal: signal },
      ),
      ({ AutoScalingGroups }) => AutoScalingGroups,
    ),
  );
  return (await Promise.all(read)).flat();
}

function readVolumes({ signal }: Io): Promise<Volume[]> {
  const pages = paginateDescribeVolumes(
    { client: client(EC2Client), pageSize: PAGE },
    { Filters: tagged('runbook:volumes') },
    { abortSignal: signal },
  );
  return collect(pages, ({ Volumes }) => Volumes);
}

async function readSpotTypes(ids: readonly string[], { signal }: Io): Promise<Map<string, string>> {
  const read = chunksOf(ids, FILTER_VALUES).map((chunk) =>
    collect(
      paginateDescribeSpotInstanceRequests(
        { client: client(EC2Client), pageSize: PAGE },
        { Filters: withId(chunk) },
        { abortSignal: signal },
      ),
      ({ SpotInstanceRequests }) => SpotInstanceRequests,
    ),
  );
  const requests = (await Promise.all(read)).flat();
  return new Map(
    requests.flatMap(({ InstanceId, Type }) =>
      InstanceId === undefined || Type === undefined ? [] : [[InstanceId, Type]],
    ),
  );
}

/** All that are red: what an event told of is read again with them, and what speaks against a candidate. */
async function readAlarms({ signal }: Io): Promise<AlarmFacts[]> {
  const pages = paginateDescribeAlarms(
    { client: client(CloudWatchClient), pageSize: NAMES },
    { StateValue: 'ALARM', AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] },
    { abortSignal: signal },
  );
  const read = await collect(pages, (page) => [page]);
  return alarmFacts(
    read.flatMap(({ MetricAlarms }) => MetricAlarms ?? []),
    read.flatMap(({ CompositeAlarms }) => CompositeAlarms ?? []),
  );
}
