/** What network ACLs and security groups let through. */

import { describe, expect, it } from 'vitest';
import { deniedOf, joined, portsIn, type Packets } from '../../../functions/heal-bastion/decide/network-acls.ts';
import {
  nearest,
  notAdmitted,
  rulesFor,
  unreadFor,
  type Lists,
} from '../../../functions/heal-bastion/decide/security-groups.ts';
import type { AclEntry, Permission } from '../../../functions/heal-bastion/decide.ts';
import type { NetworkAcl } from '../../../functions/heal-bastion/decide/network.ts';
import { entry, EVERYBODY, group, permission } from './network-facts.ts';

const NODE = ['10.0.1.200/32'];
const DENY = { isAllowed: false } as const;
const SSH = { protocol: '6', from: 22, to: 22 } as const;

/** What the ACL denies, in few words: by which rules, to whom. */
function denialOf(acl: NetworkAcl, packets: Packets): { rule: unknown; cidrs: readonly string[] } | undefined {
  const [first, ...more] = deniedOf(acl, packets);
  expect(more).toEqual([]);
  if (first === undefined) return undefined;
  const [rule, ...others] = new Set(first.denials.map((denial) => denial.rule));
  return { rule: others.length === 0 ? rule : [rule, ...others], cidrs: first.cidrs };
}

/** What is denied of a check at port 22 that comes in. */
function denied(...entries: readonly AclEntry[]) {
  return denialOf({ id: 'acl-1', entries }, { isOutbound: false, ports: [22, 22], cidrs: NODE });
}

/** What is denied of answers. */
function answers(...entries: readonly AclEntry[]) {
  return denialOf({ id: 'acl-1', entries }, { isOutbound: false, ports: [1_024, 65_535], cidrs: NODE });
}

const ALL = { rule: '*', cidrs: NODE };

describe('a network ACL', () => {
  it('lets through what the first entry that fits allows, whatever comes after', () => {
    expect(denied(entry(100), entry(200, DENY))).toBeUndefined();
    expect(denied(entry(200, DENY), entry(100))).toBeUndefined();
    expect(denied(entry(200), entry(100, DENY))).toEqual({ rule: 100, cidrs: NODE });
  });

  it('denies what no entry fits', () => {
    expect(denied()).toEqual(ALL);
    expect(denied(entry(100, { cidrs: ['10.0.2.0/24'] }))).toEqual(ALL);
  });

  it('is asked by its entries of one direction', () => {
    expect(denied(entry(100, { isOutbound: true }))).toEqual(ALL);
    expect(denied(entry(100), entry(50, { ...DENY, isOutbound: true }))).toBeUndefined();
    const out = { isOutbound: true, ports: [22, 22], cidrs: NODE } as const;
    expect(denialOf({ id: 'acl-1', entries: [entry(100), entry(90, { ...DENY, isOutbound: true })] }, out)).toEqual({
      rule: 90,
      cidrs: NODE,
    });
  });

  it.each([
    ['-1', 'all'],
    ['6', 'TCP'],
    ['tcp', 'TCP by its name'],
  ])('is about checks by protocol %s: %s', (protocol) => {
    expect(denied(entry(100, { ...SSH, protocol }))).toBeUndefined();
  });

  it.each(['17', '1', 'udp', '58'])('is not by protocol %s', (protocol) => {
    expect(denied(entry(100, { protocol }))).toEqual(ALL);
    expect(denied(entry(90, { ...DENY, protocol }), entry(100))).toBeUndefined();
  });

  it.each([
    [22, 22, true],
    [22, 23, true],
    [1, 22, true],
    [23, 30, false],
    [1, 21, false],
    [null, 22, true],
    [null, 21, false],
    [22, null, true],
    [23, null, false],
    [null, null, true],
  ])('lets port 22 through by ports %j to %j: %j', (from, to, isThrough) => {
    expect(denied(entry(100, { protocol: '6', from, to }))).toEqual(isThrough ? undefined : ALL);
  });

  it('has no ports where it says all protocols', () => {
    expect(denied(entry(100, { protocol: '-1', from: 80, to: 80 }))).toBeUndefined();
  });

  it('denies of several networks those that are shut out', () => {
    const cidrs = ['10.0.1.200/32', '10.0.2.200/32'];
    const packets = { isOutbound: false, ports: [22, 22], cidrs } as const;
    const of = (...entries: readonly AclEntry[]) => denialOf({ id: 'acl-1', entries }, packets);
    expect(of(entry(90, { ...DENY, cidrs: ['10.0.2.0/24'] }), entry(100))).toEqual({
      rule: 90,
      cidrs: ['10.0.2.200/32'],
    });
    expect(of(entry(90, { cidrs: ['10.0.2.0/24'] }), entry(100, DENY))).toEqual({
      rule: 100,
      cidrs: ['10.0.1.200/32'],
    });
    expect(of(entry(90, { cidrs: ['10.0.2.0/24'] }))).toEqual({ rule: '*', cidrs: ['10.0.1.200/32'] });
    expect(of(entry(80, { cidrs: ['10.0.1.0/24'] }), entry(90, { cidrs: ['10.0.2.0/24'] }))).toBeUndefined();
  });

  it('that denies a network beside says nothing', () => {
    expect(denied(entry(90, { ...DENY, cidrs: ['198.51.100.0/24'] }), entry(100))).toBeUndefined();
  });
});

