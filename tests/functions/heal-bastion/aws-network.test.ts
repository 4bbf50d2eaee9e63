/** What lies between a load balancer and hosts that fail its checks, as EC2 tells it. */

import {
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  GetManagedPrefixListEntriesCommand,
  type Instance,
  type IpPermission,
  type NetworkAclEntry,
} from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { A, B } from './small-account.ts';
import { BALANCER, ec2, HOST, read, SSH, type Change } from './network-reading.ts';

const OPEN = { protocol: 'tcp', from: 22, to: 22, cidrs: ['10.0.1.0/24'], lists: [], groups: [] };

describe('a network', () => {
  it('is read with what stands in it, by what is asked for alone', async () => {
    expect(await read()).toEqual({
      subnets: [],
      nodes: [{ subnet: 'subnet-a', zone: 'eu-west-1a', cidrs: ['10.0.1.0/24'] }],
      securityGroups: [{ id: 'sg-host', inbound: [OPEN], outbound: [] }],
      prefixLists: [],
      balancerGroups: [],
      reaches: [{ host: A, cidrs: ['10.0.1.10/32'], port: 22, subnet: 'subnet-a', groups: ['sg-host'] }],
      leftOut: [],
    });
    const asked = ec2.calls().map(({ args }) => args[0].input);
    expect(asked).toEqual(
      expect.arrayContaining([
        { Filters: [{ Name: 'group-id', Values: ['sg-host'] }] },
        { Filters: [{ Name: 'association.subnet-id', Values: ['subnet-a'] }] },
        { Filters: [{ Name: 'subnet-id', Values: ['subnet-a'] }] },
        { Filters: [{ Name: 'description', Values: ['ELB net/bastion/50dc6c495c0c9188'] }] },
      ]),
    );
  });

  it('is none without a load balancer', async () => {
    expect(await read({ balancer: null })).toBeNull();
    expect(ec2.calls()).toHaveLength(0);
  });

  it('has no way to a host of which EC2 says too little', async () => {
    const reaches = async (change: Change) => (await read(change))?.reaches;
    expect(await reaches({ more: { instances: new Map() } })).toEqual([]);
    expect(await reaches({ instance: { PrivateIpAddress: undefined } })).toEqual([]);
    expect(await reaches({ instance: { SubnetId: undefined } })).toEqual([]);
  });

  it('is an error where a security group is not among the answers', async () => {
    ec2.on(DescribeSecurityGroupsCommand).resolves({});
    await expect(read()).rejects.toThrow("SecurityGroups[sg-host]: missing in AWS's answer");
  });
});

const InterfaceType = 'network_load_balancer' as const;

