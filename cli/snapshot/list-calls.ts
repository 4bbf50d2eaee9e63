/** `runbook snapshot --list-calls`: every request that a snapshot may send, and why. It sends none, and needs no credentials. */

import { labelled, widthOf } from '../layout.ts';
import { EXIT } from '../results.ts';
import { paintFor, type CommandIo } from '../terminal.ts';
import { actionsOf, CALLS, countText } from './calls.ts';

function reason(why: string, runbooks: readonly string[]): string {
  return runbooks.length === 0 ? why : `${why} (${runbooks.join(', ')})`;
}

/** Prints the table. */
export function listCalls(io: CommandIo, json: boolean): number {
  if (json) {
    const rows = CALLS.map((row) => ({
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
  const column = Math.max(...CALLS.map(({ call }) => call.length)) + 2;
  for (const { call, why, runbooks } of CALLS)
    io.stdout.write(`${labelled([[call.padEnd(column), paint.bold]], reason(why, runbooks), width)}\n`);
  io.stdout.write(`\n${countText()}; each reads, none is sent now\n`);
  return EXIT.ok;
}
