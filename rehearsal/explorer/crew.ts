/**
 * Who makes the runs of an exploration: worker threads, since a simulation replaces the clock of its whole thread, or
 * this thread where the functions cannot be loaded anew elsewhere.
 */

import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Drill } from '../drill.ts';
import type { Finding, Rehearsal } from './rehearsal.ts';
import type { RulesByRunbook } from '../runbooks.ts';
import { isRecord } from '../../simulator/engine/json.ts';
import type { DeployedFunction, FaultPlan } from '../../simulator/engine/run-types.ts';

/** More threads than this gain nothing: each loads the simulator and the SDK anew. */
const MAX_THREADS = 4;
/** This project's own functions. */
export const FUNCTIONS_ROOT: string = join(import.meta.dirname, '..', '..', 'functions');

/** What a worker is told. */
export interface Order {
  readonly drills: string;
  readonly drill: string;
  readonly functions: readonly string[];
  readonly seed: number;
  readonly rules: RulesByRunbook;
  /** The folder of the functions. */
  readonly root: string;
  readonly plans: readonly FaultPlan[];
}

/** What a worker answers. */
export type Answer = { readonly findings: readonly Finding[] } | { readonly error: string };

export interface Crew {
  /**
   * Makes the runs of all batches; findings in the order of the plans. Begins none once the time is up: what has not been
   * tried then is `undefined`.
   */
  readonly work: (
    batches: readonly (readonly FaultPlan[])[],
    onDone: (count: number) => void,
    isOver: () => boolean,
  ) => Promise<readonly (Finding | undefined)[]>;
}

function alone(rehearsal: Rehearsal): Crew {
  return {
    work: async (batches, onDone, isOver) => {
      const findings: (Finding | undefined)[] = [];
      for (const plan of batches.flat()) {
        findings.push(isOver() ? undefined : await rehearsal.check(plan));
        onDone(1);
      }
      return findings;
    },
  };
}

/** Kept from drill to drill: starting one costs as much as hundreds of runs. */
const idle: Worker[] = [];
/** Who waits for a worker, first come first served: several drills may be explored at once. */
const waiting: ((worker: Worker) => void)[] = [];
let started = 0;

function takeWorker(most: number): Promise<Worker> {
  const worker = idle.pop();
  if (worker === undefined && started >= most) return new Promise((resolve) => waiting.push(resolve));
  if (worker === undefined) started += 1;
  const taken = worker ?? new Worker(new URL('worker.ts', import.meta.url));
  taken.ref();
  return Promise.resolve(taken);
}

function handBack(worker: Worker): void {
  const next = waiting.shift();
  if (next !== undefined) return next(worker);
  // An idle worker must not keep the process from ending.
  worker.unref();
  idle.push(worker);
}

function ask(worker: Worker, order: Order): Promise<readonly Finding[]> {
  return new Promise((resolve, reject) => {
    const off = (): void => {
      worker.off('message', onMessage);
      worker.off('error', onError);
    };
    const onMessage = (answer: Answer): void => {
      off();
      if ('error' in answer) reject(new Error(answer.error));
      else resolve(answer.findings);
    };
    const onError = (error: Error): void => {
      off();
      reject(error);
    };
    worker.on('message', onMessage);
    worker.on('error', onError);
    worker.postMessage(order, []);
  });
}

function together(order: Omit<Order, 'plans'>, threads: number): Crew {
  return {
    work: async (batches, onDone, isOver) => {
      const work = async (plans: readonly FaultPlan[]): Promise<readonly (Finding | undefined)[]> => {
        const worker = await takeWorker(threads);
        try {
          return isOver() ? plans.map(() => undefined) : await ask(worker, { ...order, plans });
        } finally {
          onDone(plans.length);
          handBack(worker);
        }
      };
      return (await Promise.all(batches.map(work))).flat();
    },
  };
}

/** Whether a function is what another thread would load under its name. */
async function isBelow(root: string, { summary, handler }: DeployedFunction): Promise<boolean> {
  const path = join(root, summary.name, 'handler.ts');
  if (!existsSync(path)) return false;
  const module: unknown = await import(pathToFileURL(path).href);
  return isRecord(module) && module['handler'] === handler;
}

/** What a crew is to rehearse. */
export interface Subject {
  readonly drill: Drill;
  readonly functions: readonly DeployedFunction[];
  readonly seed: number;
  /** Rules of functions that have no folder in `rehearsal/`, by name. */
  readonly rules: RulesByRunbook;
  /** The folder of the functions. */
  readonly root: string;
}

/** Puts a crew together. `threads` 0: this thread does it. Absent: one thread for each core, if others can load the functions. */
export async function startCrew(
  { drill, functions, seed, rules, root }: Subject,
  rehearsal: Rehearsal,
  threads: number | undefined,
): Promise<Crew> {
  const many = threads ?? Math.min(availableParallelism(), MAX_THREADS);
  const loadable = many > 0 && (await Promise.all(functions.map((fn) => isBelow(root, fn)))).every((ours) => ours);
  if (!loadable) return alone(rehearsal);
  const drills = dirname(drill.directory);
  const names = functions.map(({ summary }) => summary.name);
  return together({ drills, drill: drill.name, functions: names, seed, rules, root }, many);
}
