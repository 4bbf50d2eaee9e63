/** What all describe operations share: filters, pages, ids. */

import { awsError, NotSimulatedError, type Grade, type Operation, type Shape, type World } from '../../engine/model.ts';
import { NOT_PASTED, notPasted } from '../listing.ts';
import { COLLECTIONS, demand, find, isShape, list, records, show, text, type Collection } from './state.ts';

/** Filter name → where its values stand in a record (`State.Name`); lists on the way are gone through. */
export interface FilterPaths {
  readonly [filter: string]: string;
}

function valuesAt(value: unknown, path: readonly string[], depth = 0): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item: unknown) => valuesAt(item, path, depth));
  const member = path[depth];
  if (member === undefined) return [show(value)];
  return isShape(value) ? valuesAt(value[member], path, depth + 1) : [];
}

/** Tags of any record: network interfaces and some older shapes say `TagSet`. */
export function tagsOf(record: Shape): Shape[] {
  return 'TagSet' in record ? list(record, 'TagSet') : list(record, 'Tags');
}

const WILDCARDS: ReadonlyMap<string, string> = new Map([
  ['*', '.*'],
  ['?', '.?'],
]);

function literally(character: string): string {
  return character.replace(/[.*+?^${}()|[\]\\]/u, String.raw`\$&`);
}

/**
 * Filter values may hold `*` (any characters), `?` (one or none), and a backslash before a character that means itself.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
 */
function wildcard(pattern: string): (value: string) => boolean {
  if (!/[*?\\]/.test(pattern)) return (value) => value === pattern;
  const parts = pattern.match(/\\?./gsu) ?? [];
  const expression = parts.map((part) => WILDCARDS.get(part) ?? literally(part.slice(-1))).join('');
  const compiled = new RegExp(`^${expression}$`, 's');
  return (value) => compiled.test(value);
}

type Test = (record: Shape) => boolean;

function filterTest(operation: string, filter: Shape, paths: FilterPaths): Test {
  const name = text(filter, 'Name') ?? '';
  const given = filter['Values'];
  if (!Array.isArray(given) || given.length === 0)
    throw new NotSimulatedError(`ec2:${operation} filter ${name} without values`);
  const patterns = given.map((value: unknown) => wildcard(show(value)));
  const matches = (value: string): boolean => patterns.some((pattern) => pattern(value));
  if (name.startsWith('tag:')) {
    const key = name.slice('tag:'.length);
    return (record) => tagsOf(record).some((tag) => tag['Key'] === key && matches(show(tag['Value'])));
  }
  if (name === 'tag-key') return (record) => tagsOf(record).some((tag) => matches(show(tag['Key'])));
  const path = Object.hasOwn(paths, name) ? paths[name] : undefined;
  if (path === undefined) throw new NotSimulatedError(`ec2:${operation} filter ${name}`);
  const members = path.split('.');
  return (record) => valuesAt(record, members).some(matches);
}

/**
 * Records that match all filters of the request.
 * @throws NotSimulatedError for a filter that is not modelled
 */
export function filtered(operation: string, input: Shape, candidates: readonly Shape[], paths: FilterPaths): Shape[] {
  const tests = list(input, 'Filters').map((filter) => filterTest(operation, filter, paths));
  return candidates.filter((record) => tests.every((test) => test(record)));
}

/** A list of strings of the request; empty if absent. */
export function strings(input: Shape, member: string): string[] {
  const value = input[member];
  return Array.isArray(value) ? value.filter((item: unknown) => typeof item === 'string') : [];
}

/** The records a describe request names by id (all if it names none), filtered. */
export function selected(
  world: World,
  operation: string,
  input: Shape,
  collection: Collection,
  idMember: string,
  paths: FilterPaths,
): Shape[] {
  const ids = strings(input, idMember);
  return filtered(
    operation,
    input,
    ids.length > 0 ? demand(world, collection, ids) : records(world, collection),
    paths,
  );
}

/** What `MaxResults` may be, in records. */
export interface PageSizes {
  readonly least: number;
  readonly most: number;
}

/** Page sizes of most of EC2's describe operations. Source: MaxResults of each operation's API reference page. */
const PAGE: PageSizes = { least: 5, most: 1000 };

/**
 * One page of a listing. A page size together with ids is refused, as the API reference says of each operation.
 * @param ids the member that names records by id, `undefined` where the operation has none or takes both
 * @param sizes what `MaxResults` may be where it is not what most operations take
 */
