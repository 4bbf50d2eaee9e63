/** `runbook handle`: one event to every runbook it starts, on the simulator or in the caller's own account. */

import { writeFileSync } from 'node:fs';
import { BadInputError } from '../shared/kernel/errors.ts';
import { parseEvent, readersOf } from '../shared/kernel/triggers/parser.ts';
import type { Delivery, DocumentReader } from '../shared/kernel/triggers/triggers.ts';
import { checked, inFile, readJsonFile } from '../simulator/world/json-file.ts';
import { isRecord } from '../simulator/engine/json.ts';
import { fedBy } from '../simulator/hosts/queue-source.ts';
import type { DeployedFunction } from '../simulator/engine/run-types.ts';
import type { SimulationEnd } from '../simulator/engine/simulation.ts';
import { parseEvents, type PastedWorld, type TimedEvent } from '../simulator/world/world-file.ts';
import { indented, widthOf } from './layout.ts';
import { EXIT, exitCodeOf, planExitCodeOf, refuseBadInput, shownResults, type ShownResult } from './results.ts';
import { nextLine } from './operate/command-line.ts';
import { requestLine } from './operate/show/undo-today.ts';
import { shortIds } from './operate/short-ids.ts';
import { bareCalls, takeBackRequest } from './operate/take-back.ts';
import { conclusionText, detailText, type Guarded } from './show.ts';
import { NoRunbookError, paintFor, UsageError, type CommandIo } from './terminal.ts';
import { readWorld, runOnWorld, sayRestless, sayTaken, worldAfter, worldText } from './world-run.ts';

export interface WorldOptions {
  readonly event: string;
  readonly world: string;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly seed: number;
  readonly worldOut: string | undefined;
  readonly planExitCode: boolean;
  /** What is printed names nothing of the account. */
  readonly redact: boolean;
}

/** What reads the documents of all these functions. */
function readersOfAll(functions: readonly DeployedFunction[]): readonly DocumentReader[] {
  return readersOf(functions.flatMap(({ summary }) => summary.triggers));
}

/** The deliveries in an event, as any of the functions would read it; a bad record of a batch is none. */
export function deliveriesOf(event: unknown, functions: readonly DeployedFunction[]): readonly Delivery[] {
  const parsed = parseEvent(event, readersOfAll(functions));
  if (parsed.kind === 'single') return [parsed.delivery];
  return parsed.records.flatMap((record) => ('delivery' in record ? [record.delivery] : []));
}

/** Refuses what no runbook could read, before anything happens. One bad record of a batch is enough: a person is asking, not a queue. */
function refuseUnreadable(
  timed: readonly TimedEvent[],
  isList: boolean,
  readers: readonly DocumentReader[],
  isTaken: (event: unknown) => boolean,
): void {
  for (const [index, { event }] of timed.entries()) {
    if (isTaken(event)) continue;
    try {
      const parsed = parseEvent(event, readers);
      const bad = parsed.kind === 'batch' ? parsed.records.find((record) => 'error' in record) : undefined;
      if (bad !== undefined && 'error' in bad) throw bad.error;
    } catch (error) {
      if (isList && error instanceof BadInputError) throw inFile(`[${index}].event`, error);
      throw error;
    }
  }
}

/** Reads an event file, and refuses it when none of the functions could read the event; `isTaken`: as it came, whatever it is. */
export function readEvents(
  path: string,
  functions: readonly DeployedFunction[],
  isTaken: (event: unknown) => boolean = () => false,
): readonly TimedEvent[] {
  const value = readJsonFile(path);
  return checked(path, () => {
    const timed = parseEvents(value);
    refuseUnreadable(timed, Array.isArray(value), readersOfAll(functions), isTaken);
    return timed;
  });
}

