/** What the probe of the service tells, of the holder and of a candidate. */

import { describe, expect, it } from 'vitest';
import { decide, type Facts } from '../../../functions/reassign-elastic-ip/decide.ts';
import type { Act, Decision } from '../../../shared/kernel/decision.ts';
import { address, ago, event, facts, history, IMPAIRED, LIMITS, machine, NOW } from './elastic-ip-facts.ts';

function judge(change: Partial<Facts>): Decision {
  return decide(facts(change), LIMITS, NOW);
}

function act(decision: Decision): Act {
  if (decision.kind !== 'act')
    throw new Error(`expected act, found ${decision.kind} ${decision.code}: ${decision.because}`);
  return decision;
}

describe('the probe', () => {
  const silent = address({ probe: 'failed', probeTag: 'tcp:443' });

  it('is no evidence before it has once succeeded on that instance', () => {
    expect(judge({ address: silent, history: history({ memory: { 'probe:i-b': ago(60) } }) })).toMatchObject({
      code: 'holder-healthy',
    });
  });

  it('fails the holder once there is a baseline', () => {
    expect(judge({ address: silent, history: history({ memory: { 'probe:i-a': ago(7_200) } }) })).toMatchObject({
      code: 'failed-over',
      because: `i-a: its service no longer answers the probe, it did at ${ago(7_200)}; i-b is good`,
    });
  });

  it('has the history read before it is judged', () => {
    expect(judge({ address: silent, ask: event('alarm'), history: 'unread' })).toMatchObject({
      kind: 'nothing',
      needsHistory: true,
      because: 'i-a: its service does not answer the probe',
    });
  });

  it('is no evidence while the ledger is lost', () => {
    expect(judge({ address: silent, history: 'lost' })).toMatchObject({ code: 'holder-healthy' });
  });

  it('is remembered when it succeeds, renewed after an hour, and only by a reconcile', () => {
    const answering = address({ probe: 'ok', probeTag: 'tcp:443' });
    expect(judge({ address: answering }).remember).toEqual({ 'probe:i-a': NOW });
    expect(
      judge({ address: answering, history: history({ memory: { 'probe:i-a': ago(3_600) } }) }).remember,
    ).toBeUndefined();
    expect(judge({ address: answering, history: history({ memory: { 'probe:i-a': ago(3_601) } }) }).remember).toEqual({
      'probe:i-a': NOW,
    });
    expect(judge({ address: answering, ask: event('alarm') }).remember).toBeUndefined();
    expect(judge({ address: answering, history: 'lost' }).remember).toBeUndefined();
  });

  it('keeps its baseline while it fails, and loses it with the instance', () => {
    const memory = {
      'probe:i-a': ago(60),
      'probe:i-gone': ago(60),
      'other:i-gone': ago(60),
      'my-probe:i-gone': ago(60),
    };
    expect(judge({ address: address(), history: history({ memory }) }).remember).toEqual({ 'probe:i-gone': null });
  });

  it('of a candidate is remembered as a baseline of its own', () => {
    expect(judge({ instances: [machine('a'), machine('b', { probe: 'ok' }), machine('c')] }).remember).toEqual({
      'ready:i-b': NOW,
    });
    expect(judge({ instances: [machine('a', { probe: 'ok' }), machine('b')] }).remember).toBeUndefined();
  });

  it('of a candidate counts once it has answered as a standby', () => {
    const instances = [machine('a', { checks: IMPAIRED }), machine('b', { probe: 'failed' })];
    expect(judge({ instances })).toMatchObject({ kind: 'act' });
    expect(judge({ instances, history: 'lost' })).toMatchObject({ kind: 'act' });
    expect(judge({ instances, history: 'unread' })).toMatchObject({
      kind: 'nothing',
      needsHistory: true,
      because: 'i-a: status check instance: impaired; a candidate is silent',
    });
    expect(judge({ instances, history: history({ memory: { 'ready:i-b': ago(60) } }) })).toMatchObject({
      kind: 'refuse',
      evidence: { standbys: { 'i-b': `no longer answers its probe, it did at ${ago(60)}` } },
    });
  });

  it('is asked of the new holder where it once answered there', () => {
    const failing = {
      instances: [machine('a', { checks: IMPAIRED }), machine('b')],
      address: address({ probeTag: 'tcp:443' }),
    };
    const proven = act(judge({ ...failing, history: history({ memory: { 'probe:i-b': ago(60) } }) }));
    expect(proven.plan.map(({ expect: expected }) => expected)).toEqual([{ probe: 'tcp:443' }, undefined, undefined]);
    for (const unproven of [
      judge(failing),
      judge({ ...failing, history: 'unread' }),
      judge({ ...failing, address: address(), history: history({ memory: { 'probe:i-b': ago(60) } }) }),
    ]) {
      expect(act(unproven).plan[0]?.expect).toBeUndefined();
    }
  });
});
