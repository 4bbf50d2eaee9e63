/** What block-address does about requests to allow a network, or to say that many people share it. */

import { describe, expect, it } from 'vitest';
import { isSharedRowOf, type KeptRow } from '../../../functions/block-address/decide.ts';
import { allowing, asked, CIDR, LATER, NOW, PAST, reason, row, written } from './scene.ts';

const kept = (key: string, until: string | null, more: Partial<KeptRow> = {}): KeptRow => ({
  key,
  until,
  run: 'run-0',
  version: 2,
  ...more,
});

describe('a request to allow', () => {
  it('writes an entry with its end, over the one before', () => {
    const decision = asked(
      { action: 'allow', ttlSeconds: 3_600 },
      { allowed: allowing(CIDR, NOW), row: row(CIDR, reason('INC-1')) },
    );
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'allowed',
      because: `mara allows ${CIDR} until ${LATER}`,
      evidence: { until: LATER, blockedFor: ['INC-1'] },
      plan: [{ input: { partition: 'allow', expiresAt: '2026-12-22T09:00:00.000Z' } }],
    });
    expect(written(decision)).toEqual([
      [CIDR, 2, { why: 'credential stuffing', by: 'mara', until: LATER, run: 'run-1' }],
    ]);
  });

  it('has nothing to do where it is allowed for longer', () => {
    expect(asked({ action: 'allow', ttlSeconds: 3_600 }, { allowed: allowing(CIDR, null) })).toMatchObject({
      kind: 'nothing',
      code: 'as-it-is',
      because: `${CIDR} is allowed already`,
    });
  });

  it('makes the one of several spellings hold longer that holds longest', () => {
    const rows = [kept(CIDR, NOW), kept('198.51.100.9', '2026-11-22T08:30:00.000Z', { version: 4 })];
    expect(written(asked({ action: 'allow', ttlSeconds: 3_600 }, { kept: rows }))).toMatchObject([
      ['198.51.100.9', 4, {}],
    ]);
  });

  it('is taken back by no time at all', () => {
    expect(asked({ action: 'allow', ttlSeconds: 0 }, { allowed: allowing(CIDR, LATER) })).toMatchObject({
      kind: 'act',
      code: 'no-longer-allowed',
      because: `mara takes back that ${CIDR} is allowed`,
      evidence: { until: NOW },
    });
    expect(asked({ action: 'allow', ttlSeconds: 0 }, { allowed: allowing(CIDR, NOW) })).toMatchObject({
      kind: 'nothing',
      code: 'as-it-is',
      because: `${CIDR} is not allowed already`,
    });
  });

  it('is taken back in every spelling, in as many passes as that needs', () => {
    const rows = [
      kept(CIDR, LATER),
      kept('198.51.100.9', null, { version: 4 }),
      kept('::ffff:198.51.100.9', LATER),
      kept('x', PAST),
    ];
    const decision = asked({ action: 'allow', ttlSeconds: 0 }, { kept: rows });
    const value = { why: 'credential stuffing', by: 'mara', until: NOW, run: 'run-1' };
    expect(written(decision)).toEqual([
      [CIDR, 2, value],
      ['198.51.100.9', 4, value],
    ]);
    expect(decision).toMatchObject({ more: true });
    const rest = [kept(CIDR, NOW, { run: 'run-1', version: 3 }), kept('::ffff:198.51.100.9', LATER)];
    const second = asked({ action: 'allow', ttlSeconds: 0 }, { kept: rest });
    expect(second).toMatchObject({ kind: 'act', untold: [{ input: { key: CIDR, ifVersion: 2 } }] });
    expect(second).not.toHaveProperty('more');
    expect(written(second)).toMatchObject([['::ffff:198.51.100.9', 2, value]]);
  });

  it('says which wider network is allowed still', () => {
    const allow = [allowing(CIDR, LATER), allowing('198.51.100.0/30', null), allowing('198.51.100.0/24', LATER)];
    expect(
      asked({ action: 'allow', ttlSeconds: 0 }, { allowed: allowing(CIDR, LATER), guard: { allow } }),
    ).toMatchObject({
      because: `mara takes back that ${CIDR} is allowed; it still is by 198.51.100.0/24`,
      evidence: { stillAllowedBy: '198.51.100.0/24' },
    });
    const past = { guard: { allow: [allowing('198.51.100.0/24', PAST)] } };
    expect(asked({ action: 'allow', ttlSeconds: 0 }, past).evidence).not.toHaveProperty('stillAllowedBy');
  });

  it('tells what this very run has written and not told', () => {
    expect(asked({ action: 'allow', ttlSeconds: 60 }, { allowed: allowing(CIDR, LATER, 'run-1') })).toMatchObject({
      kind: 'nothing',
      code: 'allowed',
      untold: [{ input: { ifVersion: 1 } }],
    });
    expect(asked({ action: 'allow', ttlSeconds: 0 }, { allowed: allowing(CIDR, NOW, 'run-1') })).toMatchObject({
      kind: 'nothing',
      code: 'no-longer-allowed',
      untold: [{ input: { ifVersion: 1 } }],
    });
  });

  it.each(['allow', 'share'] as const)('is refused without a network, too wide or too long: %s', (action) => {
    expect(asked({ action, cidr: null })).toMatchObject({
      kind: 'refuse',
      code: 'no-address',
      because: `say which address or cidr to ${action}`,
    });
    expect(asked({ action, cidr: '198.51.0.0/15' })).toMatchObject({ kind: 'refuse', code: 'too-wide' });
    expect(asked({ action, ttlSeconds: 59 })).toMatchObject({ kind: 'refuse', code: 'ttl-out-of-range' });
  });
});

