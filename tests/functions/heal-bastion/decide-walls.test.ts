/** What denies some answers only, what somebody is healthy behind, what cannot be read, and who is spared. */

import { describe, expect, it } from 'vitest';
import { wallsIn, type Checking, type Walls } from '../../../functions/heal-bastion/decide/diagnosis.ts';
import {
  expectedChecks,
  keepsUnhealthy,
  secondsToAcquit,
} from '../../../functions/heal-bastion/decide/failing-by-chance.ts';
import type { AclEntry } from '../../../functions/heal-bastion/decide.ts';
import { ago, ALARM, decided, FAILS, host, planned, since, TARGET_GROUP, taken, told } from './fleet-facts.ts';
import { ALL_OPEN, entry, group, network, permission, reach, subnet, zoneOf, type Change } from './network-facts.ts';

const { checks } = TARGET_GROUP;

function walls(more: Change, checking: Partial<Checking> = {}): Walls {
  return wallsIn(network(more), { isCrossZone: true, checks, zoneOf, isHealthy: () => false, ...checking });
}

const deny = (number: number, isOutbound: boolean, from: number, to: number): AclEntry =>
  entry(number, { isOutbound, isAllowed: false, protocol: '6', from, to });

/** The three subnets, with further entries at the edges of some, and the host of the second. */
function edges(more: { readonly [letter: string]: readonly AclEntry[] }): Change {
  const subnets = ['a', 'b', 'c'].map((letter) => subnet(`subnet-${letter}`, [...ALL_OPEN, ...(more[letter] ?? [])]));
  return { subnets, nodes: network().nodes.slice(0, 1), reaches: [reach('b')] };
}

describe('failures by chance', () => {
  it('are expected in a row after so many checks', () => {
    expect(expectedChecks(2, 1 / 2)).toBe(6);
    expect(expectedChecks(1, 1 / 4)).toBe(4);
    expect(expectedChecks(3, 1)).toBe(3);
  });

  it.each([
    [0.28, 2, 5, false],
    [0.29, 2, 5, true],
    [0.39, 2, 3, false],
    [0.4, 2, 3, true],
    [0.49, 3, 3, false],
    [0.5, 3, 3, true],
    [0.81, 10, 2, false],
    [0.82, 10, 2, true],
    [0, 2, 5, false],
    [1, 2, 5, true],
    [1 / 64_512, 2, 10, false],
  ])('of %d, with %d and %d in a row: %j', (share, unhealthyThreshold, healthyThreshold, expected) => {
    expect(keepsUnhealthy(share, { intervalSeconds: 10, unhealthyThreshold, healthyThreshold })).toBe(expected);
  });

  it('are shown to be none by a healthy spell of three times their length, within limits', () => {
    const of = (share: number, more: object = {}): number => secondsToAcquit(share, { ...checks, ...more });
    expect(of(1)).toBe(60);
    expect(of(1 / 2)).toBe(180);
    expect(of(1 / 2, { unhealthyThreshold: 10 })).toBe(900);
    expect(of(1, { unhealthyThreshold: 10, intervalSeconds: 300 })).toBe(3_300);
  });
});

describe('a network ACL that denies some of the answers', () => {
  it('is none that blocks where they are few, and told', () => {
    const { blocks, partial } = walls(edges({ b: [deny(90, true, 3_389, 3_389), deny(80, true, 1_024, 1_100)] }));
    expect(blocks).toEqual([]);
    expect(partial).toEqual([
      'network ACL acl-b of subnet-b: rule 80 denies outbound 1024-1100 and rule 90 denies outbound 3389 to 10.0.1.200/32: 78 of the 64512 ports that answers go to',
    ]);
  });

  it('blocks where they are many, with the stretches and all rules that deny them', () => {
    const { blocks, partial } = walls(edges({ b: [deny(90, true, 1_024, 20_000), deny(80, true, 40_000, 65_535)] }));
    expect(partial).toEqual([]);
    expect(blocks).toEqual([
      {
        by: 'acl-b',
        hosts: ['i-b'],
        because:
          'network ACL acl-b of subnet-b: rule 90 denies outbound 1024-20000 and rule 80 denies outbound 40000-65535 to 10.0.1.200/32: 44513 of the 64512 ports that answers go to',
        evidence: {
          networkAcl: 'acl-b',
          subnet: 'subnet-b',
          direction: 'outbound',
          rule: [90, 80],
          port: '1024-20000, 40000-65535',
          to: ['10.0.1.200/32'],
        },
      },
    ]);
  });

  it('blocks together with that at the other end, where each by itself would not', () => {
    const low = deny(90, true, 1_024, 23_000);
    const both = walls(edges({ b: [low], a: [deny(90, false, 44_000, 65_535)] }));
    expect(both.blocks.map(({ by }) => by)).toEqual(['acl-b', 'acl-a']);
    const same = walls(edges({ b: [low], a: [deny(90, false, 1_024, 23_000)] }));
    expect([same.blocks, same.partial.length]).toEqual([[], 2]);
  });

  it('is not blamed beside one that blocks by itself', () => {
    const { blocks, partial } = walls(
      edges({ b: [deny(90, true, 1_024, 65_535)], a: [deny(90, false, 3_389, 3_389)] }),
    );
    expect([blocks.map(({ by }) => by), partial.length]).toEqual([['acl-b'], 1]);
  });

  it('denies nothing that way to a check: of its own port every denial counts', () => {
    expect(walls(edges({ b: [deny(90, false, 22, 22)] })).blocks.map(({ by }) => by)).toEqual(['acl-b']);
  });
});