/** Names of runbooks that an event asks for: a request its own, an entry of a list the one it is meant for. */
function namesIn({ event, runbook }: TimedEvent, functions: readonly DeployedFunction[]): readonly string[] {
  const requested = deliveriesOf(event, functions).flatMap((delivery) =>
    delivery.kind === 'request' ? [delivery.runbook] : [],
  );
  return runbook === undefined ? requested : [runbook, ...requested];
}

/**
 * Nothing is done where a runbook is asked for that does not exist: whoever misspelt it means something by it.
 * @throws NoRunbookError
 */
export function demandRunbooks(
  io: CommandIo,
  timed: readonly TimedEvent[],
  functions: readonly DeployedFunction[],
  json: boolean,
): void {
  const known = functions.map(({ summary }) => summary.name);
  const unknown = timed.flatMap((one) => namesIn(one, functions)).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  if (json) io.stdout.write(`${JSON.stringify({ results: [] }, null, 2)}\n`);
  throw new NoRunbookError(`there is no runbook ${unknown}; there are: ${known.join(', ')}`);
}

/** How results are printed. */
export interface Printing {
  readonly json: boolean;
  /** What to say where there is no result. */
  readonly none: string;
  /** Introduces the lines that take a run back. */
  readonly undo: string;
  /** The line that has the runbook itself take it back. */
  readonly guarded?: (result: ShownResult) => Guarded | undefined;
  /** Shows a run once more, with all that is known of it; `undefined`: nothing of it is kept. */
  readonly shows?: (run: string) => string | undefined;
}

/** The lines that show the runs again, each once. */
function showLines(results: readonly ShownResult[], shows: (run: string) => string | undefined): readonly string[] {
  return [...new Set(results.map(({ run }) => run))].flatMap((run) => {
    const line = shows(run);
    return line === undefined ? [] : [`  ${line}`];
  });
}

/** Prints results, what they came to last. */
export function printResults(io: CommandIo, results: readonly ShownResult[], printing: Printing): void {
  const { json, none, undo, guarded, shows } = printing;
  const say = (text: string): void => io.stdout.write(`${text}\n`);
  if (json) {
    say(JSON.stringify({ results }, null, 2));
    return;
  }
  const [width, paint] = [widthOf(io.stdout), paintFor(io.stdout, io.env)];
  for (const result of results) say(`${detailText(result, width, paint)}\n`);
  say(
    results.length === 0
      ? none
      : results
          .map((result) => conclusionText(result, { width, paint, undo, guarded: guarded?.(result) }))
          .join('\n\n'),
  );
  const again = shows === undefined ? [] : showLines(results, shows);
  const intro = indented(0, ['once more, with what is in the way of taking it back:', paint.dim], width);
  if (again.length > 0) say(['', ...intro, ...again].join('\n'));
}

function refuseBadEvent(result: SimulationEnd, path: string, isOfQueue: (event: unknown) => boolean): void {
  try {
    const asked = result.results.filter(({ invocation }) => !isOfQueue(result.invocations[invocation]?.event));
    refuseBadInput(asked.map((one) => one.result));
  } catch (fault) {
    throw fault instanceof BadInputError ? inFile(path, fault) : fault;
  }
}

