import { expect, test } from 'vitest';
import { decide } from '../../../functions/prove-blocklist/decide.ts';
import { allowed } from '../../shared/judgement/blocklist/ledger-facts.ts';
import { acl, blocked, facts, LIMITS, NOW, tagged } from './proof-facts.ts';

function said(change: Parameters<typeof facts>[0] = {}, limits = LIMITS): ReturnType<typeof decide> {
  return decide(facts(change), limits, NOW);
}

const denial = (cidr: string, ruleNumber: number) => ({
  ruleNumber,
  action: 'deny' as const,
  protocol: '-1',
  egress: false,
  family: 'IPV4' as const,
  cidr,
});

test('a block that stands for two ticks and is in no set is not written, and people hear of it', () => {
  expect(said({ sets: [tagged(['203.0.113.1/32'])] })).toMatchObject({
    kind: 'refuse',
    code: 'not-written',
    attention: true,
    because: 'edge: 198.51.100.7/32 in edge-v4 is not written',
    evidence: { notWritten: ['198.51.100.7/32 in edge-v4'] },
  });
});

test.each([
  [119, 'proved'],
  [120, 'not-written'],
])('a block of %i s that is not there ends as %s', (age, code) => {
  const ledger = { blocks: [blocked('198.51.100.7/32', age)] };
  expect(said({ ledger, sets: [tagged(['203.0.113.1/32'])] })).toMatchObject({ code });
});

test('a block stands as a wider network, as the pieces around whom is allowed, or as two halves', () => {
  const ledger = { blocks: [blocked('198.51.100.0/30')] };
  expect(said({ ledger, sets: [tagged(['198.51.100.0/24'])] })).toMatchObject({ code: 'proved' });
  expect(said({ ledger, sets: [tagged(['198.51.100.0/31', '198.51.100.2/31'])] })).toMatchObject({ code: 'proved' });
  const around = { ...ledger, allow: [allowed('198.51.100.0/32')] };
  const pieces = tagged(['198.51.100.1/32', '198.51.100.2/31']);
  expect(said({ ledger: around, sets: [pieces] })).toMatchObject({ code: 'proved' });
  expect(said({ ledger, sets: [pieces] })).toMatchObject({ code: 'not-written' });
});

test('who is allowed, of the account itself or of special use need not be written', () => {
  const blocks = [blocked('198.51.100.7/32'), blocked('203.0.113.9/32'), blocked('10.0.0.1/32')];
  const neverBlock = [{ source: 'addresses', ranges: ['203.0.113.9/32'], version: 1 }];
  const ledger = { blocks, neverBlock, allow: [allowed('198.51.100.7/32')] };
  expect(said({ ledger, sets: [tagged(['192.0.2.1/32'])] })).toMatchObject({ code: 'proved' });
});

test('an allowance that is over protects nobody', () => {
  const ledger = {
    blocks: [blocked('198.51.100.7/32')],
    allow: [allowed('198.51.100.7/32', '2026-11-22T07:59:59.000Z')],
  };
  expect(said({ ledger, sets: [tagged(['192.0.2.1/32'])] })).toMatchObject({ code: 'not-written' });
});

test('what has no room in a full set is told apart, and is no refusal', () => {
  const decision = said({ sets: [tagged(['203.0.113.1/32'])] }, { ...LIMITS, setCapacity: 1 });
  expect(decision).toMatchObject({
    code: 'proved',
    because:
      'edge: 1 block standing; 1 without room; in three hours nobody of them was seen; every layer that is tagged is enforced',
    evidence: { withoutRoom: ['198.51.100.7/32 in edge-v4'] },
  });
});

test('sets that share the blocklist by their numbers have it together, each other one all of it', () => {
  const one = tagged(['203.0.113.1/32'], { isNumbered: true });
  const other = tagged(['198.51.100.7/32'], { arn: 'arn:other', name: 'edge-v4-2', isNumbered: true });
  const shared = { ledger: {}, sets: [one, other] };
  expect(said(shared).evidence).not.toHaveProperty('notWritten');
  const apart = [one, other].map((set) => ({ ...set, isNumbered: false }));
  expect(said({ sets: apart }).evidence).toMatchObject({ notWritten: ['198.51.100.7/32 in edge-v4'] });
});

test('a block of a family for which nothing is tagged is written nowhere', () => {
  const ledger = { blocks: [blocked('2001:db8::7/128')] };
  expect(said({ ledger })).toMatchObject({
    code: 'not-written',
    evidence: { notWritten: ['2001:db8::7/128 anywhere: nothing of its family is tagged'] },
  });
});

test('while a set, a guard or a list of whom to allow cannot be read nobody says that something is missing', () => {
  const elsewhere = tagged(['203.0.113.1/32']);
  const unreadable = tagged([], { arn: 'arn:other', name: 'other', content: null });
  const known = { notKnown: ['198.51.100.7/32 in edge-v4'] };
  const unread = said({ sets: [elsewhere, unreadable], unread: ['IP set other: AccessDenied: no'] });
  expect(unread.evidence).toMatchObject(known);
  expect(
    said({ sets: [elsewhere], ledger: { blocks: [blocked('198.51.100.7/32')], guardFaults: ['allow/x'] } }),
  ).toMatchObject({
    code: 'partly-proved',
    evidence: known,
  });
  expect(said({ sets: [elsewhere], hasGuardLists: true }).evidence).toMatchObject(known);
});

