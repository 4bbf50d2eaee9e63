/** Life of instances: launch, start, stop, terminate, with their durations, events and consequences. */

import { awsError, type Shape, type World } from '../../engine/model.ts';
import { msUntilThaw } from './freezing.ts';
import { drawOne, giveBack } from './launch/capacity.ts';
import { attachLaunchVolumes, releaseVolumes, type LaunchVolumes } from './instance-volumes.ts';
import { addSpotRequest } from './spot.ts';
import {
  attachPrimaryInterface,
  interfacesOf,
  losePublicIp,
  releaseInterfaces,
  renewPublicIp,
  syncInstance,
} from './interfaces.ts';
import { countAddresses, subnetIn } from './subnets.ts';
import {
  demandOne,
  find,
  records,
  runtimeOf,
  schedule,
  stamp,
  STATE_CODES,
  stateOf,
  text,
  timeOfType,
  unschedule,
  zoneIsDark,
  zoneOf,
  type StateName,
} from './state.ts';
import { allChecks, beginChecks, endChecks, setChecks, statusOf, type InstanceChecks } from './statuses.ts';

export { statusOf, type InstanceChecks };

/** From pending to running. Assumed: Linux instances are seen running after 10 to 30 s. */
const PENDING_MS = 20_000;
/** A stop that lets the operating system shut down: this plus up to as much again. Assumed. */
const GRACEFUL_STOP_MS = 30_000;
/** A stop with Force and SkipOsShutdown: no shutdown of the operating system is waited for. Assumed. */
const FORCED_STOP_MS = 15_000;
/**
 * A stop without Force on a host that fails its system check. AWS says to force what stays `stopping` after a few minutes
 * (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/TroubleshootingInstancesStopping.html); the length is assumed.
 */
const STUCK_STOP_MS = 600_000;
/** From shutting-down to terminated. Assumed. */
const TERMINATION_MS = 30_000;

/** What an instance is launched with. `tags` win over `launchTemplateTags` of the same key. */
export interface LaunchRequest {
  readonly availabilityZone: string;
  readonly subnetId?: string;
  readonly imageId?: string;
  readonly instanceType?: string;
  /** As DescribeInstances gives them. */
  readonly securityGroups?: readonly Shape[];
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
  readonly privateIpAddress?: string;
  /** By a one-time Spot request, which is made with it. */
  readonly spot?: true;
  readonly launchTemplateTags?: readonly { readonly Key: string; readonly Value: string }[];
}

/** How an instance is to be stopped. */
export interface StopManner {
  readonly force: boolean;
  readonly skipOsShutdown: boolean;
}

/** Moves an instance to a state: record, status checks, event, signal. */
export function setState(world: World, instance: Shape, state: StateName): void {
  const previous = stateOf(instance);
  if (previous === state) return;
  const id = text(instance, 'InstanceId') ?? '';
  instance['State'] = { Code: STATE_CODES[state], Name: state };
  if (state === 'running') {
    runtimeOf(world).neverRan.delete(id);
    beginChecks(world, instance);
  } else {
    endChecks(world, id);
    setChecks(world, instance, allChecks('not-applicable'));
  }
  world.emit({
    source: 'aws.ec2',
    detailType: 'EC2 Instance State-change Notification',
    resources: [`arn:aws:ec2:${world.region}:${world.account}:instance/${id}`],
    detail: { 'instance-id': id, state },
  });
  world.signal('instance-state', { instanceId: id, state, previous });
}

/** Refuses what needs a host in a dark zone. Throws `InsufficientInstanceCapacity`. */
export function demandCapacity(world: World, zone: string): void {
  if (!zoneIsDark(world, zone)) return;
  world.assume('ec2: starting or launching in a dark zone fails with InsufficientInstanceCapacity');
  throw awsError(
    'InsufficientInstanceCapacity',
    `We currently do not have sufficient capacity in the Availability Zone you requested (${zone}).`,
    500,
  );
}

function mergedTags(request: LaunchRequest): Shape[] {
  const merged = new Map<string, string>();
  for (const { Key, Value } of [...(request.launchTemplateTags ?? []), ...request.tags]) merged.set(Key, Value);
  return [...merged].map(([Key, Value]) => ({ Key, Value }));
}

/**
 * Launches one instance: pending, then running, checks initializing, then ok. Returns its id.
 * @throws `InsufficientInstanceCapacity` (AwsError) while the zone is dark, `InvalidParameterValue` for an unknown zone
 */
