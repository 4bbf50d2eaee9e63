import { describe, expect, it } from 'vitest';
import { nearest } from '../../../cli/operate/did-you-mean.ts';
import { callerText } from '../../../cli/operate/header.ts';
import { shortIds, typedRun } from '../../../cli/operate/short-ids.ts';
import { daysBetween, momentText, spanText } from '../../../cli/operate/times.ts';

const NUMBERED = Array.from(
  { length: 300 },
  (_, index) => `0cd8620b-0000-4000-8000-${String(index).padStart(12, '0')}`,
);

describe('short ids', () => {
  it('are the shortest beginning that is one run alone', () => {
    expect([...shortIds(['0b8f6d3e-5c41', '0b8f6d3f-5c41', 'aa11bb22cc', 'short']).values()]).toEqual([
      '0b8f6d3e',
      '0b8f6d3f',
      'aa11bb',
      'short',
    ]);
  });

  it('are a beginning and an end where all begin alike', () => {
    expect([...shortIds(NUMBERED).values()].slice(0, 2)).toEqual(['0cd862..0000', '0cd862..0001']);
  });

  const named = (digit: string): string =>
    `carry-volumes_aa45f0d3-81ec-4f11-a8c8-85_1c16d3d00bc37d2f919a/2f9c1f6e-1111-4222-8333-${digit.repeat(12)}`;

  it('of an execution with a name are told by what Lambda made, also where no other is listed', () => {
    expect([...shortIds([named('a')]).values()]).toEqual(['carry-..aaaaaaaa']);
    expect([...shortIds(['0b8f6d3e-5c41/2f9c1f6e-1111-4222-8333-000000000000']).values()]).toEqual(['0b8f6d']);
  });

  it('each name one run', () => {
    const ids = [
      ...NUMBERED,
      named('a'),
      named('b'),
      named('a').replace('2f9c', '3f9c'),
      '0b8f6d3e-5c41',
      '0b8f6d3f-5c41',
      'flush-E1_2/11',
      'flush-E1_2/12',
      'a',
    ];
    for (const [id, short] of shortIds(ids)) expect(ids.filter((one) => typedRun(short).isMeant(one))).toEqual([id]);
  });

  it('do not overlap', () => {
    expect(typedRun('abc..bcd').isMeant('abcd')).toBe(false);
    expect(typedRun('abc..bcd').isMeant('abcbcd')).toBe(true);
  });
});

describe('names', () => {
  it.each([
    ['stop-makred', 'stop-marked'],
    ['heal', 'heal-bastion'],
    ['frobnicate', undefined],
    ['', undefined],
  ])('%s is taken for %s', (typed, meant) => {
    expect(nearest(typed, ['stop-marked', 'heal-bastion', 'flush-caches'])).toBe(meant);
  });

  it.each([
    ['arn:aws:sts::111122223333:assumed-role/oncall/kim', 'role oncall (kim)'],
    ['arn:aws-cn:iam::111122223333:user/team/kim', 'user kim'],
    ['arn:aws:iam::111122223333:root', 'root of the account'],
    ['kim', 'kim'],
  ])('of who asks: %s', (caller, words) => {
    expect(callerText(caller)).toBe(words);
  });
});

describe('times', () => {
  it.each([
    [59_999, '59 s'],
    [60_000, '1 min'],
    [7_500_000, '2 h 5 min'],
    [7_200_000, '2 h'],
    [100_000_000, '1 d 3 h'],
    [-5, '0 s'],
    [Number.NaN, '?'],
  ])('a span of %i ms is %s', (ms, words) => {
    expect(spanText(ms)).toBe(words);
  });

  it.each([
    ['2026-11-22T08:02:07.117Z', '08:02:07'],
    ['2026-11-21T08:02:07.117Z', '11-21 08:02:07'],
    ['2025-11-21T08:02:07.117Z', '2025-11-21 08:02:07'],
    ['', '?'],
    ['yesterday', 'yesterday'],
  ])('%s is shown as %s', (at, words) => {
    expect(momentText(at, '2026-11-22T08:05:00Z')).toBe(words);
  });

  it('days are in order, both ends among them', () => {
    expect(daysBetween(Date.parse('2026-11-30T23:59:59Z'), Date.parse('2026-12-01T00:00:00Z'))).toEqual([
      '2026-11-30',
      '2026-12-01',
    ]);
  });
});
