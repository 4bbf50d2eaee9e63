/** What there is room for on a rung: what AWS says beforehand, and what shows only when EC2 is asked. */

import type { Shape, World } from '../../../simulator/engine/model.ts';
import { part, records, stateOf, text } from '../../../simulator/services/ec2/state.ts';
import { quotaOf } from '../../../simulator/services/service-quotas.ts';
import { VCPUS } from '../worlds/fleets.ts';
import type { Rung } from './scene.ts';

/** Whether a launch of the rung may be into that reservation. All of their images are Linux, and no template is dedicated. */
function isOfUse(world: World, reservation: Shape, { instanceType, group }: Rung): boolean {
  const own = text(reservation, 'PlacementGroupArn');
  const isSame = own === `arn:aws:ec2:${world.region}:${world.account}:placement-group/${group}`;
  return (
    reservation['InstanceType'] === instanceType &&
    (text(reservation, 'InstancePlatform') ?? 'Linux/UNIX') === 'Linux/UNIX' &&
    (text(reservation, 'Tenancy') ?? 'default') === 'default' &&
    (own === undefined || group === undefined || isSame)
  );
}

/** How many of a rung can be had as far as AWS says beforehand: what a type and the quotas allow, and what is left of a reservation. */
export function saidRoom(world: World, rung: Rung): number {
  const { instanceType, zone, market, reservation } = rung;
  const isOffered = records(world, 'InstanceTypeOfferings').some(
    (one) => one['InstanceType'] === instanceType && one['Location'] === zone,
  );
  const type = records(world, 'InstanceTypes').find((one) => one['InstanceType'] === instanceType);
  if (!isOffered || part(type, 'NetworkInfo')['EfaSupported'] !== true) return 0;
  const quota = quotaRoom(world, instanceType, market);
  if (reservation === undefined) return quota;
  const found = records(world, 'CapacityReservations').find((one) => one['CapacityReservationId'] === reservation);
  if (found === undefined || !isOfUse(world, found, rung)) return 0;
  return Math.min(quota, Number(found['AvailableInstanceCount'] ?? 0));
}

/** How many of a rung can be had at this moment. */
export function roomOn(world: World, rung: Rung): number {
  const said = saidRoom(world, rung);
  if (said === 0 || rung.reservation !== undefined) return said;
  const { instanceType, zone, group } = rung;
  const pools = world
    .records('capacity', 'Pools')
    .filter(
      (pool) =>
        pool['InstanceType'] === instanceType &&
        pool['AvailabilityZone'] === zone &&
        (pool['PlacementGroup'] ?? group) === group,
    );
  return Math.min(said, ...pools.map((pool) => Number(pool['Available'])));
}

/** What all quotas leave of one market: what runs is counted together, which is less than there may be. */
function quotaRoom(world: World, instanceType: string, market: Rung['market']): number {
  const code = instanceType.startsWith('hpc') ? 'L-F7808C92' : market === 'spot' ? 'L-34B43A08' : 'L-1216C47A';
  const limit = quotaOf(world, 'ec2', code);
  if (limit === undefined) return Number.POSITIVE_INFINITY;
  const all = records(world, 'Instances').filter((one) => ['pending', 'running'].includes(stateOf(one)));
  const reserved = records(world, 'CapacityReservations').reduce(
    (sum, one) => sum + Number(one['AvailableInstanceCount'] ?? 0),
    0,
  );
  return Math.floor(limit / VCPUS) - all.length - reserved;
}
