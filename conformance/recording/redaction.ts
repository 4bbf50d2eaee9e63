/** What was seen in an account becomes a recording: names for ids, and nothing of the account in it. */

import { normal } from '../compare.ts';
import { ACCOUNT, type Note, type Played } from '../scenario.ts';
import { AWS_ID, mapTexts, textsIn } from './plain.ts';

/** What is too long to be of use in a file. */
const LONGEST = 500;

/** What the comparison with moto leaves as it is, and what is one account's alone. Both sides of a comparison go through it. */
const MASKS: readonly (readonly [RegExp, string])[] = [
  [AWS_ID, '<id>'],
  [/\b[a-z]{2,4}\d-az\d\b/gu, '<zone-id>'],
  [/\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}\b/gu, '<iam-id>'],
  [/\b(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}(?=\/|\b)/gu, '<address>'],
];

function masked(text: string): string {
  const short = text.length > LONGEST ? `<${text.length} characters>` : text;
  return MASKS.reduce((made, [pattern, word]) => made.replaceAll(pattern, word), short);
}

/** How the texts of a world become the scenarios' own. */
export interface Renaming {
  /** Id → the name that stands for it. */
  readonly names: ReadonlyMap<string, string>;
  readonly homeward: (text: string) => string;
}

function withoutBytes(value: unknown): unknown {
  if (value instanceof Uint8Array) return `<${value.length} bytes>`;
  if (Array.isArray(value)) return value.map(withoutBytes);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutBytes(inner)]));
}

/** A value as a recording has it. */
export function redacted(value: unknown, { names, homeward }: Renaming): unknown {
  const named = mapTexts(withoutBytes(value), (text) => {
    const own = [...names].toSorted(([left], [right]) => right.length - left.length);
    return homeward(own.reduce((made, [id, name]) => made.replaceAll(id, `<${name}>`), text));
  });
  return normal(mapTexts(normal(named, new Map()), masked), new Map());
}

function redactedText(text: string, renaming: Renaming): string {
  const made = redacted(text, renaming);
  return typeof made === 'string' ? made : '';
}

/** What was noted, as a recording has it. */
export function redactedNotes(notes: readonly Note[], renaming: Renaming): readonly Note[] {
  return notes.map(({ operation, label, request, answer }) => ({
    operation,
    label: masked(renaming.homeward(label)),
    ...(request === undefined ? {} : { request: redacted(request, renaming) ?? {} }),
    answer:
      'error' in answer
        ? { ...answer, message: redactedText(answer.message, renaming) }
        : { output: redacted(answer.output, renaming) ?? {} },
  }));
}

/** What the simulator noted, in the same words. */
export function redactedPlay({ scenario, notes, names, assumed = [] }: Played): Played {
  const renaming = { names, homeward: (text: string) => text };
  return { scenario, notes: redactedNotes(notes, renaming), names: new Map(), assumed };
}

/** Ranges for documentation (RFC 5737, RFC 3849), which the scenarios themselves use. */
const DOCUMENTED = /^(?:192\.0\.2|198\.51\.100|203\.0\.113)\./u;

/**
 * What of an account still stands in a text, a line each. `secrets`: what is known to be the account's: its number, its alias, who asked.
 */
export function leaksIn(text: string, secrets: readonly string[]): readonly string[] {
  const numbers = (text.match(/(?<!\d)\d{12}(?!\d)/gu) ?? []).filter((number) => number !== ACCOUNT);
  const addresses = (text.match(/(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])/gu) ?? []).filter(
    (address) => !DOCUMENTED.test(address),
  );
  const ids = text.match(AWS_ID) ?? [];
  const uuids = text.match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gu) ?? [];
  const keys = text.match(/\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}\b/gu) ?? [];
  const told = secrets.filter((secret) => secret !== '' && text.includes(secret));
  return [
    ...numbers.map((number) => `a number of 12 digits, ${number}`),
    ...addresses.map((address) => `an address, ${address}`),
    ...[...ids, ...uuids].map((id) => `an id, ${id}`),
    ...keys.map((key) => `an id of IAM's, ${key}`),
    ...told.map((secret) => `what is the account's own, ${secret}`),
  ];
}

/** The same of every text of a value: a file has marks of its own between them. */
export function leaksOf(value: unknown, secrets: readonly string[]): readonly string[] {
  return [...new Set(textsIn(value).flatMap((text) => leaksIn(text, secrets)))];
}
