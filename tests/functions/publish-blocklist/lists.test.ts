/** Which version of a list is published, and what becomes of the sets meanwhile. */

import { describe, expect, it } from 'vitest';
import {
  decide,
  type ListContent,
  type ListFacts,
  type ListNote,
} from '../../../functions/publish-blocklist/decide.ts';
import type { ListRow } from '../../../shared/judgement/blocklist/list-rows.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import { allowed, later, NOW, row } from '../../shared/judgement/blocklist/ledger-facts.ts';
import { facts, ipSet, LIMITS, type Scene } from './set-facts.ts';

const NAME = 'lists-example/drop.txt';
const ROW: ListRow = {
  name: NAME,
  object: { bucket: 'lists-example', key: 'drop.txt', versionId: 'v2', etag: '"e2"', sequencer: null },
  policy: { use: 'block', widestIpv4: 16, widestIpv6: 32, maxLossPercent: 50, ttlSeconds: 3_600 },
  isForced: false,
  by: 'S3',
  why: '',
  from: NOW,
  until: later(3_600),
  delivery: 'd',
  run: 'r',
  version: 1,
};
const NOTE: ListNote = { versionId: 'v1', networks: 10, version: 4 };

function content(networks: number): ListContent {
  const refused = [
    { line: 2, text: '9.9.9.9-9.9.9.1', why: 'range-order', says: 'It ends before it begins.' },
  ] as const;
  return { networks, lines: networks + 1, counts: { ok: networks }, refusedLines: 1, refused: [...refused] };
}

function told(change: Partial<ListFacts>): Decision {
  return decide(
    { kind: 'list', row: ROW, note: NOTE, content: content(10), history: 'unread', ...change },
    LIMITS,
    NOW,
  );
}

describe('a list that protects', () => {
  const allows = { ...ROW, policy: { ...ROW.policy, use: 'allow' as const } };
  const networks = ['198.51.100.0/28'];
  const toldBefore = { name: NAME, use: 'allow', versionId: 'v1', networks: ['198.51.100.0/29'], version: 3 };

  function decided(change: Partial<ListFacts>): Decision {
    const of = { kind: 'list' as const, row: allows, note: NOTE, content: content(10), history: 'unread' as const };
    return decide({ ...of, protects: { networks, told: toldBefore }, ...change }, LIMITS, NOW);
  }

  function writesOf(decision: Decision): readonly unknown[] {
    return decision.kind === 'act' ? decision.plan.map(({ input }) => [input['partition'], input['value']]) : [];
  }

  it('is told to those who read no lists, before it is noted', () => {
    expect(writesOf(decided({}))).toEqual([
      ['listed', { use: 'allow', versionId: 'v2', networks }],
      ['published', { versionId: 'v2', etag: '"e2"', networks: 10 }],
    ]);
  });

  it('is told although its version was noted, where nobody was told, or of another use', () => {
    const note = { ...NOTE, versionId: 'v2' };
    const once = [['listed', { use: 'allow', versionId: 'v2', networks }]];
    expect(writesOf(decided({ note, protects: { networks, told: null } }))).toEqual(once);
    expect(
      writesOf(decided({ note, protects: { networks, told: { ...toldBefore, versionId: 'v2', use: 'x' } } })),
    ).toEqual(once);
    const current = { ...toldBefore, versionId: 'v2' };
    expect(decided({ note, protects: { networks, told: current } })).toMatchObject({ code: 'list-current' });
  });

  it('must have room in the ledger', () => {
    const many = Array.from({ length: 4_001 }, () => '198.51.100.0/28');
    expect(decided({ protects: { networks: many, told: toldBefore } })).toMatchObject({
      kind: 'refuse',
      code: 'list-too-long',
      attention: true,
      because: `${NAME} names 4001 networks, and a list of use allow may name 4000; nobody more is blocked until it is shorter, or unlisted`,
    });
    expect(decided({ protects: { networks: many.slice(1), told: toldBefore } }).kind).toBe('act');
  });
});

