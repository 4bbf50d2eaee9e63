/** The same in each stack: one that does not answer keeps the others from nothing. */

import { indented, widthOf } from '../../layout.ts';
import { stoppedRun } from '../../../shared/kernel/ledger/operations.ts';
import { EXIT } from '../../results.ts';
import { NoRunbookError, UsageError, type CommandIo } from '../../terminal.ts';
import { didYouMean } from '../did-you-mean.ts';
import { inOneLine } from '../reading.ts';
import type { Operation, Place, Stack } from '../place.ts';

/** Stands for all runbooks. */
export const ALL = 'all';

/** A scope in words. */
export function scopeText(scope: string): string {
  const run = stoppedRun({ scope });
  if (run !== undefined) return `run ${run} alone`;
  return scope === ALL ? 'all runbooks' : scope;
}

/**
 * Checks that a scope is `all` or a runbook of the place.
 * @throws NoRunbookError, UsageError where there is no stack at all
 */
export function scopeIn({ stacks }: Pick<Place, 'stacks'>, name: string | undefined): string {
  if (stacks.length === 0) throw new UsageError('no stack of runbooks was found here: nothing was done');
  const known = [...new Set(stacks.flatMap(({ runbooks }) => runbooks.map((runbook) => runbook.name)))];
  if (name === undefined || name === ALL) return ALL;
  if (known.includes(name)) return name;
  const slip = didYouMean(name, known);
  throw new NoRunbookError(`there is no runbook ${name}${slip === '' ? `; there are: ${known.join(', ')}` : slip}`);
}

/** What was done in a stack. */
export interface Done<T> {
  readonly stack: string;
  readonly value?: T;
  /** Why it could not be done. */
  readonly error?: string;
}

/** Does it in every stack. What cannot be is said on standard error. A mistake of the person's is thrown. */
export async function inEach<T>(
  io: CommandIo,
  stacks: readonly Stack[],
  work: (stack: Stack) => Promise<T>,
): Promise<readonly Done<T>[]> {
  const done: Done<T>[] = [];
  for (const stack of stacks) {
    const { prefix } = stack;
    try {
      done.push({ stack: prefix, value: await work(stack) });
    } catch (error) {
      if (error instanceof UsageError) throw error;
      const why = inOneLine(error);
      io.stderr.write(`runbook: ${prefix}: nothing is known to be changed: ${why}\n`);
      done.push({ stack: prefix, error: why });
    }
  }
  return done;
}

/** Puts it on record. What was done is done, also where that cannot be written down; false: it could not. */
export async function note(io: CommandIo, { prefix, book }: Stack, operation: Operation): Promise<boolean> {
  try {
    await book.note(operation);
    return true;
  } catch (error) {
    io.stderr.write(`runbook: ${prefix}: it is done, but could not be put on record: ${inOneLine(error)}\n`);
    return false;
  }
}

/** 1 where a stack was not reached. */
export function exitOf(done: readonly Done<unknown>[]): number {
  return done.some(({ error }) => error !== undefined) ? EXIT.failed : EXIT.ok;
}

/** Prints lines, each a thought, broken to the width. */
export function sayLines(io: CommandIo, lines: readonly (readonly [indent: number, text: string])[]): void {
  const width = widthOf(io.stdout);
  for (const [indent, text] of lines) io.stdout.write(`${indented(indent, text, width).join('\n')}\n`);
}
