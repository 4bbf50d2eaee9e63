/** Results, plans and evidence as text for a person. */

import type { ApiCall, Json, JsonObject } from '../shared/kernel/decision.ts';
import type { RunResult } from '../shared/kernel/report/result.ts';
import { commandLine } from '../shared/kernel/shell.ts';
import { called } from '../simulator/engine/run-types.ts';
import { indented, labelled, type Piece } from './layout.ts';
import { linesWithoutData } from './operate/show/hidden.ts';
import { idOf, reasonParts, type ShownResult } from './results.ts';
import type { Paint } from './terminal.ts';

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
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  if (members.length === 0) return 'none';
  return members
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
    .map(([key, value]) => `${key}=${SECRET_MEMBERS.has(key) ? '…' : memberText(value)}`)
    .join(' ');
}

/** What people have put into a message, and what it is deleted by, are nobody's to read on a terminal; `--json` has them. */
const SECRET_MEMBERS: ReadonlySet<string> = new Set(['MessageBody', 'MessageAttributes', 'ReceiptHandle']);

/** The entries of a batch of messages. */
function isBatch(value: Json | undefined): value is readonly JsonObject[] {
  return (
    Array.isArray(value) && value.length > 0 && value.every((entry: Json) => isPlainObject(entry) && 'Id' in entry)
  );
}

