/** Puts a page where it was asked for: whole or not at all, and over nothing that was there. */

import { existsSync, linkSync, realpathSync, renameSync, rmSync, statSync, writeFileSync, type Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UsageError, type CommandIo } from '../terminal.ts';

/** Where a page goes. */
export interface Destination {
  /** A path; `-`: standard output. */
  readonly file: string;
  readonly force: boolean;
}

/** Whether it goes to standard output. */
export function isStdout({ file }: Destination): boolean {
  return file === '-';
}

/** A page is there to be handed on: whoever may enter the folder may read it. */
const MODE = 0o644;

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

function exists(file: string): UsageError {
  return new UsageError(`${file}: exists already; --force writes over it`);
}

/**
 * What stands there; `undefined`: nothing.
 * @throws UsageError for a name that there cannot be
 */
function standing(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    throw new UsageError(`${file}: cannot be written (${codeOf(error)}); nothing is there that was not before`);
  }
}

/**
 * To put a file in the place of a device would take it from everybody: /dev/null is the superuser's to lose.
 * @throws UsageError for what is there and is no file
 */
function demandFile(file: string): void {
  if (standing(file)?.isFile() === false)
    throw new UsageError(`${file}: is no file, and is not written over; - is standard output`);
}

/**
 * Says early what would be in the way: before anything is asked or rehearsed.
 * @throws UsageError for a file that is there, and a folder that is not
 */
export function demandFree(destination: Destination): void {
  const { file, force } = destination;
  if (isStdout(destination)) return;
  const folder = standing(dirname(file));
  if (folder?.isDirectory() !== true) throw new UsageError(`${file}: there is no folder ${dirname(file)}`);
  const there = standing(file);
  if (there?.isDirectory() === true) throw new UsageError(`${file}: is a folder; name a file in it`);
  demandFile(file);
  if (there !== undefined && !force) throw exists(file);
}

/** A link refuses where something is, in the same moment; some file systems know none. */
function putNew(temporary: string, file: string): void {
  try {
    linkSync(temporary, file);
  } catch (error) {
    if (codeOf(error) === 'EEXIST' || existsSync(file)) throw exists(file);
    renameSync(temporary, file);
  }
}

/** What cannot be there, as a name that is too long, cannot be taken away either: why it was not written is told already. */
function takeAway(temporary: string): void {
  try {
    rmSync(temporary, { force: true });
  } catch {
    // Nobody is helped by a second error.
  }
}

/**
 * Puts a text in a file: whole or not at all.
 * @param mode of the file, before the `umask`
 * @throws UsageError when it cannot be written, or something is there and it is not to be replaced
 */
export function putWhole({ file, force }: Destination, text: string, mode: number): void {
  demandFile(file);
  // A link stays a link: what it leads to is replaced.
  const real = force && existsSync(file) ? realpathSync(file) : file;
  const temporary = join(dirname(real), `.${basename(real)}.${process.pid}.tmp`);
  try {
    writeFileSync(temporary, text, { mode, flag: 'wx', flush: true });
    if (force) renameSync(temporary, real);
    else putNew(temporary, real);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file}: cannot be written (${codeOf(error)}); nothing is there that was not before`);
  } finally {
    takeAway(temporary);
  }
}

/**
 * Writes a page and says on standard error where it is.
 * @throws UsageError when it cannot be written, or something is there and `--force` was not given
 */
export function writePage(io: Pick<CommandIo, 'stdout' | 'stderr'>, destination: Destination, page: string): void {
  if (isStdout(destination)) {
    io.stdout.write(page);
    return;
  }
  putWhole(destination, page, MODE);
  const kilobytes = Math.ceil(Buffer.byteLength(page) / 1_000);
  io.stderr.write(`runbook: the report is in ${destination.file} (${kilobytes} kB)\n`);
}
