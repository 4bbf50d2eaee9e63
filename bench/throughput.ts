/** How many durable invocations a second the simulator manages when the handler itself costs nothing. */

import middy from '@middy/core';
import { executionModeDurableContext } from '@middy/core/DurableContext';
import type { DurableContext } from '@aws/durable-execution-sdk-js';
import { simulate } from '../simulator/engine/simulation.ts';
import { NO_FAULTS, type DeployedFunction } from '../simulator/engine/run-types.ts';

const EXECUTIONS = 40;
/** Each wait ends an invocation: one more than this many an execution. */
const WAITS = 25;

function trivialFunction(): DeployedFunction {
  const wrapped: unknown = middy<unknown, unknown, Error, DurableContext>({
    executionMode: executionModeDurableContext,
    timeoutEarlyInMillis: 0,
  }).handler(async (_event, context) => {
    for (let count = 0; count < WAITS; count += 1) await context.wait(`wait-${count}`, { seconds: 1 });
    return null;
  });
  return {
    summary: {
      name: 'trivial',
      host: 'durable',
      disruptive: false,
      timeoutSeconds: 60,
      ledgerLost: 'refuse',
      triggers: [{ name: 'request' }],
      applies: [],
      limits: {
        maxAgeSeconds: 900,
        maxTargets: 1,
        cooldownSeconds: 1,
        maxActionsPerWindow: 1,
        windowSeconds: 1,
        maxLooks: 1,
        maxWaitSeconds: 60,
        maxCalls: 1,
      },
    },
    handler: async (event, context): Promise<unknown> => {
      if (typeof wrapped !== 'function') throw new Error('middy gave no function');
      const answer: unknown = await Reflect.apply(wrapped, undefined, [event, context]);
      return answer;
    },
  };
}

/** Figures of one round. */
export interface Throughput {
  readonly invocations: number;
  readonly seconds: number;
}

async function round(executions: number): Promise<Throughput> {
  const began = performance.now();
  const end = await simulate({
    world: { now: '2026-11-22T08:00:00Z', account: '111122223333', region: 'eu-west-1' },
    events: Array.from({ length: executions }, (_, index) => ({
      event: { runbook: 'trivial', params: { index } },
      afterMs: index,
      runbook: 'trivial',
    })),
    functions: [trivialFunction()],
    seed: 1,
    faults: NO_FAULTS,
    runForMs: 0,
    environment: {},
    watchers: [],
  });
  if (end.error !== undefined) throw end.error;
  const expected = executions * (WAITS + 1);
  if (end.invocations.length !== expected)
    throw new Error(`${end.invocations.length} invocations instead of ${expected}`);
  return { invocations: expected, seconds: (performance.now() - began) / 1_000 };
}

/** Best of five rounds after one to warm up: the others shared the processor with somebody. */
export async function measureThroughput(): Promise<Throughput> {
  await round(4);
  let best: Throughput | undefined;
  for (let count = 0; count < 5; count += 1) {
    const next = await round(EXECUTIONS);
    if (best === undefined || next.seconds < best.seconds) best = next;
  }
  if (best === undefined) throw new Error('no round was run');
  return best;
}
