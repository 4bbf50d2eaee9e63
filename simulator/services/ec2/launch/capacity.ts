/**
 * How many instances can still be launched: the pools of the world file (`capacity`), finite and shared by everybody who launches.
 *
 * A pool holds for every launch that it matches: one without `PlacementGroup` for any group and for none, one without `Market`
 * for both. A launch has to fit in each pool that holds for it, and draws on each. Where none does there is no bound.
 */

import { awsError, type Shape, type World } from '../../../engine/model.ts';
import { find, part, text, zoneOf } from '../state.ts';

/** Where a launch is to go. */
export interface Berth {
  readonly instanceType: string;
  readonly zone: string;
  readonly market: 'on-demand' | 'spot';
  /** Name and id of its placement group, those that it has. */
  readonly group: readonly string[];
  /** The capacity reservation it draws on. What is reserved stands apart: only pools that name it hold for it. */
  readonly reservationId?: string | undefined;
}

const UNBOUND = 'ec2: instances that no pool of the world file (capacity) holds for find room without end';

function poolsFor(world: World, { instanceType, zone, market, group, reservationId }: Berth): Shape[] {
  return world.records('capacity', 'Pools').filter((pool) => {
    const ofGroup = text(pool, 'PlacementGroup');
    return (
      pool['InstanceType'] === instanceType &&
      pool['AvailabilityZone'] === zone &&
      (ofGroup === undefined || group.includes(ofGroup)) &&
      (pool['Market'] ?? market) === market &&
      text(pool, 'CapacityReservationId') === reservationId
    );
  });
}

function availableIn(pool: Shape): number {
  return typeof pool['Available'] === 'number' ? pool['Available'] : 0;
}

/** How many instances still find room there; infinite where no pool holds. */
export function roomFor(world: World, berth: Berth): number {
  const pools = poolsFor(world, berth);
  // A reservation is bound by its own count.
  if (pools.length === 0 && berth.reservationId === undefined) world.assume(UNBOUND);
  return Math.min(...pools.map(availableIn), Number.POSITIVE_INFINITY);
}

/** The berth that an instance is in, or would be. */
function berthOf(instance: Shape): Berth {
  const placement = part(instance, 'Placement');
  return {
    instanceType: text(instance, 'InstanceType') ?? '',
    zone: zoneOf(instance),
    market: instance['InstanceLifecycle'] === 'spot' ? 'spot' : 'on-demand',
    group: ['GroupName', 'GroupId'].flatMap((member) => text(placement, member) ?? []),
    reservationId: text(instance, 'CapacityReservationId'),
  };
}

function add(world: World, instance: Shape, count: 1 | -1): void {
  for (const pool of poolsFor(world, berthOf(instance))) pool['Available'] = Math.max(0, availableIn(pool) + count);
  const reservation = find(world, 'CapacityReservations', text(instance, 'CapacityReservationId'));
  const available = reservation?.['AvailableInstanceCount'];
  if (reservation !== undefined && typeof available === 'number')
    reservation['AvailableInstanceCount'] = Math.max(0, available + count);
}

/** One instance takes its place. That there is room has been asked. */
export function draw(world: World, instance: Shape): void {
  add(world, instance, -1);
}

/** The error of a launch or start that finds no room. The words are AWS's for a zone; those for a group are not documented. */
export function noRoom({ instanceType, zone, market }: Pick<Berth, 'instanceType' | 'zone' | 'market'>): Error {
  return awsError(
    'InsufficientInstanceCapacity',
    market === 'spot'
      ? 'There is no Spot capacity available that matches your request.'
      : `We currently do not have sufficient ${instanceType} capacity in the Availability Zone you requested (${zone}). Our system will be working on provisioning additional capacity.`,
    500,
  );
}

/**
 * One instance that is launched or started by itself takes its place.
 * @throws `InsufficientInstanceCapacity` (AwsError) where there is none
 */
export function drawOne(world: World, instance: Shape): void {
  const berth = berthOf(instance);
  // Nothing is said where the world has no pools: it would be said of every launch.
  if (poolsFor(world, berth).some((pool) => availableIn(pool) < 1)) throw noRoom(berth);
  draw(world, instance);
}

/** An instance leaves its host. What EC2 took back for others is not there to be launched again. */
export function giveBack(world: World, instance: Shape): void {
  if (part(instance, 'StateReason')['Code'] === 'Server.SpotInstanceTermination') return;
  add(world, instance, 1);
}
