/** Several drills explored together: where they are, in which order, and what comes of them all. */

import { join } from 'node:path';
import { concerned, runDrill, type Drill } from '../drill.ts';
import { NO_FAULTS, type DeployedFunction } from '../../simulator/engine/run-types.ts';
import { FUNCTIONS_ROOT } from './crew.ts';
import type { Exploration, Share } from './explorer.ts';
import type { Schedule } from './schedules.ts';

const PROJECT = join(import.meta.dirname, '..', '..');

/** Where drills live, with the functions that they are about. */
export interface Home {
  readonly drills: string;
  readonly functions: string;
  /** Its runbook is there to prove the kernel. */
  readonly ofTheKernel: boolean;
  /** Shows one plan again: followed by the drill's name, `--seed N` and `--replay PLAN`. */
  readonly command: string;
}

/** Where drills live: those of the small runbook, which prove the kernel, and those of the project's functions. */
export const HOMES: readonly Home[] = [
  {
    drills: join(PROJECT, 'tests', 'recycle-instances', 'drills'),
    functions: join(PROJECT, 'tests'),
    ofTheKernel: true,
    command: 'npm run --silent explore --',
  },
  { drills: join(PROJECT, 'drills'), functions: FUNCTIONS_ROOT, ofTheKernel: false, command: 'npx runbook drill' },
];

/**
 * Drills in the order in which they are explored together: the shortest story first, so that what is alike is tried where it
 * costs least.
 */
export async function shortestFirst<D extends Drill>(
  drills: readonly D[],
  functionsOf: (drill: D) => readonly DeployedFunction[],
  seed: number,
): Promise<readonly D[]> {
  const lengths = new Map<D, number>();
  for (const drill of drills) {
    const { result } = await runDrill(drill, functionsOf(drill), { seed, faults: NO_FAULTS });
    lengths.set(drill, result.requests.length);
  }
  const lengthOf = (drill: D): number => lengths.get(drill) ?? 0;
  return drills.toSorted((a, b) => lengthOf(a) - lengthOf(b) || (a.name < b.name ? -1 : 1));
}

/** What has changed since a revision, as far as drills care. */
export interface Changes {
  readonly drills: ReadonlySet<string>;
  readonly runbooks: ReadonlySet<string>;
  /** The kernel or the simulator under all of them. */
  readonly kernel: boolean;
}

/** Sorts the paths that differ from a revision. */
export function changesIn(paths: readonly string[]): Changes {
  const named = (pattern: RegExp): ReadonlySet<string> =>
    new Set(paths.flatMap((path) => pattern.exec(path)?.[1] ?? []));
  return {
    drills: named(/^drills\/([a-z0-9-]+)\//u),
    runbooks: named(/^(?:functions|rehearsal)\/([a-z]+(?:-[a-z]+)+)\//u),
    kernel: paths.some((path) =>
      /^(?:shared\/kernel|simulator\/(?:engine|hosts)|tests\/recycle-[a-z-]+)\//u.test(path),
    ),
  };
}

/** Which of a drill's plans are about something that has changed. `undefined`: none can be. */
export function changedOf(
  drill: Drill,
  deployed: readonly DeployedFunction[],
  { drills, runbooks, kernel }: Changes,
  ofTheKernel: boolean,
): ((schedule: Schedule) => boolean) | undefined {
  if (drills.has(drill.name) || (kernel && ofTheKernel)) return () => true;
  const names = concerned(drill, deployed).map(({ summary }) => summary.name);
  const isOfChanged = names.some((name) => runbooks.has(name));
  if (!isOfChanged) return undefined;
  // A kind begins with the runbook whose request is struck; a plan without a kind is about all of them.
  return ({ kind }) => kind === undefined || [...runbooks].some((name) => kind.includes(name));
}

/** All that was explored together, in numbers. */
export interface Sum {
  readonly drills: number;
  readonly schedules: number;
  readonly left: number;
  readonly folded: number;
  readonly stopped: number;
  readonly untried: number;
  readonly violations: number;
  /** What no exploration of any drill has seen. Of a share nothing is said. */
  readonly neverSeen: readonly string[];
}

/** Adds explorations up. */
export function sumOf(explorations: readonly Exploration[]): Sum {
  const total = (numberOf: (one: Exploration) => number): number =>
    explorations.reduce((sum, one) => sum + numberOf(one), 0);
  const isWhole = explorations.every(
    ({ share, untried }: { readonly share: Share; readonly untried: number }) => share.of === 1 && untried === 0,
  );
  const names = new Set(explorations.flatMap(({ sometimes }) => Object.keys(sometimes)));
  const isSeen = (name: string): boolean => explorations.some(({ sometimes }) => sometimes[name] === true);
  return {
    drills: explorations.length,
    schedules: total(({ schedules }) => schedules),
    left: total(({ left }) => left),
    folded: total(({ folded }) => folded),
    stopped: total(({ stopped }) => stopped),
    untried: total(({ untried }) => untried),
    violations: total(({ violations }) => violations.length),
    neverSeen: isWhole ? [...names].filter((name) => !isSeen(name)) : [],
  };
}
