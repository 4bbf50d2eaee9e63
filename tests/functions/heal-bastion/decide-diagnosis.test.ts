/** Which rule keeps health checks from hosts. */

import { describe, expect, it } from 'vitest';
import { wallsIn, type Block, type Checking, type Walls } from '../../../functions/heal-bastion/decide/diagnosis.ts';
import type { AclEntry } from '../../../functions/heal-bastion/decide.ts';
import { decided, FAILS, host, IMPAIRED, since, TARGET_GROUP, told } from './fleet-facts.ts';
import {
  ALL_OPEN,
  entry,
  EVERYBODY,
  group,
  network,
  permission,
  reach,
  subnet,
  zoneOf,
  type Change,
} from './network-facts.ts';

/** What the network does where nobody is healthy, and only the nodes of a zone check it. */
function walls(more: Change, checking: Partial<Checking> = {}): Walls {
  const { checks } = TARGET_GROUP;
  return wallsIn(network(more), { isCrossZone: false, checks, zoneOf, isHealthy: () => false, ...checking });
}

/** What keeps checks away. */
function blocks(more: Change, isCrossZone = false): readonly Block[] {
  return walls(more, { isCrossZone }).blocks;
}

/** In few words: by what, from whom. */
function brief(more: Change, isCrossZone = false): readonly string[] {
  return blocks(more, isCrossZone).map(({ by, hosts }) => `${by}: ${hosts.join(' ')}`);
}

const OFFICE = group('sg-host', [permission(['198.51.100.0/24'])]);
const SHUT = [reach('a', { groups: [OFFICE] }), reach('b', { groups: [OFFICE] })];

describe('a network that lets checks through', () => {
  it('has nothing to be told of', () => {
    expect(blocks({})).toEqual([]);
    expect(blocks({}, true)).toEqual([]);
    expect(blocks({ reaches: [] })).toEqual([]);
    expect(blocks({ nodes: [], reaches: SHUT })).toEqual([]);
  });
});

describe('a security group of the hosts', () => {
  it('that shuts the nodes out is told once for all of them', () => {
    expect(blocks({ reaches: SHUT })).toEqual([
      {
        by: 'sg-host',
        hosts: ['i-a', 'i-b'],
        because:
          'security group sg-host lets no health check in to port 22 from 10.0.1.200/32, 10.0.2.200/32: it allows 198.51.100.0/24',
        evidence: {
          securityGroup: 'sg-host',
          direction: 'inbound',
          port: 22,
          from: ['10.0.1.200/32', '10.0.2.200/32'],
          allowed: '198.51.100.0/24',
        },
      },
    ]);
  });

  it('is told with those beside it, of which it comes nearest', () => {
    const groups = [group('sg-web', [permission(EVERYBODY, { from: 80, to: 80 })]), OFFICE, group('sg-none', [])];
    const [block, ...more] = blocks({ reaches: [reach('a', { groups })] });
    expect(more).toEqual([]);
    expect(block?.because).toBe(
      'security group sg-host and sg-web, sg-none beside it lets no health check in to port 22 from 10.0.1.200/32: it allows 198.51.100.0/24',
    );
  });

  it('is one of several that together let them through', () => {
    const groups = [OFFICE, group('sg-more', [permission(['10.0.1.0/24'])])];
    expect(brief({ reaches: [reach('a', { groups })] })).toEqual([]);
  });

  it('that allows nothing says so, and all that several allow is told', () => {
    expect(blocks({ reaches: [reach('a', { groups: [group('sg-none', [])] })] })[0]).toMatchObject({
      because: 'security group sg-none lets no health check in to port 22 from 10.0.1.200/32: it allows nothing',
      evidence: { allowed: 'nothing' },
    });
    const groups = [OFFICE, group('sg-more', [permission(['203.0.113.0/24'])])];
    expect(blocks({ reaches: [reach('a', { groups })] })[0]?.evidence['allowed']).toBe(
      '198.51.100.0/24, 203.0.113.0/24',
    );
  });

  it('is blamed for nothing where there is none', () => {
    expect(brief({ reaches: [reach('a', { groups: [] })] })).toEqual([]);
  });

  it('lets in by the group of the load balancer', () => {
    const balancerGroups = [group('sg-nlb', [])];
    const groups = [group('sg-host', [permission([], { groups: ['sg-nlb'] })])];
    expect(brief({ balancerGroups, reaches: [reach('a', { groups })] })).toEqual([]);
    expect(brief({ reaches: [reach('a', { groups })] })).toEqual(['sg-host: i-a']);
  });

  it('is asked at the port of the check', () => {
    expect(blocks({ reaches: [reach('a', { port: 8_080 })] })[0]?.evidence).toEqual({
      securityGroup: 'sg-subnets',
      direction: 'inbound',
      port: 8_080,
      from: ['10.0.1.200/32'],
      allowed: 'nothing',
    });
  });

  it('is told once for each port', () => {
    const at = (port: number) => reach('a', { groups: [OFFICE], port });
    expect(blocks({ reaches: [at(22), at(80)] }).map(({ evidence }) => evidence['port'])).toEqual([22, 80]);
  });
});

