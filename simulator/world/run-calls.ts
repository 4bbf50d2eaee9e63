/** What runs have sent, as a world keeps it beside their records: enough to read how they came to their end, and no more. */

import type { Operation } from '@aws/durable-execution-sdk-js';
import { z } from 'zod';
import type { Json, JsonObject } from '../../shared/kernel/decision.ts';
import { shortened } from '../../shared/kernel/report/shortened.ts';
import { isRecord } from '../engine/json.ts';
import { isOfOwnState } from '../engine/own-state.ts';
import type { LoggedRequest } from '../engine/run-types.ts';
import type { SimulationEnd } from '../engine/simulation.ts';

/** Runs whose requests are kept, the newest: a world is read by people, and a rehearsed night has hundreds of runs. */
export const RUNS_WITH_CALLS = 50;
/** Requests and checkpoints kept of a run, its first. */
export const CALLS_KEPT = 200;
/** Of a request's input so much is kept, bytes. */
const INPUT_BYTES = 2_000;

const time = z.iso.datetime({ offset: true });

const call = z.strictObject({
  at: time,
  endedAt: time.optional(),
  kind: z.enum(['read', 'write', 'checkpoint']),
  name: z.string().describe('service:Operation, or the name of a step.'),
  input: z.record(z.string(), z.json()).optional(),
  error: z.string().optional(),
});

/** Schema of what is kept of a run. */
export const callsOfRun = z.strictObject({ runbook: z.string(), run: z.string(), calls: z.array(call) });

/** A request of a run, or a step of a durable one. */
export interface KeptCall {
  /** ISO 8601. */
  readonly at: string;
  readonly endedAt?: string | undefined;
  readonly kind: 'read' | 'write' | 'checkpoint';
  readonly name: string;
  readonly input?: JsonObject | undefined;
  readonly error?: string | undefined;
}

/** What a run has sent, in order. */
export interface RunCalls {
  readonly runbook: string;
  readonly run: string;
  readonly calls: readonly KeptCall[];
}

/** What people put into messages and machines, and what a message is deleted by: nobody's to read here. */
const PRIVATE: ReadonlySet<string> = new Set([
  'Body',
  'Detail',
  'Message',
  'MessageAttributes',
  'MessageBody',
  'Payload',
  'ReceiptHandle',
  'UserData',
]);

function withoutPrivate(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPrivate);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, PRIVATE.has(name) ? '…' : withoutPrivate(member)]),
  );
}

function isJsonObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function inputOf(input: object): JsonObject {
  const short = shortened(JSON.parse(JSON.stringify(withoutPrivate(input))), INPUT_BYTES);
  return isJsonObject(short) ? short : {};
}

function requestOf({ at, answeredAt, kind, call: name, input, error }: LoggedRequest): KeptCall {
  return {
    at,
    ...(answeredAt === undefined ? {} : { endedAt: answeredAt }),
    kind,
    name,
    input: inputOf(input),
    ...(error === undefined ? {} : { error }),
  };
}

function checkpointOf(operation: Operation): readonly KeptCall[] {
  const { Name: name, StartTimestamp: from, EndTimestamp: to, StepDetails: step } = operation;
  if (name === undefined || from === undefined) return [];
  const error = step?.Error?.ErrorMessage;
  return [
    {
      at: from.toISOString(),
      ...(to === undefined ? {} : { endedAt: to.toISOString() }),
      kind: 'checkpoint',
      name,
      ...(error === undefined ? {} : { error }),
    },
  ];
}

/** Name and id, as the run of an execution is called. */
function runOfArn(arn: string): string {
  return arn.split('/').slice(-2).join('/');
}

/** Which run each invocation was of: an execution, which its checkpoints name, or itself. */
function runsByInvocation({ invocations, requests }: SimulationEnd): ReadonlyMap<number, string> {
  const runs = new Map(invocations.map(({ index, requestId }) => [index, requestId]));
  for (const { invocation, input } of requests) {
    const arn = input['DurableExecutionArn'];
    if (typeof arn === 'string') runs.set(invocation, runOfArn(arn));
  }
  return runs;
}

/** What the recorded runs of a simulation have sent to AWS, and their steps; behind them what was kept `before`. */
export function callsAfter(before: readonly RunCalls[], end: SimulationEnd): readonly RunCalls[] {
  const runs = runsByInvocation(end);
  const sent = end.requests.filter(({ call: name }) => !name.startsWith('ledger:') && !isOfOwnState(name));
  const byRun = Map.groupBy(sent, ({ invocation }) => runs.get(invocation) ?? '');
  const steps = new Map(end.executions.map(({ arn, operations }) => [runOfArn(arn), operations]));
  const recorded = new Map(end.ledger.records.map(({ runbook, run }) => [run, runbook]));
  const added = [...recorded].flatMap(([run, runbook]): readonly RunCalls[] => {
    const calls = [...(byRun.get(run) ?? []).map(requestOf), ...(steps.get(run) ?? []).flatMap(checkpointOf)];
    if (calls.length === 0) return [];
    const inOrder = calls.toSorted((one, other) => (one.at === other.at ? 0 : one.at < other.at ? -1 : 1));
    return [{ runbook, run, calls: inOrder.slice(0, CALLS_KEPT) }];
  });
  return [...before, ...added].slice(-RUNS_WITH_CALLS);
}
