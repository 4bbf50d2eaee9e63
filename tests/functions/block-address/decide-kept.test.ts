/** What of a row is kept, and what a run says that died before it told. */

import { describe, expect, it } from 'vitest';
import { asked, allowing, CIDR, LATER, NOW, PAST, READ, reason, row, written } from './scene.ts';

const OWN = reason('INC-1', '2026-11-23T08:00:00.000Z', {
  why: 'credential stuffing',
  from: NOW,
  delivery: 'now',
  run: 'run-1',
});

describe('reasons that have ended', () => {
  it('make room for new ones, the longest ended first, so that a row does not grow without end', () => {
    const over = ['01', '00', '02', '03'].map((hour) => reason(`OLD-${hour}`, `2026-11-22T${hour}:00:00.000Z`));
    const decision = asked({ action: 'block', incident: 'INC-1' }, { row: row(CIDR, ...over) });
    expect(written(decision)).toEqual([[CIDR, 3, { reasons: [over[2], over[3], OWN] }]]);
  });

  it('never make room of one that stands', () => {
    const standing = [reason('A'), reason('B')];
    const decision = asked(
      { action: 'block', incident: 'INC-1' },
      { row: row(CIDR, reason('OLD', PAST), ...standing) },
    );
    expect(written(decision)).toEqual([[CIDR, 3, { reasons: [...standing, OWN] }]]);
  });

  it('stay where there is room, so that who comes back is known', () => {
    const over = reason('OLD', PAST);
    const decision = asked({ action: 'block', incident: 'INC-1' }, { row: row(CIDR, over) });
    expect(written(decision)).toEqual([[CIDR, 3, { reasons: [over, OWN] }]]);
  });
});

describe('a run that died after it took an allowance back', () => {
  it('tells that it was taken back', () => {
    expect(asked({ action: 'allow', ttlSeconds: 0 }, { allowed: allowing(CIDR, NOW, 'run-1') })).toMatchObject({
      kind: 'nothing',
      code: 'no-longer-allowed',
      untold: [{ input: { key: CIDR, ifVersion: 1 } }],
    });
  });
});

describe('who may always unblock', () => {
  it('is whoever asks, whatever has not been read', () => {
    const { vpcs: _never, ...readAt } = READ;
    expect(asked({ action: 'unblock' }, { row: row(CIDR, reason('INC-1')), guard: { readAt } })).toMatchObject({
      kind: 'act',
      code: 'unblocked',
    });
  });
});

describe('what is refused in so many words', () => {
  it.each([
    ['10.1.2.3/32', '10.0.0.0/8 (private use, RFC 1918)'],
    ['169.254.169.254/32', '169.254.0.0/16 (link local, RFC 3927)'],
    ['fe80::1/128', 'fe80::/10 (link local, RFC 4291)'],
    ['8.0.0.0/5', '10.0.0.0/8 (private use, RFC 1918)'],
  ])('is %s, which overlaps a special-use range', (cidr, range) => {
    expect(asked({ action: 'block', cidr })).toEqual({
      kind: 'refuse',
      code: 'never-block',
      because: `${cidr} overlaps ${range}`,
      evidence: { cidr, range },
    });
  });

  it.each([
    ['45.0.0.0/15', 16],
    ['2600::/31', 32],
  ])('is %s, which is too wide', (cidr, widest) => {
    expect(asked({ action: 'block', cidr })).toEqual({
      kind: 'refuse',
      code: 'too-wide',
      because: `${cidr} is wider than /${widest}, the most that may be blocked`,
      evidence: { cidr, widest },
    });
  });

  it('is an IPv6 network that contains an address of ours', () => {
    const neverBlock = [{ source: 'interfaces', ranges: ['2600:1f18::5/128'], version: 1 }];
    expect(asked({ action: 'block', cidr: '2600:1f18::/48' }, { guard: { neverBlock } })).toEqual({
      kind: 'refuse',
      code: 'never-block',
      because: "2600:1f18::/48 contains 2600:1f18::5/128, which is ours or AWS's (interfaces)",
      evidence: { cidr: '2600:1f18::/48', range: '2600:1f18::5/128', source: 'interfaces' },
    });
  });

  it('is everything while a source is not read, with where to look', () => {
    const readAt = { ...READ, addresses: PAST, vpcs: PAST };
    expect(asked({ action: 'block' }, { guard: { readAt } })).toEqual({
      kind: 'refuse',
      code: 'never-block-stale',
      because: 'what must never be blocked has not been read for 900 s (addresses, vpcs); see the runs of the schedule',
      evidence: { lastRead: { addresses: PAST, vpcs: PAST } },
      attention: true,
    });
  });

  it('is one reason more than are kept', () => {
    const full = row(CIDR, reason('A'), reason('B', '2026-11-22T10:00:00.000Z'), reason('C'));
    expect(asked({ action: 'block', incident: 'E' }, { row: full }).because).toBe(
      `${CIDR} is blocked for 3 reasons already, the most that are kept; it stays blocked until 2026-11-22T10:00:00.000Z`,
    );
    expect(asked({ action: 'block', incident: 'E', ttlSeconds: 59 }).because).toBe(
      'ttlSeconds 59 is not from 60 to 2592000',
    );
  });

  it('is not what an allowance beside it is about', () => {
    const allow = [allowing('198.51.100.8/32', LATER)];
    const decision = asked({ action: 'block' }, { guard: { allow } });
    expect(decision.code).toBe('blocked');
    expect(decision.evidence).not.toHaveProperty('leftOut');
  });
});

