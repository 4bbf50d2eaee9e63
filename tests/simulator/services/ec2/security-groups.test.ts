/** Security groups: as they are described, and what their inbound rules may be. */

import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { ask, load } from '../../world/pasting.ts';
import { ec2World, refusal } from './ec2-world.ts';
import { authorize, groups, groupWorld, hosts, PASTED, tcp } from './group-world.ts';

describe('DescribeSecurityGroups', () => {
  it('gives pasted groups back as they were, and derives what a file leaves out', () => {
    const { world, lacks } = load({ ec2: { SecurityGroups: [PASTED, { GroupId: 'sg-0b2' }] } });
    expect(lacks).toEqual([]);
    expect(ask(world, 'ec2', 'DescribeSecurityGroups', {})).toEqual({
      SecurityGroups: [
        PASTED,
        {
          GroupId: 'sg-0b2',
          OwnerId: '111122223333',
          SecurityGroupArn: 'arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0b2',
          Tags: [],
          IpPermissions: [],
          IpPermissionsEgress: PASTED.IpPermissionsEgress,
        },
      ],
    });
  });

  it('are there, and open to themselves, where a written world has none and a launch takes any', () => {
    const LaunchTemplateData = { SecurityGroupIds: ['sg-0b2'] };
    const { call, world } = ec2World({
      LaunchTemplates: [{ LaunchTemplateId: 'lt-0a1', LaunchTemplateName: 'web', LaunchTemplateData }],
    });
    const open = [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: 'sg-0b2' }] }];
    const other = { Filters: [{ Name: 'group-id', Values: ['sg-0c3'] }] };
    expect(call('DescribeSecurityGroups', other)).toEqual({ SecurityGroups: [] });
    expect(call('DescribeSecurityGroups', { Filters: [{ Name: 'group-id', Values: ['sg-0b2'] }] })).toEqual({
      SecurityGroups: [{ GroupId: 'sg-0b2', IpPermissions: open, IpPermissionsEgress: open }],
    });
    expect([...world.assumed]).toEqual([
      'ec2: where the world has no ec2.SecurityGroups each that is asked for is there, and open to itself',
    ]);
    const Filters = [{ Name: 'group-id', Values: ['sg-0b2'] }];
    const none = load({ ec2: { SecurityGroups: [] } }).world;
    expect(ask(none, 'ec2', 'DescribeSecurityGroups', { Filters })).toEqual({ SecurityGroups: [] });
    expect(() => ask(load({}).world, 'ec2', 'DescribeSecurityGroups', { Filters })).toThrow(
      'not simulated: ec2:DescribeSecurityGroups: not pasted: ec2.SecurityGroups of sg-0b2; `aws ec2 describe-security-groups` prints it',
    );
  });

  it('names what pasted rules mention and was not pasted; to put such a rule back is not simulated', () => {
    const pairs = [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: 'sg-0c3' }] }];
    const { world, lacks } = load({ ec2: { SecurityGroups: [{ GroupId: 'sg-0b2', IpPermissions: pairs }] } });
    expect(lacks).toEqual(['ec2.SecurityGroups[0].IpPermissions: there is no sg-0c3 in ec2.SecurityGroups']);
    ask(world, 'ec2', 'RevokeSecurityGroupIngress', { GroupId: 'sg-0b2', IpPermissions: pairs });
    expect(() =>
      ask(world, 'ec2', 'AuthorizeSecurityGroupIngress', { GroupId: 'sg-0b2', IpPermissions: pairs }),
    ).toThrow('not simulated');
  });

  it.each([
    ['group-id', 'sg-0b2', ['sg-0b2']],
    ['vpc-id', 'vpc-1', ['sg-0a1']],
    ['group-name', 'h*', ['sg-0b2']],
    ['tag:runbook:restrict', 'edge', ['sg-0a1']],
    ['tag-key', 'runbook:restrict', ['sg-0a1']],
    ['ip-permission.cidr', '0.0.0.0/0', ['sg-0a1']],
    ['ip-permission.group-id', 'sg-0b2', ['sg-0a1']],
    ['ip-permission.from-port', '443', ['sg-0a1']],
  ])('filters by %s = %s', (Name, value, ids) => {
    const found = groups(groupWorld(), { Filters: [{ Name, Values: [value] }] });
    expect(found.map(({ GroupId }) => GroupId)).toEqual(ids);
  });

  it('gives groups by id, in pages, and names an unknown one', () => {
    const SecurityGroups = [1, 2, 3, 4, 5, 6].map((n) => ({ GroupId: `sg-${n}` }));
    const world = ec2World({ SecurityGroups });
    expect(groups(world, { GroupIds: ['sg-2'] })).toMatchObject([{ GroupId: 'sg-2' }]);
    const { NextToken } = world.call('DescribeSecurityGroups', { MaxResults: 5 });
    expect(groups(world, { MaxResults: 5, NextToken })).toMatchObject([{ GroupId: 'sg-6' }]);
    expect(refusal(() => groups(world, { GroupIds: ['sg-9'] }))).toBe(
      "InvalidGroup.NotFound: The security group 'sg-9' does not exist",
    );
  });
});

