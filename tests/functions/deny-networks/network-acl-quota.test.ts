/** How many rules a network ACL is taken to have room for. */

import { describe, expect, it } from 'vitest';
import { decideNetworkAcl } from '../../../functions/deny-networks/decide/network-acl.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import { NOW, row } from '../../shared/judgement/blocklist/ledger-facts.ts';
import { ACL_LIMITS, aclFacts, networkAcl, OPEN, type AclScene } from './acl-facts.ts';

function decided(scene: AclScene): Decision {
  return decideNetworkAcl(aclFacts(scene), ACL_LIMITS, NOW);
}

describe('a network ACL', () => {
  it('has as many rules as its tag says', () => {
    const others = (length: number): readonly string[] =>
      Array.from({ length }, (_none, index) => `${200 + index} allow 203.0.113.${index}/32`);
    const blocks = [row('198.51.100.1/32')];
    const acl = (length: number) => networkAcl(others(length), { rules: 40 });
    expect(decided({ blocks, acl: acl(25) })).toMatchObject({ evidence: { networks: 1, foreign: 25 } });
    expect(decided({ blocks, acl: acl(38) })).toMatchObject({ evidence: { networks: 1, foreign: 38 } });
    expect(decided({ blocks, acl: acl(39) })).toMatchObject({ evidence: { networks: 0, withoutRoom: 1 } });
  });

  it('that has more than is known of is not tried for still more, which EC2 would refuse at each tick', () => {
    const others = Array.from({ length: 25 }, (_none, index) => `${200 + index} allow 203.0.113.${index}/32`);
    const blocks = [row('198.51.100.1/32'), row('198.51.100.4/32')];
    const mine = ['199 198.51.100.1/32', '198 198.51.100.4/32'];
    expect(decided({ blocks, acl: networkAcl(others) })).toMatchObject({
      code: 'as-wanted',
      evidence: { networks: 0, withoutRoom: 2 },
      attention: true,
    });
    // Ours that stand have proved that there is room for them.
    const acl = networkAcl([...others, ...mine.map((text) => text.replace(' ', ' deny '))]);
    expect(decided({ blocks, acl, published: { mine: mine.toSorted(), version: 7 } })).toMatchObject({
      code: 'as-wanted',
      evidence: { networks: 2 },
    });
  });

  it('with a tag that cannot be read is taken for a usual one, and people are told', () => {
    const acl = networkAcl(OPEN, { problems: ["acl-1: tag runbook:rules: 'x' is not a number from 20 to 40"] });
    expect(decided({ acl })).toMatchObject({
      kind: 'nothing',
      evidence: { unreadable: ["acl-1: tag runbook:rules: 'x' is not a number from 20 to 40"] },
      attention: true,
    });
  });
});
