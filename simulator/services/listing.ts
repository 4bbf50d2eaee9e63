/** Listings of what stands in the world file as AWS prints it: what is known of it, and page by page. */

import { awsError, NotSimulatedError, type Shape, type World } from '../engine/model.ts';

/** Where a listing is asked, for what is not known. */
interface Place {
  readonly call: string;
  readonly service: string;
  readonly collection: string;
}

/** How an assumption begins that says what a paste does not say. */
export const NOT_PASTED = 'not pasted, taken for none:';

/** An operation as the AWS command line calls it: `ec2:DescribeSubnets` → `aws ec2 describe-subnets`. */
function commandOf(call: string): string {
  const [prefix = '', operation = ''] = call.split(':');
  return `aws ${prefix} ${operation.replaceAll(/(?<=[a-z0-9])[A-Z]/gu, (letter) => `-${letter}`).toLowerCase()}`;
}

/** What AWS would say is not known, for nothing of the kind was pasted: the error names the command that prints it. `options`: of that command. */
export function notPasted(call: string, what: string, options = ''): NotSimulatedError {
  return new NotSimulatedError(`${call}: not pasted: ${what}; \`${commandOf(call)}${options}\` prints it`);
}

/**
 * The records of a collection. Where a paste has none there are none, which is told as assumed: a queue of dead letters needs one kind of
 * sender in its world, and not an empty list of each other kind that AWS has.
 */
export function recordsGiven(world: World, { call, service, collection }: Place): readonly Shape[] {
  const given = world.data[service]?.[collection];
  if (given === undefined && world.isPasted) world.assume(`${NOT_PASTED} ${service} ${collection} (${call})`);
  return given ?? [];
}

/** What a record holds besides. Where a pasted one does not hold it it is taken for empty, and that is told as assumed. */
export function memberGiven(world: World, call: string, record: Shape, member: string): unknown {
  if (world.isPasted && record[member] === undefined) world.assume(`${NOT_PASTED} its ${member} (${call})`);
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
