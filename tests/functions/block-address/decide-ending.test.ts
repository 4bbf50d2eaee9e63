/** What block-address does about requests to unblock, extend and allow, and on a tick. */

import { describe, expect, it } from 'vitest';
import { decide, type SourceReading } from '../../../functions/block-address/decide.ts';
import type { ListRow, ListUse } from '../../../shared/judgement/blocklist/list-rows.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import { NOW, PAST, LATER, CIDR, LIMITS, reason, row, asked, factsOf, written } from './scene.ts';

describe('a request to unblock', () => {
  it('ends every reason of the network, and says what still covers it', () => {
    const own = row(CIDR, reason('INC-1'), reason('INC-2'), reason('INC-0', PAST));
    const rows = [
      own,
      row('198.51.100.0/24', reason('INC-3')),
      row('198.51.100.8/30', reason('INC-4')),
      row('198.51.100.8/29', reason('X', PAST)),
    ];
    const decision = asked({ action: 'unblock' }, { row: own, rows });
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'unblocked',
      because: `mara asks for ${CIDR} to be unblocked; it is still covered by 198.51.100.8/30 (INC-4)`,
      evidence: { incidents: ['INC-1', 'INC-2'], stillCoveredBy: '198.51.100.8/30', stillCoveredFor: ['INC-4'] },
    });
    const ended = { ended: { by: 'mara', run: 'run-1' } };
    expect(written(decision)).toEqual([
      [CIDR, 3, { reasons: [reason('INC-1', NOW, ended), reason('INC-2', NOW, ended), reason('INC-0', PAST)] }],
    ]);
  });

  it('ends one reason where an incident is named with it', () => {
    const own = row(CIDR, reason('INC-1'), reason('INC-2'));
    expect(written(asked({ action: 'unblock', incident: 'INC-2' }, { row: own }))).toEqual([
      [CIDR, 3, { reasons: [reason('INC-1'), expect.objectContaining({ incident: 'INC-2', until: NOW })] }],
    ]);
  });

  it('ends an incident everywhere, in as many passes as it needs', () => {
    const rows = ['a', 'b', 'c'].map((_name, index) => row(`198.51.100.${index}/32`, reason('INC-1')));
    const decision = asked({ action: 'unblock', cidr: null, incident: 'INC-1' }, { rows });
    expect(written(decision).length).toBe(2);
    expect(decision).toMatchObject({
      more: true,
      evidence: { cidrs: ['198.51.100.0/32', '198.51.100.1/32', '198.51.100.2/32'] },
    });
    expect(asked({ action: 'unblock', cidr: null, incident: 'INC-1' }, { rows: rows.slice(1) })).not.toHaveProperty(
      'more',
    );
  });

  it('tells what this very run has ended before it died, with what it ends now', () => {
    const own = reason('INC-1', NOW, { ended: { by: 'mara', run: 'run-1' } });
    const rows = [row('198.51.100.1/32', own), row('198.51.100.2/32', reason('INC-1'))];
    expect(asked({ action: 'unblock', cidr: null, incident: 'INC-1' }, { rows })).toMatchObject({
      kind: 'act',
      evidence: { cidrs: ['198.51.100.1/32', '198.51.100.2/32'] },
      plan: [{ input: { key: '198.51.100.2/32' } }],
      untold: [{ input: { key: '198.51.100.1/32', ifVersion: 2 } }],
    });
  });

  it('has nothing to do where nothing is blocked, and says what covers it all the same', () => {
    expect(asked({ action: 'unblock' }, { rows: [row('198.51.100.0/24', reason('INC-3'))] })).toMatchObject({
      kind: 'nothing',
      code: 'not-blocked',
      because: `${CIDR} is not blocked; it is still covered by 198.51.100.0/24 (INC-3)`,
      evidence: { stillCoveredBy: '198.51.100.0/24' },
    });
  });

  it('says for what else the network is blocked', () => {
    const own = row(CIDR, reason('INC-1'), reason('INC-2'), reason('INC-0', PAST));
    expect(asked({ action: 'unblock', incident: 'INC-2' }, { row: own, rows: [own] })).toMatchObject({
      kind: 'act',
      because: `mara asks for ${CIDR} to be unblocked; it is still blocked for INC-1`,
      evidence: { incidents: ['INC-2'], stillBlockedFor: ['INC-1'] },
    });
    expect(asked({ action: 'unblock', incident: 'INC-9' }, { row: own, rows: [own] })).toMatchObject({
      kind: 'nothing',
      code: 'not-blocked',
      because: `${CIDR} is not blocked for INC-9; it is still blocked for INC-1, INC-2`,
      evidence: { stillBlockedFor: ['INC-1', 'INC-2'] },
    });
  });

  it('says what inside a range is blocked still, ten by name', () => {
    const inside = Array.from({ length: 11 }, (_none, index) => `198.51.100.${index}/32`);
    const rows = [...inside, '203.0.113.1/32'].map((cidr) => row(cidr, reason('INC-1')));
    const own = row('198.51.100.0/24', reason('INC-1'));
    const scene = { row: own, rows: [own, ...rows, row('198.51.100.99/32', reason('INC-1', PAST))] };
    const decision = asked({ action: 'unblock', cidr: '198.51.100.0/24' }, scene);
    expect(decision.evidence).toEqual({ cidrs: ['198.51.100.0/24'], incidents: ['INC-1'], stillBlockedInside: inside });
    expect(decision.because).toBe(
      `mara asks for 198.51.100.0/24 to be unblocked; inside it are still blocked ${inside.slice(0, 10).join(', ')} and 1 others`,
    );
  });

  it('says which of an incident’s networks something else holds', () => {
    const rows = [
      row('198.51.100.1/32', reason('INC-1'), reason('INC-2')),
      row('198.51.100.2/32', reason('INC-1')),
      row('203.0.113.5/32', reason('INC-1')),
      row('203.0.113.0/24', reason('INC-3')),
    ];
    expect(asked({ action: 'unblock', cidr: null, incident: 'INC-1' }, { rows })).toMatchObject({
      because:
        'mara asks for INC-1 to be unblocked; for other reasons are still blocked, at least in part: 198.51.100.1/32, 203.0.113.5/32',
      evidence: { stillHeld: ['198.51.100.1/32', '203.0.113.5/32'] },
    });
  });

  it('names the lists that may hold it, as nobody here knows what stands in them', () => {
    const listed = (name: string, use: ListUse, until: string): ListRow => ({
      name,
      object: { bucket: 'lists', key: name, versionId: 'v1', etag: null, sequencer: null },
      policy: { use, widestIpv4: 16, widestIpv6: 32, maxLossPercent: 50, ttlSeconds: 604_800 },
      isForced: false,
      by: 'S3',
      why: '',
      from: PAST,
      until,
      delivery: 'before',
      run: 'run-0',
      version: 1,
    });
    const rows = [
      listed('lists/drop.txt', 'block', LATER),
      listed('lists/partners.txt', 'allow', LATER),
      listed('lists/old.txt', 'block', PAST),
    ];
    expect(asked({ action: 'unblock' }, { lists: { rows } })).toMatchObject({
      code: 'not-blocked',
      because: `${CIDR} is not blocked; lists that may hold it: lists/drop.txt`,
      evidence: { mayBeListedIn: ['lists/drop.txt'] },
    });
    const blocked = row(CIDR, reason('INC-1'));
    const ofIncident = { action: 'unblock', cidr: null, incident: 'INC-1' } as const;
    expect(asked(ofIncident, { rows: [blocked], lists: { rows } }).because).toBe(
      'mara asks for INC-1 to be unblocked; lists that may hold them: lists/drop.txt',
    );
    expect(asked(ofIncident, { lists: { rows } }).because).toBe('INC-1 is not blocked');
  });

  it('tells what this very run has ended and not told', () => {
    const own = row(CIDR, reason('INC-1', NOW, { ended: { by: 'mara', run: 'run-1' } }));
    expect(asked({ action: 'unblock' }, { row: own })).toMatchObject({
      kind: 'nothing',
      code: 'unblocked',
      untold: [{ input: { ifVersion: 2 } }],
    });
  });
});

