import { describe, expect, it } from 'vitest';
import { soFar } from '../../rehearsal/so-far.ts';

describe('what is gathered from a log', () => {
  it('has each entry once, however often it is looked at, and of each log apart', () => {
    const taken: string[] = [];
    const gathered = soFar(
      () => new Set<string>(),
      (all, entry: string) => {
        taken.push(entry);
        all.add(entry.toUpperCase());
      },
    );
    const log = ['a', 'b'];
    expect([...gathered(log)]).toEqual(['A', 'B']);
    log.push('c');
    expect([...gathered(log)]).toEqual(['A', 'B', 'C']);
    expect([...gathered(['d'])]).toEqual(['D']);
    expect(taken).toEqual(['a', 'b', 'c', 'd']);
  });
});
