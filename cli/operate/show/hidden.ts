/** What people have put into messages and machines is nobody's to read on a terminal, unless they ask for it. Pure. */

import type { Json, JsonObject } from '../../../shared/kernel/decision.ts';
import { bytesWritten } from '../../../shared/kernel/report/shortened.ts';
import { isJsonObject } from '../../results.ts';

/** Members of AWS's requests and answers, in whatever case a runbook may have written them. */
const HIDDEN: ReadonlySet<string> = new Set([
  'body',
  'messagebody',
  'messageattributes',
  'messagesystemattributes',
  'receipthandle',
  'userdata',
  'payload',
  'secretstring',
  'secretbinary',
]);

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function withoutIn(value: Json): Json {
  if (isJsonObject(value)) return withoutData(value);
  return isList(value) ? value.map(withoutIn) : value;
}

function isHiddenName(name: string): boolean {
  return HIDDEN.has(name.replaceAll(/[-_]/gu, '').toLowerCase());
}

/** A member of an object, or a word in the place of what people have put into it. */
export function memberWithoutData(name: string, value: Json): Json {
  if (value === null) return value;
  return isHiddenName(name) ? `(${bytesWritten(value)} bytes; --show-data shows them)` : withoutIn(value);
}

/** An object with a word in the place of what people have put into it, however deep. */
export function withoutData(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [name, value === undefined ? value : memberWithoutData(name, value)]),
  );
}

/** Names in a command line: members of JSON, however often it was quoted, options, and parameters of a request. */
const NAMES = /"([\w-]+)\\*"\s*:|--([\w-]+)|(?<![\w-])([\w-]+)=/gu;

/** Shorter texts are found in anything. */
const LEAST_SECRET = 6;

/** Texts under hidden names. */
function secretsIn(value: Json, isUnderOne = false): readonly string[] {
  if (typeof value === 'string') return isUnderOne && value.length >= LEAST_SECRET ? [value] : [];
  if (isList(value)) return value.flatMap((one) => secretsIn(one, isUnderOne));
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    member === undefined ? [] : secretsIn(member, isUnderOne || isHiddenName(name)),
  );
}

/** What is said in the place of a line that would show what people have put into something: a comment, should it be pasted. */
const HIDDEN_LINE = '# what is hidden stands in this line: `show --show-data` shows it, of `handle` --json';

/** Lines to paste, without those that hold hidden data of these objects. */
export function linesWithoutData(lines: readonly string[], about: readonly JsonObject[]): readonly string[] {
  const secrets = about.flatMap((one) => secretsIn(one)).flatMap((text) => [text, JSON.stringify(text).slice(1, -1)]);
  return lines.map((line) => {
    const isNamed = [...line.matchAll(NAMES)].some((names) => isHiddenName(names.slice(1).join('')));
    return isNamed || secrets.some((secret) => line.includes(secret)) ? HIDDEN_LINE : line;
  });
}

/** A document as `--json` prints it. What is hidden is so in every member, whoever has put it there; `isShown`: a person asks for it. */
export function documentOf(content: object, isShown: boolean): object {
  const document: unknown = JSON.parse(JSON.stringify(content));
  return isShown || !isJsonObject(document) ? content : withoutData(document);
}