describe('a request to extend', () => {
  it('makes what is meant last longer, and nothing shorter', () => {
    const own = row(CIDR, reason('INC-1'), reason('INC-2', '2026-11-23T00:00:00.000Z'), reason('INC-3', PAST));
    expect(written(asked({ action: 'extend', ttlSeconds: 7_200 }, { row: own }))).toEqual([
      [
        CIDR,
        3,
        {
          reasons: [
            expect.objectContaining({ incident: 'INC-1', until: '2026-11-22T10:00:00.000Z' }),
            reason('INC-2', '2026-11-23T00:00:00.000Z'),
            reason('INC-3', PAST),
          ],
        },
      ],
    ]);
    expect(asked({ action: 'extend', ttlSeconds: 60 }, { row: own })).toMatchObject({
      kind: 'nothing',
      code: 'long-enough',
    });
    expect(asked({ action: 'extend', incident: 'INC-3', ttlSeconds: 60 }, { row: own })).toMatchObject({
      kind: 'nothing',
      code: 'not-blocked',
    });
  });

  it('is about all networks of an incident', () => {
    const rows = [row(CIDR, reason('INC-1')), row('203.0.113.5/32', reason('INC-2'))];
    const decision = asked({ action: 'extend', cidr: null, incident: 'INC-1', ttlSeconds: 7_200 }, { rows });
    expect(decision).toMatchObject({ code: 'extended', evidence: { cidrs: [CIDR] } });
  });

  it('is refused for a time that nobody may ask for', () => {
    expect(asked({ action: 'extend', ttlSeconds: 1 }, { row: row(CIDR, reason('INC-1')) })).toMatchObject({
      code: 'ttl-out-of-range',
    });
  });
});

