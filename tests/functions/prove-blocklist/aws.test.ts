/** What is read of sets, web ACLs, networks and the ledger, on the simulated AWS. */

import { describe, expect, it } from 'vitest';
import { locate, observe, type Request, type Seen } from '../../../functions/prove-blocklist/aws.ts';
import type { Io, Located } from '../../../shared/kernel/definition.ts';
import type { FaultPoint } from '../../../simulator/engine/run-types.ts';
import { inFunction, type Done } from '../in-a-function.ts';

const ID = '11111111-1111-4111-8111-11111111111';
const EDGE = [{ Key: 'runbook:block', Value: 'edge' }];
const EDGE_ARN = `arn:aws:wafv2:eu-west-1:111122223333:regional/ipset/edge-v4/${ID}4`;
const OFFICE_ARN = `arn:aws:wafv2:eu-west-1:111122223333:regional/ipset/office/${ID}9`;
const ALB = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/shop/50dc6c495c0c9188';
const POOL = 'arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_AbCdEfGhI';

function isIn(arn: string): object {
  return { IPSetReferenceStatement: { ARN: arn } };
}

function rule(name: string, priority: number, action: string, statement: object): object {
  return {
    Name: name,
    Priority: priority,
    Action: { [action]: {} },
    Statement: statement,
    VisibilityConfig: { SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: `m-${name}` },
  };
}

const SHOP = {
  Name: 'shop',
  Id: `${ID}1`,
  Rules: [rule('block', 10, 'Block', isIn(EDGE_ARN)), rule('office', 1, 'Allow', isIn(OFFICE_ARN))],
  Resources: [ALB, POOL],
  SampledRequests: [
    {
      RuleMetricName: 'm-block',
      Request: { ClientIP: '198.51.100.7' },
      Action: 'BLOCK',
      Timestamp: '2026-11-22T07:50:00Z',
    },
    {
      RuleMetricName: 'shop',
      Request: { ClientIP: '2001:DB8::1' },
      Action: 'ALLOW',
      Timestamp: '2026-11-22T07:55:00Z',
    },
  ],
};

const REASON = { incident: 'INC-1', until: '2026-11-22T09:00:00.000Z', from: '2026-11-22T07:00:00.000Z' };

const WORLD = {
  now: '2026-11-22T08:00:00Z',
  account: '111122223333',
  region: 'eu-west-1',
  wafv2: {
    IPSets: [
      { Name: 'edge-v4', Id: `${ID}4`, Addresses: ['198.51.100.7/32'], Tags: EDGE },
      { Name: 'office', Id: `${ID}9`, Addresses: ['192.0.2.0/24'], Tags: [] },
    ],
    WebACLs: [SHOP, { Name: 'other', Id: `${ID}2`, Rules: [], Resources: [] }],
  },
  ec2: {
    ManagedPrefixLists: [
      {
        PrefixListId: 'pl-4fa04526',
        PrefixListName: 'com.amazonaws.global.cloudfront.origin-facing',
        AddressFamily: 'IPv4',
        OwnerId: 'AWS',
        Entries: ['130.176.0.0/18'],
      },
    ],
  },
  ledger: { data: [{ partition: 'block', key: '198.51.100.7/32', value: { reasons: [REASON] } }] },
};

const ALL: Request = { target: null, dryRun: false };

function within<T>(
  work: (io: Io) => Promise<T>,
  change: object = {},
  points: readonly FaultPoint[] = [],
): Promise<Done<T>> {
  return inFunction({ ...WORLD, ...change }, work, points);
}

function seenIn({ value, thrown }: Done<readonly Located<Seen>[]>): readonly (Seen | undefined)[] {
  if (thrown !== undefined) throw thrown;
  return (value ?? []).map(({ facts }) => facts);
}

function countOf({ requests }: Done<unknown>, call: string): number {
  return requests.filter((request) => request.call === call).length;
}

const LISTING = 'wafv2:ListResourcesForWebACL';

function rememberedAt(at: string, count = 1): object {
  const text = JSON.stringify({ at, readAt: at, isWhole: true, count, names: ['arn:remembered'] });
  const history = { epoch: 0, actions: [], memory: { [`attached:${ID}1`]: text, 'attached:gone': text } };
  return {
    ledger: { ...WORLD.ledger, resources: [{ resource: 'blocklist/edge', runbook: 'prove-blocklist', history }] },
  };
}

