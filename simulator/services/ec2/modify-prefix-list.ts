/**
 * ModifyManagedPrefixList: entries added and removed under the version, another size, another name; and a person's edits.
 *
 * A change of entries or size is under way for some seconds: until then the list shows what it was, and refuses any other.
 */

import { BadInputError } from '../../../shared/kernel/errors.ts';
import { awsError, NotSimulatedError, type Operation, type Shape, type World } from '../../engine/model.ts';
import { later, refuseMembers } from './ebs-state.ts';
import { write } from './filters.ts';
import {
  answered,
  AWS_NAMES,
  completePrefixList,
  familyOf,
  isOfAws,
  keptEntries,
  networkIn,
  type AddressFamily,
} from './prefix-lists.ts';
import { groupsWithoutRoom } from './security-group-rules.ts';
import { demandOne, find, isShape, list, part, records, show, text } from './state.ts';

/** How long a change takes where the world does not say (`ModifySeconds`). Assumed: the states are documented, their length is not. */
const MODIFY_SECONDS = 5;

/** Entries that a request may add, and as many that it may remove. Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyManagedPrefixList.html */
const MOST_CHANGES = 100;

/** Source: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html (customer-managed prefix lists). */
const MOST_ENTRIES = 1000;

/** Resources that a failed change of size names. */
const MOST_NAMED = 10;

/** Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AddPrefixListEntry.html (Description). */
const LONGEST_DESCRIPTION = 255;

/** What a change that is under way ends in. */
const ENDS: { readonly [state: string]: string } = {
  'create-in-progress': 'create-complete',
  'modify-in-progress': 'modify-complete',
  'restore-in-progress': 'restore-complete',
};

function idOf(prefixList: Shape): string {
  return show(prefixList['PrefixListId']);
}

/** The end of a change. Of one that the file only mentions nothing is known but that it ends. */
function finish(world: World, prefixList: Shape): void {
  const { Entries, MaxEntries } = part(prefixList, 'Pending');
  delete prefixList['Pending'];
  delete prefixList['StateMessage'];
  // Source: API_ModifyManagedPrefixList (MaxEntries), which also says how many are named.
  const full = typeof MaxEntries === 'number' ? groupsWithoutRoom(world, idOf(prefixList), MaxEntries) : [];
  if (full.length > 0) {
    prefixList['State'] = 'modify-failed';
    prefixList['StateMessage'] =
      `The following resources do not support the new maximum size: ${full.slice(0, MOST_NAMED).join(', ')}`;
    return;
  }
  prefixList['State'] = ENDS[show(prefixList['State'])] ?? prefixList['State'];
  if (MaxEntries !== undefined) prefixList['MaxEntries'] = MaxEntries;
  if (Entries !== undefined) {
    prefixList['Entries'] = Entries;
    prefixList['Version'] = Number(prefixList['Version']) + 1;
    world.signal('network-changed', {});
  }
}

function resume(world: World, prefixList: Shape): void {
  if (ENDS[show(prefixList['State'])] === undefined) return;
  const own = prefixList['ModifySeconds'];
  const seconds = typeof own === 'number' ? own : MODIFY_SECONDS;
  if (own === undefined)
    world.assume(
      `ec2: a change of a managed prefix list takes ${MODIFY_SECONDS} s, in which it shows its old version and entries`,
    );
  const key = `prefix-list:${idOf(prefixList)}`;
  // A list is in no zone, so none that is dark holds it up.
  later(world, key, '', seconds * 1000, () => finish(world, prefixList));
}

/** Changes that were under way when the file was written go on. */
export function resumePrefixLists(world: World): void {
  for (const prefixList of records(world, 'ManagedPrefixLists')) resume(world, prefixList);
}

function demandOwn(world: World, prefixList: Shape): void {
  if (prefixList['OwnerId'] === world.account) return;
  const whose = isOfAws(prefixList) ? 'of AWS’s' : 'of another account';
  world.assume(`ec2: the change of a managed prefix list ${whose} is an UnauthorizedOperation`);
  throw awsError('UnauthorizedOperation', 'You are not authorized to perform this operation.', 403);
}

/** The text was seen by users of the API: github.com/hashicorp/terraform-provider-aws (the waits of aws_ec2_managed_prefix_list_entry). */
function demandSettled(prefixList: Shape): void {
  const state = show(prefixList['State']);
  if (!state.endsWith('-in-progress')) return;
  const what = `the prefix list (${idOf(prefixList)}) is in the current state (${state})`;
  throw awsError('IncorrectState', `The request cannot be completed while ${what}`);
}

/** The code and its text were seen by users of the API: github.com/hashicorp/terraform-provider-aws/issues/43528. */
function demandVersion(world: World, prefixList: Shape, current: unknown): void {
  if (current === undefined) {
    world.assume('ec2: a change of the entries of a managed prefix list without CurrentVersion is a MissingParameter');
    throw awsError('MissingParameter', 'The request must contain the parameter CurrentVersion');
  }
  if (current === prefixList['Version']) return;
  throw awsError('PrefixListVersionMismatch', 'The prefix list has the incorrect version number.');
}