describe('a node of the load balancer', () => {
  it('is no interface of anybody else who calls it so', async () => {
    const forged = { SubnetId: 'subnet-a', PrivateIpAddress: '203.0.113.9' };
    ec2
      .on(DescribeNetworkInterfacesCommand)
      .resolves({ NetworkInterfaces: [forged, { ...forged, InterfaceType: 'interface' }] });
    expect((await read())?.nodes[0]?.cidrs).toEqual(['10.0.1.0/24']);
  });

  it('checks from each address of its interface, by IPv4 and IPv6', async () => {
    const of = (address: string) => ({ PrivateIpAddress: address });
    const eni = {
      SubnetId: 'subnet-a',
      InterfaceType,
      PrivateIpAddress: '10.0.1.5',
      PrivateIpAddresses: [{ ...of('10.0.1.5'), Primary: true }, { ...of('10.0.1.200'), Primary: false }, {}],
      Ipv6Addresses: [{ Ipv6Address: '2001:db8::5' }, { Ipv6Address: '2001:db8::c8' }, {}],
    };
    ec2.on(DescribeNetworkInterfacesCommand).resolves({ NetworkInterfaces: [eni] });
    const nodeOf = async (change: Change) => (await read(change))?.nodes[0]?.cidrs;
    expect(await nodeOf({})).toEqual(['10.0.1.5/32', '10.0.1.200/32']);
    expect(await nodeOf({ record: { IpAddressType: 'ipv6' } })).toEqual(['2001:db8::5/128', '2001:db8::c8/128']);
  });

  it('has the addresses of its interfaces, of all pages', async () => {
    const eni = (SubnetId: string, PrivateIpAddress?: string) => ({ SubnetId, PrivateIpAddress, InterfaceType });
    ec2
      .on(DescribeNetworkInterfacesCommand)
      .resolvesOnce({ NextToken: 'next', NetworkInterfaces: [eni('subnet-a', '10.0.1.200'), eni('subnet-a')] })
      .resolves({ NetworkInterfaces: [eni('subnet-b', '10.0.2.200'), eni('subnet-a', '10.0.1.7')] });
    const AvailabilityZones = [...(BALANCER.AvailabilityZones ?? []), { ZoneName: 'eu-west-1b', SubnetId: 'subnet-b' }];
    expect((await read({ balancer: { AvailabilityZones } }))?.nodes).toEqual([
      { subnet: 'subnet-a', zone: 'eu-west-1a', cidrs: ['10.0.1.200/32', '10.0.1.7/32'] },
      { subnet: 'subnet-b', zone: 'eu-west-1b', cidrs: ['10.0.2.200/32'] },
    ]);
  });

  it('has none where neither it nor its subnet is seen', async () => {
    ec2.on(DescribeSubnetsCommand).resolves({});
    expect((await read())?.nodes).toEqual([{ subnet: 'subnet-a', zone: 'eu-west-1a', cidrs: [] }]);
    ec2.on(DescribeSubnetsCommand).resolves({ Subnets: [{ SubnetId: 'subnet-a' }] });
    expect((await read())?.nodes[0]?.cidrs).toEqual([]);
  });

  it('is one of a zone with a subnet', async () => {
    const AvailabilityZones = [{ ZoneName: 'eu-west-1a' }, { SubnetId: 'subnet-a' }];
    expect((await read({ balancer: { AvailabilityZones } }))?.nodes).toEqual([]);
    expect((await read({ balancer: { AvailabilityZones: undefined } }))?.nodes).toEqual([]);
  });
});

describe('targets with IPv6', () => {
  const ipv6 = { record: { IpAddressType: 'ipv6' } } as const;

  it('are reached, and checked, by that', async () => {
    ec2.on(DescribeNetworkInterfacesCommand).resolves({
      NetworkInterfaces: [
        { InterfaceType, SubnetId: 'subnet-a', Ipv6Addresses: [{ Ipv6Address: '2001:db8::200' }, {}] },
      ],
    });
    const network = await read({ ...ipv6, instance: { Ipv6Address: '2001:db8::10' } });
    expect(network?.nodes[0]?.cidrs).toEqual(['2001:db8::200/128']);
    expect(network?.reaches[0]?.cidrs).toEqual(['2001:db8::10/128']);
  });

  it('have the first of their addresses, and nodes the networks of their subnet', async () => {
    ec2.on(DescribeSubnetsCommand).resolves({
      Subnets: [
        {
          SubnetId: 'subnet-a',
          CidrBlock: '10.0.1.0/24',
          Ipv6CidrBlockAssociationSet: [{ Ipv6CidrBlock: '2001:db8::/64' }, {}],
        },
      ],
    });
    ec2.on(DescribeNetworkInterfacesCommand).resolves({
      NetworkInterfaces: [{ InterfaceType, SubnetId: 'subnet-a', PrivateIpAddress: '10.0.1.200' }],
    });
    const NetworkInterfaces = [{}, { Ipv6Addresses: [{}, { Ipv6Address: '2001:db8::7' }] }];
    const network = await read({ ...ipv6, instance: { NetworkInterfaces } });
    expect(network?.nodes[0]?.cidrs).toEqual(['2001:db8::/64']);
    expect(network?.reaches[0]?.cidrs).toEqual(['2001:db8::7/128']);
    expect((await read(ipv6))?.reaches).toEqual([]);
  });
});

