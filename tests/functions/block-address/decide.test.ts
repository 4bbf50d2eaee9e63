/** What block-address does about a request to block. */

import { describe, expect, it } from 'vitest';
import { NOW, PAST, LATER, CIDR, READ, reason, row, asked, written, allowing, type Scene } from './scene.ts';

describe('a request to block', () => {
  it('writes a row with one reason, for a day if no time is given', () => {
    const decision = asked({ action: 'block', incident: 'INC-1' });
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'blocked',
      because: `mara asks for ${CIDR} to be blocked until 2026-11-23T08:00:00.000Z (INC-1)`,
      evidence: { cidr: CIDR, incident: 'INC-1', until: '2026-11-23T08:00:00.000Z' },
      intent: `block ${CIDR} for INC-1`,
    });
    expect(decision.kind === 'act' && decision.plan).toEqual([
      {
        call: 'ledger:write',
        because: `mara asks for ${CIDR} to be blocked until 2026-11-23T08:00:00.000Z (INC-1)`,
        input: {
          partition: 'block',
          key: CIDR,
          ifVersion: 0,
          expiresAt: '2026-12-23T08:00:00.000Z',
          blocksFor: 'INC-1',
          value: {
            reasons: [
              {
                incident: 'INC-1',
                why: 'credential stuffing',
                by: 'mara',
                from: NOW,
                until: '2026-11-23T08:00:00.000Z',
                delivery: 'now',
                run: 'run-1',
                strikes: 0,
              },
            ],
          },
        },
      },
    ]);
  });

  it('stands beside other reasons, and is by hand where it names no incident', () => {
    const decision = asked({ action: 'block', ttlSeconds: 60 }, { row: row(CIDR, reason('INC-9')) });
    expect(written(decision)).toEqual([
      [
        CIDR,
        3,
        {
          reasons: [
            reason('INC-9'),
            expect.objectContaining({ incident: 'mara: by hand', until: '2026-11-22T08:01:00.000Z' }),
          ],
        },
      ],
    ]);
  });

  it('makes a time longer, and keeps its beginning', () => {
    const decision = asked(
      { action: 'block', incident: 'INC-1', ttlSeconds: 7_200 },
      { row: row(CIDR, reason('INC-1')) },
    );
    expect(decision).toMatchObject({ code: 'extended' });
    expect(written(decision)).toEqual([
      [CIDR, 3, { reasons: [expect.objectContaining({ from: PAST, until: '2026-11-22T10:00:00.000Z' })] }],
    ]);
  });

  it.each([
    ['never makes it shorter', reason('INC-1'), 60],
    ['is done already when it comes twice', reason('INC-1', LATER, { delivery: 'now' }), 7_200],
  ])('%s', (_what, before, ttlSeconds) => {
    expect(asked({ action: 'block', incident: 'INC-1', ttlSeconds }, { row: row(CIDR, before) })).toMatchObject({
      kind: 'nothing',
      code: 'already-blocked',
      because: `${CIDR} is blocked until ${LATER} already (INC-1); extend it if that is too short`,
    });
  });

  it('tells what this very run has written and not told', () => {
    const decision = asked(
      { action: 'block', incident: 'INC-1' },
      { row: row(CIDR, reason('INC-1', LATER, { run: 'run-1' })) },
    );
    expect(decision).toMatchObject({
      kind: 'nothing',
      code: 'blocked',
      untold: [{ call: 'ledger:write', input: { key: CIDR, ifVersion: 2 } }],
    });
  });

  it('begins anew after the reason has ended', () => {
    expect(asked({ action: 'block', incident: 'INC-1' }, { row: row(CIDR, reason('INC-1', NOW)) })).toMatchObject({
      code: 'blocked',
    });
  });

  it('says that host bits were left out, and what of the range stays open', () => {
    const decision = asked(
      { action: 'block', cidr: '198.51.100.0/24', hadHostBits: true },
      { guard: { allow: [allowing('198.51.100.7/32', null)] } },
    );
    expect(decision.evidence).toMatchObject({
      note: 'the address was given with host bits; the whole network is blocked',
      leftOut: ['198.51.100.7/32'],
    });
  });

  it.each([59, 2_592_001])('is refused for %i seconds', (ttlSeconds) => {
    expect(asked({ action: 'block', ttlSeconds })).toMatchObject({
      kind: 'refuse',
      code: 'ttl-out-of-range',
      evidence: { least: 60, most: 2_592_000 },
    });
  });

  it.each([60, 2_592_000])('is served for %i seconds', (ttlSeconds) => {
    expect(asked({ action: 'block', ttlSeconds })).toMatchObject({ kind: 'act' });
  });

  it('is refused where as many reasons stand as are kept, but not for one of them', () => {
    const full = row(CIDR, reason('A'), reason('B'), reason('C'), reason('D', PAST));
    expect(asked({ action: 'block', incident: 'E' }, { row: full })).toMatchObject({
      code: 'too-many-reasons',
      evidence: { incidents: ['A', 'B', 'C'] },
    });
    expect(asked({ action: 'block', incident: 'A' }, { row: full })).toMatchObject({ code: 'extended' });
  });

  it('is refused without a network', () => {
    expect(asked({ action: 'block', cidr: null, incident: 'INC-1' })).toMatchObject({
      kind: 'refuse',
      code: 'no-address',
    });
  });
});

