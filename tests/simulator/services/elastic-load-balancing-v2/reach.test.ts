/** Which rules of the network keep health checks from a target. */

import { describe, expect, it } from 'vitest';
import { A, bastions, OPEN, type Parts, securityGroup, target } from './bastion-world.ts';

const FAILED = 'unhealthy Target.FailedHealthChecks';

/** Whether a new target, in the first zone, gets healthy. */
function firstIn(parts: Parts): string {
  const world = bastions({ targets: [target(A, 'initial')], ...parts });
  world.quiesce();
  return world.health()[0]?.slice(`${A} `.length) ?? '';
}

const tcp = (more: object, port = 22) => ({ IpProtocol: 'tcp', FromPort: port, ToPort: port, ...more });
const inbound = (...IpPermissions: object[]) => ({
  ec2: { SecurityGroups: [securityGroup('sg-host', [], { IpPermissions })] },
});
const cidr = (CidrIp: string) => ({ IpRanges: [{ CidrIp }] });

describe('the inbound rules of a host', () => {
  it.each([
    ['the subnet of the node', [tcp(cidr('10.0.1.0/24'))], 'healthy'],
    ['a network around it', [tcp(cidr('10.0.0.0/8'))], 'healthy'],
    ['anywhere', [tcp(cidr('0.0.0.0/0'))], 'healthy'],
    ['every protocol', [{ IpProtocol: '-1', ...cidr('10.0.1.0/24') }], 'healthy'],
    ['all ports', [{ IpProtocol: 'tcp', FromPort: 0, ToPort: 65_535, ...cidr('10.0.1.0/24') }], 'healthy'],
    ['two halves of the subnet', [tcp(cidr('10.0.1.0/25')), tcp(cidr('10.0.1.128/25'))], 'healthy'],
    ['one half of the subnet', [tcp(cidr('10.0.1.0/25'))], FAILED],
    ['another port', [tcp(cidr('10.0.1.0/24'), 2222)], FAILED],
    ['UDP', [{ ...tcp(cidr('10.0.1.0/24')), IpProtocol: 'udp' }], FAILED],
    ['IPv6', [tcp({ Ipv6Ranges: [{ CidrIpv6: '::/0' }] })], FAILED],
    ['nobody', [], FAILED],
  ])('that let in %s', (_who, rules, state) => {
    expect(firstIn(inbound(...rules))).toBe(state);
  });

  it.each([
    [['10.0.1.0/24'], 'healthy'],
    [['198.51.100.0/24'], FAILED],
  ])('that let in a list of %o', (cidrs, state) => {
    const parts = inbound(tcp({ PrefixListIds: [{ PrefixListId: 'pl-1' }] }));
    const list = {
      PrefixListId: 'pl-1',
      PrefixListName: 'nodes',
      AddressFamily: 'IPv4',
      MaxEntries: 5,
      Entries: cidrs,
    };
    expect(firstIn({ ec2: { ...parts.ec2, ManagedPrefixLists: [list] } })).toBe(state);
  });

  it('are met by the node itself where the world has its interface', () => {
    const node = (PrivateIpAddress: string, InterfaceType = 'network_load_balancer') => ({
      InterfaceType,
      NetworkInterfaceId: 'eni-0a000000000000001',
      Description: 'ELB net/bastion/50dc6c495c0c9188',
      SubnetId: 'subnet-a',
      VpcId: 'vpc-1',
      AvailabilityZone: 'eu-west-1a',
      PrivateIpAddress,
    });
    const { ec2 } = inbound(tcp(cidr('10.0.1.7/32')));
    expect(firstIn({ ec2: { ...ec2, NetworkInterfaces: [node('10.0.1.7')] } })).toBe('healthy');
    expect(firstIn({ ec2: { ...ec2, NetworkInterfaces: [node('10.0.1.8')] } })).toBe(FAILED);
    // Somebody else's, who calls it so: then it is any address of the subnet.
    expect(firstIn({ ec2: { ...ec2, NetworkInterfaces: [node('10.0.1.7', 'interface')] } })).toBe(FAILED);
  });
});

describe('a load balancer with security groups', () => {
  const behind = (rules: object[], egress: object[]): Parts => ({
    balancer: { SecurityGroups: ['sg-edge'] },
    ec2: {
      SecurityGroups: [
        securityGroup('sg-host', [], { IpPermissions: rules }),
        securityGroup('sg-edge', [], { IpPermissionsEgress: egress }),
      ],
    },
  });
  const byGroup = tcp({ UserIdGroupPairs: [{ GroupId: 'sg-edge' }] });

  it.each([
    ['lets out what the host lets in by group', [byGroup], [tcp(cidr('10.0.0.0/16'))], 'healthy'],
    [
      'lets it out by the group of the host',
      [byGroup],
      [tcp({ UserIdGroupPairs: [{ GroupId: 'sg-host' }] })],
      'healthy',
    ],
    ['is let in by address as well', [tcp(cidr(OPEN[0] ?? ''))], [tcp(cidr('0.0.0.0/0'))], 'healthy'],
    ['lets nothing out', [byGroup], [], FAILED],
    ['lets out another port', [byGroup], [tcp(cidr('0.0.0.0/0'), 443)], FAILED],
    ['is not let in', [tcp({ UserIdGroupPairs: [{ GroupId: 'sg-other' }] })], [tcp(cidr('0.0.0.0/0'))], FAILED],
  ])('%s', (_case, rules, egress, state) => {
    expect(firstIn(behind(rules, egress))).toBe(state);
  });
});

