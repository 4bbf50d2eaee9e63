/** An alarm of a rate-based rule blocks whom the rule holds. */

import { describe, expect, it } from 'vitest';
import { requestOf, undoRequest } from '../../../functions/block-address/aws.ts';
import { decide, targetOf, type Ask, type HeldBy } from '../../../functions/block-address/decide.ts';
import type { Reason } from '../../../shared/judgement/blocklist/rows.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import type { MetricAlarmDelivery } from '../../../shared/kernel/triggers/alarm-metrics.ts';
import {
  allowing,
  asked,
  factsOf,
  LATER,
  LIMITS,
  NOW,
  PAST,
  READ,
  reason,
  row,
  reasonsIn,
  type Scene,
} from './scene.ts';

const FIRST = '198.51.100.50/32';
const SECOND = '198.51.100.51/32';
const RANG_AT = '2026-11-22T07:59:00.000Z';
const BEFORE = '2026-11-22T01:00:00.000Z';
const IN_SIX_HOURS = '2026-11-22T14:00:00.000Z';
const IN_A_DAY = '2026-11-23T08:00:00.000Z';
const WEB_ACL = 'arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/site/bbbbbbbb-1111-4111-8111-111111111111';
const METRICS = [
  {
    namespace: 'AWS/WAFV2',
    name: 'BlockedRequests',
    dimensions: { WebACL: 'site', Rule: 'flood', Region: 'eu-west-1' },
  },
];
const ASK: Ask = { action: 'heed-alarm', alarm: 'flood', at: RANG_AT, metrics: METRICS };

function holding(...addresses: readonly string[]): HeldBy {
  return { addresses: addresses.map((address) => ({ address, rule: 'flood', webAcl: WEB_ACL })) };
}

function rung(scene: Scene = {}): Decision {
  return decide(factsOf(ASK, { held: holding(FIRST, SECOND), ...scene }), LIMITS, NOW);
}

function ofAlarm(change: Partial<Reason> = {}): Reason {
  return reason('alarm/flood', change.until ?? IN_SIX_HOURS, { delivery: RANG_AT, strikes: 1, ...change });
}

describe('an alarm that rings', () => {
  const delivery: MetricAlarmDelivery = {
    kind: 'metric-alarm',
    isComputed: false,
    id: 'alarm:111122223333:eu-west-1:flood:x',
    at: RANG_AT,
    alarmName: 'flood',
    state: 'ALARM',
    instanceIds: [],
    childAlarmNames: [],
    metrics: METRICS,
  };

  it('asks about the alarm, when it began to ring, and what it watches', () => {
    expect(requestOf.alarm(delivery)).toEqual({
      asks: [ASK],
      by: 'CloudWatch',
      why: '',
      delivery: 'alarm:111122223333:eu-west-1:flood:x',
      sentAt: RANG_AT,
    });
    expect(targetOf(ASK)).toBe('alarm/flood');
  });

  it.each([
    ['rings off', { state: 'OK' }],
    ['knows nothing', { state: 'INSUFFICIENT_DATA' }],
    ['watches no metric', { metrics: [] }],
    ['watches instances', { metrics: [{ namespace: 'AWS/EC2', name: 'StatusCheckFailed', dimensions: {} }] }],
  ] as const)('asks nothing where it %s', (_what, change) => {
    expect(requestOf.alarm({ ...delivery, ...change })).toBeUndefined();
  });
});

