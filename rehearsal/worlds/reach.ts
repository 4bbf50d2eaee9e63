/** What a number of generated worlds came upon: worlds in which nothing is done have shown nothing. */

import { changesTheAccount, tookEffect } from '../explorer/effects.ts';
import type { RunResult } from '../../shared/kernel/report/result.ts';
import type { Invocation } from '../../simulator/engine/run-types.ts';
import type { SimulationEnd } from '../../simulator/engine/simulation.ts';

/** What may be come upon, each in a world or not. */
const KINDS = ['acted', 'refused', 'failed', 'waited', 'raced'] as const;
type Kind = (typeof KINDS)[number];

/** What a runbook never does. publish-blocklist decides to wait nowhere: what it cannot do now the next tick does. */
const NEVER: { readonly [runbook: string]: readonly Kind[] } = { 'publish-blocklist': ['waited'] };

/** How many worlds came upon what, of how many, by the name of the runbook; `worlds`: those it was deployed in. */
export interface Reach {
  readonly [runbook: string]: { readonly [K in Kind | 'worlds']: number };
}

type Counts = { -readonly [K in keyof Reach[string]]: number };

function nothing(): Counts {
  return { worlds: 0, acted: 0, refused: 0, failed: 0, waited: 0, raced: 0 };
}

/** A run that looked at a target. */
interface Visit {
  readonly target: string;
  /** Its event, which is the same for all invocations of a durable execution and all repeats of a plain one. */
  readonly run: string;
  readonly from: string;
  readonly until: string;
}

function visitsOf({ results, invocations }: SimulationEnd, runbook: string): readonly Visit[] {
  const nameOf = ({ event }: Invocation): string => JSON.stringify(event);
  const own = invocations.filter((one) => one.runbook === runbook);
  const runs = Map.groupBy(own, nameOf);
  return results.flatMap(({ invocation, result }) => {
    const one = invocations[invocation];
    if (one === undefined || result.runbook !== runbook || result.target === undefined) return [];
    const run = nameOf(one);
    const [first = one, ...more] = runs.get(run) ?? [];
    return [{ target: result.target, run, from: first.startedAt, until: (more.at(-1) ?? first).endedAt }];
  });
}

/** Two runs on one target at the same time. */
function isRaced(visits: readonly Visit[]): boolean {
  return visits.some((one, index) =>
    visits
      .slice(index + 1)
      .some(
        (other) =>
          other.target === one.target && other.run !== one.run && other.from < one.until && one.from < other.until,
      ),
  );
}

/** What was only a person's slip of the pen shows nothing about a runbook. */
function isAboutAWS({ target, reason }: RunResult): boolean {
  return target !== undefined || !/^(?:bad-input|no-target)\b/u.test(reason);
}

/** What one run came upon, for each runbook that was deployed in it. */
export function reachOf(end: SimulationEnd, runbooks: readonly string[]): Reach {
  const changes = end.requests.filter((request) => changesTheAccount(request) && tookEffect(request));
  const acting = new Set(changes.map(({ invocation }) => end.invocations[invocation]?.runbook));
  const found: { [runbook: string]: Counts } = {};
  for (const runbook of runbooks) {
    const own = end.results.filter(({ result }) => result.runbook === runbook && isAboutAWS(result));
    const ended = new Set(own.map(({ result }) => result.outcome));
    found[runbook] = {
      worlds: 1,
      acted: Number(acting.has(runbook)),
      refused: Number(ended.has('refused')),
      failed: Number(ended.has('failed')),
      waited: Number(ended.has('waiting') || end.invocations.some((one) => isSuspended(one, runbook))),
      raced: Number(isRaced(visitsOf(end, runbook))),
    };
  }
  return found;
}

/** A durable run waits by being suspended; only the last of its waits is a result. */
function isSuspended({ runbook, ended }: Invocation, wanted: string): boolean {
  return runbook === wanted && ended === 'suspended';
}

/** What several runs, or several lots of them, came upon. */
export function sum(all: readonly Reach[]): Reach {
  const total: { [runbook: string]: Counts } = {};
  for (const one of all) {
    for (const [runbook, counts] of Object.entries(one)) {
      const into = (total[runbook] ??= nothing());
      for (const kind of ['worlds', ...KINDS] as const) into[kind] += counts[kind];
    }
  }
  return total;
}

/**
 * What none of the worlds came upon, in words.
 * @param never what a runbook never does, by its name: one that leaves everything to the next tick waits for nothing.
 */
export function missing(
  reach: Reach,
  never: { readonly [runbook: string]: readonly string[] } = NEVER,
): readonly string[] {
  return Object.entries(reach).flatMap(([runbook, counts]) =>
    KINDS.filter((kind) => counts[kind] === 0 && never[runbook]?.includes(kind) !== true).map(
      (kind) => `in none of ${counts.worlds} worlds ${runbook} ${kind}: they have shown nothing about it`,
    ),
  );
}

/** What was come upon, a line for each runbook. */
export function reachText(reach: Reach): readonly string[] {
  return Object.entries(reach).map(
    ([runbook, counts]) =>
      `${runbook}: ${counts.worlds} worlds, of which ${KINDS.map((kind) => `${kind} ${counts[kind]}`).join(', ')}`,
  );
}
