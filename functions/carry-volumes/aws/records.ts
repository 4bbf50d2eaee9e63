/**
 * Records that cannot be read. One such record must not keep all others from being judged: it is left out, and named, where
 * nothing depends on it; whoever needs it fails alone.
 */

import { TerminalError } from '../../../shared/kernel/errors.ts';

/** What could be read of a list, and of the rest why not. */
export interface Readable<T> {
  readonly read: readonly T[];
  readonly leftOut: readonly string[];
}

/** Reads each record by itself. */
export function readEach<Record, T>(records: readonly Record[], read: (record: Record) => T): Readable<T> {
  const found: T[] = [];
  const leftOut: string[] = [];
  for (const record of records) {
    try {
      found.push(read(record));
    } catch (error) {
      if (!(error instanceof TerminalError)) throw error;
      leftOut.push(error.message);
    }
  }
  return { read: found, leftOut };
}
