import { describe, expect, it } from 'vitest';
import { decide, type Facts } from '../../../functions/reassign-elastic-ip/decide.ts';
import type { Act, Decision } from '../../../shared/kernel/decision.ts';
import {
  address,
  ago,
  event,
  facts,
  history,
  IMPAIRED,
  LIMITS,
  machine,
  membership,
  NOW,
  OK,
  serviceAlarm,
} from './elastic-ip-facts.ts';

function judge(change: Partial<Facts>): Decision {
  return decide(facts(change), LIMITS, NOW);
}

function act(decision: Decision): Act {
  if (decision.kind !== 'act')
    throw new Error(`expected act, found ${decision.kind} ${decision.code}: ${decision.because}`);
  return decision;
}

/** Calls of a plan in one word each: `AssociateAddress eni-b`. */
function words(decision: Decision): string[] {
  return act(decision).plan.map(({ call, input }) => {
    const subject = input['NetworkInterfaceId'] ?? input['InstanceId'] ?? input['InstanceIds'] ?? input['Resources'];
    return `${call.split(':')[1]} ${JSON.stringify(subject)}`;
  });
}

describe('a healthy holder', () => {
  it('keeps the address, whatever asks', () => {
    for (const ask of [{ kind: 'reconcile' } as const, event('alarm'), event('state'), event('launch-result', 'i-b')]) {
      expect(judge({ ask })).toMatchObject({
        kind: 'nothing',
        code: 'holder-healthy',
        because: 'i-a is running, status checks ok (system, instance, attachedEbs)',
      });
    }
  });

  it('is told in the evidence, beside every candidate', () => {
    expect(
      judge({ instances: [machine('a'), machine('b'), machine('c', { state: 'stopped', checks: null })] }).evidence,
    ).toEqual({
      address: '203.0.113.10 (eipalloc-1, runbook:vip = web)',
      holder: { id: 'i-a', verdict: 'good', why: 'i-a is running, status checks ok (system, instance, attachedEbs)' },
      standbys: { 'i-b': 'good', 'i-c': 'is stopped' },
    });
  });

  it('keeps it when a status alarm contradicts the checks, and the evidence names the alarm', () => {
    const decision = judge({
      ask: event('alarm', 'i-a', { alarmNames: ['status'] }),
      alarms: [serviceAlarm('i-a', { name: 'status', kind: 'status' })],
    });
    expect(decision).toMatchObject({
      kind: 'nothing',
      code: 'holder-healthy',
      evidence: { alarms: ['status (status) is in ALARM'] },
    });
  });

  it('keeps it when it is merely busy', () => {
    expect(judge({ alarms: [serviceAlarm('i-a', { kind: 'load' })] })).toMatchObject({ code: 'holder-healthy' });
  });

  it('keeps it while attached EBS does not apply', () => {
    expect(
      judge({ instances: [machine('a', { checks: { ...OK, attachedEbs: 'not-applicable' } }), machine('b')] }),
    ).toMatchObject({ code: 'holder-healthy' });
  });

  it('without the name in its tags is judged like any other', () => {
    expect(judge({ instances: [machine('a', { vip: null }), machine('b')] })).toMatchObject({ code: 'holder-healthy' });
  });

  it('keeps it when the alarm went to OK or INSUFFICIENT_DATA', () => {
    const decision = judge({
      ask: event('alarm', 'i-a', { raised: false, alarmNames: ['status', 'other'] }),
      instances: [machine('a', { checks: IMPAIRED }), machine('b')],
    });
    expect(decision).toMatchObject({
      kind: 'nothing',
      code: 'alarm-not-raised',
      because: 'status, other did not go to ALARM',
    });
  });
});

