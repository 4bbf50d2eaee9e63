/** `runbook list`: which runbooks there are, and what starts them. */

import { paintFor, type CommandIo } from './terminal.ts';

/** Prints the runbooks of this project. */
export async function list(io: CommandIo, { json }: { readonly json: boolean }): Promise<number> {
  const functions = await io.functions();
  const rows = functions.map(({ summary }) => ({
    name: summary.name,
    host: summary.host,
    disruptive: summary.disruptive,
    triggers: summary.triggers.map(({ name }) => name),
  }));
  if (json) {
    io.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    return 0;
  }
  const paint = paintFor(io.stdout, io.env);
  const column = Math.max(7, ...rows.map(({ name }) => name.length)) + 2;
  io.stdout.write(`${paint.bold(`${'RUNBOOK'.padEnd(column)}${'HOST'.padEnd(9)}STARTED BY`)}\n`);
  for (const { name, host, disruptive, triggers } of rows) {
    io.stdout.write(
      `${name.padEnd(column)}${host.padEnd(9)}${triggers.join(', ')}${disruptive ? `  ${paint.yellow('DISRUPTIVE')}` : ''}\n`,
    );
  }
  return 0;
}