describe('a request to share', () => {
  it.each([
    ['the network', CIDR, [CIDR], true],
    ['the address in another spelling', '::ffff:198.51.100.9', [CIDR], true],
    ['a name', 'carriers', [CIDR], false],
    ['the network, with other ranges', CIDR, [CIDR, '203.0.113.0/24'], false],
    ['the network, with another range', CIDR, ['203.0.113.0/24'], false],
  ])('is about a row that is called %s: %s %j %s', (_called, source, ranges, isOwn) => {
    expect(isSharedRowOf({ source, ranges, version: 1 }, CIDR)).toBe(isOwn);
  });

  it('writes a row of the network with its end', () => {
    const decision = asked({ action: 'share', ttlSeconds: 3_600 }, { row: row(CIDR, reason('INC-1')) });
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'shared',
      because: `mara says until ${LATER} that many people share ${CIDR}: what is blocked there is for a short time, at web ACLs only`,
      evidence: { cidr: CIDR, until: LATER, blockedFor: ['INC-1'] },
      plan: [{ input: { partition: 'shared-egress', expiresAt: '2026-12-22T09:00:00.000Z' } }],
    });
    expect(written(decision)).toEqual([
      [CIDR, 0, { ranges: [CIDR], why: 'credential stuffing', by: 'mara', until: LATER, run: 'run-1' }],
    ]);
  });

  it('has nothing to do where it is shared for longer', () => {
    expect(asked({ action: 'share', ttlSeconds: 60 }, { kept: [kept(CIDR, LATER)] })).toMatchObject({
      kind: 'nothing',
      because: `${CIDR} is shared already`,
    });
  });

  it('is taken back by no time at all, and says which list shares it still', () => {
    const sharedEgress = [
      { source: CIDR, ranges: [CIDR], version: 2 },
      { source: 'over', ranges: ['198.51.100.0/24'], version: 1, until: PAST },
      { source: 'carriers', ranges: ['203.0.113.0/24', '198.51.100.0/24'], version: 1 },
    ];
    const decision = asked({ action: 'share', ttlSeconds: 0 }, { kept: [kept(CIDR, null)], guard: { sharedEgress } });
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'no-longer-shared',
      because: `mara takes back that ${CIDR} is shared; it still is by carriers`,
      evidence: { stillSharedBy: 'carriers' },
    });
    expect(written(decision)).toMatchObject([[CIDR, 2, { ranges: [CIDR], until: NOW }]]);
    expect(asked({ action: 'share', ttlSeconds: 0 }, { guard: { sharedEgress } })).toMatchObject({
      kind: 'nothing',
      code: 'as-it-is',
      because: `${CIDR} is not shared already; it still is by carriers`,
    });
  });
});
