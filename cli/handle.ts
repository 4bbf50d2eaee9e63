/** `runbook handle`: one event to every runbook it starts, on the simulator or in the caller's own account. */

import { writeFileSync } from 'node:fs';
import { BadInputError } from '../shared/kernel/errors.ts';
import { parseEvent } from '../shared/kernel/triggers/parser.ts';
import { DEPLOYED_ENVIRONMENT } from '../rehearsal/drill.ts';
import { checked, inFile, readJsonFile } from '../simulator/world/json-file.ts';
import { NO_FAULTS } from '../simulator/engine/run-types.ts';
import { simulate, type SimulationEnd } from '../simulator/engine/simulation.ts';
import {
  parseEvents,
  parseWorld,
  worldFile,
  type ParsedWorld,
  type TimedEvent,
} from '../simulator/world/world-file.ts';
import { EXIT, exitCodeOf, refuseBadInput, shownResults, type ShownResult } from './results.ts';
import { resultText } from './show.ts';
import { paintFor, UsageError, widthOf, type CommandIo } from './terminal.ts';

export interface WorldOptions {
  readonly event: string;
  readonly world: string;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly seed: number;
  readonly worldOut: string | undefined;
}

/** Refuses what no runbook could read, before anything happens. One bad record of a batch is enough: a person is asking, not a queue. */
function refuseUnreadable(timed: readonly TimedEvent[], isList: boolean): void {
  for (const [index, { event }] of timed.entries()) {
    try {
      const parsed = parseEvent(event);
      const bad = parsed.kind === 'batch' ? parsed.records.find((record) => 'error' in record) : undefined;
      if (bad !== undefined && 'error' in bad) throw bad.error;
    } catch (error) {
      if (isList && error instanceof BadInputError) throw inFile(`[${index}].event`, error);
      throw error;
    }
  }
}

/** Reads an event file, and refuses it when no runbook could read the event. */
export function readEvents(path: string): readonly TimedEvent[] {
  const value = readJsonFile(path);
  return checked(path, () => {
    const timed = parseEvents(value);
    refuseUnreadable(timed, Array.isArray(value));
    return timed;
  });
}

/** Prints results; the exit code says how they ended. */
export function printResults(io: CommandIo, results: readonly ShownResult[], json: boolean): number {
  if (json) io.stdout.write(`${JSON.stringify({ results }, null, 2)}\n`);
  else {
    const paint = paintFor(io.stdout, io.env);
    if (results.length === 0) io.stdout.write('no runbook is started by this event\n');
    for (const result of results) io.stdout.write(`${resultText(result, widthOf(io.stdout), paint)}\n\n`);
  }
  return exitCodeOf(results);
}

function refuseFailure(result: SimulationEnd, options: WorldOptions): void {
  const { error } = result;
  if (error instanceof BadInputError && error.path.startsWith('script')) throw inFile(options.world, error);
  if (error !== undefined) throw error;
  try {
    refuseBadInput(result.results.map((one) => one.result));
  } catch (fault) {
    throw fault instanceof BadInputError ? inFile(options.event, fault) : fault;
  }
}

function writeWorld(path: string, result: SimulationEnd): void {
  try {
    writeFileSync(path, `${JSON.stringify(worldFile(result.world), null, 2)}\n`);
  } catch (error) {
    throw new UsageError(`${path}: cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readWorld(path: string): ParsedWorld {
  const value = readJsonFile(path);
  return checked(path, () => parseWorld(value));
}

/** Gives an event file to the simulated account, acting, and prints every run that came of it. */
export async function handleOnWorld(io: CommandIo, options: WorldOptions): Promise<number> {
  const events = readEvents(options.event);
  const world = readWorld(options.world);
  const functions = await io.functions();
  const result = await simulate({
    world,
    events,
    functions,
    seed: options.seed,
    faults: NO_FAULTS,
    runForMs: 0,
    environment: { ...DEPLOYED_ENVIRONMENT, RUNBOOK_DRY_RUN: String(options.dryRun) },
    watchers: [],
  });
  refuseFailure(result, options);
  if (options.worldOut !== undefined) writeWorld(options.worldOut, result);
  const seed = `seed ${options.seed}\n`;
  if (options.json) io.stderr.write(seed);
  else
    io.stdout.write(
      paintFor(io.stdout, io.env).dim(`simulated from ${new Date(world.nowMs).toISOString()}, ${seed}\n`),
    );
  const code = printResults(io, shownResults(result), options.json);
  return code === EXIT.ok && result.violations.length > 0 ? EXIT.failed : code;
}
