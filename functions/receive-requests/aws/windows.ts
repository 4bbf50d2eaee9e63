/** Windows in the data ledger, and the executions that flush them. */

import { attemptName, durableFunction, executionName } from '../../../shared/aws/lambda/start-execution.ts';
import { readWindow } from '../../../shared/aws/flush-window.ts';
import { executionNamed, failedExecutions } from './executions.ts';
import {
  FLUSH_KEYS,
  FLUSH_WINDOW,
  windowRowOf,
  windowTimes,
  writerOf,
  type FlushWindow,
  type KeyChange,
  type WindowRow,
} from '../../../shared/judgement/flush-window.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { RetryableError } from '../../../shared/kernel/errors.ts';
import { openData, type DataItem } from '../../../shared/kernel/ledger/data.ts';
import { tokenOf } from '../../../shared/kernel/plan.ts';
import {
  LATE_MS,
  LOOK_BACK_MS,
  MOST_ATTEMPTS,
  MOST_PORTION_BYTES,
  WINDOW_SECONDS,
  type Portion,
  type WindowStart,
} from '../decide.ts';

const FLUSHER = 'flush-caches';

/** How an execution is started: its payload is the name of the window and nothing else. */
export function startOf({ name }: Pick<FlushWindow, 'name'>, attempt: number): WindowStart {
  return {
    FunctionName: durableFunction(FLUSHER),
    DurableExecutionName: attemptName(name, attempt),
    Payload: { collected: name },
  };
}

/** The window of a bucket that a time lies in, or one so many after it. */
function windowAt(bucket: string, at: string, later: number): FlushWindow {
  const times = windowTimes(at, WINDOW_SECONDS, later);
  return { name: executionName(FLUSHER, bucket, times.from), bucket, ...times };
}

/** A window that may be written to. */
export interface OpenWindow {
  readonly window: FlushWindow;
  readonly isBegun: boolean;
  readonly portions: readonly Portion[];
  readonly attempt: number;
  readonly passed: readonly string[];
}

/** Windows that are looked at before it is said that none is open: after the first of them nobody can have sealed one. */
const MOST_WINDOWS = 5;

/**
 * The first window from a time on that is open, and whose execution can still come.
 * @throws RetryableError where there is none
 */
export async function openWindow(
  bucket: string,
  changes: readonly KeyChange[],
  at: string,
  io: Io,
): Promise<OpenWindow> {
  const passed: string[] = [];
  for (let later = 0; later < MOST_WINDOWS; later += 1) {
    const window = windowAt(bucket, at, later);
    // Before the window itself: what is there when it is seen open is read by whoever seals it.
    const portions = await portionsOf(window, changes);
    const row = await readWindow(window.name);
    const isOpen = row === undefined || row.sealedAt === null;
    const attempt = isOpen ? await nextAttempt(window.name, io) : undefined;
    if (attempt !== undefined) return { window, isBegun: row !== undefined, portions, attempt, passed };
    passed.push(window.name);
  }
  throw new RetryableError(`no window for what has changed in ${bucket} is open: ${passed.join(', ')}`);
}

/**
 * Which attempt the next start is: that of an execution which goes on, or is not begun; after those that have failed the next. `undefined`:
 * there can be no further one. What has ended well without sealing its window, or was stopped, does not begin again.
 */
async function nextAttempt(name: string, io: Io): Promise<number | undefined> {
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
    const execution = await executionNamed(FLUSHER, attemptName(name, attempt), io);
    if (execution === undefined || execution.status === 'RUNNING') return attempt;
    if (execution.status === 'SUCCEEDED' || execution.status === 'STOPPED') return undefined;
  }
  return undefined;
}

/** Digits of the hash in the key of an item: 80 bits. */
const HASH_DIGITS = 20;

/** The changes in items of so many bytes at most, each with a key that is the same for the same changes. */
function portioned(changes: readonly KeyChange[]): readonly Omit<Portion, 'writtenBy'>[] {
  const portions: KeyChange[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const change of changes) {
    const own = Buffer.byteLength(JSON.stringify(change)) + 1;
    if (bytes + own > MOST_PORTION_BYTES) {
      portions.push([]);
      bytes = 0;
    }
    bytes += own;
    portions.at(-1)?.push(change);
  }
  return portions.map((some) => ({ key: tokenOf(JSON.stringify(some)).slice(0, HASH_DIGITS), changes: some }));
}

async function portionsOf({ name }: FlushWindow, changes: readonly KeyChange[]): Promise<readonly Portion[]> {
  const portions: Portion[] = [];
  for (const portion of portioned(changes)) {
    const item = await openData().read(FLUSH_KEYS, `${name}/${portion.key}`);
    portions.push({ ...portion, writtenBy: item === undefined ? null : writerOf(item) });
  }
  return portions;
}

/** A window that nobody is at, and the next attempt at it, more than there may be where all have failed; or why its item cannot be read. */
export type LeftWindow =
  | {
      readonly name: string;
      readonly row: WindowRow;
      readonly attempt: number;
      /** This very run has begun it, and died before it told. */
      readonly isStarted: boolean;
    }
  | { readonly name: string; readonly fault: unknown };

function rowIn(item: DataItem): WindowRow | { readonly name: string; readonly fault: unknown } {
  try {
    return windowRowOf(item);
  } catch (fault) {
    return { name: item.key, fault };
  }
}

/** Windows that somebody should have flushed by now: what was started has failed, or nothing was. */
export async function leftWindows(io: Io): Promise<readonly LeftWindow[]> {
  const nowMs = Date.parse(io.now());
  const since = new Date(nowMs - LOOK_BACK_MS).toISOString();
  const late = new Date(nowMs - LATE_MS).toISOString();
  const rows = (await openData().list(FLUSH_WINDOW)).map(rowIn);
  const left: LeftWindow[] = rows.filter((row) => 'fault' in row);
  const recent = rows
    .filter((row): row is WindowRow => !('fault' in row))
    .filter(({ to, givenUpBy }) => to >= since && to <= late && (givenUpBy ?? io.run) === io.run);
  if (recent.length === 0) return left;
  const failed = new Set(await failedExecutions(FLUSHER, since, io));
  for (const row of recent) {
    const attempt = await attemptAt(row, failed, io);
    if (attempt !== undefined) left.push({ name: row.name, row, ...attempt });
  }
  return left;
}

/** The next attempt at one that is left; `undefined`: it is not. */
async function attemptAt(
  { name, sealedAt, triedBy }: WindowRow,
  failed: ReadonlySet<string>,
  io: Io,
): Promise<{ readonly attempt: number; readonly isStarted: boolean } | undefined> {
  let attempt = 1;
  while (failed.has(attemptName(name, attempt))) attempt += 1;
  if (attempt > MOST_ATTEMPTS) return { attempt, isStarted: false };
  const isOurs = triedBy === io.run;
  if (attempt === 1 && sealedAt !== null && !isOurs) return undefined;
  const next = await executionNamed(FLUSHER, attemptName(name, attempt), io);
  if (next === undefined) return { attempt, isStarted: false };
  return isOurs ? { attempt, isStarted: true } : undefined;
}
