/**
 * `runbook handle --aws`: the runbooks in this process, with the caller's own credentials. Plans only, unless told to apply.
 *
 * Ctrl-C: the request under way is finished, no other is sent, leases are handed back, and what is half done is said.
 */

import { randomUUID } from 'node:crypto';
import { surroundWith } from '../shared/aws/clients.ts';
import { BadInputError } from '../shared/kernel/errors.ts';
import { dynamoLedger } from '../shared/kernel/ledger/dynamodb.ts';
import type { Ledger } from '../shared/kernel/ledger/ledger.ts';
import type { OutcomeLine, RunResult } from '../shared/kernel/report/result.ts';
import type { Delivery } from '../shared/kernel/triggers/triggers.ts';
import type { DiscoveredFunction } from '../rehearsal/functions.ts';
import { inFile } from '../simulator/world/json-file.ts';
import type { TimedEvent } from '../simulator/world/world-file.ts';
import { isRecord } from '../simulator/engine/json.ts';
import { whoReads } from '../simulator/engine/bus.ts';
import { memoryLedger } from '../simulator/engine/ledger.ts';
import { callerOf, type Caller } from './caller.ts';
import { deliveriesOf, demandRunbooks, printResults, readEvents } from './handle.ts';
import { indented, widthOf } from './layout.ts';
import { requestRecorder } from './request-recorder.ts';
import {
  concerning,
  exitCodeOf,
  idOf,
  planExitCodeOf,
  refuseBadInput,
  withCalls,
  type RecordedCall,
  type ShownResult,
} from './results.ts';
import { paintFor, UsageError, type CommandIo } from './terminal.ts';
import { unreadData } from './unread-data.ts';

export interface AwsOptions {
  readonly event: string;
  readonly json: boolean;
  readonly apply: boolean;
  /** Prefix of the deployed tables. */
  readonly ledger: string | undefined;
  readonly unsafeNoLedger: boolean;
  readonly account: string | undefined;
  readonly verbose: boolean;
  readonly planExitCode: boolean;
}

/** A run in this process may take as long as a function of Lambda. */
const LONGEST_RUN_MS = 900_000;

/** What names another account, or another place in it, than the credentials are for. Nothing is done under a name that is not AWS's own word. */
function checkPlace(deliveries: readonly Delivery[], stated: string | undefined, { account, region }: Caller): void {
  if (stated !== undefined && stated !== account)
    throw new UsageError(`--account says ${stated}, but these credentials are of ${account}: nothing was done`);
  for (const delivery of deliveries) {
    if (delivery.kind !== 'request' || delivery.target?.startsWith('arn:') !== true) continue;
    const [, , , named = '', owner = ''] = delivery.target.split(':');
    if ((named === '' || named === region) && (owner === '' || owner === account)) continue;
    throw new UsageError(
      `target: ${delivery.target} is in ${owner} ${named}, but these credentials are of ${account} in ${region}`,
    );
  }
}

function isOutcomeLine(value: unknown): value is OutcomeLine {
  return (
    isRecord(value) &&
    value['message'] === 'outcome' &&
    isRecord(value['result']) &&
    typeof value['result']['outcome'] === 'string'
  );
}

function outcomeIn(line: string): RunResult | undefined {
  if (!line.includes('"outcome"')) return undefined;
  const parsed: unknown = JSON.parse(line);
  return isOutcomeLine(parsed) ? parsed.result : undefined;
}

function setEnvironment(variables: { readonly [name: string]: string }): () => void {
  const before = new Map(Object.keys(variables).map((name) => [name, process.env[name]]));
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}

function contextFor(name: string, { account, region, partition }: Caller, interrupt: AbortSignal): object {
  const endsAt = performance.now() + LONGEST_RUN_MS;
  return {
    awsRequestId: randomUUID(),
    functionName: name,
    invokedFunctionArn: `arn:${partition}:lambda:${region}:${account}:function:${name}`,
    getRemainingTimeInMillis: () => Math.max(0, endsAt - performance.now()),
    interrupt,
  };
}

/** The functions in this process, what they have logged, and what they have sent. */
interface Session {
  readonly heard: readonly RunResult[];
  readonly calls: readonly RecordedCall[];
  readonly close: () => void;
}

/** The deployed ledger. What a person does from here says nothing of the mode that the stack is to be in. */
function withoutModes(table: string): Ledger {
  return { ...dynamoLedger(table), createMode: () => Promise.resolve(true) };
}

function open(io: CommandIo, options: AwsOptions, { region }: Caller): Session {
  const { calls, onClient } = requestRecorder(region);
  const heard: RunResult[] = [];
  const restoreEnvironment = setEnvironment({
    AWS_REGION: region,
    OUTCOME_BUS: '',
    RUNBOOK_APPROVAL: 'never',
    RUNBOOK_DRY_RUN: String(!options.apply),
    // Where the stack has no mode yet, and where its ledger does not answer, the person's word holds.
    RUNBOOK_MODE: 'apply',
    LEDGER_CONTROL_TABLE: options.ledger === undefined ? '' : `${options.ledger}-control`,
    LEDGER_DATA_TABLE: options.ledger === undefined ? '' : `${options.ledger}-data`,
  });
  const restore = surroundWith({
    ledger: options.ledger === undefined ? memoryLedger() : withoutModes(`${options.ledger}-control`),
    ...(options.ledger === undefined ? { data: unreadData((line) => io.stderr.write(`runbook: ${line}\n`)) } : {}),
    onClient,
    write: (line) => {
      const result = outcomeIn(line);
      if (result !== undefined) heard.push(result);
      if (options.verbose) io.stderr.write(`${line}\n`);
    },
  });
  return {
    heard,
    calls,
    close: () => {
      restore();
      restoreEnvironment();
    },
  };
}

