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
 *   layout                   number of this layout; absent: it was written before there were numbers, with the same attributes
 *   ttl                      when it expires, seconds since 1970; absent while somebody is at it or an intent is unsettled
 * pk `switch`: reason, by, at, of a freeze from, until, of one run's until, ttl; the item being there is the switch being on.
 * pk `mode`: mode, reason, by, at. pk `run`: at, outcome (absent: it was written before anything was planned), body (JSON), ttl.
 * pk `approval/<aws:userid>`: verdict, at, by, reason, until, ttl.
 * pk `run-by-day`, `run-by-target`: at, runbook, run, target, outcome, reason (its beginning), ttl.
 */

import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { History, JsonObject } from '../decision.ts';
import { isJsonObject } from '../json.ts';
import { shortenedText } from '../report/shortened.ts';
import { TerminalError } from '../errors.ts';
import {
  ACTIONS_KEPT,
  EMPTY_HISTORY,
  RECORD_BODY_MAX_BYTES,
  type ApprovalKey,
  type ApprovalRow,
  type KillSwitch,
  type ModeRow,
  type ResourceState,
  type RunLine,
  type RunRecord,
} from './ledger.ts';
import { instant } from './rules.ts';

/** An item, or a part of one. */
export type Item = Record<string, AttributeValue>;

/** One register more than is shown: a refund brings the oldest action back instead of losing it. */
export const REGISTERS = ACTIONS_KEPT + 1;

/** Stands where no action was: DynamoDB cannot copy an absent attribute. Sorts before every time. */
export const NEVER = '-';

/** Number of the layout that is written, and the highest that can be read. A new one has to read those before it: stacks are deployed. */
export const LAYOUT = 1;

/**
 * Record book: thirteen months, so that last year's incident in the same week can still be read. What is known of a resource that
 * nobody is at, and that nobody writes to any more, is kept as long.
 */
const KEPT_DAYS = 400;

/** When what was last written now expires, seconds since 1970. */
export function expiry(nowMs: number): number {
  return Math.floor(nowMs / 1_000) + KEPT_DAYS * 86_400;
}

/** Kept of a body that is too long, bytes. */
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

/** @throws TerminalError for an item of a layout that is newer than this code */
export function checkLayout(item: Item): void {
  const layout = Number(item['layout']?.N ?? '0');
  if (layout <= LAYOUT) return;
  const message = `the ledger's item ${item['sk']?.S ?? ''} has layout ${layout}, this version reads up to ${LAYOUT}`;
  throw new TerminalError(`${message}: deploy the version that wrote it`);
}

/**
 * Reads the item of a resource; an empty one is a resource that nobody acted on yet.
 * @throws TerminalError for an item of a layout that is not known yet; SyntaxError for a note that is no JSON.
 */
