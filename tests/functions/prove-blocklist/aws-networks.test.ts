/** What is read below the web ACLs and for CloudFront, on the simulated AWS. */

import { describe, expect, it } from 'vitest';
import { locate } from '../../../functions/prove-blocklist/aws.ts';
import { ALL, countOf, EDGE, ID, isIn, LISTING, rule, seenIn, within } from './small-account.ts';

const ACL = { VpcId: 'vpc-0d4b2c7a91e6f3058', IsDefault: false };
const SUBNETS = ['subnet-0a1f9d3c5e7b24860', 'subnet-0b1f9d3c5e7b24861'];

function associated(id: string, subnet: string): object {
  return {
    ...ACL,
    NetworkAclId: id,
    Associations: [{ NetworkAclAssociationId: `aclassoc-${id.slice(4)}`, NetworkAclId: id, SubnetId: subnet }],
  };
}

function denial(ruleNumber: number, cidr: string): object {
  return { RuleNumber: ruleNumber, Protocol: '-1', RuleAction: 'deny', Egress: false, CidrBlock: cidr };
}

describe('below the web ACLs', () => {
  const NetworkAcls = [
    {
      ...associated('acl-0a1f9d3c5e7b24860', SUBNETS[0] ?? ''),
      Tags: EDGE,
      Entries: [
        denial(99, '198.51.100.7/32'),
        denial(98, '203.0.113.0/24'),
        { ...denial(1, '192.0.2.1/32'), Egress: true },
      ],
    },
    associated('acl-0b1f9d3c5e7b24861', SUBNETS[1] ?? ''),
  ];
  const zones = SUBNETS.map((SubnetId, index) => ({ ZoneName: `eu-west-1${'ab'.charAt(index)}`, SubnetId }));
  const balancer = (name: string, Type: string, Scheme = 'internet-facing'): object => ({
    Scheme,
    LoadBalancerArn: `arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/${name}/50dc6c495c0c9189`,
    LoadBalancerName: name,
    Type,
    AvailabilityZones: zones,
  });
  const list = {
    PrefixListId: 'pl-0a1f9d3c5e7b24860',
    PrefixListName: 'edge',
    AddressFamily: 'IPv6',
    MaxEntries: 10,
    Version: 1,
    Entries: ['2001:db8::/48'],
    Tags: EDGE,
  };
  const below = {
    wafv2: { IPSets: [], WebACLs: [] },
    ec2: { Vpcs: [{ VpcId: ACL.VpcId, CidrBlock: '10.0.0.0/16' }], NetworkAcls, ManagedPrefixLists: [list] },
    'elastic-load-balancing-v2': {
      LoadBalancers: [
        balancer('game', 'network'),
        balancer('shop', 'application'),
        balancer('inner', 'network', 'internal'),
      ],
    },
  };

  it('an ACL is read with its subnets, and what comes in by number', async () => {
    const [facts] = seenIn(await within((io) => locate(ALL, io), below));
    expect(facts?.acls).toMatchObject([{ id: 'acl-0a1f9d3c5e7b24860', subnets: [SUBNETS[0]] }]);
    const numbered = facts?.acls[0]?.entries?.filter(({ ruleNumber }) => ruleNumber < 32_767);
    expect(numbered?.map(({ ruleNumber, cidr }) => [ruleNumber, cidr])).toEqual([
      [98, '203.0.113.0/24'],
      [99, '198.51.100.7/32'],
    ]);
  });

  it('all subnets of a network load balancer with one behind it are there, and those of others, or that nobody comes to from outside, are not', async () => {
    const [facts] = seenIn(await within((io) => locate(ALL, io), below));
    expect(facts?.balancerSubnets).toEqual([
      { balancer: 'game', subnet: SUBNETS[0], acl: 'acl-0a1f9d3c5e7b24860', blocklist: 'edge' },
      { balancer: 'game', subnet: SUBNETS[1], acl: 'acl-0b1f9d3c5e7b24861', blocklist: '' },
    ]);
  });

  it('a prefix list is read with what is in it', async () => {
    const [facts] = seenIn(await within((io) => locate(ALL, io), below));
    expect(facts?.prefixLists).toEqual([
      { id: 'pl-0a1f9d3c5e7b24860', name: 'edge', family: 'IPV6', maxEntries: 10, entries: ['2001:db8::/48'] },
    ]);
  });
});

describe('one that cannot be understood', () => {
  const NetworkAcls = [
    { ...associated('acl-0b1f9d3c5e7b24861', SUBNETS[1] ?? ''), Tags: EDGE, Entries: [denial(99, '198.51.100.7/32')] },
  ];
  const script = [{ after: 'PT1S', set: { 'ec2/NetworkAcls/acl-0a1f9d3c5e7b24860': { Tags: EDGE } } }];

  it('is told by itself: the other ACLs are read', async () => {
    const done = await within(
      async (io) => {
        await io.sleep(2_000);
        return locate(ALL, io);
      },
      {
        wafv2: { IPSets: [], WebACLs: [] },
        ec2: { Vpcs: [{ VpcId: ACL.VpcId, CidrBlock: '10.0.0.0/16' }], NetworkAcls },
        script,
      },
    );
    const [facts] = seenIn(done);
    expect(facts?.acls.map(({ id, entries }) => [id, entries === null])).toEqual([
      ['acl-0b1f9d3c5e7b24861', false],
      ['acl-0a1f9d3c5e7b24860', true],
    ]);
    expect(facts?.unread).toEqual([expect.stringMatching(/^network ACL acl-0a1f9d3c5e7b24860: TerminalError: /u)]);
  });
});

describe('for CloudFront', () => {
  it('sets and web ACLs are read in us-east-1, and CloudFront says what they are attached to', async () => {
    const arn = `arn:aws:wafv2:us-east-1:111122223333:global/ipset/cdn/${ID}5`;
    const cdn = { Name: 'cdn', Id: `${ID}3`, Scope: 'CLOUDFRONT', Rules: [rule('block', 0, 'Block', isIn(arn))] };
    const acl = `arn:aws:wafv2:us-east-1:111122223333:global/webacl/cdn/${ID}3`;
    const done = await within((io) => locate(ALL, io), {
      regions: { 'us-east-1': {} },
      wafv2: {
        IPSets: [{ Name: 'cdn', Id: `${ID}5`, Scope: 'CLOUDFRONT', Addresses: ['198.51.100.7/32'], Tags: EDGE }],
        WebACLs: [cdn],
      },
      cloudfront: { Distributions: [{ Id: 'E1ABCDEFGHIJKL', DistributionConfig: { Comment: 'shop', WebACLId: acl } }] },
    });
    const [facts] = seenIn(done);
    expect(facts?.webAcls).toMatchObject([
      {
        scope: 'CLOUDFRONT',
        attached: { count: 1, names: ['arn:aws:cloudfront::111122223333:distribution/E1ABCDEFGHIJKL'] },
      },
    ]);
    expect(facts?.cloudFrontRanges).toEqual([]);
    expect(countOf(done, LISTING)).toBe(0);
  });
});
