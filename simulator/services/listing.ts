/** Listings of what stands in the world file as AWS prints it: what is known of it, and page by page. */

import { awsError, NotSimulatedError, type Shape, type World } from '../engine/model.ts';

/** Where a listing is asked, for what is not known. */
interface Place {
  readonly call: string;
  readonly service: string;
  readonly collection: string;
}

/** The records of a collection. Of a paste it is not known what is not there. */
export function recordsGiven(world: World, { call, service, collection }: Place): readonly Shape[] {
  const given = world.data[service]?.[collection];
  if (given === undefined && world.isPasted)
    throw new NotSimulatedError(
      `${call}: no ${collection} were pasted; write "${service}": { "${collection}": [] } if there are none`,
    );
  return given ?? [];
}

/** Names what a record must hold for an answer: of a pasted one it is not known what is not there. */
export function demandMember(world: World, call: string, record: Shape, member: string): unknown {
  if (world.isPasted && record[member] === undefined)
    throw new NotSimulatedError(`${call}: its ${member} were not pasted`);
  return record[member];
}

interface Page<T> {
  readonly items: readonly T[];
  /** What to ask with for more; absent: that is all. */
  readonly next?: string;
}

/**
 * One page behind a token of an answer before.
 * @throws AwsError for a token that no answer has given
 */
export function pageOf<T>(all: readonly T[], token: unknown, most: number): Page<T> {
  const text = typeof token === 'string' ? token : '0';
  if (!/^\d{1,9}$/u.test(text)) throw awsError('InvalidParameterValueException', 'The token is not valid.');
  const from = Number(text);
  const items = all.slice(from, from + most);
  return { items, ...(all.length > from + most ? { next: String(from + most) } : {}) };
}

/** How many are wanted on a page, at most what AWS gives. */
export function sizeOf(wanted: unknown, most: number): number {
  return typeof wanted === 'number' && wanted >= 1 ? Math.min(wanted, most) : most;
}
