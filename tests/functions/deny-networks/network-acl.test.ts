/** What publish-blocklist makes of a network ACL, given the ledger. */

import { describe, expect, it } from 'vitest';
import { decideNetworkAcl } from '../../../functions/deny-networks/decide/network-acl.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import { ACL_ARN, ACL_LIMITS, aclFacts, callText, entry, ID, networkAcl, OPEN, type AclScene } from './acl-facts.ts';
import { allowed, later, NOW, row } from '../../shared/judgement/blocklist/ledger-facts.ts';

function decided(change: AclScene, aclRules = ACL_LIMITS.aclRules): Decision {
  return decideNetworkAcl(aclFacts(change), { aclRules }, NOW);
}

/** The calls of the plan as text. */
function plan(change: AclScene, aclRules?: number): readonly string[] {
  const decision = decided(change, aclRules);
  return decision.kind === 'act' ? decision.plan.map(callText) : [decision.code];
}

/** What is noted as ours stands in the ACL, beside what others have there. */
function standing(mine: readonly string[], others: readonly string[] = OPEN): AclScene {
  const entries = mine.map((text) => text.replace(' ', ' deny '));
  return { acl: networkAcl([...entries, ...others]), published: { mine: mine.toSorted(), version: 7 } };
}

const [HOUR, DAY, WEEK] = [{ until: later(3_600) }, { until: later(86_400) }, { until: later(604_800) }];

describe('a network ACL', () => {
  it('gets a denial of each blocked network before the allow that lets it in, noted first', () => {
    const blocks = [row('198.51.100.50/32'), row('198.51.100.51/32')];
    expect(decided({ blocks })).toEqual({
      kind: 'act',
      code: 'published',
      because: `${ID} gets 2 more and 0 fewer: 2 networks of edge, beside 2 entries of others`,
      evidence: {
        acl: ID,
        vpc: 'vpc-0d4b2c7a91e6f3058',
        blocklist: 'edge',
        networks: 2,
        foreign: 2,
        added: ['99 198.51.100.50/32', '98 198.51.100.51/32'],
      },
      plan: [
        {
          call: 'ledger:write',
          input: {
            partition: 'published',
            key: ACL_ARN,
            ifVersion: 0,
            value: { mine: ['98 198.51.100.51/32', '99 198.51.100.50/32'] },
          },
          because: 'what is about to be written is ours to take out again',
        },
        {
          call: 'ec2:CreateNetworkAclEntry',
          input: {
            NetworkAclId: ID,
            RuleNumber: 99,
            Protocol: '-1',
            RuleAction: 'deny',
            Egress: false,
            CidrBlock: '198.51.100.50/32',
          },
          because: '198.51.100.50/32 is blocked, and number 99 comes before whatever lets it in',
        },
        {
          call: 'ec2:CreateNetworkAclEntry',
          input: {
            NetworkAclId: ID,
            RuleNumber: 98,
            Protocol: '-1',
            RuleAction: 'deny',
            Egress: false,
            CidrBlock: '198.51.100.51/32',
          },
          because: '198.51.100.51/32 is blocked, and number 98 comes before whatever lets it in',
        },
      ],
      intent: `publish ${ID}`,
      budget: 'free',
    });
  });

  it('is left alone when it is as wanted, or gone', () => {
    const blocks = [row('198.51.100.50/32')];
    expect(decided({ blocks, ...standing(['99 198.51.100.50/32']) })).toEqual({
      kind: 'nothing',
      code: 'as-wanted',
      because: `${ID} has 1 networks of edge, beside 2 entries of others`,
      evidence: { acl: ID, vpc: 'vpc-0d4b2c7a91e6f3058', blocklist: 'edge', networks: 1, foreign: 2 },
    });
    expect(decided({ blocks, acl: null })).toEqual({
      kind: 'nothing',
      code: 'gone',
      because: 'it is gone, or not tagged any more',
      evidence: { arn: ACL_ARN },
    });
  });

  it('loses what has ended, told how late, and then the note of it', () => {
    const blocks = [row('198.51.100.50/32', { until: later(-42) }), row('198.51.100.51/32')];
    const change = { blocks, ...standing(['99 198.51.100.50/32', '98 198.51.100.51/32']) };
    expect(plan(change)).toEqual(['delete 99', 'note | 98 198.51.100.51/32']);
    expect(decided(change)).toMatchObject({
      metrics: { SecondsPastDue: 42 },
      evidence: { removed: ['99 198.51.100.50/32'] },
    });
  });

  it('has rules of both families, which share the numbers', () => {
    const blocks = [row('198.51.100.50/32'), row('2001:db8::7/128')];
    expect(plan({ blocks })).toEqual([
      'note | 98 2001:db8::7/128 | 99 198.51.100.50/32',
      'create 99 198.51.100.50/32',
      'create 98 2001:db8::7/128',
    ]);
  });

  it('says which rows of the ledger cannot be read, and has somebody look', () => {
    expect(decided({ unreadable: ['ledger block/x: y'] })).toMatchObject({
      kind: 'nothing',
      attention: true,
      evidence: { unreadable: ['ledger block/x: y'] },
    });
  });

  it('denies what is blocked around what is allowed', () => {
    const change = { blocks: [row('198.51.100.50/31')], allow: [allowed('198.51.100.51/32')] };
    expect(plan(change)).toEqual(['note | 99 198.51.100.50/32', 'create 99 198.51.100.50/32']);
  });
});

