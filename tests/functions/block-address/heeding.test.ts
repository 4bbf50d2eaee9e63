import { describe, expect, it } from 'vitest';
import { decide, type Ask } from '../../../functions/block-address/decide.ts';
import type { Reason } from '../../../shared/judgement/blocklist/rows.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import type { Finding } from '../../../shared/kernel/triggers/findings/finding.ts';
import { findingOf } from '../../shared/kernel/triggers/findings.ts';
import { allowing, factsOf, LATER, LIMITS, NOW, PAST, READ, reason, row, reasonsIn, type Scene } from './scene.ts';

const FIRST = '198.51.100.50/32';
const SECOND = '198.51.100.51/32';
const PROBE = { ...findingOf('guardduty-port-probe'), updatedAt: '2026-11-22T07:58:00.000Z' };
const INCIDENT = `finding/${PROBE.id}`;
const IN_SIX_HOURS = '2026-11-22T14:00:00.000Z';
const IN_A_DAY = '2026-11-23T08:00:00.000Z';

function heeded(finding: Finding, scene: Scene = {}): Decision {
  const ask: Ask = { action: 'heed', finding };
  return decide(factsOf(ask, scene), LIMITS, NOW);
}

function ofFinding(finding: Finding, change: Partial<Reason> = {}): Reason {
  const delivery = `${finding.updatedAt ?? ''} ${finding.id}`;
  return reason(`finding/${finding.id}`, change.until ?? IN_SIX_HOURS, { delivery, strikes: 1, ...change });
}