describe('an event about another instance', () => {
  it('changes nothing, even while the holder is bad', () => {
    const instances = [machine('a', { state: 'stopped', checks: null }), machine('b')];
    for (const trigger of ['alarm', 'state'] as const) {
      expect(judge({ ask: event(trigger, 'i-b'), instances })).toMatchObject({
        kind: 'nothing',
        code: 'not-the-holder',
        because: 'i-b does not hold 203.0.113.10, i-a does',
      });
    }
  });

  it('is still about this address when one of several instances of the alarm holds it', () => {
    const ask = event('alarm', 'i-b', { instanceIds: ['i-b', 'i-a'] });
    expect(judge({ ask, instances: [machine('a', { checks: IMPAIRED }), machine('b')] })).toMatchObject({
      kind: 'act',
    });
  });

  it('lets the address be taken up when nobody holds it', () => {
    expect(
      judge({
        ask: event('state', 'i-a'),
        address: address({ association: null }),
        instances: [machine('a', { state: 'terminated', checks: null }), machine('b')],
      }),
    ).toMatchObject({
      kind: 'act',
      code: 'taken-up',
      because: '203.0.113.10 is on nobody; i-b is good',
    });
  });

  it('is judged in full when a launch result asks', () => {
    expect(
      judge({
        ask: event('launch-result', 'i-b'),
        instances: [machine('a', { state: 'stopped', checks: null }), machine('b')],
      }),
    ).toMatchObject({ code: 'failed-over' });
  });
});