const HOSTS = [host('a', { targets: FAILS }), host('b'), host('c')];
const RDP = [deny(90, true, 3_389, 3_389), deny(90, false, 3_389, 3_389)];
const CROSS = { balancer: TARGET_GROUP.balancer && { ...TARGET_GROUP.balancer, isCrossZone: true } };

describe('a host that fails behind an ACL that denies RDP', () => {
  const subnets = network().subnets.map(({ id }) => subnet(id, [...ALL_OPEN, ...RDP]));
  const reaches = [reach('a'), reach('b'), reach('c')];
  const decision = decided({
    hosts: HOSTS,
    network: network({ subnets, reaches }),
    targetGroup: CROSS,
    memory: since(900, 'a'),
  });

  it('is replaced', () => {
    expect(told(decision)).toBe('act replacing');
  });

  it('has the rule told as no cause', () => {
    expect(decision.evidence['noCause']).toContain(
      'network ACL acl-a of subnet-a: rule 90 denies outbound 3389 to 10.0.2.200/32, 10.0.3.200/32: 1 of the 64512 ports that answers go to',
    );
  });
});

const OFFICE = group('sg-host', [permission(['198.51.100.0/24'])]);

describe('a rule behind which another host is healthy', () => {
  const reaches = [reach('a', { groups: [OFFICE] }), reach('b', { groups: [OFFICE] })];
  const KEY = 'since:behind/sg-host inbound 22';
  const judged = (more: object) =>
    decided({ hosts: HOSTS, network: network({ reaches }), targetGroup: CROSS, memory: since(900, 'a'), ...more });

  it('leaves a doubt, which is remembered', () => {
    const decision = judged({});
    expect(told(decision)).toBe('nothing doubtful');
    expect(decision.because).toContain('a rule shuts it out behind which another is healthy');
    expect(decision.remember).toMatchObject({ [KEY]: ago(0) });
    expect(decision.evidence['noCause']).toEqual([expect.stringContaining('somebody is healthy behind it')]);
  });

  it('is no cause once that has been so for long', () => {
    const memory = (seconds: number) => ({ ...since(900, 'a'), [KEY]: ago(seconds) });
    expect(told(judged({ memory: memory(59) }))).toBe('nothing doubtful');
    expect(told(judged({ memory: memory(60) }))).toBe('act replacing');
  });

  it('is waited for by whoever does not come again', () => {
    expect(judged({ ask: ALARM })).toMatchObject({ kind: 'wait', code: 'doubtful', seconds: 60 });
    expect(judged({ ask: ALARM, begunAt: ago(20) })).toMatchObject({ code: 'doubtful', seconds: 40 });
    expect(told(judged({ ask: ALARM, begunAt: ago(60) }))).toBe('act replacing');
  });

  it('is a cause where nobody is healthy behind it from the same nodes, or beside the same groups', () => {
    const other = { ...OFFICE, id: 'sg-other' };
    const beside = [reach('a', { groups: [OFFICE] }), reach('b', { groups: [OFFICE, other] })];
    expect(told(judged({ network: network({ reaches: beside }) }))).toBe('refuse health-check-blocked');
    expect(told(judged({ targetGroup: {} }))).toBe('refuse health-check-blocked');
  });
});

