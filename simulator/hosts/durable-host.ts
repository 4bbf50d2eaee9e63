/**
 * The durable host of a simulation: starts executions by name, answers their callbacks, and lists them. The handlers it
 * runs are the deployed ones; only the service behind them is simulated.
 */

import type { ErrorObject, Operation } from '@aws/durable-execution-sdk-js';
import { DurableExecution, type ExecutionStatus } from './durable-execution.ts';
import { awsError } from '../engine/model.ts';
import type { DurableEnvironment, StartDurable } from '../engine/requests.ts';
import type { DeployedFunction } from '../engine/run-types.ts';

/** A day: more than any runbook waits. Assumed where the deployment says nothing else. */
const EXECUTION_TIMEOUT_SECONDS = 86_400;
/** `MaxItems` of `GetDurableExecutionState` is at most 1,000 (Lambda API reference); that the event holds as many is assumed. */
const PAGE_ITEMS = 1_000;

export interface DurableHostOptions {
  /** Time-out of a whole execution of this function (`durableConfig.executionTimeout`). */
  readonly executionTimeoutSeconds?: (fn: DeployedFunction) => number;
  /** Operations an invocation's event carries before the rest has to be fetched. */
  readonly pageItems?: number;
}

/** One execution, for assertions and for people. */
export interface ExecutionView {
  readonly name: string;
  readonly arn: string;
  readonly runbook: string;
  readonly status: ExecutionStatus;
  readonly input: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  /** What the handler returned, as JSON text. */
  readonly result?: string;
  readonly error?: string;
  readonly invocations: number;
  readonly operations: readonly Operation[];
  /** Callbacks that wait for an answer. */
  readonly callbacks: readonly { readonly name: string; readonly callbackId: string }[];
}

export interface DurableHost {
  /**
   * The execution that has the name already; `undefined`: the name is free. Whether it has ended makes no difference.
   * @throws AwsError `DurableExecutionAlreadyStartedException` when the name is taken by another payload.
   */
  readonly find: (fn: DeployedFunction, event: unknown, name: string) => DurableExecution | undefined;
  /**
   * Starts an execution, or finds the one that has the name and the payload already.
   * @throws AwsError `DurableExecutionAlreadyStartedException` when the name is taken by another payload.
   */
  readonly execute: (
    fn: DeployedFunction,
    event: unknown,
    name: string,
    environment: DurableEnvironment,
  ) => DurableExecution;
  /** Like `execute`, for an asynchronous invocation: settles when the execution has ended, never rejects. */
  readonly start: StartDurable;
  /** `SendDurableExecutionCallbackSuccess`: `result` is the payload, as text. Throws what the API throws. */
  readonly completeCallback: (callbackId: string, result: string) => void;
  /** `SendDurableExecutionCallbackFailure`. */
  readonly failCallback: (callbackId: string, error: ErrorObject) => void;
  /** In the order of their start. */
  readonly executions: () => readonly ExecutionView[];
}

function viewOf(execution: DurableExecution): ExecutionView {
  const { settings, fn, status, input, startedAt, endedAt, result, error, invocations } = execution;
  const operations = execution.operations();
  return {
    name: settings.name,
    arn: settings.arn,
    runbook: fn.summary.name,
    status,
    input,
    startedAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(result === undefined ? {} : { result }),
    ...(error === undefined ? {} : { error }),
    invocations,
    operations,
    callbacks: operations.flatMap((operation) => {
      const callbackId = operation.CallbackDetails?.CallbackId;
      return operation.Status === 'STARTED' && callbackId !== undefined
        ? [{ name: operation.Name ?? '', callbackId }]
        : [];
    }),
  };
}

/** Makes the durable host of one simulation. */
export function createDurableHost(options: DurableHostOptions = {}): DurableHost {
  const executions = new Map<string, DurableExecution>();

  // Unique within the function: Lambda API reference, DurableExecutionAlreadyStartedException.
  const keyOf = ({ summary }: DeployedFunction, name: string): string => `${summary.name}/${name}`;

  const find: DurableHost['find'] = (fn, event, name) => {
    const known = executions.get(keyOf(fn, name));
    if (known === undefined || known.input === (JSON.stringify(event) ?? 'null')) return known;
    throw awsError(
      'DurableExecutionAlreadyStartedException',
      `an execution named ${name} was started with another payload`,
      409,
    );
  };

  const execute: DurableHost['execute'] = (fn, event, name, environment) => {
    const known = find(fn, event, name);
    if (known !== undefined) return known;
    const { world } = environment;
    const runbook = fn.summary.name;
    const id = environment.uuid();
    const execution = new DurableExecution(
      fn,
      event,
      {
        name,
        id,
        arn: `arn:aws:lambda:${world.region}:${world.account}:function:${runbook}:1/durable-execution/${name}/${id}`,
        timeoutSeconds: options.executionTimeoutSeconds?.(fn) ?? EXECUTION_TIMEOUT_SECONDS,
        pageItems: options.pageItems ?? PAGE_ITEMS,
      },
      environment,
    );
    executions.set(keyOf(fn, name), execution);
    execution.begin();
    return execution;
  };

  const answer = (callbackId: string, content: { readonly result: string } | { readonly error: ErrorObject }): void => {
    const id = callbackId.slice(0, callbackId.indexOf('.'));
    const execution = [...executions.values()].find((one) => one.settings.id === id);
    if (execution === undefined) throw awsError('ResourceNotFoundException', `no callback ${callbackId}`, 404);
    execution.answer(callbackId, content);
  };

  return {
    find,
    execute,
    start: async (fn, event, name, environment) => {
      let execution: DurableExecution;
      try {
        execution = execute(fn, event, name, environment);
      } catch (error) {
        environment.deadLetter(fn, event, error instanceof Error ? `${error.name}: ${error.message}` : String(error));
        return;
      }
      await execution.ended;
    },
    completeCallback: (callbackId, result) => answer(callbackId, { result }),
    failCallback: (callbackId, error) => answer(callbackId, { error }),
    executions: () => [...executions.values()].map(viewOf),
  };
}
