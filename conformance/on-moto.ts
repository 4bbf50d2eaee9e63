/** Plays a scenario over HTTP against moto: the beginning is made with the API, then the scenario runs as it is. */

import {
  type AutoScalingClient,
  CreateAutoScalingGroupCommand,
  CreateLaunchConfigurationCommand,
  DescribeAutoScalingGroupsCommand,
  PutLifecycleHookCommand,
} from '@aws-sdk/client-auto-scaling';
import { PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  AttachVolumeCommand,
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DescribeInstancesCommand,
  DescribeSubnetsCommand,
  type EC2Client,
  ModifyInstanceAttributeCommand,
  RunInstancesCommand,
  StopInstancesCommand,
  type TagSpecification,
} from '@aws-sdk/client-ec2';
import { CreateKeyCommand, DisableKeyCommand, type KMSClient, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { CreateDocumentCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { makeNetworks } from './moto-networks.ts';
import { makeDistributions } from './moto-distributions.ts';
import { makeLaunches } from './moto-launches.ts';
import { makeLoadBalancers } from './moto-load-balancers.ts';
import { groupsOfMembers } from './seed-balancing.ts';
import { makeObjects } from './moto-objects.ts';
import { makeQueues } from './moto-queues.ts';
import { makeSenders } from './moto-senders.ts';
import { CreateIPSetCommand, CreateWebACLCommand, type WAFV2Client } from '@aws-sdk/client-wafv2';
import type { Emulator } from './emulator.ts';
import { need, type Ids } from './moto-answers.ts';
import { idIn } from './on-simulator.ts';
import { clientsFor, placeFor, type Clients } from './place.ts';
import {
  IMAGE,
  keyArn,
  rateBasedRules,
  REGION,
  visible,
  type Note,
  type Played,
  type Scenario,
  type Seed,
  type TagSet,
} from './scenario.ts';

/** Tags as a call that creates takes them. */
export function specification(
  type: TagSpecification['ResourceType'],
  tags: TagSet = {},
): { TagSpecifications?: TagSpecification[] } {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  return Tags.length === 0 ? {} : { TagSpecifications: [{ ResourceType: type, Tags }] };
}

const zoneName = (letter: string): string => `${REGION}${letter}`;

/** Notes what instances came with: interfaces, root volumes, private addresses. */
export async function noteInterfaces(ec2: EC2Client, names: readonly string[], ids: Ids): Promise<void> {
  const id = idIn(ids);
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: names.map(id) }));
  const instances = Reservations.flatMap(({ Instances }) => Instances ?? []);
  for (const name of names) {
    const instance = instances.find(({ InstanceId }) => InstanceId === id(name));
    ids.set(`${name}.interface`, need(instance?.NetworkInterfaces?.[0]?.NetworkInterfaceId, `interface of ${name}`));
    ids.set(`${name}.root`, need(instance?.BlockDeviceMappings?.[0]?.Ebs?.VolumeId, `root volume of ${name}`));
    ids.set(`${name}.ip`, need(instance?.PrivateIpAddress, `private address of ${name}`));
  }
}

/** The default subnet of a zone; by name order, should there be more. */
async function subnetIn(ec2: EC2Client, zone: string): Promise<string> {
  const { Subnets } = await ec2.send(
    new DescribeSubnetsCommand({ Filters: [{ Name: 'availability-zone', Values: [zoneName(zone)] }] }),
  );
  return need(Subnets?.[0]?.SubnetId, `subnet in ${zoneName(zone)}`);
}

async function makeInstances(ec2: EC2Client, seed: Seed, ids: Ids): Promise<void> {
  const names = Object.entries(seed.instances ?? {});
  if (names.length === 0) return;
  for (const [name, { zone, tags }] of names) {
    // The beginnings have no public addresses but those they name.
    const NetworkInterfaces = [
      { DeviceIndex: 0, SubnetId: await subnetIn(ec2, zone), AssociatePublicIpAddress: false },
    ];
    const { Instances } = await ec2.send(
      new RunInstancesCommand({
        ImageId: IMAGE,
        InstanceType: 't3.small',
        MinCount: 1,
        MaxCount: 1,
        NetworkInterfaces,
        ...specification('instance', tags),
      }),
    );
    ids.set(name, need(Instances?.[0]?.InstanceId, 'instance'));
  }
  await noteInterfaces(
    ec2,
    names.map(([name]) => name),
    ids,
  );
  for (const [name, { stopped }] of names)
    if (stopped === true) await ec2.send(new StopInstancesCommand({ InstanceIds: [need(ids.get(name), name)] }));
}