/** One function's turn: its results come from its log, since a run that failed throws. */
async function invoke(
  fn: DiscoveredFunction,
  event: unknown,
  context: object,
  { heard, calls }: Session,
): Promise<{ readonly shown: readonly ShownResult[]; readonly surprise?: unknown }> {
  const [resultsBefore, callsBefore] = [heard.length, calls.length];
  let surprise: { readonly surprise?: unknown } = {};
  try {
    await fn.direct(event, context);
  } catch (error) {
    // A failure that is told in a result is no surprise; anything else is.
    if (!heard.slice(resultsBefore).some(({ outcome }) => outcome === 'failed')) surprise = { surprise: error };
  }
  return { shown: withCalls(heard.slice(resultsBefore), calls.slice(callsBefore)), ...surprise };
}

/** All functions, one after the other, until one ends in a way that no result tells. */
async function invokeAll(
  functions: readonly DiscoveredFunction[],
  event: unknown,
  contextOf: (name: string) => object,
  session: Session,
): Promise<{ readonly shown: readonly ShownResult[]; readonly surprise?: unknown }> {
  const shown: ShownResult[] = [];
  for (const fn of functions) {
    const turn = await invoke(fn, event, contextOf(fn.summary.name), session);
    shown.push(...turn.shown);
    if ('surprise' in turn) return { shown, surprise: turn.surprise };
  }
  return { shown };
}

/** What a person who pressed Ctrl-C must know. */
function halfDone(results: readonly ShownResult[]): readonly string[] {
  return results
    .filter(({ reason }) => reason.startsWith('interrupted:'))
    .map(({ runbook, target = '', plan, calls }) => {
      const sent = plan.filter((planned) =>
        calls.some(({ call, error }) => call === planned.call && error === undefined),
      );
      const about = `${runbook} ${idOf(target)}`.trim();
      if (sent.length === 0) return `${about}: nothing was changed`;
      const undo = sent.flatMap((planned) => (planned.undo === null ? [] : [planned.undo.call])).toReversed();
      return `${about}: half done: sent ${sent.map(({ call }) => call).join(', ')}; the next run goes on from there${undo.length > 0 ? `, ${undo.join(', ')} would take it back` : ''}`;
    });
}

function watchInterrupt(
  io: CommandIo,
  calls: readonly RecordedCall[],
): { readonly signal: AbortSignal; readonly stop: () => void } {
  const controller = new AbortController();
  const stop = io.onInterrupt(() => {
    if (controller.signal.aborted) {
      io.stderr.write(
        `runbook: left at once, after ${calls.length} requests; the last was ${calls.at(-1)?.call ?? 'none'}; leases run out by themselves\n`,
      );
      process.exit(1);
    }
    io.stderr.write(
      'runbook: interrupted: the request under way is finished, then leases are handed back (Ctrl-C again leaves at once)\n',
    );
    controller.abort(new Error('interrupted'));
  });
  return { signal: controller.signal, stop };
}

function checkOptions({ apply, ledger, unsafeNoLedger }: AwsOptions): void {
  if (ledger !== undefined && unsafeNoLedger)
    throw new UsageError('--ledger and --unsafe-no-ledger exclude each other');
  if (apply && ledger === undefined && !unsafeNoLedger)
    throw new UsageError("--apply needs --ledger NAME (the deployed tables' prefix), or --unsafe-no-ledger");
}

function eventIn(path: string, functions: readonly DiscoveredFunction[]): TimedEvent {
  const events = readEvents(path, functions);
  const [timed] = events;
  if (timed === undefined) throw new UsageError(`${path}: there is no event in it; --aws takes one`);
  if (events.length > 1 || timed.afterMs > 0 || timed.runbook !== undefined)
    throw new UsageError(`${path}: a list of timed events is for --world; --aws takes one event`);
  return timed;
}

/** On standard output for a person; beside the results for a program. */
function sayPlace(io: CommandIo, { account, region, arn }: Caller, json: boolean): void {
  const text = `account ${account}, ${region}, as ${arn}`;
  if (json) io.stderr.write(`${text}\n`);
  else io.stdout.write(`${indented(0, [text, paintFor(io.stdout, io.env).bold], widthOf(io.stdout)).join('\n')}\n\n`);
}

const PRINTING = { none: 'no runbook is started by this event', undo: 'to take it back, paste:' };

/** Gives an event to the runbooks in the caller's account, and prints what they would do, or did. */
export async function handleOnAws(io: CommandIo, options: AwsOptions): Promise<number> {
  checkOptions(options);
  const functions = await io.functions();
  const timed = eventIn(options.event, functions);
  demandRunbooks(io, [timed], functions, options.json);
  const caller = await callerOf(io.env);
  sayPlace(io, caller, options.json);
  checkPlace(deliveriesOf(timed.event, functions), options.account, caller);
  const session = open(io, options, caller);
  const interrupt = watchInterrupt(io, session.calls);
  try {
    const contextOf = (name: string): object => contextFor(name, caller, interrupt.signal);
    const { shown, ...end } = await invokeAll(whoReads(timed.event, functions), timed.event, contextOf, session);
    refuseBadInput(shown);
    for (const line of halfDone(shown)) io.stderr.write(`runbook: ${line}\n`);
    const results = concerning(shown);
    // What was done is told, whatever came after it.
    if (results.length > 0 || !('surprise' in end)) printResults(io, results, { ...PRINTING, json: options.json });
    if ('surprise' in end) throw end.surprise;
    return options.planExitCode ? planExitCodeOf(results) : exitCodeOf(results);
  } catch (error) {
    throw error instanceof BadInputError ? inFile(options.event, error) : error;
  } finally {
    session.close();
    interrupt.stop();
  }
}