describe('a host', () => {
  it('is reached at its first interface', async () => {
    ec2.on(DescribeSecurityGroupsCommand).resolves({
      SecurityGroups: [{ GroupId: 'sg-first' }, { GroupId: 'sg-second' }, { GroupId: 'sg-host' }],
    });
    const card = (DeviceIndex: number, SubnetId: string, GroupId: string) => ({
      Attachment: { DeviceIndex },
      SubnetId,
      Groups: [{ GroupId }, {}],
    });
    const NetworkInterfaces = [card(1, 'subnet-z', 'sg-second'), card(0, 'subnet-b', 'sg-first')];
    const reach = (await read({ instance: { NetworkInterfaces } }))?.reaches[0];
    expect([reach?.subnet, reach?.groups]).toEqual(['subnet-b', ['sg-first']]);
  });

  it.each([
    ['where each target says', '2222', undefined, 22, [2_222]],
    ['where the target group says', undefined, '8080', 22, [8_080]],
    ['where its target is', undefined, 'traffic-port', 22, [22]],
    ['where its target is, by default', undefined, undefined, 2_022, [2_022]],
    ['nowhere, where nothing says it', undefined, undefined, undefined, []],
  ])('is checked %s', async (_what, port, said, own, expected) => {
    const Target = { Id: A, ...(own === undefined ? {} : { Port: own }) };
    const health = [{ Target, ...(port === undefined ? {} : { HealthCheckPort: port }) }];
    const record = said === undefined ? {} : { HealthCheckPort: said };
    expect((await read({ record, more: { health } }))?.reaches.map((reach) => reach.port)).toEqual(expected);
  });

  it('is checked once at each port', async () => {
    const at = (Id: string, HealthCheckPort: string) => ({ Target: { Id, Port: 22 }, HealthCheckPort });
    const health = [at(A, '22'), at(A, '22'), at(A, '23'), at(B, '24')];
    expect((await read({ more: { health } }))?.reaches.map(({ port }) => port)).toEqual([22, 23]);
  });
});