describe('whom the rule of an alarm holds', () => {
  it('is blocked for the alarm, each by a write', () => {
    const decision = rung();
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'blocked',
      because: `alarm flood rings, and flood holds 2: ${FIRST}, ${SECOND} blocked until ${IN_SIX_HOURS}`,
      plan: [
        {
          input: {
            key: FIRST,
            ifVersion: 0,
            blocksFor: 'alarm/flood',
            value: {
              reasons: [
                {
                  incident: 'alarm/flood',
                  why: 'held by the rate-based rule flood',
                  by: 'mara',
                  from: NOW,
                  until: IN_SIX_HOURS,
                  delivery: RANG_AT,
                  run: 'run-1',
                  strikes: 1,
                },
              ],
            },
          },
        },
        { input: { key: SECOND } },
      ],
    });
    expect(decision.evidence).toEqual({
      alarm: 'flood',
      rule: 'flood',
      webAcl: WEB_ACL,
      held: 2,
      blocked: [
        { cidr: FIRST, until: IN_SIX_HOURS, strikes: 1 },
        { cidr: SECOND, until: IN_SIX_HOURS, strikes: 1 },
      ],
    });
    expect(decision).not.toHaveProperty('attention');
  });

  it('is unblocked by the way back, for that alarm', () => {
    const decision = rung();
    expect(undoRequest('alarm/flood', decision.kind === 'act' ? decision.plan : [])).toEqual({
      runbook: 'block-address',
      params: { action: 'unblock', incident: 'alarm/flood' },
    });
  });

  it('is nobody, if it has let go of everybody', () => {
    expect(rung({ held: holding() })).toMatchObject({ kind: 'nothing', code: 'nobody-held' });
  });

  it.each(['no-rate-based-rule', 'held-by-header'] as const)(
    'is not known: %s, and a person hears of it',
    (refused) => {
      expect(rung({ held: { refused, because: 'site/flood is gone' } })).toEqual({
        kind: 'refuse',
        code: refused,
        because: 'alarm flood: site/flood is gone',
        evidence: { alarm: 'flood' },
        attention: true,
      });
    },
  );

  it('is passed over where it is ours or allowed, and the others are blocked', () => {
    const neverBlock = [{ source: 'addresses', ranges: [FIRST], version: 1 }];
    const decision = rung({ guard: { neverBlock } });
    expect(reasonsIn(decision)).toEqual([[SECOND, IN_SIX_HOURS, 1]]);
    expect(decision.evidence).toMatchObject({ held: 2, passedOver: [{ address: FIRST, code: 'never-block' }] });
    expect(reasonsIn(rung({ guard: { allow: [allowing(SECOND, null)] } }))).toEqual([[FIRST, IN_SIX_HOURS, 1]]);
  });

  it('is not blocked while what may never be was not read, and that is said once', () => {
    const { vpcs: _never, ...readAt } = READ;
    expect(rung({ guard: { readAt } })).toMatchObject({
      kind: 'refuse',
      code: 'never-block-stale',
      because: 'what must never be blocked has not been read for 900 s (vpcs); see the runs of the schedule',
      attention: true,
    });
  });

  it('is blocked for a quarter of an hour where many people share the address', () => {
    const sharedEgress = [{ source: 'carriers', ranges: [FIRST], version: 1 }];
    expect(reasonsIn(rung({ guard: { sharedEgress } }))[0]).toEqual([FIRST, '2026-11-22T08:15:00.000Z', 1]);
  });
});

describe('ringing', () => {
  it('that is told of twice writes nothing', () => {
    expect(rung({ rows: [row(FIRST, ofAlarm()), row(SECOND, ofAlarm())] })).toMatchObject({
      kind: 'nothing',
      code: 'already-blocked',
    });
  });

  it('that is told of twice is not refused for the one of several that may not be blocked', () => {
    const guard = { neverBlock: [{ source: 'addresses', ranges: [SECOND], version: 1 }] };
    expect(rung({ rows: [row(FIRST, ofAlarm())], guard })).toMatchObject({
      kind: 'nothing',
      code: 'already-blocked',
      evidence: { passedOver: [{ address: SECOND, code: 'never-block' }] },
    });
  });

  it('that is told of once more after its block has ended writes nothing', () => {
    const over = ofAlarm({ until: PAST });
    expect(rung({ rows: [row(FIRST, over), row(SECOND, over)] })).toMatchObject({ kind: 'nothing', code: 'over' });
  });

  it('that comes anew while the block holds makes it longer, and no harder', () => {
    const before = ofAlarm({ delivery: BEFORE, until: LATER });
    const decision = rung({ rows: [row(FIRST, before), row(SECOND, before)] });
    expect(decision.code).toBe('extended');
    expect(reasonsIn(decision)).toEqual([
      [FIRST, IN_SIX_HOURS, 1],
      [SECOND, IN_SIX_HOURS, 1],
    ]);
  });

  it('that comes anew after the block has ended is one offence more', () => {
    const before = ofAlarm({ delivery: BEFORE, until: PAST });
    const decision = rung({ rows: [row(FIRST, before)] });
    expect(decision.code).toBe('blocked');
    expect(reasonsIn(decision)).toEqual([
      [FIRST, IN_A_DAY, 2],
      [SECOND, IN_SIX_HOURS, 1],
    ]);
  });

  it('that comes anew after a person has extended the block counts likewise', () => {
    const rows = [row(FIRST, ofAlarm({ delivery: BEFORE }))];
    const extended = asked({ action: 'extend', cidr: null, incident: 'alarm/flood', ttlSeconds: 86_400 }, { rows });
    const [write] = extended.kind === 'act' ? extended.plan : [];
    expect(write?.input['value']).toMatchObject({ reasons: [{ delivery: BEFORE, until: IN_A_DAY }] });
  });

  it('about whom another alarm or a finding has blocked before is one offence more', () => {
    const rows = [row(FIRST, reason('finding/1', PAST, { strikes: 1 }))];
    expect(reasonsIn(rung({ rows }))[0]).toEqual([FIRST, IN_A_DAY, 2]);
  });
});

