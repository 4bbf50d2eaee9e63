/**
 * `runbook handle --aws`: the runbooks in this process, with the caller's own credentials. Plans only, unless told to apply.
 *
 * Ctrl-C: the request under way is finished, no other is sent, leases are handed back, and what is half done is said.
 */

import { randomUUID } from 'node:crypto';
import { EC2Client } from '@aws-sdk/client-ec2';
import { surroundWith } from '../shared/aws/clients.ts';
import { BadInputError } from '../shared/kernel/errors.ts';
import type { OutcomeLine, RunResult } from '../shared/kernel/report/result.ts';
import { parseEvent } from '../shared/kernel/triggers/parser.ts';
import type { Delivery } from '../shared/kernel/triggers/triggers.ts';
import type { DiscoveredFunction } from '../rehearsal/functions.ts';
import { inFile } from '../simulator/world/json-file.ts';
import { isRecord } from '../simulator/engine/json.ts';
import { memoryLedger } from '../simulator/engine/ledger.ts';
import { printResults, readEvents } from './handle.ts';
import { requestRecorder } from './request-recorder.ts';
import { concerning, idOf, refuseBadInput, withCalls, type RecordedCall, type ShownResult } from './results.ts';
import { UsageError, type CommandIo } from './terminal.ts';

export interface AwsOptions {
  readonly event: string;
  readonly json: boolean;
  readonly apply: boolean;
  /** Prefix of the deployed tables. */
  readonly ledger: string | undefined;
  readonly unsafeNoLedger: boolean;
  readonly account: string | undefined;
  readonly verbose: boolean;
}

/** A run in this process may take as long as a function of Lambda. */
const LONGEST_RUN_MS = 900_000;

function deliveriesOf(event: unknown): readonly Delivery[] {
  const parsed = parseEvent(event);
  if (parsed.kind === 'single') return [parsed.delivery];
  return parsed.records.flatMap((record) => ('delivery' in record ? [record.delivery] : []));
}

/** The account id in an ARN. */
function accountIn(target: string | undefined): string | undefined {
  const account = target?.split(':')[4] ?? '';
  return /^\d{12}$/u.test(account) ? account : undefined;
}

function accountOf(deliveries: readonly Delivery[], stated: string | undefined): string {
  if (stated !== undefined) return stated;
  for (const delivery of deliveries) {
    const account = delivery.account ?? (delivery.kind === 'request' ? accountIn(delivery.target) : undefined);
    if (account !== undefined) return account;
  }
  throw new UsageError('the event does not say which account it is about: give --account ID');
}

async function regionOf(env: CommandIo['env']): Promise<string> {
  const { AWS_REGION: region = '', AWS_DEFAULT_REGION: otherwise = '' } = env;
  if (region !== '' || otherwise !== '') return region || otherwise;
  try {
    return await new EC2Client({}).config.region();
  } catch {
    throw new UsageError('no region: set AWS_REGION, or a region in the profile');
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

interface Place {
  readonly account: string;
  readonly region: string;
  readonly interrupt: AbortSignal;
}

function contextFor(name: string, { account, region, interrupt }: Place): object {
  const endsAt = performance.now() + LONGEST_RUN_MS;
  return {
    awsRequestId: randomUUID(),
    functionName: name,
    invokedFunctionArn: `arn:aws:lambda:${region}:${account}:function:${name}`,
    getRemainingTimeInMillis: () => Math.max(0, endsAt - performance.now()),
    interrupt,
  };
}

/** One function's turn: its results come from its log, since a run that failed throws. */
async function invoke(
  fn: DiscoveredFunction,
  event: unknown,
  place: Place,
  heard: RunResult[],
  calls: readonly RecordedCall[],
): Promise<readonly ShownResult[]> {
  const [resultsBefore, callsBefore] = [heard.length, calls.length];
  try {
    await fn.direct(event, contextFor(fn.summary.name, place));
  } catch (error) {
    // A failure that is told in a result is no surprise; anything else is.
    if (!heard.slice(resultsBefore).some(({ outcome }) => outcome === 'failed')) throw error;
  }
  return withCalls(heard.slice(resultsBefore), calls.slice(callsBefore));
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

/** Gives an event to the runbooks in the caller's account, and prints what they would do, or did. */
export async function handleOnAws(io: CommandIo, options: AwsOptions): Promise<number> {
  checkOptions(options);
  const events = readEvents(options.event);
  const [first] = events;
  if (first === undefined || events.length > 1 || first.afterMs > 0 || first.runbook !== undefined) {
    throw new UsageError(`${options.event}: a list of timed events is for --world; --aws takes one event`);
  }
  const { event } = first;
  const account = accountOf(deliveriesOf(event), options.account);
  const region = await regionOf(io.env);
  const functions = await io.functions();
  const { calls, onClient } = requestRecorder();
  const heard: RunResult[] = [];
  const interrupt = watchInterrupt(io, calls);
  const restoreEnvironment = setEnvironment({
    AWS_REGION: region,
    OUTCOME_BUS: '',
    RUNBOOK_APPROVAL: 'never',
    RUNBOOK_DRY_RUN: String(!options.apply),
    LEDGER_CONTROL_TABLE: options.ledger === undefined ? '' : `${options.ledger}-control`,
  });
  const restore = surroundWith({
    ledger: options.ledger === undefined ? memoryLedger() : undefined,
    onClient,
    write: (line) => {
      const result = outcomeIn(line);
      if (result !== undefined) heard.push(result);
      if (options.verbose) io.stderr.write(`${line}\n`);
    },
  });
  try {
    const shown: ShownResult[] = [];
    for (const fn of functions)
      shown.push(...(await invoke(fn, event, { account, region, interrupt: interrupt.signal }, heard, calls)));
    refuseBadInput(shown);
    for (const line of halfDone(shown)) io.stderr.write(`runbook: ${line}\n`);
    return printResults(io, concerning(shown), options.json);
  } catch (error) {
    throw error instanceof BadInputError ? inFile(options.event, error) : error;
  } finally {
    restore();
    restoreEnvironment();
    interrupt.stop();
  }
}
