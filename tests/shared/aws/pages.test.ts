/** Listings to their end, and patience to its end. */

import { describe, expect, it } from 'vitest';
import { chunksOf, collect } from '../../../shared/aws/pages.ts';
import { lookUntil } from '../../../shared/aws/patience.ts';
import { objectsOf, tagListOf, textOf, textsOf } from '../../../shared/aws/planned-input.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { makeIo } from '../../../shared/kernel/run/io.ts';

async function* pages(
  ...each: (readonly number[] | undefined | Error)[]
): AsyncGenerator<readonly number[] | undefined> {
  for (const page of each) {
    if (page instanceof Error) throw page;
    yield await Promise.resolve(page);
  }
}

describe('a listing', () => {
  it('is that of all its pages, also of those behind an empty one', async () => {
    expect(await collect(pages([1, 2], undefined, [], [3]), (page) => page)).toEqual([1, 2, 3]);
  });
  it('of which a page fails is none', async () => {
    await expect(collect(pages([1], new Error('throttled'), [2]), (page) => page)).rejects.toThrow('throttled');
  });
  it('is asked for in lists of what one request takes', () => {
    expect(chunksOf([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
    expect(chunksOf([1, 2], 2)).toEqual([[1, 2]]);
    expect(chunksOf([], 2)).toEqual([]);
  });
});

/** A clock that sleeps move on, and nothing else. */
function patient(): { readonly io: Io; readonly slept: number[] } {
  const slept: number[] = [];
  let nowMs = Date.parse('2026-11-22T08:00:00Z');
  const parts = { run: 'r', account: '1', region: 'eu-west-1', signal: new AbortController().signal, target: 't' };
  const io: Io = {
    ...makeIo(parts),
    now: () => new Date(nowMs).toISOString(),
    sleep: (milliseconds) => {
      slept.push(milliseconds);
      nowMs += milliseconds;
      return Promise.resolve();
    },
  };
  return { io, slept };
}

describe('looking until AWS shows what was done', () => {
  it('ends with the first look that finds it', async () => {
    const { io, slept } = patient();
    let looks = 0;
    const look = () => {
      looks += 1;
      return Promise.resolve(looks === 3 ? { ok: true as const } : { ok: false as const, why: 'not there' });
    };
    expect(await lookUntil(io, 10_000, look)).toEqual({ ok: true });
    expect(slept).toEqual([2_000, 2_000]);
  });
  it('ends with what was found last, once the next look would be too late', async () => {
    const { io, slept } = patient();
    expect(await lookUntil(io, 4_000, () => Promise.resolve({ ok: false, why: 'not there' }))).toEqual({
      ok: false,
      why: 'not there',
    });
    expect(slept).toEqual([2_000, 2_000]);
  });
});

describe('the input of a planned call', () => {
  it('that lacks what the call needs is never sent', () => {
    expect(() => textOf({}, 'VolumeId')).toThrow('plan: VolumeId: a text is missing');
    expect(() => textsOf({ Ids: ['a', 1] }, 'Ids')).toThrow('plan: Ids: a list of texts is missing');
    expect(() => objectsOf({ Each: ['a'] }, 'Each')).toThrow('plan: Each: a list of objects is missing');
    expect(() => tagListOf({})).toThrow('plan: Tags: a list of keys with values is missing');
    expect(() => tagListOf({ Tags: [] })).toThrow('plan: Tags: a list of keys with values is missing');
    expect(() => tagListOf({ Tags: [{ Key: 'a' }] })).toThrow('plan: Tags: a list of keys with values is missing');
  });
  it('is read as it stands', () => {
    expect(textOf({ VolumeId: 'vol-1' }, 'VolumeId')).toBe('vol-1');
    expect(textsOf({ Ids: ['a', 'b'] }, 'Ids')).toEqual(['a', 'b']);
    expect(objectsOf({}, 'Each')).toEqual([]);
    expect(tagListOf({ Tags: [{ Key: 'a', Value: '' }] })).toEqual([{ Key: 'a', Value: '' }]);
  });
});
