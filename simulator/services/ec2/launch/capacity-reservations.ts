/** Capacity reservations: as they are described, and which of them a launch draws on. */

import { CapacityReservation$ } from '@aws-sdk/client-ec2';
import { awsError, NotSimulatedError, type Operation, type Shape, type World } from '../../../engine/model.ts';
import { roomFor, type Berth } from './capacity.ts';
import { page, read, selected, type FilterPaths } from '../filters.ts';
import { outputOf } from '../shape.ts';
import { demandOne, part, records, show, stamp, stateOf, text } from '../state.ts';

const output = outputOf(CapacityReservation$);

const PREFERENCES: ReadonlySet<unknown> = new Set(['open', 'none', 'capacity-reservations-only']);

function numberOf(record: Shape, member: string): number {
  const value = record[member];
  return typeof value === 'number' ? value : 0;
}

/** Completes what a file leaves out; what is available is what the instances in it leave. */
export function completeReservations(world: World): void {
  for (const reservation of records(world, 'CapacityReservations')) {
    const id = show(reservation['CapacityReservationId']);
    const inside = records(world, 'Instances').filter(
      (instance) => instance['CapacityReservationId'] === id && stateOf(instance) === 'running',
    ).length;
    const defaults: Shape = {
      OwnerId: world.account,
      CapacityReservationArn: `arn:aws:ec2:${world.region}:${world.account}:capacity-reservation/${id}`,
      State: 'active',
      InstanceMatchCriteria: 'open',
      Tenancy: 'default',
      InstancePlatform: 'Linux/UNIX',
      EndDateType: 'unlimited',
      ReservationType: 'default',
      CreateDate: stamp(world),
      Tags: [],
    };
    for (const [member, value] of Object.entries(defaults)) reservation[member] ??= value;
    reservation['TotalInstanceCount'] ??= numberOf(reservation, 'AvailableInstanceCount') + inside;
    reservation['AvailableInstanceCount'] ??= Math.max(0, numberOf(reservation, 'TotalInstanceCount') - inside);
  }
}

const FILTERS: FilterPaths = {
  'availability-zone': 'AvailabilityZone',
  'instance-match-criteria': 'InstanceMatchCriteria',
  'instance-type': 'InstanceType',
  'placement-group-arn': 'PlacementGroupArn',
  state: 'State',
  tenancy: 'Tenancy',
};

function describeCapacityReservations(input: Shape, world: World): object {
  const found = selected(
    world,
    'DescribeCapacityReservations',
    input,
    'CapacityReservations',
    'CapacityReservationIds',
    FILTERS,
  );
  const { items, rest } = page('DescribeCapacityReservations', input, found, 'CapacityReservationIds', {
    least: 1,
    most: 1000,
  });
  return { CapacityReservations: items.map(output), ...rest };
}

/** What a launch wants of reservations. */
export interface ReservationWish {
  /** Its `CapacityReservationSpecification`. */
  readonly specification: Shape;
  /** ARN of its cluster placement group, if it has one: a reservation is in the same group, or in none as the launch is. */
  readonly clusterArn: string | undefined;
  readonly isBlock: boolean;
}

/** So many instances find room in a reservation, or, without its id, outside of any. */
export interface Share {
  readonly reservationId?: string;
  readonly count: number;
}

function isInGroup(reservation: Shape, clusterArn: string | undefined): boolean {
  return text(reservation, 'PlacementGroupArn') === clusterArn;
}

function shareOf(world: World, reservation: Shape, berth: Berth): Share {
  const reservationId = show(reservation['CapacityReservationId']);
  // A row that names the reservation bounds it further; most worlds have none, and then its own count is all.
  const room = roomFor(world, { ...berth, reservationId });
  return { reservationId, count: Math.min(numberOf(reservation, 'AvailableInstanceCount'), room) };
}

/**
 * The one reservation that a launch targets.
 * Source of the codes: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
function targeted(world: World, id: string, berth: Berth, { clusterArn, isBlock }: ReservationWish): Share {
  const reservation = demandOne(world, 'CapacityReservations', id);
  if (isBlock !== (reservation['ReservationType'] === 'capacity-block'))
    throw new NotSimulatedError(`ec2:RunInstances into ${id}, whose ReservationType does not fit the market`);
  if (reservation['State'] !== 'active') {
    world.assume('ec2: a launch into a capacity reservation that is not active is an InvalidCapacityReservationState');
    throw awsError(
      'InvalidCapacityReservationState',
      `The Capacity Reservation '${id}' is not in the active state: ${show(reservation['State'])}`,
    );
  }
  const fits = reservation['InstanceType'] === berth.instanceType && reservation['AvailabilityZone'] === berth.zone;
  if (!fits) {
    world.assume('ec2: a launch of another type or zone than its capacity reservation is an InvalidParameterValue');
    throw awsError(
      'InvalidParameterValue',
      `The Capacity Reservation '${id}' does not match the attributes of the instance.`,
    );
  }
  if (!isInGroup(reservation, clusterArn)) {
    // Seen by users of the API, with room left in the reservation: github.com/aws/aws-parallelcluster/issues/4215.
    world.assume('ec2: a launch outside of the placement group of its capacity reservation finds no room');
    return { reservationId: id, count: 0 };
  }
  return shareOf(world, reservation, berth);
}

/** Open reservations that a launch matches without naming them. */
function open(world: World, berth: Berth, { clusterArn }: ReservationWish): Share[] {
  return records(world, 'CapacityReservations')
    .filter(
      (each) =>
        each['InstanceMatchCriteria'] === 'open' &&
        each['State'] === 'active' &&
        each['ReservationType'] !== 'capacity-block' &&
        each['InstanceType'] === berth.instanceType &&
        each['AvailabilityZone'] === berth.zone &&
        isInGroup(each, clusterArn),
    )
    .map((each) => shareOf(world, each, berth));
}

/**
 * Where the instances of a launch find room, in the order in which they take it.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/capacity-reservations-launch.html
 */
export function sharesFor(
  world: World,
  berth: Berth,
  wish: ReservationWish,
): { readonly shares: readonly Share[]; readonly isTargeted: boolean } {
  const target = part(wish.specification, 'CapacityReservationTarget');
  const preference = wish.specification['CapacityReservationPreference'] ?? 'open';
  if (text(target, 'CapacityReservationResourceGroupArn') !== undefined)
    throw new NotSimulatedError('ec2:RunInstances CapacityReservationResourceGroupArn');
  const id = text(target, 'CapacityReservationId');
  if (id !== undefined) return { shares: [targeted(world, id, berth, wish)], isTargeted: true };
  if (wish.isBlock) throw awsError('MissingParameter', 'The request must contain the parameter CapacityReservationId');
  if (!PREFERENCES.has(preference))
    throw awsError(
      'InvalidParameterValue',
      `Value (${show(preference)}) for parameter CapacityReservationPreference is invalid.`,
    );
  const others: Share = { count: roomFor(world, berth) };
  if (berth.market === 'spot' || preference === 'none') return { shares: [others], isTargeted: false };
  const reserved = open(world, berth, wish);
  return { shares: preference === 'open' ? [...reserved, others] : reserved, isTargeted: false };
}

export const capacityReservationOperations: { readonly [operation: string]: Operation } = {
  DescribeCapacityReservations: read('DescribeCapacityReservations', describeCapacityReservations),
};
