/** Jobs and capacity made by chance, from a seed: the same for every law. Pure. */

import { randomStream } from '../../simulator/engine/world.ts';

/** A job as it is submitted. */
export interface Job {
  readonly submitSeconds: number;
  readonly nodes: number;
  readonly runSeconds: number;
}

/** From then on a zone has so many nodes for us: what others do not use. */
export interface Level {
  readonly fromSeconds: number;
  readonly nodes: number;
}

/** What a law is measured on. */
export interface Trace {
  /** By time of submission. */
  readonly jobs: readonly Job[];
  /** By zone; each begins at 0. */
  readonly zones: { readonly [zone: string]: readonly Level[] };
  /** What runs is billed until then, and a job that is not done by then is not served. */
  readonly endSeconds: number;
}

/** On these one may look while a law is made. Fixed before the first run. */
export const SEEDS_TO_LOOK_AT: readonly number[] = Array.from({ length: 20 }, (_none, index) => 1 + index);

/** Of these alone the table is made. */
export const SEEDS_HELD_OUT: readonly number[] = Array.from({ length: 20 }, (_none, index) => 1_001 + index);

/** Nodes of a job: a queue and a fleet for each. */
export const SIZES: readonly number[] = [2, 4, 8, 16, 32];

const ZONES = ['a', 'b', 'c'];
const HOUR = 3_600;
export const DAY = 24 * HOUR;

/**
 * All assumed. Jobs: two days, more by day than by night, four in ten as a series of the same size (a parameter study). Capacity: three
 * zones, each dry for a quarter of the time.
 */
const MODEL = {
  days: 2,
  /** For what waits at the end of the last day. */
  drainSeconds: 12 * HOUR,
  arrivalsAnHour: 3.2,
  /** By night so much of it. */
  nightShare: 0.4,
  seriesShare: 0.4,
  longestSeries: 6,
  /** Shares of `SIZES`. */
  sizeShares: [0.3, 0.3, 0.2, 0.15, 0.05],
  /** Log-normal. */
  medianRunSeconds: 2_400,
  runSpread: 1,
  leastRunSeconds: 120,
  mostRunSeconds: 8 * HOUR,
  /** Mean time until others need more, or less. */
  levelSeconds: 2_400,
  /** Share of levels, and nodes from and to. */
  levels: [
    { share: 0.25, least: 0, most: 3 },
    { share: 0.5, least: 8, most: 36 },
    { share: 0.25, least: 40, most: 72 },
  ],
} as const;

type Random = () => number;

function exponential(random: Random, mean: number): number {
  return -Math.log(1 - random()) * mean;
}

/** Box and Muller's. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function chosen(random: Random, shares: readonly number[]): number {
  const at = random();
  let sum = 0;
  for (const [index, share] of shares.entries()) {
    sum += share;
    if (at < sum) return index;
  }
  return shares.length - 1;
}

function runSeconds(random: Random): number {
  const { medianRunSeconds, runSpread, leastRunSeconds, mostRunSeconds } = MODEL;
  const seconds = Math.round(medianRunSeconds * Math.exp(runSpread * normal(random)));
  return Math.min(mostRunSeconds, Math.max(leastRunSeconds, seconds));
}

function seriesLength(random: Random): number {
  const { seriesShare, longestSeries } = MODEL;
  const isSeries = random() < seriesShare;
  return isSeries ? 2 + Math.floor(random() * (longestSeries - 1)) : 1;
}

function madeJobs(random: Random, endSeconds: number): readonly Job[] {
  const { arrivalsAnHour, nightShare, sizeShares } = MODEL;
  const jobs: Job[] = [];
  let at = 0;
  for (;;) {
    at += exponential(random, HOUR / arrivalsAnHour);
    if (at >= endSeconds) return jobs;
    const hour = (at % DAY) / HOUR;
    const isNight = hour < 7 || hour >= 20;
    // Fewer by night: so many of those that came are left out.
    if (isNight && random() >= nightShare) continue;
    const nodes = SIZES[chosen(random, sizeShares)] ?? 1;
    const submitSeconds = Math.floor(at);
    const count = seriesLength(random);
    for (let index = 0; index < count; index += 1) jobs.push({ submitSeconds, nodes, runSeconds: runSeconds(random) });
  }
}

function madeLevels(random: Random, endSeconds: number): readonly Level[] {
  const { levels, levelSeconds } = MODEL;
  const made: Level[] = [];
  for (let at = 0; at < endSeconds; at += Math.max(60, Math.round(exponential(random, levelSeconds)))) {
    const kind = levels[
      chosen(
        random,
        levels.map(({ share }) => share),
      )
    ] ?? { least: 0, most: 0 };
    const nodes = kind.least + Math.floor(random() * (kind.most - kind.least + 1));
    made.push({ fromSeconds: at, nodes });
  }
  return made;
}

/** Capacity for so long. */
function madeZones(seed: number, endSeconds: number): Trace['zones'] {
  return Object.fromEntries(
    ZONES.map((zone) => [zone, madeLevels(randomStream(seed, `capacity of zone ${zone}`), endSeconds)]),
  );
}

/** The trace of a seed. */
export function madeTrace(seed: number): Trace {
  const lastSeconds = MODEL.days * DAY;
  const endSeconds = lastSeconds + MODEL.drainSeconds;
  return { jobs: madeJobs(randomStream(seed, 'jobs'), lastSeconds), zones: madeZones(seed, endSeconds), endSeconds };
}

/** Jobs that somebody else has written down, with capacity of ours. */
export function traceOf(jobs: readonly Job[], seed: number): Trace {
  const endSeconds = (jobs.at(-1)?.submitSeconds ?? 0) + MODEL.drainSeconds;
  return { jobs, zones: madeZones(seed, endSeconds), endSeconds };
}
