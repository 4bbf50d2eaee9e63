/** What is put in order while the address stays: interrupted moves and quarantines. Hooks have tests of their own. */

import { describe, expect, it } from 'vitest';
import { decide, type Facts } from '../../../functions/reassign-elastic-ip/decide.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import { address, ago, facts, history, IMPAIRED, LIMITS, machine, membership, NOW } from './elastic-ip-facts.ts';

function judge(change: Partial<Facts>): Decision {
  return decide(facts(change), LIMITS, NOW);
}

describe('an interrupted move', () => {
  const note = {
    from: 'i-a',
    to: 'i-b',
    interfaceId: 'eni-b',
    privateIp: '10.0.98.5',
    movedAt: ago(90),
    moves: 1,
    quarantine: 'i-a',
  };
  const pending = { intent: 'eipalloc-1 -> i-b eni-b/10.0.98.5', at: ago(90), note };
  const there = { instanceId: 'i-b', interfaceId: 'eni-b', privateIp: '10.0.98.5' };
  const failed = machine('a', { checks: IMPAIRED });

  it('is written down as it was announced, uncounted', () => {
    const decision = judge({
      address: address({ association: there }),
      instances: [failed, machine('b')],
      history: history({ pending }),
    });
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'holder-healthy',
      budget: 'free',
      intent: 'eipalloc-1 -> i-b eni-b/10.0.98.5',
      note: { ...note, keptAt: NOW },
    });
    expect(decision.kind === 'act' ? decision.plan.map(({ input }) => input) : []).toEqual([
      { Resources: ['i-a'], Tags: [{ Key: 'runbook:quarantined', Value: ago(90) }] },
      {
        Resources: ['eipalloc-1'],
        Tags: [
          { Key: 'runbook:moved-at', Value: ago(90) },
          { Key: 'runbook:moves', Value: '1' },
        ],
      },
    ]);
    expect(decision).not.toHaveProperty('more');
  });

  it('needs only what is missing', () => {
    const entered = address({ association: there, movedAt: ago(90), moves: 1 });
    const decision = judge({ address: entered, instances: [failed, machine('b')], history: history({ pending }) });
    expect(decision.kind === 'act' ? decision.plan.map(({ input }) => input['Resources']) : []).toEqual([['i-a']]);
    const older = judge({
      address: address({ association: there, movedAt: ago(91) }),
      instances: [{ ...failed, quarantinedAt: ago(1) }, machine('b')],
      history: history({ pending }),
    });
    expect(older.kind === 'act' ? older.plan.map(({ input }) => input['Resources']) : []).toEqual([['eipalloc-1']]);
  });

  it('tags no loser that is gone, on its way out of its group, or belongs elsewhere', () => {
    for (const change of [
      { state: 'terminated' as const, checks: null },
      { membership: membership({ lifecycleState: 'Terminating:Wait' }) },
      { vip: 'db' },
    ]) {
      const decision = judge({
        address: address({ association: there, movedAt: ago(90) }),
        instances: [{ ...failed, ...change }, machine('b')],
        history: history({ pending }),
      });
      expect(decision).toMatchObject({ kind: 'act', plan: [] });
    }
  });

  it('is settled by a reconcile that finds nothing left, once no run can be at it any more', () => {
    const done = {
      address: address({ association: there, movedAt: ago(90) }),
      instances: [{ ...failed, quarantinedAt: ago(90) }, machine('b')],
    };
    expect(judge({ ...done, history: history({ pending }) })).toMatchObject({
      kind: 'act',
      plan: [],
      intent: 'eipalloc-1 -> i-b eni-b/10.0.98.5',
    });
    expect(judge({ ...done, history: history({ pending: { ...pending, at: ago(30) } }) })).toMatchObject({
      kind: 'nothing',
      code: 'holder-healthy',
    });
    expect(judge({ ...done, history: history({ pending: { ...pending, at: ago(31) } }) })).toMatchObject({
      kind: 'act',
      plan: [],
    });
    expect(
      judge({
        ...done,
        history: history({ pending }),
        ask: { kind: 'event', trigger: 'state', instanceIds: ['i-b'], raised: true, alarmNames: [] },
      }),
    ).toMatchObject({ kind: 'nothing' });
  });

  it('is begun again when the address never left, and dropped when that is no longer called for', () => {
    expect(judge({ instances: [failed, machine('b')], history: history({ pending }) })).toMatchObject({
      kind: 'act',
      code: 'failed-over',
      note: { movedAt: NOW },
    });
    expect(judge({ history: history({ pending }) })).toMatchObject({
      kind: 'act',
      code: 'holder-healthy',
      plan: [],
      budget: 'free',
    });
  });

  it('writes nothing down for an address that is elsewhere', () => {
    for (const association of [
      { ...there, interfaceId: 'eni-c' },
      { ...there, privateIp: '10.0.98.6' },
    ]) {
      expect(
        judge({ address: address({ association }), instances: [failed, machine('b')], history: history({ pending }) }),
      ).toMatchObject({ plan: [] });
    }
  });

  it('is not waited out: a wait keeps the announcement', () => {
    const starting = [machine('a', { state: 'pending', checks: null }), machine('b')];
    expect(judge({ instances: starting, history: history({ pending }) })).toMatchObject({
      kind: 'wait',
      code: 'holder-starting',
    });
  });
});

describe('quarantine', () => {
  const loser = machine('b', { quarantinedAt: ago(2_000) });

  it('has its clock, and ends after half an hour of steadiness', () => {
    expect(judge({ instances: [machine('a'), loser] })).toMatchObject({
      code: 'holder-healthy',
      remember: { 'stable:i-b': NOW },
    });
    expect(
      judge({ instances: [machine('a'), loser], history: history({ memory: { 'stable:i-b': ago(1_799) } }) }),
    ).toMatchObject({ kind: 'nothing' });
    expect(
      judge({ instances: [machine('a'), loser], history: history({ memory: { 'stable:i-b': ago(1_800) } }) }),
    ).toMatchObject({
      kind: 'act',
      code: 'holder-healthy',
      budget: 'free',
      more: true,
      plan: [
        {
          call: 'ec2:DeleteTags',
          input: { Resources: ['i-b'], Tags: [{ Key: 'runbook:quarantined', Value: ago(2_000) }] },
          because: `i-b has been steady since ${ago(1_800)}`,
        },
      ],
    });
  });

  it('does not end for one that wavers, belongs elsewhere, or on an event', () => {
    const over = history({ memory: { 'stable:i-b': ago(9_999) } });
    expect(judge({ instances: [machine('a'), { ...loser, checks: IMPAIRED }], history: over })).toMatchObject({
      kind: 'nothing',
    });
    expect(judge({ instances: [machine('a'), { ...loser, vip: 'db' }], history: over })).toMatchObject({
      kind: 'nothing',
    });
    expect(
      judge({
        instances: [machine('a'), loser],
        history: over,
        ask: { kind: 'event', trigger: 'state', instanceIds: ['i-a'], raised: true, alarmNames: [] },
      }),
    ).toMatchObject({ kind: 'nothing' });
    expect(judge({ instances: [machine('a'), machine('b')], history: over })).toMatchObject({ kind: 'nothing' });
  });

  it('ends even while nobody is good, so that the next look can move', () => {
    const decision = judge({
      instances: [machine('a', { checks: IMPAIRED }), loser],
      history: history({ memory: { 'stable:i-b': ago(1_800) } }),
    });
    expect(decision).toMatchObject({ kind: 'act', code: 'no-good-candidate', attention: true, more: true });
  });
});