describe('AuthorizeSecurityGroupIngress', () => {
  it('adds rules of all kinds, networks as EC2 keeps them, and prints them by protocol and ports', () => {
    const world = groupWorld();
    const asked = {
      IpProtocol: '6',
      FromPort: 443,
      ToPort: 443,
      IpRanges: [{ CidrIp: '198.51.100.9/24', Description: 'INC-1' }],
      Ipv6Ranges: [{ CidrIpv6: '2001:DB8::7/64' }],
      PrefixListIds: [{ PrefixListId: 'pl-1', Description: 'offices' }],
      UserIdGroupPairs: [{ GroupId: 'sg-0a1' }],
    };
    const { Return, SecurityGroupRules } = authorize(world, 'sg-0b2', asked, {
      IpProtocol: '-1',
      FromPort: 0,
      ToPort: 65_535,
      IpRanges: [{ CidrIp: '203.0.113.7/32' }],
    });
    expect(Return).toBe(true);
    const rule = { GroupId: 'sg-0b2', GroupOwnerId: '111122223333', IsEgress: false, Tags: [] };
    const https = { ...rule, IpProtocol: 'tcp', FromPort: 443, ToPort: 443 };
    const id = { SecurityGroupRuleId: expect.stringMatching(/^sgr-[0-9a-f]{17}$/u) };
    expect(SecurityGroupRules).toEqual([
      { ...https, ...id, CidrIpv4: '198.51.100.0/24', Description: 'INC-1' },
      { ...https, ...id, CidrIpv6: '2001:db8::/64' },
      { ...https, ...id, PrefixListId: 'pl-1', Description: 'offices' },
      { ...https, ...id, ReferencedGroupInfo: { GroupId: 'sg-0a1', UserId: '111122223333' } },
      { ...rule, ...id, IpProtocol: '-1', FromPort: -1, ToPort: -1, CidrIpv4: '203.0.113.7/32' },
    ]);
    const [group] = groups(world, { GroupIds: ['sg-0b2'] });
    expect(group?.['IpPermissions']).toEqual([
      tcp(443, {
        IpRanges: [{ CidrIp: '198.51.100.0/24', Description: 'INC-1' }],
        Ipv6Ranges: [{ CidrIpv6: '2001:db8::/64' }],
        PrefixListIds: [{ PrefixListId: 'pl-1', Description: 'offices' }],
        UserIdGroupPairs: [{ UserId: '111122223333', GroupId: 'sg-0a1' }],
      }),
      {
        IpProtocol: '-1',
        IpRanges: [{ CidrIp: '203.0.113.7/32' }],
        Ipv6Ranges: [],
        PrefixListIds: [],
        UserIdGroupPairs: [],
      },
    ]);
  });

  it('takes one rule in the older way, and ICMPv6 without a type as all types', () => {
    const world = groupWorld();
    world.call('AuthorizeSecurityGroupIngress', {
      GroupId: 'sg-0b2',
      IpProtocol: 'udp',
      FromPort: 53,
      ToPort: 53,
      CidrIp: '192.0.2.0/24',
    });
    authorize(world, 'sg-0b2', { IpProtocol: 'icmpv6', Ipv6Ranges: [{ CidrIpv6: '::/0' }] });
    expect(groups(world, { GroupIds: ['sg-0b2'] })[0]?.['IpPermissions']).toMatchObject([
      { IpProtocol: 'udp', FromPort: 53, ToPort: 53, IpRanges: [{ CidrIp: '192.0.2.0/24' }] },
      { IpProtocol: 'icmpv6', FromPort: -1, ToPort: -1, Ipv6Ranges: [{ CidrIpv6: '::/0' }] },
    ]);
  });

  const open = { IpRanges: [{ CidrIp: '192.0.2.1/32' }] };

  it.each<[string, Shape, string]>([
    [
      'one that is there, whatever its description and host bits',
      tcp(443, { IpRanges: [{ CidrIp: '203.0.113.0/24' }, { CidrIp: '1.2.3.4/0', Description: 'other' }] }),
      'InvalidPermission.Duplicate: the specified rule "peer: 0.0.0.0/0, TCP, from port: 443, to port: 443, ALLOW" already exists',
    ],
    [
      'one twice',
      tcp(80, { IpRanges: [{ CidrIp: '192.0.2.1/32' }, { CidrIp: '192.0.2.1/32' }] }),
      'InvalidParameterValue: The same permission must not appear multiple times',
    ],
    [
      'one too many',
      tcp(80, { IpRanges: hosts(59) }),
      'RulesPerSecurityGroupLimitExceeded: The maximum number of rules per security group has been reached.',
    ],
    [
      'a network that is none',
      tcp(80, { IpRanges: [{ CidrIp: '192.0.2.1' }] }),
      'InvalidParameterValue: CIDR block 192.0.2.1 is malformed',
    ],
    [
      'a network of the other family',
      tcp(80, { Ipv6Ranges: [{ CidrIpv6: '192.0.2.1/32' }] }),
      'InvalidParameterValue: CIDR block 192.0.2.1/32 is malformed',
    ],
    [
      'a group that is not there',
      tcp(80, { UserIdGroupPairs: [{ GroupId: 'sg-9' }] }),
      "InvalidGroup.NotFound: The security group 'sg-9' does not exist",
    ],
    [
      'a list that is not there',
      tcp(80, { PrefixListIds: [{ PrefixListId: 'pl-9' }] }),
      "InvalidPrefixListID.NotFound: The prefix list ID 'pl-9' does not exist",
    ],
    [
      'no ports',
      { IpProtocol: 'tcp', ...open },
      "InvalidParameterValue: Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
    ],
    [
      'a port that is none',
      { IpProtocol: 'tcp', FromPort: -1, ToPort: 80, ...open },
      'InvalidPermission.Malformed: TCP/UDP port (-1) out of range',
    ],
    [
      'ports in the wrong order',
      { IpProtocol: 'udp', FromPort: 81, ToPort: 80, ...open },
      'InvalidPermission.Malformed: Invalid TCP/UDP port range (81:80)',
    ],
    [
      'no type of ICMP',
      { IpProtocol: 'icmp', ...open },
      "InvalidParameterValue: Invalid value 'Must specify both from and to ports with ICMP.' for portRange.",
    ],
    [
      'a protocol that is none',
      { IpProtocol: 'http', ...open },
      "InvalidParameterValue: Invalid value 'http' for IP protocol. Unknown protocol.",
    ],
    [
      'no peer',
      tcp(80, {}),
      'MissingParameter: The request must contain a source: a CIDR block, a prefix list or a security group',
    ],
    [
      'a description with other characters',
      tcp(80, { IpRanges: [{ CidrIp: '192.0.2.1/32', Description: 'é' }] }),
      'InvalidParameterValue: Invalid rule description: 255 of the characters a-z, A-Z, 0-9, spaces and ._-:/()#,@[]+=&;{}!$* at most.',
    ],
  ])('refuses %s, and adds none of the request', (_, permission, said) => {
    const world = groupWorld();
    const allowed = { IpProtocol: 'tcp', FromPort: 8443, ToPort: 8443, IpRanges: [{ CidrIp: '192.0.2.1/32' }] };
    expect(refusal(() => authorize(world, 'sg-0a1', allowed, permission))).toBe(said);
    expect(groups(world, { GroupIds: ['sg-0a1'] })).toEqual([PASTED]);
  });

  it('names a rule of all protocols, and of one that has no ports', () => {
    const world = groupWorld();
    for (const [IpProtocol, said] of [
      ['-1', 'peer: 192.0.2.1/32, ALL, ALLOW'],
      ['50', 'peer: 192.0.2.1/32, protocol: 50, ALLOW'],
    ] as const) {
      authorize(world, 'sg-0b2', { IpProtocol, ...open });
      expect(refusal(() => authorize(world, 'sg-0b2', { IpProtocol, ...open }))).toBe(
        `InvalidPermission.Duplicate: the specified rule "${said}" already exists`,
      );
    }
  });

  it('asks for a group and for rules', () => {
    const { call } = groupWorld();
    expect(refusal(() => call('AuthorizeSecurityGroupIngress', { IpPermissions: [tcp(80, open)] }))).toContain(
      'MissingParameter',
    );
    expect(refusal(() => call('AuthorizeSecurityGroupIngress', { GroupId: 'sg-0a1' }))).toContain('MissingParameter');
    expect(refusal(() => call('AuthorizeSecurityGroupIngress', { GroupName: 'web' }))).toBe(
      'not simulated: ec2:AuthorizeSecurityGroupIngress GroupName',
    );
  });
});

