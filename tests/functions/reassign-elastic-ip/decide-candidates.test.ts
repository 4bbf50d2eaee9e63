import { describe, expect, it } from 'vitest';
import { decide, type Facts, type Machine } from '../../../functions/reassign-elastic-ip/decide.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import {
  address,
  ago,
  BOOTING,
  DARK,
  facts,
  history,
  IMPAIRED,
  LIMITS,
  machine,
  membership,
  moveTo,
  NOW,
  serviceAlarm,
  slot,
} from './elastic-ip-facts.ts';

const FAILED = machine('a', { checks: IMPAIRED });

function judge(change: Partial<Facts>): Decision {
  return decide(facts(change), LIMITS, NOW);
}

function against(change: Partial<Machine>, more: Partial<Facts> = {}): Decision {
  return judge({ instances: [FAILED, machine('b', change)], ...more });
}

function destination(decision: Decision): unknown {
  return decision.kind === 'act' ? decision.note?.['to'] : decision.code;
}

describe('a candidate is refused', () => {
  it.each([
    ['it is stopped', { state: 'stopped', checks: null }, 'is stopped'],
    ['a check is impaired', { checks: IMPAIRED }, 'status check instance: impaired'],
    ['its checks cannot be read', { checks: DARK }, 'status check system, instance: insufficient-data'],
    ['it is quarantined', { quarantinedAt: ago(60) }, `is quarantined since ${ago(60)}`],
    [
      'it is in another border group',
      { borderGroup: 'eu-west-1-lax-1' },
      'is in border group eu-west-1-lax-1, the address in eu-west-1',
    ],
    [
      'it is leaving its group',
      { membership: membership({ lifecycleState: 'Terminating:Wait' }) },
      'is Terminating:Wait in web-asg',
    ],
    ['it is in standby', { membership: membership({ lifecycleState: 'Standby' }) }, 'is Standby in web-asg'],
    [
      'it is in a warm pool',
      { membership: membership({ lifecycleState: 'Warmed:Running' }) },
      'is Warmed:Running in web-asg',
    ],
    ['its group calls it unhealthy', { membership: membership({ healthy: false }) }, 'is unhealthy to web-asg'],
    [
      'its only private address carries another Elastic IP',
      { slots: [slot('eni-b', '10.0.98.5', { elasticIp: '203.0.113.99' })] },
      'has no free private address: would displace 203.0.113.99',
    ],
    [
      'its private addresses carry other Elastic IPs',
      {
        slots: [
          slot('eni-b', '10.0.98.5', { elasticIp: '203.0.113.98' }),
          slot('eni-b', '10.0.98.6', { elasticIp: '203.0.113.99' }),
        ],
      },
      'has no free private address: would displace 203.0.113.98, 203.0.113.99',
    ],
    ['it has no IPv4 address', { slots: [] }, 'has no private IPv4 address'],
    [
      'its record cannot be read',
      { unreadable: 'i-b.State.Name: missing in AWS\u2019s answer' },
      'cannot be read: i-b.State.Name: missing in AWS\u2019s answer',
    ],
    [
      'its border group is not known',
      { borderGroup: '' },
      'is in a border group that is not known, the address in eu-west-1',
    ],
  ] as const)('when %s', (_why, change, why) => {
    expect(against(change)).toMatchObject({
      kind: 'refuse',
      code: 'no-good-candidate',
      attention: true,
      evidence: { standbys: { 'i-b': why } },
    });
  });

  it('for every reason at once, and says them all', () => {
    expect(against({ checks: IMPAIRED, quarantinedAt: ago(5) })).toMatchObject({
      evidence: { standbys: { 'i-b': `status check instance: impaired; is quarantined since ${ago(5)}` } },
    });
  });

  it('does not blame a gone one for having no address', () => {
    expect(against({ state: 'terminated', checks: null, slots: [] })).toMatchObject({
      evidence: { standbys: { 'i-b': 'is terminated' } },
    });
  });

  it('when an alarm of the operator speaks against it, however old', () => {
    expect(against({}, { alarms: [serviceAlarm('i-b', { updatedAt: ago(90_000) })] })).toMatchObject({
      kind: 'refuse',
      evidence: { standbys: { 'i-b': 'alarm http-errors is in ALARM' } },
    });
    expect(against({}, { alarms: [serviceAlarm('i-b', { kind: 'load' })] })).toMatchObject({ kind: 'act' });
  });

  it('when it does not carry the name', () => {
    expect(against({ vip: 'db' })).toMatchObject({ kind: 'refuse', evidence: { standbys: {} } });
  });

  it('when its group carries volumes and not all are attached, or it is not in service yet', () => {
    const old = { launchedAt: ago(901) };
    expect(against({ ...old, volumesComplete: false, membership: membership({ volumeSet: 'data' }) })).toMatchObject({
      kind: 'refuse',
      evidence: { standbys: { 'i-b': 'has not all volumes of data attached' } },
    });
    expect(
      against({ ...old, membership: membership({ volumeSet: 'data', lifecycleState: 'Pending:Wait' }) }),
    ).toMatchObject({
      evidence: { standbys: { 'i-b': 'is Pending:Wait in web-asg, whose launch hook waits for volumes' } },
    });
    expect(against({ membership: membership({ volumeSet: 'data' }) })).toMatchObject({ kind: 'act' });
  });
});

