/** What the rows of operators mean at a moment: switches with their times, modes with where they come from. Pure. */

import type { KillSwitch } from '../../shared/kernel/ledger/ledger.ts';
import { heldSpan, holds } from '../../shared/kernel/ledger/rules.ts';
import type { Mode, ModeRow, Stack } from './place.ts';
import { wholeMoment } from './times.ts';

/** A kill switch that may have its time. */
export interface DatedSwitch extends KillSwitch {
  /** On from then; absent: from when it was written. ISO 8601. */
  readonly from?: string;
  /** On until then; absent: until somebody turns it on again. ISO 8601. */
  readonly until?: string;
}

/** `stopping`: it stops what it names; `ahead`: its time has not come; `over`: it is past. */
export type SwitchStanding = 'stopping' | 'ahead' | 'over';

/** How a switch stands at a moment, by the rule that the functions go by. */
export function switchStanding(row: DatedSwitch, now: string): SwitchStanding {
  if (holds(row, now)) return 'stopping';
  return Date.parse(now) < (heldSpan(row)?.beginsMs ?? Number.NEGATIVE_INFINITY) ? 'ahead' : 'over';
}

/** Said behind the times of a switch that does not go by them; empty: it does. */
export function endlessText(row: DatedSwitch): string {
  return heldSpan(row) === undefined
    ? ' (no such times, or the wrong way round: it holds until it is switched on)'
    : '';
}

/** The switches that hold for a runbook. */
export function switchesOf<S extends KillSwitch>(switches: readonly S[], runbook: string): readonly S[] {
  return switches.filter(({ scope }) => scope === 'all' || scope === runbook);
}

/** A mode, and what says so. `null`: nothing does yet; the first run settles it. */
export interface ModeStanding {
  readonly scope: string;
  readonly mode: Mode | null;
  readonly from: string;
}

function fromRow({ scope, mode, by, at, reason }: ModeRow): ModeStanding {
  const who = by === '' ? '' : `, ${by}`;
  return { scope, mode, from: `set ${wholeMoment(at)}${who}${reason === '' ? '' : `: ${reason}`}` };
}

/** The mode that holds for a scope: `all` or a runbook's name, whose own row comes before that of all. */
export function modeStanding(
  { parameters }: Pick<Stack, 'parameters'>,
  modes: readonly ModeRow[],
  scope: string,
): ModeStanding {
  if (parameters.dryRun) return { scope, mode: 'plan', from: 'deployed with dryRun' };
  const row = modes.find((one) => one.scope === scope) ?? modes.find((one) => one.scope === 'all');
  if (row !== undefined) return { ...fromRow(row), scope };
  if (parameters.mode !== undefined) return { scope, mode: parameters.mode, from: 'as deployed' };
  return { scope, mode: null, from: 'nobody has set it' };
}

/** The mode of all, and of each runbook that has another. */
export function modesOf(
  stack: Pick<Stack, 'parameters' | 'runbooks'>,
  modes: readonly ModeRow[],
): readonly ModeStanding[] {
  const all = modeStanding(stack, modes, 'all');
  const own = stack.runbooks.map(({ name }) => modeStanding(stack, modes, name));
  return [all, ...own.filter(({ mode }) => mode !== all.mode)];
}
