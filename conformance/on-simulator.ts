/** Plays a scenario in the simulator: the beginning is a world file, the scenario runs as a function deployed into it. */

import { NO_FAULTS, type DeployedFunction } from '../simulator/engine/run-types.ts';
import { simulate } from '../simulator/engine/simulation.ts';
import { clientsFor, placeFor } from './place.ts';
import { groupsOfMembers } from './seed-balancing.ts';
import { balancedSubnets, balancingSection, loadBalancerIds } from './simulated-load-balancers.ts';
import {
  batchRecords,
  computeEnvironmentIds,
  launchIds,
  launchRecords,
  launchSubnets,
  parameterRecords,
} from './simulated-launches.ts';
import { queueIds, queueRecords } from './simulated-queues.ts';
import { senderIds, senderSections } from './simulated-senders.ts';
import { distributionRecords, distributionIds } from './simulated-distributions.ts';
import {
  ACCOUNT,
  BUCKET,
  IMAGE,
  keyArn,
  PREFIX_LIST_SIZE,
  rateBasedRules,
  REGION,
  type Note,
  type Played,
  type Scenario,
  type Seed,
  type TagSet,
  visible,
} from './scenario.ts';

/** The world as a file, and the ids in it. */
export interface SimulatedBeginning {
  readonly world: object;
  /** Name as a scenario uses it → id. */
  readonly ids: ReadonlyMap<string, string>;
}

function tagList(tags: TagSet = {}): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

const zoneName = (letter: string): string => `${REGION}${letter}`;

function alarmRecords(seed: Seed, id: (name: string) => string): object[] {
  return (seed.alarms ?? []).map(({ name, metric, state, instance }) => ({
    AlarmName: name,
    Namespace: 'Conformance',
    MetricName: metric,
    Dimensions: [{ Name: 'InstanceId', Value: id(instance) }],
    Statistic: 'Maximum',
    Period: 60,
    EvaluationPeriods: 2,
    DatapointsToAlarm: 2,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    TreatMissingData: 'missing',
    StateValue: state,
    AlarmActions: [],
    OKActions: [],
    InsufficientDataActions: [],
  }));
}

function scalingRecords(seed: Seed, id: (name: string) => string): object {
  const { group } = seed;
  if (group === undefined) return {};
  return {
    AutoScalingGroups: [
      {
        AutoScalingGroupName: group.name,
        LaunchConfigurationName: 'conformance',
        MinSize: group.min,
        MaxSize: group.max,
        DesiredCapacity: group.members.length,
        AvailabilityZones: [zoneName('a')],
        TargetGroupARNs: groupsOfMembers(seed, id),
        Instances: group.members.map((member) => ({ InstanceId: id(member), LaunchConfigurationName: 'conformance' })),
        Tags: tagList(group.tags).map((tag) => ({ ...tag, PropagateAtLaunch: true })),
      },
    ],
    LifecycleHooks: (group.hooks ?? []).map(({ name, transition, heartbeatSeconds }) => ({
      AutoScalingGroupName: group.name,
      LifecycleHookName: name,
      LifecycleTransition: transition,
      HeartbeatTimeout: heartbeatSeconds,
    })),
  };
}

