import { describe, expect, it } from 'vitest';
import { list } from '../../../../simulator/services/ec2/state.ts';
import { serviceWorld, type ServiceWorld } from '../service-world.ts';

const ACL = 'acl-0a1f9d3c5e7b24860';
const VPC = 'vpc-0d4b2c7a91e6f3058';
const ALLOW = { RuleNumber: 100, Protocol: '-1', RuleAction: 'allow', Egress: false, CidrBlock: '0.0.0.0/0' };
const DENIED = { NetworkAclId: ACL, RuleNumber: 90, Protocol: '-1', RuleAction: 'deny', Egress: false };

function aclWorld(entries: readonly object[] = [ALLOW], more: object = {}): ServiceWorld {
  return serviceWorld({
    ec2: {
      NetworkAcls: [
        {
          NetworkAclId: ACL,
          VpcId: VPC,
          Entries: entries,
          Associations: [{ NetworkAclAssociationId: 'aclassoc-1', NetworkAclId: ACL, SubnetId: 'subnet-1' }],
          Tags: [{ Key: 'runbook:block', Value: 'edge' }],
        },
        { NetworkAclId: 'acl-2', VpcId: VPC, IsDefault: true },
      ],
      ...more,
    },
  });
}

/** The ingress entries of the first ACL: number, action, network. */
function ingress({ call }: ServiceWorld): readonly string[] {
  const [acl] = list(call('ec2:DescribeNetworkAcls', { NetworkAclIds: [ACL] }), 'NetworkAcls');
  return list(acl, 'Entries')
    .filter(({ Egress }) => Egress === false)
    .map((each) => [each['RuleNumber'], each['RuleAction'], each['CidrBlock'] ?? each['Ipv6CidrBlock']].join(' '));
}

describe('network ACLs', () => {
  it('are answered with what AWS always gives, and with its own denials in both directions', () => {
    const { call } = aclWorld();
    expect(call('ec2:DescribeNetworkAcls', { NetworkAclIds: [ACL] })).toEqual({
      NetworkAcls: [
        {
          NetworkAclId: ACL,
          VpcId: VPC,
          OwnerId: '111122223333',
          IsDefault: false,
          Associations: [{ NetworkAclAssociationId: 'aclassoc-1', NetworkAclId: ACL, SubnetId: 'subnet-1' }],
          Entries: [
            { RuleNumber: 32_767, Protocol: '-1', RuleAction: 'deny', Egress: true, CidrBlock: '0.0.0.0/0' },
            ALLOW,
            { RuleNumber: 32_767, Protocol: '-1', RuleAction: 'deny', Egress: false, CidrBlock: '0.0.0.0/0' },
          ],
          Tags: [{ Key: 'runbook:block', Value: 'edge' }],
        },
      ],
    });
  });

  it('have a denial of IPv6 where they have an entry of IPv6, or their VPC has a range of it', () => {
    const entry = { ...ALLOW, RuleNumber: 101, CidrBlock: undefined, Ipv6CidrBlock: '::/0' };
    const denied = ['100 allow 0.0.0.0/0', '101 allow ::/0', '32767 deny 0.0.0.0/0', '32768 deny ::/0'];
    expect(ingress(aclWorld([ALLOW, entry]))).toEqual(denied);
    const vpc = { VpcId: VPC, Ipv6CidrBlockAssociationSet: [{ Ipv6CidrBlock: '2001:db8::/56' }] };
    expect(ingress(aclWorld([ALLOW], { Vpcs: [vpc] }))).toEqual([
      '100 allow 0.0.0.0/0',
      '32767 deny 0.0.0.0/0',
      '32768 deny ::/0',
    ]);
  });

  it.each([
    ['tag-key', 'runbook:block', [ACL]],
    ['tag:runbook:block', 'edge', [ACL]],
    ['tag:runbook:block', 'other', []],
    ['association.subnet-id', 'subnet-1', [ACL]],
    ['network-acl-id', 'acl-2', ['acl-2']],
    ['default', 'true', ['acl-2']],
    ['default', 'false', [ACL]],
    ['vpc-id', VPC, [ACL, 'acl-2']],
  ])('are found by the filter %s = %s', (Name, value, ids) => {
    const { NetworkAcls } = aclWorld().call('ec2:DescribeNetworkAcls', { Filters: [{ Name, Values: [value] }] });
    expect(NetworkAcls).toMatchObject(ids.map((NetworkAclId) => ({ NetworkAclId })));
    expect(NetworkAcls).toHaveLength(ids.length);
  });

  it('come in pages', () => {
    const NetworkAcls = ['1', '2', '3', '4', '5', '6'].map((n) => ({ NetworkAclId: `acl-${n}`, VpcId: VPC }));
    const { call } = serviceWorld({ ec2: { NetworkAcls } });
    const { NextToken, ...first } = call('ec2:DescribeNetworkAcls', { MaxResults: 5 });
    expect(first['NetworkAcls']).toHaveLength(5);
    const second = call('ec2:DescribeNetworkAcls', { MaxResults: 5, NextToken });
    expect(second).toMatchObject({ NetworkAcls: [{ NetworkAclId: 'acl-6' }] });
    expect(second).not.toHaveProperty('NextToken');
  });

  it('that are not there are not found', () => {
    for (const call of ['DescribeNetworkAcls', 'DeleteNetworkAclEntry'])
      expect(() =>
        aclWorld().call(`ec2:${call}`, { ...DENIED, NetworkAclId: 'acl-9', NetworkAclIds: ['acl-9'] }),
      ).toThrow(expect.objectContaining({ name: 'InvalidNetworkAclID.NotFound' }));
  });

  it('carry tags that are written and described', () => {
    const { call } = aclWorld();
    call('ec2:CreateTags', { Resources: ['acl-2'], Tags: [{ Key: 'team', Value: 'net' }] });
    expect(call('ec2:DescribeTags', { Filters: [{ Name: 'key', Values: ['team'] }] })).toEqual({
      Tags: [{ Key: 'team', ResourceId: 'acl-2', ResourceType: 'network-acl', Value: 'net' }],
    });
  });
});

