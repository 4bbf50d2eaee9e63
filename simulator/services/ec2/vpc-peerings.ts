/** VPC peering connections, as they are listed. */

import { VpcPeeringConnection$ } from '@aws-sdk/client-ec2';
import type { Operation, Shape, World } from '../../engine/model.ts';
import { filtered, page, read, strings, type FilterPaths } from './filters.ts';
import { outputOf } from './shape.ts';
import { demand, find, list, part, records, text } from './state.ts';

const output = outputOf(VpcPeeringConnection$);

const FILTERS: FilterPaths = {
  'accepter-vpc-info.cidr-block': 'AccepterVpcInfo.CidrBlock',
  'accepter-vpc-info.owner-id': 'AccepterVpcInfo.OwnerId',
  'accepter-vpc-info.vpc-id': 'AccepterVpcInfo.VpcId',
  'requester-vpc-info.cidr-block': 'RequesterVpcInfo.CidrBlock',
  'requester-vpc-info.owner-id': 'RequesterVpcInfo.OwnerId',
  'requester-vpc-info.vpc-id': 'RequesterVpcInfo.VpcId',
  'status-code': 'Status.Code',
  'status-message': 'Status.Message',
  'vpc-peering-connection-id': 'VpcPeeringConnectionId',
};

/** Blocks of a VPC that are associated with it; one whose state the file leaves out is. */
function associated(associations: readonly Shape[], stateMember: string): readonly Shape[] {
  return associations.filter((each) => (text(part(each, stateMember), 'State') ?? 'associated') === 'associated');
}

/** What follows from a VPC of the world: its ranges. */
function rangesOf(vpc: Shape | undefined): Shape {
  const cidrBlock = text(vpc, 'CidrBlock');
  const more = associated(list(vpc, 'CidrBlockAssociationSet'), 'CidrBlockState').map(({ CidrBlock }) => CidrBlock);
  const sixes = associated(list(vpc, 'Ipv6CidrBlockAssociationSet'), 'Ipv6CidrBlockState');
  const set = [...new Set([...(cidrBlock === undefined ? [] : [cidrBlock]), ...more])];
  return {
    ...(cidrBlock === undefined ? {} : { CidrBlock: cidrBlock }),
    ...(set.length === 0 ? {} : { CidrBlockSet: set.map((CidrBlock) => ({ CidrBlock })) }),
    ...(sixes.length === 0 ? {} : { Ipv6CidrBlockSet: sixes.map(({ Ipv6CidrBlock }) => ({ Ipv6CidrBlock })) }),
  };
}

/** One side. Ranges that neither it nor a VPC of the world has are not made up. */
function side(world: World, given: Shape, seesRanges: boolean): Shape {
  const cidrBlock = text(given, 'CidrBlock');
  const own = cidrBlock === undefined ? {} : { CidrBlockSet: [{ CidrBlock: cidrBlock }] };
  const vpc = find(world, 'Vpcs', text(given, 'VpcId'));
  const derived = seesRanges && cidrBlock === undefined ? rangesOf(vpc) : own;
  return { OwnerId: world.account, Region: world.region, ...derived, ...given };
}

/** What AWS always gives, and a file may leave out. The accepter's ranges show once it has accepted. Source: API_VpcPeeringConnection (AccepterVpcInfo). */
function asAnswered(peering: Shape, world: World): Shape {
  const status = { Code: 'active', Message: 'Active', ...part(peering, 'Status') };
  return {
    Tags: [],
    ...peering,
    Status: status,
    AccepterVpcInfo: side(world, part(peering, 'AccepterVpcInfo'), status.Code === 'active'),
    RequesterVpcInfo: side(world, part(peering, 'RequesterVpcInfo'), true),
  };
}

function describeVpcPeeringConnections(input: Shape, world: World): object {
  const operation = 'DescribeVpcPeeringConnections';
  const ids = strings(input, 'VpcPeeringConnectionIds');
  const candidates =
    ids.length > 0 ? demand(world, 'VpcPeeringConnections', ids) : records(world, 'VpcPeeringConnections');
  const answered = candidates.map((peering) => asAnswered(peering, world));
  const found = filtered(operation, input, answered, FILTERS);
  const { items, rest } = page(operation, input, found, 'VpcPeeringConnectionIds');
  return { VpcPeeringConnections: items.map(output), ...rest };
}

export const vpcPeeringOperations: { readonly [operation: string]: Operation } = {
  DescribeVpcPeeringConnections: read('DescribeVpcPeeringConnections', describeVpcPeeringConnections),
};
