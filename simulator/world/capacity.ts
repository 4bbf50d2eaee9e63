/** Pools of capacity in a world file: what can still be launched, in whatever Region, and how a script changes it. */

import { z } from 'zod';
import { BadInputError } from '../../shared/kernel/errors.ts';
import { copied } from '../engine/json.ts';
import type { Shape, World, WorldData } from '../engine/model.ts';
import { poolsOf } from './regions.ts';

/** Where the pools live among the services' collections, so that a copy of the state holds them. */
export const CAPACITY = { service: 'capacity', collection: 'Pools' } as const;

const available = z.number().int().min(0);

const pool = z.strictObject({
  InstanceType: z.string(),
  AvailabilityZone: z.string(),
  PlacementGroup: z.string().optional().describe('Name or id. Left out: whatever the group, also none.'),
  Market: z.enum(['on-demand', 'spot']).optional().describe('Left out: both draw on it.'),
  CapacityReservationId: z
    .string()
    .optional()
    .describe('For what is launched into this reservation. Left out: for what is launched into none.'),
  Available: available,
});

export const capacitySchema = z
  .array(pool)
  .optional()
  .describe(
    'Instances that can still be launched, in whatever Region. Each entry holds for every launch that it matches; a launch has to fit in all ' +
      'that hold for it, draws on them, and gives back when its instances end. What no entry holds for is unlimited. A script sets "capacity/INDEX/Available".',
  );

/** Pools of a Region, or of home, each with its place in the file, by which a script calls it. */
export function capacityOf(
  pools: readonly Shape[],
  region: string | undefined,
  beside: readonly string[],
): WorldData[string] {
  const placed = pools.map((each, Index) => ({ ...each, Index }));
  return { [CAPACITY.collection]: poolsOf(placed, region, beside) };
}

/** The pools as a world file has them. */
export function capacityIn(worlds: readonly Pick<World, 'data'>[]): Shape[] {
  return worlds
    .flatMap(({ data }) => copied(data[CAPACITY.service]?.[CAPACITY.collection] ?? []))
    .toSorted((one, other) => Number(one['Index']) - Number(other['Index']))
    .map(({ Index: _index, ...rest }) => rest);
}

const PATH = /^capacity\/(\d+)\/Available$/u;

/** Whether a script's path is about a pool. */
export function isCapacityPath(path: string): boolean {
  return path.startsWith(`${CAPACITY.service}/`);
}

/** What is wrong with a scripted change of a pool; `undefined`: nothing. `count`: how many there are. */
export function capacityFault(path: string, value: unknown, count: number): string | undefined {
  const [, index] = PATH.exec(path) ?? [];
  if (index === undefined) return 'of capacity a script sets capacity/INDEX/Available';
  if (Number(index) >= count) return `capacity has ${count} entries, counted from 0`;
  return available.safeParse(value).success ? undefined : 'must be a number of instances, 0 or more';
}

/** Sets how many instances a pool has. */
export function changeCapacity(world: Pick<World, 'regions'>, path: string, value: unknown, at: string): void {
  const pools = [...world.regions.values()].flatMap((one) => one.data[CAPACITY.service]?.[CAPACITY.collection] ?? []);
  const [, index] = PATH.exec(path) ?? [];
  const found = pools.find((each) => String(each['Index']) === index);
  const fault = capacityFault(path, value, Number.POSITIVE_INFINITY);
  if (found === undefined || fault !== undefined) throw new BadInputError(at, fault ?? `there is no ${path}`);
  found['Available'] = value;
}
