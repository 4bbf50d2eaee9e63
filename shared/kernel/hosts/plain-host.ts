/** The plain host: one invocation of minutes at most; a schedule takes up what it could not finish. */

import middy from '@middy/core';
import { classify } from '../errors.ts';
import { approveAnew } from '../run/approve-anew.ts';
import type { Host, HostAdapter, Item, Settled } from './host.ts';
import { readContext, type InvocationContext } from './invocation.ts';

/**
 * Items worked on at the same time: as many connections as the SDK opens at once to one endpoint (`maxSockets` of its Node
 * handler). More would wait in line, with their time-outs running.
 */
const WIDTH = 50;

function sleep(milliseconds: number, interrupt: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (interrupt?.aborted === true) return resolve();
    const timer = setTimeout(resolve, milliseconds);
    interrupt?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Works on all items, so many at a time, each begun in its turn. */
async function workOn<T, R>(items: readonly Item<T>[], work: (value: T) => Promise<R>): Promise<readonly Settled<R>[]> {
  const results = new Map<number, Settled<R>>();
  const queue = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, { value }] of queue) results.set(index, await settle(() => work(value)));
  };
  await Promise.all(Array.from({ length: Math.min(WIDTH, items.length) }, lane));
  return items.flatMap((_item, index) => results.get(index) ?? []);
}

async function settle<R>(work: () => Promise<R>): Promise<Settled<R>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, fault: classify(error) };
  }
}

function plainHost(context: InvocationContext): Host {
  const host: Host = {
    kind: 'plain',
    ...context,
    operationsLeft: () => Infinity,
    step: (_name, effect) => effect(),
    wait: (_name, seconds) => sleep(seconds * 1_000, context.interrupt),
    each: (_name, items, work) => workOn(items, (value) => work(value, host)),
  };
  return host;
}

/** Runs the kernel in this invocation. By itself: a durable bundle has it, and carries nothing of how a plain run asks. */
export const wrapPlain: HostAdapter['wrap'] = (run) => {
  // timeoutEarlyInMillis 0: the kernel winds down by itself, seconds before the end; middy's early error would cut that off.
  const handler = middy<unknown, unknown>({ timeoutEarlyInMillis: 0 });
  return handler.handler((event: unknown, context: object) => run(event, plainHost(readContext(context))));
};

/** The host of one invocation. */
export const plain: HostAdapter = { kind: 'plain', approve: approveAnew, wrap: wrapPlain };