describe('a security group of the load balancer', () => {
  const nlb = (outbound: readonly ReturnType<typeof permission>[]) => group('sg-nlb', [], { outbound });

  it('that lets no check out is told', () => {
    expect(blocks({ balancerGroups: [nlb([permission(EVERYBODY, { from: 443, to: 443 })])] })).toEqual([
      {
        by: 'sg-nlb',
        hosts: ['i-a', 'i-b'],
        because:
          'security group sg-nlb lets no health check out to port 22 to 10.0.1.10/32, 10.0.2.10/32: it allows nothing',
        evidence: {
          securityGroup: 'sg-nlb',
          direction: 'outbound',
          port: 22,
          to: ['10.0.1.10/32', '10.0.2.10/32'],
          allowed: 'nothing',
        },
      },
    ]);
  });

  it('lets out by address, or by the group of the host', () => {
    expect(brief({ balancerGroups: [nlb([permission(['10.0.0.0/16'])])] })).toEqual([]);
    expect(brief({ balancerGroups: [nlb([permission([], { groups: ['sg-subnets'] })])] })).toEqual([]);
    expect(brief({ balancerGroups: [nlb([permission([], { groups: ['sg-x'] })])] })).toEqual(['sg-nlb: i-a i-b']);
    expect(brief({ balancerGroups: [nlb([permission(['10.0.1.0/24'])])] })).toEqual(['sg-nlb: i-b']);
  });

  it('is told beside that of the hosts, which comes first', () => {
    expect(brief({ balancerGroups: [nlb([])], reaches: SHUT })).toEqual(['sg-host: i-a i-b', 'sg-nlb: i-a i-b']);
  });
});

/** The subnets, of which one has these entries at its edge. */
function edge(id: string, entries: readonly AclEntry[]): Change {
  return {
    subnets: ['a', 'b', 'c'].map((letter) =>
      subnet(`subnet-${letter}`, `subnet-${letter}` === id ? entries : ALL_OPEN),
    ),
    reaches: [reach('b')],
    // The node of another subnet checks it.
    nodes: [{ subnet: 'subnet-a', zone: 'eu-west-1b', cidrs: ['10.0.1.200/32'] }],
  };
}

const TCP = { protocol: '6', isAllowed: false } as const;
const CHECK = { ...TCP, from: 22, to: 22 } as const;
const ANSWER = { ...TCP, from: 1_024, to: 65_535 } as const;