describe('a file or a script', () => {
  it.each([
    [{ IpProtocol: 'http' }, 'IpPermissions[0].IpProtocol: http is no protocol'],
    [tcp(80, { IpRanges: [{ CidrIp: 'x' }] }), 'IpPermissions[0].IpRanges: {"CidrIp":"x"} names no peer of that list'],
    [
      tcp(80, { IpRanges: [{ CidrIp: '192.0.2.1/24' }, { CidrIp: '192.0.2.2/24' }] }),
      'IpPermissions[0].IpRanges: 192.0.2.0/24 is there twice',
    ],
  ])('gives no rule that cannot be: %j', (permission, said) => {
    expect(() => groupWorld({}, { IpPermissions: [permission] })).toThrow(`ec2.SecurityGroups[0].${said}`);
  });

  it('edits the inbound rules as a whole, and makes a group whole', () => {
    const world = groupWorld();
    const path = 'ec2/SecurityGroups/sg-0b2/IpPermissions';
    expect(
      world.change(path, [{ IpProtocol: '6', FromPort: 1, ToPort: 1, IpRanges: [{ CidrIp: '192.0.2.9/24' }] }]),
    ).toBe(true);
    expect(groups(world, { GroupIds: ['sg-0b2'] })[0]?.['IpPermissions']).toEqual([
      tcp(1, { IpRanges: [{ CidrIp: '192.0.2.0/24' }] }),
    ]);
    expect(() => world.change(`${path}/0`, {})).toThrow('set the whole list');
    const made: Shape = { GroupId: 'sg-7' };
    expect(world.change('ec2/SecurityGroups/sg-7', made)).toBe(false);
    expect(made).toMatchObject({ OwnerId: '111122223333', IpPermissions: [] });
    expect(world.change('ec2/SecurityGroups/sg-0b2/GroupName', 'x')).toBe(false);
  });

  it('tags a group', () => {
    const { call } = groupWorld();
    call('CreateTags', { Resources: ['sg-0b2'], Tags: [{ Key: 'team', Value: 'web' }] });
    expect(call('DescribeTags', { Filters: [{ Name: 'key', Values: ['team'] }] })['Tags']).toEqual([
      { Key: 'team', Value: 'web', ResourceId: 'sg-0b2', ResourceType: 'security-group' },
    ]);
  });
});
