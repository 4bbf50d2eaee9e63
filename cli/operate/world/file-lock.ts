/**
 * One writer at a time: a lock beside a file, made where none is or not at all. Whoever holds it and has gone, killed or struck by
 * a crash, keeps nobody out.
 */

import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { isJsonObject } from '../../../shared/kernel/json.ts';

/** A switch is turned within a second; who has waited this long is told, and decides. */
const PATIENCE_MS = 5_000;
const PAUSE_MS = 50;
/**
 * Older ones are nobody's: a process of another computer cannot be asked whether it lives, and a number is given again. No run on a
 * world takes as long.
 */
export const LOCK_LASTS_MS = 3_600_000;
/** Between making a lock and writing its holder into it lies a moment; one that stays empty was left by a crash. */
const EMPTY_LASTS_MS = 2_000;

/** Who holds a lock. */
export interface Holder {
  /** Differs for each lock that is taken. */
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  /** ISO 8601. */
  readonly at: string;
}

/** What a lock came to. */
export type Locking =
  | { readonly kind: 'held'; readonly lock: FileLock }
  /** `by` is absent where it does not say so. */
  | { readonly kind: 'busy'; readonly by?: Holder };

/** A lock that is held. */
export interface FileLock {
  /** Nobody has taken it for one that was left behind. */
  readonly isHeld: () => boolean;
  readonly release: () => void;
}

/** A lock as it was found. */
interface Found {
  readonly id: string;
  readonly holder?: Holder;
  readonly sinceMs: number;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function holderIn(text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isJsonObject(value)) return undefined;
    const { id, pid, host, at } = value;
    if (typeof id !== 'string' || typeof pid !== 'number' || typeof host !== 'string' || typeof at !== 'string')
      return undefined;
    return /^[\w-]+$/u.test(id) ? { id, pid, host, at } : undefined;
  } catch {
    return undefined;
  }
}

/** The lock that is there; `undefined`: none. */
function found(path: string): Found | undefined {
  try {
    const { mtimeMs } = statSync(path);
    const holder = holderIn(readFileSync(path, 'utf8'));
    return { id: holder?.id ?? 'unread', sinceMs: mtimeMs, ...(holder === undefined ? {} : { holder }) };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function isAlive({ pid, host }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's lives, though it may not be asked.
    return !hasCode(error, 'ESRCH');
  }
}

function isLeftBehind({ holder, sinceMs }: Found): boolean {
  const ageMs = Date.now() - sinceMs;
  if (holder === undefined) return ageMs > EMPTY_LASTS_MS;
  return ageMs > LOCK_LASTS_MS || !isAlive(holder);
}

function isMade(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/**
 * Takes the lock, or says who has it. One that was left behind is replaced by whoever holds the lock of that very lock: two that
 * find it at once would else remove each other's.
 */
function taken(path: string, own: Holder): 'taken' | { readonly by?: Holder } {
  const text = JSON.stringify(own);
  if (isMade(path, text)) return 'taken';
  const other = found(path);
  const busy = other?.holder === undefined ? {} : { by: other.holder };
  if (other === undefined || !isLeftBehind(other)) return busy;
  const claim = `${path}.${other.id}`;
  if (taken(claim, own) !== 'taken') return busy;
  const temporary = `${path}.${own.id}.tmp`;
  try {
    const still = found(path);
    if (still?.id !== other.id || !isLeftBehind(still)) return busy;
    writeFileSync(temporary, text);
    renameSync(temporary, path);
    return 'taken';
  } finally {
    rmSync(temporary, { force: true });
    rmSync(claim, { force: true });
  }
}

/**
 * Locks a file against other processes of this command, and waits a little for one that is at it.
 * @throws the error of the operating system where no lock can be made
 */
export async function lockFile(file: string, patienceMs = PATIENCE_MS): Promise<Locking> {
  const path = `${file}.lock`;
  const own = { id: randomUUID(), pid: process.pid, host: hostname(), at: new Date().toISOString() };
  const untilMs = Date.now() + patienceMs;
  for (;;) {
    const outcome = taken(path, own);
    if (outcome === 'taken') break;
    if (Date.now() >= untilMs) return { kind: 'busy', ...outcome };
    await sleep(PAUSE_MS);
  }
  const isHeld = (): boolean => found(path)?.id === own.id;
  return {
    kind: 'held',
    lock: {
      isHeld,
      release: () => {
        if (isHeld()) rmSync(path, { force: true });
      },
    },
  };
}
