/** A worker thread of the explorer: makes the runs it is told to, one after the other. */

import { parentPort } from 'node:worker_threads';
import { discoverFunctions } from '../functions.ts';
import { loadDrills } from '../drill.ts';
import type { Answer, Order } from './crew.ts';
import { Rehearsal, type Finding } from './rehearsal.ts';

// The stub of the SDK makes an error, with its stack, for each call; nothing here shows one.
Error.stackTraceLimit = 0;

let current: { readonly key: string; readonly rehearsal: Rehearsal } | undefined;

async function rehearsalOf(order: Order): Promise<Rehearsal> {
  const key = JSON.stringify([order.drills, order.drill, order.functions, order.seed, order.rules, order.root]);
  if (current?.key === key) return current.rehearsal;
  const [drill] = loadDrills(order.drills, [order.drill]);
  if (drill === undefined) throw new Error(`there is no drill ${order.drill}`);
  const deployed = await discoverFunctions(order.root);
  const functions = order.functions.flatMap((name) => deployed.find(({ summary }) => summary.name === name) ?? []);
  current = { key, rehearsal: new Rehearsal(drill, functions, order.seed, order.rules) };
  return current.rehearsal;
}

async function answer(order: Order): Promise<Answer> {
  try {
    const rehearsal = await rehearsalOf(order);
    const findings: Finding[] = [];
    for (const plan of order.plans) findings.push(await rehearsal.check(plan));
    return { findings };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on('message', (order: Order) => {
  void answer(order).then((made) => parentPort?.postMessage(made, []));
});