describe('a tick', () => {
  const known = [
    { source: 'addresses', ranges: ['203.0.113.20/32'], version: 4 },
    { source: 'prefix-lists', ranges: ['64.252.64.0/18'], version: 1 },
  ];
  const read = (source: string, ranges: readonly string[] | null, fault: string | null = null): SourceReading => ({
    source,
    ranges,
    fault,
  });
  const ticked = (...sources: readonly SourceReading[]): Decision =>
    decide(factsOf({ action: 'read-never-block' }, { guard: { neverBlock: known }, sources }), LIMITS, NOW);

  it('writes nothing where nothing has changed, and remembers when it looked', () => {
    expect(ticked(read('addresses', ['203.0.113.20/32']))).toMatchObject({
      kind: 'nothing',
      code: 'unchanged',
      remember: { addresses: NOW },
    });
  });

  it('writes the sources that have changed, and no other', () => {
    const decision = ticked(
      read('addresses', ['203.0.113.20/32', '203.0.113.21/32']),
      read('prefix-lists', ['64.252.64.0/18']),
      read('vpcs', ['10.0.0.0/16']),
    );
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'never-block-changed',
      budget: 'free',
      remember: { 'prefix-lists': NOW },
      more: true,
    });
    expect(written(decision)).toEqual([
      ['addresses', 4, { ranges: ['203.0.113.20/32', '203.0.113.21/32'] }],
      ['vpcs', 0, { ranges: ['10.0.0.0/16'] }],
    ]);
    expect(decision.kind === 'act' && decision.plan[0]?.because).toBe(
      'addresses: 1 ranges more and 0 fewer may not be blocked',
    );
  });

  it.each([
    ['could not be read', read('addresses', null, 'AccessDenied: no'), 'addresses', 'AccessDenied: no'],
    [
      'came back empty though it never is',
      read('prefix-lists', []),
      'prefix-lists',
      'it came back empty, which it never is',
    ],
  ])('keeps the last good reading of a source that %s, and its time', (_what, reading, source, why) => {
    const decision = ticked(reading);
    expect(decision).toMatchObject({ kind: 'nothing', evidence: { unread: { [source]: why } }, remember: {} });
    expect(decision.because).toBe(
      `what may not be blocked is as it was; not read: ${source}, the last good reading stands`,
    );
  });

  it('believes that the last Elastic IP is gone', () => {
    expect(written(ticked(read('addresses', [])))).toEqual([['addresses', 4, { ranges: [] }]]);
  });
});