test('a network ACL holds a block as a denial of all protocols, and what many people share is not its to hold', () => {
  const blocks = [blocked('198.51.100.7/32'), blocked('203.0.113.0/24')];
  const sharedEgress = [{ source: 'carrier', ranges: ['203.0.113.0/24'], version: 1 }];
  const bare = { ledger: { blocks, sharedEgress }, sets: [], webAcls: [] };
  const there = acl({ entries: [denial('198.51.100.7/32', 99)] });
  expect(said({ ...bare, acls: [there] })).toMatchObject({ code: 'proved' });
  const tcpOnly = acl({ entries: [{ ...denial('198.51.100.7/32', 99), protocol: '6' }] });
  expect(said({ ...bare, acls: [tcpOnly] })).toMatchObject({
    code: 'not-written',
    evidence: { notWritten: ['198.51.100.7/32 in acl-0a1f9d3c5e7b24860'] },
  });
});

test('a network ACL with all its rules has no room', () => {
  const full = acl({ entries: Array.from({ length: 20 }, (_none, index) => denial(`192.0.2.${index}/32`, index + 1)) });
  expect(said({ sets: [], webAcls: [], acls: [full] })).toMatchObject({
    code: 'proved',
    evidence: { withoutRoom: ['198.51.100.7/32 in acl-0a1f9d3c5e7b24860'] },
  });
});

test('a prefix list holds a block, has no room, or cannot be read', () => {
  const list = { id: 'pl-1', name: 'edge', family: 'IPV4' as const, maxEntries: 2, entries: ['198.51.100.7/32'] };
  const bare = { sets: [], webAcls: [] };
  expect(said({ ...bare, prefixLists: [list] })).toMatchObject({
    code: 'proved',
    evidence: { prefixLists: [{ prefixList: 'pl-1', name: 'edge', status: 'references not looked at' }] },
  });
  expect(said({ ...bare, prefixLists: [{ ...list, entries: ['192.0.2.1/32'] }] })).toMatchObject({
    code: 'not-written',
  });
  const full = { ...list, entries: ['192.0.2.1/32', '192.0.2.2/32'] };
  expect(said({ ...bare, prefixLists: [full] }).evidence).toMatchObject({ withoutRoom: ['198.51.100.7/32 in pl-1'] });
  expect(said({ ...bare, prefixLists: [{ ...list, entries: null }] }).evidence).toMatchObject({
    notKnown: ['198.51.100.7/32 in pl-1'],
  });
});

test('of what many people share a set holds nothing a quarter of an hour after it was asked for', () => {
  const sharedEgress = [{ source: 'carrier', ranges: ['203.0.113.0/24'], version: 1 }];
  const shared = (age: number) => ({ blocks: [blocked('203.0.113.9/32', age)], sharedEgress });
  expect(said({ ledger: shared(901), sets: [tagged(['192.0.2.1/32'])] })).toMatchObject({ code: 'proved' });
  expect(said({ ledger: shared(300), sets: [tagged(['192.0.2.1/32'])] })).toMatchObject({ code: 'not-written' });
});

test('somebody who asks for such an address is told that it was let go, and not that it is proved', () => {
  const sharedEgress = [{ source: 'carrier', ranges: ['203.0.113.0/24'], version: 1 }];
  const ledger = { blocks: [blocked('203.0.113.9/32', 901)], sharedEgress };
  expect(said({ address: '203.0.113.9/32', ledger, sets: [tagged(['192.0.2.1/32'])] })).toMatchObject({
    kind: 'nothing',
    code: 'let-go',
    because: '203.0.113.9/32 is shared by many people: it was let go a quarter of an hour after it was asked for',
  });
});

test('an address that is asked for and has no room somewhere is not proved', () => {
  const full = acl({ entries: Array.from({ length: 20 }, (_none, index) => denial(`192.0.2.${index}/32`, index + 1)) });
  expect(said({ address: '198.51.100.7/32', acls: [full] })).toMatchObject({
    kind: 'refuse',
    code: 'without-room',
    because: 'edge: 198.51.100.7/32 in acl-0a1f9d3c5e7b24860 has no room',
    evidence: { withoutRoom: ['198.51.100.7/32 in acl-0a1f9d3c5e7b24860'] },
  });
});

test('a network ACL with more than the usual rules has had its quota raised, and has room up to forty', () => {
  const some = (count: number) =>
    acl({ entries: Array.from({ length: count }, (_none, index) => denial(`192.0.2.${index}/32`, index + 1)) });
  const bare = { sets: [], webAcls: [] };
  expect(said({ ...bare, acls: [some(21)] })).toMatchObject({ code: 'not-written' });
  expect(said({ ...bare, acls: [some(40)] })).toMatchObject({ code: 'proved' });
});

test('a prefix list of which nobody says how many it takes is not full, and one ACL that cannot be read is not known', () => {
  const list = { id: 'pl-1', name: 'edge', family: 'IPV4' as const, maxEntries: null, entries: ['192.0.2.1/32'] };
  const bare = { sets: [], webAcls: [] };
  expect(said({ ...bare, prefixLists: [list] })).toMatchObject({ code: 'not-written' });
  expect(said({ ...bare, acls: [acl({ entries: null })], unread: ['network ACL acl-1: odd'] })).toMatchObject({
    code: 'partly-proved',
    evidence: {
      notKnown: ['198.51.100.7/32 in acl-0a1f9d3c5e7b24860'],
      acls: [{ status: 'entries-unread', said: 'the entries of acl-0a1f9d3c5e7b24860 could not be read' }],
    },
  });
});

test('while a list of what many people share cannot be read nobody says that something is missing', () => {
  expect(said({ sets: [tagged(['203.0.113.1/32'])], hasGuardLists: true }).evidence).not.toHaveProperty('notWritten');
});