describe('the number of a denial', () => {
  const blocks = [row('198.51.100.50/32')];

  it.each([
    ['below the first allow', ['200 allow 0.0.0.0/0'], 199],
    [
      'below the first of several that let it in, of whatever protocol',
      ['100 allow 0.0.0.0/0', '50 allow 198.51.100.0/24 6'],
      49,
    ],
    ['not before an allow of others', ['100 allow 0.0.0.0/0', '10 allow 203.0.113.0/24'], 99],
    ['not before an allow of the other family', ['100 allow 0.0.0.0/0', '10 allow ::/0'], 99],
    [
      'the next one where people have taken it',
      ['100 allow 0.0.0.0/0', '99 deny 192.0.2.0/24', '98 deny 192.0.2.9/32 6'],
      97,
    ],
    ['none of the tens, which people use', ['91 allow 0.0.0.0/0'], 89],
    [
      'one of the tens where there is no other',
      ['11 allow 0.0.0.0/0', ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `${n} deny 192.0.2.${n}/32`)],
      10,
    ],
    ['below the usual one where nothing lets it in yet', [], 99],
  ])('is %s', (_what, entries, number) => {
    expect(plan({ blocks, acl: networkAcl(entries) })).toContain(`create ${number} 198.51.100.50/32`);
  });

  it('heeds no entry of what leaves the subnets', () => {
    const acl = networkAcl(['100 allow 0.0.0.0/0']);
    const entries = [...acl.entries, entry('50 allow 0.0.0.0/0', true), entry('99 deny 192.0.2.0/24', true)];
    expect(plan({ blocks, acl: { ...acl, entries } })).toContain('create 99 198.51.100.50/32');
  });

  it('is changed where somebody has let the network in before it: the new entry first', () => {
    const change = { blocks, ...standing(['99 198.51.100.50/32'], [...OPEN, '50 allow 198.51.100.0/24']) };
    expect(plan(change)).toEqual([
      'note | 49 198.51.100.50/32 | 99 198.51.100.50/32',
      'create 49 198.51.100.50/32',
      'delete 99',
      'note | 49 198.51.100.50/32',
    ]);
    expect(decided(change)).not.toHaveProperty('metrics');
  });

  it('stays as it is where it is right, wherever that is', () => {
    expect(plan({ blocks, ...standing(['3 198.51.100.50/32']) })).toEqual(['as-wanted']);
  });

  it('is none where the allow is the first: nothing is written for it, and somebody looks', () => {
    const change = {
      blocks: [...blocks, row('203.0.113.9/32')],
      acl: networkAcl([...OPEN, '1 allow 198.51.100.0/24']),
    };
    expect(plan(change)).toEqual(['note | 99 203.0.113.9/32', 'create 99 203.0.113.9/32']);
    expect(decided(change)).toMatchObject({
      attention: true,
      evidence: { networks: 1, noNumberBeforeAllow: 1 },
      because: `${ID} gets 1 more and 0 fewer: 1 networks of edge, beside 3 entries of others; 1 more are let in by an entry before which no number is free`,
    });
  });

  it('is none where people have taken all before the allow', () => {
    const change = { blocks, acl: networkAcl(['3 allow 0.0.0.0/0', '1 deny 192.0.2.1/32', '2 deny 192.0.2.2/32']) };
    expect(decided(change)).toMatchObject({ code: 'as-wanted', evidence: { noNumberBeforeAllow: 1 }, attention: true });
  });

  it('is that of one which has to go where there is no other', () => {
    const change = { blocks, ...standing(['1 203.0.113.9/32'], ['2 allow 0.0.0.0/0']) };
    expect(plan(change)).toEqual([
      'note | 1 198.51.100.50/32 | 1 203.0.113.9/32',
      'replace 1 198.51.100.50/32',
      'note | 1 198.51.100.50/32',
    ]);
    const other = { blocks, ...standing(['1 2001:db8::9/128'], ['2 allow 0.0.0.0/0', '3 allow ::/0']) };
    expect(plan(other)).toEqual([
      'note | 1 198.51.100.50/32 | 1 2001:db8::9/128',
      'delete 1',
      'create 1 198.51.100.50/32',
      'note | 1 198.51.100.50/32',
    ]);
  });
});

