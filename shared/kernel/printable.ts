/** Text from AWS, from people and from files, made safe to look at. */

import type { Json, JsonObject } from './decision.ts';

/**
 * What a terminal, a console or a mail program obeys, or hides, instead of showing it: controls (C0 but the line feed, DEL, C1),
 * format characters (bidirectional overrides, zero-width ones, the soft hyphen, tags), the other invisible ones, Unicode's own line
 * ends, halves of surrogate pairs. Source: Unicode Character Database, General_Category and Default_Ignorable_Code_Point.
 */
const UNPRINTABLE = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

/** Without a list of its units: of what is too long to be told a hundred thousand characters may be such. */
function escaped(character: string): string {
  let text = '';
  for (let index = 0; index < character.length; index += 1)
    text += String.raw`\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
  return text;
}

/**
 * The text with everything that does not show as itself written as `\uXXXX`, or as `escape` writes it; only line feeds stay. A
 * JSON document stays the same document: inside its strings that is JSON's own way to write the character, and outside of
 * them there is none.
 */
export function printable(text: string, escape: (character: string) => string = escaped): string {
  return text.replaceAll(UNPRINTABLE, escape);
}

function printableValue(value: Json): Json {
  if (typeof value === 'string') return printable(value);
  if (typeof value !== 'object' || value === null) return value;
  return isList(value) ? value.map(printableValue) : printableMembers(value);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** An object whose every text is printable, however its JSON is written or read on its way. */
export function printableMembers(value: JsonObject): JsonObject {
  const members = Object.entries(value);
  return Object.fromEntries(
    members.map(([name, member]) => [printable(name), member === undefined ? undefined : printableValue(member)]),
  );
}
