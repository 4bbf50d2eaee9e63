/** What is noted as ours and when, what becomes of entries of others, and what is told of lateness. */

import { describe, expect, it } from 'vitest';
import { decide, type PublishLimits } from '../../../functions/publish-blocklist/decide.ts';
import type { Act, Decision } from '../../../shared/kernel/decision.ts';
import { allowed, later, NOW, row } from '../../shared/judgement/blocklist/ledger-facts.ts';
import { ARN, facts, ipSet, LIMITS, type Scene } from './set-facts.ts';

function judge(change: Scene, limits: Partial<PublishLimits> = {}): Decision {
  return decide(facts(change), { ...LIMITS, ...limits }, NOW);
}

function act(decision: Decision): Act {
  if (decision.kind !== 'act') throw new Error(`expected act, found ${decision.kind} ${decision.code}`);
  return decision;
}

/** What the set is to hold; `undefined`: it is not written. */
function written(decision: Decision): unknown {
  return act(decision).plan.find(({ call }) => call === 'wafv2:UpdateIPSet')?.input['Addresses'];
}

/** What is noted as ours, each with the version that it was seen in. */
function noted(decision: Decision): readonly unknown[] {
  return act(decision)
    .plan.filter(({ call }) => call === 'ledger:write')
    .map(({ input }) => [input['ifVersion'], input['value']]);
}

describe('a set that is as the ledger has it', () => {
  it('is left alone', () => {
    expect(
      judge({
        set: ipSet(['198.51.100.7/32']),
        published: { mine: ['198.51.100.7/32'], version: 3 },
        blocks: [row('198.51.100.7/32')],
      }),
    ).toEqual({
      kind: 'nothing',
      code: 'as-wanted',
      because: 'edge-v4 has 1 networks of edge',
      evidence: { set: 'edge-v4', blocklist: 'edge', networks: 1, foreign: 0 },
    });
  });

  it('is left alone where both are empty', () => {
    expect(judge({})).toMatchObject({ kind: 'nothing', code: 'as-wanted' });
  });

  it('is left alone in whatever order AWS lists it', () => {
    expect(
      judge({
        set: ipSet(['198.51.100.7/32', '9.9.9.9/32']),
        published: { mine: ['198.51.100.7/32', '9.9.9.9/32'], version: 3 },
        blocks: [row('198.51.100.7/32'), row('9.9.9.9/32')],
      }),
    ).toMatchObject({ kind: 'nothing', code: 'as-wanted' });
  });

  it('is not written where only the note of what is ours is behind', () => {
    const decision = judge({
      set: ipSet(['198.51.100.7/32']),
      published: { mine: ['198.51.100.7/32', '198.51.100.8/32'], version: 4 },
      blocks: [row('198.51.100.7/32')],
    });
    expect(decision).toMatchObject({ kind: 'act', code: 'noted', budget: 'free' });
    expect(written(decision)).toBeUndefined();
    expect(noted(decision)).toEqual([[4, { mine: ['198.51.100.7/32'] }]]);
  });
});