describe('a rule of a security group', () => {
  const ruled = async (...IpPermissions: IpPermission[]) => {
    ec2.on(DescribeSecurityGroupsCommand).resolves({ SecurityGroups: [{ GroupId: 'sg-host', IpPermissions }] });
    return read();
  };
  const inbound = async (...all: IpPermission[]) => (await ruled(...all))?.securityGroups[0]?.inbound;

  it('is read with all that it lets through, in one spelling', async () => {
    ec2.on(GetManagedPrefixListEntriesCommand).resolves({});
    const all = await inbound({
      IpProtocol: '-1',
      IpRanges: [{ CidrIp: '0.0.0.0/0' }, {}],
      Ipv6Ranges: [{ CidrIpv6: '::/0' }, { CidrIpv6: '2001:DB8:0::/32' }, {}],
      PrefixListIds: [{ PrefixListId: 'pl-1' }, { PrefixListId: 'pl-2' }, {}],
      UserIdGroupPairs: [{ GroupId: 'sg-nlb' }, { UserId: '111122223333' }],
    });
    expect(all).toEqual([
      {
        protocol: '-1',
        from: null,
        to: null,
        cidrs: ['0.0.0.0/1', '128.0.0.0/1', '::/1', '8000::/1', '2001:db8::/32'],
        lists: ['pl-1', 'pl-2'],
        groups: ['sg-nlb'],
      },
    ]);
  });

  it.each(['UnauthorizedOperation', 'InvalidPrefixListID.NotFound'])(
    'says which of its lists cannot be read, as %s says',
    async (name) => {
      ec2.on(GetManagedPrefixListEntriesCommand).callsFake(({ PrefixListId }) => {
        if (PrefixListId === 'pl-2') throw Object.assign(new Error('no'), { name });
        return { Entries: [{ Cidr: '10.0.0.0/16' }] };
      });
      const all = await ruled({
        IpProtocol: 'tcp',
        PrefixListIds: [{ PrefixListId: 'pl-1' }, { PrefixListId: 'pl-2' }],
      });
      expect(all?.prefixLists).toEqual([
        { id: 'pl-1', cidrs: ['10.0.1.0/24'] },
        { id: 'pl-2', cidrs: null },
      ]);
    },
  );

  it('is not read without a list for any other reason', async () => {
    const error = Object.assign(new Error('slow down'), { name: 'RequestLimitExceeded' });
    ec2.on(GetManagedPrefixListEntriesCommand).rejects(error);
    await expect(inbound({ IpProtocol: 'tcp', PrefixListIds: [{ PrefixListId: 'pl-1' }] })).rejects.toThrow(
      'slow down',
    );
  });

  it('whose list has no entries lets nobody through', async () => {
    ec2.on(GetManagedPrefixListEntriesCommand).resolves({ Entries: [] });
    const all = await ruled({ IpProtocol: 'tcp', PrefixListIds: [{ PrefixListId: 'pl-1' }] });
    expect(all?.prefixLists).toEqual([{ id: 'pl-1', cidrs: [] }]);
  });

  it('keeps of a list, of all its pages, whom of nodes and hosts it lets through', async () => {
    ec2
      .on(GetManagedPrefixListEntriesCommand)
      .callsFake(({ NextToken }) =>
        NextToken === undefined
          ? { NextToken: 'next', Entries: [{ Cidr: '192.0.2.0/24' }, {}, { Cidr: '10.0.1.0/25' }] }
          : { Entries: [{ Cidr: '10.0.1.200/32' }, { Cidr: '203.0.113.0/24' }] },
      );
    const all = await ruled({ IpProtocol: 'tcp', PrefixListIds: [{ PrefixListId: 'pl-1' }] });
    expect(all?.prefixLists).toEqual([{ id: 'pl-1', cidrs: ['10.0.1.0/25', '10.0.1.200/32'] }]);
  });

  it('is left out where it says nothing of a port that is checked', async () => {
    const at = (FromPort: number, more: IpPermission = {}) => ({ ...SSH, FromPort, ToPort: FromPort, ...more });
    const PrefixListIds = [{ PrefixListId: 'pl-1' }];
    expect(await inbound(at(80, { PrefixListIds }), SSH, at(22, { IpProtocol: 'udp', PrefixListIds }))).toEqual([OPEN]);
    expect(ec2.commandCalls(GetManagedPrefixListEntriesCommand)).toHaveLength(0);
  });

  it('is read of both directions, a list once', async () => {
    ec2.on(GetManagedPrefixListEntriesCommand).resolves({ Entries: [{ Cidr: '192.0.2.0/24' }] });
    const IpPermissionsEgress = [{ IpProtocol: 'tcp', PrefixListIds: [{ PrefixListId: 'pl-1' }] }];
    const group = { IpPermissions: [{ ...IpPermissionsEgress[0] }], IpPermissionsEgress };
    ec2.on(DescribeSecurityGroupsCommand).resolves({
      SecurityGroups: [
        { GroupId: 'sg-host', ...group },
        { GroupId: 'sg-nlb', ...group },
      ],
    });
    const network = await read({ balancer: { SecurityGroups: ['sg-nlb'] } });
    expect(
      network?.securityGroups.map(({ id, inbound: into, outbound }) => [id, into.length, outbound.length]),
    ).toEqual([
      ['sg-nlb', 0, 1],
      ['sg-host', 1, 0],
    ]);
    expect(ec2.commandCalls(GetManagedPrefixListEntriesCommand)).toHaveLength(1);
  });

  it('needs a protocol, and networks that are some', async () => {
    await expect(inbound({ FromPort: 22 })).rejects.toThrow('IpPermissions[].IpProtocol');
    await expect(inbound({ IpProtocol: 'tcp', IpRanges: [{ CidrIp: '10.0.1' }] })).rejects.toThrow(
      "'10.0.1' is no network",
    );
  });
});