describe('a blocklist', () => {
  it('is read with its sets, the web ACLs that name them, whom these let in first, and whom they have seen', async () => {
    const done = await within((io) => locate(ALL, io));
    expect(done.value?.map(({ target }) => target)).toEqual(['blocklist/edge']);
    const [facts] = seenIn(done);
    expect(facts).toMatchObject({
      blocklist: 'edge',
      address: null,
      hasAllowLists: false,
      sets: [
        {
          arn: EDGE_ARN,
          name: 'edge-v4',
          scope: 'REGIONAL',
          isNumbered: false,
          content: { family: 'IPV4', addresses: ['198.51.100.7/32'] },
        },
      ],
      allowSets: { [OFFICE_ARN]: ['192.0.2.0/24'] },
      cloudFrontRanges: ['130.176.0.0/18'],
      acls: [],
      prefixLists: [],
      balancerSubnets: [],
      unread: [],
      unreadScopes: [],
    });
    expect(facts?.webAcls).toMatchObject([
      {
        name: 'shop',
        rules: [
          { name: 'office', action: 'Allow', only: [OFFICE_ARN] },
          { name: 'block', action: 'Block', references: [{ arn: EDGE_ARN, forwarded: null }] },
        ],
        isReadNow: true,
        attached: { isWhole: true, count: 2, names: [ALB, POOL] },
        samples: [
          { client: '198.51.100.7/32', at: '2026-11-22T07:50:00.000Z', action: 'BLOCK', rule: 'block' },
          { client: '2001:db8::1/128', action: 'ALLOW', rule: 'the default action' },
        ],
      },
    ]);
  });

  it('is read alone where it is asked for by its name, and nothing is where nothing has that name', async () => {
    const named = await within((io) => locate({ ...ALL, target: 'edge' }, io));
    expect(seenIn(named).map((facts) => facts?.address)).toEqual([null]);
    expect(seenIn(await within((io) => locate({ ...ALL, target: 'edgy' }, io)))).toEqual([]);
  });

  it('is read for an address in its one spelling where that is asked for', async () => {
    const done = await within((io) => locate({ ...ALL, target: '198.51.100.7' }, io));
    expect(seenIn(done).map((facts) => facts?.address)).toEqual(['198.51.100.7/32']);
  });

  it('is observed again by its target, and is no more once nothing is tagged with it', async () => {
    expect((await within((io) => observe('blocklist/edge', ALL, io))).value?.blocklist).toBe('edge');
    const { thrown } = await within((io) => observe('blocklist/gone', ALL, io));
    expect(thrown).toMatchObject({ name: 'TerminalError', message: 'nothing is tagged with gone any more' });
  });

  it('is none where nothing is tagged', async () => {
    const done = await within((io) => locate(ALL, io), {
      wafv2: { IPSets: [], WebACLs: [{ ...SHOP, Rules: [], SampledRequests: [] }] },
    });
    expect(seenIn(done)).toEqual([]);
    expect(countOf(done, 'wafv2:ListWebACLs')).toBe(0);
  });
});

