/** VPCs and subnets, as they are listed. */

import { Subnet$, Vpc$ } from '@aws-sdk/client-ec2';
import type { Operation, Shape, World } from '../../engine/model.ts';
import { filtered, page, read, selected, type FilterPaths } from './filters.ts';
import { outputOf } from './shape.ts';
import { find, show } from './state.ts';
import { freeAddresses } from './subnets.ts';

const output = outputOf(Vpc$);
const subnetOutput = outputOf(Subnet$);

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

const SUBNET_FILTERS: FilterPaths = {
  'availability-zone': 'AvailabilityZone',
  'availability-zone-id': 'AvailabilityZoneId',
  'available-ip-address-count': 'AvailableIpAddressCount',
  'cidr-block': 'CidrBlock',
  'default-for-az': 'DefaultForAz',
  'owner-id': 'OwnerId',
  state: 'State',
  'subnet-id': 'SubnetId',
  'vpc-id': 'VpcId',
};

/** A subnet with what AWS always gives and a file may leave out. */
function subnetAnswered(subnet: Shape, world: World): Shape {
  const zoneId = find(world, 'AvailabilityZones', show(subnet['AvailabilityZone']))?.['ZoneId'];
  return {
    OwnerId: world.account,
    State: 'available',
    SubnetArn: `arn:aws:ec2:${world.region}:${world.account}:subnet/${show(subnet['SubnetId'])}`,
    Tags: [],
    DefaultForAz: false,
    MapPublicIpOnLaunch: false,
    ...(zoneId === undefined ? {} : { AvailabilityZoneId: zoneId }),
    ...subnet,
    AvailableIpAddressCount: freeAddresses(world, subnet),
  };
}

function describeSubnets(input: Shape, world: World): object {
  const named = selected(world, 'DescribeSubnets', { SubnetIds: input['SubnetIds'] }, 'Subnets', 'SubnetIds', {});
  const all = named.map((subnet) => subnetAnswered(subnet, world));
  const { items, rest } = page(
    'DescribeSubnets',
    input,
    filtered('DescribeSubnets', input, all, SUBNET_FILTERS),
    'SubnetIds',
  );
  return { Subnets: items.map(subnetOutput), ...rest };
}

export const networkOperations: { readonly [operation: string]: Operation } = {
  DescribeVpcs: read('DescribeVpcs', describeVpcs),
  DescribeSubnets: read('DescribeSubnets', describeSubnets),
};
