/** Which set of several takes what. */

import { describe, expect, it } from 'vitest';
import { decide } from '../../../functions/publish-blocklist/decide.ts';
import { markOf } from '../../../shared/judgement/blocklist/published.ts';
import { placementOf, type Member } from '../../../shared/judgement/blocklist/placement.ts';
import { later, note, NOW, row } from '../../shared/judgement/blocklist/ledger-facts.ts';
import { ARN, facts, ipSet, LIMITS, type Scene } from './set-facts.ts';

const SECOND = ARN.replace('edge-v4', 'edge-v4-2');
const THIRD = ARN.replace('edge-v4', 'edge-v4-3');
const OF_FOUR = { ...LIMITS, setCapacity: 4, headRoom: 0.75 };

function address(last: number): string {
  return `198.51.100.${last}/32`;
}

function addresses(...lasts: readonly number[]): readonly string[] {
  return lasts.map(address);
}

function member(change: Partial<Member> = {}): Member {
  return { arn: SECOND, shard: 2, isReadable: true, addresses: [], published: note(), ...change };
}

/** What stands in it is ours. */
function filled(arn: string, shard: number, ...lasts: readonly number[]): Member {
  const mine = addresses(...lasts);
  return member({ arn, shard, addresses: mine, published: note({ mine, version: 1 }) });
}

/** What the first set and those beside it are to have. */
function placed(lasts: readonly number[], { set = ipSet([]), ...scene }: Scene): unknown {
  const seen = facts({ blocks: lasts.map((last) => row(address(last))), set, ...scene });
  const { byArn } = placementOf(seen.group, 'IPV4', seen.wishes, OF_FOUR);
  return [ARN, SECOND, THIRD].flatMap((arn) => {
    const networks = byArn.get(arn);
    return networks === undefined ? [] : [networks.map((cidr) => Number(/(\d+)\/32$/u.exec(cidr)?.[1]))];
  });
}

describe('what is new', () => {
  it('goes into the first set, so that a storm writes one', () => {
    expect(placed([1, 2, 3], { beside: [member()] })).toEqual([[1, 2, 3], []]);
  });

  it('leaves head-room while another set has any', () => {
    expect(placed([1, 2, 3, 4, 5], { beside: [member()] })).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
  });

  it('takes the head-room where no other set has any', () => {
    expect(placed([1, 2, 3, 4, 5, 6, 7, 8], { beside: [member()] })).toEqual([
      [1, 2, 3, 7],
      [4, 5, 6, 8],
    ]);
  });

  it('leaves the entries of others their room', () => {
    const set = ipSet(['203.0.113.1/32', '203.0.113.2/32']);
    expect(placed([1, 2, 3, 4], { set, beside: [member()] })).toEqual([[1], [2, 3, 4]]);
  });
});

describe('what stands', () => {
  it('stays where it is, also when there is room before it', () => {
    expect(placed([1, 2, 7, 8], { beside: [filled(SECOND, 2, 7, 8)] })).toEqual([
      [1, 2],
      [7, 8],
    ]);
  });

  it('stays although others end: of three sets one is written', () => {
    const set = ipSet(addresses(1, 2));
    const published = { mine: addresses(1, 2), version: 1 };
    const beside = [filled(SECOND, 2, 3, 4), filled(THIRD, 3, 5, 6)];
    expect(placed([1, 3, 4, 5, 6], { set, published, beside })).toEqual([[1], [3, 4], [5, 6]]);
  });

  it('goes elsewhere where others have taken its room', () => {
    const set = ipSet([...addresses(1, 2), '203.0.113.1/32', '203.0.113.2/32', '203.0.113.3/32']);
    const published = { mine: addresses(1, 2), version: 1 };
    expect(placed([1, 2], { set, published, beside: [member()] })).toEqual([[1], [2]]);
  });

  it('stays in a set that cannot be read, which is given nothing more', () => {
    const unread = { ...filled(ARN, 1, 1), isReadable: false, addresses: [] };
    const own = { set: ipSet([], { shard: 2 }), arn: SECOND };
    expect(placed([1, 2, 3], { ...own, beside: [unread] })).toEqual([[1], [2, 3]]);
  });

  it('stays in a set of which nobody knows whose its entries are', () => {
    const unread = member({ isReadable: false, addresses: addresses(2, 3) });
    expect(placed([1, 2], { beside: [unread] })).toEqual([[1], []]);
  });

  it('is nowhere else what others have put into one set', () => {
    const others = member({ addresses: addresses(2) });
    expect(placed([1, 2], { beside: [others] })).toEqual([[1], []]);
  });
});