function writeWorld(path: string, file: object): void {
  try {
    writeFileSync(path, worldText(file));
  } catch (error) {
    throw new UsageError(`${path}: cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** When the first event was sent, if it says so; else the present. */
function timeOf([first]: readonly TimedEvent[]): string {
  const { time } = isRecord(first?.event) ? first.event : {};
  const sentMs = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return new Date(Number.isNaN(sentMs) ? Date.now() : sentMs).toISOString();
}

function sayBeginning(io: CommandIo, { json, seed }: WorldOptions, nowMs: number): void {
  if (json) {
    io.stderr.write(`seed ${seed}\n`);
    return;
  }
  const { dim } = paintFor(io.stdout, io.env);
  const text = `simulated from ${new Date(nowMs).toISOString()}, seed ${seed}`;
  io.stdout.write(`${indented(0, [text, dim], widthOf(io.stdout)).join('\n')}\n\n`);
}

/** Without an event, and without anything that happens in the world, there is nothing to handle: schedules tick for what is waiting only. */
function whyIdle({ event, world: path }: WorldOptions, { script }: PastedWorld['world']): string {
  if (script.length > 0) return "nothing in the world's script started a runbook";
  return `there is no event in ${event} and no script in ${path}: no runbook was started; what a schedule's tick does is asked for by a request, see examples/`;
}

type Kept = SimulationEnd['ledger']['records'];

const IN_ACCOUNT = 'what would take it back, in the account that this world is of:';

/** By its record; it is sent in the account. */
function guardedBy(records: Kept, result: ShownResult): Guarded | undefined {
  const { runbook, run, target = '' } = result;
  const record = records.find((one) => one.runbook === runbook && one.run === run && one.target === target);
  const request = record && takeBackRequest(result, record.body);
  const line = request && requestLine({ file: null }, request);
  return line === undefined ? undefined : { line, intro: IN_ACCOUNT, bare: `or ${bareCalls({ kind: 'live' })}` };
}

function showsIn(records: Kept, file: string): (run: string) => string | undefined {
  const shorts = shortIds(records.map(({ run }) => run));
  return (run) => {
    const short = shorts.get(run);
    return short === undefined ? undefined : nextLine({ file }, 'show', short);
  };
}

/** The results as they are printed: to be given to others they name nothing of the account. */
async function printable(
  { redact, world, event }: WorldOptions,
  results: readonly ShownResult[],
  functions: readonly DeployedFunction[],
): Promise<readonly ShownResult[]> {
  if (!redact) return results;
  const { redactedResults } = await import('./snapshot/redact/results.ts');
  const beside = { world: readJsonFile(world), event: readJsonFile(event) };
  return redactedResults(
    results,
    beside,
    functions.map(({ summary }) => summary.name),
  );
}

/** Gives an event file to the simulated account, acting, and prints every run that came of it. */
export async function handleOnWorld(io: CommandIo, options: WorldOptions): Promise<number> {
  const functions = await io.functions();
  // What comes out of a runbook's own queue is rehearsed as it comes: what becomes of the bad ones is what is asked.
  const isOfQueue = (event: unknown): boolean => fedBy(event, functions).length > 0;
  const events = readEvents(options.event, functions, isOfQueue);
  const file = readWorld(options.world, readJsonFile(options.world), timeOf(events));
  const { world } = file;
  sayTaken(io, file);
  const asked = events.filter(({ event }) => !isOfQueue(event));
  demandRunbooks(io, asked, functions, options.json);
  const { seed, dryRun, json } = options;
  const result = await runOnWorld(io, file, { events, functions, seed, dryRun, saysAssumed: !json });
  refuseBadEvent(result, options.event, isOfQueue);
  if (options.worldOut !== undefined) writeWorld(options.worldOut, worldAfter(world, result));
  sayBeginning(io, options, world.nowMs);
  const results = await printable(options, shownResults(result), functions);
  const isScript = events.length === 0;
  printResults(io, results, {
    json: options.json,
    none: isScript ? whyIdle(options, world) : 'no runbook is started by this event',
    undo: IN_ACCOUNT,
    guarded: (one) => guardedBy(result.ledger.records, one),
    ...(options.worldOut === undefined ? {} : { shows: showsIn(result.ledger.records, options.worldOut) }),
  });
  if (sayRestless(io, file, result)) return EXIT.failed;
  // Nobody asked for a runbook: a script that starts none is as good an end as any.
  const isIdle = isScript && results.every(({ outcome }) => outcome === 'not-mine');
  const codeOf = options.planExitCode ? planExitCodeOf : exitCodeOf;
  const code = isIdle ? EXIT.ok : codeOf(results);
  return code === EXIT.ok && result.violations.length > 0 ? EXIT.failed : code;
}
