import { describe, expect, it } from 'vitest';
import { serviceWorld } from '../service-world.ts';

const { call } = serviceWorld({
  ec2: {
    Vpcs: [{ VpcId: 'vpc-1', CidrBlock: '10.0.0.0/16' }, { VpcId: 'vpc-2' }],
  },
});

describe('VPCs', () => {
  it('have an association for their range, and no range that the file does not have', () => {
    expect(call('ec2:DescribeVpcs')).toEqual({
      Vpcs: [
        {
          VpcId: 'vpc-1',
          OwnerId: '111122223333',
          State: 'available',
          CidrBlock: '10.0.0.0/16',
          CidrBlockAssociationSet: [
            { AssociationId: 'vpc-cidr-assoc-1', CidrBlock: '10.0.0.0/16', CidrBlockState: { State: 'associated' } },
          ],
        },
        { VpcId: 'vpc-2', OwnerId: '111122223333', State: 'available' },
      ],
    });
  });

  it('are found by filter and by id', () => {
    expect(call('ec2:DescribeVpcs', { Filters: [{ Name: 'cidr', Values: ['10.0.0.0/16'] }] })['Vpcs']).toMatchObject([
      { VpcId: 'vpc-1' },
    ]);
    expect(() => call('ec2:DescribeVpcs', { VpcIds: ['vpc-9'] })).toThrow('vpc-9');
  });
});
