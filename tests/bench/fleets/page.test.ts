/** What is made of the figures: table, goals, picture. */

import { describe, expect, it } from 'vitest';
import { compare, goals } from '../../../bench/fleets/comparison.ts';
import { measureBytes } from '../../../bench/fleets/decide-speed.ts';
import { HEAD, pageOf, rowOf } from '../../../bench/fleets/page.ts';
import { plot } from '../../../bench/fleets/plot.ts';
import { madeTrace } from '../../../bench/fleets/trace.ts';

const { jobs, ...rest } = madeTrace(1);
/** A morning: fast enough for a test. */
const MEASURED = compare([{ ...rest, jobs: jobs.slice(0, 12), endSeconds: 43_200 }]);

describe('laws beside one another', () => {
  it('are a row each, of as many cells as the head has', () => {
    expect(MEASURED.map(({ law }) => law)).toEqual([
      'AWS target tracking',
      "KEDA's",
      "Buildkite's",
      'ParallelCluster, best-effort',
      'ParallelCluster, all-or-nothing',
      'scale-hpc-fleet',
    ]);
    expect(MEASURED.every((each) => rowOf(each).length === HEAD.length)).toBe(true);
  });

  it('hold ours against goals, of which three are always to be met', () => {
    expect(
      goals(MEASURED)
        .map(({ isMet }) => isMet)
        .slice(0, 3),
    ).toEqual([true, true, true]);
    expect(goals(MEASURED)).toHaveLength(5);
  });

  it('are on a page with command and seeds', () => {
    const page = pageOf(MEASURED, [5, 6]);
    expect(page).toContain('npm run bench -- --fleets');
    expect(page).toContain('held-out seeds 5 to 6');
    expect(page.split('\n').filter((line) => line.startsWith('| scale-hpc-fleet'))).toHaveLength(1);
  });

  it('are points of a picture whose axes have units, readable on light and on dark', () => {
    const picture = plot(MEASURED);
    expect(picture.match(/<circle /gu)).toHaveLength(6);
    expect(picture).toContain('(minutes, logarithmic)');
    expect(picture).toContain('(multiple of the bound, logarithmic)');
    expect(picture).toContain('prefers-color-scheme: dark');
    expect(picture).not.toContain('NaN');
  });
});

describe('facts', () => {
  it('of the largest fleet at work fit into a step of a durable execution', () => {
    const [atWork] = measureBytes();
    expect(atWork?.bytes).toBeLessThan(250_000);
  });
});
