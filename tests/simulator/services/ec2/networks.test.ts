import { describe, expect, it } from 'vitest';
import { serviceWorld } from '../service-world.ts';

const { call } = serviceWorld({
  ec2: {
    Vpcs: [{ VpcId: 'vpc-1', CidrBlock: '10.0.0.0/16' }, { VpcId: 'vpc-2' }],
    ManagedPrefixLists: [
      {
        PrefixListId: 'pl-1',
        PrefixListName: 'com.amazonaws.global.cloudfront.origin-facing',
        OwnerId: 'AWS',
        Entries: ['64.252.64.0/18', { Cidr: '130.176.0.0/18', Description: 'edge' }],
      },
      { PrefixListId: 'pl-2', PrefixListName: 'office', OwnerId: '111122223333' },
    ],
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

describe('managed prefix lists', () => {
  it('are found by their owner and name, without their entries', () => {
    const found = call('ec2:DescribeManagedPrefixLists', { Filters: [{ Name: 'owner-id', Values: ['AWS'] }] })[
      'PrefixLists'
    ];
    expect(found).toEqual([
      { PrefixListId: 'pl-1', PrefixListName: 'com.amazonaws.global.cloudfront.origin-facing', OwnerId: 'AWS' },
    ]);
  });

  it('give their entries, bare or described', () => {
    expect(call('ec2:GetManagedPrefixListEntries', { PrefixListId: 'pl-1' })).toEqual({
      Entries: [{ Cidr: '64.252.64.0/18' }, { Cidr: '130.176.0.0/18', Description: 'edge' }],
    });
  });

  it('of unknown entries are not simulated, and of an unknown id not found', () => {
    expect(() => call('ec2:GetManagedPrefixListEntries', { PrefixListId: 'pl-2' })).toThrow(
      'not simulated: ec2:GetManagedPrefixListEntries of pl-2: the world file has no Entries of it',
    );
    expect(() => call('ec2:GetManagedPrefixListEntries', { PrefixListId: 'pl-9' })).toThrow('pl-9');
    expect(() => call('ec2:GetManagedPrefixListEntries', { PrefixListId: 'pl-1', TargetVersion: 2 })).toThrow(
      'TargetVersion',
    );
  });

  it('are taken from what AWS prints', () => {
    const pasted = serviceWorld({
      ec2: { PrefixLists: [{ PrefixListId: 'pl-3', PrefixListName: 'x', OwnerId: 'AWS' }] },
    });
    expect(pasted.call('ec2:DescribeManagedPrefixLists')['PrefixLists']).toMatchObject([{ PrefixListId: 'pl-3' }]);
  });
});