describe('what may not be blocked', () => {
  const ours = { neverBlock: [{ source: 'addresses', ranges: ['203.0.113.20/32'], version: 1 }] };

  it.each([
    ['203.0.113.20/32', "203.0.113.20/32 lies in 203.0.113.20/32, which is ours or AWS's (addresses)"],
    ['203.0.113.0/24', "203.0.113.0/24 contains 203.0.113.20/32, which is ours or AWS's (addresses)"],
  ])('is ours: %s', (cidr, because) => {
    expect(asked({ action: 'block', cidr }, { guard: ours })).toMatchObject({
      kind: 'refuse',
      code: 'never-block',
      because,
    });
  });

  it('is beside ours: that is blocked', () => {
    expect(asked({ action: 'block', cidr: '203.0.113.21/32' }, { guard: ours })).toMatchObject({ kind: 'act' });
  });

  it.each([
    ['10.20.0.0/16', 'never-block'],
    ['198.50.0.0/15', 'too-wide'],
    ['2a06:5280::/31', 'too-wide'],
  ])('is %s: %s', (cidr, code) => {
    expect(asked({ action: 'block', cidr })).toMatchObject({ kind: 'refuse', code });
  });

  it.each(['198.50.0.0/16', '2a06:5280::/32'])('is not %s, which is as wide as may be', (cidr) => {
    expect(asked({ action: 'block', cidr })).toMatchObject({ kind: 'act' });
  });

  it('is everything while a source has not been read lately', () => {
    const readAt = { ...READ, vpcs: '2026-11-22T07:44:59.999Z' };
    expect(asked({ action: 'block' }, { guard: { readAt } })).toMatchObject({
      kind: 'refuse',
      code: 'never-block-stale',
      attention: true,
      evidence: { lastRead: { vpcs: '2026-11-22T07:44:59.999Z' } },
    });
    const { vpcs: _never, ...three } = READ;
    expect(asked({ action: 'block' }, { guard: { readAt: three } })).toMatchObject({
      evidence: { lastRead: { vpcs: 'never' } },
    });
    expect(
      asked({ action: 'block' }, { guard: { readAt: { ...READ, vpcs: '2026-11-22T07:45:00.000Z' } } }),
    ).toMatchObject({ kind: 'act' });
  });

  it('at CloudFront is read by another runbook: as late, it counts only where the account has something of its own there', () => {
    const known = (ranges: readonly string[], at?: string): Scene => ({
      guard: {
        neverBlock: [{ source: 'anycast-ip-lists', ranges, version: 1 }],
        readAt: { ...READ, ...(at === undefined ? {} : { 'anycast-ip-lists': at }) },
      },
    });
    expect(asked({ action: 'block' }, known(['192.0.2.77/32']))).toMatchObject({
      code: 'never-block-stale',
      evidence: { lastRead: { 'anycast-ip-lists': 'never' } },
    });
    expect(asked({ action: 'block' }, known(['192.0.2.77/32'], '2026-11-22T07:44:59.999Z'))).toMatchObject({
      code: 'never-block-stale',
    });
    expect(asked({ action: 'block' }, known(['192.0.2.77/32'], NOW))).toMatchObject({ kind: 'act' });
    expect(asked({ action: 'block' }, known([]))).toMatchObject({ kind: 'act' });
  });

  it('is allowed as a whole, for as long as that holds', () => {
    const until = (end: string | null): Scene => ({ guard: { allow: [allowing('198.51.100.0/24', end)] } });
    expect(asked({ action: 'block' }, until(LATER))).toMatchObject({
      kind: 'refuse',
      code: 'allowed',
      because: `${CIDR} lies in 198.51.100.0/24, which is allowed until ${LATER} (partner)`,
    });
    expect(asked({ action: 'block' }, until(null)).because).toContain('until it is taken back');
    expect(asked({ action: 'block' }, until(NOW))).toMatchObject({ kind: 'act' });
  });
});