async function makeIpSets(wafV2: WAFV2Client, { ipSets = {} }: Seed, ids: Ids): Promise<void> {
  for (const [Name, { family, addresses, tags = {} }] of Object.entries(ipSets)) {
    const { Summary } = await wafV2.send(
      new CreateIPSetCommand({
        Name,
        Scope: 'REGIONAL',
        Description: `set ${Name}`,
        IPAddressVersion: family,
        Addresses: [...addresses],
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      }),
    );
    ids.set(Name, need(Summary?.Id, 'IP set'));
  }
}

async function makeWebAcls(wafV2: WAFV2Client, { webAcls = {} }: Seed, ids: Ids): Promise<void> {
  for (const [Name, acl] of Object.entries(webAcls)) {
    const { Summary } = await wafV2.send(
      new CreateWebACLCommand({
        Name,
        Scope: 'REGIONAL',
        Description: `acl ${Name}`,
        DefaultAction: { Allow: {} },
        VisibilityConfig: visible(Name),
        Rules: rateBasedRules(acl),
      }),
    );
    ids.set(Name, need(Summary?.Id, 'web ACL'));
  }
}

/** Makes the addresses of a beginning, on the instances that hold them. */
export async function makeAddresses(ec2: EC2Client, seed: Seed, ids: Ids): Promise<void> {
  for (const [name, { on, tags }] of Object.entries(seed.addresses ?? {})) {
    const made = await ec2.send(new AllocateAddressCommand({ Domain: 'vpc', ...specification('elastic-ip', tags) }));
    ids.set(name, need(made.AllocationId, 'address'));
    ids.set(`${name}.public`, need(made.PublicIp, 'public address'));
    if (on === undefined) continue;
    const { AssociationId } = await ec2.send(
      new AssociateAddressCommand({ AllocationId: made.AllocationId, InstanceId: idIn(ids)(on) }),
    );
    ids.set(`${name}.association`, need(AssociationId, 'association'));
  }
}

/** Makes the volumes of a beginning; `made` is called before each is attached. */
export async function makeVolumes(
  ec2: EC2Client,
  seed: Seed,
  ids: Ids,
  made?: (volumeId: string) => Promise<void>,
): Promise<void> {
  for (const [name, { zone, tags, iops: Iops, throughput: Throughput, key, on }] of Object.entries(
    seed.volumes ?? {},
  )) {
    const encryption = key === undefined ? {} : { Encrypted: true, KmsKeyId: keyArn(idIn(ids)(key)) };
    const { VolumeId } = await ec2.send(
      new CreateVolumeCommand({
        AvailabilityZone: zoneName(zone),
        Size: 8,
        VolumeType: 'gp3',
        Iops,
        Throughput,
        ...encryption,
        ...specification('volume', tags),
      }),
    );
    ids.set(name, need(VolumeId, 'volume'));
    if (on === undefined) continue;
    await made?.(idIn(ids)(name));
    const [InstanceId, DeviceName] = [idIn(ids)(on.instance), on.device];
    await ec2.send(new AttachVolumeCommand({ VolumeId, InstanceId, Device: DeviceName }));
    if (on.deleteOnTermination === true)
      await ec2.send(
        new ModifyInstanceAttributeCommand({
          InstanceId,
          BlockDeviceMappings: [{ DeviceName, Ebs: { DeleteOnTermination: true } }],
        }),
      );
  }
}