describe('a network ACL', () => {
  it.each([
    ['subnet-a', true, CHECK, 22, 'network ACL acl-a of subnet-a: rule 90 denies outbound 22 to 10.0.2.10/32'],
    ['subnet-b', false, CHECK, 22, 'network ACL acl-b of subnet-b: rule 90 denies inbound 22 from 10.0.1.200/32'],
    [
      'subnet-b',
      true,
      ANSWER,
      '1024-65535',
      'network ACL acl-b of subnet-b: rule 90 denies outbound 1024-65535 to 10.0.1.200/32',
    ],
    [
      'subnet-a',
      false,
      ANSWER,
      '1024-65535',
      'network ACL acl-a of subnet-a: rule 90 denies inbound 1024-65535 from 10.0.2.10/32',
    ],
  ])('at the edge of %s, outbound %j, denies', (id, isOutbound, what, port, because) => {
    const all = [...ALL_OPEN, entry(90, { ...what, isOutbound })];
    const direction = isOutbound ? 'outbound' : 'inbound';
    const far = [because.split(' ').at(-1)];
    expect(blocks(edge(id, all))).toEqual([
      {
        by: id.replace('subnet', 'acl'),
        hosts: ['i-b'],
        because,
        evidence: {
          networkAcl: id.replace('subnet', 'acl'),
          subnet: id,
          direction,
          rule: 90,
          port,
          ...(isOutbound ? { to: far } : { from: far }),
        },
      },
    ]);
  });

  it.each([
    ['subnet-a', true, ANSWER],
    ['subnet-b', false, ANSWER],
    ['subnet-b', true, CHECK],
    ['subnet-a', false, CHECK],
  ])('at the edge of %s, outbound %j, may deny what no check needs', (id, isOutbound, what) => {
    expect(brief(edge(id, [...ALL_OPEN, entry(90, { ...what, isOutbound })]))).toEqual([]);
  });

  it('is told with all addresses that it shuts out', () => {
    const nodes = [{ subnet: 'subnet-a', zone: 'eu-west-1b', cidrs: ['10.0.1.200/32', '10.0.1.9/32'] }];
    const entries = [...ALL_OPEN, entry(90, CHECK)];
    expect(blocks({ ...edge('subnet-b', entries), nodes })[0]?.because).toBe(
      'network ACL acl-b of subnet-b: rule 90 denies inbound 22 from 10.0.1.200/32, 10.0.1.9/32',
    );
  });

  it('without a rule that allows says so', () => {
    const [block] = blocks(edge('subnet-b', [entry(100, { isOutbound: true })]));
    expect(block?.because).toBe('network ACL acl-b of subnet-b: no rule lets through inbound 22 from 10.0.1.200/32');
    expect(block?.evidence['rule']).toBe('*');
  });

  it('is none between machines of one subnet', () => {
    const subnets = [subnet('subnet-a', []), subnet('subnet-b', [])];
    expect(brief({ subnets })).toEqual([]);
  });

  it('that is not seen is not blamed', () => {
    expect(brief({ ...edge('subnet-b', ALL_OPEN), subnets: [] })).toEqual([]);
  });

  it('of two subnets is told for each', () => {
    const acl = { id: 'acl-1', entries: [...ALL_OPEN, entry(90, { ...CHECK, isOutbound: false })] };
    const subnets = ['a', 'b', 'c'].map((letter) => ({ id: `subnet-${letter}`, acl }));
    expect(blocks({ subnets }, true).map(({ evidence, hosts }) => [evidence['subnet'], hosts])).toEqual([
      ['subnet-a', ['i-a']],
      ['subnet-b', ['i-b']],
    ]);
  });

  it('is told for each of its rules and directions', () => {
    const deny = (number: number, isOutbound: boolean, cidrs: readonly string[]) =>
      entry(number, { ...TCP, isOutbound, cidrs, from: 1_024, to: 65_535 });
    const entries = [...ALL_OPEN, deny(80, true, ['10.0.1.0/24']), deny(90, true, ['10.0.3.0/24'])];
    const found = blocks({ ...edge('subnet-b', entries), nodes: network().nodes, reaches: [reach('b')] }, true);
    expect(found.map(({ evidence }) => [evidence['rule'], evidence['to']])).toEqual([
      [80, ['10.0.1.200/32']],
      [90, ['10.0.3.200/32']],
    ]);
  });
});

describe('who checks a host', () => {
  const onlyOwn = (letter: 'a' | 'b', from: string) =>
    reach(letter, { groups: [group('sg-host', [permission([from])])] });

  it('is the node of its zone', () => {
    expect(brief({ reaches: [onlyOwn('a', '10.0.1.0/24')] })).toEqual([]);
    expect(brief({ reaches: [onlyOwn('a', '10.0.2.0/24')] })).toEqual(['sg-host: i-a']);
  });

  it('is every node where it is balanced across zones', () => {
    const [block] = blocks({ reaches: [onlyOwn('a', '10.0.1.0/24')] }, true);
    expect(block?.evidence['from']).toEqual(['10.0.2.200/32', '10.0.3.200/32']);
  });

  it('is every node where its zone has none', () => {
    const reaches = [{ ...onlyOwn('a', '10.0.1.0/24'), host: 'i-f' }];
    expect(blocks({ reaches })[0]?.evidence['from']).toEqual(['10.0.2.200/32', '10.0.3.200/32']);
  });

  it('has several addresses', () => {
    const nodes = [{ subnet: 'subnet-a', zone: 'eu-west-1a', cidrs: ['10.0.1.209/32', '10.0.1.200/32'] }];
    expect(blocks({ nodes, reaches: [reach('a', { groups: [OFFICE] })] })[0]?.evidence['from']).toEqual([
      '10.0.1.200/32',
      '10.0.1.209/32',
    ]);
  });
});

