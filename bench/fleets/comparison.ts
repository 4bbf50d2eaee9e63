/** All laws over the same traces, and what the comparison comes to. Pure. */

import { measure, spreadOf, type Figures, type Spread } from './figures.ts';
import { buildkiteScaler } from './laws/buildkite.ts';
import { kedaScaler } from './laws/keda.ts';
import { parallelCluster } from './laws/parallel-cluster.ts';
import { scaleHpcFleet } from './laws/scale-hpc-fleet.ts';
import { awsTargetTracking } from './laws/target-tracking.ts';
import type { Law } from './model.ts';
import type { Trace } from './trace.ts';

/** Figures of a law, one for each trace. */
export interface Measured {
  readonly law: string;
  readonly figures: readonly Figures[];
}

/** From the launch of an instance until it can work. */
export const BOOT_SECONDS = 240;

const OURS = scaleHpcFleet();
const ALL_OR_NOTHING = parallelCluster('all-or-nothing');

/** Ours is the last. */
const LAWS: readonly Law[] = [
  awsTargetTracking,
  kedaScaler,
  buildkiteScaler,
  parallelCluster('best-effort'),
  ALL_OR_NOTHING,
  OURS,
];

/** Runs each law over each trace. */
export function compare(traces: readonly Trace[]): readonly Measured[] {
  return LAWS.map((law) => ({
    law: law.name,
    figures: traces.map((trace) => measure(law, trace, BOOT_SECONDS)),
  }));
}

/** The spread of one figure. */
export function spreadIn({ figures }: Measured, figure: keyof Figures): Spread {
  return spreadOf(figures.map((each) => each[figure]));
}

/** One thing that is to hold for ours, in words, and whether it does. */
export interface Goal {
  readonly words: string;
  readonly isMet: boolean;
}

function named(measured: readonly Measured[], name: string): Measured {
  const found = measured.find(({ law }) => law === name);
  if (found === undefined) throw new Error(`${name} was not measured`);
  return found;
}

function most({ figures }: Measured, figure: keyof Figures): number {
  return Math.max(...figures.map((each) => each[figure]));
}

/** Ours beside all-or-nothing, by medians, and on how many traces ours is no worse. */
function beside(ours: Measured, other: Measured, figure: keyof Figures, words: string): Goal {
  const [own, theirs] = [spreadIn(ours, figure).median, spreadIn(other, figure).median];
  const noWorse = ours.figures.filter((each, index) => each[figure] <= (other.figures[index]?.[figure] ?? 0)).length;
  return {
    words: `${words} ${own.toFixed(2)}, all-or-nothing ${theirs.toFixed(2)}; no worse on ${noWorse} of ${ours.figures.length} seeds`,
    isMet: own <= theirs,
  };
}

/** What ours is to reach. The distance to best-effort is no goal: that is won with parts of gangs that wait. */
export function goals(measured: readonly Measured[]): readonly Goal[] {
  const ours = named(measured, OURS.name);
  const other = named(measured, ALL_OR_NOTHING.name);
  const none = (figure: keyof Figures, words: string): Goal => ({
    words: `${words}: ${most(ours, figure).toFixed(0)} at most`,
    isMet: most(ours, figure) === 0,
  });
  return [
    none('kills', 'jobs killed'),
    none('partialNodeHours', 'node-hours in partial gangs'),
    none('unserved', 'jobs not served'),
    beside(ours, other, 'share', 'node-hours beside the bound, median'),
    beside(ours, other, 'waitP95Minutes', 'wait p95 in minutes, median'),
  ];
}
