/** `runbook mode plan|apply`: whether runs act, or print what they would do and stop. */

import { EXIT } from '../../results.ts';
import type { CommandIo } from '../../terminal.ts';
import { placeAsJson } from '../place-as-json.ts';
import type { Mode, ModeRow, Place, Stack } from '../place.ts';
import { modesOf, modeStanding, type ModeStanding } from '../row-standing.ts';
import { exitOf, inEach, note, sayLines, scopeIn, scopeText, type Done } from './stacks.ts';

/** How the mode is set. */
export interface ModeFlags {
  readonly json?: true;
  readonly reason?: string;
}

/** What now holds in a stack. */
interface Set {
  readonly was: Mode | null;
  /** What said so. */
  readonly wasFrom: string;
  /** It was set so already: who had set it, and why, stays. */
  readonly isChanged: boolean;
  readonly holds: readonly ModeStanding[];
  /** It was deployed with dryRun, which comes before every row. */
  readonly isOverridden: boolean;
  readonly isNoted: boolean;
}

async function setIn(io: CommandIo, stack: Stack, row: ModeRow): Promise<Set> {
  const { scope, mode, by, at, reason } = row;
  const before = await stack.book.modes();
  const isChanged = before.every((one) => one.scope !== scope || one.mode !== mode);
  if (isChanged) await stack.book.setMode(row);
  const more = { mode, ...(isChanged ? {} : { isChanged }) };
  const isNoted = await note(io, stack, { at, by, what: 'mode', scope, reason, more });
  const now = isChanged ? [...before.filter((one) => one.scope !== scope), row] : before;
  const stood = modeStanding(stack, before, scope);
  const isOverridden = mode === 'apply' && stack.parameters.dryRun === true;
  return { was: stood.mode, wasFrom: stood.from, isChanged, holds: modesOf(stack, now), isOverridden, isNoted };
}

function linesOf({ stack, value }: Done<Set>, { scope, mode }: ModeRow): readonly (readonly [number, string])[] {
  if (value === undefined) return [];
  const { was, wasFrom, isChanged, holds } = value;
  const before = was === null ? 'nobody had set it' : `it was ${was}, ${wasFrom}`;
  const word = isChanged ? `${mode} (${before})` : `${mode} already, ${wasFrom}`;
  return [
    [0, `${stack}: ${scopeText(scope)}: ${word}`],
    ...holds
      .filter((one) => one.scope !== scope)
      .map((one) => [2, `${scopeText(one.scope)}: ${one.mode ?? 'not set'}, ${one.from}`] as const),
    // What a person has set is in the ledger. A new stack, or one whose ledger is lost, goes by its parameter.
    ...(scope === 'all' ? [[2, `deploy with --param mode=${mode}`] as const] : []),
  ];
}

/** Sets the mode of all runbooks or one in every stack of the place. */
export async function setMode(
  io: CommandIo,
  place: Place,
  { mode, name, flags }: { readonly mode: Mode; readonly name: string | undefined; readonly flags: ModeFlags },
): Promise<number> {
  const { reason = '', json = false } = flags;
  const row: ModeRow = { scope: scopeIn(place, name), mode, reason, by: place.caller, at: place.now() };
  const done = await inEach(io, place.stacks, (stack) => setIn(io, stack, row));
  await place.keep();
  if (json) {
    const stacks = done.map(({ stack, value, error }) => ({ stack, ...value, ...(error && { error }) }));
    io.stdout.write(`${JSON.stringify({ place: placeAsJson(place), set: row, stacks }, null, 2)}\n`);
  } else for (const one of done) sayLines(io, linesOf(one, row));
  for (const { stack, value } of done) {
    if (value?.isOverridden === true)
      io.stderr.write(
        `runbook: warning: ${stack}: was deployed with dryRun=true, which comes first: it plans until it is deployed without\n`,
      );
  }
  return done.every(({ value }) => value?.isNoted !== false) ? exitOf(done) : EXIT.failed;
}