describe('a bad holder', () => {
  it.each(['stopping', 'stopped', 'shutting-down', 'terminated', 'absent'] as const)(
    'that is %s loses the address to a good candidate',
    (state) => {
      const decision = judge({ instances: [machine('a', { state, checks: null }), machine('b')] });
      expect(decision).toMatchObject({
        kind: 'act',
        code: 'failed-over',
        because: `i-a is ${state}; i-b is good`,
        budget: 'counted',
        intent: 'eipalloc-1 -> i-b eni-b/10.0.98.5',
      });
    },
  );

  it.each(['system', 'instance', 'attachedEbs'])('fails when its %s check is impaired', (name) => {
    expect(judge({ instances: [machine('a', { checks: { ...OK, [name]: 'impaired' } }), machine('b')] })).toMatchObject(
      { code: 'failed-over', because: `i-a: status check ${name}: impaired; i-b is good` },
    );
  });

  it('loses it in one atomic call, entered in the tags of the address, and is quarantined', () => {
    const decision = act(
      judge({
        instances: [machine('a', { checks: IMPAIRED }), machine('b')],
        address: address({ moves: 3, movedAt: ago(90_000) }),
      }),
    );
    expect(decision.plan).toEqual([
      {
        call: 'ec2:AssociateAddress',
        input: {
          AllocationId: 'eipalloc-1',
          NetworkInterfaceId: 'eni-b',
          PrivateIpAddress: '10.0.98.5',
          AllowReassociation: true,
        },
        because: 'i-a: status check instance: impaired; i-b is good',
        undo: {
          call: 'ec2:AssociateAddress',
          input: {
            AllocationId: 'eipalloc-1',
            NetworkInterfaceId: 'eni-a',
            PrivateIpAddress: '10.0.97.5',
            AllowReassociation: true,
          },
        },
      },
      {
        call: 'ec2:CreateTags',
        input: { Resources: ['i-a'], Tags: [{ Key: 'runbook:quarantined', Value: NOW }] },
        because: 'i-a lost the address while it was failing',
        undo: {
          call: 'ec2:DeleteTags',
          input: { Resources: ['i-a'], Tags: [{ Key: 'runbook:quarantined', Value: NOW }] },
        },
      },
      {
        call: 'ec2:CreateTags',
        input: {
          Resources: ['eipalloc-1'],
          Tags: [
            { Key: 'runbook:moved-at', Value: NOW },
            { Key: 'runbook:moves', Value: '4' },
          ],
        },
        because: 'when it moved, and how often: known without the ledger',
      },
    ]);
    expect(decision.note).toEqual({
      from: 'i-a',
      was: 'eni-a/10.0.97.5',
      to: 'i-b',
      interfaceId: 'eni-b',
      privateIp: '10.0.98.5',
      movedAt: NOW,
      moves: 4,
      quarantine: 'i-a',
    });
    expect(decision.more).toBeUndefined();
    expect(decision.evidence['fence']).toBe('no fence asked for');
  });

  it.each([
    ['terminated', { state: 'terminated', checks: null }],
    ['shutting down', { state: 'shutting-down', checks: null }],
    ['absent', { state: 'absent', checks: null }],
    ['quarantined already', { checks: IMPAIRED, quarantinedAt: ago(60) }],
    ['not tagged with the name', { checks: IMPAIRED, vip: null }],
    ['leaving its group', { membership: membership({ lifecycleState: 'Terminating:Wait' }) }],
  ] as const)('is not quarantined when it is %s', (_why, change) => {
    const decision = judge({ instances: [machine('a', change), machine('b')] });
    expect(words(decision)).toEqual(['AssociateAddress "eni-b"', 'CreateTags ["eipalloc-1"]']);
    expect(act(decision).note?.['quarantine']).toBeNull();
  });

  it('hands over when its group is ending it, whatever its health', () => {
    const leaving = machine('a', { membership: membership({ lifecycleState: 'Terminating:Wait' }) });
    expect(judge({ instances: [leaving, machine('b')] })).toMatchObject({
      code: 'handed-over',
      because: 'i-a is leaving its group (Terminating:Wait); i-b is good',
    });
  });

  it('fails by a fresh alarm of the operator although its status checks pass', () => {
    expect(judge({ alarms: [serviceAlarm('i-a')] })).toMatchObject({
      code: 'failed-over',
      because: `i-a: alarm http-errors is in ALARM since ${ago(60)}; i-b is good`,
    });
  });

  it('is not failed by an alarm that is not newer than the last move', () => {
    for (const seconds of [60, 59])
      expect(judge({ alarms: [serviceAlarm('i-a')], address: address({ movedAt: ago(seconds) }) })).toMatchObject({
        code: 'holder-healthy',
      });
    expect(
      judge({
        alarms: [serviceAlarm('i-a')],
        address: address({ movedAt: ago(61) }),
        history: history({ actions: [ago(62)] }),
      }),
    ).toMatchObject({ code: 'failed-over' });
  });

  it('is failed by an alarm for as long as that is red: whoever could not take over yet can later', () => {
    for (const seconds of [10, 901, 86_400])
      expect(judge({ alarms: [serviceAlarm('i-a', { updatedAt: ago(seconds) })] })).toMatchObject({
        code: 'failed-over',
        because: `i-a: alarm http-errors is in ALARM since ${ago(seconds)}; i-b is good`,
      });
  });

  it('is not held by a tag that says it moved in the future', () => {
    const instances = [machine('a', { checks: IMPAIRED }), machine('b')];
    expect(judge({ address: address({ movedAt: ago(-61) }), instances })).toMatchObject({ code: 'failed-over' });
    expect(judge({ address: address({ movedAt: ago(-60) }), instances })).toMatchObject({ code: 'cooldown' });
  });

  it('is left alone when no candidate is good, and somebody is called', () => {
    const decision = judge({ instances: [machine('a', { checks: IMPAIRED }), machine('b', { checks: IMPAIRED })] });
    expect(decision).toMatchObject({
      kind: 'refuse',
      code: 'no-good-candidate',
      attention: true,
      because: 'i-a: status check instance: impaired; no candidate is good',
    });
    expect(decision).toMatchObject({ evidence: { standbys: { 'i-b': 'status check instance: impaired' } } });
  });

  it('is left alone when there is no candidate at all', () => {
    expect(judge({ instances: [machine('a', { checks: IMPAIRED })] })).toMatchObject({
      kind: 'refuse',
      code: 'no-good-candidate',
    });
  });
});