describe('an entry', () => {
  it('is made, replaced and deleted, and its network is kept without host bits', () => {
    const world = aclWorld();
    world.call('ec2:CreateNetworkAclEntry', { ...DENIED, CidrBlock: '198.51.100.9/24' });
    expect(ingress(world)).toEqual(['90 deny 198.51.100.0/24', '100 allow 0.0.0.0/0', '32767 deny 0.0.0.0/0']);
    world.call('ec2:ReplaceNetworkAclEntry', { ...DENIED, Ipv6CidrBlock: '2001:DB8:0::7/64' });
    expect(ingress(world)).toEqual([
      '90 deny 2001:db8::/64',
      '100 allow 0.0.0.0/0',
      '32767 deny 0.0.0.0/0',
      '32768 deny ::/0',
    ]);
    world.call('ec2:DeleteNetworkAclEntry', { NetworkAclId: ACL, RuleNumber: 90, Egress: false });
    expect(ingress(world)).toEqual(['100 allow 0.0.0.0/0', '32767 deny 0.0.0.0/0']);
  });

  it('has its number for itself in its direction, whatever the family', () => {
    const world = aclWorld();
    const taken = expect.objectContaining({
      name: 'NetworkAclEntryAlreadyExists',
      message: 'The network acl entry identified by 100 already exists.',
    });
    for (const network of [{ CidrBlock: '192.0.2.1/32' }, { Ipv6CidrBlock: '2001:db8::1/128' }])
      expect(() => world.call('ec2:CreateNetworkAclEntry', { ...DENIED, RuleNumber: 100, ...network })).toThrow(taken);
    expect([...world.world.assumed]).toEqual([
      'ec2: IPv4 and IPv6 entries of a network ACL share the numbers of their direction',
    ]);
    const egress = { ...DENIED, RuleNumber: 100, Egress: true, CidrBlock: '192.0.2.1/32' };
    expect(world.call('ec2:CreateNetworkAclEntry', egress)).toEqual({});
  });

  it.each(['ReplaceNetworkAclEntry', 'DeleteNetworkAclEntry'])('that is not there is not found by %s', (call) => {
    expect(() => aclWorld().call(`ec2:${call}`, { ...DENIED, CidrBlock: '192.0.2.1/32' })).toThrow(
      expect.objectContaining({
        name: 'InvalidNetworkAclEntry.NotFound',
        message: 'There is no ingress entry identified by 90.',
      }),
    );
  });

  it('is the twentieth of its direction and family at most, AWS’s own denial counted', () => {
    const eighteen = Array.from({ length: 18 }, (_, index) => ({ ...ALLOW, RuleNumber: 100 + index }));
    const world = aclWorld(eighteen);
    world.call('ec2:CreateNetworkAclEntry', { ...DENIED, CidrBlock: '192.0.2.1/32' });
    const full = expect.objectContaining({
      name: 'NetworkAclEntryLimitExceeded',
      message: 'The maximum number of network acl entries has been reached.',
    });
    const next = { ...DENIED, RuleNumber: 91 };
    expect(() => world.call('ec2:CreateNetworkAclEntry', { ...next, CidrBlock: '192.0.2.2/32' })).toThrow(full);
    world.call('ec2:CreateNetworkAclEntry', { ...next, Ipv6CidrBlock: '2001:db8::1/128' });
    world.call('ec2:CreateNetworkAclEntry', { ...next, Egress: true, CidrBlock: '192.0.2.2/32' });
    world.call('ec2:ReplaceNetworkAclEntry', { ...DENIED, CidrBlock: '192.0.2.9/32' });
    expect(() => world.call('ec2:ReplaceNetworkAclEntry', { ...next, CidrBlock: '192.0.2.2/32' })).toThrow(full);
  });

  it('is one of as many as the account’s quota says', () => {
    const Quotas = [{ QuotaCode: 'NetworkAclEntryLimitExceeded', Value: 3 }];
    const { call } = aclWorld([ALLOW], { Quotas });
    call('ec2:CreateNetworkAclEntry', { ...DENIED, CidrBlock: '192.0.2.1/32' });
    expect(() => call('ec2:CreateNetworkAclEntry', { ...DENIED, RuleNumber: 91, CidrBlock: '192.0.2.2/32' })).toThrow(
      expect.objectContaining({ name: 'NetworkAclEntryLimitExceeded' }),
    );
  });

  const good = { ...DENIED, CidrBlock: '192.0.2.1/32' };
  it.each([
    ['a number of AWS’s own', { ...good, RuleNumber: 32_767 }, 'InvalidParameterValue'],
    ['the number 0', { ...good, RuleNumber: 0 }, 'InvalidParameterValue'],
    ['no number', { ...good, RuleNumber: undefined }, 'MissingParameter'],
    ['no direction', { ...good, Egress: undefined }, 'MissingParameter'],
    ['no network', DENIED, 'MissingParameter'],
    ['two networks', { ...good, Ipv6CidrBlock: '2001:db8::1/128' }, 'InvalidParameterCombination'],
    ['no prefix', { ...DENIED, CidrBlock: '192.0.2.1' }, 'InvalidParameterValue'],
    ['a prefix too long', { ...DENIED, CidrBlock: '192.0.2.1/33' }, 'InvalidParameterValue'],
    ['a network of the other family', { ...DENIED, CidrBlock: '2001:db8::1/128' }, 'InvalidParameterValue'],
    ['no network of IPv6', { ...DENIED, Ipv6CidrBlock: '192.0.2.1/32' }, 'InvalidParameterValue'],
    ['another action', { ...good, RuleAction: 'drop' }, 'InvalidParameterValue'],
    ['no protocol', { ...good, Protocol: undefined }, 'MissingParameter'],
    ['TCP without its ports', { ...good, Protocol: '6' }, 'MissingParameter'],
    ['ICMP without its type', { ...good, Protocol: '1' }, 'MissingParameter'],
    ['a dry run', { ...good, DryRun: true }, 'DryRunOperation'],
  ])('is not made with %s', (_what, input, name) => {
    const world = aclWorld();
    expect(() => world.call('ec2:CreateNetworkAclEntry', input)).toThrow(expect.objectContaining({ name }));
    expect(ingress(world)).toEqual(['100 allow 0.0.0.0/0', '32767 deny 0.0.0.0/0']);
  });

  it('keeps its ports and its type of ICMP', () => {
    const world = aclWorld([]);
    const [tcp, icmp] = [{ PortRange: { From: 22, To: 22 } }, { IcmpTypeCode: { Type: -1, Code: -1 } }];
    world.call('ec2:CreateNetworkAclEntry', { ...good, Protocol: '6', ...tcp });
    world.call('ec2:CreateNetworkAclEntry', { ...good, RuleNumber: 91, Protocol: '1', ...icmp });
    const { NetworkAcls } = world.call('ec2:DescribeNetworkAcls', { NetworkAclIds: [ACL] });
    expect(NetworkAcls).toMatchObject([{ Entries: [{ Egress: true }, tcp, icmp, { RuleNumber: 32_767 }] }]);
  });

  it('of a protocol by its name is not simulated', () => {
    expect(() => aclWorld().call('ec2:CreateNetworkAclEntry', { ...good, Protocol: 'tcp' })).toThrow(
      'not simulated: ec2: a network ACL entry with the protocol tcp: write its number, or -1',
    );
  });
});