describe('an entry of somebody else', () => {
  const blocks = [row('198.51.100.50/32')];

  it('stays, though nobody has it blocked here', () => {
    expect(plan({ acl: networkAcl([...OPEN, '99 deny 198.51.100.50/32']) })).toEqual(['as-wanted']);
  });

  it('that denies the network before it is let in needs none of ours', () => {
    for (const text of ['20 deny 198.51.100.50/32', '20 deny 198.51.100.0/24', '20 deny 0.0.0.0/0'])
      expect(plan({ blocks, acl: networkAcl([...OPEN, text]) })).toEqual(['as-wanted']);
  });

  it('that denies it too late, in part, or of one protocol needs ours', () => {
    for (const text of ['120 deny 198.51.100.50/32', '20 deny 198.51.100.50/32 6', '20 deny 2001:db8::/32'])
      expect(plan({ blocks, acl: networkAcl([...OPEN, text]) })).toContain('create 99 198.51.100.50/32');
    const wide = { blocks: [row('198.51.100.0/24')], acl: networkAcl([...OPEN, '20 deny 198.51.100.50/32']) };
    expect(plan(wide)).toContain('create 99 198.51.100.0/24');
  });

  it('leaves ours where it stands as long as there is room', () => {
    const change = { blocks, ...standing(['99 198.51.100.50/32'], [...OPEN, '20 deny 198.51.100.0/24']) };
    expect(plan(change)).toEqual(['as-wanted']);
    expect(plan({ ...change, blocks: [...blocks, row('203.0.113.9/32')] }, 4)).toEqual([
      'note | 99 198.51.100.50/32 | 99 203.0.113.9/32',
      'replace 99 203.0.113.9/32',
      'note | 99 203.0.113.9/32',
    ]);
  });

  it.each(['99 deny 192.0.2.9/32', '99 allow 198.51.100.50/32', '99 deny 198.51.100.50/32 6'])(
    'is one at a number of ours that has become another: %s',
    (text) => {
      const change = { acl: networkAcl([...OPEN, text]), published: { mine: ['99 198.51.100.50/32'], version: 7 } };
      expect(decided(change)).toMatchObject({ code: 'noted' });
      expect(plan(change)).toEqual(['note']);
    },
  );

  it('is a denial of everything, though it were noted', () => {
    expect(plan({ ...standing(['99 0.0.0.0/0']) })).toEqual(['note']);
  });
});

