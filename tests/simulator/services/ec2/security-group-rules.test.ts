/** How many inbound rules a security group has room for, and how they are revoked. */

import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { refusal, type Ec2World } from './ec2-world.ts';
import { authorize, groups, groupWorld, hosts, PASTED, tcp } from './group-world.ts';

function revoke({ call }: Ec2World, GroupId: string, ...IpPermissions: readonly Shape[]): Shape {
  return call('RevokeSecurityGroupIngress', { GroupId, IpPermissions });
}

describe('the quota of 60 inbound rules', () => {
  const listed = (PrefixListId: string): Shape => tcp(80, { PrefixListIds: [{ PrefixListId }] });
  const outcome = (work: () => unknown): string => {
    try {
      work();
      return 'taken';
    } catch (error) {
      return error instanceof Error ? (error.name === 'NotSimulatedError' ? error.message : error.name) : '';
    }
  };

  it('is counted by family, a group in both', () => {
    const world = groupWorld();
    // One network of either family and one group are there already.
    expect(outcome(() => authorize(world, 'sg-0a1', tcp(80, { IpRanges: hosts(58) })))).toBe('taken');
    const sixth = (index: number): Shape => tcp(81, { Ipv6Ranges: [{ CidrIpv6: `2001:db8::${index}/128` }] });
    expect(outcome(() => authorize(world, 'sg-0a1', sixth(1)))).toBe('taken');
    expect(outcome(() => authorize(world, 'sg-0a1', tcp(82, { IpRanges: hosts(1) })))).toBe(
      'RulesPerSecurityGroupLimitExceeded',
    );
  });

  it.each([
    ['pl-1', 8, 'taken'],
    ['pl-1', 9, 'RulesPerSecurityGroupLimitExceeded'],
    ['pl-2', 0, 'RulesPerSecurityGroupLimitExceeded'],
    ['pl-3', 3, 'taken'],
    ['pl-3', 4, 'RulesPerSecurityGroupLimitExceeded'],
    ['pl-4', 57, 'taken'],
    ['pl-4', 58, 'RulesPerSecurityGroupLimitExceeded'],
    ['pl-5', 0, 'not simulated: ec2: how many rules pl-5 counts as: the world file has no MaxEntries of it'],
  ])('counts the list %s as its size, beside %i networks', (id, networks, expected) => {
    const world = groupWorld();
    const permissions = [listed(id), ...(networks === 0 ? [] : [tcp(81, { IpRanges: hosts(networks) })])];
    expect(outcome(() => authorize(world, 'sg-0a1', ...permissions))).toBe(expected);
  });

  it('is raised by the world', () => {
    const world = groupWorld({ Quotas: [{ QuotaCode: 'RulesPerSecurityGroupLimitExceeded', Value: 61 }] });
    expect(outcome(() => authorize(world, 'sg-0a1', tcp(80, { IpRanges: hosts(59) })))).toBe('taken');
  });

  it('keeps a prefix list from becoming larger than the groups that refer to it have room for', () => {
    const world = groupWorld();
    authorize(world, 'sg-0a1', listed('pl-1'));
    const sized = (MaxEntries: number): Shape => {
      world.call('ModifyManagedPrefixList', { PrefixListId: 'pl-1', MaxEntries });
      world.pass(5);
      const { State, StateMessage, MaxEntries: size } = world.record('ManagedPrefixLists');
      return { State, StateMessage, MaxEntries: size };
    };
    expect(sized(59)).toEqual({
      State: 'modify-failed',
      StateMessage: 'The following resources do not support the new maximum size: sg-0a1',
      MaxEntries: 50,
    });
    expect(sized(58)).toEqual({ State: 'modify-complete', StateMessage: undefined, MaxEntries: 58 });
  });
});

describe('RevokeSecurityGroupIngress', () => {
  it('removes rules whatever their description, and a permission with its last', () => {
    const world = groupWorld();
    const { RevokedSecurityGroupRules } = revoke(
      world,
      'sg-0a1',
      tcp(443, { IpRanges: [{ CidrIp: '0.0.0.0/0' }] }),
      tcp(22, { UserIdGroupPairs: [{ GroupId: 'sg-0b2' }] }),
    );
    const rule = { GroupId: 'sg-0a1', IsEgress: false, IpProtocol: 'tcp' };
    expect(RevokedSecurityGroupRules).toEqual([
      { ...rule, FromPort: 443, ToPort: 443, CidrIpv4: '0.0.0.0/0', Description: 'everybody' },
      { ...rule, FromPort: 22, ToPort: 22, ReferencedGroupId: 'sg-0b2' },
    ]);
    expect(groups(world, { GroupIds: ['sg-0a1'] })[0]?.['IpPermissions']).toEqual([
      tcp(443, { Ipv6Ranges: [{ CidrIpv6: '::/0' }] }),
    ]);
  });

  const both = [tcp(443, { IpRanges: [{ CidrIp: '0.0.0.0/0' }] }), tcp(80, { IpRanges: [{ CidrIp: '0.0.0.0/0' }] })];

  it('refuses the whole request for one rule that is not there', () => {
    const world = groupWorld();
    expect(refusal(() => revoke(world, 'sg-0a1', ...both))).toBe(
      'InvalidPermission.NotFound: The specified rule does not exist in this security group.',
    );
    expect(groups(world, { GroupIds: ['sg-0a1'] })).toEqual([PASTED]);
  });

  it('says in a default VPC which was not there, and removes the others', () => {
    const world = groupWorld({ Vpcs: [{ VpcId: 'vpc-1', IsDefault: true }] });
    expect(revoke(world, 'sg-0a1', ...both)).toMatchObject({
      Return: true,
      UnknownIpPermissions: [tcp(80, { IpRanges: [{ CidrIp: '0.0.0.0/0' }] })],
      RevokedSecurityGroupRules: [{ FromPort: 443 }],
    });
  });

  it('takes away a rule of a list that the world does not hold', () => {
    const world = groupWorld({}, { IpPermissions: [tcp(80, { PrefixListIds: [{ PrefixListId: 'pl-77' }] })] });
    revoke(world, 'sg-0a1', tcp(80, { PrefixListIds: [{ PrefixListId: 'pl-77' }] }));
    expect(groups(world, { GroupIds: ['sg-0a1'] })[0]?.['IpPermissions']).toEqual([]);
  });
});
