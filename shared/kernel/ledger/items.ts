/**
 * How the control ledger stands in DynamoDB: the items, read and written. Pure.
 *
 * Item of pk `resource` (times are ISO 8601 in UTC with milliseconds, so that they compare as text):
 *   owner, until             the lease; absent when handed back
 *   epoch                    grants so far
 *   runbook                  who last wrote
 *   a0 … a8                  times of the budgeted actions, newest first
 *   booked                   epoch of the grant that booked a0; absent once it was given back
 *   intent, intentAt, intentNote (JSON)   the unsettled intent
 *   m_<key>                  remembered values, one attribute each, so that two writers do not undo each other
 * pk `switch`: reason, by, at; the item being there is the switch being on. pk `run`: at, body (JSON), ttl.
 */

import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { History, JsonObject } from '../decision.ts';
import { isJsonObject } from '../json.ts';
import { ACTIONS_KEPT, type KillSwitch, type ResourceState, type RunRecord } from './ledger.ts';
import { instant } from './rules.ts';

/** An item, or a part of one. */
export type Item = Record<string, AttributeValue>;

/** One register more than is shown: a refund brings the oldest action back instead of losing it. */
export const REGISTERS = ACTIONS_KEPT + 1;

/** Stands where no action was: DynamoDB cannot copy an absent attribute. Sorts before every time. */
export const NEVER = '-';

/** Record book: thirteen months, so that last year's incident in the same week can still be read. */
const RECORD_KEPT_DAYS = 400;

/** An item may have 400 KB; as a JSON string inside a JSON object every character may double. */
const RECORD_BODY_MAX_BYTES = 200_000;
const RECORD_BODY_KEPT_BYTES = 150_000;

/** A text as an attribute. */
export const text = (value: string): AttributeValue => ({ S: value });
/** A number as an attribute. */
export const count = (value: number): AttributeValue => ({ N: String(value) });

/** Where a resource stands. */
export function resourceKey(resource: string): Item {
  return { pk: text('resource'), sk: text(resource) };
}

/** A resource as stored. */
export interface Stored {
  readonly runbook: string;
  readonly owner?: string;
  readonly until?: string;
  readonly history: History;
  /** For the shared rules: the same times as in the history. */
  readonly actions: readonly string[];
}

function parseNote(json: string | undefined): JsonObject {
  const value: unknown = JSON.parse(json ?? '{}');
  return isJsonObject(value) ? value : {};
}

function actionsOf(item: Item): readonly string[] {
  const actions: string[] = [];
  for (let index = 0; index < ACTIONS_KEPT; index += 1) {
    const at = item[`a${index}`]?.S;
    if (at !== undefined && at !== NEVER) actions.push(at);
  }
  return actions;
}

function memoryOf(item: Item): History['memory'] {
  const memory: { [key: string]: string } = {};
  for (const [name, value] of Object.entries(item)) {
    if (name.startsWith('m_') && value.S !== undefined) memory[name.slice(2)] = value.S;
  }
  return memory;
}

function pendingOf(item: Item): Pick<History, 'pending'> {
  const intent = item['intent']?.S;
  if (intent === undefined) return {};
  return { pending: { intent, at: item['intentAt']?.S ?? '', note: parseNote(item['intentNote']?.S) } };
}

/** Reads the item of a resource; an empty one is a resource that nobody acted on yet. */
export function stored(item: Item): Stored {
  const actions = actionsOf(item);
  const owner = item['owner']?.S;
  const until = item['until']?.S;
  return {
    runbook: item['runbook']?.S ?? '',
    actions,
    history: { epoch: Number(item['epoch']?.N ?? '0'), actions, ...pendingOf(item), memory: memoryOf(item) },
    ...(owner === undefined ? {} : { owner }),
    ...(until === undefined ? {} : { until }),
  };
}

/** Reads the item of a resource as it is listed. */
export function listed(item: Item): ResourceState {
  const { actions: _shown, ...state } = stored(item);
  return { resource: item['sk']?.S ?? '', ...state };
}

/** Reads the item of a kill switch. One that somebody wrote in a hurry, without saying why, is still on. */
export function switchOf(item: Item): KillSwitch {
  return {
    scope: item['sk']?.S ?? 'all',
    reason: item['reason']?.S ?? '',
    by: item['by']?.S ?? '',
    at: item['at']?.S ?? '',
  };
}

/** The body as JSON; an oversized one keeps its beginning, where the decision and its reason stand. */
function recordBody(body: JsonObject): string {
  const whole = JSON.stringify(body);
  const bytes = Buffer.byteLength(whole);
  if (bytes <= RECORD_BODY_MAX_BYTES) return whole;
  return JSON.stringify({
    truncated: true,
    bytes,
    beginning: Buffer.from(whole).subarray(0, RECORD_BODY_KEPT_BYTES).toString(),
  });
}

/** The item of a run record. */
export function recordItem(entry: RunRecord): Item {
  const recordedAtSeconds = Math.floor(Date.parse(instant('at', entry.at)) / 1_000);
  return {
    pk: text('run'),
    sk: text(`${entry.runbook}#${entry.run}#${entry.target}`),
    at: text(entry.at),
    body: text(recordBody(entry.body)),
    ttl: count(recordedAtSeconds + RECORD_KEPT_DAYS * 86_400),
  };
}
