/** API calls and dependent round trips of every drill, ledger and checkpoints included. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../build/cloudformation.ts';
import { NO_FAULTS, type DeployedFunction, type LoggedRequest } from '../simulator/run-types.ts';
import { simulate } from '../simulator/simulation.ts';
import { parseEvents } from '../simulator/world-file.ts';

/** Figures of one drill. */
export interface DrillFigures {
  readonly name: string;
  readonly invocations: number;
  readonly reads: number;
  readonly writes: number;
  /** Longest chain of requests, each of which had to wait for the one before, in any one invocation. */
  readonly depth: number;
  /** Round trips that had to end before the first write to the account (not the ledger, not a checkpoint); `undefined`: nothing was written. */
  readonly tripsBeforeFirstWrite: number | undefined;
}

function isBookKeeping({ call }: LoggedRequest): boolean {
  return call.startsWith('ledger:') || call.startsWith('dynamodb:') || call.startsWith('lambda:') || call === 'events:PutEvents';
}

/** Counts the requests of one run. */
export function countRequests(requests: readonly LoggedRequest[]): Omit<DrillFigures, 'name' | 'invocations'> {
  const first = requests.find((request) => request.kind === 'write' && !isBookKeeping(request));
  return {
    reads: requests.filter(({ kind }) => kind === 'read').length,
    writes: requests.filter(({ kind }) => kind === 'write').length,
    depth: Math.max(0, ...requests.map(({ depth }) => depth)),
    tripsBeforeFirstWrite: first === undefined ? undefined : first.depth - 1,
  };
}

function isHandler(value: unknown): value is DeployedFunction['handler'] & { readonly runbook: DeployedFunction['summary'] } {
  return typeof value === 'function' && typeof Reflect.get(value, 'runbook') === 'object';
}

async function deployed(): Promise<DeployedFunction[]> {
  const paths = readdirSync(join(ROOT, 'functions')).map((name) => join(ROOT, 'functions', name, 'handler.ts'));
  return Promise.all(
    paths.filter((path) => existsSync(path)).map(async (path) => {
      const module: unknown = await import(pathToFileURL(path).href);
      const handler: unknown = typeof module === 'object' && module !== null ? Reflect.get(module, 'handler') : undefined;
      if (!isHandler(handler)) throw new Error(`${path}: no handler made by runbook()`);
      return { handler, summary: handler.runbook };
    }),
  );
}

function readJson(folder: string, file: string): unknown {
  return JSON.parse(readFileSync(join(ROOT, 'drills', folder, file), 'utf8')) as unknown;
}

/** Runs every drill once, without faults, and counts. */
export async function measureDrills(): Promise<DrillFigures[]> {
  const functions = await deployed();
  const figures: DrillFigures[] = [];
  for (const name of readdirSync(join(ROOT, 'drills')).toSorted()) {
    const end = await simulate({
      world: readJson(name, 'world.json'),
      events: parseEvents(readJson(name, 'event.json')),
      functions,
      seed: 1,
      faults: NO_FAULTS,
      runForMs: 0,
      environment: {},
      watchers: [],
    });
    if (end.error !== undefined) throw end.error;
    figures.push({ name, invocations: end.invocations.length, ...countRequests(end.requests) });
  }
  return figures;
}