export function stored(item: Item): Stored {
  checkLayout(item);
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

/** Reads the item of a resource as it is listed. One that cannot be read does not hide the others. */
export function listed(item: Item): ResourceState {
  const resource = item['sk']?.S ?? '';
  try {
    const { actions: _shown, ...state } = stored(item);
    const ttl = item['ttl']?.N;
    return {
      resource,
      ...state,
      ...(ttl === undefined ? {} : { expiresAt: new Date(Number(ttl) * 1_000).toISOString() }),
    };
  } catch {
    return { resource, runbook: item['runbook']?.S ?? '', history: EMPTY_HISTORY, isUnreadable: true };
  }
}

/** Reads the item of a kill switch. One that somebody wrote in a hurry, without saying why, is still on. */
export function switchOf(item: Item): KillSwitch {
  return {
    scope: item['sk']?.S ?? 'all',
    reason: item['reason']?.S ?? '',
    by: item['by']?.S ?? '',
    at: item['at']?.S ?? '',
    ...times(item),
  };
}

/** Whatever stands there, a text or not: what cannot be read as a time is no reason for a switch to be off. */
function times({ from, until }: Item): Pick<KillSwitch, 'from' | 'until'> {
  return { ...(from && { from: from.S ?? '' }), ...(until && { until: until.S ?? '' }) };
}

/** Reads the item of a mode. Who has not written `apply` has not said that anything may be done. */
export function modeOf(item: Item): ModeRow {
  const { scope, reason, by, at } = switchOf(item);
  return { scope, mode: item['mode']?.S === 'apply' ? 'apply' : 'plan', reason, by, at };
}

/** The item of a switch, or of a mode. */
export function controlItem(partition: 'switch' | 'mode', { scope, ...row }: KillSwitch | ModeRow): Item {
  const members = Object.entries(row).map(([name, value]) => [name, text(value)] as const);
  return { pk: text(partition), sk: text(scope), ...Object.fromEntries(members) };
}

/** Where a person's word on a plan stands. */
export function approvalKey({ person, run, target, planHash }: ApprovalKey): Item {
  return { pk: text(`approval/${person}`), sk: text(`${run}#${planHash}#${target}`) };
}

/** Of what a person says so much is read, bytes: a reason of the command's fits. */
const WORD_BYTES = 4_500;

/**
 * Reads it. Who has not written `approve` has not said yes, and what says no end has none that lies ahead.
 * @throws TerminalError for an item of a layout that is not known yet
 */
export function approvalOf(item: Item): ApprovalRow {
  checkLayout(item);
  const read = (name: string): string => shortenedText(item[name]?.S ?? '', WORD_BYTES);
  const verdict = read('verdict') === 'approve' ? 'approve' : 'reject';
  return { verdict, at: read('at'), by: read('by'), reason: read('reason'), until: read('until') };
}

/** The body as JSON. Whoever records shortens it with more sense; of one that is oversized all the same the beginning is kept. */
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

/** Of a reason so much stands where runs are listed, bytes: a line. */
const LISTED_REASON_BYTES = 300;

/** Partition of what finds records by their day: the sort key begins with the time. */
export const BY_DAY = 'run-by-day';
/** Partition of what finds records by their target: the sort key begins with it, and the time follows. */
export const BY_TARGET = 'run-by-target';

/** The item of a run record. */
export function recordItem(entry: RunRecord): Item {
  return {
    pk: text('run'),
    sk: text(`${entry.runbook}#${entry.run}#${entry.target}`),
    at: text(entry.at),
    outcome: text(wordIn(entry.body, 'outcome')),
    ...(entry.acted === true ? { acted: { BOOL: true } } : {}),
    body: text(recordBody(entry.body)),
    layout: count(LAYOUT),
    ttl: count(expiry(Date.parse(instant('at', entry.at)))),
  };
}

/** What finds the record, in the order of time: among those of its day, and, where it has a target, among those of that. */
export function signposts(entry: RunRecord): readonly Item[] {
  const { runbook, run, target, at, body } = entry;
  const line = {
    at: text(at),
    runbook: text(runbook),
    run: text(run),
    target: text(target),
    outcome: text(wordIn(body, 'outcome')),
    reason: text(shortenedText(wordIn(body, 'reason'), LISTED_REASON_BYTES)),
    layout: count(LAYOUT),
    ttl: count(expiry(Date.parse(at))),
  };
  const byDay = { pk: text(BY_DAY), sk: text(`${at}#${runbook}#${run}#${target}`), ...line };
  const byTarget = { pk: text(BY_TARGET), sk: text(`${target}#${at}#${runbook}#${run}`), ...line };
  return target === '' ? [byDay] : [byDay, byTarget];
}

function wordIn(body: JsonObject, member: string): string {
  const value = body[member];
  return typeof value === 'string' ? value : '';
}

/** Reads one of these items. */
export function runLineOf(item: Item): RunLine {
  const read = (name: string): string => item[name]?.S ?? '';
  return {
    at: read('at'),
    runbook: read('runbook'),
    run: read('run'),
    target: read('target'),
    outcome: read('outcome'),
    reason: read('reason'),
  };
}
