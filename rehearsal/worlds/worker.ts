/** A worker thread that tries generated worlds: batches of them, or one made smaller and smaller. */

import { parentPort } from 'node:worker_threads';
import { FUNCTIONS_ROOT } from '../explorer/crew.ts';
import { discoverFunctions } from '../functions.ts';
import { Bench } from './bench.ts';
import { catalogueOf } from './catalogue.ts';
import type { Answer, Order } from './crew.ts';

// The stub of the SDK makes an error, with its stack, for each call; nothing here shows one.
Error.stackTraceLimit = 0;

let current: { readonly key: string; readonly bench: Bench } | undefined;

async function benchOf({ runbooks, seed }: Order): Promise<Bench> {
  const key = JSON.stringify([runbooks, seed]);
  if (current?.key === key) return current.bench;
  current = { key, bench: new Bench(await discoverFunctions(FUNCTIONS_ROOT), await catalogueOf(runbooks), seed) };
  return current.bench;
}

async function answer(order: Order): Promise<Answer> {
  try {
    const bench = await benchOf(order);
    const { task } = order;
    if ('finding' in task) return { small: await bench.small(task.finding) };
    return { batch: await bench.batch(task.batch, task.count) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on('message', (order: Order) => {
  void answer(order).then((made) => parentPort?.postMessage(made, []));
});
