/** Lets runbooks look at a world in a dry run: what they say of it as it stands, and as it would be. */

import { NotSimulatedError } from '../../simulator/engine/model.ts';
import type { World } from '../../simulator/engine/model.ts';
import { NO_FAULTS, type DeployedFunction } from '../../simulator/engine/run-types.ts';
import { simulate } from '../../simulator/engine/simulation.ts';
import { changedWorld, type ParsedWorld, type ScriptStep } from '../../simulator/world/world-file.ts';
import { DEPLOYED_ENVIRONMENT } from '../../rehearsal/drill.ts';
import type { RunResult } from '../../shared/kernel/report/result.ts';

/** Two ticks of the slowest schedule that comes each few minutes: a doubt of a minute and a half is over by then. */
const WATCHED_MS = 600_000;
/** A dry run changes nothing, so that a world has little to do: the largest drills take a tenth of this. */
const MOST_STEPS = 100_000;
const SEED = 1;

/** A world whose script does not run: it is looked at as it stands. */
export function stillWorld(world: ParsedWorld): ParsedWorld {
  return changedWorld(world, { script: [] });
}

/** The world with all that its file leaves out, at its beginning. */
export async function begunWorld(world: ParsedWorld): Promise<World> {
  const { world: begun, error } = await simulated(stillWorld(world), [], 0);
  if (error !== undefined) throw error;
  return begun;
}

function simulated(world: ParsedWorld, functions: readonly DeployedFunction[], runForMs: number) {
  return simulate({
    world,
    events: [],
    functions,
    seed: SEED,
    faults: NO_FAULTS,
    runForMs,
    atMostMs: runForMs,
    mostSteps: MOST_STEPS,
    environment: { ...DEPLOYED_ENVIRONMENT, RUNBOOK_DRY_RUN: 'true' },
    watchers: [],
  });
}

/** Whom a runbook starts, beside itself. */
const STARTED_BY: { readonly [runbook: string]: string } = { 'receive-requests': 'flush-caches' };

/** What a runbook came to of each of its targets; or why nobody knows. */
export type Said = { readonly results: readonly RunResult[] } | { readonly why: string };

/** Outcomes of whoever has nothing to say. */
const SILENT: ReadonlySet<string> = new Set(['nothing', 'not-mine', 'waiting']);

/** The last word on each target, of those that are told. */
function lastWords(results: readonly RunResult[]): readonly RunResult[] {
  const last = new Map<string, RunResult>();
  for (const result of results) if (!SILENT.has(result.outcome)) last.set(result.target ?? '', result);
  return [...last.values()];
}

/**
 * What the schedule of a runbook says of a world within ten minutes, acting on nothing.
 * @param functions all that are deployed; a runbook that starts another one needs it there
 * @param lost what happens in it at once, as a script sets it
 */
export async function saidOf(
  world: ParsedWorld,
  { summary: { name } }: DeployedFunction,
  functions: readonly DeployedFunction[],
  lost: ScriptStep['set'] = {},
): Promise<Said> {
  const script = Object.keys(lost).length === 0 ? [] : [{ afterMs: 0, set: lost }];
  const deployed = functions.filter(({ summary }) => summary.name === name || STARTED_BY[name] === summary.name);
  try {
    const { results, error } = await simulated(changedWorld(world, { script }), deployed, WATCHED_MS);
    if (error !== undefined) throw error;
    const own = results.map(({ result }) => result).filter(({ runbook }) => runbook === name);
    return { results: lastWords(own) };
  } catch (error) {
    // One runbook that cannot be played here keeps no other from being asked.
    if (error instanceof NotSimulatedError || error instanceof Error) return { why: error.message };
    throw error;
  }
}
