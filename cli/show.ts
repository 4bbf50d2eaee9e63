/** Results, plans and evidence as text for a person. */

import type { Json, JsonObject } from '../shared/kernel/decision.ts';
import type { RunResult } from '../shared/kernel/report/result.ts';
import { idOf, type ShownResult } from './results.ts';
import { labelled, type Paint } from './terminal.ts';

const OUTCOME_COLOURS: {
  readonly [outcome in RunResult['outcome']]: keyof Pick<Paint, 'green' | 'dim' | 'yellow' | 'red' | 'cyan'>;
} = {
  done: 'green',
  planned: 'cyan',
  waiting: 'cyan',
  'awaiting-approval': 'yellow',
  refused: 'yellow',
  failed: 'red',
  nothing: 'dim',
  'not-mine': 'dim',
};

/** An outcome in its colour; `text` where more than the word itself is to be painted. */
export function paintOutcome(paint: Paint, outcome: RunResult['outcome'], text: string = outcome): string {
  return paint[OUTCOME_COLOURS[outcome]](text);
}

/** A JSON value on one line, without the quotes and braces that only a parser needs. */
export function inline(value: Json | undefined): string {
  if (value === null || value === undefined) return '-';
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) {
    const list: readonly Json[] = value;
    return list.length === 0
      ? 'none'
      : list.map((entry) => (isPlainObject(entry) ? `{${inline(entry)}}` : inline(entry))).join(', ');
  }
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(
      ([key, member]) =>
        `${key} ${isPlainObject(member) || Array.isArray(member) ? `(${inline(member)})` : inline(member)}`,
    )
    .join(', ');
}

function isPlainObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A request's input in a shell's manner: `AllocationId=eipalloc-1 NetworkInterfaceId=eni-2`. */
export function inputText(input: JsonObject): string {
  return Object.entries(input)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${memberText(value)}`)
    .join(' ');
}

function memberText(value: Json | undefined): string {
  if (isTagList(value)) return value.map(({ Key, Value }) => `${Key}=${Value}`).join(',');
  if (Array.isArray(value) && value.every((entry: Json) => typeof entry === 'string')) return value.join(',');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function isTagList(value: Json | undefined): value is readonly { readonly Key: string; readonly Value: string }[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every(
      (entry: Json) =>
        isPlainObject(entry) &&
        typeof entry['Key'] === 'string' &&
        typeof entry['Value'] === 'string' &&
        Object.keys(entry).length === 2,
    )
  );
}

/** Splits `code: sentence`. */
export function reasonParts(reason: string): readonly [code: string, sentence: string] {
  const at = reason.indexOf(': ');
  return at < 0 ? [reason, ''] : [reason.slice(0, at), reason.slice(at + 2)];
}

/** Evidence, a line for each member. */
export function evidenceLines(evidence: JsonObject, indent: string, width: number, paint: Paint): readonly string[] {
  const entries = Object.entries(evidence).filter(([, value]) => value !== undefined);
  const column = Math.min(18, Math.max(0, ...entries.map(([key]) => key.length)) + 2);
  return entries.map(([key, value]) =>
    labelled(
      `${indent}${paint.dim(key.padEnd(column))}`,
      indent.length + Math.max(column, key.length),
      inline(value),
      width,
    ),
  );
}

function section(title: string, lines: readonly string[], paint: Paint): readonly string[] {
  return lines.length === 0 ? [] : [`  ${paint.bold(title)}`, ...lines];
}

function planLines({ plan }: ShownResult, width: number, paint: Paint): readonly string[] {
  return plan.flatMap(({ call, input, because, undo }, index) => [
    labelled(`    ${index + 1}. ${paint.cyan(call)} `, 8 + call.length, inputText(input), width),
    labelled(paint.dim('       because '), 15, because, width),
    ...(undo === null
      ? []
      : [labelled(paint.dim('       undo    '), 15, `${undo.call} ${inputText(undo.input)}`, width, paint.dim)]),
  ]);
}

/** An outcome event holds its whole result again; `--json` prints every request in full. */
const LONGEST_INPUT = 240;

function shortened(text: string): string {
  return text.length <= LONGEST_INPUT ? text : `${text.slice(0, LONGEST_INPUT)}…`;
}

function callLines({ calls }: ShownResult, width: number, paint: Paint): readonly string[] {
  return calls.map(({ at, call, input, error }) => {
    const label = `    ${paint.dim(at.slice(11, 23))}  ${call} `;
    const told = `${shortened(inputText(input))}${error === undefined ? '' : ` -> ${error}`}`;
    return labelled(label, 19 + call.length, told, width, error === undefined ? paint.dim : paint.red);
  });
}

/** One result with everything it has to say. */
export function resultText(result: ShownResult, width: number, paint: Paint): string {
  const { runbook, target, outcome, reason, evidence, phases } = result;
  const [code, sentence] = reasonParts(reason);
  const first = phases[0]?.startedAt;
  const last = phases.at(-1)?.endedAt;
  const seconds =
    first === undefined || last === undefined
      ? ''
      : `  ${((Date.parse(last) - Date.parse(first)) / 1_000).toFixed(1)} s`;
  return [
    `${paint.bold(runbook)}${target === undefined ? '' : ` ${idOf(target)}`}: ${paintOutcome(paint, outcome, outcome)} ${paint.dim(`(${code})${seconds}`)}`,
    labelled('  ', 2, sentence, width),
    ...section('evidence', evidenceLines(evidence, '    ', width, paint), paint),
    ...section(
      outcome === 'planned' ? 'would do' : outcome === 'refused' ? 'would have done' : 'did',
      planLines(result, width, paint),
      paint,
    ),
    ...section(`requests (${result.calls.length})`, callLines(result, width, paint), paint),
  ].join('\n');
}
