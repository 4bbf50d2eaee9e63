import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collapsed, countsOf, selected, uncovered } from '../../../functions/flush-caches/decide.ts';

describe('what is sent', () => {
  it('is each path once, without what a wildcard covers', () => {
    expect(selected(['/b', '/a/*', '/b', '/a/x', '/a/c/*', '/a', '#tag', '#tag*', '/ab'])).toEqual([
      '#tag',
      '#tag*',
      '/a',
      '/a/*',
      '/ab',
      '/b',
    ]);
  });

  it('is all, where that is said', () => {
    expect(selected(['/*', '/a', '/b/*', '#tag'])).toEqual(['#tag', '/*']);
  });

  it('is counted by kind', () => {
    expect(countsOf(['/a', '/b', '/c*', '#d', '#e*'])).toEqual({ files: 2, wildcards: 1, tags: 2 });
  });

  const items = fc.array(
    fc
      .tuple(fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 6 }), fc.boolean())
      .map(([text, isWildcard]) => `/${text}${isWildcard ? '*' : ''}`),
    { maxLength: 20 },
  );
  const covers = (by: string, item: string): boolean =>
    by === item || (by.endsWith('*') && item.startsWith(by.slice(0, -1)));

  it('covers all that was asked for, and nothing covers another of it', () => {
    fc.assert(
      fc.property(items, (asked) => {
        const sent = selected(asked);
        expect(asked.filter((item) => !sent.some((by) => covers(by, item)))).toEqual([]);
        expect(sent.filter((item) => sent.some((by) => by !== item && covers(by, item)))).toEqual([]);
      }),
    );
  });

  it('is what others do not cover', () => {
    fc.assert(
      fc.property(items, items, (asked, others) => {
        expect(uncovered(asked, others)).toEqual(asked.filter((item) => !others.some((by) => covers(by, item))));
      }),
    );
  });

  it('covers the same when it is collapsed, within the wildcards that there may be or at the top', () => {
    fc.assert(
      fc.property(items, (asked) => {
        const sent = selected(asked);
        const joined = collapsed(sent, 3);
        expect(sent.filter((item) => !joined.some((by) => covers(by, item)))).toEqual([]);
        expect(joined.length).toBeLessThanOrEqual(sent.length);
        expect(joined.includes('/*')).toBe(sent.includes('/*'));
      }),
    );
  });
});

describe('collapsed', () => {
  it('directories with several files are wildcards; what lies alone or at the top stays', () => {
    expect(collapsed(['/a/1', '/a/2', '/b/1', '/c', '/d?x=/y', '/d?x=/z'], 15)).toEqual([
      '/a/*',
      '/b/1',
      '/c',
      '/d?x=/y',
      '/d?x=/z',
    ]);
  });

  it('directories go into those above them where there are too many, the deepest first', () => {
    const files = [1, 2, 3].flatMap((each) => [`/a/${each}/x/1`, `/a/${each}/x/2`, `/b/${each}`]);
    expect(collapsed(files, 4)).toEqual(['/a/1/x/*', '/a/2/x/*', '/a/3/x/*', '/b/*']);
    expect(collapsed(files, 3)).toEqual(['/a/*', '/b/*']);
    expect(collapsed(files, 1)).toEqual(['/a/*', '/b/*']);
  });
});