describe('a run that died', () => {
  const blocks = [row('198.51.100.50/32'), row('198.51.100.51/32')];

  it('after its note is followed by one that writes, and notes nothing new', () => {
    const published = { mine: ['98 198.51.100.51/32', '99 198.51.100.50/32'], version: 1 };
    expect(plan({ blocks, published })).toEqual(['create 99 198.51.100.50/32', 'create 98 198.51.100.51/32']);
    const acl = networkAcl([...OPEN, '99 deny 198.51.100.50/32']);
    expect(plan({ blocks, published, acl })).toEqual(['create 98 198.51.100.51/32']);
  });

  it('between the two halves of a move leaves one to take out', () => {
    const mine = ['49 198.51.100.50/32', '99 198.51.100.50/32'];
    const change = { blocks: [row('198.51.100.50/32')], ...standing(mine, [...OPEN, '50 allow 198.51.100.0/24']) };
    expect(plan(change)).toEqual(['delete 99', 'note | 49 198.51.100.50/32']);
  });
});

describe('a full ACL', () => {
  /** Of four rules two are AWS's denial and the allow. */
  const TWO = 4;
  const OPEN_V4 = ['100 allow 0.0.0.0/0'];

  it('has twenty rules by family, AWS’s denial and those of others among them', () => {
    const blocks = Array.from({ length: 30 }, (_none, index) => row(`198.51.100.${index * 2}/32`));
    const six = Array.from({ length: 30 }, (_none, index) => row(`2001:db8::${index * 2 + 1}/128`));
    expect(plan({ blocks: [...blocks, ...six] }).filter((text) => text.startsWith('create'))).toHaveLength(36);
    expect(decided({ blocks: [...blocks, ...six] })).toMatchObject({
      evidence: { networks: 36, withoutRoom: 24 },
      attention: true,
      because: `${ID} gets 36 more and 0 fewer: 36 networks of edge, beside 2 entries of others; 24 more have no room in it`,
    });
  });

  it('counts a denial of AWS’s that is not to be seen yet', () => {
    const acl = { ...networkAcl([]), entries: [entry('32767 deny 0.0.0.0/0')] };
    const blocks = [row('2001:db8::1/128', WEEK), row('2001:db8::4/128', DAY)];
    expect(plan({ acl, blocks }, 2)).toEqual(['note | 99 2001:db8::1/128', 'create 99 2001:db8::1/128']);
  });

  it('has halves put together where there is no room for both, and only there', () => {
    const blocks = [row('198.51.100.50/32'), row('198.51.100.51/32'), row('203.0.113.9/32')];
    const acl = networkAcl(OPEN_V4);
    expect(plan({ acl, blocks }, TWO)).toEqual([
      'note | 98 203.0.113.9/32 | 99 198.51.100.50/31',
      'create 99 198.51.100.50/31',
      'create 98 203.0.113.9/32',
    ]);
    expect(decided({ acl, blocks }, TWO)).not.toHaveProperty('attention');
    const apart = { blocks: blocks.slice(0, 2), ...standing(['98 203.0.113.9/32', '99 198.51.100.50/31'], OPEN_V4) };
    expect(plan(apart, TWO)).toEqual([
      'note | 98 198.51.100.50/32 | 98 203.0.113.9/32 | 99 198.51.100.50/31 | 99 198.51.100.51/32',
      'replace 98 198.51.100.50/32',
      'replace 99 198.51.100.51/32',
      'note | 98 198.51.100.50/32 | 99 198.51.100.51/32',
    ]);
  });

  it('keeps the halves denied while they become one', () => {
    const blocks = [row('198.51.100.50/32'), row('198.51.100.51/32'), row('203.0.113.9/32')];
    expect(plan({ blocks, ...standing(['98 198.51.100.51/32', '99 198.51.100.50/32'], OPEN_V4) }, TWO)).toEqual([
      'note | 98 198.51.100.50/31 | 98 198.51.100.51/32 | 99 198.51.100.50/32 | 99 203.0.113.9/32',
      'replace 98 198.51.100.50/31',
      'replace 99 203.0.113.9/32',
      'note | 98 198.51.100.50/31 | 99 203.0.113.9/32',
    ]);
  });

  it('keeps the worst, and swaps in place when they change', () => {
    const blocks = [row('198.51.100.1/32', HOUR), row('198.51.100.4/32', DAY), row('198.51.100.8/32', WEEK)];
    const mine = ['98 198.51.100.4/32', '99 198.51.100.1/32'];
    const change = { blocks, ...standing(mine, OPEN_V4) };
    expect(plan(change, TWO)).toEqual([
      'note | 98 198.51.100.4/32 | 99 198.51.100.1/32 | 99 198.51.100.8/32',
      'replace 99 198.51.100.8/32',
      'note | 98 198.51.100.4/32 | 99 198.51.100.8/32',
    ]);
    expect(decided(change, TWO)).toMatchObject({ evidence: { withoutRoom: 1 }, attention: true });
    expect(plan({ blocks, ...standing(['98 198.51.100.4/32', '99 198.51.100.8/32'], OPEN_V4) }, TWO)).toEqual([
      'as-wanted',
    ]);
  });

  it('loses first what stands behind an allow, where the right number is before it', () => {
    const change = {
      blocks: [row('198.51.100.1/32')],
      ...standing(['99 198.51.100.1/32'], [...OPEN_V4, '50 allow 198.51.100.0/24']),
    };
    expect(plan(change, TWO)).toEqual([
      'note | 49 198.51.100.1/32 | 99 198.51.100.1/32',
      'delete 99',
      'create 49 198.51.100.1/32',
      'note | 49 198.51.100.1/32',
    ]);
  });

  it('gets one more before one goes where both have room', () => {
    const change = { blocks: [row('198.51.100.8/32')], ...standing(['99 198.51.100.1/32'], OPEN_V4) };
    expect(plan(change, TWO)).toEqual([
      'note | 98 198.51.100.8/32 | 99 198.51.100.1/32',
      'create 98 198.51.100.8/32',
      'delete 99',
      'note | 98 198.51.100.8/32',
    ]);
  });

  it('is one that AWS has just called full: only what stands there is replaced', () => {
    const blocks = [row('198.51.100.1/32', HOUR), row('198.51.100.8/32', WEEK), row('2001:db8::7/128')];
    const refusal = {
      call: 'ec2:CreateNetworkAclEntry',
      input: { NetworkAclId: ID, CidrBlock: '198.51.100.8/32' },
      meaning: 'capacity' as const,
      name: 'NetworkAclEntryLimitExceeded',
      message: 'The maximum number of network acl entries has been reached.',
      at: NOW,
    };
    const change = { blocks, ...standing(['99 198.51.100.1/32']), refusals: [refusal] };
    expect(plan(change)).toEqual([
      'note | 98 2001:db8::7/128 | 99 198.51.100.1/32 | 99 198.51.100.8/32',
      'create 98 2001:db8::7/128',
      'replace 99 198.51.100.8/32',
      'note | 98 2001:db8::7/128 | 99 198.51.100.8/32',
    ]);
    expect(decided(change)).toMatchObject({ evidence: { withoutRoom: 1 }, attention: true });
  });

  it('has none of ours where others fill it', () => {
    const others = (length: number): readonly string[] =>
      Array.from({ length }, (_none, index) => `${200 + index} allow 203.0.113.${index}/32`);
    const blocks = [row('198.51.100.1/32')];
    expect(decided({ blocks, acl: networkAcl(others(19)) })).toMatchObject({
      code: 'as-wanted',
      evidence: { networks: 0, foreign: 19, withoutRoom: 1 },
      attention: true,
    });
  });
});
