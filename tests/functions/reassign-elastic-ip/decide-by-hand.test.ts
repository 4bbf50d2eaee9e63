import { describe, expect, it } from 'vitest';
import { decide, type Facts } from '../../../functions/reassign-elastic-ip/decide.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import {
  address,
  ago,
  facts,
  history,
  IMPAIRED,
  LIMITS,
  machine,
  membership,
  moveTo,
  NOW,
  slot,
} from './elastic-ip-facts.ts';

function judge(change: Partial<Facts>): Decision {
  return decide(facts(change), LIMITS, NOW);
}

describe('a move by hand', () => {
  it('takes the address from a healthy holder, uncounted, and leaves that one in good standing', () => {
    const decision = judge({ ask: moveTo('i-b') });
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'moved-by-hand',
      because: 'a person asked for it; i-b is good',
      budget: 'free',
      note: { to: 'i-b', quarantine: null },
    });
    expect(decision.kind === 'act' ? decision.plan.map(({ call }) => call) : []).toEqual([
      'ec2:AssociateAddress',
      'ec2:CreateTags',
    ]);
  });

  it('goes where it is told, not where it would be best', () => {
    expect(
      judge({ ask: moveTo('i-c'), instances: [machine('a'), machine('b', { priority: 1 }), machine('c')] }),
    ).toMatchObject({ note: { to: 'i-c' } });
    const slots = [machine('c').slots, slot('eni-c2', '10.0.99.6', { deviceIndex: 1 })].flat();
    expect(
      judge({
        ask: moveTo('eni-c2'),
        instances: [machine('a'), machine('b', { priority: 1 }), machine('c', { slots })],
      }),
    ).toMatchObject({ note: { to: 'i-c' } });
    expect(
      judge({ ask: moveTo('eni-c'), instances: [machine('a'), machine('b', { priority: 1 }), machine('c')] }),
    ).toMatchObject({ note: { to: 'i-c' } });
  });

  it('changes nothing when it is there already', () => {
    for (const to of ['i-a', 'eni-a'])
      expect(judge({ ask: moveTo(to) })).toMatchObject({
        kind: 'nothing',
        code: 'already-there',
        because: 'i-a holds 203.0.113.10',
      });
  });

  it('refuses an instance that is no candidate', () => {
    expect(judge({ ask: moveTo('i-x') })).toMatchObject({
      kind: 'refuse',
      code: 'unknown-candidate',
      because: 'i-x is no candidate: it does not carry runbook:vip = web',
    });
  });

  it('refuses a candidate that is not good, force or not', () => {
    for (const force of [false, true]) {
      expect(
        judge({ ask: moveTo('i-b', { force }), instances: [machine('a'), machine('b', { checks: IMPAIRED })] }),
      ).toMatchObject({ kind: 'refuse', code: 'candidate-not-good', because: 'i-b status check instance: impaired' });
    }
  });

  it('takes a quarantined candidate only by force', () => {
    const instances = [machine('a'), machine('b', { quarantinedAt: ago(60) })];
    expect(judge({ ask: moveTo('i-b'), instances })).toMatchObject({
      kind: 'refuse',
      because: `i-b is quarantined since ${ago(60)}`,
    });
    expect(judge({ ask: moveTo('i-b', { force: true }), instances })).toMatchObject({ kind: 'act' });
  });

  it('takes the address from a NAT gateway only by force, and can give it back', () => {
    const foreign = address({ association: { instanceId: null, interfaceId: 'eni-nat', privateIp: '10.0.0.9' } });
    expect(judge({ ask: moveTo('i-b'), address: foreign })).toMatchObject({
      kind: 'refuse',
      code: 'held-by-interface',
      because: 'eni-nat belongs to no instance; a person may move it with force',
    });
    const forced = judge({ ask: moveTo('i-b', { force: true }), address: foreign });
    expect(forced).toMatchObject({ kind: 'act', note: { from: null } });
    expect(forced.kind === 'act' ? forced.plan[0]?.undo?.input : {}).toMatchObject({
      NetworkInterfaceId: 'eni-nat',
      PrivateIpAddress: '10.0.0.9',
    });
  });

  it('quarantines a holder that was failing', () => {
    expect(judge({ ask: moveTo('i-b'), instances: [machine('a', { checks: IMPAIRED }), machine('b')] })).toMatchObject({
      note: { quarantine: 'i-a' },
    });
  });
});

