/**
 * The beginning of a scenario, made in an account by calls: as in moto, with what an account needs besides: a network of the run's own, and the
 * patience until each thing is there.
 */

import {
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  PutLifecycleHookCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateLaunchTemplateCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeInstancesCommand,
  DescribeManagedPrefixListsCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  RunInstancesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { setTimeout as sleep } from 'node:timers/promises';
import { need, type Ids } from '../moto-answers.ts';
import { makeNetworks } from '../moto-networks.ts';
import { makeQueues } from '../moto-queues.ts';
import { makeAddresses, makeSnapshots, makeVolumes, noteInterfaces, specification } from '../on-moto.ts';
import { idIn } from '../on-simulator.ts';
import type { Clients } from '../place.ts';
import { IMAGE, REGION, type Seed, type SeedGroup } from '../scenario.ts';

/** What of a beginning can be made in an account. */
export const MAKEABLE: ReadonlySet<keyof Seed> = new Set<keyof Seed>([
  'instances',
  'addresses',
  'volumes',
  'snapshots',
  'group',
  'vpcs',
  'networkAcls',
  'securityGroups',
  'prefixLists',
  'peerings',
  'queues',
]);

/** How long a state is waited for. */
export interface Patience {
  readonly pauseMs: number;
  readonly looks: number;
}

async function awaited(what: string, look: () => Promise<boolean>, { pauseMs, looks }: Patience): Promise<void> {
  for (let count = 0; count < looks; count += 1) {
    if (await look()) return;
    await sleep(pauseMs);
  }
  throw new Error(`${what}: not so after ${Math.round((pauseMs * looks) / 1_000)} s`);
}

/** The ranges of the scenarios' own VPCs are others. */
const NETWORK = { range: '10.64.0.0/16', a: '10.64.0.0/20', b: '10.64.16.0/20' } as const;

interface Network {
  readonly a: string;
  readonly b: string;
}

/** A VPC with a subnet in each zone, and a gateway: without one no address can be associated. */
async function makeNetwork({ ec2 }: Clients): Promise<Network> {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: NETWORK.range }));
  const VpcId = need(Vpc?.VpcId, 'VPC');
  const subnetIn = async (zone: 'a' | 'b'): Promise<string> => {
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({ VpcId, CidrBlock: NETWORK[zone], AvailabilityZone: `${REGION}${zone}` }),
    );
    return need(Subnet?.SubnetId, 'subnet');
  };
  const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
  const InternetGatewayId = need(InternetGateway?.InternetGatewayId, 'internet gateway');
  await ec2.send(new AttachInternetGatewayCommand({ VpcId, InternetGatewayId }));
  return { a: await subnetIn('a'), b: await subnetIn('b') };
}

async function areAll({ ec2 }: Clients, InstanceIds: string[], state: string): Promise<boolean> {
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds }));
  const states = Reservations.flatMap(({ Instances = [] }) => Instances.map(({ State }) => State?.Name));
  return states.length === InstanceIds.length && states.every((one) => one === state);
}

async function makeInstances(
  clients: Clients,
  { instances = {} }: Seed,
  network: Network,
  ids: Ids,
  patience: Patience,
): Promise<void> {
  for (const [name, { zone, tags }] of Object.entries(instances)) {
    const { Instances } = await clients.ec2.send(
      new RunInstancesCommand({
        ImageId: IMAGE,
        InstanceType: 't3.small',
        MinCount: 1,
        MaxCount: 1,
        NetworkInterfaces: [{ DeviceIndex: 0, SubnetId: network[zone], AssociatePublicIpAddress: false }],
        ...specification('instance', tags),
      }),
    );
    ids.set(name, need(Instances?.[0]?.InstanceId, 'instance'));
  }
  const names = Object.keys(instances);
  if (names.length === 0) return;
  await awaited('the instances run', () => areAll(clients, names.map(idIn(ids)), 'running'), patience);
  await noteInterfaces(clients.ec2, names, ids);
  const stopped = names.filter((name) => instances[name]?.stopped === true).map(idIn(ids));
  if (stopped.length === 0) return;
  await clients.ec2.send(new StopInstancesCommand({ InstanceIds: stopped }));
  await awaited('the instances are stopped', () => areAll(clients, stopped, 'stopped'), patience);
}

