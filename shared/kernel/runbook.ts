/**
 * `runbook(definition)`: the one function between a runbook's five functions and Lambda.
 *
 *   trigger ─ parse ─ gate ─ locate ─ observe ─ decide ─ lease + limit ─ (approve) ─ apply ─ verify ─ record ─ release
 */

import { assertDefinition } from './run/apply-plan.ts';
import { readConfig, readLimits } from './config.ts';
import type { JsonObject } from './decision.ts';
import type { Limits, RunbookDefinition, RunbookSummary } from './definition.ts';
import { BadInputError, classify, raise, type Fault } from './errors.ts';
import { attempt, type Host, type LambdaFunction } from './hosts/host.ts';
import { openLedger } from './ledger/access.ts';
import { plain } from './hosts/plain-host.ts';
import type { RunResult } from './report/result.ts';
import { runDelivery, type RunEnd } from './run/run.ts';
import { emitMetrics, logOutcome } from './report/telemetry.ts';
import type { BatchRecord, Delivery } from './triggers/triggers.ts';
import { parseEvent } from './triggers/parser.ts';

/** What Lambda gets back; an SQS batch names the records to deliver again. */
export interface HandlerAnswer {
  readonly results: readonly RunResult[];
  readonly batchItemFailures?: readonly { readonly itemIdentifier: string }[];
}

/** The exported handler: what Lambda calls, and what the command, the simulator and tidy read. */
export type RunbookHandler = LambdaFunction & {
  /** What the runbook is. */
  readonly runbook: RunbookSummary;
  /** Runs on the plain host whatever the definition says: for the command, which plans in its own process. */
  readonly direct: LambdaFunction;
};

function summarise<Request extends JsonObject, Seen extends object, L extends Limits>(
  definition: RunbookDefinition<Request, Seen, L>,
): RunbookSummary {
  const { name, host, disruptive, timeoutSeconds, ledgerLost, triggers, apply, limits } = definition;
  return {
    name,
    host: host.kind,
    disruptive,
    timeoutSeconds,
    ledgerLost,
    triggers,
    applies: Object.keys(apply),
    limits,
  };
}

/** A run that cannot even begin: bad input or bad configuration. Recorded, counted, and thrown by the caller. */
async function reject(host: Host, name: string, error: unknown): Promise<RunEnd> {
  const fault = classify(error);
  const bad = error instanceof BadInputError;
  const at = new Date().toISOString();
  const reason = `${bad ? 'bad-input' : 'cannot-start'}: ${fault.message}`;
  const result: RunResult = {
    runbook: name,
    run: host.run,
    outcome: 'failed',
    reason,
    evidence: {},
    plan: [],
    phases: [{ name: 'gate', startedAt: at, endedAt: at }],
  };
  await attempt(host, 'report', () => {
    emitMetrics(name, { Failed: 1, BadInput: Number(bad) });
    logOutcome('ERROR', result);
    return Promise.resolve(null);
  });
  return { results: [result], failure: fault };
}

function answer(ends: readonly RunEnd[]): HandlerAnswer {
  return { results: ends.flatMap(({ results }) => results) };
}

function firstFailure(ends: readonly RunEnd[]): Fault | undefined {
  return ends.find(({ failure }) => failure !== undefined)?.failure;
}

/** Wires a definition to its host. Throws at load when the definition cannot work. */
export function runbook<Request extends JsonObject, Seen extends object, L extends Limits>(
  definition: RunbookDefinition<Request, Seen, L>,
): RunbookHandler {
  assertDefinition(definition);

  async function start(host: Host, read: () => Delivery): Promise<RunEnd> {
    try {
      const config = readConfig();
      const limits = readLimits(definition.limits);
      const delivery = read();
      const clock = await attempt(host, 'start', () => Promise.resolve(null));
      return await runDelivery({
        definition,
        limits,
        config,
        ledger: openLedger(config),
        host,
        delivery,
        startedAt: clock.startedAt,
      });
    } catch (error) {
      return reject(host, definition.name, error);
    }
  }

  /** One record never decides for another: each has its own run, and only the failed ones come again. */
  async function batch(host: Host, records: readonly BatchRecord[]): Promise<HandlerAnswer> {
    const ends: RunEnd[] = [];
    for (const record of records) {
      const own: Host = records.length === 1 ? host : { ...host, run: `${host.run}.${ends.length}` };
      ends.push(
        await start(own, () => {
          if ('error' in record) throw record.error;
          return record.delivery;
        }),
      );
    }
    const failed = records.filter((_record, index) => ends[index]?.failure !== undefined);
    if (failed.every(({ source }) => source === 'sqs')) {
      return {
        ...answer(ends),
        batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId ?? '' })),
      };
    }
    throw raise(firstFailure(ends) ?? { class: 'retryable', name: 'Error', message: 'a record failed' });
  }

  async function handle(event: unknown, host: Host): Promise<HandlerAnswer> {
    let parsed: ReturnType<typeof parseEvent>;
    try {
      parsed = parseEvent(event);
    } catch (error) {
      await reject(host, definition.name, error);
      throw error;
    }
    if (parsed.kind === 'batch') return batch(host, parsed.records);
    const { delivery } = parsed;
    const end = await start(host, () => delivery);
    if (end.failure !== undefined) throw raise(end.failure);
    return answer([end]);
  }

  return Object.assign(definition.host.wrap(handle), { runbook: summarise(definition), direct: plain.wrap(handle) });
}
