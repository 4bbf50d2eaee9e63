/**
 * One durable execution on the simulated clock: invokes the real handler through the SDK's own custom transport, keeps its
 * checkpoints, and invokes it again when a wait is over, a retry is due, a callback is answered, or an invocation died.
 */

import {
  DurableExecutionInvocationInputWithClient,
  type CheckpointDurableExecutionRequest,
  type CheckpointDurableExecutionResponse,
  type ErrorObject,
  type GetDurableExecutionStateRequest,
  type GetDurableExecutionStateResponse,
  type Operation,
} from '@aws/durable-execution-sdk-js';
import { Operations, onTheWire, staleToken } from './durable-operations.ts';
import { awsError } from '../engine/model.ts';
import type { DurableEnvironment, InvocationEnd } from '../engine/requests.ts';
import type { DeployedFunction } from '../engine/run-types.ts';

/** How an execution stands. */
export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'STOPPED';

/** An invocation that ended without an answer is repeated after this, doubled each time up to the longest. Assumed. */
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

/** Where the numbers of an execution come from. */
export interface ExecutionSettings {
  readonly name: string;
  readonly arn: string;
  readonly id: string;
  /** The whole execution's time-out (`durableConfig.executionTimeout`). */
  readonly timeoutSeconds: number;
  /** Operations in the invocation's event and in one page of `GetDurableExecutionState`. */
  readonly pageItems: number;
}

function statusOf(value: unknown): string | undefined {
  const status: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'Status') : undefined;
  return typeof status === 'string' ? status : undefined;
}

/** `Type: message` of the error a failed execution answers with. */
function errorText(value: unknown): string {
  const error: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'Error') : undefined;
  if (typeof error !== 'object' || error === null) return 'the handler failed without an error';
  return `${String(Reflect.get(error, 'ErrorType'))}: ${String(Reflect.get(error, 'ErrorMessage'))}`;
}

function resultText(value: unknown): string | undefined {
  const result: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'Result') : undefined;
  return typeof result === 'string' ? result : undefined;
}

/** The request queue speaks of throttling in the words of most services; Lambda has its own, and the SDK tells 429 from other 4xx. */
function inLambdasWords(error: unknown): unknown {
  const name: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'name') : undefined;
  return name === 'ThrottlingException' || name === 'Throttling'
    ? awsError('TooManyRequestsException', 'Rate exceeded', 429)
    : error;
}

/** One execution: what it was started with, how it stands, and what came of it. */
export class DurableExecution {
  readonly settings: ExecutionSettings;
  readonly fn: DeployedFunction;
  /** The input as it was sent: the payload of the start, as text. */
  readonly input: string;
  readonly startedAt: string;
  /** Settles when the execution has ended, however it did. */
  readonly ended: Promise<void>;
  status: ExecutionStatus = 'RUNNING';
  endedAt: string | undefined;
  result: string | undefined;
  error: string | undefined;
  invocations = 0;
  readonly #environment: DurableEnvironment;
  readonly #operations: Operations;
  readonly #timers = new Map<string, () => void>();
  /** Operations that changed by themselves since the invocation was last told. */
  readonly #news = new Set<string>();
  readonly #settle: () => void;
  #token = '';
  #tokens = 0;
  /** `waiting` for news; `invoked`; `resting` after an invocation that died. */
  #phase: 'waiting' | 'invoked' | 'resting' = 'waiting';
  #failures = 0;

  constructor(fn: DeployedFunction, event: unknown, settings: ExecutionSettings, environment: DurableEnvironment) {
    this.fn = fn;
    this.settings = settings;
    this.#environment = environment;
    this.input = JSON.stringify(event) ?? 'null';
    this.startedAt = environment.clock.iso();
    this.#operations = new Operations(settings.id, this.input, environment.clock.now());
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#settle = resolve;
  }