describe('a network ACL', () => {
  const ENTRY: NetworkAclEntry = {
    RuleNumber: 100,
    Egress: false,
    RuleAction: 'allow',
    Protocol: '6',
    CidrBlock: '10.0.1.0/24',
    PortRange: { From: 22, To: 23 },
  };
  const entries = async (...Entries: NetworkAclEntry[]) => {
    ec2.on(DescribeNetworkAclsCommand).resolves({
      NetworkAcls: [
        { NetworkAclId: 'acl-0', Associations: [{ SubnetId: 'subnet-z' }], Entries: [] },
        { NetworkAclId: 'acl-z' },
        { NetworkAclId: 'acl-1', Associations: [{}, { SubnetId: 'subnet-a' }], Entries },
      ],
    });
    const [subnet] = (await read())?.subnets ?? [];
    return subnet?.acl.id === 'acl-1' ? subnet.acl.entries : undefined;
  };

  it('is read by the subnet that it is associated with', async () => {
    const { CidrBlock: _cidr, PortRange: _ports, ...rest } = ENTRY;
    const deny = { ...rest, RuleNumber: 90, Egress: true, RuleAction: 'deny', Ipv6CidrBlock: '::/0' } as const;
    expect(await entries(ENTRY, deny)).toEqual([
      {
        number: 100,
        isOutbound: false,
        isAllowed: true,
        protocol: '6',
        from: 22,
        to: 23,
        cidrs: ['10.0.1.0/24'],
      },
      {
        number: 90,
        isOutbound: true,
        isAllowed: false,
        protocol: '6',
        from: null,
        to: null,
        cidrs: ['::/1', '8000::/1'],
      },
    ]);
  });

  it.each(['RuleNumber', 'Egress', 'RuleAction', 'Protocol', 'CidrBlock'] as const)('needs %s', async (member) => {
    await expect(entries({ ...ENTRY, [member]: undefined })).rejects.toThrow(`Entries[].${member}`);
  });
});

describe('a fleet of two hundred hosts that all fail', () => {
  it('has room in what a step keeps, whatever lists its rules name', async () => {
    const ids = Array.from({ length: 200 }, (_none, index) => `i-${index.toString(16).padStart(17, '0')}`);
    const lists = [1, 2, 3].map((each) => ({ PrefixListId: `pl-${each}` }));
    const rules = lists.map((list) => ({ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, PrefixListIds: [list] }));
    const instanceOf = (id: string, index: number): Instance => ({
      ...HOST,
      PrivateIpAddress: `10.0.1.${index}`,
      SecurityGroups: [{ GroupId: `sg-${id}` }],
    });
    ec2.on(DescribeSecurityGroupsCommand).resolves({
      SecurityGroups: ids.map((id) => ({ GroupId: `sg-${id}`, IpPermissions: rules })),
    });
    ec2.on(GetManagedPrefixListEntriesCommand).callsFake(({ PrefixListId: id }) => ({
      Entries: Array.from({ length: 1_000 }, (_none, index) => ({
        Cidr: `10.${String(id).at(-1)}.${index >> 8}.${index & 255}/32`,
      })),
    }));
    const network = await read({
      more: {
        checked: ids,
        instances: new Map(ids.map((id, index) => [id, instanceOf(id, index)])),
        health: ids.map((Id) => ({ Target: { Id, Port: 22 }, HealthCheckPort: '22' })),
      },
    });
    expect([network?.reaches.length, network?.leftOut]).toEqual([200, []]);
    expect(JSON.stringify(network).length).toBeLessThan(110_000);
  });
});