describe('a fail-back by hand', () => {
  const ask = { kind: 'fail-back', force: false } as const;

  it('goes to the candidate that comes before the holder', () => {
    expect(judge({ ask, instances: [machine('a'), machine('b', { priority: 10 })] })).toMatchObject({
      kind: 'act',
      code: 'failed-back',
      budget: 'free',
      note: { to: 'i-b' },
    });
  });

  it('changes nothing when none does, an equal one included', () => {
    expect(judge({ ask })).toMatchObject({
      kind: 'nothing',
      code: 'already-preferred',
      because: 'no candidate comes before i-a',
    });
  });

  it('names every candidate that is not good', () => {
    const instances = [
      machine('a'),
      machine('b', { priority: 10, quarantinedAt: ago(60) }),
      machine('c', { priority: 11, checks: IMPAIRED }),
    ];
    expect(judge({ ask, instances })).toMatchObject({
      because: `i-b is quarantined since ${ago(60)}, i-c status check instance: impaired`,
    });
  });

  it('refuses when the one that does is not good', () => {
    expect(
      judge({ ask, instances: [machine('a'), machine('b', { priority: 10, quarantinedAt: ago(60) })] }),
    ).toMatchObject({ kind: 'refuse', code: 'candidate-not-good' });
  });

  it('takes up an address on nobody', () => {
    expect(judge({ ask, address: address({ association: null }) })).toMatchObject({ kind: 'act', note: { to: 'i-a' } });
    expect(judge({ ask, address: address({ association: null }), instances: [] })).toMatchObject({
      kind: 'nothing',
      because: 'no candidate comes before nobody',
    });
  });
});

describe('a fail-back by itself', () => {
  const instances = [machine('a'), machine('b', { priority: 10 })];
  const stable = (seconds: number): Partial<Facts> => ({
    history: history({ memory: { 'stable:i-b': ago(seconds) } }),
    instances,
  });

  it('waits for the tagged minutes of steadiness', () => {
    expect(judge({ ...stable(599), address: address({ failbackMinutes: 10 }) })).toMatchObject({
      kind: 'nothing',
      code: 'holder-healthy',
    });
    expect(judge({ ...stable(600), address: address({ failbackMinutes: 10 }) })).toMatchObject({
      kind: 'act',
      code: 'failed-back',
      budget: 'counted',
      because: 'i-b comes before i-a and has been steady; i-b is good',
    });
  });

  it('never happens without the tag, without the memory, on an event, or between equals', () => {
    expect(judge(stable(9_999))).toMatchObject({ code: 'holder-healthy' });
    expect(judge({ instances, address: address({ failbackMinutes: 10 }) })).toMatchObject({ code: 'holder-healthy' });
    expect(
      judge({
        ...stable(9_999),
        address: address({ failbackMinutes: 10 }),
        ask: { kind: 'event', trigger: 'alarm', instanceIds: ['i-a'], raised: true, alarmNames: [] },
      }),
    ).toMatchObject({ code: 'holder-healthy' });
    expect(
      judge({ ...stable(9_999), address: address({ failbackMinutes: 10 }), instances: [machine('a'), machine('b')] }),
    ).toMatchObject({ code: 'holder-healthy' });
    expect(judge({ address: address({ failbackMinutes: 10 }), instances: [machine('a')] })).toMatchObject({
      code: 'holder-healthy',
    });
  });

  it('starts its clock with a reconcile that sees a steady candidate, and stops it when it wavers', () => {
    const tagged = address({ failbackMinutes: 10 });
    expect(judge({ instances, address: tagged }).remember).toEqual({ 'stable:i-b': NOW });
    expect(judge({ ...stable(60), address: tagged }).remember).toBeUndefined();
    const wavering = [
      machine('b', { checks: IMPAIRED }),
      machine('b', { state: 'stopped' }),
      machine('b', { membership: membership({ healthy: false }) }),
      machine('b', { membership: membership({ lifecycleState: 'Terminating' }) }),
    ];
    for (const candidate of wavering)
      expect(judge({ ...stable(60), instances: [machine('a'), candidate], address: tagged }).remember).toEqual({
        'stable:i-b': null,
      });
    expect(judge(stable(60)).remember).toEqual({ 'stable:i-b': null });
  });
});