describe('a row that an operator has spelt otherwise', () => {
  const theirs = { ...row('198.51.100.9/32', reason('INC-1')), key: '198.51.100.9' };

  it('is ended with the network, under its own key', () => {
    const decision = asked({ action: 'unblock' }, { row: row(CIDR, reason('INC-2')), rows: [theirs] });
    expect(decision).toMatchObject({ code: 'unblocked', evidence: { incidents: ['INC-2', 'INC-1'] } });
    expect(written(decision)).toEqual([
      [CIDR, 3, { reasons: [reason('INC-2', NOW, { ended: { by: 'mara', run: 'run-1' } })] }],
      ['198.51.100.9', 3, { reasons: [reason('INC-1', NOW, { ended: { by: 'mara', run: 'run-1' } })] }],
    ]);
  });

  it('is ended where the network has no other row', () => {
    expect(written(asked({ action: 'unblock' }, { row: row(CIDR), rows: [theirs] }))).toMatchObject([
      ['198.51.100.9', 3, {}],
    ]);
  });

  it('is ended, and extended, with its incident', () => {
    const ofIncident = { cidr: null, incident: 'INC-1', ttlSeconds: 86_400 };
    for (const action of ['unblock', 'extend'] as const)
      expect(written(asked({ action, ...ofIncident }, { rows: [theirs] }))).toMatchObject([['198.51.100.9', 3, {}]]);
  });

  it('is extended with the network', () => {
    expect(written(asked({ action: 'extend', ttlSeconds: 86_400 }, { row: row(CIDR), rows: [theirs] }))).toMatchObject([
      ['198.51.100.9', 3, {}],
    ]);
  });

  it('is no longer allowed under its own key', () => {
    const allowed = { ...allowing(CIDR, null), key: '198.51.100.9' };
    expect(written(asked({ action: 'allow', ttlSeconds: 0 }, { allowed }))).toMatchObject([
      ['198.51.100.9', 2, { until: NOW }],
    ]);
  });
});

describe('a request that comes again after somebody has unblocked what it blocked', () => {
  const ended = reason('INC-1', PAST, { delivery: 'now', ended: { by: 'kim', run: 'run-7' } });

  it('blocks nothing where it says when it was sent: it is the same one, late', () => {
    const decision = asked({ action: 'block', incident: 'INC-1' }, { row: row(CIDR, ended), sentAt: PAST });
    expect(decision).toMatchObject({
      kind: 'nothing',
      code: 'unblocked-since',
      because: `${CIDR} was blocked by this request, and kim has unblocked it since`,
    });
  });

  it('blocks nothing where it is the same run', () => {
    const own = { ...ended, delivery: 'other', run: 'run-1' };
    expect(asked({ action: 'block', incident: 'INC-1' }, { row: row(CIDR, own) }).code).toBe('unblocked-since');
  });

  it('blocks where the same words may be asked anew', () => {
    expect(asked({ action: 'block', incident: 'INC-1' }, { row: row(CIDR, ended) }).code).toBe('blocked');
  });
});
