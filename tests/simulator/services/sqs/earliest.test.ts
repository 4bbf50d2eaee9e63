import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { earliestMs, withOne, withoutOne } from '../../../../simulator/services/sqs/earliest.ts';

const sentMs = ({ at }: Shape): number => Number(at);

function list(...times: readonly (number | string)[]): readonly Shape[] {
  return times.map((at) => ({ at }));
}

/** When the first was sent, and how many entries had to be read for it. */
function reading(entries: readonly Shape[]): readonly [number, number] {
  let reads = 0;
  const ms = earliestMs(entries, (entry) => {
    reads += 1;
    return sentMs(entry);
  });
  return [ms, reads];
}

describe('the first of a list', () => {
  it('is never of none, nor one that does not say when it was sent', () => {
    expect([earliestMs([], sentMs), earliestMs(list('x'), sentMs)]).toEqual([Infinity, Infinity]);
    expect(earliestMs(list('x', 5, 3, 4), sentMs)).toBe(3);
  });

  it('is read once, and anew where the list has another length', () => {
    const growing: Shape[] = [...list(5, 3)];
    expect([reading(growing), reading(growing)]).toEqual([
      [3, 2],
      [3, 0],
    ]);
    growing.push({ at: 1 });
    expect(reading(growing)).toEqual([1, 3]);
  });

  it('is known of a list with one more', () => {
    const before = list(5, 3);
    for (const [at, first] of [
      [4, 3],
      [2, 2],
      ['x', 3],
    ] as const) {
      const longer = withOne(before, { at }, sentMs);
      expect([longer, reading(longer)]).toEqual([
        [...before, { at }],
        [first, 0],
      ]);
    }
    expect(before).toEqual(list(5, 3));
  });

  it('is known of a list with one less, unless that was the last of the first', () => {
    const before = list(3, 5, 3);
    const second = withoutOne(before, 0, sentMs);
    expect([second, reading(second)]).toEqual([list(5, 3), [3, 0]]);
    const last = withoutOne(second, 1, sentMs);
    expect([last, reading(last)]).toEqual([list(5), [5, 1]]);
    const later = withoutOne(before, 1, sentMs);
    expect([later, reading(later)]).toEqual([list(3, 3), [3, 0]]);
    expect(reading(withoutOne(later, 0, sentMs))).toEqual([3, 0]);
  });

  it('is counted with those that came at the same moment', () => {
    const two = withOne(list(3), { at: 3 }, sentMs);
    expect(reading(withoutOne(two, 0, sentMs))).toEqual([3, 0]);
    const earlier = withOne(two, { at: 1 }, sentMs);
    expect(reading(withoutOne(earlier, 2, sentMs))).toEqual([3, 2]);
    expect(withoutOne(list(3), 7, sentMs)).toEqual(list(3));
  });
});