export function launchInstance(world: World, request: LaunchRequest): string {
  const zone = request.availabilityZone;
  if (find(world, 'AvailabilityZones', zone) === undefined)
    throw awsError('InvalidParameterValue', `Invalid availability zone: [${zone}]`);
  demandCapacity(world, zone);
  const subnet = subnetIn(world, zone, { subnetId: request.subnetId });
  const id = world.id('i');
  const instance: Shape = {
    ...instanceDefaults(world, zone),
    InstanceId: id,
    State: { Code: STATE_CODES.pending, Name: 'pending' },
    LaunchTime: stamp(world),
    SubnetId: subnet['SubnetId'],
    VpcId: subnet['VpcId'],
    Tags: mergedTags(request),
    // An Outpost's subnet has nothing but the Outpost behind it.
    ...(text(subnet, 'OutpostArn') === undefined ? {} : { OutpostArn: text(subnet, 'OutpostArn') }),
    ...(request.imageId === undefined ? {} : { ImageId: request.imageId }),
    ...(request.instanceType === undefined ? {} : { InstanceType: request.instanceType }),
    ...(request.securityGroups === undefined ? {} : { SecurityGroups: structuredClone(request.securityGroups) }),
    ...(request.privateIpAddress === undefined ? {} : { PrivateIpAddress: request.privateIpAddress }),
  };
  if (request.spot === true) instance['InstanceLifecycle'] = 'spot';
  drawOne(world, instance);
  if (request.spot === true) addSpotRequest(world, instance);
  attachPrimaryInterface(world, instance, stamp(world));
  beginLife(world, instance);
  return id;
}

/** What a launch says beyond the instance itself. */
interface Beginning {
  readonly volumes?: LaunchVolumes;
  /** Whether it has an automatic public address. Absent: its subnet says. */
  readonly publicIp?: boolean | undefined;
}

/** What every launch ends with, once the instance has its interfaces: it is there, pending, and boots. */
export function beginLife(world: World, instance: Shape, { volumes = {}, publicIp }: Beginning = {}): void {
  const id = text(instance, 'InstanceId') ?? '';
  records(world, 'Instances').push(instance);
  syncInstance(world, instance);
  countAddresses(world, interfacesOf(world, id), -1);
  renewPublicIp(world, instance, publicIp);
  attachLaunchVolumes(world, instance, volumes);
  runtimeOf(world).neverRan.add(id);
  setChecks(world, instance, allChecks('not-applicable'));
  announceLaunch(world, id);
  bootAfterPending(world, instance);
}

/** A launch has no previous state, so `setState` cannot tell it. */
function announceLaunch(world: World, id: string): void {
  world.emit({
    source: 'aws.ec2',
    detailType: 'EC2 Instance State-change Notification',
    resources: [`arn:aws:ec2:${world.region}:${world.account}:instance/${id}`],
    detail: { 'instance-id': id, state: 'pending' },
  });
  world.signal('instance-state', { instanceId: id, state: 'pending', previous: '' });
}

/** Members that every instance has; new objects each time. */
export function instanceDefaults(world: World, zone: string): Shape {
  return {
    AmiLaunchIndex: 0,
    Architecture: 'x86_64',
    BlockDeviceMappings: [],
    EbsOptimized: false,
    Hypervisor: 'xen',
    // Ids of the derived things tell their nature at a glance: nothing in the model depends on them.
    ImageId: 'ami-00000000000000000',
    InstanceType: 't3.micro',
    Monitoring: { State: 'disabled' },
    Placement: { AvailabilityZone: zone, GroupName: '', Tenancy: 'default' },
    ReservationId: world.id('r'),
    RootDeviceName: '/dev/xvda',
    RootDeviceType: 'ebs',
    SecurityGroups: [],
    SourceDestCheck: true,
    StateTransitionReason: '',
    VirtualizationType: 'hvm',
  };
}

/** Lets a pending instance run after its time. */
export function bootAfterPending(world: World, instance: Shape): void {
  const given = timeOfType(world, instance, 'PendingSeconds');
  if (given === undefined) world.assume(`ec2: pending to running takes ${PENDING_MS / 1000} s`);
  schedule(world, instance, given ?? PENDING_MS, () => setState(world, instance, 'running'));
}

/** Starts a stopped instance. Throws `InsufficientInstanceCapacity` while its zone is dark. */
export function startInstance(world: World, instance: Shape): void {
  demandCapacity(world, zoneOf(instance));
  drawOne(world, instance);
  instance['LaunchTime'] = stamp(world);
  instance['StateTransitionReason'] = '';
  delete instance['StateReason'];
  renewPublicIp(world, instance);
  setState(world, instance, 'pending');
  bootAfterPending(world, instance);
}

/** Why an instance goes, as it says afterwards. */
export interface ShutdownReason {
  readonly code: string;
  readonly message: string;
  /** The beginning of `StateTransitionReason`; the time follows. */
  readonly words: string;
}

const USER: ShutdownReason = {
  code: 'Client.UserInitiatedShutdown',
  message: 'User initiated shutdown',
  words: 'User initiated',
};

function noteReason(world: World, instance: Shape, { code, message, words }: ShutdownReason): void {
  instance['StateReason'] = { Code: code, Message: `${code}: ${message}` };
  instance['StateTransitionReason'] = `${words} (${world.clock.iso().slice(0, 19).replace('T', ' ')} GMT)`;
}