describe('an address behind which many people sit', () => {
  const guard = { sharedEgress: [{ source: 'carriers', ranges: ['198.51.100.0/24'], version: 1 }] };

  it('is blocked for a quarter of an hour at most, and the answer says so', () => {
    const decision = asked({ action: 'block', ttlSeconds: 7_200 }, { guard });
    expect(decision.evidence).toMatchObject({ until: '2026-11-22T08:15:00.000Z', sharedEgress: '198.51.100.0/24' });
    expect(decision.because).toContain('many people share 198.51.100.0/24 (carriers)');
  });

  it('is extended by no more than that', () => {
    const own = row(CIDR, reason('INC-1', '2026-11-22T08:05:00.000Z', { from: '2026-11-22T07:55:00.000Z' }));
    const longer = asked({ action: 'extend', incident: 'INC-1', ttlSeconds: 7_200 }, { row: own, guard });
    expect(written(longer)).toMatchObject([[CIDR, 3, { reasons: [{ from: NOW, until: '2026-11-22T08:15:00.000Z' }] }]]);
    const enough = row(CIDR, reason('INC-1', '2026-11-22T08:15:00.000Z', { from: NOW }));
    const none = asked({ action: 'extend', incident: 'INC-1', ttlSeconds: 7_200 }, { row: enough, guard });
    expect(none).toMatchObject({ kind: 'nothing', code: 'long-enough' });
  });

  it('is blocked anew where what was asked for before it was shared has been let go', () => {
    const own = row(CIDR, reason('INC-1', '2026-11-23T08:00:00.000Z'));
    const asksAgain = asked({ action: 'block', incident: 'INC-1' }, { row: own, guard });
    const renewed = [[CIDR, 3, { reasons: [{ from: NOW, until: '2026-11-22T08:15:00.000Z' }] }]];
    expect(written(asksAgain)).toMatchObject(renewed);
    expect(written(asked({ action: 'extend', incident: 'INC-1' }, { row: own, guard }))).toMatchObject(renewed);
    const lately = row(CIDR, reason('INC-1', '2026-11-23T08:00:00.000Z', { from: NOW }));
    expect(asked({ action: 'block', incident: 'INC-1' }, { row: lately, guard })).toMatchObject({
      kind: 'nothing',
      code: 'already-blocked',
      evidence: { until: '2026-11-22T08:15:00.000Z' },
    });
  });

  it('is blocked as long as an operator says who does not say since when', () => {
    const own = row(CIDR, reason('INC-1', LATER, { from: '' }));
    expect(asked({ action: 'block', incident: 'INC-1' }, { row: own, guard })).toMatchObject({
      kind: 'nothing',
      evidence: { until: LATER },
    });
  });

  it('is blocked for long again when that is over', () => {
    const over = [{ source: 'carriers', ranges: ['198.51.100.0/24'], version: 1, until: NOW, run: 'run-0' }];
    expect(asked({ action: 'block' }, { guard: { sharedEgress: over } }).evidence).toEqual({
      cidr: CIDR,
      incident: 'mara: by hand',
      until: '2026-11-23T08:00:00.000Z',
    });
  });

  it('is blocked for as short as it was asked for', () => {
    const decision = asked({ action: 'block', ttlSeconds: 60 }, { guard });
    expect(decision.evidence).toMatchObject({ until: '2026-11-22T08:01:00.000Z' });
  });
});