describe('what keeps checks from different hosts', () => {
  const other = group('sg-other', []);

  it('is told with what keeps them from most of them first', () => {
    const reaches = [
      reach('a', { groups: [other] }),
      reach('b', { groups: [OFFICE] }),
      reach('c', { groups: [OFFICE] }),
    ];
    expect(brief({ reaches })).toEqual(['sg-host: i-b i-c', 'sg-other: i-a']);
    expect(brief({ reaches: reaches.toReversed() })).toEqual(['sg-host: i-b i-c', 'sg-other: i-a']);
  });

  it('is told for one host alone', () => {
    expect(brief({ reaches: [reach('a'), reach('b', { groups: [other] })] })).toEqual(['sg-other: i-b']);
  });
});

const HOSTS = [host('a', { targets: FAILS }), host('b', { targets: FAILS }), host('c')];
const LONG = since(900, 'a', 'b');

describe('a fleet whose checks are shut out', () => {
  it('is told which rule that is, and no host is replaced, however long it has been so', () => {
    expect(decided({ hosts: HOSTS, network: network({ reaches: SHUT }), memory: LONG })).toMatchObject({
      kind: 'refuse',
      code: 'health-check-blocked',
      because:
        'security group sg-host lets no health check in to port 22 from 10.0.1.200/32, 10.0.2.200/32: it allows 198.51.100.0/24: no host is replaced, for another would be shut out, too',
      evidence: {
        securityGroup: 'sg-host',
        port: 22,
        from: ['10.0.1.200/32', '10.0.2.200/32'],
        blocks: ['sg-host'],
        healthy: 1,
        hosts: { 'i-c': 'healthy' },
      },
      attention: true,
    });
  });

  it('is told at once, and with all rules', () => {
    const reaches = [reach('a', { groups: [OFFICE] }), reach('b', { groups: [group('sg-other', [])] })];
    const decision = decided({ hosts: HOSTS, network: network({ reaches }) });
    expect(decision).toMatchObject({ code: 'health-check-blocked', evidence: { blocks: ['sg-host', 'sg-other'] } });
    expect(decision.because).toBe(
      'security group sg-host lets no health check in to port 22 from 10.0.1.200/32: it allows 198.51.100.0/24; security group sg-other lets no health check in to port 22 from 10.0.2.200/32: it allows nothing: no host is replaced, for another would be shut out, too',
    );
  });

  it('is none where a host is shut out that counts for another reason', () => {
    const hosts = [host('a', { checks: IMPAIRED, targets: FAILS }), host('b', { targets: FAILS }), host('c')];
    const reaches = [reach('a', { groups: [OFFICE] }), reach('b')];
    expect(told(decided({ hosts, network: network({ reaches }), memory: LONG }))).toBe('act replacing');
    expect(
      told(
        decided({
          hosts: [host('a', { checks: IMPAIRED }), host('b'), host('c')],
          network: network({ reaches: SHUT }),
        }),
      ),
    ).toBe('nothing doubtful');
  });

  it('is none where the network lets them through: a host by itself is replaced', () => {
    expect(told(decided({ hosts: HOSTS, network: network(), memory: LONG }))).toBe('act replacing');
  });

  it('is judged by the zones of its hosts, unless it is balanced across them', () => {
    const hosts = [host('a', { targets: FAILS }), host('b'), host('c')];
    const reaches = [reach('a', { groups: [group('sg-host', [permission(['10.0.1.0/24'])])] })];
    const balancer = (isCrossZone: boolean) => ({
      balancer: TARGET_GROUP.balancer === null ? null : { ...TARGET_GROUP.balancer, isCrossZone },
    });
    const at = (isCrossZone: boolean) =>
      told(decided({ hosts, memory: LONG, network: network({ reaches }), targetGroup: balancer(isCrossZone) }));
    expect([at(false), at(true)]).toEqual(['act replacing', 'refuse health-check-blocked']);
  });
});
