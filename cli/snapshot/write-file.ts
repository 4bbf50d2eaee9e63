/** Writes a world: whole or not at all, for its owner's eyes, and never over something else. */

import { existsSync } from 'node:fs';
import { putWhole } from '../report/write.ts';
import { UsageError } from '../terminal.ts';

/** Only the owner reads it: it is a map of an account. */
const OWNER_ONLY = 0o600;

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
export function writeWhole(file: string, text: string, force: boolean): void {
  putWhole({ file, force }, text, OWNER_ONLY);
}
