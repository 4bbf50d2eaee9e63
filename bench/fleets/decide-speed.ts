/** How long a decision takes, how that grows, and how many bytes its facts are. */

import { performance } from 'node:perf_hooks';
import {
  decide,
  type Facts,
  type GangRecord,
  type LaunchWords,
  type Node,
} from '../../functions/scale-hpc-fleet/decide.ts';
import { bareFacts, rungsOf, timeOf } from './laws/fleet-facts.ts';
import { FLEET_LIMITS } from './laws/fleet-limits.ts';

/** Nodes, and jobs: as many. */
const COUNTS = [250, 500, 1_000, 2_000, 4_000] as const;
const NODES_PER_JOB = 5;
/** Decisions of which the median is taken, after as many that are not counted. */
const TIMES = 15;
const NOW_SECONDS = 86_400;
const ZONES = { zones: ['a', 'b', 'c'] };
const RUNGS = rungsOf(ZONES);

/** Figures of one size of fleet. */
export interface DecisionFigures {
  readonly nodes: number;
  readonly ms: number;
  /** Beside the size before it; `null`: it is the first. */
  readonly ratio: number | null;
}

/** Bytes of a fleet's facts as a checkpoint keeps them. */
export interface FactsBytes {
  readonly words: string;
  readonly bytes: number;
  /** More gangs than a fleet may have. */
  readonly isBeyond: boolean;
}

/** Of a gang that is coming up the ledger keeps what its launch is made of. */
const LAUNCH_WORDS: LaunchWords = {
  templateVersion: '1',
  interfaces: [0, 1].map((card) => ({
    DeviceIndex: card,
    NetworkCardIndex: card,
    InterfaceType: 'efa',
    Groups: ['sg-0123456789abcdef0'],
    DeleteOnTermination: true,
    AssociatePublicIpAddress: null,
  })),
  sentAt: timeOf(NOW_SECONDS - 60),
};

function gangId(index: number): string {
  return index.toString(16).padStart(32, '0');
}

function recordOf(index: number, nodes: number): GangRecord {
  const rung = RUNGS[index % RUNGS.length];
  if (rung === undefined) throw new Error('no rung');
  return {
    id: gangId(index),
    version: 2,
    state: 'up',
    nodes,
    queue: `jobs-${nodes}`,
    rung,
    launch: null,
    askedAt: timeOf(NOW_SECONDS - 3_600 - index),
    upAt: timeOf(NOW_SECONDS - 3_360 - index),
    why: null,
    keptAt: null,
    thinSince: null,
    failure: null,
    noticedAt: null,
    spareAt: null,
    run: 'scheduled-2026-01-05T23:00:00Z',
  };
}

function nodesOf(index: number, count: number): readonly Node[] {
  return Array.from({ length: count }, (_none, launchIndex) => ({
    id: `i-${(index * count + launchIndex).toString(16).padStart(17, '0')}`,
    state: 'running',
    clientToken: gangId(index),
    launchIndex,
    isProtected: launchIndex === 0 ? true : null,
  }));
}

/** A fleet whose gangs are all at work, and so many jobs. */
function madeFacts(gangs: number, nodesPerJob: number, jobs: number): Facts {
  const records = Array.from({ length: gangs }, (_none, index) => recordOf(index, nodesPerJob));
  return {
    ...bareFacts(ZONES, { size: nodesPerJob, maxNodes: 2 * gangs * nodesPerJob, idleSeconds: 'auto' }),
    history: { epoch: 1, actions: [], memory: { shortSince: timeOf(NOW_SECONDS - 600) } },
    ask: { kind: 'scale' },
    run: 'scheduled-2026-01-06T00:00:00Z',
    seed: 'f'.repeat(32),
    askedInRun: 0,
    jobs: { visible: Math.max(0, jobs - gangs), inFlight: gangs },
    nodes: records.flatMap((_record, index) => nodesOf(index, nodesPerJob)),
    gangs: records,
  };
}

function medianMs(facts: Facts): number {
  // All gangs are to be judged, however many a deployed look keeps in mind.
  const limits = { ...FLEET_LIMITS, maxGangs: COUNTS[COUNTS.length - 1] ?? 0 };
  const took = Array.from({ length: 2 * TIMES }, () => {
    const begun = performance.now();
    decide(facts, limits, timeOf(NOW_SECONDS));
    return performance.now() - begun;
  });
  return took.slice(TIMES).toSorted((one, other) => one - other)[TIMES >> 1] ?? 0;
}

/** A decision over fleets of more and more nodes, all measured in one run. */
export function measureDecisions(): readonly DecisionFigures[] {
  const figures: DecisionFigures[] = [];
  for (const nodes of COUNTS) {
    const ms = medianMs(madeFacts(nodes / NODES_PER_JOB, NODES_PER_JOB, nodes));
    const before = figures.at(-1);
    figures.push({ nodes, ms, ratio: before === undefined ? null : ms / before.ms });
  }
  return figures;
}

/** The same gangs before they are up, each with what its launch is made of. */
function comingUp(facts: Facts): Facts {
  const gangs = facts.gangs.map((gang): GangRecord => ({
    ...gang,
    state: 'launching',
    launch: LAUNCH_WORDS,
    upAt: null,
  }));
  const nodes = facts.nodes.map((node) => ({ ...node, state: 'pending', isProtected: null }));
  return { ...facts, gangs, nodes };
}

/** A fleet of which all gangs are coming up, and as many as are launched: a look keeps no more in mind. */
function mostComing(): Facts {
  for (let gangs = 1; ; gangs += 1) {
    const facts = comingUp(madeFacts(gangs, NODES_PER_JOB, 2 * gangs));
    if (decide(facts, FLEET_LIMITS, timeOf(NOW_SECONDS)).code !== 'gangs-launched') return facts;
  }
}

/** Bytes of large fleets: at most 200 gangs are a fleet's. */
export function measureBytes(): readonly FactsBytes[] {
  const [fives, ones, coming] = [madeFacts(200, 5, 1_000), madeFacts(1_000, 1, 1_000), mostComing()];
  return [
    { words: '200 gangs of 5', facts: fives },
    {
      words: `${coming.gangs.length} gangs of ${NODES_PER_JOB} that come up together, with two interfaces each`,
      facts: coming,
    },
    { words: '1000 gangs of 1', facts: ones },
  ].map(({ words, facts }) => ({
    words,
    bytes: Buffer.byteLength(JSON.stringify(facts)),
    isBeyond: facts.gangs.length > FLEET_LIMITS.maxGangs,
  }));
}
