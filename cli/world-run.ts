/** A run on a world file: what `handle` and the commands of operation do alike, with every warning that belongs to it. */

import { BadInputError } from '../shared/kernel/errors.ts';
import { printable } from '../shared/kernel/printable.ts';
import { DEPLOYED_ENVIRONMENT } from '../rehearsal/drill.ts';
import { isRecord } from '../simulator/engine/json.ts';
import { NotSimulatedError, type Gap } from '../simulator/engine/model.ts';
import { RestlessError } from '../simulator/engine/restless.ts';
import { NO_FAULTS, type DeployedFunction, type GivenEvent } from '../simulator/engine/run-types.ts';
import { simulate, type SimulationEnd } from '../simulator/engine/simulation.ts';
import { NOT_PASTED } from '../simulator/services/listing.ts';
import { checked, inFile } from '../simulator/world/json-file.ts';
import { callsAfter } from '../simulator/world/run-calls.ts';
import { pastedWorld, worldFile, type ParsedWorld, type PastedWorld } from '../simulator/world/world-file.ts';
import type { CommandIo } from './terminal.ts';

/** A world file as it was read. */
export interface ReadWorld extends PastedWorld {
  readonly path: string;
  /** It says something of the data ledger. */
  readonly hasData: boolean;
}

/**
 * Checks the content of a world file. `now`: the time, ISO 8601, of one that gives none.
 * @throws BadInputError one line with the file and the JSON path of the fault
 */
export function readWorld(path: string, value: unknown, now: string): ReadWorld {
  const { ledger } = isRecord(value) ? value : {};
  const hasData = isRecord(ledger) && ledger['data'] !== undefined;
  return { ...checked(path, () => pastedWorld(value, now)), path, hasData };
}

/** What the paste does not say may be wrong, and time is another one in the next run: it is said as it can be written down. */
export function sayTaken(io: CommandIo, { path, taken }: ReadWorld): void {
  if (taken.length === 0) return;
  io.stderr.write(
    `runbook: warning: ${path}: taken to be ${taken.join(', ')}; write it into the file if that is right\n`,
  );
}

/** The most that a warning names, so that it can be read. */
const MOST_NAMED = 10;

/** One line about what the world file mentions, or its maker left out, and is not there. */
function sayLacks(io: CommandIo, { path, lacks }: ReadWorld, gaps: readonly Gap[]): void {
  const all = [...lacks, ...gaps.map((gap) => `${gap.path}: ${gap.message}`)];
  if (all.length === 0) return;
  const more = all.length > MOST_NAMED ? `; and ${all.length - MOST_NAMED} more` : '';
  io.stderr.write(`runbook: warning: ${path}: ${all.slice(0, MOST_NAMED).join('; ')}${more}\n`);
}

/** One line about what the runbook has asked for, and the paste says nothing of. */
function sayAssumed(io: CommandIo, { path }: ReadWorld, assumed: readonly string[]): void {
  const all = assumed.filter((one) => one.startsWith(NOT_PASTED)).map((one) => one.slice(NOT_PASTED.length).trim());
  if (all.length === 0) return;
  io.stderr.write(`runbook: warning: ${path}: ${NOT_PASTED} ${all.join(', ')}\n`);
}

/** The tag of what a run has made. */
const RUN_TAG = '"runbook:run"';

/** Of what runbooks made the ledger knows more than its tags say: without it a gang that runs is nobody's, and another one may be launched. */
function sayNoLedger(io: CommandIo, { path, world, hasData }: ReadWorld): void {
  if (!world.isPasted || hasData || !JSON.stringify([world.data, world.regions]).includes(RUN_TAG)) return;
  io.stderr.write(
    `runbook: warning: ${path}: the ledger was not pasted (ledger.data), and there is what a run has made (runbook:run): what the runbook keeps of it, as of a gang that runs, is not known\n`,
  );
}

/** How a run fails that misses a member which AWS always gives. */
const MISSING = /^[\w-]+: (.+): missing in AWS's answer/u;

/** Of a paste that is no failure of the runbook's: AWS would have given it. */
function refuseUnsaid({ results }: SimulationEnd, { path }: ReadWorld): void {
  for (const { result } of results) {
    const [, member] = MISSING.exec(result.reason) ?? [];
    if (member === undefined) continue;
    throw new NotSimulatedError(`${path}: ${member} is not pasted, and AWS always gives it: paste the whole output`);
  }
}

/**
 * Whoever waits for an answer is told within a minute or so that there is no end. A step is a moment at which something happens: what is
 * waited for takes few of them, however long it takes. The most that a drill takes are 18,819; a larger world has more that happens.
 */
const MOST_STEPS = 25_000;
const STEPS_PER_RECORD = 250;

