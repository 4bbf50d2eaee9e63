/** The token that names a start: the same one starts the same once, and stands for nothing else. */

import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { canonical } from '../../../shared/kernel/json.ts';
import { tokenOf } from '../../../shared/kernel/plan.ts';
import { UsageError } from '../../terminal.ts';
import type { ManualRequest, Operation, Stack } from '../place.ts';
import { paramWords } from '../operation-text.ts';
import { each } from '../reading.ts';
import { DAY_MS, wholeMoment } from '../times.ts';

/** Names of executions, of which `show` wants four characters. Source: Lambda API reference, Execution (DurableExecutionName). */
const TOKEN = /^[\w-]{4,64}$/u;

/** Parameters up to here stand in the row as they were typed; of longer ones only their digest does. */
const LONGEST_PARAMS = 1_000;

/** A lost answer is asked for again within the night. */
const DAYS_AT_ONCE = 2;
/** Lambda keeps an execution by its name for longer: what it knows is looked for as far back as `runs` looks. */
const MOST_DAYS = 30;

/**
 * The token that was typed, or a new one.
 * @throws UsageError for one that names nothing, or that `show` would not take
 */
export function startToken(typed: string | undefined): string {
  if (typed === undefined) return randomUUID();
  if (TOKEN.test(typed)) return typed;
  throw new UsageError(`--token: expected 4 to 64 of A-Z a-z 0-9 - _, found ${typed}`);
}

/** What makes two starts the same: not who asks, nor why. */
function digest({ runbook, target, params, dryRun }: ManualRequest): string {
  return tokenOf(canonical({ runbook, target, params, dryRun: dryRun === true }));
}

/** What the row of a start keeps of its request. */
export function askedOf(request: ManualRequest): JsonObject {
  const { target, params, dryRun } = request;
  const isShort = params !== undefined && canonical(params).length <= LONGEST_PARAMS;
  return {
    ...(target === undefined ? {} : { target }),
    ...(dryRun === true ? { dryRun } : {}),
    ...(isShort ? { params } : {}),
    asked: digest(request),
  };
}

function isSame({ scope, more }: Operation, request: ManualRequest): boolean {
  if (scope !== request.runbook) return false;
  if (typeof more['asked'] === 'string') return more['asked'] === digest(request);
  // An older row says less.
  const { target, dryRun } = request;
  return more['target'] === target && (more['dryRun'] === true) === (dryRun === true);
}

function words({ scope, more }: Operation): string {
  const { target, params, dryRun } = more;
  return [
    scope,
    ...(typeof target === 'string' ? [`--target ${target}`] : []),
    ...paramWords(params).map((word) => `--param ${word}`),
    ...(dryRun === true ? ['--dry-run'] : []),
  ].join(' ');
}

/** The start that a token is on record for; of a plain function nobody else knows of it. `isLongAgo`: looks further back. */
export async function startOnRecord(
  { book }: Stack,
  token: string,
  { now, isLongAgo = false }: { readonly now: string; readonly isLongAgo?: boolean },
): Promise<Operation | undefined> {
  const days = Array.from({ length: isLongAgo ? MOST_DAYS : DAYS_AT_ONCE }, (_, back) =>
    new Date(Date.parse(now) - back * DAY_MS).toISOString().slice(0, 10),
  );
  const operations = (await each(days, (day) => book.operations(day))).flat();
  return operations.find(({ what, more }) => what === 'run' && more['token'] === token);
}

/**
 * Refuses a token that another request was started with: its run would be taken for what is asked now.
 * @throws UsageError in one line
 */
export function demandSame(started: Operation, request: ManualRequest, token: string): void {
  if (isSame(started, request)) return;
  const { at, by } = started;
  throw new UsageError(
    `--token ${token}: another request was started with it, at ${wholeMoment(at)} by ${by}: ${words(started)}; nothing was sent, without --token this is a start of its own`,
  );
}

/** Says that a run is an earlier one. */
export function repeatText(started: Operation | undefined, token: string): string {
  if (started === undefined)
    return `token ${token} was started before; when, and what was asked then, is not on record: nothing was sent, what is shown is that run`;
  const { at, by } = started;
  return `token ${token} was started before, at ${wholeMoment(at)} by ${by}: nothing was sent, what is shown is that run`;
}
