/** Tells the world how a run ended: an event on the bus, with the command lines that show it and take it back. */

import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { client } from '../../aws/clients.ts';
import type { Config } from '../config.ts';
import type { JsonObject, PlannedCall } from '../decision.ts';
import { RetryableError } from '../errors.ts';
import { commandLine } from '../plan.ts';
import { printable, printableMembers } from '../printable.ts';
import type { RunResult } from './result.ts';

/** Source and detail type of the outcome events; the topic's rule matches them. */
const OUTCOME_SOURCE = 'runbook';
const OUTCOME_DETAIL_TYPE = 'Runbook Outcome';

/** EventBridge takes 256 KB an entry; the rest of the envelope needs little. */
const DETAIL_LIMIT_BYTES = 240_000;
/** Calls shown of a plan that would make the event too large. */
const SAMPLE_CALLS = 20;

/** The lines a person on call pastes into a shell. */
export type Commands = {
  /** Shows the record of the run. */
  readonly show: string;
  /** Take back what was done, last call first; empty where there is nothing to take back. */
  readonly undo: readonly string[];
  /** The request that has the runbook itself take it back, with its guards; better than the bare calls where it is there. */
  readonly undoRequest?: JsonObject;
};

/** The manual request that takes a plan on a target back; `undefined` where there is none. */
export type UndoRequest = (target: string, plan: readonly PlannedCall[]) => JsonObject | undefined;

/** Key of a run record in the control table. */
function recordKey(result: Pick<RunResult, 'runbook' | 'run' | 'target'>): string {
  return `${result.runbook}#${result.run}#${result.target ?? ''}`;
}

/** A runbook that cannot say how to take its plan back must not keep the outcome from being told. */
function requestFor(
  undoRequest: UndoRequest | undefined,
  target: string,
  plan: readonly PlannedCall[],
): JsonObject | undefined {
  try {
    return undoRequest?.(target, plan);
  } catch {
    return undefined;
  }
}

/** Makes the command lines of a result. */
export function commandsOf(result: RunResult, controlTable: string, undoRequest?: UndoRequest): Commands {
  const key = { pk: { S: 'run' }, sk: { S: recordKey(result) } };
  const show = commandLine({ call: 'dynamodb:GetItem', input: { TableName: controlTable, Key: key } });
  const acted = result.outcome === 'done' || result.outcome === 'failed' || result.outcome === 'waiting';
  const undo = acted
    ? result.plan.flatMap((planned) => (planned.undo === undefined ? [] : [commandLine(planned.undo)]))
    : [];
  const request =
    acted && result.target !== undefined ? requestFor(undoRequest, result.target, result.plan) : undefined;
  return { show, undo: undo.toReversed(), ...(request === undefined ? {} : { undoRequest: request }) };
}

/**
 * The event's detail. It is read by people, in whatever shows it to them, so that all of it is printable; what has to be exact is
 * in the record, and in the command lines. A plan too large for it is cut to a sample, and says so.
 */
function outcomeDetail(result: RunResult, commands: Commands, extra: JsonObject): string {
  const told = printableMembers({ ...result, ...extra });
  const whole = JSON.stringify({ ...told, commands });
  if (whole.length <= DETAIL_LIMIT_BYTES) return whole;
  const plan = result.plan.slice(0, SAMPLE_CALLS);
  const sample = printableMembers({ ...result, evidence: {}, plan, planLength: result.plan.length, ...extra });
  return JSON.stringify({ ...sample, commands: { ...commands, undo: [] } });
}

/** Publishes an outcome. Throws when the bus does not take it; the caller counts that, it does not change the outcome. */
export async function publishOutcome(
  config: Config,
  result: RunResult,
  undoRequest?: UndoRequest,
  extra: JsonObject = {},
): Promise<void> {
  if (config.outcomeBus === '') return;
  const Detail = outcomeDetail(result, commandsOf(result, config.controlTable, undoRequest), extra);
  const Resources = result.target === undefined ? [] : [printable(result.target)];
  const Entries = [
    { Source: OUTCOME_SOURCE, DetailType: OUTCOME_DETAIL_TYPE, EventBusName: config.outcomeBus, Resources, Detail },
  ];
  const answer = await client(EventBridgeClient).send(new PutEventsCommand({ Entries }));
  const [entry] = answer.Entries ?? [];
  if ((answer.FailedEntryCount ?? 0) > 0)
    throw new RetryableError(`outcome event refused: ${entry?.ErrorCode ?? 'unknown'}: ${entry?.ErrorMessage ?? ''}`);
}