  /** Starts it: its time runs from here. */
  begin(): void {
    // In the background: an execution that only waits for a person must not keep the world from being quiescent for a year.
    const cancel = this.#environment.clock.after(this.settings.timeoutSeconds * 1_000, () => this.#timedOut(), {
      background: true,
    });
    this.#timers.set('', cancel);
    this.#invoke();
  }

  /** Every operation, those of finished contexts too. */
  operations(): Operation[] {
    return this.#operations.all();
  }

  /** Answers one of its callbacks; throws what the API throws. */
  answer(callbackId: string, answer: { readonly result: string } | { readonly error: ErrorObject }): void {
    if (this.status !== 'RUNNING')
      throw awsError('CallbackTimeoutException', `the execution of callback ${callbackId} is ${this.status}`, 400);
    const id = this.#operations.answer(callbackId, answer, this.#environment.clock.now());
    this.#cancelTimer(id);
    this.#tell(id);
  }

  /** Ends it from outside, as `StopDurableExecution` does. Harmless once it has ended. */
  stop(): void {
    if (this.status === 'RUNNING') this.#end('STOPPED', undefined, undefined);
  }

  #invoke(): void {
    this.#phase = 'invoked';
    this.#news.clear();
    this.#newToken();
    this.invocations += 1;
    const shown = this.#operations.visible();
    const { pageItems, arn } = this.settings;
    const payload = new DurableExecutionInvocationInputWithClient(
      {
        DurableExecutionArn: arn,
        CheckpointToken: this.#token,
        InitialExecutionState: {
          Operations: shown.slice(0, pageItems).map(onTheWire),
          ...(shown.length > pageItems ? { NextMarker: String(pageItems) } : {}),
        },
      },
      {
        checkpoint: (request) => this.#sendCheckpoint(request),
        getExecutionState: (request) => this.#sendGetState(request),
      },
    );
    const { fn } = this;
    const { delivery, uuid, fatal } = this.#environment;
    this.#environment
      .invoke({
        fn,
        payload,
        event: JSON.parse(this.input) as unknown,
        requestId: uuid(),
        delivery,
        isSuspended: (value) => statusOf(value) === 'PENDING',
      })
      .then((end) => this.#invocationEnded(end))
      .catch(fatal);
  }

  #invocationEnded(end: InvocationEnd): void {
    if (this.status !== 'RUNNING') return;
    if (end.ended === 'suspended') {
      this.#phase = 'waiting';
      // What happened between its last checkpoint and its end, it has not heard of.
      if (this.#news.size > 0) this.#invoke();
      return;
    }
    if (end.ended === 'returned') this.#returned(end.value);
    else this.#rest();
  }

  #returned(value: unknown): void {
    const status = statusOf(value);
    if (status === 'SUCCEEDED') this.#end('SUCCEEDED', resultText(value) || this.result, undefined);
    else if (status === 'FAILED') this.#end('FAILED', undefined, errorText(value));
    else this.#end('FAILED', undefined, 'the handler is not a durable one: it returned no Status');
  }

  /** Waits before it invokes again what died. */
  #rest(): void {
    this.#phase = 'resting';
    this.#environment.world.assume(
      'a durable invocation that died or threw is repeated from its checkpoints after 1 s, doubled up to 60 s',
    );
    const delay = Math.min(FIRST_RETRY_MS * 2 ** this.#failures, LONGEST_RETRY_MS);
    this.#failures += 1;
    this.#timers.set(
      'rest',
      this.#environment.clock.after(delay, () => this.#invoke()),
    );
  }

  #timedOut(): void {
    this.#end('TIMED_OUT', undefined, `the execution did not end within ${this.settings.timeoutSeconds} s`);
  }

  #end(status: ExecutionStatus, result: string | undefined, error: string | undefined): void {
    this.status = status;
    this.result = result;
    this.error = error;
    this.endedAt = this.#environment.clock.iso();
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    if (error !== undefined) {
      this.#environment.world.assume(
        'the event of a durable execution that failed or timed out goes to the dead-letter queue of the function',
      );
      this.#environment.deadLetter(this.fn, JSON.parse(this.input) as unknown, error);
    }
    this.#settle();
  }

  #newToken(): void {
    this.#tokens += 1;
    this.#token = `${this.settings.id}#${this.#tokens}`;
  }

  #cancelTimer(id: string): void {
    this.#timers.get(id)?.();
    this.#timers.delete(id);
  }

  #expired(id: string): void {
    this.#timers.delete(id);
    this.#operations.expire(id, this.#environment.clock.now());
    this.#tell(id);
  }

  /** A running invocation asks by itself; a suspended one is invoked, at once, so that no time passes in between. */
  #tell(id: string): void {
    this.#news.add(id);
    if (this.#phase === 'waiting') this.#invoke();
  }

  async #sendCheckpoint(request: CheckpointDurableExecutionRequest): Promise<CheckpointDurableExecutionResponse> {
    const run = (): CheckpointDurableExecutionResponse => this.#checkpoint(request);
    try {
      return await this.#environment.queue.submit({
        call: 'lambda:CheckpointDurableExecution',
        kind: 'write',
        input: { ...request },
        run,
        // It is under no condition that another could have broken.
        conflict: run,
      });
    } catch (error) {
      throw inLambdasWords(error);
    }
  }

  #checkpoint(request: CheckpointDurableExecutionRequest): CheckpointDurableExecutionResponse {
    // Whatever an invocation sends that is still running when the execution was ended is stale, too.
    if (request.CheckpointToken !== this.#token || this.status !== 'RUNNING') throw staleToken();
    const { clock } = this.#environment;
    const updates = request.Updates ?? [];
    const touched = this.#operations.apply(updates, clock.now());
    for (const update of updates) if (update.Type === 'EXECUTION') this.result = update.Payload;
    for (const id of touched) {
      this.#cancelTimer(id);
      const dueAt = this.#operations.dueAt(id);
      if (dueAt !== undefined)
        this.#timers.set(
          id,
          clock.after(dueAt - clock.now(), () => this.#expired(id)),
        );
    }
    this.#failures = 0;
    this.#newToken();
    const told = new Set([...touched, ...this.#news]);
    this.#news.clear();
    const operations = [...told].map((id) => this.#operations.get(id)).filter((operation) => operation !== undefined);
    return { CheckpointToken: this.#token, NewExecutionState: { Operations: operations } };
  }

  async #sendGetState(request: GetDurableExecutionStateRequest): Promise<GetDurableExecutionStateResponse> {
    try {
      return await this.#environment.queue.submit({
        call: 'lambda:GetDurableExecutionState',
        kind: 'read',
        input: { ...request },
        run: () => this.#state(request),
      });
    } catch (error) {
      throw inLambdasWords(error);
    }
  }

  #state(request: GetDurableExecutionStateRequest): GetDurableExecutionStateResponse {
    if (request.CheckpointToken !== this.#token || this.status !== 'RUNNING') throw staleToken();
    const shown = this.#operations.visible();
    const from = Number(request.Marker ?? '0');
    const to = from + Math.min(this.settings.pageItems, request.MaxItems ?? this.settings.pageItems);
    return { Operations: shown.slice(from, to), ...(shown.length > to ? { NextMarker: String(to) } : {}) };
  }
}