/** Ids of AWS's form, by kind and place in the seed. */
function idsOf(seed: Seed): Map<string, string> {
  const ids = new Map<string, string>();
  const instances = [...Object.keys(seed.instances ?? {}), ...(seed.group?.members ?? [])];
  const hex = (index: number): string => (index + 1).toString(16).padStart(16, '0');
  for (const [index, name] of instances.entries()) {
    ids.set(name, `i-0${hex(index)}`);
    ids.set(`${name}.interface`, `eni-0${hex(index)}`);
    ids.set(`${name}.root`, `vol-0f${hex(index).slice(1)}`);
    ids.set(`${name}.ip`, `10.0.1.${10 + index}`);
  }
  for (const [index, [name, { on }]] of Object.entries(seed.addresses ?? {}).entries()) {
    ids.set(name, `eipalloc-0${hex(index)}`);
    ids.set(`${name}.public`, `203.0.113.${10 + index}`);
    if (on !== undefined) ids.set(`${name}.association`, `eipassoc-0${hex(index)}`);
  }
  for (const [index, name] of Object.keys(seed.volumes ?? {}).entries()) ids.set(name, `vol-0${hex(index)}`);
  for (const [index, name] of Object.keys(seed.snapshots ?? {}).entries()) ids.set(name, `snap-0${hex(index)}`);
  for (const [index, name] of Object.keys(seed.ipSets ?? {}).entries())
    ids.set(name, `1234abcd-12ab-44cd-86ef-${hex(index).slice(4)}`);
  for (const [index, name] of Object.keys(seed.webAcls ?? {}).entries())
    ids.set(name, `1234abcd-12ab-44cd-86ee-${hex(index).slice(4)}`);
  for (const [index, name] of Object.keys(seed.prefixLists ?? {}).entries()) ids.set(name, `pl-0${hex(index)}`);
  for (const [index, name] of Object.keys(seed.vpcs ?? {}).entries()) {
    ids.set(name, `vpc-0${hex(index)}`);
    ids.set(`${name}.range`, `vpc-cidr-assoc-0${hex(index)}`);
  }
  for (const [index, name] of Object.keys(seed.networkAcls ?? {}).entries()) ids.set(name, `acl-0${hex(index)}`);
  for (const [index, name] of Object.keys(seed.securityGroups ?? {}).entries()) ids.set(name, `sg-0${hex(index)}`);
  for (const [index, name] of Object.keys(seed.peerings ?? {}).entries()) ids.set(name, `pcx-0${hex(index)}`);
  for (const [name, id] of [...launchIds(seed), ...computeEnvironmentIds(seed)]) ids.set(name, id);
  for (const [name, id] of distributionIds(seed)) ids.set(name, id);
  for (const [name, id] of [...distributionIds(seed), ...loadBalancerIds(seed), ...queueIds(seed), ...senderIds(seed)])
    ids.set(name, id);
  for (const [key, versions] of Object.entries(seed.objects ?? {}))
    for (const [index] of versions.entries()) ids.set(`${key}.${index + 1}`, `version${hex(index)}`);
  for (const [index, name] of Object.keys(seed.keys ?? {}).entries())
    ids.set(name, `1234abcd-12ab-34cd-56ef-${hex(index).slice(4)}`);
  return ids;
}

/** What StopInstances leaves behind. */
const STOPPED = {
  StateReason: {
    Code: 'Client.UserInitiatedShutdown',
    Message: 'Client.UserInitiatedShutdown: User initiated shutdown',
  },
  StateTransitionReason: 'User initiated (2026-11-22 07:00:00 GMT)',
};

function ec2Records(seed: Seed, id: (name: string) => string, now: string): object {
  const members = Object.fromEntries((seed.group?.members ?? []).map((name) => [name, { zone: 'a' as const }]));
  const instances: NonNullable<Seed['instances']> = { ...seed.instances, ...members };
  return {
    Instances: Object.entries(instances).map(([name, { zone, tags, stopped }]) => ({
      InstanceId: id(name),
      ImageId: IMAGE,
      // One launch of the group made its members, a moment ago.
      ...(name in members ? { ReservationId: 'r-00000000000000001', LaunchTime: now } : {}),
      InstanceType: 't3.small',
      RootDeviceName: '/dev/sda1',
      BlockDeviceMappings: [
        { DeviceName: '/dev/sda1', Ebs: { VolumeId: id(`${name}.root`), DeleteOnTermination: true } },
      ],
      State: { Name: stopped === true ? 'stopped' : 'running' },
      ...(stopped === true ? STOPPED : {}),
      Placement: { AvailabilityZone: zoneName(zone) },
      PrivateIpAddress: id(`${name}.ip`),
      NetworkInterfaces: [{ NetworkInterfaceId: id(`${name}.interface`), PrivateIpAddress: id(`${name}.ip`) }],
      Tags: tagList(tags),
    })),
    Addresses: Object.entries(seed.addresses ?? {}).map(([name, { on, tags }]) => ({
      AllocationId: id(name),
      PublicIp: id(`${name}.public`),
      Tags: tagList(tags),
      ...(on === undefined ? {} : { AssociationId: id(`${name}.association`), InstanceId: id(on) }),
    })),
    Volumes: Object.entries(seed.volumes ?? {}).map(([name, { zone, tags, iops, throughput, key, on }]) => ({
      VolumeId: id(name),
      AvailabilityZone: zoneName(zone),
      Size: 8,
      VolumeType: 'gp3',
      ...(iops === undefined ? {} : { Iops: iops }),
      ...(throughput === undefined ? {} : { Throughput: throughput }),
      ...(key === undefined ? {} : { Encrypted: true, KmsKeyId: keyArn(id(key)) }),
      Tags: tagList(tags),
      ...(on === undefined
        ? {}
        : {
            Attachments: [
              { InstanceId: id(on.instance), Device: on.device, DeleteOnTermination: on.deleteOnTermination === true },
            ],
          }),
    })),
  };
}

