/** What people are told of many letters: the counts add up, and they take so many bytes and no more. */

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { histogramOf, type Looked } from '../../../functions/redrive-dead-letters/decide/histogram.ts';
import { isBag } from '../../../shared/kernel/json.ts';
import { NOW } from './queue-facts.ts';

const DAY_S = 86_400;
const AGAINST = { now: NOW, retentionSeconds: 4 * DAY_S };

function secondsAgo(seconds: number): string {
  return new Date(Date.parse(NOW) - seconds * 1_000).toISOString();
}

function looked(of: Partial<Looked> = {}): Looked {
  return { source: 'orders', errorClass: null, sentAt: NOW, attempts: 0, fate: 'goes', print: '', ...of };
}

/** Letters that have nothing in common. */
function apart(count: number, of: (index: number) => Partial<Looked>): readonly Looked[] {
  return Array.from({ length: count }, (_one, index) => looked({ print: String(index), ...of(index) }));
}

function membersOf(value: unknown): { readonly [name: string]: unknown } {
  return isBag(value) ? value : {};
}

function namedIn(counts: unknown): { readonly [name: string]: unknown } {
  return membersOf(membersOf(counts)['named']);
}

/** All numbers in it together. */
function total(value: unknown): number {
  if (typeof value === 'number') return value;
  return Object.values(membersOf(value)).reduce<number>((sum, one) => sum + total(one), 0);
}

describe('a histogram', () => {
  it('says nothing of no letters but that there are none', () => {
    expect(histogramOf([], AGAINST)).toEqual({
      letters: 0,
      bySource: { named: {} },
      byErrorClass: { named: {} },
      byAge: { underAMinute: 0, underAnHour: 0, underADay: 0, older: 0 },
      byAttempts: { named: {} },
      byFate: { named: {} },
      expireWithinADay: 0,
    });
  });

  it('counts by source, by error class, by attempts and by what would become of a letter', () => {
    const letters = [
      looked({ print: 'a', errorClass: 'Timeout' }),
      looked({ print: 'b', errorClass: 'Timeout', attempts: 2, source: 'refunds' }),
      looked({ print: 'c', errorClass: '429', fate: null, source: null }),
      looked({ print: 'd', fate: 'no-source', source: 'refunds' }),
      looked({ print: 'e', source: 'refunds' }),
    ];
    expect(histogramOf(letters, AGAINST)).toMatchObject({
      letters: 5,
      bySource: { named: { refunds: 3, orders: 1 }, without: 1 },
      byErrorClass: { named: { Timeout: 2, '429': 1 }, without: 2 },
      byAttempts: { named: { '0': 4, '2': 1 } },
      byFate: { named: { goes: 3, 'no-source': 1 }, without: 1 },
    });
  });

  it('counts by age, each letter once', () => {
    const ages = [0, 59, 60, 3_599, 3_600, DAY_S - 1, DAY_S, 2 * DAY_S];
    const letters = [...ages.map((age) => looked({ sentAt: secondsAgo(age) })), looked({ sentAt: null })];
    expect(histogramOf(letters, AGAINST)['byAge']).toEqual({
      underAMinute: 2,
      underAnHour: 2,
      underADay: 2,
      older: 2,
      unknown: 1,
    });
  });

  it('says when the first is lost by its age, and how many are within a day', () => {
    const ages = [DAY_S, 3 * DAY_S - 1, 3 * DAY_S, 4 * DAY_S - 60];
    const { earliestDeadline, expireWithinADay } = histogramOf(
      ages.map((age) => looked({ sentAt: secondsAgo(age) })),
      AGAINST,
    );
    expect({ earliestDeadline, expireWithinADay }).toEqual({
      earliestDeadline: '2026-11-22T08:01:00.000Z',
      expireWithinADay: 2,
    });
    expect(histogramOf([looked({ sentAt: null })], AGAINST)).not.toHaveProperty('earliestDeadline');
  });

  it('counts what stands there more than once by how often it is too often', () => {
    const letters = ['a', 'b', 'a', 'c', 'a', 'c'].map((print) => looked({ print }));
    expect(histogramOf(letters, AGAINST)['duplicates']).toEqual({ contents: 2, copies: 3 });
    expect(
      histogramOf(
        apart(3, () => ({})),
        AGAINST,
      ),
    ).not.toHaveProperty('duplicates');
  });

  it('names ten of each, those that are most, and counts the others', () => {
    const letters = [
      ...apart(25, (index) => ({ source: `queue-${index}` })),
      looked({ source: 'queue-24', print: 'x' }),
    ];
    expect(histogramOf(letters, AGAINST)['bySource']).toEqual({
      named: {
        'queue-24': 2,
        ...Object.fromEntries(['0', '1', '10', '11', '12', '13', '14', '15', '16'].map((name) => [`queue-${name}`, 1])),
      },
      others: 15,
    });
  });

  it('shows of an error class a hundred printable characters on one line, and takes for one what looks alike', () => {
    const long = `line one\n line two \u202e${'x'.repeat(200)}`;
    const letters = [`${long}1`, `${long}2`].map((errorClass) => looked({ errorClass }));
    const named = namedIn(histogramOf(letters, AGAINST)['byErrorClass']);
    const [[name, count] = ['', 0], ...rest] = Object.entries(named);
    expect({ count, rest, length: name.length }).toEqual({ count: 2, rest: [], length: 100 });
    expect(name).toContain(String.raw`line one line two \u202exxx`);
  });

  it('keeps no half of a character', () => {
    const named = namedIn(histogramOf([looked({ errorClass: `${'x'.repeat(99)}😀` })], AGAINST)['byErrorClass']);
    expect(Object.keys(named)).toEqual(['x'.repeat(99)]);
  });

  it('adds up and stays small, whatever the letters are', () => {
    const text = fc.string({ maxLength: 300, unit: 'binary' });
    const letter = fc.record<Looked>({
      source: fc.option(text.map((name) => name.slice(0, 80))),
      errorClass: fc.option(text),
      sentAt: fc.option(fc.integer({ min: 0, max: 9 * DAY_S }).map(secondsAgo)),
      attempts: fc.nat(30),
      fate: fc.option(fc.constantFrom('goes', 'no-source', '__proto__')),
      print: fc.constantFrom('a', 'b', 'c', 'd'),
    });
    fc.assert(
      fc.property(fc.array(letter, { maxLength: 60 }), (letters) => {
        const histogram = histogramOf(letters, AGAINST);
        const parts = ['bySource', 'byErrorClass', 'byAttempts', 'byFate'].map((name) => histogram[name]);
        expect([...parts, histogram['byAge']].map(total)).toEqual(Array.from({ length: 5 }, () => letters.length));
        expect(Buffer.byteLength(JSON.stringify(histogram))).toBeLessThan(12_000);
      }),
    );
  });
});
