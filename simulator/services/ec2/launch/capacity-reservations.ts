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
  /** ARN of the placement group that it names, if it does. */
  readonly groupArn: string | undefined;
  /** `PlatformDetails` of its image, where that is known. */
  readonly platform: string | undefined;
  readonly isBlock: boolean;
}

/** So many instances find room in a reservation, or, without its id, outside of any. */
export interface Share {
  readonly reservationId?: string;
  readonly count: number;
}

/** What the image of a reserved platform says of it, where that is another word. Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/billing-info-fields.html */
const RHEL = 'Red Hat Enterprise Linux';
const DETAILS: { readonly [platform: string]: string } = {
  'Linux with SQL Server Enterprise': 'SQL Server Enterprise',
  'Linux with SQL Server Standard': 'SQL Server Standard',
  'Linux with SQL Server Web': 'SQL Server Web',
  'RHEL with HA': `${RHEL} with HA`,
  'RHEL with HA and SQL Server Enterprise': `${RHEL} with SQL Server Enterprise and HA`,
  'RHEL with HA and SQL Server Standard': `${RHEL} with SQL Server Standard and HA`,
  'RHEL with SQL Server Enterprise': `${RHEL} with SQL Server Enterprise`,
  'RHEL with SQL Server Standard': `${RHEL} with SQL Server Standard`,
  'RHEL with SQL Server Web': `${RHEL} with SQL Server Web`,
};

/** Type, zone, platform and tenancy; of dedicated launches nothing is simulated. */
function isAlike(reservation: Shape, { instanceType, zone }: Berth, { platform }: ReservationWish): boolean {
  const reserved = show(reservation['InstancePlatform']);
  // Which reservations an image with a licence of its own is for is not documented.
  const isOpen = platform === undefined || platform.includes('BYOL');
  return (
    reservation['InstanceType'] === instanceType &&
    reservation['AvailabilityZone'] === zone &&
    reservation['Tenancy'] === 'default' &&
    (isOpen || (DETAILS[reserved] ?? reserved) === platform)
  );
}

const UNGROUPED = 'ec2: a capacity reservation that is in no placement group has room for launches into one';

/** Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/placement-groups.html (rules and limitations). */
function takesGroup(world: World, reservation: Shape, groupArn: string | undefined): boolean {
  const own = text(reservation, 'PlacementGroupArn');
  // Others have seen that there was none: github.com/aws/aws-parallelcluster/issues/4215.
  if (own === undefined && groupArn !== undefined) world.assume(UNGROUPED);
  return own === undefined || own === groupArn;
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
function targeted(world: World, id: string, berth: Berth, wish: ReservationWish): Share {
  const { groupArn, isBlock } = wish;
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
  if (!isAlike(reservation, berth, wish)) {
    world.assume(
      'ec2: a launch of another type, zone, platform or tenancy than its capacity reservation is an InvalidParameterValue',
    );
    throw awsError(
      'InvalidParameterValue',
      `The Capacity Reservation '${id}' does not match the attributes of the instance.`,
    );
  }
  // A launch that names no group comes into the reservation's own: github.com/aws/aws-parallelcluster/issues/7252.
  if (groupArn !== undefined && !takesGroup(world, reservation, groupArn)) {
    // Seen by users of the API, with room left in the reservation: github.com/aws/aws-parallelcluster/issues/4215.
    world.assume('ec2: a launch outside of the placement group of its capacity reservation finds no room');
    return { reservationId: id, count: 0 };
  }
  return shareOf(world, reservation, berth);
}

/** Open reservations that a launch matches without naming them. */
function open(world: World, berth: Berth, wish: ReservationWish): Share[] {
  return records(world, 'CapacityReservations')
    .filter(
      (each) =>
        each['InstanceMatchCriteria'] === 'open' &&
        each['State'] === 'active' &&
        each['ReservationType'] !== 'capacity-block' &&
        isAlike(each, berth, wish) &&
        takesGroup(world, each, wish.groupArn),
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
