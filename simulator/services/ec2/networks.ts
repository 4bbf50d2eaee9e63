/** VPCs, as they are listed. */

import { Vpc$ } from '@aws-sdk/client-ec2';
import type { Operation, Shape, World } from '../../engine/model.ts';
import { page, read, selected, type FilterPaths } from './filters.ts';
import { outputOf } from './shape.ts';

const output = outputOf(Vpc$);

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
  return { Vpcs: items.map((vpc) => output(asAnswered(vpc, world))), ...rest };
}

export const networkOperations: { readonly [operation: string]: Operation } = {
  DescribeVpcs: read('DescribeVpcs', describeVpcs),
};
