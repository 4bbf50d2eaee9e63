/** A drill: an incident that is rehearsed on the simulated AWS, and what it must come to. */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BadInputError } from '../shared/kernel/errors.ts';
import { alarmsRaised, REHEARSED_STACK } from './alarms.ts';
import { checkAlarms, checkCalls, checkFinal, checkResults, parseExpectation, type Expectation } from './expect.ts';
import { checkNodes } from './expect-nodes.ts';
import { checkQueues } from './expect-queues.ts';
import { parseDuration } from '../simulator/world/duration.ts';
import { watchersNamed } from './invariants.ts';
import { nearest } from '../build/nearest.ts';
import { checked, inFile, readJsonFile } from '../simulator/world/json-file.ts';
import type { DeployedFunction, FaultPlan, Watcher } from '../simulator/engine/run-types.ts';
import { simulate, type SimulationEnd } from '../simulator/engine/simulation.ts';
import { parseEvents, parseWorld, type ParsedWorld, type TimedEvent } from '../simulator/world/world-file.ts';

/** The environment a deployed function finds; a drill's own `environment` is merged over it. */
export const DEPLOYED_ENVIRONMENT: { readonly [name: string]: string } = {
  LEDGER_CONTROL_TABLE: 'runbook-control',
  LEDGER_DATA_TABLE: 'runbook-data',
  OUTCOME_BUS: 'runbook-outcomes',
  RUNBOOK_STACK: REHEARSED_STACK,
  RUNBOOK_DRY_RUN: 'false',
  // As `apply` is to be deployed: it holds where the ledger does not answer.
  RUNBOOK_MODE: 'apply',
  RUNBOOK_APPROVAL: 'never',
};

/** One rehearsable incident: a folder of `drills/`. */
export interface Drill {
  readonly name: string;
  readonly directory: string;
  /** First line of its README. */
  readonly title: string;
  readonly events: readonly TimedEvent[];
  readonly world: ParsedWorld;
  readonly expect: Expectation;
}

function titleOf(directory: string, shown: string): string {
  const path = join(directory, 'README.md');
  if (!existsSync(path))
    throw new BadInputError('', `${shown}/README.md: there is no such file; its first line is the drill's title`);
  const [first = ''] = readFileSync(path, 'utf8').split('\n');
  return first.replace(/^#+\s*/u, '').trim();
}

/** An empty list: nothing comes from outside, the world's own script sets everything off. */
function eventsOf(value: unknown): readonly TimedEvent[] {
  return Array.isArray(value) && value.length === 0 ? [] : parseEvents(value);
}

function loadDrill(root: string, name: string): Drill {
  const directory = join(root, name);
  const shown = `drills/${name}`;
  const read = <T>(file: string, parse: (value: unknown) => T): T => {
    const value = readJsonFile(join(directory, file), `${shown}/${file}`);
    return checked(`${shown}/${file}`, () => parse(value));
  };
  return {
    name,
    directory,
    title: titleOf(directory, shown),
    events: read('event.json', eventsOf),
    world: read('world.json', parseWorld),
    expect: read('expect.json', parseExpectation),
  };
}

/** A drill without its world: what it is about, and what it must come to. */
export type DrillOutline = Pick<Drill, 'name' | 'title' | 'expect'>;

/**
 * What all drills of a folder are about, by name; their worlds are not read.
 * @throws BadInputError as `loadDrills` does
 */
export function loadOutlines(root: string): readonly DrillOutline[] {
  return drillNames(root).map((name) => {
    const shown = `drills/${name}`;
    const path = `${shown}/expect.json`;
    const value = readJsonFile(join(root, name, 'expect.json'), path);
    return { name, title: titleOf(join(root, name), shown), expect: checked(path, () => parseExpectation(value)) };
  });
}

/** Names of all drills below a folder. */
function drillNames(root: string): readonly string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .filter((name) => statSync(join(root, name)).isDirectory())
    .toSorted();
}

function noDrill(unknown: string, all: readonly string[]): string {
  if (all.length === 0) return `there is no drill ${unknown}; there are: none`;
  const advice = `nearest: ${nearest(unknown, all).join(', ')}`;
  return `there is no drill ${unknown}; ${advice}; all ${all.length} are the folders of drills/, and \`npx runbook drill\` rehearses them`;
}

