/** What is decided about a managed prefix list. */

import { describe, expect, it } from 'vitest';
import {
  decide,
  type DenyLimits,
  type PrefixList,
  type PrefixListFacts,
} from '../../../functions/deny-networks/decide.ts';
import { forNetworks } from '../../../shared/judgement/blocklist/wanted.ts';
import type { Wishes } from '../../../shared/judgement/blocklist/wishes.ts';
import {
  allowed,
  KERNEL_LIMITS,
  later,
  note,
  NOW,
  row,
  wishes,
} from '../../shared/judgement/blocklist/ledger-facts.ts';

const LIMITS: DenyLimits = { ...KERNEL_LIMITS, aclRules: 20, headRoom: 1, fullShare: 1.1 };

const ARN = 'arn:aws:ec2:eu-west-1:111122223333:prefix-list/pl-0a1b2c3d4e5f60718';

interface Scene extends Partial<Wishes> {
  readonly list?: Partial<PrefixList> | null;
  readonly mine?: readonly string[];
  readonly version?: number;
}

function facts({ list = {}, mine = [], version = 1, ...wished }: Scene = {}): PrefixListFacts {
  const standing = {
    id: 'pl-0a1b2c3d4e5f60718',
    name: 'denied-v4',
    family: 'IPV4' as const,
    blocklist: 'edge',
    version: 7,
    maxEntries: 10,
    isBusy: false,
    addresses: [],
  };
  return {
    kind: 'prefix-list',
    history: 'unread',
    arn: ARN,
    list: list === null ? null : { ...standing, ...list },
    published: note({ mine, version }),
    wishes: wishes(wished),
  };
}

function decided(scene: Scene): ReturnType<typeof decide> {
  return decide(facts(scene), LIMITS, NOW);
}

function inputOf(decision: ReturnType<typeof decide>): unknown {
  const calls = decision.kind === 'act' ? decision.plan : [];
  return calls.find(({ call }) => call === 'ec2:ModifyManagedPrefixList')?.input;
}

function addresses(count: number, third: number): readonly string[] {
  return Array.from({ length: count }, (_none, index) => `198.51.${third}.${index}/32`);
}