describe('network ACLs', () => {
  const CROSS = { Attributes: [{ Key: 'load_balancing.cross_zone.enabled', Value: 'true' }] };
  const entry = (RuleNumber: number, Egress: boolean, more: object = {}) => ({
    RuleNumber,
    Egress,
    Protocol: '-1',
    RuleAction: 'allow',
    CidrBlock: '0.0.0.0/0',
    ...more,
  });
  const acl = (letter: 'a' | 'b', ...Entries: object[]) => ({
    NetworkAclId: `acl-0${letter}000000000000001`,
    VpcId: 'vpc-1',
    Associations: [
      { NetworkAclAssociationId: `aclassoc-0${letter}`, SubnetId: `subnet-${letter}`, NetworkAclId: `acl-0${letter}` },
    ],
    Entries,
  });
  const open = [entry(100, true), entry(100, false)];
  const ports = (From: number, To: number) => ({ Protocol: '6', PortRange: { From, To } });
  const through = (NetworkAcls: object[], group: object = CROSS): string => firstIn({ group, ec2: { NetworkAcls } });

  it.each([
    ['of neither side shut anything', [acl('a', ...open), acl('b', ...open)], 'healthy'],
    [
      'let checks in and answers out',
      [acl('a', entry(100, false, ports(22, 22)), entry(100, true, ports(1_024, 65_535)))],
      'healthy',
    ],
    ['keep checks out', [acl('a', entry(100, true))], FAILED],
    ['keep answers in', [acl('a', entry(100, false, ports(22, 22)))], FAILED],
    ['let out only some answers', [acl('a', entry(100, false), entry(100, true, ports(32_768, 65_535)))], FAILED],
    ['of the node keep checks in', [acl('b', entry(100, false))], FAILED],
    ['of the node keep answers out', [acl('b', entry(100, true), entry(100, false, ports(22, 22)))], FAILED],
    ['deny first', [acl('a', ...open, entry(50, false, { RuleAction: 'deny', CidrBlock: '10.0.2.0/24' }))], FAILED],
    ['deny last', [acl('a', ...open, entry(200, false, { RuleAction: 'deny', CidrBlock: '10.0.2.0/24' }))], 'healthy'],
    [
      'deny another',
      [acl('a', ...open, entry(50, false, { RuleAction: 'deny', CidrBlock: '10.0.9.0/24' }))],
      'healthy',
    ],
    ['of UDP say nothing', [acl('a', ...open, entry(50, false, { RuleAction: 'deny', Protocol: '17' }))], 'healthy'],
  ])('that %s', (_case, acls, state) => {
    expect(through(acls)).toBe(state);
  });

  const deny = (number: number, egress: boolean, From: number, To: number) =>
    entry(number, egress, { ...ports(From, To), RuleAction: 'deny' });

  // Of two failures and three successes in a row: from 396 of 1,000 ports on.
  it.each([
    [
      'one port of answers',
      [acl('a', ...open, deny(90, true, 3_389, 3_389), deny(90, false, 3_389, 3_389))],
      'healthy',
    ],
    ['several stretches', [acl('a', ...open, deny(80, true, 1_024, 1_100), deny(81, true, 27_017, 27_117))], 'healthy'],
    ['39 of 100', [acl('a', ...open, deny(90, true, 1_024, 26_183))], 'healthy'],
    ['40 of 100', [acl('a', ...open, deny(90, true, 1_024, 26_829))], FAILED],
    ['40 of 100 in two', [acl('a', ...open, deny(90, true, 1_024, 14_000), deny(91, true, 52_000, 65_535))], FAILED],
    ['the port of the check', [acl('a', ...open, deny(90, false, 22, 22))], FAILED],
    [
      'half on either side, the same',
      [acl('a', ...open, deny(90, true, 1_024, 23_000)), acl('b', ...open, deny(90, false, 1_024, 23_000))],
      'healthy',
    ],
    [
      'half on either side, not the same',
      [acl('a', ...open, deny(90, true, 1_024, 23_000)), acl('b', ...open, deny(90, false, 44_000, 65_535))],
      FAILED,
    ],
  ])('deny %s', (_what, acls, state) => {
    expect(through(acls)).toBe(state);
  });

  it('deny for the address that is worst off', () => {
    const half = (number: number, CidrBlock: string, From: number, To: number) =>
      entry(number, true, { ...ports(From, To), RuleAction: 'deny', CidrBlock });
    const low = half(90, '10.0.2.0/25', 1_024, 23_000);
    expect(through([acl('a', ...open, low, half(91, '10.0.2.128/25', 44_000, 65_535))])).toBe('healthy');
    expect(through([acl('a', ...open, low, half(91, '10.0.2.0/24', 44_000, 65_535))])).toBe(FAILED);
  });

  it('are not passed within a subnet', () => {
    expect(through([acl('a')], {})).toBe('healthy');
  });

  it('of the other zone matter with cross-zone load balancing alone', () => {
    expect(through([acl('b')], {})).toBe('healthy');
    expect(through([acl('b')])).toBe(FAILED);
  });
});
