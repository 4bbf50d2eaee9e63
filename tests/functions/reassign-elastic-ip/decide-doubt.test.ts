/** A holder of whom EC2 does not say yet, or no longer, how it is. */

import { describe, expect, it } from 'vitest';
import { decide, type Facts } from '../../../functions/reassign-elastic-ip/decide.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import {
  address,
  ago,
  BOOTING,
  DARK,
  event,
  facts,
  history,
  LIMITS,
  machine,
  membership,
  NOW,
  OK,
} from './elastic-ip-facts.ts';

function judge(change: Partial<Facts>): Decision {
  return decide(facts(change), LIMITS, NOW);
}

describe('a holder whose checks cannot be read', () => {
  const instances = [machine('a', { checks: DARK }), machine('b')];

  it('is first remembered, then looked at again', () => {
    expect(judge({ instances })).toMatchObject({
      kind: 'wait',
      code: 'holder-doubtful',
      seconds: 60,
      remember: { 'suspect:i-a': NOW },
      because: 'i-a: status check system, instance: insufficient-data for 0 s',
    });
  });

  it('counts its doubt from the first event on, not from the next reconcile', () => {
    expect(judge({ instances, ask: event('alarm') })).toMatchObject({ remember: { 'suspect:i-a': NOW } });
  });

  it('is read with the history when an event asks', () => {
    expect(judge({ instances, ask: event('alarm'), history: 'unread' })).toMatchObject({
      kind: 'nothing',
      code: 'needs-history',
      needsHistory: true,
    });
  });

  it('is unreadable while the ledger does not say since when', () => {
    expect(judge({ instances, history: 'lost' })).toMatchObject({
      kind: 'refuse',
      code: 'holder-unreadable',
      attention: true,
    });
  });

  it('waits for the whole three minutes, second sign or not', () => {
    const sick = [machine('a', { checks: DARK, zoneState: 'impaired' }), machine('b')];
    const memory = { 'suspect:i-a': ago(179) };
    expect(judge({ instances: sick, history: history({ memory }) })).toMatchObject({
      kind: 'wait',
      code: 'holder-doubtful',
    });
  });

  it('is unreadable, not bad, after three minutes without a second sign', () => {
    const decision = judge({ instances, history: history({ memory: { 'suspect:i-a': ago(180) } }) });
    expect(decision).toMatchObject({
      kind: 'refuse',
      code: 'holder-unreadable',
      because: `i-a: status check system, instance: insufficient-data since ${ago(180)}, with no second sign of failure`,
    });
    expect(decision.remember).toBeUndefined();
  });

  it.each([
    ['its zone is impaired', { zoneState: 'impaired' }, 'zone eu-west-1a is impaired'],
    ['its zone is unavailable', { zoneState: 'unavailable' }, 'zone eu-west-1a is unavailable'],
    [
      'its group calls it unhealthy',
      { membership: membership({ healthy: false }) },
      'group web-asg calls it unhealthy',
    ],
  ] as const)('is bad after three minutes when %s', (_why, change, sign) => {
    const decision = judge({
      instances: [machine('a', { checks: DARK, ...change }), machine('b')],
      history: history({ memory: { 'suspect:i-a': ago(180) } }),
    });
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'failed-over',
      because: `i-a: status check system, instance: insufficient-data since ${ago(180)}, and ${sign}; i-b is good`,
    });
  });

  it('is not bad for a zone that is only constrained', () => {
    const sick = [machine('a', { checks: DARK, zoneState: 'constrained' }), machine('b')];
    expect(judge({ instances: sick, history: history({ memory: { 'suspect:i-a': ago(999) } }) })).toMatchObject({
      code: 'holder-unreadable',
    });
  });

  it('is good while its service answers the probe', () => {
    expect(judge({ instances, address: address({ probe: 'ok' }) })).toMatchObject({
      kind: 'nothing',
      code: 'holder-healthy',
      because: 'i-a: status check system, instance: insufficient-data, but its service answers the probe',
    });
  });

  it('counts as unreadable when EC2 reports no checks, and when it reports none that applies', () => {
    for (const checks of [null, {}, { attachedEbs: 'not-applicable' as const }]) {
      expect(judge({ instances: [machine('a', { checks }), machine('b')] })).toMatchObject({
        code: 'holder-doubtful',
        because: 'i-a: reports no status checks for 0 s',
      });
    }
  });

  it('does not take an unknown word for health', () => {
    expect(judge({ instances: [machine('a', { checks: { ...OK, system: 'unknown' } }), machine('b')] })).toMatchObject({
      code: 'holder-doubtful',
    });
  });

  it('is forgotten once they can be read', () => {
    expect(judge({ history: history({ memory: { 'suspect:i-a': ago(60) } }) })).toMatchObject({
      code: 'holder-healthy',
      remember: { 'suspect:i-a': null },
    });
    expect(
      judge({ ask: event('alarm'), history: history({ memory: { 'suspect:i-a': ago(60), 'stable:i-b': ago(60) } }) })
        .remember,
    ).toEqual({ 'suspect:i-a': null });
  });
});

describe('a holder that starts', () => {
  it('is waited for', () => {
    expect(judge({ instances: [machine('a', { state: 'pending', checks: null }), machine('b')] })).toMatchObject({
      kind: 'wait',
      code: 'holder-starting',
      seconds: 30,
      because: 'i-a is pending',
    });
    expect(judge({ instances: [machine('a', { checks: BOOTING }), machine('b')] })).toMatchObject({
      kind: 'wait',
      code: 'holder-starting',
      because: 'i-a: status check system, instance: initializing',
    });
  });
});