function snapshotRecords({ snapshots = {} }: Seed, id: (name: string) => string): object[] {
  return Object.entries(snapshots).map(([name, { of, tags }]) => ({
    SnapshotId: id(name),
    VolumeId: id(of),
    Tags: tagList(tags),
  }));
}

function networkRecords(seed: Seed, id: (name: string) => string): object {
  const { prefixLists = {}, vpcs = {}, networkAcls = {}, securityGroups = {}, peerings = {} } = seed;
  return {
    ManagedPrefixLists: Object.entries(prefixLists).map(([name, entries]) => ({
      PrefixListId: id(name),
      PrefixListName: name,
      AddressFamily: 'IPv4',
      MaxEntries: PREFIX_LIST_SIZE,
      OwnerId: ACCOUNT,
      Entries: entries,
    })),
    Vpcs: Object.entries(vpcs).map(([name, CidrBlock]) => ({ VpcId: id(name), CidrBlock })),
    VpcPeeringConnections: Object.entries(peerings).map(([name, [requester, accepter]]) => ({
      VpcPeeringConnectionId: id(name),
      RequesterVpcInfo: { VpcId: id(requester) },
      AccepterVpcInfo: { VpcId: id(accepter) },
    })),
    SecurityGroups: Object.entries(securityGroups).map(([name, vpc]) => ({
      GroupId: id(name),
      GroupName: name,
      Description: `group ${name}`,
      VpcId: id(vpc),
    })),
    NetworkAcls: Object.entries(networkAcls).map(([name, vpc]) => ({ NetworkAclId: id(name), VpcId: id(vpc) })),
  };
}

function ipSetRecords({ ipSets = {} }: Seed, id: (name: string) => string): object[] {
  return Object.entries(ipSets).map(([Name, { family, addresses, tags }]) => ({
    Name,
    Id: id(Name),
    Description: `set ${Name}`,
    IPAddressVersion: family,
    Addresses: addresses,
    Tags: tagList(tags),
  }));
}

/** A second apart, the last one when the scenario begins. */
function objectRecords({ objects = {} }: Seed, id: (name: string) => string, now: string): object[] {
  return Object.entries(objects).flatMap(([Key, versions]) =>
    versions.map((Body, index) => ({
      Bucket: BUCKET,
      Key,
      Body,
      VersionId: id(`${Key}.${index + 1}`),
      LastModified: new Date(Date.parse(now) - (versions.length - index) * 1_000).toISOString(),
    })),
  );
}

function webAclRecords({ webAcls = {} }: Seed, id: (name: string) => string): object[] {
  return Object.entries(webAcls).map(([Name, acl]) => ({
    Name,
    Id: id(Name),
    Description: `acl ${Name}`,
    DefaultAction: { Allow: {} },
    VisibilityConfig: visible(Name),
    Rules: rateBasedRules(acl),
    Resources: [],
  }));
}