function familyFor(prefixList: Shape): AddressFamily {
  const family = familyOf(prefixList);
  if (family !== undefined) return family;
  throw new NotSimulatedError(
    `ec2:ModifyManagedPrefixList of ${idOf(prefixList)}: the world file has no AddressFamily of it`,
  );
}

/** The networks of a request's entries, as the list keeps them. */
function networksOf(world: World, prefixList: Shape, entries: readonly Shape[]): readonly string[] {
  const family = familyFor(prefixList);
  return entries.map((entry) => {
    const cidr = show(entry['Cidr']);
    const network = networkIn(family, cidr);
    if (network === undefined) {
      world.assume('ec2: an entry that is no network of the family of its prefix list is an InvalidParameterValue');
      throw awsError('InvalidParameterValue', `The CIDR (${cidr}) is not a valid ${family} CIDR.`);
    }
    if (network !== cidr)
      world.assume('ec2: a managed prefix list keeps a network without host bits, spelt as EC2 does');
    return network;
  });
}

interface Changes {
  readonly added: ReadonlyMap<string, Shape>;
  readonly removed: ReadonlySet<string>;
}

/** Source: API_ModifyManagedPrefixList (array members); the text seen by users of the API. */
function demandFew(given: readonly Shape[]): void {
  if (given.length > MOST_CHANGES)
    throw awsError(
      'InvalidParameterValue',
      `Request cannot contain more than ${MOST_CHANGES} entry additions or removals`,
    );
}

function demandShort(world: World, description: string): void {
  if (description.length <= LONGEST_DESCRIPTION) return;
  world.assume('ec2: the description of an entry that is too long is an InvalidParameterValue');
  throw awsError('InvalidParameterValue', `The description must not exceed ${LONGEST_DESCRIPTION} characters.`);
}

function demandOnce(world: World, networks: readonly string[]): void {
  const twice = networks.find((network, index) => networks.indexOf(network) !== index);
  if (twice === undefined) return;
  world.assume('ec2: a network that is twice among the entries to add or to remove is an InvalidParameterValue');
  throw awsError('InvalidParameterValue', `Request cannot contain Cidr ${twice} more than once`);
}

function requested(world: World, prefixList: Shape, input: Shape): Changes {
  const [adds, removes] = [list(input, 'AddEntries'), list(input, 'RemoveEntries')];
  for (const given of [adds, removes]) demandFew(given);
  const added = networksOf(world, prefixList, adds);
  const removed = networksOf(world, prefixList, removes);
  for (const networks of [added, removed]) demandOnce(world, networks);
  // Seen by users of the API: github.com/hashicorp/terraform-provider-aws, internal/service/ec2/vpc_managed_prefix_list.go.
  const both = added.find((network) => removed.includes(network));
  if (both !== undefined)
    throw awsError(
      'InvalidParameterValue',
      `Request cannot contain Cidr ${both} in both AddPrefixListEntries and RemovePrefixListEntries`,
    );
  const described = adds.map((entry, index): [string, Shape] => {
    const description = text(entry, 'Description');
    demandShort(world, description ?? '');
    const Cidr = added[index] ?? '';
    return [Cidr, { Cidr, ...(description === undefined ? {} : { Description: description }) }];
  });
  return { added: new Map(described), removed: new Set(removed) };
}

/** Source: https://github.com/hashicorp/terraform-provider-aws/issues/29204 for the code and the text of an entry that is there. */
function demandPossible(world: World, entries: readonly Shape[], { added, removed }: Changes): void {
  const there = entries.find((entry) => added.has(show(entry['Cidr'])));
  if (there !== undefined) {
    const what = `CIDR (${show(there['Cidr'])}) and description (${show(there['Description'])})`;
    if (added.get(show(there['Cidr']))?.['Description'] !== there['Description'])
      world.assume('ec2: an entry of a prefix list is not described anew by adding it again');
    throw awsError('InvalidPrefixListModification', `An entry with the ${what} already exists.`);
  }
  const known = new Set(entries.map((entry) => show(entry['Cidr'])));
  const missing = [...removed].find((network) => !known.has(network));
  if (missing !== undefined)
    throw awsError('InvalidPrefixListModification', `An entry with the CIDR (${missing}) does not exist.`);
}

/** The entries as they are to be. */
function changedEntries(world: World, prefixList: Shape, input: Shape): readonly Shape[] {
  const id = idOf(prefixList);
  demandVersion(world, prefixList, input['CurrentVersion']);
  const changes = requested(world, prefixList, input);
  if (prefixList['Entries'] === undefined)
    throw new NotSimulatedError(`ec2:ModifyManagedPrefixList of ${id}: the world file has no Entries of it`);
  const entries = list(prefixList, 'Entries');
  demandPossible(world, entries, changes);
  const left = entries.filter((entry) => !changes.removed.has(show(entry['Cidr'])));
  const wanted = [...left, ...changes.added.values()];
  demandFits(world, prefixList, wanted.length, prefixList['MaxEntries']);
  return wanted;
}

