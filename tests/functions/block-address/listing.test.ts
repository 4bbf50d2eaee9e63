/** What is made of lists: their versions as S3 tells of them, and what a person asks about them. */

import { describe, expect, it } from 'vitest';
import { undoRequest } from '../../../functions/block-address/aws.ts';
import { requestOf } from '../../../functions/block-address/aws/requests.ts';
import { decide, targetOf, type Ask } from '../../../functions/block-address/decide.ts';
import { listRowsOf, listSettingsOf, type ListRow } from '../../../shared/judgement/blocklist/list-rows.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import { writeOf } from '../../../shared/kernel/ledger/planned-write.ts';
import { factsOf, LATER, LIMITS, NOW, PAST, type Scene } from './scene.ts';

const NAME = 'lists-example/drop.txt';
const IN_A_WEEK = '2026-11-29T08:00:00.000Z';
const POLICY = { use: 'block', widestIpv4: 16, widestIpv6: 32, maxLossPercent: 50, ttlSeconds: 604_800 } as const;
const OBJECT = { bucket: 'lists-example', key: 'drop.txt', versionId: 'v2', etag: '"e2"', sequencer: '0A2' };
const ROW: ListRow = {
  name: NAME,
  object: { ...OBJECT, versionId: 'v1', etag: '"e1"', sequencer: '0A1' },
  policy: POLICY,
  isForced: false,
  by: 'S3',
  why: '',
  from: PAST,
  until: LATER,
  delivery: 'before',
  run: 'run-0',
  version: 3,
};

type Offer = Partial<Extract<Ask, { readonly action: 'take-in' }>['object']>;

function offered(change: Offer = {}, lists: Scene['lists'] = {}): Decision {
  return decide(
    factsOf({ action: 'take-in', object: { ...OBJECT, sizeBytes: 10, ...change } }, { lists }),
    LIMITS,
    NOW,
  );
}

function asked(ask: Partial<Extract<Ask, { readonly list: string }>>, row: ListRow | null = ROW): Decision {
  const whole = { action: 'block', list: NAME, ttlSeconds: null, ...ask } as const;
  return decide(factsOf(whole, { lists: { rows: row === null ? [] : [row] } }), LIMITS, NOW);
}

/** The row that is written. */
function written(decision: Decision): ListRow | undefined {
  const [call] = decision.kind === 'act' ? decision.plan : [];
  if (call === undefined) return undefined;
  const { partition, key, value } = writeOf(call.input);
  return listRowsOf([{ partition, key, value, version: 0 }]).rows[0];
}

