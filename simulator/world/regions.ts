/** The Regions beside home in a world file: what stands there, and how a script's paths lead there. */

import { BadInputError } from '../../shared/kernel/errors.ts';
import { isRecord } from '../engine/json.ts';
import type { Shape, World, WorldData } from '../engine/model.ts';
import { pathText } from './checking.ts';
import { namedPlaces } from './place.ts';

/** A Region's name. */
export const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d$/u;

/** Members of a world file that are one for the whole run, whatever Region they are about. */
const ONE_PER_RUN: ReadonlySet<string> = new Set([
  '$schema',
  'now',
  'account',
  'region',
  'regions',
  'capacity',
  'probes',
  'consumers',
  'workers',
  'ledger',
  'script',
]);

function demandRegion(file: Record<string, unknown>, region: string): void {
  const at = pathText(['regions', region]);
  if (!REGION.test(region)) throw new BadInputError(at, 'must be a region such as us-east-1');
  if (region === file['region']) throw new BadInputError(at, 'is home: its services stand at the top of the file');
}

/** Outputs of one Region that were pasted under another: everything in them names another. */
function demandOwnRecords(region: string, sections: Record<string, unknown>): void {
  const { regions } = namedPlaces(Object.values(sections));
  if (regions.size === 0 || regions.has(region)) return;
  const named = [...regions].map(([one, times]) => `${one} (${times})`).join(' and ');
  throw new BadInputError(pathText(['regions', region]), `its records name ${named}`);
}

/**
 * Checks what a schema does not say well: which Regions there are, and that each holds services only.
 * @throws BadInputError with the JSON path of the fault, e.g. `regions.us-east-1.script`
 */
export function checkRegions(file: Record<string, unknown>): void {
  const { regions } = file;
  if (!isRecord(regions)) return;
  for (const [region, sections] of Object.entries(regions)) {
    demandRegion(file, region);
    if (!isRecord(sections)) continue;
    const common = Object.keys(sections).find((name) => ONE_PER_RUN.has(name));
    if (common !== undefined)
      throw new BadInputError(pathText(['regions', region, common]), 'is one for all Regions: write it at the top');
    demandOwnRecords(region, sections);
  }
}

/** What EC2 names its own things by: `i-0a1`, `vol-02`. */
const ID = /^[a-z]+-[0-9a-f]+$/u;

/** The ids in a part of a world, each with its path below that part. */
function idsIn({ ec2 = {} }: WorldData, keys: { readonly [collection: string]: string }): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  for (const [collection, key] of Object.entries(keys).filter(([, member]) => member.endsWith('Id')))
    for (const [index, record] of (ec2[collection] ?? []).entries()) {
      const id: unknown = record[key];
      if (typeof id === 'string' && ID.test(id)) ids.set(id, pathText(['ec2', collection, index, key]));
    }
  return ids;
}

/**
 * AWS gives no id in two Regions. What has nothing but a name (a group, an alarm) may be there in each.
 * @param keys EC2's collections, with the member that identifies a record
 * @throws BadInputError with the JSON path of the second
 */
export function refuseSharedIds(
  home: WorldData,
  beside: { readonly [region: string]: WorldData },
  keys: { readonly [collection: string]: string },
): void {
  const places = new Map(idsIn(home, keys));
  for (const [region, data] of Object.entries(beside)) {
    for (const [id, path] of idsIn(data, keys)) {
      const at = `${pathText(['regions', region])}.${path}`;
      const other = places.get(id);
      if (other !== undefined)
        throw new BadInputError(at, `${JSON.stringify(id)} is ${other} too: no id is in two Regions`);
      places.set(id, at);
    }
  }
}

/** Pools of capacity by the Region of their zone; those of a zone of nobody's are home's. */
export function poolsOf(pools: readonly Shape[], region: string | undefined, beside: readonly string[]): Shape[] {
  const ownerOf = ({ AvailabilityZone: zone }: Shape): string | undefined =>
    beside.find((one) => typeof zone === 'string' && zone.startsWith(one));
  return pools.filter((pool) => ownerOf(pool) === region).map((pool) => ({ ...pool }));
}

/** A script's path into another Region: `regions/us-east-1/ec2/Instances/i-1`. */
export interface PathAway {
  readonly region: string;
  /** The path as it would be at home. */
  readonly path: string;
}

const AWAY = /^regions\/([^/]*)\/?(.*)$/u;

/** Where a path leads, if not to home. */
export function pathAway(path: string): PathAway | undefined {
  const [, region, rest] = AWAY.exec(path) ?? [];
  return region === undefined || rest === undefined ? undefined : { region, path: rest };
}

/** A path inside of a Region's world as a script would write it. */
export function fullPath(world: World, path: string): string {
  const [home] = world.regions.keys();
  return world.region === home ? path : `regions/${world.region}/${path}`;
}

/** What is wrong with a scripted change in another Region but for the change itself; `undefined`: nothing. */
export function pathAwayFault({ region, path }: PathAway, beside: readonly string[]): string | undefined {
  if (!beside.includes(region))
    return `there is no Region ${region} beside home; ${beside.length === 0 ? 'the file has no regions' : `one of ${beside.join(', ')}`}`;
  const [name = ''] = path.split('/');
  return ONE_PER_RUN.has(name)
    ? `${name} is one for all Regions: write the path without regions/${region}/`
    : undefined;
}

/** The services of several Regions as one: what is global stands in a file at the top, where its Region is not in the file. */
export function withGlobal(parts: readonly Record<string, unknown>[]): Record<string, unknown> {
  const all: Record<string, Record<string, unknown[]>> = {};
  for (const [service, collections] of parts.flatMap((part) => Object.entries(part)))
    for (const [collection, records] of Object.entries(isRecord(collections) ? collections : {})) {
      const known = (all[service] ??= {});
      const more: readonly unknown[] = Array.isArray(records) ? records : [];
      known[collection] = [...(known[collection] ?? []), ...more];
    }
  return all;
}