describe('attachments', () => {
  it('are asked for kind by kind, two seconds apart', async () => {
    const { requests } = await within((io) => locate(ALL, io));
    const times = requests.filter(({ call }) => call === LISTING).map(({ at }) => Date.parse(at));
    expect(times).toHaveLength(6);
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(2_000);
  });

  it('are not asked for again within a quarter of an hour: what is remembered stands, with its time', async () => {
    const done = await within((io) => locate(ALL, io), rememberedAt('2026-11-22T07:46:00.000Z'));
    expect(countOf(done, LISTING)).toBe(0);
    expect(seenIn(done)[0]?.webAcls[0]).toMatchObject({
      isReadNow: false,
      attached: { readAt: '2026-11-22T07:46:00.000Z', count: 1, names: ['arn:remembered'] },
    });
    expect(seenIn(done)[0]?.forget).toEqual(['attached:gone']);
  });

  it('are asked for again after it', async () => {
    const done = await within((io) => locate(ALL, io), rememberedAt('2026-11-22T07:45:00.000Z'));
    expect(countOf(done, LISTING)).toBe(6);
    expect(seenIn(done)[0]?.webAcls[0]).toMatchObject({ isReadNow: true, attached: { count: 2 } });
  });

  it('are not asked for by a dry run, which could not remember them', async () => {
    const done = await within((io) => locate({ ...ALL, dryRun: true }, io));
    expect(countOf(done, LISTING)).toBe(0);
    expect(seenIn(done)[0]?.webAcls[0]).toMatchObject({ attached: null, isReadNow: false });
  });

  it('are asked for where what is remembered cannot be understood', async () => {
    const history = { epoch: 0, actions: [], memory: { [`attached:${ID}1`]: '{"at":' } };
    const resources = [{ resource: 'blocklist/edge', runbook: 'prove-blocklist', history }];
    const done = await within((io) => locate(ALL, io), { ledger: { ...WORLD.ledger, resources } });
    expect(countOf(done, LISTING)).toBe(6);
  });

  it('of which one kind does not answer are told as not whole, and count as asked for', async () => {
    const calm = await within((io) => locate(ALL, io));
    const last = calm.requests.findLastIndex(({ call }) => call === LISTING);
    const done = await within((io) => locate(ALL, io), {}, [{ request: last, kind: 'throttled-for-a-minute' }]);
    const [facts] = seenIn(done);
    expect(facts?.webAcls[0]).toMatchObject({ isReadNow: true, attached: { isWhole: false, count: 2 } });
    expect(facts?.unread).toEqual([
      expect.stringMatching(/^what shop is attached to \(VERIFIED_ACCESS_INSTANCE\): \w+: /u),
    ]);
  });

  it('of which no kind answers leave what was known before, with its time', async () => {
    const before = rememberedAt('2026-11-22T07:00:00.000Z');
    const calm = await within((io) => locate(ALL, io), before);
    const first = calm.requests.findIndex(({ call }) => call === LISTING);
    const done = await within((io) => locate(ALL, io), before, [{ request: first, kind: 'throttled-for-a-minute' }]);
    const [facts] = seenIn(done);
    const attached = facts?.webAcls[0]?.attached;
    expect(attached).toMatchObject({ readAt: '2026-11-22T07:00:00.000Z', isWhole: false, count: 1 });
    expect((attached?.at ?? '') > '2026-11-22T08:00:00.000Z').toBe(true);
  });
});

describe('a place that does not answer', () => {
  it('holds up no other, and is told with its reason; one throttle is got over', async () => {
    const calm = await within((io) => locate(ALL, io));
    const asked = calm.requests.flatMap(({ call }, request) => (call.startsWith('ledger:') ? [] : [{ call, request }]));
    expect(asked.length).toBeGreaterThan(15);
    for (const { call, request } of asked) {
      const once = await within((io) => locate(ALL, io), {}, [{ request, kind: 'throttled' }]);
      expect([call, request, seenIn(once)[0]?.unread]).toEqual([call, request, []]);
      const long = await within((io) => locate(ALL, io), {}, [{ request, kind: 'throttled-for-a-minute' }]);
      const isAsking = call === 'tag:GetResources';
      // Who cannot even say what is tagged cannot say that nothing is.
      if (isAsking && long.thrown !== undefined) expect(long.thrown).toMatchObject({ name: 'RetryableError' });
      else expect([call, seenIn(long)[0]?.unread.length]).not.toEqual([call, 0]);
    }
  });
});

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
  const balancer = (name: string, Type: string): object => ({
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
    'elastic-load-balancing-v2': { LoadBalancers: [balancer('game', 'network'), balancer('shop', 'application')] },
  };

  it('an ACL is read with its subnets, and what comes in by number', async () => {
    const [facts] = seenIn(await within((io) => locate(ALL, io), below));
    expect(facts?.acls).toMatchObject([{ id: 'acl-0a1f9d3c5e7b24860', subnets: [SUBNETS[0]] }]);
    const numbered = facts?.acls[0]?.entries.filter(({ ruleNumber }) => ruleNumber < 32_767);
    expect(numbered?.map(({ ruleNumber, cidr }) => [ruleNumber, cidr])).toEqual([
      [98, '203.0.113.0/24'],
      [99, '198.51.100.7/32'],
    ]);
  });

  it('all subnets of a network load balancer with one behind it are there, and those of other balancers are not', async () => {
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
