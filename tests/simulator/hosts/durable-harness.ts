/** The durable host with the real clock, queue and invoker of the simulator around it, and nothing else. */

import middy from '@middy/core';
import { executionModeDurableContext } from '@middy/core/DurableContext';
import type { DurableContext } from '@aws/durable-execution-sdk-js';
import { createClock, settle, type SimulatedClock } from '../../../simulator/engine/clock.ts';
import {
  createDurableHost,
  type DurableHost,
  type DurableHostOptions,
  type ExecutionView,
} from '../../../simulator/hosts/durable-host.ts';
import { Invocations } from '../../../simulator/hosts/lambda.ts';
import {
  Requests,
  currentInvocation,
  type DurableEnvironment,
  type RequestQueue,
} from '../../../simulator/engine/requests.ts';
import {
  NO_FAULTS,
  type DeployedFunction,
  type FaultPoint,
  type Invocation,
  type LoggedRequest,
} from '../../../simulator/engine/run-types.ts';
import { createWorld } from '../../../simulator/engine/world.ts';

/** A handler in its middy wrapping, as the kernel wraps it. */
export function durableFunction(
  name: string,
  handler: (event: unknown, context: DurableContext) => Promise<unknown>,
  timeoutSeconds = 60,
): DeployedFunction {
  const wrapped: unknown = middy<unknown, unknown, Error, DurableContext>({
    executionMode: executionModeDurableContext,
    timeoutEarlyInMillis: 0,
  }).handler(handler);
  if (typeof wrapped !== 'function') throw new Error('middy gave no function');
  return {
    summary: {
      name,
      host: 'durable',
      disruptive: false,
      timeoutSeconds,
      ledgerLost: 'refuse',
      triggers: [],
      applies: [],
      limits: {
        maxAgeSeconds: 1,
        maxTargets: 1,
        cooldownSeconds: 1,
        maxActionsPerWindow: 1,
        windowSeconds: 1,
        maxLooks: 1,
        maxWaitSeconds: 1,
        maxCalls: 1,
      },
    },
    handler: async (event, context): Promise<unknown> => {
      const answer: unknown = await Reflect.apply(wrapped, undefined, [event, context]);
      return answer;
    },
  };
}

export interface Bench {
  readonly host: DurableHost;
  readonly clock: SimulatedClock;
  readonly queue: RequestQueue;
  readonly environment: DurableEnvironment;
  readonly requests: readonly LoggedRequest[];
  readonly invocations: readonly Invocation[];
  readonly story: readonly string[];
  readonly deadLetters: readonly string[];
  readonly assumed: ReadonlySet<string>;
  /** An AWS call of the handler under test that only counts. */
  readonly call: (name: string, effect?: () => void) => Promise<void>;
  /** Starts an execution as the simulation's first act. */
  readonly execute: (fn: DeployedFunction, event: unknown, name?: string) => void;
  /** Runs the simulation until nothing is left to happen, or `until` says so. */
  readonly run: (until?: () => boolean) => Promise<void>;
  /** The only execution. */
  readonly only: () => ExecutionView;
}

export interface BenchOptions extends DurableHostOptions {
  readonly seed?: number;
  readonly points?: readonly FaultPoint[];
}

const START = Date.UTC(2026, 10, 22, 8, 0, 0);

export function bench(options: BenchOptions = {}): Bench {
  const { seed = 1, points = [], ...hostOptions } = options;
  const clock = createClock(START);
  const world = createWorld({}, { services: [], seed, account: '111122223333', region: 'eu-west-1', clock });
  const story: string[] = [];
  const deadLetters: string[] = [];
  const failures: unknown[] = [];
  const note = (kind: string, text: string): void => void story.push(`${clock.iso().slice(11)} ${kind} ${text}`);
  const fatal = (error: unknown): void => void failures.push(error);
  const queue = new Requests({
    world,
    clock,
    seed,
    faults: { ...NO_FAULTS, points },
    note,
    fatal,
    sent: () => undefined,
    stray: (_invocation, call) => fatal(new Error(`stray ${call}`)),
  });
  const invoker = new Invocations({ world, clock, note, ended: () => undefined });
  const host = createDurableHost(hostOptions);
  const environment: DurableEnvironment = {
    world,
    clock,
    queue,
    delivery: 0,
    uuid: world.uuid,
    invoke: invoker.invoke,
    deadLetter: (_fn, _event, error) => void deadLetters.push(error),
    note,
    fatal,
  };
  const run: Bench['run'] = async (until = () => false) => {
    clock.install(currentInvocation);
    try {
      for (;;) {
        while (clock.woken()) await settle();
        if (failures.length > 0) throw failures[0];
        if (until() || (clock.foreground() === 0 && !clock.woken())) return;
        clock.step();
      }
    } finally {
      clock.uninstall();
    }
  };
  return {
    host,
    clock,
    queue,
    environment,
    requests: queue.log,
    invocations: invoker.list,
    story,
    deadLetters,
    assumed: world.assumed,
    call: (name, effect = () => undefined) => queue.submit({ call: name, kind: 'write', input: {}, run: effect }),
    execute: (fn, event, name = 'run-1') => void clock.after(0, () => void host.execute(fn, event, name, environment)),
    run,
    only: () => {
      const [first, ...others] = host.executions();
      if (first === undefined || others.length > 0)
        throw new Error(`${others.length + (first === undefined ? 0 : 1)} executions`);
      return first;
    },
  };
}