describe('a person', () => {
  const PATH = `ec2/NetworkAcls/${ACL}/Entries`;

  it('adds entries and takes them out, by script', () => {
    const world = aclWorld();
    const entry = { RuleNumber: 50, Protocol: '-1', RuleAction: 'deny', Egress: false, CidrBlock: '198.51.100.0/24' };
    world.set(`${PATH}/+`, entry);
    expect(ingress(world)).toEqual(['50 deny 198.51.100.0/24', '100 allow 0.0.0.0/0', '32767 deny 0.0.0.0/0']);
    world.set(`${PATH}/-`, entry);
    expect(ingress(world)).toEqual(['100 allow 0.0.0.0/0', '32767 deny 0.0.0.0/0']);
    world.set(`ec2/NetworkAcls/${ACL}`, { VpcId: VPC, Entries: [{ RuleNumber: 7, CidrBlock: '192.0.2.9/24' }] });
    expect(ingress(world)).toEqual(['7 deny 192.0.2.0/24', '32767 deny 0.0.0.0/0']);
    world.set(`ec2/NetworkAcls/${ACL}`, null);
    expect(() => ingress(world)).toThrow(expect.objectContaining({ name: 'InvalidNetworkAclID.NotFound' }));
  });

  it.each([
    ['a number twice', `${PATH}/+`, { ...ALLOW, CidrBlock: '192.0.2.0/24' }, '100 ingress is there twice'],
    ['no network', `${PATH}/+`, { RuleNumber: 5 }, 'an entry has a CidrBlock or an Ipv6CidrBlock'],
    ['a wrong network', `${PATH}/+`, { RuleNumber: 5, CidrBlock: 'all' }, 'all is not a network of that family'],
    ['no number', `${PATH}/+`, { CidrBlock: '192.0.2.0/24' }, 'RuleNumber: is missing'],
    ['no entry', `${PATH}/+`, 7, 'expected an entry such as describe-network-acls prints'],
    ['a part of one', `${PATH}/0/RuleNumber`, 7, 'set the whole list, or add with /+ and remove with /-'],
  ])('cannot write %s', (_what, path, value, message) => {
    expect(() => aclWorld().set(path, value)).toThrow(message);
  });

  it('cannot begin with a number that is there twice', () => {
    expect(() => aclWorld([ALLOW, ALLOW])).toThrow(
      'ec2.NetworkAcls[0].Entries[1].RuleNumber: 100 ingress is there twice',
    );
  });
});