describe('a candidate is taken', () => {
  it.each(['InService', 'Pending', 'Pending:Wait', 'Pending:Proceed'])('in lifecycle state %s', (lifecycleState) => {
    expect(against({ membership: membership({ lifecycleState }) })).toMatchObject({ kind: 'act' });
  });

  it('on the private address where the address shows already, when the two answers disagree', () => {
    expect(against({ slots: [slot('eni-b', '10.0.98.5', { elasticIp: '203.0.113.10' })] })).toMatchObject({
      intent: 'eipalloc-1 -> i-b eni-b/10.0.98.5',
    });
  });
});

describe('a candidate that boots', () => {
  it.each([
    ['is pending', { state: 'pending', checks: null }, 'i-b is pending'],
    ['initializes', { checks: BOOTING }, 'i-b status check system, instance: initializing'],
    ['reports no checks yet', { checks: null }, 'i-b reports no status checks'],
  ] as const)('is waited for while it %s', (_what, change, why) => {
    expect(against({ ...change, launchedAt: ago(900) })).toMatchObject({
      kind: 'wait',
      code: 'standby-booting',
      seconds: 15,
      because: `i-a: status check instance: impaired; ${why}`,
    });
  });

  it('is given up a quarter of an hour after its launch, or when that is not known', () => {
    for (const launchedAt of [ago(901), null])
      expect(against({ checks: BOOTING, launchedAt })).toMatchObject({ kind: 'refuse', code: 'no-good-candidate' });
  });

  it('is not waited for when something else stands against it too', () => {
    expect(against({ checks: BOOTING, launchedAt: ago(10), quarantinedAt: ago(60) })).toMatchObject({ kind: 'refuse' });
  });

  it('does not keep a good one waiting', () => {
    expect(
      destination(
        judge({
          instances: [FAILED, machine('b', { checks: BOOTING, launchedAt: ago(10), priority: 1 }), machine('c')],
        }),
      ),
    ).toBe('i-c');
  });
});

describe('among good candidates', () => {
  it('the lower priority number comes first', () => {
    expect(destination(judge({ instances: [FAILED, machine('b'), machine('c', { priority: 99 })] }))).toBe('i-c');
  });

  it('another zone than the failed holder comes first at equal priority', () => {
    expect(destination(judge({ instances: [FAILED, machine('b', { zone: 'eu-west-1a' }), machine('c')] }))).toBe('i-c');
  });

  it('priority comes before the zone', () => {
    expect(
      destination(judge({ instances: [FAILED, machine('b', { zone: 'eu-west-1a', priority: 1 }), machine('c')] })),
    ).toBe('i-b');
  });

  it('the id decides at last', () => {
    expect(destination(judge({ instances: [FAILED, machine('c'), machine('b')] }))).toBe('i-b');
  });

  it('an interrupted move goes on to where it was going', () => {
    const pending = { intent: 'eipalloc-1 -> i-c eni-c/10.0.99.5', at: ago(5), note: { to: 'i-c' } };
    expect(
      destination(
        judge({ instances: [FAILED, machine('b', { priority: 1 }), machine('c')], history: history({ pending }) }),
      ),
    ).toBe('i-c');
  });
});

describe('an address on nobody', () => {
  const homeless = address({ association: null });

  it('goes to a good candidate, with nothing to take back', () => {
    const decision = judge({ address: homeless });
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'taken-up',
      note: { from: null, to: 'i-a', quarantine: null },
    });
    expect(decision.kind === 'act' ? decision.plan.map(({ undo }) => undo) : []).toEqual([undefined, undefined]);
  });

  it('stays there without one, and somebody is called', () => {
    expect(judge({ address: homeless, instances: [FAILED] })).toMatchObject({
      kind: 'refuse',
      code: 'no-good-candidate',
      attention: true,
      because: '203.0.113.10 is on nobody; no candidate is good',
    });
  });
});

describe('an address held by a NAT gateway or a foreign interface', () => {
  const foreign = address({ association: { instanceId: null, interfaceId: 'eni-nat', privateIp: '10.0.0.9' } });

  it('stays there', () => {
    expect(judge({ address: foreign })).toMatchObject({
      kind: 'refuse',
      code: 'held-by-interface',
      because: 'eni-nat belongs to no instance; a person may move it with force',
      evidence: { holder: { id: 'eni-nat', verdict: 'foreign' } },
    });
  });
});

