/** `--list-calls` of `snapshot` and of `doctor`: every request that may be sent, and why. It sends none, and needs no credentials. */

import { labelled, widthOf } from '../layout.ts';
import { EXIT } from '../results.ts';
import { paintFor, type CommandIo } from '../terminal.ts';
import { actionsOf, CALLS, countText, type Call } from './calls.ts';

function reason(why: string, runbooks: readonly string[]): string {
  return runbooks.length === 0 ? why : `${why} (${runbooks.join(', ')})`;
}

/** Prints a table. */
export function listCalls(io: CommandIo, json: boolean, calls: readonly Call[] = CALLS): number {
  if (json) {
    const rows = calls.map((row) => ({
      call: row.call,
      why: row.why,
      runbooks: row.runbooks,
      actions: actionsOf(row),
    }));
    io.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    return EXIT.ok;
  }
  const paint = paintFor(io.stdout, io.env);
  const width = widthOf(io.stdout);
  const column = Math.max(...calls.map(({ call }) => call.length)) + 2;
  for (const { call, why, runbooks } of calls)
    io.stdout.write(`${labelled([[call.padEnd(column), paint.bold]], reason(why, runbooks), width)}\n`);
  io.stdout.write(`\n${countText(calls)}; each reads, none is sent now\n`);
  return EXIT.ok;
}
