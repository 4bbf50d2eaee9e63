/** VPC peering connections: as they are pasted, what follows from the VPCs of the world, filters and pages. */

import { describe, expect, it } from 'vitest';
import { list } from '../../../../simulator/services/ec2/state.ts';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { ask, load } from '../../world/pasting.ts';
import { ec2World, refusal } from './ec2-world.ts';

/** As `aws ec2 describe-vpc-peering-connections` prints one. */
const PASTED = {
  VpcPeeringConnectionId: 'pcx-0a1',
  AccepterVpcInfo: {
    CidrBlock: '10.1.0.0/16',
    CidrBlockSet: [{ CidrBlock: '10.1.0.0/16' }, { CidrBlock: '10.2.0.0/16' }],
    Ipv6CidrBlockSet: [{ Ipv6CidrBlock: '2001:db8:1::/56' }],
    OwnerId: '444455556666',
    PeeringOptions: { AllowDnsResolutionFromRemoteVpc: false },
    VpcId: 'vpc-far',
    Region: 'us-east-1',
  },
  RequesterVpcInfo: {
    CidrBlock: '10.0.0.0/16',
    CidrBlockSet: [{ CidrBlock: '10.0.0.0/16' }],
    OwnerId: '111122223333',
    VpcId: 'vpc-1',
    Region: 'eu-west-1',
  },
  Status: { Code: 'active', Message: 'Active' },
  Tags: [{ Key: 'team', Value: 'net' }],
};

function found(collections: { [collection: string]: Shape[] }, input: Shape = {}): Shape[] {
  return list(ec2World(collections).call('DescribeVpcPeeringConnections', input), 'VpcPeeringConnections');
}

const VPC = {
  VpcId: 'vpc-1',
  CidrBlock: '10.0.0.0/16',
  CidrBlockAssociationSet: [
    { CidrBlock: '10.0.0.0/16', CidrBlockState: { State: 'associated' } },
    { CidrBlock: '10.9.0.0/16', CidrBlockState: { State: 'associated' } },
    { CidrBlock: '10.8.0.0/16', CidrBlockState: { State: 'disassociated' } },
  ],
  Ipv6CidrBlockAssociationSet: [{ Ipv6CidrBlock: '2001:db8::/56' }],
};

