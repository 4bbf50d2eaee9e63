/** RunInstances: all checks first, then everything or nothing of at least MinCount instances. */

import { Instance$ } from '@aws-sdk/client-ec2';
import { awsError, NotSimulatedError, type Operation, type Shape, type World } from '../../../engine/model.ts';
import { draw, noRoom, type Berth } from './capacity.ts';
import { sharesFor, type Share } from './capacity-reservations.ts';
import { write } from '../filters.ts';
import { beginLife, demandCapacity, instanceDefaults } from '../instances.ts';
import { demandOffered } from './instance-types.ts';
import { addressesFor, attachInterfaces, demandInterfaces, groupsShown } from './interfaces.ts';
import { launchSpec, type LaunchSpec } from './spec.ts';
import { bindToken, launchedBefore } from './tokens.ts';
import { membersOf } from './placement-groups.ts';
import { outputOf } from '../shape.ts';
import { addSpotRequest } from '../spot.ts';
import { find, part, records, show, stamp, STATE_CODES, text, zoneOf } from '../state.ts';
import { freeAddresses } from '../subnets.ts';
import { drawTokens } from './throttling.ts';
import { quotaExceeded, roomInQuota } from './vcpu-quota.ts';

const output = outputOf(Instance$);

interface Counts {
  readonly least: number;
  readonly most: number;
}

function countsOf(input: Shape): Counts {
  const [least, most] = [Number(input['MinCount']), Number(input['MaxCount'])];
  if (!(least >= 1)) throw awsError('InvalidParameterValue', `Value (${least}) for parameter minCount is invalid.`);
  if (!(most >= least))
    throw awsError(
      'InvalidParameterValue',
      `Value (${most}) for parameter maxCount is invalid. It must be at least minCount (${least}).`,
    );
  return { least, most };
}

function marketOf({ market }: LaunchSpec): 'on-demand' | 'spot' {
  return market === 'spot' ? 'spot' : 'on-demand';
}

function berthFor(spec: LaunchSpec): Berth {
  const { instanceType, zone, group } = spec;
  const names = group === undefined ? [] : [show(group['GroupName']), show(group['GroupId'])];
  return { instanceType, zone, market: marketOf(spec), group: names };
}

/** What a placement group takes. */
function demandGroup(world: World, { group, type, instanceType, zone }: LaunchSpec): void {
  if (group === undefined) return;
  const strategy = show(group['Strategy']);
  const supported = part(type, 'PlacementGroupInfo')['SupportedStrategies'];
  if (Array.isArray(supported) && !supported.includes(strategy)) {
    world.assume(
      'ec2: a type that the strategy of its placement group does not suit is an InvalidParameterCombination',
    );
    throw awsError(
      'InvalidParameterCombination',
      `${strategy.slice(0, 1).toUpperCase()}${strategy.slice(1)} placement groups are not supported by the '${instanceType}' instance type. Specify a supported instance type or change the placement group strategy, and try again.`,
    );
  }
  if (strategy !== 'cluster' || membersOf(world, group).every((member) => zoneOf(member) === zone)) return;
  // That it cannot span zones is documented; what EC2 answers is not.
  world.assume('ec2: a launch into a cluster placement group that has instances in another zone finds no room');
  throw noRoom({ instanceType, zone, market: 'on-demand' });
}

function demandUsage({ type, market, instanceType }: LaunchSpec): void {
  const classes = type?.['SupportedUsageClasses'];
  if (Array.isArray(classes) && !classes.includes(market))
    throw awsError('Unsupported', `The instance type '${instanceType}' does not support the usage class ${market}.`);
}

/** How many addresses bound a launch to. */
function roomInSubnet(world: World, { subnet, interfaces }: LaunchSpec): number {
  return Math.floor(freeAddresses(world, subnet) / addressesFor(interfaces));
}

/** Bounds that have an error of their own, in the order in which they are told. */
function bounded(world: World, spec: LaunchSpec, { least, most }: Counts, reserved: number): number {
  const byQuota =
    spec.market === 'capacity-block' ? most : reserved + roomInQuota(world, spec.instanceType, marketOf(spec));
  if (byQuota < least) throw quotaExceeded(world, spec.instanceType, marketOf(spec));
  const byAddresses = roomInSubnet(world, spec);
  if (byAddresses < least)
    throw awsError(
      'InsufficientFreeAddressesInSubnet',
      'The specified subnet does not have enough free addresses to satisfy the request.',
    );
  return Math.min(most, byQuota, byAddresses);
}

/** Which reservation each instance is launched into; `undefined`: none. */
function spread(shares: readonly Share[], most: number): (string | undefined)[] {
  const places: (string | undefined)[] = [];
  for (const { count, reservationId } of shares)
    for (let taken = 0; taken < count && places.length < most; taken += 1) places.push(reservationId);
  return places;
}

/** As its image says it: where a written world has no images each is a Linux one. */
function platformOf(world: World, { imageId }: LaunchSpec): string | undefined {
  if (records(world, 'Images').length === 0) return 'Linux/UNIX';
  const image = find(world, 'Images', imageId);
  return text(image, 'PlatformDetails') ?? (text(image, 'Platform') === undefined ? undefined : 'Windows');
}

/**
 * A place for each instance of the launch.
 * @throws `InsufficientInstanceCapacity` or `ReservationCapacityExceeded` (AwsError) where there are fewer than MinCount
 */
