/** Writes a world: whole or not at all, for its owner's eyes, and never over something else. */

import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { existsSync } from 'node:fs';
import { UsageError } from '../terminal.ts';

/** Only the owner reads it: it is a map of an account. */
const OWNER_ONLY = 0o600;

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

function taken(path: string): UsageError {
  return new UsageError(`${path}: is there already: nothing was written; another --out, or --force to replace it`);
}

/**
 * Refuses a path that cannot become the file, before anything is asked.
 * @throws UsageError
 */
export function demandFree(path: string, force: boolean): void {
  if (!force && existsSync(path)) throw taken(path);
}

/**
 * Writes the file.
 * @throws UsageError where it is there (unless `force`), or cannot be written; then nothing has changed
 */
export function writeWhole(path: string, text: string, force: boolean): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = openSync(temporary, 'wx', OWNER_ONLY);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    // A link is made where nothing is, or not at all: between the look and the writing somebody may have put a file there.
    if (force) renameSync(temporary, path);
    else linkSync(temporary, path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw taken(path);
    throw new UsageError(`${path}: cannot be written (${codeOf(error)}): nothing was written`);
  } finally {
    rmSync(temporary, { force: true });
  }
}