describe('a set that is not', () => {
  const decision = judge({
    set: ipSet(['198.51.100.9/32'], { description: 'Blocked at the edge' }),
    published: { mine: ['198.51.100.9/32'], version: 3 },
    blocks: [row('198.51.100.7/32')],
  });

  it('is written between two notes: what will be ours before, what is after', () => {
    expect(act(decision).plan).toEqual([
      {
        call: 'ledger:write',
        input: {
          partition: 'published',
          key: ARN,
          ifVersion: 3,
          value: { mine: ['198.51.100.7/32', '198.51.100.9/32'] },
        },
        because: 'what is about to be written is ours to take out again',
      },
      {
        call: 'wafv2:UpdateIPSet',
        input: {
          Name: 'edge-v4',
          Scope: 'REGIONAL',
          Id: '6f1c2a34-5b7d-4e89-9a01-23c4d5e6f789',
          Description: 'Blocked at the edge',
          Addresses: ['198.51.100.7/32'],
          LockToken: '00000000-0000-4000-8000-000000000001',
        },
        because: 'edge-v4 gets 1 more and 1 fewer: 1 networks of edge',
      },
      {
        call: 'ledger:write',
        input: { partition: 'published', key: ARN, ifVersion: 4, value: { mine: ['198.51.100.7/32'] } },
        because: 'what was taken out is no longer ours',
      },
    ]);
  });

  it('is told with what comes and what goes', () => {
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'published',
      because: 'edge-v4 gets 1 more and 1 fewer: 1 networks of edge',
      intent: 'publish edge-v4',
      budget: 'free',
      evidence: {
        set: 'edge-v4',
        blocklist: 'edge',
        networks: 1,
        foreign: 0,
        added: ['198.51.100.7/32'],
        removed: ['198.51.100.9/32'],
      },
    });
  });

  it('that has no description gets none', () => {
    const [, update] = act(judge({ blocks: [row('198.51.100.7/32')] })).plan;
    expect(update?.call).toBe('wafv2:UpdateIPSet');
    expect(Object.keys(update?.input ?? {})).not.toContain('Description');
  });

  it('needs no second note where nothing is taken out, however its addresses sort', () => {
    const more = judge({ blocks: [row('9.9.9.9/32'), row('198.51.100.7/32')] });
    expect(written(more)).toEqual(['198.51.100.7/32', '9.9.9.9/32']);
    expect(noted(more)).toEqual([[0, { mine: ['198.51.100.7/32', '9.9.9.9/32'] }]]);
  });

  it('needs no first note where nothing comes', () => {
    const fewer = judge({
      set: ipSet(['198.51.100.9/32']),
      published: { mine: ['198.51.100.9/32'], version: 3 },
    });
    expect(act(fewer).plan.map(({ call }) => call)).toEqual(['wafv2:UpdateIPSet', 'ledger:write']);
    expect(written(fewer)).toEqual([]);
    expect(noted(fewer)).toEqual([[3, { mine: [] }]]);
  });

  it('names twenty of what comes, and counts the others', () => {
    const blocks = Array.from({ length: 22 }, (_none, index) => row(`198.51.100.${index + 100}/32`));
    const added: unknown = judge({ blocks }).evidence['added'];
    expect(added).toHaveLength(21);
    expect(added).toEqual(expect.arrayContaining(['198.51.100.119/32', 'and 2 more']));
    expect(added).not.toContain('198.51.100.120/32');
  });
});

describe('entries of others', () => {
  it('stay where ours come and go', () => {
    const decision = judge({
      set: ipSet(['203.0.113.5/32', '198.51.100.9/32']),
      published: { mine: ['198.51.100.9/32'], version: 1 },
      blocks: [row('198.51.100.7/32')],
    });
    expect(written(decision)).toEqual(['198.51.100.7/32', '203.0.113.5/32']);
    expect(decision).toMatchObject({
      because: 'edge-v4 gets 1 more and 1 fewer: 1 networks of edge, beside 1 entries of others',
      evidence: { foreign: 1 },
    });
    expect(noted(decision).at(-1)).toEqual([2, { mine: ['198.51.100.7/32'] }]);
  });

  it('that are asked for here, too, do not become ours', () => {
    expect(judge({ set: ipSet(['203.0.113.5/32']), blocks: [row('203.0.113.5/32')] })).toMatchObject({
      kind: 'nothing',
      code: 'as-wanted',
    });
  });

  it('that were asked for here, too, stay when that has ended', () => {
    expect(
      judge({ set: ipSet(['203.0.113.5/32']), blocks: [row('203.0.113.5/32', { until: later(-5) })] }),
    ).toMatchObject({ kind: 'nothing', code: 'as-wanted' });
  });

  it('that their owner takes out while it is asked for here come back as ours', () => {
    const decision = judge({ blocks: [row('203.0.113.5/32')] });
    expect(written(decision)).toEqual(['203.0.113.5/32']);
    expect(noted(decision)).toEqual([[0, { mine: ['203.0.113.5/32'] }]]);
  });
});