describe('sets of one number, or of none', () => {
  it('have the same: each defends another place', () => {
    expect(placed([1, 2], { beside: [member({ shard: 1 })] })).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it('have it also where others have put it into one of them', () => {
    expect(placed([1, 2], { beside: [member({ shard: 1, addresses: addresses(2) })] })).toEqual([[1, 2], [1]]);
  });

  it('take as much as the fullest of them does', () => {
    const full = member({ shard: 1, addresses: ['203.0.113.1/32', '203.0.113.2/32'] });
    expect(placed([1, 2], { beside: [full, member({ arn: THIRD })] })).toEqual([[1], [1], [2]]);
  });
});

it('what others have put into one set comes into no other while a row that protects somebody cannot be read', () => {
  const beside = [member({ shard: 1, addresses: addresses(2) })];
  const guardFaults = ['ledger allow/x: no network'];
  const published = { mine: addresses(1), version: 1 };
  expect(placed([1, 2], { set: ipSet(addresses(1)), published, beside, guardFaults })).toEqual([[1], [1]]);
});

describe('sets that are nearly full together', () => {
  const blocks = [1, 2, 3, 4, 5, 6].map((last) => row(address(last)));

  it('have somebody look, before anything has no room', () => {
    const decision = decide(facts({ blocks, beside: [member()] }), { ...OF_FOUR, fullShare: 0.75 }, NOW);
    expect(decision).toMatchObject({
      attention: true,
      because: 'edge-v4 gets 3 more and 0 fewer: 3 networks of edge; the sets of edge are 75 % full',
      evidence: { fullPercent: 75 },
    });
  });

  it('keep the worst of all, wherever that stands', () => {
    const ends = [3_600, 7_200, 7_200, 7_200, 7_200, 7_200, 7_200, 7_200, 7_200];
    const many = ends.map((seconds, index) => row(address(index + 1), { until: later(seconds) }));
    const scene = { blocks: many, set: ipSet([address(1)]), published: { mine: [address(1)], version: 1 } };
    const decision = decide(facts({ ...scene, beside: [member()] }), OF_FOUR, NOW);
    expect(decision).toMatchObject({ evidence: { withoutRoom: 1, removed: [address(1)] } });
  });
});

describe('a set of many', () => {
  const many = Array.from({ length: 2_001 }, (_each, index) => `203.0.${index >> 8}.${index & 255}/32`);
  const blocks = many.map((cidr) => row(cidr));

  it('is noted by marks, which are short enough for an item, and known again by them', () => {
    const decision = decide(facts({ blocks }), LIMITS, NOW);
    const [announced] = decision.kind === 'act' ? decision.plan : [];
    const value = Object.entries(Object(announced?.input['value']));
    expect(value).toEqual([['marks', expect.stringMatching(/^[\w-]{16008}$/u)]]);
    const marks = String(value[0]?.[1]).match(/.{8}/gu) ?? [];
    const published = { mine: marks, form: 'marks', version: 1 } as const;
    const set = ipSet([...many, '9.9.9.9/32']);
    expect(decide(facts({ blocks, set, published }), LIMITS, NOW)).toMatchObject({
      kind: 'nothing',
      evidence: { networks: 2_001, foreign: 1 },
    });
  });

  it('is noted by its entries again when it has become small', () => {
    const first = decide(facts({ blocks }), LIMITS, NOW);
    const [announced] = first.kind === 'act' ? first.plan : [];
    const [[, marks] = []] = Object.entries(Object(announced?.input['value']));
    const published = { mine: String(marks).match(/.{8}/gu) ?? [], form: 'marks', version: 1 } as const;
    const decision = decide(facts({ blocks: blocks.slice(0, 1), set: ipSet(many), published }), LIMITS, NOW);
    expect(decision).toMatchObject({
      kind: 'act',
      plan: [{ call: 'wafv2:UpdateIPSet' }, { input: { ifVersion: 1, value: { mine: ['203.0.0.0/32'] } } }],
    });
  });
});

describe('a mark', () => {
  it('is eight letters, and no two of a hundred thousand entries share one', () => {
    const entries = Array.from({ length: 100_000 }, (_each, index) =>
      index % 2 === 0
        ? `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}/32`
        : `2001:db8:${index.toString(16)}::/48`,
    );
    const marks = new Set(entries.map(markOf));
    expect(marks.size).toBe(100_000);
    expect([...marks].filter((mark) => !/^[\w-]{8}$/u.test(mark))).toEqual([]);
  });

  it('is the same in every release: notes outlive them', () => {
    expect(['198.51.100.9/32', '2001:db8::/32'].map(markOf)).toEqual(['Knm40mKw', 'H6x4nlHv']);
  });
});