describe('a version that S3 tells of', () => {
  it('is one row, whatever it holds', () => {
    const decision = offered();
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'listed',
      evidence: { list: NAME, objectVersion: 'v2', use: 'block', until: IN_A_WEEK },
      plan: [{ call: 'ledger:write', input: { partition: 'list', key: NAME, ifVersion: 0 } }],
    });
    expect(written(decision)).toEqual({
      name: NAME,
      object: OBJECT,
      policy: POLICY,
      isForced: false,
      by: 'mara',
      why: 'credential stuffing',
      from: NOW,
      until: IN_A_WEEK,
      delivery: 'now',
      run: 'run-1',
      version: 0,
    });
  });

  it('takes the place of the one before it', () => {
    expect(offered({}, { rows: [ROW] })).toMatchObject({ kind: 'act', plan: [{ input: { ifVersion: 3 } }] });
  });

  it('is read as the operator wants that list to be read', () => {
    const settings = { use: 'allow', widestIpv6: 29, ttlSeconds: 3_600 } as const;
    expect(written(offered({}, { settings }))).toMatchObject({
      policy: { ...POLICY, ...settings },
      until: LATER,
    });
  });

  it.each([
    ['has no version', { versionId: null }, 'list-unversioned'],
    ['is longer than what is read', { sizeBytes: 1_001 }, 'list-too-large'],
    ['is empty', { sizeBytes: 0 }, 'list-empty'],
  ])('that %s is refused, and people are told', (_what, change, code) => {
    expect(offered(change)).toMatchObject({ kind: 'refuse', code, attention: true });
  });

  it('is refused where it cannot be known how it is to be read', () => {
    expect(offered({}, { settingsFault: 'ledger list-settings/x: use: expected block or allow' })).toMatchObject({
      kind: 'refuse',
      code: 'list-settings-unreadable',
      attention: true,
    });
  });

  it('may have as many bytes as are read, or not say how many it has', () => {
    expect(offered({ sizeBytes: 1_000 }).code).toBe('listed');
    expect(offered({ sizeBytes: null }).code).toBe('listed');
  });

  it('that is told of twice is written once', () => {
    const row = { ...ROW, object: OBJECT };
    expect(offered({}, { rows: [row] })).toMatchObject({ kind: 'nothing', code: 'already-listed' });
  });

  it('that comes after a newer one is passed over', () => {
    expect(offered({ sequencer: '0A' }, { rows: [ROW] })).toMatchObject({ kind: 'nothing', code: 'superseded' });
    expect(offered({ sequencer: '0A10' }, { rows: [ROW] }).code).toBe('listed');
    expect(offered({ sequencer: null }, { rows: [ROW] }).code).toBe('listed');
  });

  it('is not taken in for a day after somebody has unlisted the list', () => {
    const ended = { by: 'kim', run: 'run-7' };
    const decision = offered({}, { rows: [{ ...ROW, until: PAST, ended }] });
    expect(decision).toMatchObject({ kind: 'refuse', code: 'unlisted-by-hand', attention: true });
    expect(decision.because).toContain(`kim unlisted ${NAME} at ${PAST}`);
    const longAgo = { ...ROW, until: '2026-11-21T08:00:00.000Z', ended };
    expect(offered({}, { rows: [longAgo] }).code).toBe('listed');
  });

  it('is told by the run that has written it and died', () => {
    const row = { ...ROW, object: OBJECT, run: 'run-1' };
    expect(offered({}, { rows: [row] })).toMatchObject({
      kind: 'nothing',
      code: 'listed',
      untold: [{ input: { key: NAME, ifVersion: 2 } }],
    });
  });
});