function memberText(value: Json | undefined): string {
  if (isBatch(value)) return value.length === 1 ? '1 entry' : `${value.length} entries`;
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

/** The member of the evidence that ends in a command line: it is there to be pasted, so that the line stands by itself, unbroken. */
const TO_RESUME = 'toResume';
/** One call that resumes a group and nothing else, in words as `shellLine` writes them: whoever may write records could write others. */
const WORD = String.raw`(?:[\w./-]+|'(?:[^']|'\\'')*'|"\$\(printf -- '(?:[^']|'\\'')*'\)"(?:'\n+')?)`;
const COMMAND = new RegExp(`(?<=: )aws autoscaling resume-processes(?: ${WORD})+$`, 'u');

/** Evidence, a line for each member. */
export function evidenceLines(evidence: JsonObject, indent: string, width: number, paint: Paint): readonly string[] {
  const entries = Object.entries(evidence).filter(([, value]) => value !== undefined);
  const column = Math.min(18, Math.max(0, ...entries.map(([key]) => key.length)) + 2);
  return entries.map(([key, value]) => {
    const text = inline(value);
    const command = key === TO_RESUME ? (COMMAND.exec(text)?.[0] ?? '') : '';
    const words = text.slice(0, text.length - command.length).trimEnd();
    const told = labelled([indent, [`${key.padEnd(column - 1)} `, paint.dim]], words, width);
    return command === '' ? told : `${told}\n${indent}  ${command}`;
  });
}

function section(title: string, lines: readonly string[], paint: Paint): readonly string[] {
  return lines.length === 0 ? [] : [`  ${paint.bold(title)}`, ...lines];
}

/** Calls as lines to paste; one that holds what is nobody's to read is not shown here. */
function pasteLines({ plan }: ShownResult, calls: readonly ApiCall[]): readonly string[] {
  const about = plan.flatMap(({ input, undo }) => [input, ...(undo === null ? [] : [undo.input])]);
  return linesWithoutData(calls.map(commandLine), about);
}

function planLines(result: ShownResult, width: number, paint: Paint): readonly string[] {
  const isAhead = !hasActed(result);
  return result.plan.flatMap(({ call, input, because, undo }, index) => [
    labelled([`    ${index + 1}. `, [call, paint.cyan], ' '], inputText(input), width),
    labelled([['       because ', paint.dim]], because, width),
    // Of what was done, all of it is said at the end, in the order in which it is taken back.
    ...(undo === null || !isAhead
      ? []
      : [paint.dim('       undo'), ...pasteLines(result, [undo]).map((line) => `       ${line}`)]),
  ]);
}

/** An outcome event holds its whole result again; `--json` prints every request in full. */
const LONGEST_INPUT = 240;

function shortened(text: string): string {
  return text.length <= LONGEST_INPUT ? text : `${text.slice(0, LONGEST_INPUT)}…`;
}

function callLines({ calls }: ShownResult, width: number, paint: Paint): readonly string[] {
  return calls.map(({ at, call, region, input, error }) => {
    const told = `${shortened(inputText(input))}${error === undefined ? '' : ` -> ${error}`}`;
    const label: readonly Piece[] = ['    ', [at.slice(11, 23), paint.dim], `  ${called({ call, region })} `];
    return labelled(label, [told, error === undefined ? paint.dim : paint.red], width);
  });
}

function nameOf({ runbook, target }: ShownResult, paint: Paint, end = ''): readonly Piece[] {
  return target === undefined ? [[`${runbook}${end}`, paint.bold]] : [[runbook, paint.bold], ` ${idOf(target)}${end}`];
}

/** A run may be refused before its first call, or behind some: then its plan is what it has done. */
function hasActed({ outcome, plan, calls }: ShownResult): boolean {
  if (outcome === 'planned' || outcome === 'awaiting-approval') return false;
  const isSent = (call: string): boolean =>
    calls.some((sent) => (sent.call === call || isPartOf(sent.call, call)) && sent.error === undefined);
  return outcome !== 'refused' || plan.some(({ call }) => isSent(call));
}

const READS_OR_TELLS = /:(?:Get|List|Describe|Put(?=Events))/u;

/** Bulk work is no request itself: what it stands for is whatever was sent that is no mere reading or telling. */
function isPartOf(sent: string, planned: string): boolean {
  return planned.startsWith('work:') && !READS_OR_TELLS.test(sent);
}

function planTitle(result: ShownResult): string {
  if (hasActed(result)) return 'did';
  return result.outcome === 'refused' ? 'would have done' : 'would do';
}

function cutLines({ cut = {} }: ShownResult): readonly string[] {
  return Object.entries(cut).map(([of, bytes]) => `    ${bytes} bytes of ${of}`);
}

/** What a result rests on: every request, the evidence, the plan. */
export function detailText(result: ShownResult, width: number, paint: Paint): string {
  return [
    labelled(nameOf(result, paint), '', width),
    ...section(`requests (${result.calls.length})`, callLines(result, width, paint), paint),
    ...section('evidence', evidenceLines(result.evidence, '    ', width, paint), paint),
    ...section('too long for the log', cutLines(result), paint),
    ...section(planTitle(result), planLines(result, width, paint), paint),
  ].join('\n');
}

function secondsOf({ phases }: ShownResult): string {
  const [first, last] = [phases[0]?.startedAt, phases.at(-1)?.endedAt];
  if (first === undefined || last === undefined) return '';
  return `  ${((Date.parse(last) - Date.parse(first)) / 1_000).toFixed(1)} s`;
}

/** What was done, as the lines that take it back: the last call first. They stay unbroken, whatever the width: they are there to be pasted. */
function undoLines(result: ShownResult): readonly string[] {
  const undone = result.plan.flatMap(({ undo }) => undo ?? []);
  return hasActed(result) ? pasteLines(result, undone.toReversed()) : [];
}

/** The line that has the runbook itself take a run back, and what is said before it and before the bare calls. */
export interface Guarded {
  readonly line: string;
  readonly intro: string;
  readonly bare: string;
}

/** How a conclusion is told. */
interface Concluding {
  readonly width: number;
  readonly paint: Paint;
  /** Introduces the calls that take it back. */
  readonly undo: string;
  readonly guarded?: Guarded | undefined;
}

/** What asks the guards comes first. */
function takeBackLines(result: ShownResult, { width, paint, undo, guarded }: Concluding): readonly string[] {
  const lines = undoLines(result).map((line) => `    ${line}`);
  const calls = lines.length === 0 ? [] : [...indented(2, [guarded?.bare ?? undo, paint.dim], width), ...lines];
  return guarded === undefined
    ? calls
    : [...indented(2, [guarded.intro, paint.dim], width), `    ${guarded.line}`, ...calls];
}

/** How a run ended and why, and the lines that take it back. */
export function conclusionText(result: ShownResult, concluding: Concluding): string {
  const { width, paint } = concluding;
  const [code, sentence] = reasonParts(result.reason);
  const { outcome } = result;
  return [
    labelled(
      [...nameOf(result, paint, ':'), ' ', [outcome, (text) => paintOutcome(paint, outcome, text)], ' '],
      [`(${code})${secondsOf(result)}`, paint.dim],
      width,
    ),
    ...(sentence === '' ? [] : indented(2, sentence, width)),
    ...takeBackLines(result, concluding),
  ].join('\n');
}