export function page(
  operation: string,
  input: Shape,
  all: readonly Shape[],
  ids?: string,
  sizes: PageSizes = PAGE,
): { readonly items: readonly Shape[]; readonly rest: { readonly NextToken?: string } } {
  const size = input['MaxResults'];
  const token = text(input, 'NextToken');
  if (typeof size === 'number' && ids !== undefined && strings(input, ids).length > 0) {
    throw awsError('InvalidParameterCombination', `The parameter ${ids} cannot be used with the parameter maxResults`);
  }
  if (typeof size === 'number' && (size < sizes.least || size > sizes.most)) {
    const bound = size < sizes.least ? `greater than ${sizes.least}` : `less than ${sizes.most}`;
    throw awsError(
      'InvalidParameterValue',
      `Value ( ${size} ) for parameter maxResults is invalid. Expecting a value ${bound}.`,
    );
  }
  const from = token === undefined ? 0 : readToken(operation, token);
  const to = typeof size === 'number' ? from + size : all.length;
  return { items: all.slice(from, to), rest: to < all.length ? { NextToken: writeToken(operation, to) } : {} };
}

function writeToken(operation: string, offset: number): string {
  return Buffer.from(`${operation}:${offset}`).toString('base64url');
}

function readToken(operation: string, token: string): number {
  const match = /^(\w+):(\d+)$/.exec(Buffer.from(token, 'base64url').toString());
  if (match?.[1] !== operation) throw awsError('InvalidNextToken', 'The specified NextToken value is not valid.');
  return Number(match[2]);
}

type Run = Operation['run'];

function isCollection(name: string): name is Collection {
  return Object.hasOwn(COLLECTIONS, name);
}

/** Filters by which somebody asks for what he knows there is, besides that by the key of the records. */
const NAMES_OF_KIND: { readonly [collection in Collection]?: readonly string[] } = {
  InstanceTypeOfferings: ['instance-type'],
  PlacementGroups: ['group-name'],
};

/** `SubnetId` → `subnet-id`. */
function filterOf(member: string): string {
  return member.replaceAll(/(?<=[a-z])[A-Z]/gu, (letter) => `-${letter}`).toLowerCase();
}

/** The ids and names by which a request asks for records of a kind; whose they are is none. */
function namedIn(input: Shape, collection: Collection): readonly string[] {
  const members = Object.keys(input).filter((member) => /^(?!Owner).*(?:Ids?|Names?|Types)$/u.test(member));
  const filters = [filterOf(COLLECTIONS[collection]), ...(NAMES_OF_KIND[collection] ?? [])];
  const wanted = list(input, 'Filters').filter(({ Name: name }) => filters.some((filter) => filter === name));
  return [...members.flatMap((member) => strings(input, member)), ...wanted.flatMap((one) => strings(one, 'Values'))];
}

/** Kinds of which nobody pastes all that there are: what a paste has of them says nothing of the others. */
const NEVER_ALL: ReadonlySet<Collection> = new Set(['Images', 'InstanceTypes']);

/** What the command that prints the records of a kind has to be told besides. */
function optionsOf(collection: Collection, named: readonly string[]): string {
  if (collection === 'Images') return ` --image-ids ${named.join(' ')}`;
  if (collection === 'InstanceTypes') return ` --instance-types ${named.join(' ')}`;
  // Without it AWS prints what the Region offers, whatever the zone.
  return collection === 'InstanceTypeOfferings' ? ' --location-type availability-zone' : '';
}

/**
 * What a paste that has nothing of a kind says of it: there is none, which is told as assumed.
 * @throws NotSimulatedError for what is asked for by its id: whoever does so knows that there is one
 */
function demandSaid(operation: string, input: Shape, world: World): void {
  const collection = operation.replace(/^Describe/u, '');
  if (!world.isPasted || !isCollection(collection)) return;
  const isUnsaid = world.isUnsaid('ec2', collection);
  if (!isUnsaid && !NEVER_ALL.has(collection)) return;
  const call = `ec2:${operation}`;
  const isUnknown = (id: string): boolean =>
    !/[*?\\]/u.test(id) && !world.isMentionedOnly(id) && find(world, collection, id) === undefined;
  const named = namedIn(input, collection).filter(isUnknown);
  if (named.length > 0) throw notPasted(call, `ec2.${collection} of ${named.join(', ')}`, optionsOf(collection, named));
  if (isUnsaid) world.assume(`${NOT_PASTED} ec2 ${collection} (${call})`);
}

/** Every EC2 request may be a dry run. Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonParameters.html */
function permitting(run: Run): Run {
  return (input, world) => {
    if (input['DryRun'] === true)
      throw awsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
    return run(input, world);
  };
}

const REFERENCE = 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_';

/** A read operation, documented on its page of the EC2 API reference. */
export function read(operation: string, run: Run): Operation {
  const told: Run = (input, world) => {
    demandSaid(operation, input, world);
    return run(input, world);
  };
  return { kind: 'read', grade: 'documented', source: `${REFERENCE}${operation}.html`, run: permitting(told) };
}

/** A write operation, documented on its page of the EC2 API reference. */
export function write(operation: string, run: Run, grade: Grade = 'documented'): Operation {
  return { kind: 'write', grade, source: `${REFERENCE}${operation}.html`, run: permitting(run) };
}