describe('a rule that names a list which cannot be read', () => {
  const groups = [group('sg-host', [permission(['198.51.100.0/24'], { lists: ['pl-1'] })])];
  const decision = decided({
    hosts: HOSTS,
    network: network({ reaches: [reach('a', { groups })] }),
    memory: since(900, 'a'),
  });

  it('neither blocks nor lets through, and is told', () => {
    expect(told(decision)).toBe('act replacing');
    expect(decision.evidence['unread']).toEqual([
      'whether security group sg-host lets health checks in to port 22 is not known: it names pl-1, which cannot be read',
    ]);
  });

  it('is not asked where another rule lets all through, nor at another port', () => {
    const open = [group('sg-host', [permission(['10.0.0.0/8']), permission([], { lists: ['pl-1'] })])];
    expect(walls({ reaches: [reach('a', { groups: open })] })).toMatchObject({ blocks: [], unread: [] });
    const web = [group('sg-host', [permission([], { from: 80, to: 80, lists: ['pl-1'] })])];
    const found = walls({ reaches: [reach('a', { groups: web })] });
    expect([found.blocks.length, found.unread]).toEqual([1, []]);
  });

  it('is told of the load balancer’s own group, too', () => {
    const balancerGroups = [group('sg-nlb', [], { outbound: [permission([], { lists: ['pl-1'] })] })];
    expect(walls({ balancerGroups, reaches: [reach('a')] }).unread).toEqual([
      'whether security group sg-nlb lets health checks out to port 22 is not known: it names pl-1, which cannot be read',
    ]);
  });
});

describe('one host that is shut out beside another that fails', () => {
  const WAYS = [reach('a', { groups: [group('sg-own', [])] }), reach('b')];
  const SHUT = network({ reaches: WAYS });
  const hosts = [host('a', { targets: FAILS }), host('b', { targets: FAILS }), host('c')];
  const memory = since(900, 'a', 'b');

  it('is spared, and the other replaced', () => {
    const decision = decided({ hosts, network: SHUT, memory });
    expect(told(decision)).toBe('act replacing');
    expect(JSON.stringify(planned(decision))).toContain('i-b');
    expect(JSON.stringify(planned(decision))).not.toContain('i-a');
    expect(decision.because).toContain('Beside that security group sg-own lets no health check in');
    expect(decision.because).toContain('i-a is not replaced');
    expect(decision.evidence['blocks']).toEqual(['sg-own']);
  });

  it('is the only one that is judged where there was no room to look at the other', () => {
    for (const reaches of [WAYS.slice(0, 1), [reach('a')]]) {
      const decision = decided({ hosts, network: network({ reaches, leftOut: ['i-b'] }), memory });
      expect(JSON.stringify(planned(decision))).not.toContain('i-b');
      expect(decision.evidence['networkNotRead']).toEqual(['i-b']);
    }
  });

  it('is told where nothing can be done about the other yet', () => {
    for (const ask of [undefined, ALARM]) {
      const decision = decided({ hosts, network: SHUT, memory: since(900, 'a'), ...(ask && { ask }) });
      expect(told(decision)).toBe('refuse health-check-blocked');
      expect(decision.because).toContain('i-a is not replaced, for another would be shut out, too. Beside that i-b');
    }
  });

  it('is not told as all that is wrong where nobody serves', () => {
    const all = [...hosts.slice(0, 2), host('c', { targets: FAILS })];
    const reaches = [...WAYS, reach('c')];
    const decision = decided({ hosts: all, network: network({ reaches }), memory: since(900, 'a', 'b', 'c') });
    expect(told(decision)).toBe('refuse health-check-blocked');
    expect(decision.because).toContain('no other host is healthy');
  });

  it('does not end the watch over the one that comes for another', () => {
    const note = taken('z', 300, { endedAt: ago(100) });
    const coming = (more: object) =>
      decided({
        hosts: [host('a', { targets: FAILS }), host('c'), host('b', { launchedAt: ago(60), targets: FAILS })],
        note,
        memory,
        ...more,
      });
    expect(told(coming({ network: SHUT }))).toBe('wait replacement-coming');
    const both = [reach('a', { groups: [group('sg-own', [])] }), reach('b', { groups: [group('sg-own', [])] })];
    expect(told(coming({ network: network({ reaches: both }) }))).toBe('refuse health-check-blocked');
  });
});