describe('an alarm about whom somebody has unblocked', () => {
  const ended = { by: 'kim', run: 'run-7' };

  it('does not block them again for a day', () => {
    const unblocked = ofAlarm({ delivery: BEFORE, until: PAST, ended });
    expect(rung({ rows: [row(FIRST, unblocked), row(SECOND, unblocked)] })).toMatchObject({
      kind: 'nothing',
      code: 'unblocked-by-hand',
      because: expect.stringContaining('and the same alarm does not block it again for 86400 s'),
    });
  });

  it('blocks them again a day later, for longer, and says so', () => {
    const until = '2026-11-21T08:00:00.000Z';
    const decision = rung({ rows: [row(FIRST, ofAlarm({ delivery: BEFORE, until, ended }))] });
    expect(reasonsIn(decision)[0]).toEqual([FIRST, IN_A_DAY, 2]);
    expect(decision.because).toContain(`kim unblocked ${FIRST} at ${until}, but the alarm rings again`);
  });

  it('blocks them at once where it was for another, and says so', () => {
    const decision = rung({ rows: [row(FIRST, reason('alarm/other', PAST, { strikes: 1, ended }))] });
    expect(decision.because).toContain(`kim unblocked ${FIRST} at ${PAST}, but this alarm is another one`);
  });
});

describe('more than one pass or one alarm takes', () => {
  const many = [11, 12, 13, 14, 15].map((last) => `198.51.100.${last}/32`);

  it('is left to the next pass, and to the rule alone, and a person hears of that', () => {
    const decision = rung({ held: holding(...many) });
    expect(decision).toMatchObject({
      kind: 'act',
      more: true,
      attention: true,
      because: expect.stringContaining('2 more are held by the rule alone: of one alarm 3 are taken at most'),
      evidence: { held: 5, notTaken: 2 },
    });
    expect(reasonsIn(decision)).toHaveLength(2);
  });

  it('is no more by the next pass, though the rule holds others by then', () => {
    const own = ofAlarm({ run: 'run-1' });
    const rows = [row(FIRST, own), row(SECOND, own)];
    const decision = rung({ held: holding(...many), rows });
    expect(reasonsIn(decision)).toEqual([['198.51.100.11/32', IN_SIX_HOURS, 1]]);
    expect(decision).toMatchObject({ untold: [{ input: { key: FIRST } }, { input: { key: SECOND } }] });
  });

  it('is named up to ten, and then counted', () => {
    const held = holding(...Array.from({ length: 12 }, (_, at) => `198.51.100.${at + 100}/32`));
    const decision = decide(factsOf(ASK, { held }), { ...LIMITS, maxHeld: 12, maxCalls: 12 }, NOW);
    expect(decision.because).toContain('198.51.100.109/32 and 2 others blocked until');
  });
});

describe('a run that died', () => {
  const own = ofAlarm({ run: 'run-1' });

  it('goes on with whom it has not blocked yet, and tells all', () => {
    expect(rung({ rows: [row(FIRST, own)] })).toMatchObject({
      kind: 'act',
      code: 'blocked',
      plan: [{ input: { key: SECOND } }],
      untold: [{ input: { key: FIRST, ifVersion: 2, blocksFor: 'alarm/flood' } }],
    });
  });

  it.each([
    ['has let go of them', holding()],
    ['is gone', { refused: 'no-rate-based-rule', because: 'site/flood is gone' } as const],
  ])('tells what it has blocked though the rule %s', (_what, held) => {
    expect(rung({ rows: [row(FIRST, own)], held })).toMatchObject({
      kind: 'nothing',
      code: 'blocked',
      untold: [{ input: { key: FIRST } }],
    });
  });
});
