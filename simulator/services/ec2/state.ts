/** Access to EC2's records in the world, and the few things a model keeps beside them: its running timers. */

import { awsError, NotSimulatedError, type Shape, type World } from '../../engine/model.ts';

export type { Shape } from '../../engine/model.ts';

/** Collections of the world file with the member that identifies a record. */
export const COLLECTIONS = {
  Instances: 'InstanceId',
  InstanceStatuses: 'InstanceId',
  Addresses: 'AllocationId',
  NetworkInterfaces: 'NetworkInterfaceId',
  Volumes: 'VolumeId',
  Snapshots: 'SnapshotId',
  SpotInstanceRequests: 'SpotInstanceRequestId',
  AvailabilityZones: 'ZoneName',
  Subnets: 'SubnetId',
  Vpcs: 'VpcId',
  VpcPeeringConnections: 'VpcPeeringConnectionId',
  ManagedPrefixLists: 'PrefixListId',
  NetworkAcls: 'NetworkAclId',
  SecurityGroups: 'GroupId',
  Reservations: 'ReservationId',
  Images: 'ImageId',
  LaunchTemplates: 'LaunchTemplateId',
  /** `lt-…:NUMBER`, and zone or Region with the type: AWS has no id for either, so the key is the simulator's own. */
  LaunchTemplateVersions: 'VersionId',
  InstanceTypeOfferings: 'OfferingId',
  InstanceTypes: 'InstanceType',
  PlacementGroups: 'GroupId',
  CapacityReservations: 'CapacityReservationId',
  /** The simulator's own: client tokens of RunInstances by zone. */
  LaunchTokens: 'TokenId',
  /** The simulator's own: periods of acknowledged writes, hosts with frozen file systems, client tokens of CreateVolume, quotas. */
  Writes: 'WriteId',
  FrozenFileSystems: 'InstanceId',
  VolumeTokens: 'ClientToken',
  Quotas: 'QuotaCode',
} as const;

export type Collection = keyof typeof COLLECTIONS;

/** States with the codes the API gives them. Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html */
export const STATE_CODES = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
} as const;

export type StateName = keyof typeof STATE_CODES;

export function isStateName(value: unknown): value is StateName {
  return typeof value === 'string' && Object.hasOwn(STATE_CODES, value);
}

