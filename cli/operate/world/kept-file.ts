/** A file that is read, and written back as a whole or not at all. */

import {
  accessSync,
  constants,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { UsageError } from '../../terminal.ts';

/** A file between its reading and its writing. */
export interface KeptFile {
  /** @throws UsageError when it could not be written back */
  readonly demandWritable: () => void;
  /**
   * Puts a text in its place: readers see the old one or the new one.
   * @throws UsageError when that does not go, or somebody else has written it meanwhile
   */
  readonly replace: (text: string) => void;
}

/** Bits of a file's mode by which anybody may write it. The superuser may in any case, and should ask all the same. */
const ANYBODY_WRITES = 0o222;

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

/** Keeps a file that is there. */
export function keptFile(path: string): KeptFile {
  // A link stays a link: what it leads to is replaced.
  const real = realpathSync(path);
  const { mode } = statSync(real);
  const read = readFileSync(real);
  const demandWritable = (): void => {
    try {
      accessSync(real, constants.W_OK);
      accessSync(dirname(real), constants.W_OK | constants.X_OK);
    } catch (error) {
      throw new UsageError(`${path}: may not be written (${codeOf(error)}): nothing was done`);
    }
    if ((mode & ANYBODY_WRITES) === 0) throw new UsageError(`${path}: is read-only: nothing was done; copy it first`);
  };
  const replace = (text: string): void => {
    const temporary = `${real}.${process.pid}.tmp`;
    try {
      writeFileSync(temporary, text, { mode });
      if (!readFileSync(real).equals(read)) throw new UsageError(`${path}: was changed by another: try again`);
      renameSync(temporary, real);
    } catch (error) {
      rmSync(temporary, { force: true });
      if (error instanceof UsageError) throw error;
      throw new UsageError(`${path}: cannot be written (${codeOf(error)})`);
    }
  };
  return { demandWritable, replace };
}
