/** What publish-blocklist makes of a set, given the ledger. */

import { describe, expect, it } from 'vitest';
import { decide, type IpSet } from '../../../functions/publish-blocklist/decide.ts';
import type { BlockRow, Reason } from '../../../shared/judgement/blocklist/rows.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import { allowed, NOW } from '../../shared/judgement/blocklist/ledger-facts.ts';
import { facts, LIMITS } from './set-facts.ts';

const LATER = '2026-11-22T09:00:00.000Z';
const ARN = 'arn:aws:wafv2:eu-west-1:111122223333:regional/ipset/edge-v4/11111111-1111-4111-8111-111111111111';

const SET: IpSet = {
  name: 'edge-v4',
  id: '11111111-1111-4111-8111-111111111111',
  scope: 'REGIONAL',
  family: 'IPV4',
  description: 'Blocked at the edge',
  lockToken: 'token-1',
  addresses: [],
  blocklist: 'edge',
  shard: 1,
};

function reason(until: string, incident = 'INC-1'): Reason {
  return {
    incident,
    why: '',
    by: 'mara',
    from: '2026-11-22T07:00:00.000Z',
    until,
    delivery: 'd',
    run: 'r',
    strikes: 0,
  };
}

function blocked(cidr: string, ...ends: readonly string[]): BlockRow {
  return { cidr, version: 1, reasons: ends.map((until, index) => reason(until, `INC-${index}`)) };
}

interface Scene {
  readonly set?: Partial<IpSet> | null;
  readonly mine?: readonly string[];
  readonly version?: number;
  readonly blocks?: readonly BlockRow[];
  readonly allow?: readonly string[];
  readonly neverBlock?: readonly string[];
  readonly setCapacity?: number;
  readonly unreadable?: readonly string[];
}

function decided(scene: Scene): Decision {
  const {
    set = {},
    mine = [],
    version = 0,
    blocks = [],
    allow = [],
    neverBlock = [],
    setCapacity = 10_000,
    unreadable = [],
  } = scene;
  const seen = facts({
    arn: ARN,
    set: set === null ? null : { ...SET, ...set },
    published: { mine, version },
    blocks,
    unreadable,
    allow: allow.map((cidr) => allowed(cidr)),
    neverBlock: [{ source: 'addresses', ranges: neverBlock, version: 1 }],
  });
  return decide(seen, { ...LIMITS, setCapacity }, NOW);
}

/** The calls of a plan, each by what it is about. */
function plan(decision: Decision): readonly unknown[] {
  if (decision.kind !== 'act') return [];
  return decision.plan.map(({ call, input }) =>
    call === 'ledger:write' ? [input['ifVersion'], input['value']] : [call, input['Addresses']],
  );
}

describe('a set that is as the ledger wants it', () => {
  it('is left alone', () => {
    const decision = decided({
      set: { addresses: ['198.51.100.9/32'] },
      mine: ['198.51.100.9/32'],
      version: 2,
      blocks: [blocked('198.51.100.9/32', LATER)],
    });
    expect(decision).toMatchObject({ kind: 'nothing', code: 'as-wanted', because: 'edge-v4 has 1 networks of edge' });
  });

  it('is left alone when it has entries of others only', () => {
    expect(decided({ set: { addresses: ['192.0.2.44/32'] } })).toMatchObject({
      kind: 'nothing',
      evidence: { foreign: 1 },
    });
  });

  it('is noted where a run died before its last note', () => {
    const decision = decided({ set: { addresses: [] }, mine: ['198.51.100.9/32'], version: 3 });
    expect(decision).toMatchObject({ kind: 'act', code: 'noted', budget: 'free' });
    expect(plan(decision)).toEqual([[3, { mine: [] }]]);
  });

  it('is nobody’s business when it is gone', () => {
    expect(decided({ set: null, blocks: [blocked('198.51.100.9/32', LATER)] })).toMatchObject({
      kind: 'nothing',
      code: 'gone',
      evidence: { arn: ARN },
    });
  });
});

describe('what is blocked', () => {
  it('is noted as ours before the set is written, beside what others have', () => {
    const decision = decided({ set: { addresses: ['192.0.2.44/32'] }, blocks: [blocked('198.51.100.9/32', LATER)] });
    expect(plan(decision)).toEqual([
      [0, { mine: ['198.51.100.9/32'] }],
      ['wafv2:UpdateIPSet', ['192.0.2.44/32', '198.51.100.9/32']],
    ]);
    expect(decision).toMatchObject({
      code: 'published',
      because: 'edge-v4 gets 1 more and 0 fewer: 1 networks of edge, beside 1 entries of others',
      evidence: { added: ['198.51.100.9/32'] },
    });
  });

  it('is written under the token and with the description that the set was read with', () => {
    const decision = decided({ blocks: [blocked('198.51.100.9/32', LATER)] });
    const [, update] = decision.kind === 'act' ? decision.plan : [];
    expect(update?.input).toEqual({
      Name: 'edge-v4',
      Scope: 'REGIONAL',
      Id: SET.id,
      Description: 'Blocked at the edge',
      Addresses: ['198.51.100.9/32'],
      LockToken: 'token-1',
    });
    const bare = decided({ set: { description: null }, blocks: [blocked('198.51.100.9/32', LATER)] });
    expect(bare.kind === 'act' && 'Description' in (bare.plan[1]?.input ?? {})).toBe(false);
  });

  it('stands as it was asked for: neighbours stay apart, what lies inside another is left out', () => {
    const blocks = ['198.51.100.50/32', '198.51.100.51/32', '203.0.113.0/28', '203.0.113.7/32'].map((cidr) =>
      blocked(cidr, LATER),
    );
    expect(decided({ blocks }).evidence['added']).toEqual(['198.51.100.50/32', '198.51.100.51/32', '203.0.113.0/28']);
  });

  it('goes into the set of its own family only', () => {
    const blocks = [blocked('198.51.100.9/32', LATER), blocked('2001:db8::9/128', LATER)];
    expect(decided({ blocks }).evidence['added']).toEqual(['198.51.100.9/32']);
    expect(decided({ set: { family: 'IPV6' }, blocks }).evidence['added']).toEqual(['2001:db8::9/128']);
  });

  it('is cut around what is allowed or may never be blocked', () => {
    const blocks = [blocked('198.51.100.0/30', LATER)];
    expect(decided({ blocks, allow: ['198.51.100.1/32'] }).evidence['added']).toEqual([
      '198.51.100.0/32',
      '198.51.100.2/31',
    ]);
    expect(decided({ blocks, neverBlock: ['198.51.100.0/24'] })).toMatchObject({ kind: 'nothing' });
  });

  it('never is of special use, whoever wrote the row', () => {
    expect(decided({ blocks: [blocked('10.0.0.0/16', LATER)] })).toMatchObject({ kind: 'nothing' });
  });

  it('is not announced again when it was before', () => {
    const decision = decided({ mine: ['198.51.100.9/32'], version: 1, blocks: [blocked('198.51.100.9/32', LATER)] });
    expect(plan(decision)).toEqual([['wafv2:UpdateIPSet', ['198.51.100.9/32']]]);
  });
});

