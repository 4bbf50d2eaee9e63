/** A world file as a place to operate: one stack of all runbooks, which the simulator runs, and a ledger that is kept in the file. */

import { accessSync, constants, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { BadInputError } from '../../../shared/kernel/errors.ts';
import { isJsonObject } from '../../../shared/kernel/json.ts';
import type { DiscoveredFunction } from '../../../rehearsal/functions.ts';
import type { SimulationEnd } from '../../../simulator/engine/simulation.ts';
import { readJsonFile } from '../../../simulator/world/json-file.ts';
import { ledgerSection } from '../../../simulator/world/ledger.ts';
import type { KeptCall } from '../../../simulator/world/run-calls.ts';
import { UsageError, type CommandIo } from '../../terminal.ts';
import {
  readWorld,
  runOnWorld,
  sayRestless,
  sayTaken,
  worldAfter,
  worldText,
  type ReadWorld,
} from '../../world-run.ts';
import type { Detail, ManualRequest, Place, Stack, Standing, Started } from '../place.ts';
import { asItStands, ledgerAfterDryRun } from './dry-run.ts';
import { heldFile, keptFile, type KeptFile } from './kept-file.ts';
import { pardonedIn, quarantineIn } from './quarantine.ts';
import { worldBook, type WorldBook } from './world-book.ts';

/** What the names of the one stack begin with. */
const PREFIX = 'world';

/** No time in a file is later: beyond, days have names of another length, and are in no order with the others. */
const LATEST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** Chooses the order of requests. What is made gets other ids in each run all the same: the world counts them. */
const SEED = 1;

/** Who works at this computer. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may have no name for its user.
    return 'unknown';
  }
}

/** The run of the execution, or of the request, that has this name. */
function runNamed(name: string, { executions }: Pick<SimulationEnd, 'executions'>): string {
  const execution = executions.find((one) => one.name === name);
  return execution === undefined ? name : execution.arn.split('/').slice(-2).join('/');
}

function isNamed(run: unknown, name: string): run is string {
  return typeof run === 'string' && (run === name || run.startsWith(`${name}/`));
}

function detailOf({ at, endedAt, kind, name, input, error }: KeptCall): Detail {
  return {
    at,
    ...(endedAt === undefined ? {} : { endedAt }),
    kind,
    name,
    ...(input === undefined ? {} : { input }),
    ...(error === undefined ? {} : { error }),
  };
}

class WorldPlace {
  readonly #io: CommandIo;
  readonly #path: string;
  readonly #functions: readonly DiscoveredFunction[];
  readonly #kept: KeptFile;
  readonly #ledger: WorldBook;
  /** The file's content, but for the ledger. */
  #value: JsonObject;
  #world: ReadWorld;
  #isChanged = false;
  /** What the runs of this process came to, also what leaves no record. */
  readonly #ends = new Map<string, Standing>();

  constructor(io: CommandIo, path: string, functions: readonly DiscoveredFunction[], kept: KeptFile) {
    this.#io = io;
    this.#path = path;
    this.#functions = functions;
    this.#kept = kept;
    const value = readJsonFile(path);
    this.#world = readWorld(path, value, new Date().toISOString());
    this.#value = isJsonObject(value) ? value : {};
    this.#ledger = worldBook(this.#world.world.ledger, () => this.#changing());
    sayTaken(io, this.#world);
  }

  async #changing(): Promise<void> {
    await this.#kept.hold();
    this.#isChanged = true;
  }

  /** Time in a file stands still. What people do there one after the other has its order all the same: a millisecond each. */
  now = (): string => {
    const { operations, runs } = this.#ledger.ledger();
    // A dry run has left the world's time as it was.
    const told = [...operations, ...runs].map(({ at }) => Date.parse(at) + 1);
    return new Date(Math.min(Math.max(this.#world.world.nowMs, ...told), LATEST_MS)).toISOString();
  };

  place(): Place {
    const { account, region } = this.#world.world;
    return {
      kind: 'world',
      account,
      alias: null,
      region,
      caller: userName(),
      person: userName(),
      file: this.#path,
      now: this.now,
      stacks: [this.#stack()],
      quarantineOf: (id) => Promise.resolve(quarantineIn(this.#value, id)),
      pardon: async (id, value) => {
        await this.#kept.hold();
        if (quarantineIn(this.#value, id) === value) this.#become(pardonedIn(this.#file(), id));
      },
      keep: this.#keep,
      close: this.#close,
    };
  }

  #stack(): Stack {
    return {
      prefix: PREFIX,
      version: null,
      parameters: { dryRun: false, approval: this.#world.world.ledger.asks ? 'always' : 'never', mode: 'apply' },
      runbooks: this.#functions.map(({ summary: { name, host } }) => ({
        name,
        host,
        functionName: `${PREFIX}-${name}`,
      })),
      book: this.#ledger.book,
      heartbeats: () => Promise.resolve(null),
      alarms: () => Promise.resolve(null),
      start: this.#start,
      // In a file nothing is under way: whatever was begun has come to rest.
      standing: (_runbook, run) => Promise.resolve(this.#ends.get(run) ?? { kind: 'ended' }),
      // Whatever waited has waited its time out, in the command that began it.
      wake: () => Promise.resolve('a run in a world ends with the command that began it'),
      details: (runbook, run) => {
        const kept = this.#ledger.ledger().calls.find((one) => one.runbook === runbook && one.run === run);
        return Promise.resolve(kept === undefined ? null : kept.calls.map(detailOf));
      },
    };
  }

  /** What stands in the file, with the ledger as it is now. */
  #file(): JsonObject {
    const { ledger: _before, ...rest } = this.#value;
    const section: unknown = ledgerSection(this.#ledger.ledger());
    return isJsonObject(section) ? { ...rest, ledger: section } : rest;
  }

  /** A run of that name that was started before. */
  #known(runbook: string, token: string): string | undefined {
    const { runs, operations } = this.#ledger.ledger();
    const recorded = runs.map(({ runbook: of, run }) => ({ of, run }));
    const noted = operations
      .filter(({ what }) => what === 'run')
      .map(({ scope, more }) => ({ of: scope, run: more['run'] }));
    const found = [...recorded, ...noted].find(({ run }) => isNamed(run, token));
    if (found === undefined) return undefined;
    if (found.of !== runbook) throw new UsageError(`--token ${token}: ${found.of} was started with it, not ${runbook}`);
    return isNamed(found.run, token) ? found.run : undefined;
  }

  #start = async (request: ManualRequest, token: string): Promise<Started> => {
    await this.#kept.hold();
    const { runbook } = request;
    const known = this.#known(runbook, token);
    if (known !== undefined) return { run: known, isRepeated: true };
    const isDry = request['dryRun'] === true;
    const file = this.#file();
    const world = readWorld(this.#path, isDry ? asItStands(file) : file, this.now());
    const end = await runOnWorld(this.#io, world, {
      events: [{ event: request, afterMs: 0, runbook, name: token }],
      functions: this.#functions,
      seed: SEED,
      dryRun: false,
      saysAssumed: true,
    });
    sayRestless(this.#io, world, end);
    this.#become(isDry ? this.#afterDryRun(file, end, request, token) : this.#after(world, end));
    const run = runNamed(token, end);
    this.#ends.set(run, this.#endOf(run, end));
    return { run, isRepeated: false };
  };

  #after({ world }: ReadWorld, end: SimulationEnd): object {
    const { $schema } = this.#value;
    return { ...($schema === undefined ? {} : { $schema }), ...worldAfter(world, end) };
  }

  #afterDryRun(file: JsonObject, end: SimulationEnd, { runbook }: ManualRequest, token: string): object {
    const isOwn = (of: string, run: string): boolean => of === runbook && isNamed(run, token);
    const ledger = ledgerSection(ledgerAfterDryRun(this.#ledger.ledger(), end, runbook, isOwn));
    return { ...file, ledger, simulated: this.#world.world.simulated + 1 };
  }

  #become(file: object): void {
    const value: unknown = JSON.parse(worldText(file));
    this.#world = readWorld(this.#path, value, this.now());
    this.#value = isJsonObject(value) ? value : {};
    this.#ledger.become(this.#world.world.ledger);
    this.#isChanged = true;
  }

  #endOf(run: string, { results, invocations }: SimulationEnd): Standing {
    const own = results.filter(({ result }) => result.run === run).map(({ result }) => result);
    const error = invocations.findLast(({ requestId }) => requestId === run)?.error;
    return { kind: 'ended', results: own, ...(error === undefined ? {} : { error }) };
  }

  /**
   * A file that holds what its schema knows no place for, such as a runbook of another name, is not made one that nobody can read.
   * @throws UsageError
   */
  #demandReadable(text: string): void {
    try {
      readWorld(this.#path, JSON.parse(text), this.now());
    } catch (error) {
      if (!(error instanceof BadInputError)) throw error;
      throw new UsageError(`${error.message}: a world cannot keep that, and nothing was kept`);
    }
  }

  #keep = async (): Promise<void> => {
    if (!this.#isChanged) return;
    // What could not be kept is told once, and not tried again at the end.
    this.#isChanged = false;
    const text = worldText(this.#file());
    this.#demandReadable(text);
    await this.#kept.replace(text);
  };

  #close = async (): Promise<void> => {
    try {
      await this.#keep();
    } finally {
      this.#kept.release();
    }
  };
}

/** Which file, and what for. */
interface WorldFile {
  readonly file: string;
  /** It is going to be changed: nobody else changes it between its reading and its writing. */
  readonly acts?: boolean;
}

function mayBeRead(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return !statSync(file).isDirectory();
  } catch {
    return false;
  }
}

/**
 * Opens a world file as a place.
 * @throws BadInputError when it is none, UsageError when it is to be changed and may not be, or another is at it
 */
export async function worldPlace(io: CommandIo, { file, acts = false }: WorldFile): Promise<Place> {
  const functions = await io.functions();
  // A path that leads to no file, or to one that may not be read, is told as every file is that is read.
  if (!mayBeRead(file)) readJsonFile(file);
  const kept = acts ? await heldFile(file) : keptFile(file);
  try {
    return new WorldPlace(io, file, functions, kept).place();
  } catch (error) {
    kept.release();
    throw error;
  }
}