function demandFits(world: World, prefixList: Shape, count: number, most: unknown): void {
  if (typeof most !== 'number')
    throw new NotSimulatedError(
      `ec2:ModifyManagedPrefixList of ${idOf(prefixList)}: the world file has no MaxEntries of it`,
    );
  if (count <= most) return;
  world.assume('ec2: more entries than the MaxEntries of a managed prefix list are a PrefixListMaxEntriesExceeded');
  throw awsError(
    'PrefixListMaxEntriesExceeded',
    `You've reached the maximum number of entries (${most}) for the prefix list (${idOf(prefixList)}).`,
  );
}

/** The text was seen by users of the API: github.com/aws-samples/update-aws-ip-ranges/issues/1. */
function demandSize(world: World, prefixList: Shape, size: number): void {
  if (!Number.isInteger(size) || size < 1 || size > MOST_ENTRIES)
    throw awsError('InvalidParameterValue', `Must specify a max size between 1 and ${MOST_ENTRIES}`);
  demandFits(world, prefixList, list(prefixList, 'Entries').length, size);
}

function demandName(world: World, name: string): void {
  if (!name.startsWith(AWS_NAMES)) return;
  world.assume(`ec2: the name of a managed prefix list that begins with ${AWS_NAMES} is an InvalidParameterValue`);
  throw awsError('InvalidParameterValue', `The prefix list name cannot start with ${AWS_NAMES}.`);
}

/** The three things that a request may change; entries and size not together. */
function demandOneKind(world: World, { entries, size, name }: Asked): void {
  // Seen by users of the API: github.com/hashicorp/terraform-provider-aws/issues/26034.
  if (entries && size !== undefined)
    throw awsError(
      'InvalidParameterCombination',
      'You cannot modify the entries and the maximum entries for the prefix list in the same request.',
    );
  if (entries || size !== undefined || name !== undefined) return;
  world.assume('ec2: a change of a managed prefix list that changes nothing is an InvalidRequest');
  throw awsError('InvalidRequest', 'The request received was invalid.');
}

interface Asked {
  readonly entries: boolean;
  readonly size: number | undefined;
  readonly name: string | undefined;
}

function askedOf(input: Shape): Asked {
  const size = input['MaxEntries'];
  return {
    entries: list(input, 'AddEntries').length > 0 || list(input, 'RemoveEntries').length > 0,
    size: typeof size === 'number' ? size : undefined,
    name: text(input, 'PrefixListName'),
  };
}

function modifyManagedPrefixList(input: Shape, world: World): object {
  refuseMembers('ModifyManagedPrefixList', input, ['IpamPrefixListResolverSyncEnabled']);
  const prefixList = demandOne(world, 'ManagedPrefixLists', text(input, 'PrefixListId') ?? '');
  const asked = askedOf(input);
  const { entries, size, name } = asked;
  demandOneKind(world, asked);
  demandOwn(world, prefixList);
  demandSettled(prefixList);
  if (name !== undefined) demandName(world, name);
  if (size !== undefined) demandSize(world, prefixList, size);
  const wanted = entries ? changedEntries(world, prefixList, input) : undefined;
  if (name !== undefined) prefixList['PrefixListName'] = name;
  if (wanted === undefined && size === undefined) {
    world.assume('ec2: a managed prefix list that is only renamed is modify-complete at once');
    prefixList['State'] = 'modify-complete';
    return answered(prefixList);
  }
  prefixList['Pending'] = wanted === undefined ? { MaxEntries: size } : { Entries: wanted };
  prefixList['State'] = 'modify-in-progress';
  resume(world, prefixList);
  return answered(prefixList);
}

export const modifyPrefixListOperations: { readonly [operation: string]: Operation } = {
  ModifyManagedPrefixList: write('ModifyManagedPrefixList', modifyManagedPrefixList),
};

/**
 * A person's or a stack's edit. `"ec2/ManagedPrefixLists/pl-1/Entries": [ … ]` is there at once, in a new version; `State` set to
 * `modify-in-progress` is a change of somebody else's that is under way, and ends.
 * @throws BadInputError naming the path of entries that the list cannot hold
 */
export function changePrefixList(world: World, id: string, path: readonly string[], value: unknown): boolean {
  const at = ['ec2/ManagedPrefixLists', id, ...path].join('/');
  const [member, ...inside] = path;
  if (member === undefined) {
    if (!isShape(value)) return false;
    completePrefixList(world, value, at);
    resume(world, value);
    return false;
  }
  const prefixList = find(world, 'ManagedPrefixLists', id);
  if (prefixList === undefined) return false;
  if (member === 'State') {
    prefixList['State'] = value;
    resume(world, prefixList);
    return true;
  }
  if (member !== 'Entries') return false;
  if (inside.length > 0 || !Array.isArray(value))
    throw new BadInputError(at, 'set the whole list, or add with /+ and remove with /-');
  const entries = value.map((entry: unknown): Shape => (isShape(entry) ? entry : { Cidr: show(entry) }));
  prefixList['Entries'] = keptEntries(prefixList, entries, at);
  if (!isOfAws(prefixList)) prefixList['Version'] = Number(prefixList['Version']) + 1;
  return true;
}