/** How many steps a run on a world may take. */
function mostStepsOn({ data, regions }: ParsedWorld): number {
  const services = [data, ...Object.values(regions)].flatMap((place) => Object.values(place));
  const records = services.flatMap((service) => Object.values(service)).flat().length;
  return MOST_STEPS + STEPS_PER_RECORD * records;
}

/** Where the world never comes to rest, what is shown is the beginning of a story without an end; whether that is so. */
export function sayRestless(io: CommandIo, { path, world: { nowMs } }: ReadWorld, end: SimulationEnd): boolean {
  if (!(end.error instanceof RestlessError)) return false;
  const { clock } = end.world;
  const minutes = Math.round((clock.now() - nowMs) / 60_000);
  io.stderr.write(
    `runbook: error: ${path}: stopped at ${clock.iso()}, after ${minutes} simulated minutes: ${end.error.message}. Things go on for ever in this world, as where a group ends and launches hosts again and again. What is shown is the story so far\n`,
  );
  return true;
}

/** How a run begins its reason whose question nobody has answered. */
const NOT_APPROVED = /^not-approved\b/u;

/** Whoever rehearses is no approver: a refusal for want of one says nothing of what the runbook would have done. */
function sayUnapproved(
  io: CommandIo,
  { path }: ReadWorld,
  { results }: SimulationEnd,
  functions: readonly DeployedFunction[],
): void {
  // A plain run does not wait: where it was refused somebody has said yes, and it says itself what is amiss with that.
  const waits = new Set(
    functions.filter(({ summary }) => summary.host === 'durable').map(({ summary }) => summary.name),
  );
  if (results.every(({ result }) => !waits.has(result.runbook) || !NOT_APPROVED.test(result.reason))) return;
  io.stderr.write(
    `runbook: ${path}: an approval was asked for, and in a world nobody can give one: the run waited until its time was over, and was refused\n`,
  );
}

/** What goes into a run. */
export interface WorldRun {
  readonly events: readonly GivenEvent[];
  readonly functions: readonly DeployedFunction[];
  readonly seed: number;
  readonly dryRun: boolean;
  /** What was asked for and not pasted is said; a program that reads JSON is not told. */
  readonly saysAssumed: boolean;
}

/**
 * Runs to the end and says what the file lacks for it. A world that contradicts itself is a fault of its file.
 * @throws BadInputError, NotSimulatedError with the file in front
 */
export async function runOnWorld(io: CommandIo, file: ReadWorld, run: WorldRun): Promise<SimulationEnd> {
  const end = await simulated(file, run, io.mostSteps ?? mostStepsOn(file.world));
  sayLacks(io, file, end.gaps);
  if (run.saysAssumed) sayAssumed(io, file, end.assumed);
  if (end.requests.some(({ input }) => input['partition'] !== undefined)) sayNoLedger(io, file);
  sayUnapproved(io, file, end, run.functions);
  const isRestless = end.error instanceof RestlessError;
  if (end.error !== undefined && !isRestless) throw ofFile(file, end.error, (error) => error.path.startsWith('script'));
  if (file.world.isPasted) refuseUnsaid(end, file);
  return end;
}

function ofFile({ path }: ReadWorld, error: unknown, isOfFile: (error: BadInputError) => boolean): unknown {
  if (error instanceof NotSimulatedError) return error.in(path);
  return error instanceof BadInputError && isOfFile(error) ? inFile(path, error) : error;
}

async function simulated(
  file: ReadWorld,
  { events, functions, seed, dryRun }: WorldRun,
  mostSteps: number,
): Promise<SimulationEnd> {
  try {
    return await simulate({
      world: file.world,
      events,
      functions,
      seed,
      faults: NO_FAULTS,
      runForMs: 0,
      mostSteps,
      environment: {
        ...DEPLOYED_ENVIRONMENT,
        RUNBOOK_DRY_RUN: String(dryRun),
        RUNBOOK_APPROVAL: file.world.ledger.asks ? 'always' : 'never',
      },
      watchers: [],
    });
  } catch (error) {
    throw ofFile(file, error, () => true);
  }
}

/** The world as a run has left it, to begin the next one with: what the ledger knows is handed on, and how often it was run on. */
export function worldAfter({ ledger: before, simulated: times }: ParsedWorld, end: SimulationEnd): object {
  const { switches, modes, resources, records: runs } = end.ledger;
  const ledger = {
    ...before,
    switches,
    modes,
    resources,
    runs,
    calls: callsAfter(before.calls, end),
    data: end.data,
  };
  return worldFile(end.world, { ledger, simulated: times + 1 });
}

/** A world file as it is written. */
export function worldText(file: object): string {
  return `${printable(JSON.stringify(file, null, 2))}\n`;
}
