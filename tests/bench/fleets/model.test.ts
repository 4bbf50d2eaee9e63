/** The model's book-keeping, held against traces reckoned by hand. */

import { describe, expect, it } from 'vitest';
import { BOOT_SECONDS } from '../../../bench/fleets/comparison.ts';
import { bound, measure, median, percentile } from '../../../bench/fleets/figures.ts';
import { parallelCluster } from '../../../bench/fleets/laws/parallel-cluster.ts';
import { scaleHpcFleet } from '../../../bench/fleets/laws/scale-hpc-fleet.ts';
import { Model, type Law, type ModelNode } from '../../../bench/fleets/model.ts';
import type { Trace } from '../../../bench/fleets/trace.ts';

/** Two jobs of two nodes: the first for ten minutes, the second a minute later for five. */
const TWO: Trace = {
  jobs: [
    { submitSeconds: 0, nodes: 2, runSeconds: 600 },
    { submitSeconds: 60, nodes: 2, runSeconds: 300 },
  ],
  zones: { a: [{ fromSeconds: 0, nodes: 3 }] },
  endSeconds: 3_000,
};

/** Does at each time what is written beside it. */
function law(moves: readonly (readonly [number, (model: Model) => void])[]): Law {
  return {
    name: 'by hand',
    begin: (model) => {
      for (const [at, move] of moves) model.events.at(at, () => move(model));
    },
  };
}

function launch(model: Model, least: number, most: number): readonly ModelNode[] {
  return model.launch(model.place('gang', 'a', 2), { least, most });
}

function allOf(model: Model): readonly ModelNode[] {
  return model.place('gang', 'a', 2).nodes;
}

describe('a trace of two jobs', () => {
  it('on one gang is served one after the other, and billed from the launch to the end', () => {
    const moves = law([
      [0, (model) => launch(model, 2, 2)],
      [1_200, (model) => model.end(allOf(model))],
    ]);
    const figures = measure(moves, TWO, 240);
    // Begin at 240 and 840: waits of 240 s and 780 s.
    expect(figures).toMatchObject({
      waitP50Minutes: 4,
      waitP95Minutes: 13,
      kills: 0,
      unserved: 0,
      partialNodeHours: 0,
    });
    // 2 nodes for 1,200 s, beside 2 × 900 s of work and 2 × 240 s of boot.
    expect(figures.nodeHours).toBeCloseTo(2_400 / 3_600, 9);
    expect(figures.share).toBeCloseTo(2_400 / 2_280, 9);
    expect(figures).toMatchObject({ launchesAJob: 0.5, callsAJob: 1 });
  });

  it('has a third node counted as a part of a gang as long as it waits for a fourth', () => {
    const moves = law([
      [0, (model) => launch(model, 1, 4)],
      [1_200, (model) => model.end(allOf(model))],
    ]);
    const { partialNodeHours, nodeHours } = measure(moves, TWO, 240);
    expect(nodeHours).toBeCloseTo(3_600 / 3_600, 9);
    // One of three from the launch to the end, whoever of them it is.
    expect(partialNodeHours).toBeCloseTo(1_200 / 3_600, 9);
  });

  it('is refused as a whole where there are too few nodes, and what others need more is not taken away', () => {
    const levels = [
      { fromSeconds: 0, nodes: 3 },
      { fromSeconds: 100, nodes: 1 },
    ];
    const model = new Model({ ...TWO, zones: { a: levels } }, 240);
    const free: number[] = [];
    model.run(
      law([
        [0, (at) => free.push(launch(at, 4, 4).length, at.free('a'))],
        [1, (at) => free.push(launch(at, 2, 2).length, at.free('a'))],
        [200, (at) => free.push(at.free('a'), allOf(at).length)],
      ]),
    );
    expect(free).toEqual([0, 3, 2, 1, 0, 2]);
  });

  it('counts a job that is killed, which begins anew as the first of its queue', () => {
    const moves = law([
      [0, (model) => launch(model, 2, 2)],
      [300, (model) => model.end(allOf(model).slice(0, 1))],
      [300, (model) => launch(model, 1, 1)],
    ]);
    const model = new Model(TWO, 240);
    model.run(moves);
    expect(model.sums.kills).toBe(1);
    expect(model.states.map(({ startedAt, doneAt }) => [startedAt, doneAt])).toEqual([
      [540, 1_140],
      [1_140, 1_440],
    ]);
    // One node for 300 s; the other from 0, and a third from 300, to the end.
    expect(model.sums.nodeSeconds).toBe(300 + 3_000 + 2_700);
    // From 300 to 540 both that are left do nothing: one with one to come is a gang.
    expect(model.sums.partialNodeSeconds).toBe(0);
  });

  it('has a job that nobody serves wait until the end', () => {
    expect(measure(law([]), TWO, 240)).toMatchObject({ unserved: 2, waitP50Minutes: 49, waitP95Minutes: 50 });
  });
});

describe('the deployed decide in the model', () => {
  it('launches a gang, gives the second job one of its own when it is believed, and ends both after a boot time', () => {
    const model = new Model({ ...TWO, zones: { a: [{ fromSeconds: 0, nodes: 4 }] } }, BOOT_SECONDS);
    model.run(scaleHpcFleet());
    // Asked for two seconds after the looks at 0 and 60.
    expect(model.states.map(({ startedAt }) => startedAt)).toEqual([242, 302]);
    expect(model.sums).toMatchObject({ kills: 0, partialNodeSeconds: 0 });
    expect(model.calls.launches).toBe(2);
    expect([...model.queues.values()].map(({ atWork, waiting }) => [atWork, waiting.length])).toEqual([[0, 0]]);
    expect(model.free('a')).toBe(4);
  });

  it('waits for capacity where there is none, and is no better served by asking often', () => {
    const dry = [
      { fromSeconds: 0, nodes: 0 },
      { fromSeconds: 7_200, nodes: 4 },
    ];
    const model = new Model({ ...TWO, endSeconds: 10_800, zones: { a: dry } }, BOOT_SECONDS);
    model.run(scaleHpcFleet());
    expect(model.states.every(({ doneAt }) => doneAt !== null)).toBe(true);
    // Eleven in two hours, and those that came.
    expect(model.calls.launches).toBeLessThanOrEqual(14);
  });
});

describe('ParallelCluster in the model', () => {
  it('tries a partition again after ten minutes, all jobs at once first and then each', () => {
    const dry = [
      { fromSeconds: 0, nodes: 0 },
      { fromSeconds: 500, nodes: 2 },
    ];
    const model = new Model({ ...TWO, zones: { a: dry } }, BOOT_SECONDS);
    model.run(parallelCluster('all-or-nothing'));
    expect(model.states.map(({ startedAt }) => startedAt)).toEqual([840, 1_440]);
    // One at 0; at 600 four nodes, then two, then two more; at 1,200, while the first job runs, two more again.
    expect(model.calls.launches).toBe(5);
  });
});

describe('figures', () => {
  it('are of the nearest rank, and bounded by the work and one boot', () => {
    const values = Array.from({ length: 20 }, (_none, index) => 20 - index);
    expect([50, 95, 100].map((percent) => percentile(values, percent))).toEqual([10, 19, 20]);
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
    expect(bound(TWO, 240)).toBe(2 * 600 + 2 * 300 + 240 * 2);
  });
});