/**
 * Loads drills from a folder: those named, in that order, or all by name.
 * @throws BadInputError one line with the file and the JSON path of the fault; or that there is no such drill, with the nearest
 */
export function loadDrills(root: string, names: readonly string[] = []): readonly Drill[] {
  const all = drillNames(root);
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new BadInputError('', noDrill(unknown, all));
  return (names.length > 0 ? names : all).map((name) => loadDrill(root, name));
}

/** How a drill is run. */
export interface DrillOptions {
  readonly seed: number;
  readonly faults: FaultPlan;
}

/** What a drill came to. */
export interface DrillRun {
  readonly result: SimulationEnd;
  /** Every expectation missed and every invariant broken, one line each; empty: the drill passed. */
  readonly failures: readonly string[];
}

/**
 * The functions of `functions` that a drill is about.
 * @throws BadInputError when it names one that there is not
 */
export function concerned<F extends DeployedFunction>({ name, expect }: Drill, functions: readonly F[]): readonly F[] {
  const named = expect.runbooks ?? [...new Set(expect.results.map(({ runbook }) => runbook))];
  const unknown = named.find((each) => !functions.some(({ summary }) => summary.name === each));
  if (unknown !== undefined)
    throw new BadInputError('runbooks', `drills/${name}/expect.json: there is no runbook ${unknown}`);
  return named.length === 0 ? functions : functions.filter(({ summary }) => named.includes(summary.name));
}

/** Whether nothing goes wrong in a plan. */
export function isFaultFree(plan: FaultPlan): boolean {
  const { points, duplicates, ledgerLost, leasesGrantedToAll, ledgerFull = false, approval } = plan;
  const isAnythingAmiss = ledgerLost || leasesGrantedToAll || ledgerFull || approval !== undefined;
  return points.length === 0 && duplicates.length === 0 && !isAnythingAmiss;
}

/** What is as it must be only where nothing goes wrong. */
function checkExactly(
  { expect, world }: Drill,
  deployed: readonly DeployedFunction[],
  result: SimulationEnd,
): string[] {
  const runbooks = deployed.map(({ summary }) => summary.name);
  return [
    ...checkResults(expect, result),
    ...checkCalls(expect, result.requests),
    ...checkQueues(expect, result.world),
    ...checkNodes(expect, result.world),
    ...checkAlarms(expect, alarmsRaised(result, runbooks, world.nowMs)),
  ];
}

/**
 * Runs a drill once. The final state and the invariants must hold whatever goes wrong; results and call counts are those
 * of the run without faults and are compared only there.
 */
export async function runDrill(
  drill: Drill,
  functions: readonly DeployedFunction[],
  { seed, faults }: DrillOptions,
): Promise<DrillRun> {
  const { expect } = drill;
  const deployed = concerned(drill, functions);
  const result = await simulate({
    world: drill.world,
    events: drill.events,
    functions: deployed,
    seed,
    faults,
    runForMs: parseDuration(expect.runFor) ?? 0,
    environment: { ...DEPLOYED_ENVIRONMENT, ...expect.environment },
    answers: expect.approval,
    watchers: watchersOf(drill),
  }).catch((error: unknown) => {
    throw error instanceof BadInputError ? inFile(`drills/${drill.name}/world.json`, error) : error;
  });
  if (result.error !== undefined) return { result, failures: [result.error.message, ...result.violations] };
  if (isFaultFree(faults)) return { result, failures: failuresOf(drill, deployed, result) };
  const final = expect.needsLedger && faults.ledgerLost ? [] : checkFinal(expect, result.world);
  return { result, failures: [...final, ...result.violations] };
}

/** What a drill without faults did not come to. */
export function failuresOf(
  drill: Drill,
  deployed: readonly DeployedFunction[],
  result: SimulationEnd,
): readonly string[] {
  return [...checkExactly(drill, deployed, result), ...checkFinal(drill.expect, result.world), ...result.violations];
}

/** The watchers of a drill's invariants. */
export function watchersOf({ expect }: Pick<Drill, 'expect'>): readonly Watcher[] {
  return watchersNamed(expect.invariants);
}
