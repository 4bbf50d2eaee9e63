/** After a move that could not be verified. */

import { describe, expect, it } from 'vitest';
import { decide, type Facts } from '../../../functions/reassign-elastic-ip/decide.ts';
import type { Decision, PlannedCall } from '../../../shared/kernel/decision.ts';
import { address, ago, facts, history, hook, IMPAIRED, LIMITS, machine, NOW, slot } from './elastic-ip-facts.ts';

function judge(change: Partial<Facts>): Decision {
  return decide(facts(change), LIMITS, NOW);
}

describe('a move that could not be verified', () => {
  const back = {
    AllocationId: 'eipalloc-1',
    NetworkInterfaceId: 'eni-a',
    PrivateIpAddress: '10.0.97.5',
    AllowReassociation: true,
  };
  const planned: PlannedCall = {
    call: 'ec2:AssociateAddress',
    input: {},
    because: '',
    undo: { call: 'ec2:AssociateAddress', input: back },
  };
  const onB = address({
    association: { instanceId: 'i-b', interfaceId: 'eni-b', privateIp: '10.0.98.5' },
    moves: 1,
    probe: 'failed',
  });
  const setback = { plan: [planned], why: 'its probe says timeout' };
  const proven = history({ memory: { 'probe:i-b': ago(600) } });
  const silent = `i-b: its service no longer answers the probe, it did at ${ago(600)}`;

  it('is taken back to a holder that is proven good now, and who failed it is quarantined', () => {
    expect(judge({ setback, history: proven, address: onB })).toMatchObject({
      kind: 'act',
      code: 'went-back',
      budget: 'free',
      attention: true,
      intent: 'eipalloc-1 back',
      plan: [
        {
          call: 'ec2:AssociateAddress',
          input: back,
          because: 'the move could not be verified; who held it before is good',
        },
        { call: 'ec2:CreateTags', input: { Resources: ['i-b'], Tags: [{ Key: 'runbook:quarantined', Value: NOW }] } },
        {
          call: 'ec2:CreateTags',
          input: {
            Resources: ['eipalloc-1'],
            Tags: [
              { Key: 'runbook:moved-at', Value: NOW },
              { Key: 'runbook:moves', Value: '2' },
            ],
          },
        },
      ],
    });
  });

  it.each([
    ['is not good', { checks: IMPAIRED }],
    ['is quarantined', { quarantinedAt: ago(5) }],
    ['has another address there meanwhile', { slots: [slot('eni-a', '10.0.97.5', { elasticIp: '203.0.113.99' })] }],
    ['has another private address there', { slots: [slot('eni-a', '10.0.97.6')] }],
  ] as const)('stays when the previous holder %s', (_why, change) => {
    expect(
      judge({ setback, history: proven, address: onB, instances: [machine('a', change), machine('b')] }),
    ).toMatchObject({ kind: 'refuse', code: 'cannot-go-back', attention: true });
  });

  it('stays when the new holder is good after all', () => {
    expect(judge({ setback, address: { ...onB, probe: 'ok' } })).toMatchObject({
      kind: 'nothing',
      code: 'good-after-all',
    });
  });

  it('finds the move among the other calls of the plan, and the private address among the holder\u2019s others', () => {
    const stop: PlannedCall = {
      call: 'ec2:StopInstances',
      input: {},
      because: '',
      undo: { call: 'ec2:StartInstances', input: { InstanceIds: ['i-a'] } },
    };
    const slots = [
      slot('eni-a', '10.0.97.4', { elasticIp: '203.0.113.99' }),
      slot('eni-a', '10.0.97.5', { isPrimary: false }),
    ];
    expect(
      judge({
        setback: { ...setback, plan: [stop, planned] },
        history: proven,
        address: onB,
        instances: [machine('a', { slots }), machine('b')],
      }),
    ).toMatchObject({ code: 'went-back', plan: [{ input: back }, {}, {}] });
  });

  it('stays when there was no holder before, or when it never left', () => {
    const { undo: _undo, ...oneWay } = planned;
    expect(judge({ setback: { ...setback, plan: [oneWay] }, history: proven, address: onB })).toMatchObject({
      kind: 'refuse',
      code: 'cannot-go-back',
      because: `there is nothing to take back; ${silent}`,
    });
    expect(judge({ setback })).toMatchObject({
      kind: 'refuse',
      code: 'cannot-go-back',
      because: 'there is nothing to take back; i-a is running, status checks ok (system, instance, attachedEbs)',
    });
  });

  it('answers no hooks and keeps no house before it is clear where the address ends', () => {
    const decision = judge({
      setback,
      hooks: [hook('launching', 'i-b')],
      history: history({ pending: { intent: 'x', at: ago(90), note: {} } }),
    });
    expect(decision).toMatchObject({ kind: 'refuse', code: 'cannot-go-back' });
  });

  it('is taken back from nobody too', () => {
    expect(judge({ setback, address: address({ association: null }) })).toMatchObject({ code: 'went-back' });
  });
});
