/** What a run needs of the place it runs in. Two implementations: `plain-host.ts` and `durable-host.ts`. */

import { classify, fault, TerminalError, type Fault } from '../errors.ts';

/** `plain`: one invocation of minutes at most. `durable`: an execution that may wait, over many invocations. */
export type HostKind = 'plain' | 'durable';

/** An effect's result or its classified failure, with its times: what a step keeps. */
export type Attempt<T> =
  | { readonly ok: true; readonly value: T; readonly startedAt: string; readonly endedAt: string }
  | { readonly ok: false; readonly fault: Fault; readonly startedAt: string; readonly endedAt: string };

/** Answer of a person to `awaiting-approval`. */
export interface Approval {
  readonly approve: boolean;
  readonly planHash: string;
  readonly by: string;
}

/** One invocation's (plain) or execution's (durable) surroundings. */
export interface Host {
  readonly kind: HostKind;
  /** Names the run: the same for Lambda's own retries of an event, and for every invocation of a durable execution. */
  readonly run: string;
  readonly account: string;
  readonly region: string;
  /** Milliseconds until this invocation should have ended. */
  readonly remainingMs: () => number;
  /** Aborted when a person stops the run (Ctrl-C): the call under way ends, no other begins, the report is still made. */
  readonly interrupt?: AbortSignal;
  /**
   * Runs an effect once as far as the host can tell, and keeps its JSON value. The effect must not throw. Names and their
   * order are a contract with running executions.
   */
  readonly step: <T>(name: string, effect: () => Promise<T>) => Promise<T>;
  /** Waits without paying for it where the host can; on the plain host inside the invocation. */
  readonly wait: (name: string, seconds: number) => Promise<void>;
  /** Asks a person; `undefined`: no answer in time. Only the durable host can. */
  readonly approval: (
    name: string,
    ask: (callbackId: string) => Promise<void>,
    timeoutSeconds: number,
  ) => Promise<Approval | undefined>;
  /** Runs `work` for each item side by side; one item's failure is its own. `work` must not throw. */
  readonly each: <T, R>(
    name: string,
    items: readonly T[],
    work: (item: T, index: number, host: Host) => Promise<R>,
  ) => Promise<readonly R[]>;
}

/**
 * What Lambda calls. The type of a method, whose parameters TypeScript compares both ways: middy names the context more
 * narrowly than the simulator and the command can.
 */
export type LambdaFunction = { invoke(event: unknown, context: object): Promise<unknown> }['invoke'];

/** Makes the exported handler of a runbook. */
export interface HostAdapter {
  readonly kind: HostKind;
  readonly wrap: (run: (event: unknown, host: Host) => Promise<unknown>) => LambdaFunction;
}

/** A durable step's result may hold 256 KB (Lambda durable execution quota); the envelope needs a little of it. */
const STEP_RESULT_LIMIT_BYTES = 250_000;

function bounded<T>(name: string, value: T): T {
  // Checked on both hosts, so that a runbook does not outgrow a checkpoint on the day it moves to the durable one.
  const bytes = JSON.stringify(value ?? null).length;
  if (bytes > STEP_RESULT_LIMIT_BYTES)
    throw new TerminalError(`${name}: result of ${bytes} bytes is over the ${STEP_RESULT_LIMIT_BYTES} a step may keep`);
  return value;
}

/** Times before the end of an invocation at which its calls are aborted, so that it can still say what it did. */
const WIND_DOWN_MS = 3_000;

/** A read may be cut short; a write that is under way is not, since its effect would be unknown; the report closes the run. */
function endsEarly(name: string): boolean {
  return !name.startsWith('apply:') && name !== 'report';
}

/** Runs one effect as a step, classifying its failure inside it: only a name survives a step's own error. */
export function attempt<T>(host: Host, name: string, effect: (signal: AbortSignal) => Promise<T>): Promise<Attempt<T>> {
  return host.step(name, async () => {
    const startedAt = new Date().toISOString();
    const { interrupt } = host;
    if (interrupt?.aborted === true && name !== 'report') {
      return {
        ok: false,
        fault: fault('terminal', 'Interrupted', `stopped by a person before ${name}`),
        startedAt,
        endedAt: startedAt,
      };
    }
    const controller = new AbortController();
    const timer = setTimeout(
      () => controller.abort(new Error('the function is about to time out')),
      Math.max(0, host.remainingMs() - WIND_DOWN_MS),
    );
    try {
      const { signal } = controller;
      const value = bounded(
        name,
        await effect(interrupt !== undefined && endsEarly(name) ? AbortSignal.any([signal, interrupt]) : signal),
      );
      return { ok: true, value, startedAt, endedAt: new Date().toISOString() };
    } catch (error) {
      return { ok: false, fault: classify(error), startedAt, endedAt: new Date().toISOString() };
    } finally {
      clearTimeout(timer);
    }
  });
}
