/** `runbook list`: which runbooks there are, and what starts them. */

import { labelled, widthOf } from './layout.ts';
import { paintFor, type CommandIo } from './terminal.ts';

/** Prints the runbooks of this project. */
export async function list(io: CommandIo, { json }: { readonly json: boolean }): Promise<number> {
  const functions = await io.functions();
  const rows = functions.map(({ summary }) => ({
    name: summary.name,
    host: summary.host,
    disruptive: summary.disruptive,
    // One kind may be taken in several ways.
    triggers: [...new Set(summary.triggers.map(({ name }) => name))],
  }));
  if (json) {
    io.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    return 0;
  }
  const paint = paintFor(io.stdout, io.env);
  const width = widthOf(io.stdout);
  const column = Math.max(7, ...rows.map(({ name }) => name.length)) + 2;
  const say = (line: string): void => io.stdout.write(`${line}\n`);
  say(
    labelled(
      [
        ['RUNBOOK'.padEnd(column), paint.bold],
        ['HOST'.padEnd(9), paint.bold],
      ],
      ['STARTED BY', paint.bold],
      width,
    ),
  );
  for (const { name, host, disruptive, triggers } of rows) {
    const started = `${triggers.join(', ')}${disruptive ? '  DISRUPTIVE' : ''}`;
    say(labelled([name.padEnd(column), host.padEnd(9)], started, width));
  }
  return 0;
}