describe('settings that cannot be read', () => {
  it('stop everything, by name', () => {
    expect(
      against({}, { address: address({ problems: ['eipalloc-1: tag runbook:fence: requierd', 'x'] }) }),
    ).toMatchObject({
      kind: 'refuse',
      code: 'bad-settings',
      because: 'eipalloc-1: tag runbook:fence: requierd; x',
      attention: true,
    });
  });
});

describe('without the ledger', () => {
  it('the address moves once in a quarter of an hour, by its own tag', () => {
    expect(against({}, { history: 'lost', address: address({ movedAt: ago(899) }) })).toMatchObject({
      kind: 'refuse',
      code: 'too-soon-without-ledger',
      attention: true,
    });
    expect(against({}, { history: 'lost', address: address({ movedAt: ago(900) }) })).toMatchObject({ kind: 'act' });
    expect(against({}, { history: 'lost' })).toMatchObject({ kind: 'act' });
    expect(against({}, { history: 'lost', address: address({ movedAt: ago(899) }) }).because).toBe(
      `i-a: status check instance: impaired; moved at ${ago(899)}, and without the ledger it moves once in 900 s`,
    );
  });

  it('a move is announced in the tags first, and entered there after it', () => {
    const decision = against({}, { history: 'lost', address: address({ moves: 2 }) });
    expect(decision.kind === 'act' ? decision.plan : []).toMatchObject([
      {
        call: 'ec2:CreateTags',
        input: {
          Resources: ['eipalloc-1'],
          Tags: [
            { Key: 'runbook:moved-at', Value: NOW },
            { Key: 'runbook:moves', Value: '2 to i-b from eni-a/10.0.97.5 loser i-a' },
          ],
        },
      },
      { call: 'ec2:AssociateAddress' },
      { call: 'ec2:CreateTags', input: { Resources: ['i-a'] } },
      {
        call: 'ec2:CreateTags',
        input: {
          Resources: ['eipalloc-1'],
          Tags: [
            { Key: 'runbook:moved-at', Value: NOW },
            { Key: 'runbook:moves', Value: '3' },
          ],
        },
      },
    ]);
    expect(against({}, {})).toMatchObject({ plan: [{ call: 'ec2:AssociateAddress' }, {}, {}] });
  });

  it('what was announced and never happened is no move; what happened is one, and is entered', () => {
    const announced = address({ moves: 2, movedAt: ago(20), announcedTo: 'i-b' });
    expect(
      judge({ history: 'lost', address: announced, instances: [FAILED, machine('b'), machine('c', { priority: 1 })] }),
    ).toMatchObject({ kind: 'act', note: { to: 'i-b' } });
    const there = address({
      ...announced,
      association: { instanceId: 'i-b', interfaceId: 'eni-b', privateIp: '10.0.98.5' },
    });
    expect(
      judge({
        history: 'lost',
        address: there,
        instances: [
          machine('a', { state: 'terminated', checks: null }),
          machine('b', { checks: IMPAIRED }),
          machine('c'),
        ],
      }),
    ).toMatchObject({
      kind: 'act',
      code: 'too-soon-without-ledger',
      attention: true,
      plan: [
        {
          call: 'ec2:CreateTags',
          input: {
            Resources: ['eipalloc-1'],
            Tags: [
              { Key: 'runbook:moved-at', Value: ago(20) },
              { Key: 'runbook:moves', Value: '3' },
            ],
          },
        },
      ],
    });
    expect(judge({ address: { ...there, movedAt: null } })).toMatchObject({
      code: 'holder-healthy',
      plan: [{ input: { Tags: [{ Value: NOW }, { Value: '3' }] } }],
    });
  });

  it('the tag does not count while the ledger keeps the limits: not before it is read, nor for a move that it has booked', () => {
    for (const known of [history({ actions: [ago(10)] }), history({ actions: [ago(130)] }), 'unread'] as const) {
      expect(against({}, { history: known, address: address({ movedAt: ago(10) }) })).toMatchObject({ kind: 'act' });
    }
  });

  it('a move that the ledger has not booked counts towards the cool-down: one by hand, or one made while it was lost', () => {
    const unbooked = [history(), history({ actions: [ago(131)] }), history({ actions: [ago(9)] })];
    for (const known of unbooked)
      expect(against({}, { history: known, address: address({ movedAt: ago(10) }) })).toMatchObject({
        kind: 'refuse',
        code: 'cooldown',
      });
    expect(against({}, { history: history(), address: address({ movedAt: ago(299) }) })).toMatchObject({
      kind: 'refuse',
      code: 'cooldown',
    });
    expect(against({}, { history: history(), address: address({ movedAt: ago(300) }) })).toMatchObject({ kind: 'act' });
  });
});

describe('StandbyReady', () => {
  it('is measured by each reconcile', () => {
    expect(judge({}).metrics).toEqual({ StandbyReady: 1 });
    expect(judge({ instances: [machine('a')] }).metrics).toEqual({ StandbyReady: 0 });
    expect(against({}).metrics).toEqual({ StandbyReady: 1 });
    expect(judge({ ask: moveTo('i-b') }).metrics).toBeUndefined();
  });
});