/** Makes the snapshots of a beginning. */
export async function makeSnapshots(ec2: EC2Client, { snapshots = {} }: Seed, ids: Ids): Promise<void> {
  for (const [name, { of, tags }] of Object.entries(snapshots)) {
    const { SnapshotId } = await ec2.send(
      new CreateSnapshotCommand({ VolumeId: idIn(ids)(of), ...specification('snapshot', tags) }),
    );
    ids.set(name, need(SnapshotId, 'snapshot'));
  }
}

async function makeGroup(ec2: EC2Client, autoScaling: AutoScalingClient, seed: Seed, ids: Ids): Promise<void> {
  const { group } = seed;
  if (group === undefined) return;
  const LaunchConfigurationName = 'conformance';
  await autoScaling.send(
    new CreateLaunchConfigurationCommand({ LaunchConfigurationName, ImageId: IMAGE, InstanceType: 't3.small' }),
  );
  await autoScaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: group.name,
      LaunchConfigurationName,
      MinSize: group.min,
      MaxSize: group.max,
      DesiredCapacity: group.members.length,
      VPCZoneIdentifier: await subnetIn(ec2, 'a'),
      TargetGroupARNs: groupsOfMembers(seed, idIn(ids)),
      Tags: Object.entries(group.tags ?? {}).map(([Key, Value]) => ({ Key, Value, PropagateAtLaunch: true })),
    }),
  );
  // After the members, so that each starts in service.
  for (const { name, transition, heartbeatSeconds } of group.hooks ?? []) {
    await autoScaling.send(
      new PutLifecycleHookCommand({
        AutoScalingGroupName: group.name,
        LifecycleHookName: name,
        LifecycleTransition: transition,
        HeartbeatTimeout: heartbeatSeconds,
      }),
    );
  }
  const { AutoScalingGroups } = await autoScaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group.name] }),
  );
  for (const [index, name] of group.members.entries())
    ids.set(name, need(AutoScalingGroups?.[0]?.Instances?.[index]?.InstanceId, `member ${index}`));
  await noteInterfaces(ec2, group.members, ids);
}

async function makeAlarms({ cloudWatch }: Clients, { alarms = [] }: Seed, ids: Ids): Promise<void> {
  for (const { name, metric, state, instance } of alarms) {
    await cloudWatch.send(
      new PutMetricAlarmCommand({
        AlarmName: name,
        Namespace: 'Conformance',
        MetricName: metric,
        Dimensions: [{ Name: 'InstanceId', Value: idIn(ids)(instance) }],
        Statistic: 'Maximum',
        Period: 60,
        EvaluationPeriods: 2,
        DatapointsToAlarm: 2,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        TreatMissingData: 'missing',
      }),
    );
    await cloudWatch.send(
      new SetAlarmStateCommand({ AlarmName: name, StateValue: state, StateReason: 'The state the world began with.' }),
    );
  }
}

async function makeKeys(kms: KMSClient, { keys = {} }: Seed, ids: Ids): Promise<void> {
  for (const [name, { state }] of Object.entries(keys)) {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const KeyId = need(KeyMetadata?.KeyId, 'key');
    ids.set(name, KeyId);
    if (state === 'Disabled') await kms.send(new DisableKeyCommand({ KeyId }));
    if (state === 'PendingDeletion') await kms.send(new ScheduleKeyDeletionCommand({ KeyId }));
  }
}

/** Source: https://docs.aws.amazon.com/ebs/latest/userguide/automate-app-consistent-backups.html (the sample documents). */
const LIFECYCLE_DOCUMENT = {
  schemaVersion: '2.2',
  parameters: {
    executionId: {
      type: 'String',
      default: 'None',
      allowedPattern: '^(None|[a-fA-F0-9]{8}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{12})$',
    },
    command: { type: 'String', default: 'dry-run', allowedValues: ['pre-script', 'post-script', 'dry-run'] },
  },
  mainSteps: [{ action: 'aws:runShellScript', name: 'run', inputs: { runCommand: ['true'] } }],
};

async function makeDocuments(ssm: SSMClient, { documents = [] }: Seed): Promise<void> {
  for (const Name of documents)
    await ssm.send(
      new CreateDocumentCommand({
        Name,
        DocumentType: 'Command',
        DocumentFormat: 'JSON',
        Content: JSON.stringify(LIFECYCLE_DOCUMENT),
      }),
    );
}

