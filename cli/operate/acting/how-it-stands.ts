/** `runbook switch` and `runbook mode` by themselves: how it stands, and nothing is changed. */

import { stoppedRun } from '../../../shared/kernel/ledger/operations.ts';
import { EXIT } from '../../results.ts';
import type { CommandIo } from '../../terminal.ts';
import { nextLine } from '../command-line.ts';
import { placeAsJson } from '../place-as-json.ts';
import type { Place, Stack } from '../place.ts';
import { tried } from '../reading.ts';
import { modesOf, switchStanding, type DatedSwitch, type ModeStanding } from '../row-standing.ts';
import { sayLines, scopeText } from './stacks.ts';
import { sinceText } from './switch.ts';

/** What is asked, and how it is told. */
interface Question<T> {
  /** Name of the answers in JSON. */
  readonly name: string;
  readonly ask: (stack: Stack) => Promise<readonly T[]>;
  /** What stands behind the name of the stack. */
  readonly lines: (answers: readonly T[]) => readonly string[];
  /** What changes it. */
  readonly next: (answers: readonly T[]) => readonly [command: string, way: string];
}

async function told<T>(io: CommandIo, place: Place, json: boolean, question: Question<T>): Promise<number> {
  const { name, ask, lines, next } = question;
  const answers = await Promise.all(
    place.stacks.map(async (stack) => ({ stack: stack.prefix, reading: await tried(() => ask(stack)) })),
  );
  for (const { stack, reading } of answers)
    if (!reading.ok) io.stderr.write(`runbook: ${stack}: not known: ${reading.why}\n`);
  if (json) {
    const stacks = answers.map(({ stack, reading }) =>
      reading.ok ? { stack, [name]: reading.value } : { stack, error: reading.why },
    );
    io.stdout.write(`${JSON.stringify({ place: placeAsJson(place), stacks }, null, 2)}\n`);
  } else {
    for (const { stack, reading } of answers)
      if (reading.ok)
        sayLines(
          io,
          lines(reading.value).map((text) => [0, `${stack}: ${text}`]),
        );
    const all = answers.flatMap(({ reading }) => (reading.ok ? reading.value : []));
    io.stdout.write(`to change it: ${nextLine(place, ...next(all), '--reason', 'WHY')}\n`);
  }
  return answers.every(({ reading }) => reading.ok) ? EXIT.ok : EXIT.failed;
}

/** One run alone is stopped by it, and no runbook. */
function isOfRun(row: DatedSwitch): boolean {
  return stoppedRun(row) !== undefined;
}

/** Says what is off, and what is going to be. */
export function tellSwitches(io: CommandIo, place: Place, json: boolean): Promise<number> {
  const now = place.now();
  return told<DatedSwitch>(io, place, json, {
    name: 'switches',
    ask: async ({ book }) => {
      const rows: readonly DatedSwitch[] = await book.switches();
      return rows.filter((row) => switchStanding(row, now) !== 'over');
    },
    lines: (rows) => [
      ...(rows.every(isOfRun) ? ['all runbooks: on'] : []),
      ...rows.map((row) => {
        const word = switchStanding(row, now) === 'ahead' ? 'will be off' : isOfRun(row) ? 'stopped' : 'off';
        return `${scopeText(row.scope)}: ${word}, ${sinceText(row)}`;
      }),
    ],
    next: (rows) => ['switch', rows.every(isOfRun) ? 'off' : 'on'],
  });
}

/** Says whether runs act, and what says so. */
export function tellModes(io: CommandIo, place: Place, json: boolean): Promise<number> {
  return told<ModeStanding>(io, place, json, {
    name: 'modes',
    ask: async (stack) => modesOf(stack, await stack.book.modes()),
    lines: (modes) => modes.map(({ scope, mode, from }) => `${scopeText(scope)}: ${mode ?? 'not set'}, ${from}`),
    next: (modes) => ['mode', modes.every(({ mode }) => mode === 'apply') ? 'plan' : 'apply'],
  });
}