describe('a managed prefix list', () => {
  it('gets what is blocked, under the version that it was read with, and is noted before and after', () => {
    const decision = decided({ blocks: [row('198.51.100.9/32')] });
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'published',
      because: 'denied-v4 gets 1 more and 0 fewer: 1 networks of edge',
      evidence: { set: 'denied-v4', blocklist: 'edge', networks: 1, foreign: 0, added: ['198.51.100.9/32'] },
    });
    expect(decision.kind === 'act' ? decision.plan.map(({ call }) => call) : []).toEqual([
      'ledger:write',
      'ec2:ModifyManagedPrefixList',
    ]);
    expect(inputOf(decision)).toEqual({
      PrefixListId: 'pl-0a1b2c3d4e5f60718',
      CurrentVersion: 7,
      AddEntries: [{ Cidr: '198.51.100.9/32', Description: 'blocked by deny-networks' }],
    });
  });

  it('loses what is over, and keeps what others have put into it', () => {
    const decision = decided({
      list: { addresses: ['198.51.100.9/32', '192.0.2.7/32'] },
      mine: ['198.51.100.9/32'],
      blocks: [row('198.51.100.9/32', { until: later(-30) })],
    });
    expect(decision).toMatchObject({ evidence: { foreign: 1, removed: ['198.51.100.9/32'] } });
    expect(inputOf(decision)).toEqual({
      PrefixListId: 'pl-0a1b2c3d4e5f60718',
      CurrentVersion: 7,
      RemoveEntries: [{ Cidr: '198.51.100.9/32' }],
    });
    expect(decision).toMatchObject({ metrics: { SecondsPastDue: 30 } });
  });

  it('of the other family gets none of it', () => {
    const decision = decided({ list: { family: 'IPV6' }, blocks: [row('198.51.100.9/32'), row('2001:db8::7/128')] });
    expect(decision).toMatchObject({ evidence: { added: ['2001:db8::7/128'] } });
  });

  it('leaves out what is allowed', () => {
    const decision = decided({ blocks: [row('198.51.100.8/31')], allow: [allowed('198.51.100.9/32')] });
    expect(decision).toMatchObject({ evidence: { added: ['198.51.100.8/32'] } });
  });

  it('that is as it should be is left alone', () => {
    const cidr = '198.51.100.9/32';
    expect(decided({ list: { addresses: [cidr] }, mine: [cidr], blocks: [row(cidr)] })).toMatchObject({
      kind: 'nothing',
      code: 'as-wanted',
    });
  });

  it('that is gone is nobody’s', () => {
    expect(decided({ list: null })).toMatchObject({ kind: 'nothing', code: 'gone', evidence: { arn: ARN } });
  });

  it('in which a change is under way is left until the next tick, and is nothing to wait for where it is right', () => {
    expect(decided({ list: { isBusy: true }, blocks: [row('198.51.100.9/32')] })).toEqual({
      kind: 'wait',
      code: 'being-modified',
      seconds: 60,
      because: 'denied-v4 is being changed by somebody; denied-v4 gets 1 more and 0 fewer: 1 networks of edge',
      evidence: { set: 'denied-v4', blocklist: 'edge', networks: 1, foreign: 0, added: ['198.51.100.9/32'] },
    });
    expect(decided({ list: { isBusy: true } })).toMatchObject({ kind: 'nothing' });
  });

  it('that is too small keeps what is blocked for longest, and says how many have no room', () => {
    const decision = decided({
      list: { maxEntries: 1 },
      blocks: [row('198.51.100.8/32'), row('198.51.100.9/32', { until: later(9_000) })],
    });
    expect(decision).toMatchObject({
      attention: true,
      because: 'denied-v4 gets 1 more and 0 fewer: 1 networks of edge; 1 more have no room in the places of denied-v4',
      evidence: { added: ['198.51.100.9/32'], withoutRoom: 1 },
    });
  });

  it('is written a hundred entries at a time, and the run goes on', () => {
    const wanted = addresses(150, 100);
    const first = decided({ list: { maxEntries: 1_000 }, blocks: wanted.map((cidr) => row(cidr)) });
    const input = inputOf(first);
    expect(first).toMatchObject({ kind: 'act', more: true, evidence: { networks: 150 } });
    expect(input).toMatchObject({ AddEntries: expect.objectContaining({ length: 100 }) });
    const there = wanted.slice(0, 100);
    const second = decided({
      list: { maxEntries: 1_000, addresses: there },
      mine: there,
      blocks: wanted.map((cidr) => row(cidr)),
    });
    expect(second.kind === 'act' && second.more).toBeUndefined();
    expect(inputOf(second)).toMatchObject({ AddEntries: expect.objectContaining({ length: 50 }) });
  });

  it('that is full makes room first: what goes and what comes are one version', () => {
    const [old, fresh] = [addresses(120, 100), addresses(120, 101)];
    const decision = decided({
      list: { maxEntries: 120, addresses: old },
      mine: old,
      blocks: fresh.map((cidr) => row(cidr)),
    });
    expect(inputOf(decision)).toMatchObject({
      RemoveEntries: expect.objectContaining({ length: 50 }),
      AddEntries: expect.objectContaining({ length: 50 }),
    });
    const notes = decision.kind === 'act' ? decision.plan.filter(({ call }) => call === 'ledger:write') : [];
    const [before, after] = notes.map(({ input }) => JSON.stringify(input['value']));
    // What goes with the next version is still ours.
    expect(before).toContain('198.51.100.119/32');
    expect(after).toContain('198.51.100.119/32');
    expect(after).not.toContain('198.51.100.49/32');
  });

  it('gets neither what many people share nor what lists want', () => {
    const narrow = forNetworks(
      wishes({
        blocks: [row('198.51.100.9/32'), row('203.0.113.9/32'), row('192.0.2.200/32')],
        lists: [
          { name: 'feed', use: 'block', networks: ['192.0.2.0/25'] },
          { name: 'proxies', use: 'shared-egress', networks: ['192.0.2.192/26'] },
        ],
        sharedEgress: [{ source: 'carriers', ranges: ['203.0.113.0/24'], version: 1 }],
      }),
    );
    expect(decided(narrow)).toMatchObject({ evidence: { added: ['198.51.100.9/32'] } });
  });
});