describe('a network in which many people share a part', () => {
  const guard = { sharedEgress: [{ source: 'carriers', ranges: ['198.51.100.64/28'], version: 1 }] };
  const WIDE = { cidr: '198.51.100.0/24' };
  const wide = (until: string, from?: string) => ({
    cidr: WIDE.cidr,
    reasons: [reason('INC-1', until, from === undefined ? {} : { from })],
    version: 3,
  });

  it('is blocked for as long as is asked for, and the answer says that the part is not', () => {
    const decision = asked(
      { action: 'block', ...WIDE, ttlSeconds: 7_200 },
      { guard, row: { ...wide(LATER), reasons: [] } },
    );
    expect(decision.evidence).toMatchObject({ until: '2026-11-22T10:00:00.000Z', sharedEgress: '198.51.100.64/28' });
    expect(decision.because).toContain(
      'many people share 198.51.100.64/28 (carriers): that part of it is blocked for a short time, at web ACLs only',
    );
  });

  it('is blocked anew where the part has been let go, and ends no earlier for it', () => {
    const own = wide('2026-11-23T08:00:00.000Z', '2026-11-22T07:00:00.000Z');
    const renewed = [[WIDE.cidr, 3, { reasons: [{ from: NOW, until: '2026-11-23T08:00:00.000Z' }] }]];
    const ask = { ...WIDE, incident: 'INC-1', ttlSeconds: 7_200 };
    expect(written(asked({ action: 'block', ...ask }, { row: own, guard }))).toMatchObject(renewed);
    expect(written(asked({ action: 'extend', ...ask }, { row: own, guard }))).toMatchObject(renewed);
  });

  it('is left as it is where neither would end later', () => {
    const own = wide('2026-11-23T08:00:00.000Z', NOW);
    const ask = { ...WIDE, incident: 'INC-1', ttlSeconds: 7_200 };
    expect(asked({ action: 'block', ...ask }, { row: own, guard })).toMatchObject({
      kind: 'nothing',
      evidence: { until: '2026-11-23T08:00:00.000Z' },
    });
    expect(asked({ action: 'extend', ...ask }, { row: own, guard })).toMatchObject({ kind: 'nothing' });
  });

  it('is blocked for a short time where several ranges together are all of it', () => {
    const ranges = ['198.51.100.0/25', '198.51.100.128/25'];
    const all = { sharedEgress: [{ source: 'carriers', ranges, version: 1 }] };
    const decision = asked({ action: 'block', ...WIDE }, { guard: all, row: { ...wide(LATER), reasons: [] } });
    expect(decision.evidence).toMatchObject({ until: '2026-11-22T08:15:00.000Z' });
  });
});

describe('an allowance', () => {
  it.each([
    ['wider than what may be blocked', { cidr: '198.0.0.0/7' }, 'too-wide'],
    ['longer than a block may last', { ttlSeconds: 2_592_001 }, 'ttl-out-of-range'],
    ['shorter than a tick', { ttlSeconds: 59 }, 'ttl-out-of-range'],
  ])('%s is refused', (_why, ask, code) => {
    expect(asked({ action: 'allow', ...ask })).toMatchObject({ kind: 'refuse', code });
  });
});