function placesFor(world: World, spec: LaunchSpec, counts: Counts): (string | undefined)[] {
  demandCapacity(world, spec.zone);
  const { shares, isTargeted } = sharesFor(world, berthFor(spec), {
    specification: spec.reservation,
    groupArn: text(spec.group, 'GroupArn'),
    platform: platformOf(world, spec),
    isBlock: spec.market === 'capacity-block',
  });
  const reserved = shares
    .filter(({ reservationId }) => reservationId !== undefined)
    .reduce((sum, { count }) => sum + count, 0);
  const places = spread(shares, bounded(world, spec, counts, isTargeted ? counts.most : reserved));
  if (places.length >= counts.least) return places;
  if (isTargeted && reserved > 0)
    throw awsError(
      'ReservationCapacityExceeded',
      'The targeted Capacity Reservation does not have enough available instance capacity to fulfill your request. Either increase the instance capacity for the targeted Capacity Reservation, or target a different Capacity Reservation.',
    );
  throw noRoom(berthFor(spec));
}

/** The group that an instance is in: the one it was asked for, or that of the reservation it is launched into. */
function groupIn(world: World, { group }: LaunchSpec, place: string | undefined): Shape | undefined {
  const arn = text(find(world, 'CapacityReservations', place), 'PlacementGroupArn');
  if (group !== undefined || arn === undefined) return group;
  const found = records(world, 'PlacementGroups').find((each) => each['GroupArn'] === arn);
  if (found === undefined)
    throw new NotSimulatedError(`ec2:RunInstances into ${arn}, which is not in ec2.PlacementGroups`);
  return found;
}

function placementShown(zone: string, group: Shape | undefined): Shape {
  return {
    AvailabilityZone: zone,
    Tenancy: 'default',
    ...(group === undefined ? { GroupName: '' } : { GroupName: group['GroupName'], GroupId: group['GroupId'] }),
  };
}

function reservationShown(id: string | undefined, { reservation }: LaunchSpec): Shape {
  return {
    ...(id === undefined ? {} : { CapacityReservationId: id }),
    CapacityReservationSpecification:
      Object.keys(reservation).length > 0 ? structuredClone(reservation) : { CapacityReservationPreference: 'open' },
  };
}

/** What is one for all instances of a launch. */
interface Launch {
  readonly spec: LaunchSpec;
  readonly reservationId: string;
  readonly token: string | undefined;
}

function launchOne(
  world: World,
  { spec, reservationId, token }: Launch,
  index: number,
  place: string | undefined,
): Shape {
  const { subnet, tags, interfaces } = spec;
  const [primary] = interfaces;
  const instance: Shape = {
    ...instanceDefaults(world, spec.zone),
    ...spec.shown,
    InstanceId: world.id('i'),
    AmiLaunchIndex: index,
    ImageId: spec.imageId,
    InstanceType: spec.instanceType,
    LaunchTime: stamp(world),
    Placement: placementShown(spec.zone, groupIn(world, spec, place)),
    ReservationId: reservationId,
    SecurityGroups: groupsShown(world, primary?.groups ?? [], subnet),
    State: { Code: STATE_CODES.pending, Name: 'pending' },
    SubnetId: subnet['SubnetId'],
    VpcId: subnet['VpcId'],
    Tags: (tags['instance'] ?? []).map((tag) => ({ ...tag })),
    ...(token === undefined ? {} : { ClientToken: token }),
    ...(spec.market === 'on-demand' ? {} : { InstanceLifecycle: spec.market }),
    ...reservationShown(place, spec),
  };
  if (spec.market === 'spot') {
    addSpotRequest(world, instance);
    const request = find(world, 'SpotInstanceRequests', text(instance, 'SpotInstanceRequestId'));
    if (request !== undefined) request['Tags'] = (tags['spot-instances-request'] ?? []).map((tag) => ({ ...tag }));
  }
  draw(world, instance);
  attachInterfaces(world, instance, { interfaces, subnet, tags: tags['network-interface'] ?? [] });
  beginLife(world, instance, {
    volumes: { mappings: spec.mappings, tags: tags['volume'] ?? [] },
    // None of several interfaces gets one. Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html
    publicIp: interfaces.length > 1 ? false : primary?.publicIp,
  });
  return instance;
}

function reservationOf(world: World, instances: readonly Shape[]): object {
  return {
    ReservationId: text(instances[0], 'ReservationId') ?? '',
    OwnerId: world.account,
    Groups: [],
    Instances: instances.map(output),
  };
}

/** A request that finds no room binds its token all the same, so that another may not use it. */
function placesOrBound(world: World, input: Shape, spec: LaunchSpec, counts: Counts): (string | undefined)[] {
  try {
    return placesFor(world, spec, counts);
  } catch (error) {
    if (error instanceof Error && error.name === 'InsufficientInstanceCapacity') bindToken(world, input, spec.zone, []);
    throw error;
  }
}

function runInstances(input: Shape, world: World): object {
  drawTokens(world, 'RunInstances requests', 1);
  const counts = countsOf(input);
  const spec = launchSpec(input, world);
  const before = launchedBefore(world, input, spec.zone);
  if (before !== undefined) return reservationOf(world, before);
  demandOffered(world, spec.instanceType, spec.zone);
  demandUsage(spec);
  demandInterfaces(world, spec.interfaces, spec);
  demandGroup(world, spec);
  const places = placesOrBound(world, input, spec, counts);
  drawTokens(world, 'RunInstances resources', places.length);
  const launch: Launch = { spec, reservationId: world.id('r'), token: text(input, 'ClientToken') };
  const instances = places.map((place, index) => launchOne(world, launch, index, place));
  bindToken(world, input, spec.zone, instances);
  return reservationOf(world, instances);
}

export const runInstancesOperations: { readonly [operation: string]: Operation } = {
  RunInstances: write('RunInstances', runInstances),
};
