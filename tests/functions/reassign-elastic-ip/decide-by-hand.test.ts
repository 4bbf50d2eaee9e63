import { describe, expect, it } from 'vitest';
import { decide, type Facts } from '../../../functions/reassign-elastic-ip/decide.ts';
import type { Decision, PlannedCall } from '../../../shared/kernel/decision.ts';
import { address, ago, facts, history, hook, IMPAIRED, LIMITS, machine, membership, NOW } from './elastic-ip-facts.ts';

function judge(change: Partial<Facts>): Decision {
  return decide(facts(change), LIMITS, NOW);
}

function move(to: string, force = false): Facts['ask'] {
  return { kind: 'move', to, force };
}

describe('a move by hand', () => {
  it('takes the address from a healthy holder, uncounted, and leaves that one in good standing', () => {
    const decision = judge({ ask: move('i-b') });
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
      judge({ ask: move('i-c'), instances: [machine('a'), machine('b', { priority: 1 }), machine('c')] }),
    ).toMatchObject({ note: { to: 'i-c' } });
    const slots = [machine('c').slots, { interfaceId: 'eni-c2', privateIp: '10.0.99.6', elasticIp: null }].flat();
    expect(
      judge({ ask: move('eni-c2'), instances: [machine('a'), machine('b', { priority: 1 }), machine('c', { slots })] }),
    ).toMatchObject({ note: { to: 'i-c' } });
    expect(
      judge({ ask: move('eni-c'), instances: [machine('a'), machine('b', { priority: 1 }), machine('c')] }),
    ).toMatchObject({ note: { to: 'i-c' } });
  });

  it('changes nothing when it is there already', () => {
    for (const to of ['i-a', 'eni-a'])
      expect(judge({ ask: move(to) })).toMatchObject({
        kind: 'nothing',
        code: 'already-there',
        because: 'i-a holds 203.0.113.10',
      });
  });

  it('refuses an instance that is no candidate', () => {
    expect(judge({ ask: move('i-x') })).toMatchObject({
      kind: 'refuse',
      code: 'unknown-candidate',
      because: 'i-x is no candidate: it does not carry runbook:vip = web',
    });
  });

  it('refuses a candidate that is not good, force or not', () => {
    for (const force of [false, true]) {
      expect(
        judge({ ask: move('i-b', force), instances: [machine('a'), machine('b', { checks: IMPAIRED })] }),
      ).toMatchObject({ kind: 'refuse', code: 'candidate-not-good', because: 'i-b status check instance: impaired' });
    }
  });

  it('takes a quarantined candidate only by force', () => {
    const instances = [machine('a'), machine('b', { quarantinedAt: ago(60) })];
    expect(judge({ ask: move('i-b'), instances })).toMatchObject({
      kind: 'refuse',
      because: `i-b is quarantined since ${ago(60)}`,
    });
    expect(judge({ ask: move('i-b', true), instances })).toMatchObject({ kind: 'act' });
  });

  it('takes the address from a NAT gateway only by force, and can give it back', () => {
    const foreign = address({ association: { instanceId: null, interfaceId: 'eni-nat', privateIp: '10.0.0.9' } });
    expect(judge({ ask: move('i-b'), address: foreign })).toMatchObject({
      kind: 'refuse',
      code: 'held-by-interface',
      because: 'eni-nat belongs to no instance (a NAT gateway or another service); say force to take it from there',
    });
    const forced = judge({ ask: move('i-b', true), address: foreign });
    expect(forced).toMatchObject({ kind: 'act', note: { from: null } });
    expect(forced.kind === 'act' ? forced.plan[0]?.undo?.input : {}).toMatchObject({
      NetworkInterfaceId: 'eni-nat',
      PrivateIpAddress: '10.0.0.9',
    });
  });

  it('quarantines a holder that was failing', () => {
    expect(judge({ ask: move('i-b'), instances: [machine('a', { checks: IMPAIRED }), machine('b')] })).toMatchObject({
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
        { call: 'ec2:CreateTags', input: { Resources: ['i-b'], Tags: [{ Key: 'runbook:quarantined', Value: NOW }] } },
      ],
    });
  });

  it.each([
    ['is not good', { checks: IMPAIRED }],
    ['is quarantined', { quarantinedAt: ago(5) }],
    [
      'has another address there meanwhile',
      { slots: [{ interfaceId: 'eni-a', privateIp: '10.0.97.5', elasticIp: '203.0.113.99' }] },
    ],
    [
      'has another private address there',
      { slots: [{ interfaceId: 'eni-a', privateIp: '10.0.97.6', elasticIp: null }] },
    ],
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
      { interfaceId: 'eni-a', privateIp: '10.0.97.4', elasticIp: '203.0.113.99' },
      { interfaceId: 'eni-a', privateIp: '10.0.97.5', elasticIp: null },
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
      {
        Resources: ['eipalloc-1'],
        Tags: [
          { Key: 'runbook:moved-at', Value: ago(90) },
          { Key: 'runbook:moves', Value: '1' },
        ],
      },
      { Resources: ['i-a'], Tags: [{ Key: 'runbook:quarantined', Value: ago(90) }] },
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