function systemsRecords(seed: Seed, id: (name: string) => string): object {
  const { documents = [], managed = [] } = seed;
  return {
    Documents: documents.map((Name) => ({ Name })),
    InstanceInformation: managed.map((name) => ({ InstanceId: id(name) })),
    Parameters: parameterRecords(seed),
  };
}

/** Turns a beginning into a world file. */
export function simulatedBeginning(seed: Seed, now = '2026-11-22T08:00:00Z'): SimulatedBeginning {
  const ids = idsOf(seed);
  const id = idIn(ids);
  const world = {
    now,
    account: ACCOUNT,
    region: REGION,
    ec2: {
      ...ec2Records(seed, id, now),
      ...networkRecords(seed, id),
      ...launchRecords(seed, id),
      Subnets: [...launchSubnets(seed), ...balancedSubnets(seed)],
      Snapshots: snapshotRecords(seed, id),
    },
    'auto-scaling': scalingRecords(seed, id),
    batch: batchRecords(seed),
    cloudfront: { Distributions: distributionRecords(seed, id) },
    'elastic-load-balancing-v2': balancingSection(seed, id),
    cloudwatch: { MetricAlarms: alarmRecords(seed, id) },
    kms: { Keys: Object.entries(seed.keys ?? {}).map(([name, { state }]) => ({ KeyId: id(name), KeyState: state })) },
    ssm: systemsRecords(seed, id),
    s3: { Objects: objectRecords(seed, id, now) },
    sqs: { Queues: queueRecords(seed) },
    ...senderSections(seed, id),
    wafv2: { IPSets: ipSetRecords(seed, id), WebACLs: webAclRecords(seed, id) },
  };
  return { world, ids };
}

/** Looks an id up; a name that the beginning does not have is a mistake in the scenario. */
export function idIn(ids: ReadonlyMap<string, string>): (name: string) => string {
  return (name) => {
    const id = ids.get(name);
    if (id === undefined) throw new Error(`the beginning has no ${name}; it has ${[...ids.keys()].join(', ')}`);
    return id;
  };
}

const NAME = 'conformance';

function functionFor(play: () => Promise<void>): DeployedFunction {
  return {
    handler: play,
    summary: {
      name: NAME,
      host: 'plain',
      disruptive: false,
      // Lambda's longest; snapshots take minutes of simulated time.
      timeoutSeconds: 900,
      ledgerLost: 'refuse',
      triggers: [],
      applies: [],
      limits: {
        maxAgeSeconds: 900,
        maxTargets: 1,
        cooldownSeconds: 0,
        maxActionsPerWindow: 8,
        windowSeconds: 3_600,
        maxLooks: 1,
        maxWaitSeconds: 60,
        maxCalls: 10,
      },
    },
  };
}

/** Plays one scenario. What the simulator does not know is in `failure`. */
export async function playOnSimulator({ name, seed, play }: Scenario): Promise<Played> {
  const { world, ids } = simulatedBeginning(seed);
  let notes: readonly Note[] = [];
  let failure: string | undefined;
  const run = async (): Promise<void> => {
    const made = placeFor({ clients: clientsFor(), id: idIn(ids), pauseMs: 1_000, looks: 600 });
    notes = made.notes;
    try {
      await play(made.place);
    } catch (error) {
      // Lambda would run it again; what happened is in the notes, once.
      failure = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    }
  };
  const options = {
    world,
    events: [{ event: { runbook: NAME }, afterMs: 0 }],
    functions: [functionFor(run)],
    seed: 1,
    faults: NO_FAULTS,
    runForMs: 0,
    environment: {},
    watchers: [],
  };
  const { error, assumed } = await simulate(options);
  const reason = error?.message ?? failure;
  return {
    scenario: name,
    notes,
    names: new Map([...ids].map(([called, id]) => [id, called])),
    assumed,
    ...(reason === undefined ? {} : { failure: reason }),
  };
}