describe('a new version of a list', () => {
  it('is taken over, with a word for each line that is not', () => {
    expect(told({})).toEqual({
      kind: 'act',
      code: 'list-accepted',
      because: `${NAME} has 10 networks in 11 lines; 1 lines are not taken`,
      evidence: {
        list: NAME,
        objectVersion: 'v2',
        use: 'block',
        networks: 10,
        lines: 11,
        counts: { ok: 10 },
        refused: [{ line: 2, text: '9.9.9.9-9.9.9.1', why: 'range-order', says: 'It ends before it begins.' }],
      },
      plan: [
        {
          call: 'ledger:write',
          input: {
            partition: 'published',
            key: `list/${NAME}`,
            ifVersion: 4,
            value: { versionId: 'v2', etag: '"e2"', networks: 10 },
          },
          because: `${NAME} has 10 networks in 11 lines; 1 lines are not taken`,
        },
      ],
      intent: `publish ${NAME}`,
      budget: 'free',
    });
  });

  it('is taken over although nothing was before it', () => {
    expect(told({ note: null })).toMatchObject({ kind: 'act', plan: [{ input: { ifVersion: 0 } }] });
  });

  it('is told of once', () => {
    expect(told({ note: { ...NOTE, versionId: 'v2' } })).toMatchObject({ kind: 'nothing', code: 'list-current' });
  });

  it('that names no network is not, and people are told', () => {
    expect(told({ content: content(0) })).toMatchObject({
      kind: 'refuse',
      code: 'list-empty',
      because: `${NAME} names no network in 1 lines; the 10 networks of the version before it stand`,
      attention: true,
    });
    expect(told({ content: content(0), note: null }).because).toContain('nothing of it is published');
  });

  it('may lose half of its networks, and no more', () => {
    expect(told({ content: content(5) }).code).toBe('list-accepted');
    expect(told({ content: content(4) })).toMatchObject({
      kind: 'refuse',
      code: 'list-shrank',
      because: `${NAME} has 4 networks after 10, and may lose 50 % at once; the 10 networks of the version before it stand. Block the list by hand if that is meant`,
      attention: true,
    });
  });

  it('may lose more where a person wants it, or the operator has said so', () => {
    expect(told({ content: content(1), row: { ...ROW, isForced: true } }).code).toBe('list-accepted');
    const policy = { ...ROW.policy, maxLossPercent: 90 };
    expect(told({ content: content(1), row: { ...ROW, policy } }).code).toBe('list-accepted');
  });

  it('that is not there any more takes nothing out', () => {
    expect(told({ content: null })).toMatchObject({ kind: 'refuse', code: 'list-gone', attention: true });
  });

  it('is nothing where the list does not hold any more', () => {
    expect(told({ row: null })).toMatchObject({ kind: 'nothing', code: 'unlisted' });
    expect(told({ row: { ...ROW, until: NOW } })).toMatchObject({ kind: 'nothing', code: 'unlisted' });
  });
});

describe('a set', () => {
  const stands = ['198.51.100.1/32', '198.51.100.2/32', '198.51.100.3/32'];
  const blocked = {
    name: NAME,
    use: 'block',
    networks: ['198.51.100.0/30', '198.51.100.9/32', '2001:db8::/64'],
  } as const;

  function addresses(scene: Scene): unknown {
    const decision = decide(facts(scene), LIMITS, NOW);
    if (decision.kind !== 'act') return decision.code;
    return decision.plan.find(({ call }) => call === 'wafv2:UpdateIPSet')?.input['Addresses'] ?? decision.code;
  }

  it('has the networks of lists beside those that are asked for', () => {
    expect(addresses({ lists: [blocked], blocks: [row('198.51.100.2/32'), row('203.0.113.7/32')] })).toEqual([
      '198.51.100.0/30',
      '198.51.100.9/32',
      '203.0.113.7/32',
    ]);
  });

  it('leaves out what another list allows', () => {
    const partners = { name: 'lists-example/partners.txt', use: 'allow', networks: ['198.51.100.8/31'] } as const;
    expect(addresses({ lists: [blocked, partners] })).toEqual(['198.51.100.0/30']);
  });

  it('keeps what stands while a list cannot be read, but for what is known to be over or allowed', () => {
    const scene = {
      set: ipSet(stands),
      published: { mine: stands, version: 1 },
      lists: [{ ...blocked, networks: null }],
      blocks: [row('198.51.100.1/32', { until: NOW }), row('198.51.100.7/32')],
      allow: [allowed('198.51.100.2/32')],
    };
    expect(addresses(scene)).toEqual(['198.51.100.3/32', '198.51.100.7/32']);
  });

  it('is emptied of what a list wanted when it is known to want it no more', () => {
    const scene = { set: ipSet(stands), published: { mine: stands, version: 1 } };
    expect(addresses(scene)).toEqual([]);
  });

  it('that is full keeps what was asked for before what lists want', () => {
    const decision = decide(
      facts({ lists: [blocked], blocks: [row('203.0.113.7/32')] }),
      { ...LIMITS, setCapacity: 2 },
      NOW,
    );
    expect(decision).toMatchObject({ evidence: { added: ['198.51.100.0/30', '203.0.113.7/32'], withoutRoom: 1 } });
  });
});
