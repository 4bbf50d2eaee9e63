/** Where a path of a script or an expectation leads: `service/Collection/KEY/Member/…`. */

import { BadInputError } from '../../shared/kernel/errors.ts';
import { GLOBAL_REGION, type ServiceModel, type Shape, type World } from '../engine/model.ts';

/** A record, or a place inside it. */
export interface RecordPlace<W, S = ServiceModel> {
  /** The account in the Region that holds it: what is global may be written as if it were at home. */
  readonly world: W;
  readonly service: S;
  readonly collection: string;
  readonly keyMember: string;
  /** As the path says it: the key, or what it is within and the key. */
  readonly key: string;
  /** `undefined`: there is none of that key. */
  readonly record: Shape | undefined;
  readonly path: readonly string[];
}

/** What a path goes by. */
type Keyed = Pick<ServiceModel, 'name' | 'within' | 'global'>;

/** What a path may call a record: its key, or `WITHIN/KEY` where a key may be there more than once. */
function namesOf({ within = {} }: Keyed, collection: string, keyMember: string, record: Shape): string[] {
  const key = record[keyMember];
  if (typeof key !== 'string') return [];
  const holder = record[within[collection] ?? ''];
  return typeof holder === 'string' ? [key, `${holder}/${key}`] : [key];
}

/** An account in one of its Regions, with the others. */
interface Reach<W> extends Pick<World, 'records'> {
  readonly regions: ReadonlyMap<string, W>;
}

/** Where a record of the service may be that a path in this Region is about. */
function reachOf<W extends Reach<W>>(world: W, { global }: Keyed): readonly W[] {
  const [home] = world.regions.values();
  const away = world.regions.get(GLOBAL_REGION);
  const isWritten = global !== undefined && world === home && away !== undefined && away !== home;
  return isWritten ? [world, away] : [world];
}

/**
 * Follows a path behind `service/Collection/`. A key may hold slashes itself (an ARN), so the records there are decisive for where it ends.
 * @param at the path's own place, for the error
 * @throws BadInputError where the key is that of several records
 */
export function placeIn<W extends Reach<W>, S extends Keyed>(
  world: W,
  [service, collection, keyMember]: readonly [S, collection: string, keyMember: string],
  keyed: string,
  at: string,
): RecordPlace<W, S> {
  const named = reachOf(world, service).flatMap((there) =>
    there
      .records(service.name, collection)
      .flatMap((record) => namesOf(service, collection, keyMember, record).map((name) => ({ there, record, name }))),
  );
  const [longest] = named
    .filter(({ name }) => keyed === name || keyed.startsWith(`${name}/`))
    .toSorted((one, other) => other.name.length - one.name.length);
  const same = named.filter(({ name }) => name === longest?.name);
  if (service.within?.[collection] !== undefined && same.length > 1) {
    const names = same.map(({ record }) => namesOf(service, collection, keyMember, record).at(-1));
    throw new BadInputError(at, `${longest?.name} is there more than once: write ${names.join(' or ')}`);
  }
  const key = longest?.name ?? newKey(service, keyed);
  const inside = keyed.slice(key.length + 1);
  return {
    world: longest?.there ?? world,
    service,
    collection,
    keyMember,
    key,
    record: longest?.record,
    path: inside === '' ? [] : inside.split('/'),
  };
}

/** The key of a record that is not there: one step, or two where the first says that it is global. */
function newKey({ global = [] }: Keyed, keyed: string): string {
  const [first = '', second] = keyed.split('/');
  return global.includes(first) && second !== undefined ? `${first}/${second}` : first;
}
