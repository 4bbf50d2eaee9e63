/**
 * `runbook(definition)`: the one function between a runbook's five functions and Lambda.
 *
 *   trigger ─ parse ─ gate ─ locate ─ observe ─ decide ─ (approve) ─ lease + limits ─ apply ─ verify ─ record ─ release
 */

import { readConfig, readLimits } from './config.ts';
import type { JsonObject } from './decision.ts';
import { assertDefinition, type Limits, type RunbookDefinition, type RunbookSummary } from './definition.ts';
import { fault, raise, type Fault } from './errors.ts';
import { attempt } from './hosts/attempt.ts';
import type { Host, LambdaFunction } from './hosts/host.ts';
import { wrapPlain } from './hosts/plain-host.ts';
import { openLedger } from './ledger/access.ts';
import { fitted } from './report/fitted.ts';
import type { RunEnd, RunResult } from './report/result.ts';
import { bytesWritten } from './report/shortened.ts';
import { reject } from './run/door.ts';
import { runDelivery } from './run/run.ts';
import { parseEvent, readersOf } from './triggers/parser.ts';
import type { BatchRecord, Delivery } from './triggers/triggers.ts';

/** What Lambda gets back; an SQS batch names the records to deliver again. */
interface HandlerAnswer {
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

/** Lambda takes an answer of 6 MB (quota "invocation payload"), and fails the invocation that gives more. */
const ANSWER_LIMIT_BYTES = 5_000_000;

function answer(ends: readonly RunEnd[]): HandlerAnswer {
  const results = ends.flatMap((end) => end.results);
  if (bytesWritten(results) <= ANSWER_LIMIT_BYTES) return { results };
  const share = ANSWER_LIMIT_BYTES / results.length;
  return { results: results.map((result) => fitted(result, share)) };
}

function firstFailure(ends: readonly RunEnd[]): Fault | undefined {
  return ends.find(({ failure }) => failure !== undefined)?.failure;
}

/** How a run goes that this version begins; an execution that an older one began goes on as it was begun. */
const MANNERS = { inRounds: true, atAGlance: true, keepsPlans: true } as const;

/** Wires a definition to its host. Throws at load when the definition cannot work. */
export function runbook<Request extends JsonObject, Seen extends object, L extends Limits>(
  definition: RunbookDefinition<Request, Seen, L>,
): RunbookHandler {
  assertDefinition(definition);
  const readers = readersOf(definition.triggers);

  async function start(host: Host, read: () => Delivery): Promise<RunEnd> {
    try {
      const config = readConfig();
      const limits = readLimits(definition.limits);
      const delivery = read();
      const clock = await attempt(host, 'start', () => Promise.resolve(MANNERS));
      return await runDelivery({
        definition,
        limits,
        config,
        ledger: openLedger(config),
        host,
        delivery,
        startedAt: clock.startedAt,
        // An older version kept null.
        inRounds: clock.ok && clock.value?.inRounds,
        atAGlance: clock.ok && clock.value?.atAGlance,
        keepsPlans: clock.ok && clock.value?.keepsPlans,
      });
    } catch (error) {
      return reject({ definition, host }, error);
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
    throw raise(firstFailure(ends) ?? fault('retryable', 'Error', 'record failed'));
  }

  async function handle(event: unknown, host: Host): Promise<HandlerAnswer> {
    let parsed: ReturnType<typeof parseEvent>;
    try {
      parsed = parseEvent(event, readers);
    } catch (error) {
      await reject({ definition, host }, error);
      throw error;
    }
    if (parsed.kind === 'batch') return batch(host, parsed.records);
    const { delivery } = parsed;
    const end = await start(host, () => delivery);
    if (end.failure !== undefined) throw raise(end.failure);
    return answer([end]);
  }

  return Object.assign(definition.host.wrap(handle), { runbook: summarise(definition), direct: wrapPlain(handle) });
}
