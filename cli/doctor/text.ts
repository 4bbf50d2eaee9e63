/** What `doctor` says on a terminal: what is well in few lines, what is wrong last and in full. */

import type { Brush, Paint } from '../terminal.ts';
import { indented, labelled } from '../layout.ts';
import { counted, worstFirst, type Finding, type Level } from './finding.ts';

const WORDS: { readonly [level in Level]: string } = {
  broken: 'BROKEN',
  warning: 'warning',
  unread: 'unread',
  ok: 'ok',
};
const COLUMN = Math.max(...Object.values(WORDS).map((word) => word.length)) + 2;

function brushFor(level: Level, paint: Paint): Brush {
  if (level === 'broken') return paint.red;
  if (level === 'ok') return paint.green;
  return level === 'warning' ? paint.yellow : paint.magenta;
}

function linesOf({ level, runbook, about, text, fix }: Finding, paint: Paint, width: number): readonly string[] {
  const whose = [runbook, about].filter((one) => one !== null).join(' ');
  const said = whose === '' ? text : `${whose}: ${text}`;
  const head = labelled([[WORDS[level].padEnd(COLUMN), brushFor(level, paint)]], said, width);
  // A line to paste is not broken: a terminal wraps it, and the clipboard has it whole.
  return fix === null
    ? [head]
    : [head, ...(width > WIDEST ? indented(COLUMN, fix, width) : [`${' '.repeat(INDENT)}${fix}`])];
}

const INDENT = 2;
/** Wider than any terminal: a pipe. */
const WIDEST = 10_000;

/** What it comes to, in one line. */
function verdictText(findings: readonly Pick<Finding, 'level'>[]): string {
  const count = (level: Level): number => findings.filter((one) => one.level === level).length;
  const [broken, warnings, unread] = [count('broken'), count('warning'), count('unread')];
  if (broken + warnings + unread === 0) return 'All is ready.';
  const parts = [
    broken === 0 ? [] : [`${broken} broken`],
    warnings === 0 ? [] : [counted(warnings, 'warning')],
    unread === 0 ? [] : [`${unread} not known`],
  ].flat();
  return `${broken === 0 ? 'Not all is ready' : 'Something would not work'}: ${parts.join(', ')}.`;
}

/** The findings, the worst last: where the eye is when the command has ended. */
export function doctorText(
  findings: readonly Finding[],
  { paint, width }: { readonly paint: Paint; readonly width: number },
): string {
  const lines = worstFirst(findings)
    .toReversed()
    .flatMap((one) => linesOf(one, paint, width));
  return [...lines, '', verdictText(findings)].join('\n');
}