/** Makes a beginning in an emulator that has been reset. */
export async function motoBeginning(url: string, seed: Seed): Promise<ReadonlyMap<string, string>> {
  const clients = clientsFor(url);
  const ids: Ids = new Map();
  await makeKeys(clients.kms, seed, ids);
  await makeDocuments(clients.ssm, seed);
  await makeInstances(clients.ec2, seed, ids);
  await makeNetworks(clients.ec2, seed, ids);
  await makeLaunches(clients, url, seed, ids);
  await makeIpSets(clients.wafV2, seed, ids);
  await makeWebAcls(clients.wafV2, seed, ids);
  await makeDistributions(clients.cloudFront, seed, ids);
  await makeLoadBalancers(clients.balancing, clients.ec2, seed, ids);
  await makeObjects(clients.s3, seed, ids);
  await makeQueues(clients.sqs, seed, ids);
  await makeSenders(clients, url, seed, ids);
  await makeAddresses(clients.ec2, seed, ids);
  await makeGroup(clients.ec2, clients.autoScaling, seed, ids);
  await makeVolumes(clients.ec2, seed, ids);
  await makeSnapshots(clients.ec2, seed, ids);
  await makeAlarms(clients, seed, ids);
  return ids;
}

/** How an operation that moto lacks shows: a server error that is no AWS answer, and a line on its standard error. */
export function isLacking(said: string, operation: string): boolean {
  const snake = (operation.split(':')[1] ?? '').replaceAll(/([a-z0-9])([A-Z])/gu, '$1_$2').toLowerCase();
  return said.includes(`The ${snake} action has not been implemented`);
}

/** Marks an operation that the emulator does not have. */
export const NOT_IMPLEMENTED = 'NotImplemented';
/** Marks a request that the emulator failed on: a server error without an AWS error code. */
const CRASHED = 'emulator crashed';

/** What the SDK makes of an answer that is a page about a crash: in XML an error without a name, in JSON one that cannot be read. */
const UNREADABLE = new Set(['Error', 'SyntaxError']);

/**
 * A server error that is no AWS answer says what it was only on the standard error of the server. A page that says that there is no
 * such path is about an operation that is addressed by one.
 */
function told(note: Note, said: string): Note {
  const { answer } = note;
  if (!('error' in answer) || !UNREADABLE.has(answer.error)) return note;
  if (answer.status === 404) return { ...note, answer: { ...answer, error: NOT_IMPLEMENTED } };
  if (answer.status !== 500) return note;
  return { ...note, answer: { ...answer, error: isLacking(said, note.operation) ? NOT_IMPLEMENTED : CRASHED } };
}

/** Its last lines arrive a little after its answer; on a busy machine a good deal later, and what a server error was stands there alone. */
const LOG_DELAY_MS = { usual: 50, ofCrash: 2_000 } as const;

/** What becomes in moto is there at once, or never. */
const SHORT_PATIENCE = { pauseMs: 50, looks: 10 };

function hasCrashed({ answer }: Note): boolean {
  return 'error' in answer && answer.error === CRASHED;
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, delayMs));
}

/** Plays one scenario against a server. */
export async function playOnMoto(
  { name, seed, play }: Scenario,
  { url, reset, said }: Emulator,
  patience = SHORT_PATIENCE,
): Promise<Played> {
  await reset();
  const ids = await motoBeginning(url, seed);
  const { place, notes } = placeFor({ clients: clientsFor(url), id: idIn(ids), ...patience });
  said();
  let failure: string | undefined;
  try {
    await play(place);
  } catch (error) {
    failure = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
  await pause(LOG_DELAY_MS.usual);
  let text = said();
  if (notes.some((note) => hasCrashed(told(note, text)))) {
    await pause(LOG_DELAY_MS.ofCrash);
    text += said();
  }
  return {
    scenario: name,
    notes: notes.map((note) => told(note, text)),
    names: new Map([...ids].map(([called, id]) => [id, called])),
    ...(failure === undefined ? {} : { failure }),
  };
}
