/** What a launch meets: image, security groups, types, subnets, placement groups, reservations, quotas. About eight requests. */

import {
  DescribeCapacityReservationsCommand,
  DescribeImagesCommand,
  DescribePlacementGroupsCommand,
  EC2Client,
  paginateDescribeInstanceTypeOfferings,
  paginateDescribeInstanceTypes,
  paginateDescribeSecurityGroups,
  paginateDescribeSubnets,
  type Filter,
  type Instance,
  type InstanceTypeInfo,
  type IpPermission,
  type SecurityGroup,
} from '@aws-sdk/client-ec2';
import { GetServiceQuotaCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { client } from '../../../shared/aws/clients.ts';
import { instancesBy } from '../../../shared/aws/ec2/instances.ts';
import { need } from '../../../shared/aws/ec2/reading.ts';
import { vcpuQuotaCode } from '../../../shared/aws/ec2/vcpu-quotas.ts';
import { collect } from '../../../shared/aws/pages.ts';
import { errorName } from '../../../shared/kernel/errors.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import type { Fabric, GroupFact, QuotaFact, ReservationFact, Rung, Template, TypeFact } from '../decide.ts';
import { TAG } from './templates.ts';

/** Throws what AWS throws, but for what is not there, and for quotas. */
export async function readFabric(template: Template, rungs: readonly Rung[], io: Io): Promise<Fabric> {
  const names = unique(rungs.map(({ instanceType }) => instanceType));
  const [image, subnets, groups, types, offered, placementGroups, reservations, limits, fleets] = await Promise.all([
    imageOf(template.imageId, io),
    subnetsOf(rungs, io),
    groupsOf(template, io),
    typesOf(names, io),
    offeringsOf(names, io),
    placementGroupsOf(unique(rungs.flatMap(({ placementGroup }) => placementGroup ?? [])), io),
    reservationsOf(unique(rungs.flatMap(({ reservation }) => reservation ?? [])), io),
    limitsOf(rungs, io),
    instancesBy([{ Name: 'tag-key', Values: [TAG] }, RUNS], io),
  ]);
  const vpcs = new Set(Object.values(subnets).map(({ vpcId }) => vpcId));
  return {
    image,
    groups: groups.filter(({ isDefault, vpcId }) => !isDefault || vpcs.has(vpcId)),
    types,
    offered,
    subnets,
    placementGroups,
    reservations,
    quotas: quotasOf(rungs, limits, heldBy(fleets, types)),
  };
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

/** Not there, or not for this account. Source: EC2 API "error codes" page. */
const NO_IMAGE = new Set(['InvalidAMIID.NotFound', 'InvalidAMIID.Unavailable', 'InvalidAMIID.Malformed']);

async function imageOf(id: string | null, io: Io): Promise<Fabric['image']> {
  // By a parameter it is named to those alone who may read that.
  if (id === null || id.startsWith('resolve:')) return null;
  try {
    const { Images } = await client(EC2Client).send(new DescribeImagesCommand({ ImageIds: [id] }), {
      abortSignal: io.signal,
    });
    const [found] = Images ?? [];
    if (found === undefined) return null;
    const platform = found.PlatformDetails ?? (found.Platform === undefined ? null : 'Windows');
    return { state: found.State ?? 'available', platform };
  } catch (error) {
    if (NO_IMAGE.has(errorName(error))) return null;
    throw error;
  }
}

async function subnetsOf(rungs: readonly Rung[], io: Io): Promise<Fabric['subnets']> {
  const Filters = [{ Name: 'subnet-id', Values: unique(rungs.map(({ subnetId }) => subnetId)) }];
  const found = await collect(
    paginateDescribeSubnets({ client: client(EC2Client) }, { Filters }, { abortSignal: io.signal }),
    ({ Subnets }) => Subnets,
  );
  return Object.fromEntries(
    found.map(({ SubnetId, VpcId, AvailableIpAddressCount }) => [
      need(SubnetId, 'Subnets[].SubnetId'),
      { vpcId: VpcId ?? null, freeAddresses: AvailableIpAddressCount ?? null },
    ]),
  );
}

/** Those that the template names; where an interface names none, the VPCs' own as well. */
async function groupsOf({ interfaces, groups }: Template, io: Io): Promise<readonly GroupFact[]> {
  const named = unique([...interfaces.flatMap(({ Groups }) => Groups), ...groups]);
  const takesDefault = interfaces.some(({ Groups }) => Groups.length === 0);
  const [own, defaults] = await Promise.all([
    named.length === 0 ? [] : groupsBy({ Name: 'group-id', Values: named }, io),
    takesDefault ? groupsBy({ Name: 'group-name', Values: ['default'] }, io) : [],
  ]);
  return [
    ...own.map((group) => groupOf(group, named, false)),
    ...defaults.map((group) => groupOf(group, [group.GroupId ?? ''], true)),
  ];
}

async function groupsBy(filter: Filter, io: Io): Promise<readonly SecurityGroup[]> {
  return collect(
    paginateDescribeSecurityGroups({ client: client(EC2Client) }, { Filters: [filter] }, { abortSignal: io.signal }),
    ({ SecurityGroups }) => SecurityGroups,
  );
}

function groupOf(group: SecurityGroup, among: readonly string[], isDefault: boolean): GroupFact {
  return {
    id: need(group.GroupId, 'SecurityGroups[].GroupId'),
    vpcId: group.VpcId ?? null,
    isDefault,
    from: openTo(group.IpPermissions, among),
    to: openTo(group.IpPermissionsEgress, among),
  };
}

function openTo(permissions: readonly IpPermission[] | undefined, among: readonly string[]): string[] {
  const peers = (permissions ?? [])
    .filter(({ IpProtocol }) => IpProtocol === '-1')
    .flatMap(({ UserIdGroupPairs }) => (UserIdGroupPairs ?? []).flatMap(({ GroupId }) => GroupId ?? []));
  return unique(peers).filter((id) => among.includes(id));
}

async function typesOf(names: string[], io: Io): Promise<Fabric['types']> {
  // By filter, for one that is unknown would make an error of the whole answer.
  const found = await collect(
    paginateDescribeInstanceTypes(
      { client: client(EC2Client) },
      { Filters: [{ Name: 'instance-type', Values: names }] },
      { abortSignal: io.signal },
    ),
    ({ InstanceTypes }) => InstanceTypes,
  );
  return Object.fromEntries(
    found.map((type) => [need(type.InstanceType, 'InstanceTypes[].InstanceType'), typeOf(type)]),
  );
}

function typeOf({ VCpuInfo, NetworkInfo, PlacementGroupInfo, SupportedUsageClasses }: InstanceTypeInfo): TypeFact {
  return {
    vcpus: VCpuInfo?.DefaultVCpus ?? null,
    usage: SupportedUsageClasses ?? null,
    strategies: PlacementGroupInfo?.SupportedStrategies ?? null,
    hasEna: NetworkInfo?.EnaSupport === undefined ? null : NetworkInfo.EnaSupport !== 'unsupported',
    hasEfa: NetworkInfo?.EfaSupported ?? null,
    maxEfaInterfaces: NetworkInfo?.EfaInfo?.MaximumEfaInterfaces ?? null,
    cards: cardsOf(NetworkInfo),
  };
}

function cardsOf(network: InstanceTypeInfo['NetworkInfo']): TypeFact['cards'] {
  const cards = network?.NetworkCards ?? [];
  if (cards.length === 0) return null;
  return Object.fromEntries(
    cards.map(({ NetworkCardIndex, MaximumNetworkInterfaces }) => [
      NetworkCardIndex ?? 0,
      MaximumNetworkInterfaces ?? null,
    ]),
  );
}

async function offeringsOf(names: string[], io: Io): Promise<readonly string[]> {
  const found = await collect(
    paginateDescribeInstanceTypeOfferings(
      { client: client(EC2Client) },
      { LocationType: 'availability-zone', Filters: [{ Name: 'instance-type', Values: names }] },
      { abortSignal: io.signal },
    ),
    ({ InstanceTypeOfferings }) => InstanceTypeOfferings,
  );
  return found.map(({ InstanceType, Location }) => `${InstanceType}/${Location}`);
}

async function placementGroupsOf(names: string[], io: Io): Promise<Fabric['placementGroups']> {
  if (names.length === 0) return {};
  const command = new DescribePlacementGroupsCommand({ Filters: [{ Name: 'group-name', Values: names }] });
  const [{ PlacementGroups: found }, members] = await Promise.all([
    client(EC2Client).send(command, { abortSignal: io.signal }),
    instancesBy([{ Name: 'placement-group-name', Values: names }, IS_THERE], io),
  ]);
  const byGroup = Map.groupBy(members, ({ Placement }) => Placement?.GroupName ?? '');
  return Object.fromEntries(
    (found ?? []).map(({ GroupName, Strategy, State }) => {
      const name = need(GroupName, 'PlacementGroups[].GroupName');
      const zones = (byGroup.get(name) ?? []).flatMap(({ Placement }) => Placement?.AvailabilityZone ?? []);
      return [name, { strategy: Strategy ?? 'cluster', state: State ?? 'available', zones: unique(zones) }];
    }),
  );
}

/** What counts toward a quota. Source: the page on quotas of EC2 instances. */
const RUNS: Filter = { Name: 'instance-state-name', Values: ['pending', 'running'] };
/** What is in a placement group: a stopped instance still is. */
const IS_THERE: Filter = { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] };

/** One by one, for one that is unknown makes an error of the whole answer, and there is no filter by id. */
async function reservationsOf(ids: readonly string[], io: Io): Promise<Fabric['reservations']> {
  const found = await Promise.all(ids.map(async (id) => ({ id, fact: await reservationOf(id, io) })));
  return Object.fromEntries(found.flatMap(({ id, fact }) => (fact === undefined ? [] : [[id, fact]])));
}

async function reservationOf(id: string, io: Io): Promise<ReservationFact | undefined> {
  const command = new DescribeCapacityReservationsCommand({ CapacityReservationIds: [id] });
  try {
    const { CapacityReservations } = await client(EC2Client).send(command, { abortSignal: io.signal });
    const [found] = CapacityReservations ?? [];
    if (found === undefined) return undefined;
    const { PlacementGroupArn: arn } = found;
    return {
      state: need(found.State, `${id}.State`),
      instanceType: need(found.InstanceType, `${id}.InstanceType`),
      zone: need(found.AvailabilityZone, `${id}.AvailabilityZone`),
      placementGroup: arn?.split(`:${io.region}:${io.account}:placement-group/`)[1] ?? arn ?? null,
      platform: found.InstancePlatform ?? null,
      tenancy: found.Tenancy ?? null,
      isBlock: found.ReservationType === 'capacity-block',
      available: need(found.AvailableInstanceCount, `${id}.AvailableInstanceCount`),
    };
  } catch (error) {
    if (errorName(error) === 'InvalidCapacityReservationId.NotFound') return undefined;
    throw error;
  }
}

type Limits = ReadonlyMap<string, number>;

/** Those that the rungs are under, by their codes. */
async function limitsOf(rungs: readonly Rung[], io: Io): Promise<Limits> {
  const codes = unique(rungs.flatMap((rung) => (rung.reservation === null ? (codeOf(rung) ?? []) : [])));
  const found = await Promise.all(codes.map(async (code) => ({ code, value: await limitOf(code, io) })));
  return new Map(found.flatMap(({ code, value }) => (value === undefined ? [] : [[code, value] as const])));
}

function codeOf({ instanceType, market }: Pick<Rung, 'instanceType' | 'market'>): string | undefined {
  return vcpuQuotaCode(instanceType, market);
}

/** Only spares a refusal: what cannot be read, for whatever reason, holds nothing back, and EC2 holds to its quota all the same. */
async function limitOf(QuotaCode: string, io: Io): Promise<number | undefined> {
  const command = new GetServiceQuotaCommand({ ServiceCode: 'ec2', QuotaCode });
  try {
    const { Quota } = await client(ServiceQuotasClient).send(command, { abortSignal: io.signal });
    return Quota?.Value;
  } catch (error) {
    // Nobody waits for an answer any more.
    if (io.signal.aborted) throw error;
    return undefined;
  }
}

/** vCPUs that the nodes of all fleets hold, by the code of their quota. */
function heldBy(nodes: readonly Instance[], types: Fabric['types']): ReadonlyMap<string, number> {
  const held = new Map<string, number>();
  for (const { InstanceType: type, InstanceLifecycle, CpuOptions } of nodes) {
    const code = codeOf({ instanceType: type ?? '', market: InstanceLifecycle === 'spot' ? 'spot' : 'on-demand' });
    // Of a type that no rung has the node says itself how many it has.
    const vcpus = types[type ?? '']?.vcpus ?? (CpuOptions?.CoreCount ?? 0) * (CpuOptions?.ThreadsPerCore ?? 1);
    if (code !== undefined) held.set(code, (held.get(code) ?? 0) + vcpus);
  }
  return held;
}

function quotasOf(rungs: readonly Rung[], limits: Limits, held: ReadonlyMap<string, number>): Fabric['quotas'] {
  const found = rungs.flatMap((rung): [string, QuotaFact][] => {
    const code = codeOf(rung) ?? '';
    const vcpus = limits.get(code);
    const fact = vcpus === undefined ? undefined : { code, vcpus, held: held.get(code) ?? 0 };
    return fact === undefined ? [] : [[`${rung.instanceType}/${rung.market}`, fact]];
  });
  return Object.fromEntries(found);
}