describe('what has ended', () => {
  it('is taken out, and then no longer ours, also when it was the last', () => {
    const decision = decided({
      set: { addresses: ['198.51.100.9/32'] },
      mine: ['198.51.100.9/32'],
      version: 4,
      blocks: [blocked('198.51.100.9/32', '2026-11-22T07:59:30.000Z')],
    });
    expect(plan(decision)).toEqual([
      ['wafv2:UpdateIPSet', []],
      [4, { mine: [] }],
    ]);
    expect(decision).toMatchObject({ evidence: { removed: ['198.51.100.9/32'] }, metrics: { SecondsPastDue: 30 } });
  });

  it('stays for as long as another reason stands', () => {
    const blocks = [blocked('198.51.100.9/32', '2026-11-22T07:59:30.000Z', LATER)];
    expect(decided({ set: { addresses: ['198.51.100.9/32'] }, mine: ['198.51.100.9/32'], blocks })).toMatchObject({
      kind: 'nothing',
    });
  });

  it('stays when somebody else had put it there', () => {
    const blocks = [blocked('198.51.100.9/32', '2026-11-22T07:59:30.000Z')];
    expect(decided({ set: { addresses: ['198.51.100.9/32'] }, blocks })).toMatchObject({ kind: 'nothing' });
  });

  it('says nothing of lateness where nothing ended by time', () => {
    const decision = decided({ blocks: [blocked('198.51.100.9/32', LATER)] });
    expect(decision.metrics).toBeUndefined();
  });

  it('counts both notes around a write that adds and takes out', () => {
    const decision = decided({
      set: { addresses: ['198.51.100.9/32'] },
      mine: ['198.51.100.9/32'],
      version: 4,
      blocks: [blocked('198.51.100.9/32', NOW), blocked('198.51.100.12/32', LATER)],
    });
    expect(plan(decision)).toEqual([
      [4, { mine: ['198.51.100.12/32', '198.51.100.9/32'] }],
      ['wafv2:UpdateIPSet', ['198.51.100.12/32']],
      [5, { mine: ['198.51.100.12/32'] }],
    ]);
  });
});

describe('a set without room', () => {
  const blocks = [
    blocked('198.51.100.1/32', '2026-11-22T08:10:00.000Z'),
    blocked('198.51.100.2/32', '2026-11-22T08:30:00.000Z'),
    blocked('198.51.100.3/32', '2026-11-22T08:20:00.000Z'),
  ];

  it('keeps what is blocked for longest, counts the rest, and says that a person should look', () => {
    expect(decided({ blocks, setCapacity: 2 })).toMatchObject({
      attention: true,
      because: 'edge-v4 gets 2 more and 0 fewer: 2 networks of edge; 1 more have no room in the sets of edge',
      evidence: { added: ['198.51.100.2/32', '198.51.100.3/32'], withoutRoom: 1 },
    });
  });

  it('gives others their place first', () => {
    const decision = decided({ blocks, setCapacity: 2, set: { addresses: ['192.0.2.44/32'] } });
    expect(plan(decision)[1]).toEqual(['wafv2:UpdateIPSet', ['192.0.2.44/32', '198.51.100.2/32']]);
  });

  it('goes on saying so while it is full', () => {
    const there = ['198.51.100.2/32', '198.51.100.3/32'];
    expect(decided({ blocks, setCapacity: 2, set: { addresses: there }, mine: there })).toMatchObject({
      kind: 'nothing',
      attention: true,
    });
  });
});

describe('a row that nobody understands', () => {
  it('holds nobody else up, and is told of until it is mended', () => {
    const unreadable = ['ledger block/x: x: It is a name.'];
    const decision = decided({ blocks: [blocked('198.51.100.9/32', LATER)], unreadable });
    expect(decision).toMatchObject({
      kind: 'act',
      attention: true,
      evidence: { added: ['198.51.100.9/32'], unreadable },
    });
    expect(decided({ unreadable })).toMatchObject({ kind: 'nothing', attention: true });
  });
});