describe('the time that something is taken out too late', () => {
  const published = { mine: ['198.51.100.7/32', '198.51.100.8/32'], version: 1 };
  const set = ipSet(['198.51.100.7/32', '198.51.100.8/32']);

  it('is that of the last end, and of the latest network', () => {
    const blocks = [
      row('198.51.100.7/32', { incident: 'INC-1', until: later(-90) }, { incident: 'INC-2', until: later(-45) }),
      row('198.51.100.8/32', { until: later(-20) }),
    ];
    expect(judge({ set, published, blocks })).toMatchObject({ metrics: { SecondsPastDue: 45 } });
  });

  it('is not told of what is taken out before its time', () => {
    const blocks = [row('198.51.100.7/32'), row('198.51.100.8/32')];
    expect(judge({ set, published, blocks, allow: [allowed('198.51.100.8/32')] })).not.toHaveProperty('metrics');
  });

  it('is not told where nothing is taken out', () => {
    const decision = judge({ blocks: [row('198.51.100.7/32')] });
    expect(decision).not.toHaveProperty('metrics.SecondsPastDue');
  });
});

describe('the time from the ledger to the set', () => {
  it('is that of what has waited longest, by its last reason', () => {
    const blocks = [
      row('198.51.100.7/32', { from: later(-90) }, { from: later(-3) }),
      row('198.51.100.8/32', { from: later(-7) }),
    ];
    expect(judge({ blocks })).toMatchObject({ metrics: { SecondsLedgerToWrite: 7 } });
  });

  it('is not told of what has been blocked for long, and comes back', () => {
    expect(judge({ blocks: [row('198.51.100.7/32', { from: later(-3_600) })] })).not.toHaveProperty('metrics');
  });
});

describe('a run that died', () => {
  const blocks = [row('198.51.100.7/32')];

  it('between its note and the set is made good without another note', () => {
    const decision = judge({ blocks, published: { mine: ['198.51.100.7/32'], version: 1 } });
    expect(act(decision).plan.map(({ call }) => call)).toEqual(['wafv2:UpdateIPSet']);
    expect(written(decision)).toEqual(['198.51.100.7/32']);
  });

  it('between the set and its second note leaves nothing that is nobody’s', () => {
    const decision = judge({
      blocks,
      set: ipSet(['198.51.100.7/32']),
      published: { mine: ['198.51.100.7/32', '198.51.100.9/32'], version: 2 },
    });
    expect(decision.code).toBe('noted');
    expect(noted(decision)).toEqual([[2, { mine: ['198.51.100.7/32'] }]]);
  });

  it('before it took out what had ended has that taken out by the next', () => {
    const decision = judge({
      blocks,
      set: ipSet(['198.51.100.9/32']),
      published: { mine: ['198.51.100.7/32', '198.51.100.9/32'], version: 2 },
    });
    expect(written(decision)).toEqual(['198.51.100.7/32']);
    expect(noted(decision)).toEqual([[2, { mine: ['198.51.100.7/32'] }]]);
  });
});

describe('while a row that protects somebody cannot be read', () => {
  const guardFaults = ['ledger allow/x: no network'];

  it('nobody more is blocked, what is over goes, and people hear of it', () => {
    const mine = ['198.51.100.7/32', '198.51.100.8/32'];
    const decision = judge({
      set: ipSet(mine),
      published: { mine, version: 1 },
      blocks: [row('198.51.100.7/32'), row('198.51.100.9/32')],
      guardFaults,
    });
    expect(written(decision)).toEqual(['198.51.100.7/32']);
    expect(decision).toMatchObject({
      attention: true,
      evidence: { heldBack: 1, unreadable: guardFaults },
      because:
        'edge-v4 gets 0 more and 1 fewer: 1 networks of edge; 1 more wait until what may never be blocked can be read',
    });
  });

  it('a range with a hole stays as it is', () => {
    const mine = ['198.51.100.0/31', '198.51.100.3/32'];
    const scene = { set: ipSet(mine), published: { mine, version: 1 }, blocks: [row('198.51.100.0/30')], guardFaults };
    expect(judge(scene)).toMatchObject({ kind: 'nothing', code: 'as-wanted', evidence: { heldBack: 1 } });
  });
});