describe('answers', () => {
  it('need each of their ports', () => {
    const tcp = (from: number, to: number) => entry(100, { protocol: '6', from, to });
    expect(answers(tcp(1_024, 65_535))).toBeUndefined();
    expect(answers(tcp(0, 65_535))).toBeUndefined();
    expect(answers(tcp(1_024, 65_534))).toEqual(ALL);
    expect(answers(tcp(1_025, 65_535))).toEqual(ALL);
    expect(answers(tcp(32_768, 61_000))).toEqual(ALL);
    expect(answers(entry(100, SSH))).toEqual(ALL);
  });

  it('may have them of several entries', () => {
    const low = entry(100, { protocol: '6', from: 1_024, to: 32_767 });
    expect(answers(low, entry(110, { protocol: '6', from: 32_768, to: 65_535 }))).toBeUndefined();
    expect(answers(low, entry(110, { protocol: '6', from: 32_769, to: 65_535 }))).toEqual(ALL);
  });

  it('are denied by an entry for one of their ports', () => {
    const deny = (from: number, to: number) => entry(90, { ...DENY, protocol: '6', from, to });
    expect(answers(deny(3_389, 3_389), entry(100))).toEqual({ rule: 90, cidrs: NODE });
    expect(answers(deny(65_535, 65_535), entry(100))).toEqual({ rule: 90, cidrs: NODE });
    expect(answers(deny(1_024, 1_024), entry(100))).toEqual({ rule: 90, cidrs: NODE });
    expect(answers(deny(22, 1_023), entry(100))).toBeUndefined();
  });

  it('are told with every stretch that is denied, and by which rule', () => {
    const high = entry(80, { ...DENY, protocol: '6', from: 8_080, to: 8_080 });
    const low = entry(90, { ...DENY, protocol: '6', from: 3_389, to: 3_399 });
    const acl = { id: 'acl-1', entries: [high, low, entry(100)] };
    expect(deniedOf(acl, { isOutbound: false, ports: [1_024, 65_535], cidrs: NODE })).toEqual([
      {
        cidrs: NODE,
        denials: [
          { rule: 90, ports: [3_389, 3_399], cidrs: NODE },
          { rule: 80, ports: [8_080, 8_080], cidrs: NODE },
        ],
      },
    ]);
  });

  it('are told apart for addresses to which not the same is denied', () => {
    const cidrs = ['10.0.1.200/32', '10.0.2.200/32'];
    const some = entry(80, { ...DENY, protocol: '6', from: 3_389, to: 3_389, cidrs: ['10.0.2.0/24'] });
    const all = entry(90, { ...DENY, protocol: '6', from: 8_080, to: 8_080 });
    const acl = { id: 'acl-1', entries: [some, all, entry(100)] };
    const told = deniedOf(acl, { isOutbound: false, ports: [1_024, 65_535], cidrs }).map((one) => [
      one.cidrs,
      one.denials.map(({ rule }) => rule),
    ]);
    expect(told).toEqual([
      [['10.0.2.200/32'], [80, 90]],
      [['10.0.1.200/32'], [90]],
    ]);
  });

  it.each([32_766, 32_767, 32_768])('are denied by the last rule of AWS, %d, as by none', (number) => {
    expect(answers(entry(number, DENY))?.rule).toBe(number === 32_766 ? number : '*');
  });
});

describe('stretches of ports', () => {
  it('are put together where nothing lies between', () => {
    expect(
      joined([
        [50, 60],
        [1, 9],
        [10, 20],
        [15, 18],
      ]),
    ).toEqual([
      [1, 20],
      [50, 60],
    ]);
    expect(joined([])).toEqual([]);
  });

  it('are counted once', () => {
    expect(
      portsIn([
        [1, 10],
        [5, 12],
        [20, 20],
      ]),
    ).toBe(13);
  });
});

const NO_LISTS: Lists = new Map();
const FROM = { port: 22, cidrs: ['10.0.1.200/32', '10.0.2.200/32'], groups: ['sg-nlb'] };

