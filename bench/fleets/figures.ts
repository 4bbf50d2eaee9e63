/** What a law is measured by. Pure. */

import { Model, type Law } from './model.ts';
import type { Trace } from './trace.ts';

/** Figures of a law on one trace. */
export interface Figures {
  readonly waitP50Minutes: number;
  readonly waitP95Minutes: number;
  readonly nodeHours: number;
  /** Beside the bound. */
  readonly share: number;
  readonly partialNodeHours: number;
  readonly kills: number;
  readonly unserved: number;
  readonly launchesAJob: number;
  readonly callsAJob: number;
}

const HOUR = 3_600;
const MINUTE = 60;

/** Nearest rank: of a hundred sorted values the `percent`th. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? 0;
}

/** Of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  const above = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? above : ((sorted[middle - 1] ?? 0) + above) / 2;
}

/** Nobody needs less: what runs, runs, and the largest job has to boot once. Node-seconds. */
export function bound({ jobs }: Pick<Trace, 'jobs'>, bootSeconds: number): number {
  const work = jobs.reduce((sum, { nodes, runSeconds }) => sum + nodes * runSeconds, 0);
  return work + bootSeconds * jobs.reduce((most, { nodes }) => Math.max(most, nodes), 0);
}

/** Runs a law over a trace. A job that has not begun by the end has waited until then. */
export function measure(law: Law, trace: Trace, bootSeconds: number): Figures {
  const model = new Model(trace, bootSeconds);
  model.run(law);
  const waits = model.states.map(({ job, startedAt }) => (startedAt ?? trace.endSeconds) - job.submitSeconds);
  const { nodeSeconds, partialNodeSeconds, kills } = model.sums;
  const count = Math.max(1, trace.jobs.length);
  return {
    waitP50Minutes: percentile(waits, 50) / MINUTE,
    waitP95Minutes: percentile(waits, 95) / MINUTE,
    nodeHours: nodeSeconds / HOUR,
    share: nodeSeconds / bound(trace, bootSeconds),
    partialNodeHours: partialNodeSeconds / HOUR,
    kills,
    unserved: model.states.filter(({ doneAt }) => doneAt === null).length,
    launchesAJob: model.calls.launches / count,
    callsAJob: model.calls.all / count,
  };
}

/** The middle of several traces, with the least and the most. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}
