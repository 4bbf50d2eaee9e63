/** A set that has no room for all that is wanted. */

import { describe, expect, it } from 'vitest';
import { decide } from '../../../functions/publish-blocklist/decide.ts';
import { allowed, later, NOW, row } from '../../shared/judgement/blocklist/ledger-facts.ts';
import { facts, ipSet, LIMITS, type Scene } from './set-facts.ts';

/** What a set of three holds in the end, and what is said of it. */
function inThree(change: Scene): unknown {
  const decision = decide(facts(change), { ...LIMITS, setCapacity: 3 }, NOW);
  if (decision.kind !== 'act') return decision;
  return decision.plan.find(({ call }) => call === 'wafv2:UpdateIPSet')?.input['Addresses'];
}

const [HOUR, DAY, WEEK] = [{ until: later(3_600) }, { until: later(86_400) }, { until: later(604_800) }];

describe('a full set', () => {
  it('keeps what is blocked for longest, and has somebody look', () => {
    const blocks = [
      row('198.51.100.1/32', HOUR),
      row('198.51.100.2/32', WEEK),
      row('198.51.100.3/32', DAY),
      row('198.51.100.4/32', WEEK),
    ];
    expect(inThree({ blocks })).toEqual(['198.51.100.2/32', '198.51.100.3/32', '198.51.100.4/32']);
    expect(decide(facts({ blocks }), { ...LIMITS, setCapacity: 3 }, NOW)).toMatchObject({
      kind: 'act',
      because: 'edge-v4 gets 3 more and 0 fewer: 3 networks of edge; 1 more have no room in the sets of edge',
      evidence: { networks: 3, withoutRoom: 1 },
      attention: true,
    });
  });

  it('keeps the widest of what is blocked equally long', () => {
    const blocks = [row('198.51.100.1/32'), row('198.51.100.2/32'), row('198.51.100.3/32'), row('203.0.113.0/24')];
    expect(inThree({ blocks })).toEqual(['198.51.100.1/32', '198.51.100.2/32', '203.0.113.0/24']);
  });

  it('goes on being looked at where it is as it can be', () => {
    const addresses = ['198.51.100.1/32', '198.51.100.2/32', '198.51.100.3/32'];
    const blocks = [...addresses.map((cidr) => row(cidr, WEEK)), row('198.51.100.4/32', HOUR)];
    expect(inThree({ blocks, set: ipSet(addresses), published: { mine: addresses, version: 1 } })).toMatchObject({
      kind: 'nothing',
      code: 'as-wanted',
      because: 'edge-v4 has 3 networks of edge; 1 more have no room in the sets of edge',
      attention: true,
    });
  });

  it('leaves the entries of others their room', () => {
    const set = ipSet(['203.0.113.5/32', '203.0.113.6/32']);
    const blocks = [row('198.51.100.1/32', HOUR), row('198.51.100.2/32', WEEK)];
    expect(inThree({ set, blocks })).toEqual(['198.51.100.2/32', '203.0.113.5/32', '203.0.113.6/32']);
  });

  it('counts an entry of others that is asked for here, too, once', () => {
    const set = ipSet(['203.0.113.5/32']);
    const blocks = [row('203.0.113.5/32', HOUR), row('198.51.100.1/32', DAY), row('198.51.100.2/32', DAY)];
    expect(inThree({ set, blocks })).toEqual(['198.51.100.1/32', '198.51.100.2/32', '203.0.113.5/32']);
  });

  it('is never written beyond what it takes, also where an entry of others is the least of what is wanted', () => {
    const set = ipSet(['203.0.113.5/32']);
    const blocks = [
      row('203.0.113.5/32', HOUR),
      row('198.51.100.1/32', DAY),
      row('198.51.100.2/32', WEEK),
      row('198.51.100.3/32', WEEK),
    ];
    expect(inThree({ set, blocks })).toEqual(['198.51.100.2/32', '198.51.100.3/32', '203.0.113.5/32']);
  });

  it('knows of a part of a range how long the range is blocked', () => {
    const blocks = [
      row('198.51.100.0/30', WEEK),
      row('203.0.113.1/32', HOUR),
      row('203.0.113.2/32', HOUR),
      row('203.0.113.3/32', HOUR),
    ];
    expect(inThree({ blocks, allow: [allowed('198.51.100.2/32')] })).toEqual([
      '198.51.100.0/31',
      '198.51.100.3/32',
      '203.0.113.1/32',
    ]);
  });

  it('whose room others have taken whole gets nothing of ours', () => {
    const addresses = ['203.0.113.1/32', '203.0.113.2/32', '203.0.113.3/32'];
    expect(inThree({ set: ipSet(addresses), blocks: [row('198.51.100.1/32')] })).toMatchObject({
      kind: 'nothing',
      code: 'as-wanted',
      evidence: { networks: 0, foreign: 3, withoutRoom: 1 },
      attention: true,
    });
  });
});
