/** Evidence about candidates: what speaks for each of them, and what against. Pure. */

import type { Json, JsonObject } from '../../../shared/kernel/decision.ts';
import { indented, labelled, type Piece } from '../../layout.ts';
import { isJsonObject } from '../../results.ts';
import { evidenceLines } from '../../show.ts';
import type { Paint } from '../../terminal.ts';

/** A candidate, and a word on it. */
export interface Candidate {
  /** Member of the evidence: `standbys`. */
  readonly of: string;
  readonly id: string;
  readonly isFor: boolean;
  readonly why: string;
}

/** Members that hold candidates by their ids in every runbook. */
const HOLD_CANDIDATES: ReadonlySet<string> = new Set(['standbys', 'hosts', 'candidates']);

/** `i-0a17c4e9b2d58f306`, `eni-…`, also the short ones of long ago. Source: EC2 user guide, "Resource IDs". */
const AWS_ID = /^(?:[a-z]+-){1,2}[0-9a-f]{8,17}$/u;

/** What a verdict that speaks for somebody begins with, in the words of the runbooks. */
const SPEAKS_FOR = /^(?:good|healthy|ok|fit|free|serves?|ready|true)\b/u;

function words(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '' : JSON.stringify(value);
}

/** Who it is about stands in front of it already. */
function withoutId(text: string, id: string): string {
  return [`${id}: `, `${id} `].reduce(
    (rest, named) => (rest.startsWith(named) ? rest.slice(named.length) : rest),
    text,
  );
}

/** `{ verdict: 'bad', why: '…' }`, or the verdict alone. */
function wordOn(value: Json | undefined, name: string): { readonly isFor: boolean; readonly why: string } {
  if (!isJsonObject(value)) return { isFor: SPEAKS_FOR.test(words(value)), why: withoutId(words(value), name) };
  const { verdict, why, id: _id, ...more } = value;
  const rest = Object.keys(more).length === 0 ? '' : words(more);
  const told = [words(verdict), withoutId(words(why), name), rest].filter((text) => text !== '');
  return { isFor: SPEAKS_FOR.test(words(verdict)), why: told.join(': ') };
}

function candidatesIn(of: string, value: Json | undefined): readonly Candidate[] {
  if (!isJsonObject(value)) return [];
  const { id } = value;
  if ('verdict' in value && (typeof id === 'string' || id === null))
    return [{ of, id: id ?? 'nobody', ...wordOn(value, id ?? '') }];
  const names = Object.keys(value);
  const areIds = names.length > 0 && names.every((name) => AWS_ID.test(name));
  if (!areIds && !HOLD_CANDIDATES.has(of)) return [];
  return names.map((name) => ({ of, id: name, ...wordOn(value[name], name) }));
}

/** The candidates in evidence, and what else stands in it. */
export function candidatesOf(evidence: JsonObject): {
  readonly candidates: readonly Candidate[];
  readonly rest: JsonObject;
} {
  const members = Object.entries(evidence).map(([name, value]) => ({ name, value, found: candidatesIn(name, value) }));
  return {
    candidates: members.flatMap(({ found }) => found),
    rest: Object.fromEntries(members.filter(({ found }) => found.length === 0).map(({ name, value }) => [name, value])),
  };
}

/** A move is made for what speaks against whoever has it: without this nobody knows what a sign is about. */
const HEADING = 'each by itself: + speaks for it, - against it';

/** Evidence as lines: each candidate with its sign, then the rest. */
export function evidenceText(evidence: JsonObject, width: number, paint: Paint): readonly string[] {
  const { candidates, rest } = candidatesOf(evidence);
  return [
    ...(candidates.length === 0 ? [] : indented(4, [HEADING, paint.dim], width)),
    ...candidates.map(({ of, id, isFor, why }) => {
      const sign: Piece = isFor ? ['+', paint.green] : ['-', paint.red];
      return labelled(['    ', sign, ` ${id} (${of}) `], why, width);
    }),
    ...evidenceLines(rest, '    ', width, paint),
  ];
}
