import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextBatch, refusedAlone } from '../../../functions/flush-caches/decide/batch.ts';

const ROOM = { files: 3_000, wildcards: 15, bytes: 120_000 };

describe('a batch', () => {
  it('has as many files and wildcards as there is room for, each apart', () => {
    const items = ['/a', '/b/*', '/c', '/d/*', '/e', '#f'];
    expect(nextBatch(items, { ...ROOM, files: 2, wildcards: 1 }, [])).toEqual(['/a', '/b/*', '/c']);
    expect(nextBatch(items, { ...ROOM, files: 0, wildcards: 15 }, [])).toEqual(['/b/*', '/d/*']);
    expect(nextBatch(items, { ...ROOM, files: -1, wildcards: -1 }, [])).toEqual([]);
    expect(nextBatch(items, { ...ROOM, bytes: 7 }, [])).toEqual(['/a', '/b/*']);
  });

  it('that was refused goes in halves, without what was accepted since', () => {
    const items = ['/a', '/b', '/c', '/d'];
    expect(nextBatch(items, ROOM, [items])).toEqual(['/a', '/b']);
    expect(nextBatch(items, ROOM, [items, ['/a', '/b']])).toEqual(['/a']);
    expect(nextBatch(['/b', '/c', '/d'], ROOM, [items, ['/a', '/b']])).toEqual(['/b']);
    expect(nextBatch(['/b', '/c', '/d'], ROOM, [items, ['/a', '/b'], ['/b']])).toEqual(['/c', '/d']);
  });

  it('never holds what was refused alone', () => {
    expect(nextBatch(['/a'], ROOM, [['/a']])).toEqual([]);
    expect(refusedAlone([['/a', '/b'], ['/b']])).toEqual(['/b']);
  });

  /** Sends batch after batch to somebody who refuses each that holds a bad path. */
  function play(items: readonly string[], bad: ReadonlySet<string>) {
    const refused: (readonly string[])[] = [];
    const accepted = new Set<string>();
    for (let sent = 0; sent < 5_000; sent += 1) {
      const open = items.filter((item) => !accepted.has(item));
      const batch = nextBatch(open, ROOM, refused);
      if (batch.length === 0) return { accepted, refused };
      if (batch.some((item) => bad.has(item))) refused.push(batch);
      else for (const item of batch) accepted.add(item);
    }
    throw new Error('it does not come to an end');
  }

  it('by batch all go but those that are refused alone, whichever these are', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(99), { maxLength: 40 }), fc.func(fc.boolean()), (numbers, isBad) => {
        const items = numbers.map((each) => `/${each}`);
        const bad = new Set(items.filter((item) => isBad(item)));
        const { accepted, refused } = play(items, bad);
        expect([...accepted].toSorted()).toEqual(items.filter((item) => !bad.has(item)).toSorted());
        expect(refusedAlone(refused).toSorted()).toEqual([...bad].toSorted());
      }),
    );
  });

  it('one bad path among three thousand is found by thirteen refusals', () => {
    const items = Array.from({ length: 3_000 }, (_none, index) => `/${index}`);
    expect(play(items, new Set(['/1234'])).refused.length).toBeLessThanOrEqual(13);
  });
});
