/** Which letters a person asks for: a JMESPath expression over one letter. Pure. */

import { JMESPathError, JMESPathTypeError, LexerError, ParseError, search } from '@aws-lambda-powertools/jmespath';
import { BadInputError } from '../../../shared/kernel/errors.ts';
import { printable } from '../../../shared/kernel/printable.ts';
import { bare, type SeenLetter } from './seen-letter.ts';

/** `fails`: the expression says nothing of this letter, for a value in it has another type than is asked for. It is not wanted either. */
type Verdict = 'wanted' | 'not-wanted' | 'fails';

/** Which letters are wanted. */
export type Filter = (letter: SeenLetter) => Verdict;

const PATH = 'params.filter';

/** Nobody writes a longer one by hand; it bounds how deeply one may be nested, and how much work it is. */
const MOST_CHARACTERS = 1_000;

/**
 * Functions that a filter may use: those that ask something. Of the others `join`, `map` and `merge` make new values out of old ones, by
 * which a few characters come to gigabytes; `reverse` and `sort` turn the letter itself round in this library; its `map` and `not_null`
 * take 0 and false for nothing.
 */
const FUNCTIONS: ReadonlySet<string> = new Set([
  'abs',
  'avg',
  'ceil',
  'contains',
  'ends_with',
  'floor',
  'keys',
  'length',
  'max',
  'max_by',
  'min',
  'min_by',
  'sort_by',
  'starts_with',
  'sum',
  'to_array',
  'to_number',
  'to_string',
  'type',
  'values',
]);

/** A text, a literal or a quoted name. */
const QUOTED = /'(?:\\[\s\S]|[^'\\])*'|`(?:\\[\s\S]|[^`\\])*`|"(?:\\[\s\S]|[^"\\])*"/gu;

/** The library undoes the first escape only. */
const ESCAPED_TWICE = /^'.*\\'.*\\'.*'$|^`.*\\`.*\\`.*`$/su;

/** What is valid JMESPath, and not taken all the same: by what stands where quoted parts are nothing but their quotes. */
const OBJECTIONS: readonly (readonly [pattern: RegExp, why: string])[] = [
  [
    // A list of texts and literals is no work, whatever is done with it.
    /\[(?!\]|\?|\s*\*\s*\]|[\s\d:-]+\]|[\s,'`]+\])|\{/u,
    "a filter asks and makes no new lists or objects of what it finds; a list of texts may be written: ['a', 'b']",
  ],
  [/(?<=[=<>,]\s*)"/u, 'between double quotes stands the name of a member; a text stands between single ones'],
  [/(?<=[=<>]\s*)-?\d/u, 'a number stands between backticks: `3600`'],
  [/!\s*[\w"@]+\s*[.[]/u, 'JMESPath takes ! for a part of the first name alone: write !(a.b)'],
  [/\bto_string\b(?:[\s\S]*\bto_string\b){3}/u, 'to_string is called more than three times'],
  // Each goes through all that the one before has found: a dozen take half a minute over one large letter.
  [/(?:\[\s*(?:\]|\?|\*)[\s\S]*){5}/u, 'lists are gone through more than four times'],
];

/**
 * The filter that a person has written.
 *
 * A letter is wanted where the result is true as JMESPath has it: everything but `false`, `null`, what is not there, and an empty text, list
 * or object. `0` is true, and so is the text `'false'`.
 * @throws BadInputError, naming `params.filter` and where in it, for an expression that cannot be read or is not taken
 */
export function filterOf(expression: string): Filter {
  demandTakeable(expression);
  demandReadable(expression);
  return (letter) => {
    try {
      return isTrue(search(expression, bare(letter))) ? 'wanted' : 'not-wanted';
    } catch {
      // A type that does not fit; or a letter that is nested more deeply than can be walked.
      return 'fails';
    }
  };
}

function oneLine(text: string): string {
  return printable(text.replaceAll(/\s+/gu, ' '));
}

function bad(expression: string, position: number, why: string): BadInputError {
  const from = oneLine(expression.slice(position, position + 20));
  const place = from === '' ? 'at its end' : `at character ${position + 1} (${from})`;
  return new BadInputError(PATH, `${place}: ${why}`);
}

function demandTakeable(expression: string): void {
  if (expression.trim() === '') throw new BadInputError(PATH, 'is empty: leave it out, or say which letters');
  if (expression.length > MOST_CHARACTERS)
    throw new BadInputError(PATH, `has ${expression.length} characters, at most ${MOST_CHARACTERS} are taken`);
  const unquoted = expression.replaceAll(QUOTED, (quoted: string, at: number) => {
    if (ESCAPED_TWICE.test(quoted))
      throw bad(expression, at, 'of two escaped quotes the second is read wrongly: write a literal in backticks');
    return quoted.charAt(0).repeat(quoted.length);
  });
  for (const [pattern, why] of OBJECTIONS) {
    const found = pattern.exec(unquoted);
    if (found !== null) throw bad(expression, found.index, why);
  }
  for (const { 1: name = '', index } of unquoted.matchAll(/([A-Za-z_]\w*)\s*\(/gu))
    if (!FUNCTIONS.has(name))
      throw bad(
        expression,
        index,
        `${name}() is none of the functions that a filter may use: ${[...FUNCTIONS].join(', ')}`,
      );
}

/** The library has no way to read an expression but to use it: here on a letter of which nothing is known. */
function demandReadable(expression: string): void {
  try {
    search(expression, {});
  } catch (error) {
    // It can be read: that a value has the wrong type is said of each letter.
    if (error instanceof JMESPathTypeError) return;
    if (error instanceof ParseError)
      throw bad(expression, unitsBefore(expression, error.lexPosition), unexpected(error));
    if (error instanceof LexerError)
      throw bad(expression, unitsBefore(expression, error.lexerPosition), 'this cannot be read');
    const [why = ''] =
      error instanceof JMESPathError ? error.message.split(' in expression: ') : ['this cannot be read'];
    throw new BadInputError(PATH, oneLine(why));
  }
}

/** The library counts characters, and a text is indexed by halves of some. */
function unitsBefore(expression: string, characters: number): number {
  return Array.from(expression).slice(0, characters).join('').length;
}

function unexpected({ reason, tokenType }: ParseError): string {
  return reason ?? (tokenType === 'eof' ? 'it ends too early' : 'this is not expected here');
}

function isTrue(result: unknown): boolean {
  if (typeof result === 'number') return !Number.isNaN(result);
  if (typeof result === 'object' && result !== null) return Object.keys(result).length > 0;
  return result === true || (typeof result === 'string' && result !== '');
}
