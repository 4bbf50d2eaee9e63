import { describe, expect, it } from 'vitest';
import {
  counted,
  faultsOfRedrive,
  mostSurplus,
  type FaultyRedrive,
} from '../../../conformance/elasticmq/redrive-through-faults.ts';

const told = { received: 3, sent: 3, perhapsTwice: 1, kept: 0, sentButStillHere: 0 };
const run: FaultyRedrive = {
  seed: 7,
  letters: 3,
  outcome: 'done redriven',
  told,
  staying: 0,
  lost: 0,
  surplus: 1,
  invocations: 2,
  counts: {},
};

describe('letters that are looked for', () => {
  it('are lost where they are in neither queue', () => {
    expect(counted(3, { source: ['0 x', '2 x'], dead: [] })).toEqual({ lost: 1, surplus: 0 });
  });

  it('are surplus where they are in one queue twice, or in both', () => {
    expect(counted(3, { source: ['0 x', '1 x', '1 x', '2 x'], dead: ['0 x'] })).toEqual({ lost: 0, surplus: 2 });
  });
});

describe('a redrive through faults', () => {
  it('may leave as many copies as it told of', () => {
    const many = { ...run, told: { ...told, kept: 2, sentButStillHere: 3 } };
    expect([0, 4, 9].map((staying) => mostSurplus({ ...many, staying }))).toEqual([1, 5, 6]);
    expect(faultsOfRedrive(run)).toEqual([]);
    expect(faultsOfRedrive({ ...run, surplus: 2 })).toEqual([
      'redrive through faults, seed 7: 2 letters are there twice, and the run told of 1',
    ]);
  });

  it('is wrong where a letter is lost, or it did not come to its end', () => {
    expect(faultsOfRedrive({ ...run, lost: 1 })).toHaveLength(1);
    expect(faultsOfRedrive({ ...run, outcome: 'refused stopped' })).toHaveLength(1);
  });

  it('may have left what it tells of, and nothing else', () => {
    const left = { ...run, outcome: 'refused not-deleted', staying: 2, told: { ...told, sentButStillHere: 2 } };
    expect(faultsOfRedrive(left)).toEqual([]);
    expect(faultsOfRedrive({ ...left, staying: 3 })).toHaveLength(1);
  });
});