/** Accounts that began after September 2024 have no launch configurations: members come from a template. */
async function makeGroup(
  clients: Clients,
  { name: AutoScalingGroupName, min, max, members, tags = {}, hooks = [] }: SeedGroup,
  network: Network,
  ids: Ids,
  patience: Patience,
): Promise<void> {
  const { ec2, autoScaling } = clients;
  const { LaunchTemplate } = await ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: 'conformance',
      LaunchTemplateData: { ImageId: IMAGE, InstanceType: 't3.small' },
    }),
  );
  const LaunchTemplateId = need(LaunchTemplate?.LaunchTemplateId, 'launch template');
  await autoScaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName,
      LaunchTemplate: { LaunchTemplateId, Version: '1' },
      MinSize: min,
      MaxSize: max,
      DesiredCapacity: members.length,
      VPCZoneIdentifier: network.a,
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value, PropagateAtLaunch: true })),
    }),
  );
  const described = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [AutoScalingGroupName] });
  const inService = async (): Promise<readonly string[]> => {
    const { AutoScalingGroups } = await autoScaling.send(described);
    const all = AutoScalingGroups?.[0]?.Instances ?? [];
    return all.flatMap(({ InstanceId = '', LifecycleState }) => (LifecycleState === 'InService' ? [InstanceId] : []));
  };
  await awaited('the group is full', async () => (await inService()).length === members.length, patience);
  // After the members, so that each starts in service.
  for (const { name, transition, heartbeatSeconds } of hooks)
    await autoScaling.send(
      new PutLifecycleHookCommand({
        AutoScalingGroupName,
        LifecycleHookName: name,
        LifecycleTransition: transition,
        HeartbeatTimeout: heartbeatSeconds,
      }),
    );
  const found = await inService();
  for (const [index, name] of members.entries()) ids.set(name, need(found[index], `member ${index}`));
  await noteInterfaces(ec2, members, ids);
}

async function settled({ ec2, sqs }: Clients, seed: Seed, ids: Ids, patience: Patience): Promise<void> {
  const id = idIn(ids);
  for (const [name, { on }] of Object.entries(seed.volumes ?? {}))
    await awaited(
      `volume ${name} is there`,
      async () => {
        const { Volumes } = await ec2.send(new DescribeVolumesCommand({ VolumeIds: [id(name)] }));
        const { State, Attachments } = Volumes?.[0] ?? {};
        return on === undefined ? State === 'available' : Attachments?.[0]?.State === 'attached';
      },
      patience,
    );
  for (const name of Object.keys(seed.snapshots ?? {}))
    await awaited(
      `snapshot ${name} is there`,
      async () => {
        const { Snapshots } = await ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [id(name)] }));
        return Snapshots?.[0]?.State === 'completed';
      },
      patience,
    );
  for (const name of Object.keys(seed.prefixLists ?? {}))
    await awaited(
      `prefix list ${name} is there`,
      async () => {
        const asked = new DescribeManagedPrefixListsCommand({ PrefixListIds: [id(name)] });
        return (await ec2.send(asked)).PrefixLists?.[0]?.State === 'create-complete';
      },
      patience,
    );
  for (const name of Object.keys(seed.queues ?? {}))
    await sqs.send(new GetQueueAttributesCommand({ QueueUrl: id(name), AttributeNames: ['QueueArn'] }));
}

/** Waits until each volume can be attached: a volume that is creating takes no instance. */
async function makeAttachedVolumes(clients: Clients, seed: Seed, ids: Ids, patience: Patience): Promise<void> {
  const { ec2 } = clients;
  await makeVolumes(ec2, seed, ids, (VolumeId) =>
    awaited(
      'the volume is available',
      async () => {
        const { Volumes } = await ec2.send(new DescribeVolumesCommand({ VolumeIds: [VolumeId] }));
        return Volumes?.[0]?.State === 'available';
      },
      patience,
    ),
  );
}

/** Makes a beginning; ids by the names of the scenario. */
export async function accountBeginning(
  clients: Clients,
  seed: Seed,
  patience: Patience,
): Promise<ReadonlyMap<string, string>> {
  const ids: Ids = new Map();
  if (seed.instances !== undefined || seed.group !== undefined) {
    const network = await makeNetwork(clients);
    await makeInstances(clients, seed, network, ids, patience);
    if (seed.group !== undefined) await makeGroup(clients, seed.group, network, ids, patience);
  }
  await makeNetworks(clients.ec2, seed, ids);
  await makeQueues(clients.sqs, seed, ids);
  await makeAddresses(clients.ec2, seed, ids);
  await makeAttachedVolumes(clients, seed, ids, patience);
  await makeSnapshots(clients.ec2, seed, ids);
  await settled(clients, seed, ids, patience);
  return ids;
}
