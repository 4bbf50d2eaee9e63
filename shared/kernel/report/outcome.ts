/** Tells the world how a run ended: an event on the bus, with the command lines that show it and take it back. */

import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { client } from '../../aws/clients.ts';
import type { Config } from '../config.ts';
import type { JsonObject, PlannedCall } from '../decision.ts';
import { RetryableError } from '../errors.ts';
import { commandLine } from '../shell.ts';
import { printable, printableMembers } from '../printable.ts';
import { fitted, type Told } from './fitted.ts';
import type { RunResult } from './result.ts';

/** Source and detail type of the outcome events; the topic's rule matches them. */
const OUTCOME_SOURCE = 'runbook';
const OUTCOME_DETAIL_TYPE = 'Runbook Outcome';

/**
 * UTF-8 bytes of an entry's fields together. PutEvents took 256 KB an entry until 2026, and SNS, which the rule hands it to, takes no
 * more now; the event around the entry has some members of its own. Source: "Calculating PutEvents event entry size", SNS quotas.
 */
const ENTRY_LIMIT_BYTES = 240_000;

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

/** Makes the command lines of a result. `hasSent`: its plan was sent, however it ended; a run may be refused behind some calls. */
export function commandsOf(
  result: RunResult,
  controlTable: string,
  undoRequest?: UndoRequest,
  hasSent = false,
): Commands {
  const key = { pk: { S: 'run' }, sk: { S: recordKey(result) } };
  const show = commandLine({ call: 'dynamodb:GetItem', input: { TableName: controlTable, Key: key } });
  const { outcome } = result;
  const acted = hasSent || outcome === 'done' || outcome === 'failed' || outcome === 'waiting';
  const undo = acted
    ? result.plan.flatMap((planned) => (planned.undo === undefined ? [] : [commandLine(planned.undo)]))
    : [];
  const request =
    acted && result.target !== undefined ? requestFor(undoRequest, result.target, result.plan) : undefined;
  return { show, undo: undo.toReversed(), ...(request === undefined ? {} : { undoRequest: request }) };
}

/** What an event has besides the result. */
type Extra = { readonly approval?: JsonObject };

/** Characters of a sentence in a message: what a chat shows of it without unfolding. The record has all of it. */
const SENTENCE_CHARACTERS = 1_000;

/** What JSON and a chat's Markdown do not take for text, and what they do. */
const STAND_INS: { readonly [character: string]: string } = { '"': '”', '\\': '/', '<': '‹', '>': '›' };

/** A sentence for a message: EventBridge puts it into JSON as it is, and a chat calls everybody where it reads `<!channel>`. */
function sentence(text: string): string {
  return printable(text.slice(0, SENTENCE_CHARACTERS))
    .replaceAll(/\s+/gu, ' ')
    .replaceAll(/["\\<>]/gu, (character) => STAND_INS[character] ?? '');
}

/**
 * The event's detail. It is read by people, in whatever shows it to them, so that all of it is printable; what has to be exact is
 * in the record, and in the command lines. `message` is what deploy/messages.yml makes sentences of.
 */
function detailOf({ commands, ...told }: Told): string {
  const { runbook, outcome, target = 'as a whole', reason } = told;
  // Of an ARN what tells it from others of the account.
  const about = target.replace(/^arn:(?:[^:]*:){4}/u, '');
  const message = { title: sentence(`${runbook} ${outcome}: ${about}`), reason: sentence(reason) };
  return JSON.stringify({ message, ...printableMembers(told), commands });
}

/** The detail in so many bytes at most; it says what it had to leave out. */
function outcomeDetail(told: Told, limitBytes: number): string {
  return detailOf(fitted(told, limitBytes, (some) => Buffer.byteLength(detailOf(some))));
}

/** Publishes an outcome. Throws when the bus does not take it; the caller counts that, it does not change the outcome. */
export async function publishOutcome(
  config: Config,
  result: RunResult,
  undoRequest?: UndoRequest,
  extra: Extra = {},
  hasSent = false,
): Promise<void> {
  if (config.outcomeBus === '') return;
  const Resources = result.target === undefined ? [] : [printable(result.target)];
  const around = [OUTCOME_SOURCE, OUTCOME_DETAIL_TYPE, ...Resources].map((text) => Buffer.byteLength(text));
  const limitBytes = ENTRY_LIMIT_BYTES - around.reduce((sum, bytes) => sum + bytes, 0);
  const commands = commandsOf(result, config.controlTable, undoRequest, hasSent);
  const Detail = outcomeDetail({ ...result, ...extra, commands }, limitBytes);
  const Entries = [
    { Source: OUTCOME_SOURCE, DetailType: OUTCOME_DETAIL_TYPE, EventBusName: config.outcomeBus, Resources, Detail },
  ];
  const answer = await client(EventBridgeClient).send(new PutEventsCommand({ Entries }));
  const [entry] = answer.Entries ?? [];
  if ((answer.FailedEntryCount ?? 0) > 0)
    throw new RetryableError(`outcome event refused: ${entry?.ErrorCode ?? 'unknown'}: ${entry?.ErrorMessage ?? ''}`);
}
