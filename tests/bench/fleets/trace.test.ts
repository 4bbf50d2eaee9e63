/** Traces: made by chance and the same each time, or read from a log that may be damaged. */

import { describe, expect, it } from 'vitest';
import { readSwf } from '../../../bench/fleets/swf.ts';
import { madeTrace, SEEDS_HELD_OUT, SEEDS_TO_LOOK_AT, SIZES, traceOf } from '../../../bench/fleets/trace.ts';

describe('a trace made by chance', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(madeTrace(1)).toEqual(madeTrace(1));
    expect(madeTrace(1).jobs).not.toEqual(madeTrace(2).jobs);
    expect(madeTrace(1).zones).not.toEqual(madeTrace(2).zones);
  });

  it('has jobs of the sizes that there are, by time, and capacity from the beginning', () => {
    const { jobs, zones, endSeconds } = madeTrace(7);
    expect(jobs.length).toBeGreaterThan(100);
    expect(jobs.every(({ nodes }) => SIZES.includes(nodes))).toBe(true);
    expect(jobs.every(({ runSeconds }) => runSeconds >= 120 && runSeconds <= 28_800)).toBe(true);
    const submitted = jobs.map(({ submitSeconds }) => submitSeconds);
    expect(submitted).toEqual(submitted.toSorted((one, other) => one - other));
    expect(submitted.at(-1)).toBeLessThan(endSeconds);
    expect(Object.keys(zones)).toEqual(['a', 'b', 'c']);
    expect(Object.values(zones).map(([first]) => first?.fromSeconds)).toEqual([0, 0, 0]);
  });

  it('is looked at by twenty seeds, and judged by twenty others', () => {
    expect(SEEDS_TO_LOOK_AT).toHaveLength(20);
    expect(SEEDS_HELD_OUT).toHaveLength(20);
    expect(new Set([...SEEDS_TO_LOOK_AT, ...SEEDS_HELD_OUT]).size).toBe(40);
  });
});

const OPTIONS = { processorsPerNode: 4, sizes: [1, 2, 4], untilSeconds: 1_000 };

/** A line of the format: job, submit, wait, run, allocated, …, requested, … */
function line(submit: number | string, run: number, allocated: number, requested = -1): string {
  return `1 ${submit} 0 ${run} ${allocated} -1 -1 ${requested} -1 -1 1 1 1 1 1 1 -1 -1`;
}

describe('a log in the Standard Workload Format', () => {
  it('is read past its head, with processors as nodes of the next size', () => {
    const text = ['; Version: 2.2', ';', line(100, 60, 3), `  ${line(160, 30.5, 9)}`, ''].join('\n');
    expect(readSwf(text, OPTIONS)).toEqual({
      jobs: [
        { submitSeconds: 0, nodes: 1, runSeconds: 60 },
        { submitSeconds: 60, nodes: 4, runSeconds: 31 },
      ],
      damaged: [],
      unknown: 0,
      tooLarge: 0,
    });
  });

  it('has the processors that were asked for where those that were given are not known', () => {
    expect(readSwf(line(0, 60, -1, 8), OPTIONS).jobs).toEqual([{ submitSeconds: 0, nodes: 2, runSeconds: 60 }]);
  });

  it('is put in order, and cut after the time that is asked for', () => {
    const text = [line(900, 1, 1), line(0, 2, 1), line(1_000, 3, 1)].join('\r\n');
    expect(readSwf(text, OPTIONS).jobs.map(({ runSeconds }) => runSeconds)).toEqual([2, 1]);
  });

  it('has what is damaged, not known or too large left out and counted', () => {
    const text = [
      line(0, 60, 4),
      '1 2 3',
      line('soon', 60, 4),
      `${line(5, 60, 4)} 19`,
      line(6, -1, 4),
      line(7, 60, -1),
      line(-1, 60, 4),
      line(8, 60, 17),
    ].join('\n');
    const read = readSwf(text, OPTIONS);
    expect(read.jobs).toHaveLength(1);
    expect(read).toMatchObject({ damaged: [2, 3, 4], unknown: 3, tooLarge: 1 });
  });

  it('of nothing has no jobs, and others have capacity of ours', () => {
    expect(readSwf('', OPTIONS)).toEqual({ jobs: [], damaged: [], unknown: 0, tooLarge: 0 });
    const { jobs, zones, endSeconds } = traceOf([{ submitSeconds: 600, nodes: 2, runSeconds: 60 }], 3);
    expect([jobs.length, Object.keys(zones).length, endSeconds]).toEqual([1, 3, 600 + 43_200]);
  });
});
