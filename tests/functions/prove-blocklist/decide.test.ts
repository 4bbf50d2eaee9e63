import { expect, test } from 'vitest';
import { decide } from '../../../functions/prove-blocklist/decide.ts';
import { allowed } from '../../shared/judgement/blocklist/ledger-facts.ts';
import { attached, BALANCER, blocked, facts, LIMITS, NOW, sample, tagged, webAcl } from './proof-facts.ts';

function said(change: Parameters<typeof facts>[0] = {}): ReturnType<typeof decide> {
  return decide(facts(change), LIMITS, NOW);
}

test('a block that is written and enforced is proved, with where, and nobody seen is told as not seen', () => {
  const decision = said();
  expect(decision).toMatchObject({
    kind: 'nothing',
    code: 'proved',
    because: 'edge: 1 block standing; in three hours nobody of them was seen; every layer that is tagged is enforced',
    evidence: {
      blocklist: 'edge',
      accepted: 1,
      seen: 'not seen',
      sets: [
        {
          set: 'edge-v4',
          webAcl: 'shop',
          status: 'enforced',
          attachedTo: 1,
          resources: [BALANCER],
          attachmentsReadAt: '2026-11-22T07:59:00.000Z',
          attachmentsAgeSeconds: 60,
        },
      ],
    },
  });
  expect(decision).not.toHaveProperty('attention');
});

test('who was seen blocked is told with when and by which rule', () => {
  const webAcls = [webAcl({ samples: [sample('198.51.100.7/32', 'BLOCK', -300)] })];
  expect(said({ webAcls })).toMatchObject({
    code: 'proved',
    because:
      'edge: 1 block standing; in three hours 1 request of theirs seen blocked; every layer that is tagged is enforced',
    evidence: {
      seen: '1 request blocked, 0 still allowed',
      seenBlocked: [{ address: '198.51.100.7/32', at: '2026-11-22T07:55:00.000Z', rule: 'block-edge', webAcl: 'shop' }],
    },
  });
});

test('an empty ledger is proved of its layers alone', () => {
  expect(said({ ledger: { blocks: [] }, sets: [tagged([])] })).toMatchObject({
    code: 'proved',
    evidence: { accepted: 0 },
  });
});

test('what could not be read is told, and people hear that the proof is not whole', () => {
  expect(said({ unread: ['load balancers: AccessDenied: no'] })).toMatchObject({
    kind: 'nothing',
    code: 'partly-proved',
    attention: true,
    because:
      'edge: 1 block standing; in three hours nobody of them was seen; not known: load balancers: AccessDenied: no',
    evidence: { unread: ['load balancers: AccessDenied: no'] },
  });
});

test('rows that cannot be read make the proof no whole one either', () => {
  const decision = said({ ledger: { unreadable: ['ledger block/x: not a network'] } });
  expect(decision).toMatchObject({
    code: 'partly-proved',
    evidence: { unreadable: ['ledger block/x: not a network'] },
  });
});

test('a reading of attachments by this run is remembered, one that is known already is not written again', () => {
  const webAcls = [webAcl({ isReadNow: true, attached: attached({ at: NOW }) })];
  expect(said({ webAcls }).remember).toEqual({
    'attached:7f1c2a34-5b7d-4e89-9a01-23c4d5e6f789': `{"at":"${NOW}","readAt":"2026-11-22T07:59:00.000Z","isWhole":true,"count":1,"hadSome":false,"names":["${BALANCER}"]}`,
  });
  expect(said()).not.toHaveProperty('remember');
});

test('it is remembered beside a refusal, too, and what is of no use any more is forgotten', () => {
  const webAcls = [webAcl({ isReadNow: true, attached: attached({ at: NOW, count: 0, names: [] }) })];
  expect(said({ webAcls, forget: ['attached:gone'] })).toMatchObject({
    kind: 'refuse',
    remember: {
      'attached:gone': null,
      'attached:7f1c2a34-5b7d-4e89-9a01-23c4d5e6f789': `{"at":"${NOW}","readAt":"2026-11-22T07:59:00.000Z","isWhole":true,"count":0,"hadSome":false,"names":[]}`,
    },
  });
});

test('of an address by hand is told since when and until when it is blocked, and as which network', () => {
  const ledger = { blocks: [blocked('198.51.100.0/24'), blocked('203.0.113.9/32')] };
  const decision = said({ ledger, sets: [tagged(['198.51.100.0/24'])], address: '198.51.100.7/32' });
  expect(decision).toMatchObject({
    code: 'proved',
    evidence: {
      address: '198.51.100.7/32',
      accepted: 1,
      blockedAs: ['198.51.100.0/24 from 2026-11-22T07:00:00.000Z until 2026-11-22T09:00:00.000Z'],
    },
  });
});

test('an address that nobody has asked for is not blocked', () => {
  expect(said({ address: '203.0.113.9/32' })).toMatchObject({ kind: 'nothing', code: 'not-blocked' });
});

test('an address whose time is over is not blocked', () => {
  const over = { ...blocked('198.51.100.7/32'), reasons: [] };
  expect(said({ ledger: { blocks: [over] }, address: '198.51.100.7/32' })).toMatchObject({ code: 'not-blocked' });
});

test('an address that is allowed inside a range is told as allowed, though the range is blocked', () => {
  const ledger = { blocks: [blocked('198.51.100.0/24')], allow: [allowed('198.51.100.7/32')] };
  expect(said({ ledger, address: '198.51.100.7/32' })).toMatchObject({ kind: 'nothing', code: 'allowed' });
});
