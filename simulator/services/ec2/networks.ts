/** VPCs and managed prefix lists, as they are listed. */

import { ManagedPrefixList$, Vpc$ } from '@aws-sdk/client-ec2';
import { NotSimulatedError, type Operation, type Shape, type World } from '../../engine/model.ts';
import { isRecord } from '../../engine/json.ts';
import { page, read, selected, type FilterPaths } from './filters.ts';
import { outputOf } from './shape.ts';
import { demand, text } from './state.ts';

const output = { vpc: outputOf(Vpc$), prefixList: outputOf(ManagedPrefixList$) };

const VPC_FILTERS: FilterPaths = {
  cidr: 'CidrBlock',
  'cidr-block-association.cidr-block': 'CidrBlockAssociationSet.CidrBlock',
  'ipv6-cidr-block-association.ipv6-cidr-block': 'Ipv6CidrBlockAssociationSet.Ipv6CidrBlock',
  'is-default': 'IsDefault',
  'owner-id': 'OwnerId',
  state: 'State',
  'vpc-id': 'VpcId',
};

/** What AWS always gives, and a file may leave out. */
function asAnswered(vpc: Shape, world: World): Shape {
  const { VpcId: id, CidrBlock: cidr } = vpc;
  const association = {
    AssociationId: `vpc-cidr-assoc-${String(id).replace(/^vpc-/u, '')}`,
    CidrBlock: cidr,
    CidrBlockState: { State: 'associated' },
  };
  const derived = typeof cidr === 'string' ? { CidrBlockAssociationSet: [association] } : {};
  return { OwnerId: world.account, State: 'available', ...derived, ...vpc };
}

function describeVpcs(input: Shape, world: World): object {
  const found = selected(world, 'DescribeVpcs', input, 'Vpcs', 'VpcIds', VPC_FILTERS);
  const { items, rest } = page('DescribeVpcs', input, found, 'VpcIds');
  return { Vpcs: items.map((vpc) => output.vpc(asAnswered(vpc, world))), ...rest };
}

const LIST_FILTERS: FilterPaths = {
  'owner-id': 'OwnerId',
  'prefix-list-id': 'PrefixListId',
  'prefix-list-name': 'PrefixListName',
};

function describeManagedPrefixLists(input: Shape, world: World): object {
  const of = 'DescribeManagedPrefixLists';
  const found = selected(world, of, input, 'ManagedPrefixLists', 'PrefixListIds', LIST_FILTERS);
  const { items, rest } = page(of, input, found, 'PrefixListIds');
  return { PrefixLists: items.map(output.prefixList), ...rest };
}

/** An entry as a file has it: a network alone, or with a description. */
function entryOf(entry: unknown): object {
  return isRecord(entry) ? { ...entry } : { Cidr: entry };
}

function getManagedPrefixListEntries(input: Shape, world: World): object {
  const of = 'GetManagedPrefixListEntries';
  const id = text(input, 'PrefixListId') ?? '';
  const [found] = demand(world, 'ManagedPrefixLists', [id]);
  if (input['TargetVersion'] !== undefined) throw new NotSimulatedError(`ec2:${of} TargetVersion`);
  const entries: unknown = found?.['Entries'];
  if (!Array.isArray(entries)) throw new NotSimulatedError(`ec2:${of} of ${id}: the world file has no Entries of it`);
  const all = entries.map(entryOf).map((entry): Shape => ({ ...entry }));
  const { items, rest } = page(of, input, all);
  return { Entries: items, ...rest };
}

export const networkOperations: { readonly [operation: string]: Operation } = {
  DescribeVpcs: read('DescribeVpcs', describeVpcs),
  DescribeManagedPrefixLists: read('DescribeManagedPrefixLists', describeManagedPrefixLists),
  GetManagedPrefixListEntries: read('GetManagedPrefixListEntries', getManagedPrefixListEntries),
};