export function isShape(value: unknown): value is Shape {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member that is a non-empty string; describe output writes some absent ones as `""`. */
export function text(record: Shape | undefined, member: string): string | undefined {
  const value = record?.[member];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Whether an address is left over from EC2-Classic: it has no allocation, and nothing can be done with it. */
export function isClassic(address: Shape): boolean {
  return address['Domain'] === 'standard';
}

/** A member that is an object; an empty one, not kept, if absent. */
export function part(record: Shape | undefined, member: string): Shape {
  const value = record?.[member];
  return isShape(value) ? value : {};
}

/** A value of the state in a message or as a filter compares it. */
export function show(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined ? '' : JSON.stringify(value);
}

/** The objects of a list member; none if absent. */
export function list(record: Shape | undefined, member: string): Shape[] {
  const value = record?.[member];
  return Array.isArray(value) ? value.filter(isShape) : [];
}

export function records(world: World, collection: Collection): Shape[] {
  return world.records('ec2', collection);
}

export function find(world: World, collection: Collection, id: string | undefined): Shape | undefined {
  if (id === undefined) return undefined;
  const key = COLLECTIONS[collection];
  return records(world, collection).find((record) => record[key] === id);
}

export function remove(world: World, collection: Collection, record: Shape): void {
  const all = records(world, collection);
  const index = all.indexOf(record);
  if (index >= 0) all.splice(index, 1);
}

export function stateOf(instance: Shape): StateName {
  const name = part(instance, 'State')['Name'];
  return isStateName(name) ? name : 'running';
}

export function zoneOf(instance: Shape): string {
  return text(part(instance, 'Placement'), 'AvailabilityZone') ?? '';
}

/** A time that the world sets for an instance type, in milliseconds; `undefined`: it sets none. */
export function timeOfType(world: World, instance: Shape, member: string): number | undefined {
  const seconds = find(world, 'InstanceTypes', text(instance, 'InstanceType'))?.[member];
  return typeof seconds === 'number' ? seconds * 1000 : undefined;
}

/** Now in whole seconds, as EC2 gives its times. */
export function stamp(world: World): string {
  return `${world.clock.iso().slice(0, 19)}.000Z`;
}

interface IdKind {
  readonly noun: string;
  readonly notFound: string;
  readonly form?: RegExp;
  readonly malformed?: string;
}

/** Source of the codes: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
const ID_KINDS: { readonly [C in Collection]?: IdKind } = {
  Instances: {
    noun: 'instance ID',
    notFound: 'InvalidInstanceID.NotFound',
    form: /^i-[0-9a-f]+$/,
    malformed: 'InvalidInstanceID.Malformed',
  },
  Addresses: { noun: 'allocation ID', notFound: 'InvalidAllocationID.NotFound' },
  NetworkInterfaces: { noun: 'networkInterface ID', notFound: 'InvalidNetworkInterfaceID.NotFound' },
  Volumes: {
    noun: 'volume',
    notFound: 'InvalidVolume.NotFound',
    form: /^vol-[0-9a-f]+$/,
    malformed: 'InvalidVolumeID.Malformed',
  },
  Snapshots: { noun: 'snapshot', notFound: 'InvalidSnapshot.NotFound' },
  SpotInstanceRequests: { noun: 'spot instance request ID', notFound: 'InvalidSpotInstanceRequestID.NotFound' },
  Subnets: { noun: 'subnet ID', notFound: 'InvalidSubnetID.NotFound' },
  Vpcs: { noun: 'vpc ID', notFound: 'InvalidVpcID.NotFound' },
  ManagedPrefixLists: { noun: 'prefix list ID', notFound: 'InvalidPrefixListID.NotFound' },
  VpcPeeringConnections: { noun: 'vpcPeeringConnection ID', notFound: 'InvalidVpcPeeringConnectionID.NotFound' },
  SecurityGroups: { noun: 'security group', notFound: 'InvalidGroup.NotFound' },
  NetworkAcls: { noun: 'networkAcl ID', notFound: 'InvalidNetworkAclID.NotFound' },
  Images: {
    noun: 'image id',
    notFound: 'InvalidAMIID.NotFound',
    form: /^ami-[0-9a-f]+$/,
    malformed: 'InvalidAMIID.Malformed',
  },
  CapacityReservations: { noun: 'capacity reservation', notFound: 'InvalidCapacityReservationId.NotFound' },
};

/**
 * The records with these ids, in the order of the ids.
 * @throws the API's `Invalid….Malformed` for an id of another form, its `Invalid….NotFound` naming all that are unknown
 */
export function demand(world: World, collection: Collection, ids: readonly string[]): Shape[] {
  const kind = ID_KINDS[collection];
  const missing: string[] = [];
  const found: Shape[] = [];
  for (const id of new Set(ids)) {
    const record = find(world, collection, id);
    if (record !== undefined) found.push(record);
    else if (world.isMentionedOnly(id))
      throw new NotSimulatedError(
        `what AWS says of ${id}: the world file mentions it, but ec2.${collection} does not hold it`,
      );
    // An id that the world file uses is never malformed, so that drills may shorten theirs.
    else if (kind?.form?.test(id) === false)
      throw awsError(kind.malformed ?? 'InvalidParameterValue', `Invalid id: "${id}"`);
    else missing.push(id);
  }
  if (missing.length > 0) {
    const noun = kind?.noun ?? 'ID';
    const what =
      missing.length === 1
        ? `${noun} '${missing.join()}' does not exist`
        : `${noun}s '${missing.join(', ')}' do not exist`;
    throw awsError(kind?.notFound ?? 'InvalidParameterValue', `The ${what}`);
  }
  return found;
}

/** One record by id; throws like `demand`. */
export function demandOne(world: World, collection: Collection, id: string): Shape {
  const [record] = demand(world, collection, [id]);
  if (record === undefined) throw awsError('InvalidParameterValue', `Invalid id: "${id}"`);
  return record;
}

/** What runs in a world beside its state. It is rebuilt from the state when a world is started. */
export interface Runtime {
  /** The pending change of state of an instance: when it is due, in milliseconds since the epoch, and the way to cancel it. */
  readonly transitions: Map<string, { readonly cancel: () => void; readonly dueMs: number }>;
  /** Changes of state that wait for a dark zone to come back. */
  readonly held: Map<string, () => void>;
  /** Pending ends of initialising status checks. */
  readonly checks: Map<string, () => void>;
  /** Status checks as they were before the zone went dark. */
  readonly beforeDark: Map<string, { readonly system: string; readonly instance: string }>;
  /** Pending ends of frozen file systems: the timers of their hosts. */
  readonly thaws: Map<string, () => void>;
  /** Instances whose first boot has not ended. */
  readonly neverRan: Set<string>;
  /** The last private address given out in a subnet, as a number: where the search for a free one begins. */
  readonly lastPrivateIp: Map<string, number>;
  /** Interfaces whose automatic public address made way for an Elastic IP: they get another when that leaves. */
  readonly lostPublicIp: Set<string>;
  /** Instances that are shutting down and were stopped before: they have no host to give back. */
  readonly hostless: Set<string>;
  /** Token buckets that requests draw on, by name: how full each was when. A full one is not kept. */
  readonly buckets: Map<string, { readonly tokens: number; readonly atMs: number }>;
}

const runtimes = new WeakMap<object, Runtime>();

export function runtimeOf(world: World): Runtime {
  const known = runtimes.get(world.clock);
  if (known !== undefined) return known;
  const fresh: Runtime = {
    transitions: new Map(),
    held: new Map(),
    checks: new Map(),
    beforeDark: new Map(),
    thaws: new Map(),
    neverRan: new Set(),
    lastPrivateIp: new Map(),
    lostPublicIp: new Set(),
    hostless: new Set(),
    buckets: new Map(),
  };
  runtimes.set(world.clock, fresh);
  return fresh;
}

/** A zone that is not `available` is dark: its hosts answer nothing and finish nothing. */
export function zoneIsDark(world: World, zone: string): boolean {
  const record = find(world, 'AvailabilityZones', zone);
  return record !== undefined && record['State'] !== 'available';
}

/** Runs `effect` after so many milliseconds, once the instance's zone is not dark. Replaces the instance's pending change. */
export function schedule(world: World, instance: Shape, milliseconds: number, effect: () => void): void {
  const id = text(instance, 'InstanceId') ?? '';
  const { transitions, held } = runtimeOf(world);
  unschedule(world, id);
  const cancel = world.clock.after(milliseconds, () => {
    transitions.delete(id);
    if (zoneIsDark(world, zoneOf(instance))) held.set(id, effect);
    else effect();
  });
  transitions.set(id, { cancel, dueMs: world.clock.now() + milliseconds });
}

export function unschedule(world: World, instanceId: string): void {
  const { transitions, held } = runtimeOf(world);
  transitions.get(instanceId)?.cancel();
  transitions.delete(instanceId);
  held.delete(instanceId);
}
