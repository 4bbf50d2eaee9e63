import { expect, test } from 'vitest';
import { decide, type AclEntry, type BalancerSubnet } from '../../../functions/prove-blocklist/decide.ts';
import { acl, blocked, facts, LIMITS, NOW } from './proof-facts.ts';

function entry(ruleNumber: number, action: AclEntry['action'], cidr: string, change: Partial<AclEntry> = {}): AclEntry {
  return { ruleNumber, action, protocol: '-1', family: 'IPV4', egress: false, cidr, ...change };
}

const DENIAL = entry(99, 'deny', '198.51.100.7/32');

function said(change: Parameters<typeof facts>[0] = {}): ReturnType<typeof decide> {
  return decide(facts({ sets: [], webAcls: [], ...change }), LIMITS, NOW);
}

test('a network ACL with a denial ahead of what lets in is enforced for its subnets', () => {
  const entries = [DENIAL, entry(100, 'allow', '0.0.0.0/0')];
  expect(said({ acls: [acl({ entries })] })).toMatchObject({
    code: 'proved',
    evidence: { acls: [{ acl: 'acl-0a1f9d3c5e7b24860', status: 'enforced', subnets: ['subnet-0a1'] }] },
  });
});

test('a network ACL that is associated with no subnet is attached to nothing', () => {
  expect(said({ acls: [acl({ subnets: [], entries: [DENIAL] })] })).toMatchObject({
    kind: 'refuse',
    code: 'not-enforced',
    because: 'edge: acl-0a1f9d3c5e7b24860 is associated with no subnet',
    evidence: { acls: [{ status: 'attached-to-nothing' }] },
  });
});

test('an entry that lets some of it in before it is denied is named', () => {
  const entries = [entry(50, 'allow', '198.51.100.0/24', { protocol: '6' }), DENIAL];
  expect(said({ acls: [acl({ entries })] })).toMatchObject({
    code: 'not-enforced',
    because: 'edge: entry 50 of acl-0a1f9d3c5e7b24860 lets 198.51.100.7/32 in before it is denied',
    evidence: { acls: [{ status: 'behind-an-allow' }] },
  });
});

test('an entry that lets in one half of it before that half is denied is named', () => {
  const halves = [entry(98, 'deny', '198.51.100.0/25'), entry(99, 'deny', '198.51.100.128/25')];
  const ledger = { blocks: [blocked('198.51.100.0/24')] };
  const early = entry(50, 'allow', '198.51.100.200/32');
  expect(said({ ledger, acls: [acl({ entries: [early, ...halves] })] })).toMatchObject({
    because: 'edge: entry 50 of acl-0a1f9d3c5e7b24860 lets 198.51.100.0/24 in before it is denied',
  });
  const between = { ...early, ruleNumber: 98, cidr: '198.51.100.1/32' };
  const entries = [halves[0] ?? DENIAL, between, halves[1] ?? DENIAL];
  expect(said({ ledger, acls: [acl({ entries })] })).toMatchObject({ code: 'proved' });
});

test('an entry for others, or of the other family, lets nobody in who is blocked', () => {
  const entries = [entry(50, 'allow', '192.0.2.0/24'), entry(51, 'allow', '::/0', { family: 'IPV6' }), DENIAL];
  expect(said({ acls: [acl({ entries })] })).toMatchObject({ code: 'proved' });
});

const SUBNETS: readonly BalancerSubnet[] = [
  { balancer: 'game', subnet: 'subnet-0a1', acl: 'acl-0a1f9d3c5e7b24860', blocklist: 'edge' },
  { balancer: 'game', subnet: 'subnet-0b2', acl: 'acl-0b2', blocklist: '' },
  { balancer: 'game', subnet: 'subnet-0c3', acl: null, blocklist: '' },
  { balancer: 'game', subnet: 'subnet-0d4', acl: 'acl-0d4', blocklist: 'partners' },
];

test('every other subnet of a network load balancer whose ACL has not the blocklist is named, with its ACL', () => {
  const decision = said({ acls: [acl({ entries: [DENIAL] })], balancerSubnets: SUBNETS });
  expect(decision).toMatchObject({
    code: 'not-enforced',
    because: 'edge: subnet-0b2 of game is behind no ACL of edge (and 2 more)',
    evidence: {
      subnetsWithout: [
        { status: 'subnet-without', balancer: 'game', subnet: 'subnet-0b2', acl: 'acl-0b2' },
        { status: 'subnet-without', balancer: 'game', subnet: 'subnet-0c3', acl: null },
        { status: 'subnet-without', balancer: 'game', subnet: 'subnet-0d4', acl: 'acl-0d4' },
      ],
    },
  });
});

test('of very many subnets fifty are shown, and how many there are besides', () => {
  const many = Array.from({ length: 60 }, (_none, index) => ({
    balancer: 'game',
    subnet: `subnet-${index}`,
    acl: null,
    blocklist: '',
  }));
  const { evidence } = said({ acls: [acl({ entries: [DENIAL] })], balancerSubnets: many });
  expect(evidence['subnetsWithout']).toHaveLength(51);
  expect(evidence).toMatchObject({ subnetsWithout: expect.arrayContaining([{ more: 10 }]) });
});
