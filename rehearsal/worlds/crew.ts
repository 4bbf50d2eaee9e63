/** Who tries generated worlds: worker threads, since a simulation replaces the clock of its whole thread. */

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { BatchEnd, Finding } from './bench.ts';

/** More threads than this gain nothing: each loads the simulator and the SDK anew. */
const MAX_THREADS = 4;

/** Try this many worlds of a batch, or make the world of a finding small. */
export type Task = { readonly batch: number; readonly count: number } | { readonly finding: Finding };

/** What a worker is told. */
export interface Order {
  readonly runbooks: readonly string[];
  readonly seed: number;
  readonly task: Task;
}

/** What a worker answers. */
export type Answer = { readonly batch: BatchEnd } | { readonly small: Finding } | { readonly error: string };

function ask(worker: Worker, order: Order): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const off = (): void => {
      worker.off('message', onMessage);
      worker.off('error', onError);
    };
    const onMessage = (answer: Answer): void => {
      off();
      if ('error' in answer) reject(new Error(answer.error));
      else resolve(answer);
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

/** Worker threads for one run of worlds; to be dismissed when it is over. */
export class Crew {
  readonly #workers: readonly Worker[];
  readonly #runbooks: readonly string[];
  readonly #seed: number;

  constructor(runbooks: readonly string[], seed: number) {
    const many = Math.min(availableParallelism(), MAX_THREADS);
    this.#workers = Array.from({ length: many }, () => new Worker(new URL('worker.ts', import.meta.url)));
    this.#runbooks = runbooks;
    this.#seed = seed;
  }

  /** Does all tasks, as many at once as there are workers; answers in the order of the tasks. */
  async work(tasks: readonly Task[], onDone: () => void = () => undefined): Promise<readonly Answer[]> {
    const answers: Answer[] = [];
    let next = 0;
    const serve = async (worker: Worker): Promise<void> => {
      for (let index = next++; index < tasks.length; index = next++) {
        const task = tasks[index];
        if (task === undefined) return;
        answers[index] = await ask(worker, { runbooks: this.#runbooks, seed: this.#seed, task });
        onDone();
      }
    };
    await Promise.all(this.#workers.map(serve));
    return answers;
  }

  async dismiss(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}