describe('a security group', () => {
  it.each([
    ['nothing', [], ['10.0.1.200/32', '10.0.2.200/32']],
    ['one network', [permission(['10.0.1.0/24'])], ['10.0.2.200/32']],
    ['both, in two rules', [permission(['10.0.1.0/24']), permission(['10.0.2.0/24'])], []],
    ['everybody', [permission(EVERYBODY)], []],
    ['the group of the other end', [permission([], { groups: ['sg-x', 'sg-nlb'] })], []],
    ['another group', [permission([], { groups: ['sg-x'] })], ['10.0.1.200/32', '10.0.2.200/32']],
    ['that group at another port', [permission([], { from: 80, to: 80, groups: ['sg-nlb'] })], FROM.cidrs],
    ['one network, and the group', [permission(['10.0.1.0/24'], { groups: ['sg-nlb'] })], []],
  ] as const)('that allows %s does not admit the rest', (_what, permissions: readonly Permission[], left) => {
    expect(notAdmitted(permissions, FROM, NO_LISTS)).toEqual(left);
  });

  it.each([
    ['tcp', 22, 22, true],
    ['6', 22, 22, true],
    ['-1', null, null, true],
    ['-1', 80, 80, true],
    ['udp', 22, 22, false],
    ['17', 22, 22, false],
    ['icmp', null, null, false],
    ['tcp', 21, 22, true],
    ['tcp', 22, 23, true],
    ['tcp', 23, 30, false],
    ['tcp', 1, 21, false],
    ['tcp', null, 21, false],
    ['tcp', null, 22, true],
    ['tcp', 23, null, false],
    ['tcp', 22, null, true],
  ])('admits to port 22 by %s %j to %j: %j', (protocol, from, to, isAdmitted) => {
    const rule = permission(EVERYBODY, { protocol, from, to });
    expect(notAdmitted([rule], FROM, NO_LISTS)).toEqual(isAdmitted ? [] : FROM.cidrs);
  });

  it('admits whom a prefix list of it has, where that can be read', () => {
    const known: Lists = new Map([
      ['pl-nodes', ['10.0.1.200/32']],
      ['pl-other', null],
    ]);
    const rules = [permission([], { lists: ['pl-nodes', 'pl-other', 'pl-gone'] })];
    expect(notAdmitted(rules, FROM, known)).toEqual(['10.0.2.200/32']);
    expect(unreadFor(rules, 22, known)).toEqual(['pl-other']);
    expect(unreadFor(rules, 80, known)).toEqual([]);
  });

  it('comes nearest that says something of the port', () => {
    const web = group('sg-web', [permission(EVERYBODY, { from: 80, to: 80 })]);
    const ssh = group('sg-ssh', [permission(['198.51.100.0/24'])], { outbound: [] });
    expect(nearest([web, ssh], 22, 'inbound')?.id).toBe('sg-ssh');
    expect(nearest([ssh, web], 22, 'outbound')?.id).toBe('sg-web');
    expect(nearest([web, group('sg-none', [])], 22, 'inbound')?.id).toBe('sg-web');
    expect(nearest([], 22, 'inbound')).toBeUndefined();
  });

  it.each([
    ['nothing', [permission(EVERYBODY, { from: 80, to: 80 })], 'nothing'],
    ['everybody as AWS writes it', [permission(EVERYBODY)], '0.0.0.0/0'],
    ['everybody beside others', [permission([...EVERYBODY, '10.0.1.0/24'])], '0.0.0.0/0, 10.0.1.0/24'],
    ['everybody with IPv6', [permission([...EVERYBODY, '::/1', '8000::/1'])], '0.0.0.0/0, ::/0'],
    ['everybody with IPv6 alone', [permission(['8000::/1', '10.0.1.0/24', '::/1'])], '::/0, 10.0.1.0/24'],
    ['half of IPv6', [permission(['::/1', '0.0.0.0/1'])], '::/1, 0.0.0.0/1'],
    ['half of all', [permission(['0.0.0.0/1'])], '0.0.0.0/1'],
    ['the other half', [permission(['128.0.0.0/1'])], '128.0.0.0/1'],
    [
      'networks, groups and prefix lists',
      [permission(['10.0.1.0/24'], { groups: ['sg-x'] }), permission([], { groups: ['sg-y'], lists: ['pl-1'] })],
      '10.0.1.0/24, sg-x, sg-y, pl-1',
    ],
  ] as const)('is told in words: %s', (_what, permissions: readonly Permission[], expected) => {
    expect(rulesFor(permissions, 22)).toBe(expected);
  });
});