function stopDuration(world: World, instance: Shape, manner: StopManner): number {
  if (manner.force && manner.skipOsShutdown) return FORCED_STOP_MS;
  const { system } = statusOf(world, text(instance, 'InstanceId') ?? '');
  // `not-applicable`: it is stopping already, and a stop without Force does not come here again.
  if (!manner.force && system === 'impaired') return STUCK_STOP_MS;
  const duration = GRACEFUL_STOP_MS + Math.round(world.random() * GRACEFUL_STOP_MS);
  return manner.force || manner.skipOsShutdown ? duration : untilThawed(world, instance, duration);
}

/**
 * The operating system does not shut down before its last sync is done, and a sync of a frozen file system waits for the
 * thaw. Only the timer of the host can bring that now: the agent that would run a post-script is stopped already.
 */
function untilThawed(world: World, instance: Shape, duration: number): number {
  const frozen = msUntilThaw(world, text(instance, 'InstanceId') ?? '');
  if (frozen > duration)
    world.assume(
      'ec2: a stop that lets the operating system shut down stays stopping while file systems are frozen, until the host thaws them',
    );
  return Math.max(duration, frozen);
}

/** Stops an instance; on one that is `stopping`, a stop with Force shortens what is left. */
export function stopInstance(world: World, instance: Shape, manner: StopManner): void {
  const state = stateOf(instance);
  if (state === 'stopped' || (state === 'stopping' && !manner.force)) return;
  const duration = stopDuration(world, instance, manner);
  const due = runtimeOf(world).transitions.get(text(instance, 'InstanceId') ?? '')?.dueMs;
  if (state === 'stopping' && due !== undefined && due <= world.clock.now() + duration) return;
  world.assume(
    `ec2: a stop takes ${GRACEFUL_STOP_MS / 1000} to ${(2 * GRACEFUL_STOP_MS) / 1000} s, ${FORCED_STOP_MS / 1000} s when forced, ${STUCK_STOP_MS / 1000} s unforced on an impaired host`,
  );
  if (state !== 'stopping') noteReason(world, instance, USER);
  setState(world, instance, 'stopping');
  schedule(world, instance, duration, () => completeStop(world, instance));
}

/** From stopping to stopped: Elastic IPs stay, automatic public addresses go. */
export function completeStop(world: World, instance: Shape): void {
  unschedule(world, text(instance, 'InstanceId') ?? '');
  losePublicIp(world, instance);
  giveBack(world, instance);
  setState(world, instance, 'stopped');
}

/** Continues the stop of an instance that the world file gave as stopping. */
export function resumeStop(world: World, instance: Shape): void {
  schedule(world, instance, untilThawed(world, instance, GRACEFUL_STOP_MS), () => completeStop(world, instance));
}

/** From anything to shutting-down; the rest follows after its time. Nothing if it is on its way already. */
export function shutDown(world: World, instance: Shape, reason: ShutdownReason = USER): void {
  const state = stateOf(instance);
  if (state === 'terminated' || state === 'shutting-down') return;
  if (state === 'stopped') runtimeOf(world).hostless.add(text(instance, 'InstanceId') ?? '');
  noteReason(world, instance, reason);
  setState(world, instance, 'shutting-down');
  resumeTermination(world, instance);
}

/** Continues the termination of an instance that is shutting-down. */
export function resumeTermination(world: World, instance: Shape): void {
  world.assume(
    `ec2: shutting-down to terminated takes ${TERMINATION_MS / 1000} s; interfaces and addresses are released at its end`,
  );
  schedule(world, instance, TERMINATION_MS, () => completeTermination(world, instance));
}

/** From shutting-down to terminated, with the release of interfaces, Elastic IPs and volumes. */
export function completeTermination(world: World, instance: Shape): void {
  const id = text(instance, 'InstanceId') ?? '';
  unschedule(world, id);
  runtimeOf(world).neverRan.delete(id);
  // What was stopped has given its host back already.
  if (!runtimeOf(world).hostless.delete(id)) giveBack(world, instance);
  releaseInterfaces(world, instance);
  releaseVolumes(world, id);
  instance['BlockDeviceMappings'] = [];
  setState(world, instance, 'terminated');
}

/**
 * Terminates an instance whatever its protection, as Auto Scaling may; nothing if it is on its way already.
 * @throws `InvalidInstanceID.NotFound` (AwsError)
 */
export function terminateInstance(world: World, instanceId: string): void {
  shutDown(world, demandOne(world, 'Instances', instanceId));
}

/** State name of an instance; `undefined` if there is no such instance. */
export function instanceState(world: World, instanceId: string): string | undefined {
  const instance = find(world, 'Instances', instanceId);
  return instance === undefined ? undefined : stateOf(instance);
}
