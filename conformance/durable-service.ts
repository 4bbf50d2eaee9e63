/**
 * Lambda's durable execution service over HTTP, for one execution on the real clock. The bundle under test speaks to it with
 * the client it was built with; what a checkpoint does to the operations is the simulator's `durable-operations.ts`.
 */

import type { Operation, OperationUpdate } from '@aws/durable-execution-sdk-js';
import { onTheWire, Operations, staleToken } from '../simulator/hosts/durable-operations.ts';
import { AwsError } from '../simulator/engine/model.ts';
import { ACCOUNT, REGION } from './scenario.ts';

/** Few enough that the bundle has to fetch the rest of a longer history, as it would from a long execution. */
const PAGE_ITEMS = 10;
const PATH = /^\/2025-12-01\/durable-executions\/([^/]+)\/(checkpoint|state)$/u;

/** An answer over HTTP. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string | Buffer;
}

/** Whether a request is one to this service. */
export function isDurableRequest(url: string): boolean {
  return PATH.test(pathOf(url));
}

function pathOf(url: string): string {
  return new URL(url, 'http://localhost').pathname;
}

function seconds(time: Date | undefined): number | undefined {
  return time === undefined ? undefined : time.getTime() / 1_000;
}

/** Timestamps are numbers of seconds in the API's answers, and text in an invocation's event. */
function inAnswers({ StartTimestamp, EndTimestamp, StepDetails, WaitDetails, ...rest }: Operation): object {
  return {
    ...rest,
    StartTimestamp: seconds(StartTimestamp),
    EndTimestamp: seconds(EndTimestamp),
    ...(StepDetails === undefined
      ? {}
      : { StepDetails: { ...StepDetails, NextAttemptTimestamp: seconds(StepDetails.NextAttemptTimestamp) } }),
    ...(WaitDetails === undefined
      ? {}
      : { WaitDetails: { ScheduledEndTimestamp: seconds(WaitDetails.ScheduledEndTimestamp) } }),
  };
}

function answered(status: number, body: object, headers: HttpAnswer['headers'] = {}): HttpAnswer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

function isUpdate(value: unknown): value is OperationUpdate {
  return (
    typeof value === 'object' &&
    value !== null &&
    'Id' in value &&
    typeof value.Id === 'string' &&
    'Type' in value &&
    typeof value.Type === 'string'
  );
}

/** What a checkpoint holds, as the client wrote it; what an update may say, `Operations.apply` knows. */
function isCheckpoint(
  value: unknown,
): value is { readonly CheckpointToken: string; readonly Updates?: readonly OperationUpdate[] } {
  if (
    typeof value !== 'object' ||
    value === null ||
    !('CheckpointToken' in value) ||
    typeof value.CheckpointToken !== 'string'
  )
    return false;
  return !('Updates' in value) || (Array.isArray(value.Updates) && value.Updates.every(isUpdate));
}

/** One execution: its history, its invocations, and the requests they send. */
export class HttpExecution {
  readonly arn: string;
  /** The result, where it was too long for the answer of the invocation. */
  result: string | undefined;
  readonly #operations: Operations;
  #tokens = 0;

  constructor(runbook: string, id: string, event: object, now: number) {
    this.arn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${runbook}:1/durable-execution/conformance/${id}`;
    this.#operations = new Operations(id, JSON.stringify(event), now);
  }

  /** The event of its next invocation. */
  nextInvocation(): object {
    this.#tokens += 1;
    const shown = this.#operations.visible();
    const next = shown.length > PAGE_ITEMS ? { NextMarker: String(PAGE_ITEMS) } : {};
    return {
      DurableExecutionArn: this.arn,
      CheckpointToken: this.#token,
      InitialExecutionState: { Operations: shown.slice(0, PAGE_ITEMS).map(onTheWire), ...next },
    };
  }

  get #token(): string {
    return String(this.#tokens);
  }

  /** Answers a request of an invocation. */
  answer(url: string, body: string, now: number): HttpAnswer {
    const [, arn = '', what] = PATH.exec(pathOf(url)) ?? [];
    try {
      if (decodeURIComponent(arn) !== this.arn)
        throw new AwsError('ResourceNotFoundException', `no execution ${arn}`, 404);
      return what === 'state'
        ? this.#state(new URL(url, 'http://localhost').searchParams)
        : this.#checkpoint(JSON.parse(body), now);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return answered(
        error.$metadata.httpStatusCode,
        { Type: 'User', message: error.message },
        { 'x-amzn-errortype': error.name },
      );
    }
  }

  #checkpoint(request: unknown, now: number): HttpAnswer {
    if (!isCheckpoint(request) || request.CheckpointToken !== this.#token) throw staleToken();
    const updates = request.Updates ?? [];
    const touched = this.#operations.apply(updates, now);
    for (const { Type, Payload } of updates) if (Type === 'EXECUTION') this.result = Payload;
    this.#tokens += 1;
    const operations = touched.flatMap((id) => this.#operations.get(id) ?? []);
    return answered(200, {
      CheckpointToken: this.#token,
      NewExecutionState: { Operations: operations.map(inAnswers) },
    });
  }

  #state(query: URLSearchParams): HttpAnswer {
    if (query.get('CheckpointToken') !== this.#token) throw staleToken();
    const from = Number(query.get('Marker') ?? '0');
    const [shown, to] = [this.#operations.visible(), from + PAGE_ITEMS];
    return answered(200, {
      Operations: shown.slice(from, to).map(inAnswers),
      ...(shown.length > to ? { NextMarker: String(to) } : {}),
    });
  }

  /** When the first of its waits is over, milliseconds since the epoch. */
  dueAt(): number | undefined {
    const times = this.#operations
      .all()
      .flatMap(({ Id }) => (Id === undefined ? [] : (this.#operations.dueAt(Id) ?? [])));
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Ends the waits whose time has come. */
  expire(now: number): void {
    for (const { Id } of this.#operations.all())
      if (Id !== undefined && (this.#operations.dueAt(Id) ?? Infinity) <= now) this.#operations.expire(Id, now);
  }
}

/** No wait of an incident that is played here is longer, unless the incident says so. */
const LONGEST_WAIT_MS = 30_000;

/** Brings an execution to its end: `invoke` runs one invocation and returns what the handler returned. */
export async function runExecution(
  execution: HttpExecution,
  invoke: (event: object) => Promise<unknown>,
  longestWaitMs = LONGEST_WAIT_MS,
): Promise<{ readonly answer: unknown; readonly invocations: number }> {
  for (let invocations = 1; ; invocations += 1) {
    const answer = await invoke(execution.nextInvocation());
    if (typeof answer !== 'object' || answer === null || Reflect.get(answer, 'Status') !== 'PENDING')
      return { answer, invocations };
    const waitMs = (execution.dueAt() ?? Infinity) - Date.now();
    if (waitMs > longestWaitMs) throw new Error(`${execution.arn} waits for ${waitMs} ms`);
    await new Promise((resolve) => void setTimeout(resolve, Math.max(0, waitMs)));
    execution.expire(Date.now());
  }
}
