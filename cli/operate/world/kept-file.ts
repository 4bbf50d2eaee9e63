/** A file that is read, and written back as a whole or not at all, by one process at a time. */

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
import { wholeMoment } from '../times.ts';
import { lockFile, type FileLock, type Holder } from './file-lock.ts';

/** A file between its reading and its writing. */
export interface KeptFile {
  /** @throws UsageError when it could not be written back */
  readonly demandWritable: () => void;
  /**
   * Keeps others from writing it until `release`.
   * @throws UsageError when it may not be written, another is at it, or has written it since it was read
   */
  readonly hold: () => Promise<void>;
  /**
   * Puts a text in its place: readers see the old one or the new one.
   * @throws UsageError when that does not go, or somebody else has written it meanwhile
   */
  readonly replace: (text: string) => Promise<void>;
  /** Lets others write it. */
  readonly release: () => void;
}

/** Bits of a file's mode by which anybody may write it. The superuser may in any case, and should ask all the same. */
const ANYBODY_WRITES = 0o222;

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

function holderText(by: Holder | undefined): string {
  return by === undefined ? 'another' : `another (process ${by.pid} on ${by.host}, since ${wholeMoment(by.at)})`;
}

class Kept implements KeptFile {
  readonly #path: string;
  /** A link stays a link: what it leads to is replaced. */
  readonly #real: string;
  #read: Buffer;
  #lock: FileLock | undefined;

  constructor(path: string) {
    this.#path = path;
    this.#real = realpathSync(path);
    this.#read = readFileSync(this.#real);
  }

  demandWritable = (): void => {
    const [path, real] = [this.#path, this.#real];
    try {
      accessSync(real, constants.W_OK);
      accessSync(dirname(real), constants.W_OK | constants.X_OK);
    } catch (error) {
      throw new UsageError(`${path}: may not be written (${codeOf(error)}): nothing was done`);
    }
    if ((statSync(real).mode & ANYBODY_WRITES) === 0)
      throw new UsageError(`${path}: is read-only: nothing was done; copy it first`);
  };

  hold = async (): Promise<void> => {
    if (this.#lock !== undefined) return;
    await this.lock();
    if (this.#isAsRead()) return;
    this.release();
    throw this.#changed();
  };

  /** Locks it, and reads it then. */
  async lock(): Promise<void> {
    this.demandWritable();
    const locking = await this.#locking();
    if (locking.kind === 'busy')
      throw new UsageError(`${this.#path}: is being changed by ${holderText(locking.by)}: nothing was done; try again`);
    this.#lock = locking.lock;
  }

  readAgain(): void {
    this.#read = readFileSync(this.#real);
  }

  replace = async (text: string): Promise<void> => {
    await this.hold();
    const [path, real] = [this.#path, this.#real];
    const temporary = `${real}.${process.pid}.tmp`;
    try {
      writeFileSync(temporary, text, { mode: statSync(real).mode });
      if (this.#lock?.isHeld() !== true || !this.#isAsRead()) throw this.#changed();
      renameSync(temporary, real);
      this.#read = Buffer.from(text);
    } catch (error) {
      rmSync(temporary, { force: true });
      if (error instanceof UsageError) throw error;
      throw new UsageError(`${path}: cannot be written (${codeOf(error)}): nothing was kept`);
    }
  };

  release = (): void => {
    this.#lock?.release();
    this.#lock = undefined;
  };

  async #locking(): ReturnType<typeof lockFile> {
    try {
      return await lockFile(this.#real);
    } catch (error) {
      throw new UsageError(`${this.#path}: may not be written (${codeOf(error)}): nothing was done`);
    }
  }

  /** An editor asks for no lock. */
  #isAsRead(): boolean {
    return readFileSync(this.#real).equals(this.#read);
  }

  #changed(): UsageError {
    return new UsageError(`${this.#path}: was changed by another: nothing was kept; try again`);
  }
}

/** Keeps a file that is there. */
export function keptFile(path: string): KeptFile {
  return new Kept(path);
}

/**
 * Keeps a file that is going to be changed: what is read of it from now on nobody else changes until `release`.
 * @throws UsageError when it may not be written, or another is at it
 */
export async function heldFile(path: string): Promise<KeptFile> {
  const kept = new Kept(path);
  await kept.lock();
  kept.readAgain();
  return kept;
}