describe('what a person asks about a list', () => {
  it('names it by its name, its address in S3, or its key', () => {
    for (const list of [NAME, `s3://${NAME}`, 'drop.txt']) expect(asked({ list }).code).toBe('listed');
    expect(asked({ list: 'other.txt' })).toMatchObject({
      kind: 'refuse',
      code: 'no-such-list',
      evidence: { known: [NAME] },
    });
  });

  it('names none by a key that two have', () => {
    const other = { ...ROW, name: 'elsewhere/drop.txt', object: { ...ROW.object, bucket: 'elsewhere' } };
    const ask = { action: 'block', list: 'drop.txt', ttlSeconds: null } as const;
    expect(decide(factsOf(ask, { lists: { rows: [ROW, other] } }), LIMITS, NOW).code).toBe('no-such-list');
  });

  it('lists it as it is, whatever it has lost, and also if it was unlisted', () => {
    const row = { ...ROW, until: PAST, ended: { by: 'kim', run: 'run-7' } };
    const again = written(asked({ ttlSeconds: 3_600 }, row));
    expect(again).toMatchObject({ isForced: true, by: 'mara', until: LATER, object: ROW.object });
    expect(again).not.toHaveProperty('ended');
  });

  it('may be that its networks are allowed', () => {
    expect(written(asked({ action: 'allow' }))).toMatchObject({ policy: { ...POLICY, use: 'allow' } });
  });

  it('ends it, once', () => {
    expect(written(asked({ action: 'unblock' }))).toMatchObject({ until: NOW, ended: { by: 'mara', run: 'run-1' } });
    expect(asked({ action: 'unblock' }, { ...ROW, until: PAST })).toMatchObject({
      kind: 'nothing',
      code: 'not-listed',
    });
    const ended = { ...ROW, until: NOW, ended: { by: 'mara', run: 'run-1' } };
    expect(asked({ action: 'unblock' }, ended)).toMatchObject({ kind: 'nothing', code: 'unlisted', untold: [{}] });
  });

  it('makes it hold for longer, and never for shorter', () => {
    expect(written(asked({ action: 'extend', ttlSeconds: 7_200 }))).toMatchObject({
      until: '2026-11-22T10:00:00.000Z',
    });
    expect(asked({ action: 'extend', ttlSeconds: 60 })).toMatchObject({ kind: 'nothing', code: 'long-enough' });
    expect(asked({ action: 'extend' }, { ...ROW, until: PAST })).toMatchObject({ kind: 'nothing', code: 'not-listed' });
    expect(asked({ action: 'extend', ttlSeconds: 59 })).toMatchObject({ kind: 'refuse', code: 'ttl-out-of-range' });
  });

  it('is told by the run that has written it and died', () => {
    const own = { ...ROW, run: 'run-1' };
    expect(asked({}, own)).toMatchObject({ kind: 'nothing', code: 'listed', untold: [{}] });
    expect(asked({ action: 'extend', ttlSeconds: 7_200 }, own)).toMatchObject({ code: 'extended', untold: [{}] });
  });

  it('is taken back by unblocking what stands for it', () => {
    const decision = asked({});
    const plan = decision.kind === 'act' ? decision.plan : [];
    const params = { action: 'unblock', incident: `list/${NAME}` } as const;
    expect(undoRequest(`list/${NAME}`, plan)).toEqual({ runbook: 'block-address', params });
    const delivery = { kind: 'request', id: 'r', runbook: 'block-address', params, dryRun: false } as const;
    expect(requestOf.person(params, delivery).asks).toEqual([{ action: 'unblock', list: NAME, ttlSeconds: null }]);
  });

  it('stands beside no address', () => {
    const delivery = { kind: 'request', id: 'r', runbook: 'block-address', params: {}, dryRun: false } as const;
    expect(() => requestOf.person({ action: 'block', list: NAME, address: '198.51.100.9' }, delivery)).toThrow(
      'params.list: give either a list, or an address',
    );
  });
});

it('has the name of the list for its target, however it is written', () => {
  expect(targetOf({ action: 'take-in', object: { ...OBJECT, sizeBytes: 1 } })).toBe(`list/${NAME}`);
  expect(targetOf({ action: 'block', list: `s3://${NAME}`, ttlSeconds: null })).toBe(`list/${NAME}`);
});

describe('an operator’s settings of a list', () => {
  const item = { partition: 'list-settings', key: NAME, version: 1 };

  it('say what they say', () => {
    expect(listSettingsOf({ ...item, value: { use: 'allow', widestIpv4: 12 } })).toEqual({
      use: 'allow',
      widestIpv4: 12,
    });
    expect(listSettingsOf({ ...item, value: { use: 'shared-egress' } })).toEqual({ use: 'shared-egress' });
  });

  it.each([
    [{ use: 'deny' }, 'use: expected block, allow or shared-egress'],
    [{ widestIpv4: 0 }, 'widestIpv4: expected a whole number from 1 to 32'],
    [{ widestIpv6: '29' }, 'widestIpv6: expected a whole number from 1 to 128'],
    [{ maxLossPercent: 101 }, 'maxLossPercent: expected a whole number from 0 to 100'],
    [{ ttlSeconds: 59 }, 'ttlSeconds: expected a whole number from 60 to 2592000'],
    [{ ttl: 60 }, 'ttl: unknown'],
  ])('%j are refused by name', (value, message) => {
    expect(() => listSettingsOf({ ...item, value })).toThrow(`ledger list-settings/${NAME}: ${message}`);
  });
});
