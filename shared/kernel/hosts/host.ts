/** What a run needs of the place it runs in. Two implementations: `plain-host.ts` and `durable-host.ts`. */

import type { Fault } from '../errors.ts';
import type { LongRuns } from '../run/long-runs.ts';
import type { Approve } from '../run/word.ts';

/** `plain`: one invocation of minutes at most. `durable`: an execution that may wait, over many invocations. */
export type HostKind = 'plain' | 'durable';

/** What wakes a run that waits for a person. A hint and no more: whoever may send it can name anybody, so that the ledger is asked. */
export interface ApprovalHint {
  /** Whose row it is: their `aws:userid`. */
  readonly person: string;
  /** Of which plan. */
  readonly planHash: string;
}

/** What came of asking a person. */
export type ApprovalAnswer =
  | { readonly kind: 'answered'; readonly hint: ApprovalHint }
  /** Nobody answered in time. */
  | { readonly kind: 'unanswered' }
  /** Nobody could be asked. */
  | { readonly kind: 'unasked'; readonly fault: Fault };

/** What became of one of several things done side by side. JSON where the value is. */
export type Settled<R> = { readonly ok: true; readonly value: R } | { readonly ok: false; readonly fault: Fault };

/** One of several things to be done side by side. */
export interface Item<T> {
  readonly value: T;
  /** Operations of the execution that are set aside for it, with what its own context takes; the plain host counts none. */
  readonly operations: number;
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
  /**
   * Operations (steps, waits, questions, contexts) that may still be begun here. The same at the same point of every replay,
   * so that it may be decided on. The plain host has no bound.
   */
  readonly operationsLeft: () => number;
  /** Aborted when a person stops the run (Ctrl-C): the call under way ends, no other begins, the report is still made. */
  readonly interrupt?: AbortSignal;
  /**
   * Runs an effect, and keeps its JSON value. The effect must not throw. Names and their order are a contract with running
   * executions. On the durable host an invocation may die before the value is kept: the effect is then run again, or, if it is to
   * be run `atMostOnce`, the step rejects.
   */
  readonly step: <T>(name: string, effect: () => Promise<T>, how?: { readonly atMostOnce: boolean }) => Promise<T>;
  /** Waits without paying for it where the host can; on the plain host inside the invocation. */
  readonly wait: (name: string, seconds: number) => Promise<void>;
  /**
   * Asks a person, more than once where the question does not get through. `ask` says why it did not, and must not throw. Only
   * the durable host can.
   */
  readonly approval?: (
    name: string,
    ask: (callbackId: string) => Promise<Fault | null>,
    timeoutSeconds: number,
  ) => Promise<ApprovalAnswer>;
  /**
   * Runs `work` for each item, side by side: as many results as items, in their order. One item's failure is its own.
   * `unused` reads from a result how many of its operations are left over.
   */
  readonly each: <T, R>(
    name: string,
    items: readonly Item<T>[],
    work: (value: T, host: Host) => Promise<R>,
    unused: (result: R) => number,
  ) => Promise<readonly Settled<R>[]>;
}

/**
 * What Lambda calls. The type of a method, whose parameters TypeScript compares both ways: middy names the context more
 * narrowly than the simulator and the command can.
 */
export type LambdaFunction = { invoke(event: unknown, context: object): Promise<unknown> }['invoke'];

/** Makes the exported handler of a runbook. */
export interface HostAdapter {
  readonly kind: HostKind;
  /** Absent: a run there comes by nobody's word. */
  readonly approve?: Approve;
  /** Absent: it cannot wait. */
  readonly long?: LongRuns;
  readonly wrap: (run: (event: unknown, host: Host) => Promise<unknown>) => LambdaFunction;
}