describe('a finding', () => {
  it('is written once for each address, with what it is and its end', () => {
    const decision = heeded(PROBE);
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'blocked',
      because: `${PROBE.type}, severity 2, against i-0123456789abcdef0: ${FIRST}, ${SECOND} blocked until ${IN_SIX_HOURS}`,
      evidence: {
        finding: PROBE.id,
        type: PROBE.type,
        severity: 2,
        blocked: [
          { cidr: FIRST, until: IN_SIX_HOURS, strikes: 1 },
          { cidr: SECOND, until: IN_SIX_HOURS, strikes: 1 },
        ],
      },
      plan: [
        {
          call: 'ledger:write',
          input: {
            partition: 'block',
            key: FIRST,
            ifVersion: 0,
            blocksFor: INCIDENT,
            value: {
              reasons: [
                {
                  incident: INCIDENT,
                  why: PROBE.type,
                  by: 'mara',
                  from: NOW,
                  until: IN_SIX_HOURS,
                  delivery: `2026-11-22T07:58:00.000Z ${PROBE.id}`,
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
    expect(decision).not.toHaveProperty('more');
  });

  it('that comes a second time writes nothing', () => {
    const rows = [row(FIRST, ofFinding(PROBE)), row(SECOND, ofFinding(PROBE))];
    expect(heeded(PROBE, { rows })).toMatchObject({
      kind: 'nothing',
      code: 'already-blocked',
      evidence: {
        unchanged: [
          { cidr: FIRST, code: 'already-blocked' },
          { cidr: SECOND, code: 'already-blocked' },
        ],
      },
    });
  });

  it('that comes a second time, late, blocks nothing whose time is over', () => {
    const over = ofFinding(PROBE, { until: PAST });
    expect(heeded(PROBE, { rows: [row(FIRST, over), row(SECOND, over)] })).toMatchObject({
      kind: 'nothing',
      code: 'over',
    });
  });

  it('that goes on blocks for longer, and no harder', () => {
    const before = ofFinding(PROBE, {
      delivery: `2026-11-22T01:00:00.000Z ${PROBE.id}`,
      until: '2026-11-22T08:30:00.000Z',
    });
    const decision = heeded(PROBE, { rows: [row(FIRST, before), row(SECOND, before)] });
    expect(decision.code).toBe('extended');
    expect(reasonsIn(decision)).toEqual([
      [FIRST, IN_SIX_HOURS, 1],
      [SECOND, IN_SIX_HOURS, 1],
    ]);
  });

  it('that goes on writes nothing while half the time is left', () => {
    const before = (until: string): Reason =>
      ofFinding(PROBE, { delivery: `2026-11-22T07:00:00.000Z ${PROBE.id}`, until });
    const rows = [row(FIRST, before('2026-11-22T11:00:00.001Z')), row(SECOND, before('2026-11-22T11:00:00.000Z'))];
    expect(reasonsIn(heeded(PROBE, { rows }))).toEqual([[SECOND, IN_SIX_HOURS, 1]]);
  });

  it('that goes on is a later one than what a person has blocked under its name', () => {
    const byHand = ofFinding(PROBE, { until: PAST, strikes: 0, delivery: 'request:0123' });
    const decision = heeded(PROBE, { rows: [row(FIRST, byHand)] });
    expect(reasonsIn(decision)[0]).toEqual([FIRST, IN_SIX_HOURS, 1]);
  });

  it('that goes on after its block has ended blocks anew, and no harder', () => {
    const before = ofFinding(PROBE, { delivery: `2026-11-22T01:00:00.000Z ${PROBE.id}`, until: PAST, strikes: 2 });
    const decision = heeded(PROBE, { rows: [row(FIRST, before), row(SECOND, ofFinding(PROBE))] });
    expect(decision.code).toBe('blocked');
    expect(reasonsIn(decision)).toEqual([[FIRST, IN_A_DAY, 2]]);
  });

  it('that somebody chooses by hand is told of anew then, and again by no copy of it', () => {
    const rows = [FIRST, SECOND].map((cidr) => row(cidr, ofFinding(PROBE, { until: PAST })));
    const chosen = (chosenAt: string): Decision =>
      decide(factsOf({ action: 'heed', finding: PROBE, chosenAt }, { rows }), LIMITS, NOW);
    const decision = chosen(NOW);
    expect(reasonsIn(decision)).toEqual([
      [FIRST, IN_SIX_HOURS, 1],
      [SECOND, IN_SIX_HOURS, 1],
    ]);
    expect(decision).toMatchObject({
      plan: [{ input: { value: { reasons: [{ delivery: `${NOW} ${PROBE.id}` }] } } }, {}],
    });
    expect(chosen('2026-11-22T07:58:00.000Z')).toMatchObject({ kind: 'nothing', code: 'over' });
  });

  it.each([
    ['a second time', { until: PAST, strikes: 1 }, IN_A_DAY, 2],
    ['a third time', { until: PAST, strikes: 2 }, '2026-11-26T08:00:00.000Z', 3],
    ['a fifth time, for the most there is', { until: PAST, strikes: 4 }, '2026-12-22T08:00:00.000Z', 5],
    ['while another finding holds', { until: LATER, strikes: 1 }, IN_SIX_HOURS, 1],
    ['after a person’s block', { until: PAST, strikes: 0 }, IN_SIX_HOURS, 1],
  ])('about somebody who offends %s blocks as long as that deserves', (_when, earlier, until, strikes) => {
    const rows = [row(FIRST, reason('finding/other', earlier.until, earlier))];
    expect(reasonsIn(heeded(PROBE, { rows }))[0]).toEqual([FIRST, until, strikes]);
  });
});

describe('a finding about whom somebody has unblocked', () => {
  const unblocked = { until: PAST, ended: { by: 'kim', run: 'run-7' } };
  const again = { ...PROBE, updatedAt: '2026-11-22T07:59:00.000Z' };

  it('does not block again for a day, if it is the same', () => {
    const rows = [FIRST, SECOND].map((cidr) => row(cidr, ofFinding(PROBE, unblocked)));
    expect(heeded(again, { rows })).toMatchObject({
      kind: 'nothing',
      code: 'unblocked-by-hand',
      because: expect.stringContaining(`kim unblocked ${FIRST} at ${PAST}`),
    });
  });

  it('blocks again a day later, and says so', () => {
    const rows = [row(FIRST, ofFinding(PROBE, { ...unblocked, until: '2026-11-21T08:00:00.000Z' }))];
    const decision = heeded(again, { rows });
    expect(reasonsIn(decision)[0]).toEqual([FIRST, IN_SIX_HOURS, 1]);
    expect(decision.because).toContain(`kim unblocked ${FIRST} at 2026-11-21T08:00:00.000Z, but the finding goes on`);
  });

  it('blocks at once if it is another one, and says so', () => {
    const rows = [row(FIRST, reason('finding/other', PAST, { strikes: 1, ...unblocked }))];
    const decision = heeded(PROBE, { rows });
    expect(reasonsIn(decision)[0]).toEqual([FIRST, IN_A_DAY, 2]);
    expect(decision.because).toContain(`kim unblocked ${FIRST} at ${PAST}, but this finding is another one`);
  });
});

describe('what may not be blocked', () => {
  it('is passed over, and the other address is blocked', () => {
    const decision = heeded(PROBE, { guard: { allow: [allowing(FIRST, null)] } });
    expect(reasonsIn(decision)).toEqual([[SECOND, IN_SIX_HOURS, 1]]);
    expect(decision.evidence).toMatchObject({ passedOver: [{ address: FIRST, code: 'allowed' }] });
  });

  it('refuses the finding where no address is left', () => {
    const neverBlock = [{ source: 'prefix-lists', ranges: ['198.51.100.0/24'], version: 1 }];
    expect(heeded(PROBE, { guard: { neverBlock } })).toMatchObject({ kind: 'refuse', code: 'never-block' });
  });

  it('for long is one behind whose address many people sit', () => {
    const sharedEgress = [{ source: 'carriers', ranges: ['198.51.100.50/31'], version: 1 }];
    const decision = heeded(PROBE, { guard: { sharedEgress } });
    expect(reasonsIn(decision)).toEqual([
      [FIRST, '2026-11-22T08:15:00.000Z', 1],
      [SECOND, '2026-11-22T08:15:00.000Z', 1],
    ]);
    expect(decision.because).toContain('many people share 198.51.100.50/31 (carriers)');
    const before = ofFinding(PROBE, { from: PAST, delivery: `2026-11-22T07:00:00.000Z ${PROBE.id}` });
    const goesOn = heeded(PROBE, { rows: [row(FIRST, before)], guard: { sharedEgress } });
    expect(goesOn).toMatchObject({ plan: [{ input: { value: { reasons: [{ from: NOW }] } } }, {}] });
  });

  it('is everybody while what may never be blocked was not read, and a person hears of it', () => {
    const { vpcs: _never, ...readAt } = READ;
    expect(heeded(PROBE, { guard: { readAt } })).toMatchObject({
      kind: 'refuse',
      code: 'never-block-stale',
      attention: true,
    });
  });

  it('is everybody while a row that protects somebody cannot be read', () => {
    const guard = { unreadable: ['ledger allow/x: no network'] };
    expect(heeded(PROBE, { guard })).toMatchObject({ kind: 'refuse', code: 'guard-unreadable', attention: true });
  });

  it('is a network for which there are too many reasons: it stays blocked', () => {
    const rows = [
      row(FIRST, reason('A'), reason('B'), reason('C')),
      row(SECOND, reason('A'), reason('B'), reason('C')),
    ];
    expect(heeded(PROBE, { rows })).toMatchObject({ kind: 'refuse', code: 'too-many-reasons' });
  });
});

describe('a finding that blocks nobody', () => {
  it('is nothing where it settles itself', () => {
    expect(heeded({ ...PROBE, isSample: true })).toMatchObject({ kind: 'nothing', code: 'sample' });
  });

  it('is refused where it is left to a person', () => {
    expect(heeded(findingOf('guardduty-outbound-target'))).toMatchObject({
      kind: 'refuse',
      code: 'outbound',
      attention: true,
    });
  });

  it('among others, and unreadable, says what is wrong with it', () => {
    const finding = { form: 'asff', problem: 'findings[1].Types: missing', where: 'detail.findings[1]' } as const;
    expect(decide(factsOf({ action: 'heed', finding }, {}), LIMITS, NOW)).toMatchObject({
      kind: 'refuse',
      code: 'unreadable-finding',
      because: 'a finding among others cannot be read: findings[1].Types: missing',
      attention: true,
    });
  });
});

describe('a run that died', () => {
  const own = ofFinding(PROBE, { run: 'run-1' });

  it('after its first write goes on with the second, and tells both', () => {
    const decision = heeded(PROBE, { rows: [row(FIRST, own)] });
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'blocked',
      plan: [{ input: { key: SECOND } }],
      untold: [{ input: { key: FIRST, ifVersion: 2, blocksFor: INCIDENT } }],
    });
  });

  it('after its last write tells what it did', () => {
    const decision = heeded(PROBE, { rows: [row(FIRST, own), row(SECOND, own)] });
    expect(decision).toMatchObject({
      kind: 'nothing',
      code: 'blocked',
      untold: [{ input: { key: FIRST } }, { input: { key: SECOND } }],
    });
  });
});

it('goes on with what one pass does not hold', () => {
  const remotes = [1, 2, 3].map((last) => ({
    address: `198.51.100.${last}`,
    direction: 'INBOUND' as const,
    isAwsService: false,
    isApiCaller: false,
    where: '',
  }));
  const decision = heeded({ ...PROBE, remotes });
  expect(decision).toMatchObject({ kind: 'act', more: true });
  expect(reasonsIn(decision)).toHaveLength(2);
});