describe('VPC peering connections', () => {
  it('are given back as they were pasted', () => {
    const { world, lacks } = load({ ec2: { VpcPeeringConnections: [PASTED] } });
    expect(lacks).toEqual([]);
    expect(ask(world, 'ec2', 'DescribeVpcPeeringConnections', {})).toEqual({ VpcPeeringConnections: [PASTED] });
  });

  it('have the ranges of the VPCs of the world, and make up none', () => {
    const VpcPeeringConnections = [
      {
        VpcPeeringConnectionId: 'pcx-1',
        RequesterVpcInfo: { VpcId: 'vpc-1' },
        AccepterVpcInfo: { VpcId: 'vpc-2', CidrBlock: '10.3.0.0/16' },
      },
      { VpcPeeringConnectionId: 'pcx-2', RequesterVpcInfo: { VpcId: 'vpc-3' }, AccepterVpcInfo: { VpcId: 'vpc-1' } },
    ];
    const home = { OwnerId: '111122223333', Region: 'eu-west-1' };
    const ranges = {
      CidrBlock: '10.0.0.0/16',
      CidrBlockSet: [{ CidrBlock: '10.0.0.0/16' }, { CidrBlock: '10.9.0.0/16' }],
      Ipv6CidrBlockSet: [{ Ipv6CidrBlock: '2001:db8::/56' }],
    };
    expect(found({ VpcPeeringConnections, Vpcs: [VPC] })).toEqual([
      {
        VpcPeeringConnectionId: 'pcx-1',
        Status: { Code: 'active', Message: 'Active' },
        Tags: [],
        RequesterVpcInfo: { ...home, VpcId: 'vpc-1', ...ranges },
        AccepterVpcInfo: {
          ...home,
          VpcId: 'vpc-2',
          CidrBlock: '10.3.0.0/16',
          CidrBlockSet: [{ CidrBlock: '10.3.0.0/16' }],
        },
      },
      {
        VpcPeeringConnectionId: 'pcx-2',
        Status: { Code: 'active', Message: 'Active' },
        Tags: [],
        RequesterVpcInfo: { ...home, VpcId: 'vpc-3' },
        AccepterVpcInfo: { ...home, VpcId: 'vpc-1', ...ranges },
      },
    ]);
  });

  it('do not show the ranges of who has not accepted', () => {
    const pending = {
      VpcPeeringConnectionId: 'pcx-1',
      RequesterVpcInfo: { VpcId: 'vpc-1' },
      AccepterVpcInfo: { VpcId: 'vpc-1' },
      Status: { Code: 'pending-acceptance', Message: 'Pending Acceptance by 111122223333' },
    };
    const [answer] = found({ VpcPeeringConnections: [pending], Vpcs: [VPC] });
    expect(answer?.['RequesterVpcInfo']).toMatchObject({ CidrBlock: '10.0.0.0/16' });
    expect(answer?.['AccepterVpcInfo']).toEqual({ OwnerId: '111122223333', Region: 'eu-west-1', VpcId: 'vpc-1' });
  });

  it.each([
    ['status-code', 'active', ['pcx-0a1']],
    ['status-code', 'deleted', ['pcx-2']],
    ['requester-vpc-info.vpc-id', 'vpc-1', ['pcx-0a1']],
    ['accepter-vpc-info.owner-id', '444455556666', ['pcx-0a1']],
    ['accepter-vpc-info.cidr-block', '10.1.0.0/16', ['pcx-0a1']],
    ['requester-vpc-info.owner-id', '111122223333', ['pcx-0a1', 'pcx-2']],
    ['vpc-peering-connection-id', 'pcx-2', ['pcx-2']],
    ['tag:team', 'net', ['pcx-0a1']],
  ])('are found by the filter %s = %s', (Name, value, ids) => {
    const gone = { VpcPeeringConnectionId: 'pcx-2', Status: { Code: 'deleted', Message: 'Deleted by 111122223333' } };
    const answers = found({ VpcPeeringConnections: [PASTED, gone] }, { Filters: [{ Name, Values: [value] }] });
    expect(answers.map(({ VpcPeeringConnectionId }) => VpcPeeringConnectionId)).toEqual(ids);
  });

  it('come in pages and by id, and an unknown one is not found', () => {
    const VpcPeeringConnections = [1, 2, 3, 4, 5, 6].map((n) => ({ VpcPeeringConnectionId: `pcx-${n}` }));
    const { call } = ec2World({ VpcPeeringConnections });
    const { NextToken } = call('DescribeVpcPeeringConnections', { MaxResults: 5 });
    const second = call('DescribeVpcPeeringConnections', { MaxResults: 5, NextToken });
    expect(second).toMatchObject({ VpcPeeringConnections: [{ VpcPeeringConnectionId: 'pcx-6' }] });
    expect(second).not.toHaveProperty('NextToken');
    const byId = call('DescribeVpcPeeringConnections', { VpcPeeringConnectionIds: ['pcx-3'] });
    expect(byId).toMatchObject({ VpcPeeringConnections: [{ VpcPeeringConnectionId: 'pcx-3' }] });
    expect(refusal(() => call('DescribeVpcPeeringConnections', { VpcPeeringConnectionIds: ['pcx-9'] }))).toBe(
      "InvalidVpcPeeringConnectionID.NotFound: The vpcPeeringConnection ID 'pcx-9' does not exist",
    );
  });

  it('carry tags', () => {
    const { call } = ec2World({ VpcPeeringConnections: [{ VpcPeeringConnectionId: 'pcx-1' }] });
    call('CreateTags', { Resources: ['pcx-1'], Tags: [{ Key: 'team', Value: 'net' }] });
    expect(call('DescribeTags')['Tags']).toEqual([
      { Key: 'team', Value: 'net', ResourceId: 'pcx-1', ResourceType: 'vpc-peering-connection' },
    ]);
  });
});
