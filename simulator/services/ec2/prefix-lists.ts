/** Managed prefix lists, of the account and of AWS: what a file leaves out of them, DescribeManagedPrefixLists, their entries. */

import { ManagedPrefixList$, PrefixListEntry$ } from '@aws-sdk/client-ec2';
import { BadInputError } from '../../../shared/kernel/errors.ts';
import { awsError, NotSimulatedError, type Operation, type Shape, type World } from '../../engine/model.ts';
import { page, read, selected, type FilterPaths, type PageSizes } from './filters.ts';
import { canonical, type NetworkMember } from './network-acl-entries.ts';
import { outputOf } from './shape.ts';
import { demandOne, isShape, list, records, show, text } from './state.ts';

const output = { prefixList: outputOf(ManagedPrefixList$), entry: outputOf(PrefixListEntry$) };

/** The owner of the lists that AWS manages. Source: https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html */
const AWS = 'AWS';

/** A customer's name cannot begin so. Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateManagedPrefixList.html */
export const AWS_NAMES = 'com.amazonaws';

/** Source: MaxResults of both operations' API reference pages, e.g. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetManagedPrefixListEntries.html */
const PAGE: PageSizes = { least: 1, most: 100 };

const FILTERS: FilterPaths = {
  'owner-id': 'OwnerId',
  'prefix-list-id': 'PrefixListId',
  'prefix-list-name': 'PrefixListName',
};

/** Whether a list is one that AWS manages: the account can read it and change nothing of it. */
export function isOfAws(prefixList: Shape): boolean {
  return prefixList['OwnerId'] === AWS;
}

export type AddressFamily = 'IPv4' | 'IPv6';

const MEMBERS: { readonly [family in AddressFamily]: NetworkMember } = { IPv4: 'CidrBlock', IPv6: 'Ipv6CidrBlock' };

/** A network as a list of this family keeps it: without host bits, as EC2 spells it. `undefined`: it is none of the family. */
export function networkIn(family: AddressFamily, cidr: string): string | undefined {
  return canonical(MEMBERS[family], cidr);
}

/** The family of a list, where the file says it or an entry shows it. */
export function familyOf(prefixList: Shape): AddressFamily | undefined {
  const family = prefixList['AddressFamily'];
  return family === 'IPv4' || family === 'IPv6' ? family : undefined;
}

/** The entries of a list, which may be written as networks alone; `undefined`: they are not known. */
function given(entries: unknown): readonly Shape[] | undefined {
  if (!Array.isArray(entries)) return undefined;
  return entries.map((entry: unknown) => (isShape(entry) ? entry : { Cidr: show(entry) }));
}

/** What AWS always gives of a list, and a file may leave out. It says nothing of sizes: how large a list is made, only its maker knows. */
function defaultsOf(world: World, prefixList: Shape): Shape {
  const isNamedByAws = text(prefixList, 'PrefixListName')?.startsWith(AWS_NAMES) === true;
  const owner = text(prefixList, 'OwnerId') ?? (isNamedByAws ? AWS : world.account);
  const arn = `arn:aws:ec2:${world.region}:${owner.toLowerCase()}:prefix-list/${show(prefixList['PrefixListId'])}`;
  // AWS shows no version of its own lists.
  const version = owner === AWS ? {} : { Version: 1 };
  return { OwnerId: owner, PrefixListArn: arn, State: 'create-complete', Tags: [], ...version };
}

/**
 * The entries of a file or a script, as EC2 keeps them.
 * @throws BadInputError that names an entry which the list cannot hold
 */
export function keptEntries(prefixList: Shape, entries: readonly Shape[], at: string): Shape[] {
  const family = familyOf(prefixList) ?? 'IPv4';
  const seen = new Set<string>();
  const kept = entries.map((entry, index) => {
    const network = networkIn(family, show(entry['Cidr']));
    if (network === undefined)
      throw new BadInputError(`${at}[${index}]`, `${show(entry['Cidr'])} is not a network of ${family}`);
    if (seen.has(network)) throw new BadInputError(`${at}[${index}]`, `${network} is there twice`);
    seen.add(network);
    return { ...entry, Cidr: network };
  });
  const most = prefixList['MaxEntries'];
  if (typeof most === 'number' && kept.length > most)
    throw new BadInputError(at, `are ${kept.length}, more than MaxEntries: ${most}`);
  return kept;
}

/** Adds what was left out of one list. Without `Entries` it stays without: they are not known. */
export function completePrefixList(world: World, prefixList: Shape, at: string): void {
  for (const [member, value] of Object.entries(defaultsOf(world, prefixList))) prefixList[member] ??= value;
  const entries = given(prefixList['Entries']);
  if (entries === undefined) return;
  const [first] = entries;
  if (first !== undefined) prefixList['AddressFamily'] ??= show(first['Cidr']).includes(':') ? 'IPv6' : 'IPv4';
  prefixList['Entries'] = keptEntries(prefixList, entries, `${at}.Entries`);
}

/**
 * Adds what was left out of the prefix lists.
 * @throws BadInputError naming the path of entries that their list cannot hold
 */
export function completePrefixLists(world: World): void {
  for (const [index, prefixList] of records(world, 'ManagedPrefixLists').entries())
    completePrefixList(world, prefixList, `ec2.ManagedPrefixLists[${index}]`);
}

function describeManagedPrefixLists(input: Shape, world: World): object {
  const operation = 'DescribeManagedPrefixLists';
  const found = selected(world, operation, input, 'ManagedPrefixLists', 'PrefixListIds', FILTERS);
  const { items, rest } = page(operation, input, found, undefined, PAGE);
  return { PrefixLists: items.map(output.prefixList), ...rest };
}

/** A list as an operation answers with it. */
export function answered(prefixList: Shape): object {
  return { PrefixList: output.prefixList(prefixList) };
}

const SHARED =
  'ec2: the entries of a managed prefix list of another account are an UnauthorizedOperation: whoever it is shared with may read them by a policy that names that account, and none of ours does';

/** Source: https://docs.aws.amazon.com/vpc/latest/userguide/sharing-perms.html */
function demandReadable(world: World, prefixList: Shape): void {
  if (prefixList['OwnerId'] === world.account || isOfAws(prefixList)) return;
  world.assume(SHARED);
  throw awsError('UnauthorizedOperation', 'You are not authorized to perform this operation.', 403);
}

function getManagedPrefixListEntries(input: Shape, world: World): object {
  const operation = 'GetManagedPrefixListEntries';
  const id = text(input, 'PrefixListId') ?? '';
  const prefixList = demandOne(world, 'ManagedPrefixLists', id);
  demandReadable(world, prefixList);
  const version = input['TargetVersion'];
  if (version !== undefined && version !== prefixList['Version'])
    throw new NotSimulatedError(`ec2:${operation} of ${id} at version ${show(version)}: only the current one is known`);
  if (prefixList['Entries'] === undefined)
    throw new NotSimulatedError(`ec2:${operation} of ${id}: the world file has no Entries of it`);
  const { items, rest } = page(operation, input, list(prefixList, 'Entries'), undefined, PAGE);
  return { Entries: items.map(output.entry), ...rest };
}

export const prefixListOperations: { readonly [operation: string]: Operation } = {
  DescribeManagedPrefixLists: read('DescribeManagedPrefixLists', describeManagedPrefixLists),
  GetManagedPrefixListEntries: read('GetManagedPrefixListEntries', getManagedPrefixListEntries),
};
