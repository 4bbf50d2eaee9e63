/** Reading a JSON file so that whatever is wrong with it is one line: the file, the place, the fault. */

import { readFileSync } from 'node:fs';
import { BadInputError } from '../../shared/kernel/errors.ts';

/** What the operating system says, in words. */
const WORDS: { readonly [code: string]: string } = {
  ENOENT: 'there is no such file',
  EACCES: 'the file may not be read',
  EPERM: 'the file may not be read',
  EISDIR: 'this is a folder, expected a JSON file',
  ENOTDIR: 'there is no such file',
  ERR_STRING_TOO_LONG: 'the file is too large',
  ERR_FS_FILE_TOO_LARGE: 'the file is too large',
};

const BLANK = /[ \t\r\n]*/y;
const SCALAR =
  /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/uy;

function lengthAt(pattern: RegExp, text: string, index: number): number {
  pattern.lastIndex = index;
  return pattern.exec(text)?.[0].length ?? 0;
}

type Expected =
  | 'a value'
  | 'a value or ]'
  | 'a name in double quotes'
  | 'a name in double quotes or }'
  | 'a colon'
  | 'a comma or }'
  | 'a comma or ]'
  | 'the end of the file';

/** Where a text stops being JSON, and what should stand there. Only asked once `JSON.parse` has refused it. */
function faultOf(text: string): { readonly index: number; readonly expected: Expected } {
  const open: ('}' | ']')[] = [];
  let expected: Expected = 'a value';
  const afterValue = (): Expected => {
    const last = open.at(-1);
    if (last === undefined) return 'the end of the file';
    return last === '}' ? 'a comma or }' : 'a comma or ]';
  };
  for (let index = lengthAt(BLANK, text, 0); ; index += lengthAt(BLANK, text, index)) {
    const character = text[index] ?? '';
    const scalar = lengthAt(SCALAR, text, index);
    const wantsValue = expected === 'a value' || expected === 'a value or ]';
    if (wantsValue && (character === '{' || character === '[')) {
      open.push(character === '{' ? '}' : ']');
      expected = character === '{' ? 'a name in double quotes or }' : 'a value or ]';
      index += 1;
    } else if (wantsValue && scalar > 0) {
      expected = afterValue();
      index += scalar;
    } else if (character !== '' && character === open.at(-1) && / or [\]}]$/u.test(expected)) {
      open.pop();
      expected = afterValue();
      index += 1;
    } else if (expected.startsWith('a name') && character === '"' && scalar > 0) {
      expected = 'a colon';
      index += scalar;
    } else if ((expected === 'a colon' && character === ':') || (expected.startsWith('a comma') && character === ',')) {
      expected = character === ':' || open.at(-1) === ']' ? 'a value' : 'a name in double quotes';
      index += 1;
    } else return { index, expected };
  }
}

/** `line 3 column 7: expected a colon, found "="`, lines and columns from 1. */
function describeFault(text: string): string {
  const { index, expected } = faultOf(text);
  const before = text.slice(0, index);
  const line = before.split('\n').length;
  const column = index - before.lastIndexOf('\n');
  const character = text.codePointAt(index);
  const found = character === undefined ? 'the end of the file' : JSON.stringify(String.fromCodePoint(character));
  return `line ${line} column ${column}: not JSON: expected ${expected}, found ${found}`;
}

/** An error of ours with the file in front of its path. */
export function inFile(shown: string, error: BadInputError): BadInputError {
  return new BadInputError('', `${shown}: ${error.message}`);
}

/**
 * Reads and parses a JSON file.
 * @param shown how the file is named in errors: as the person wrote it
 * @throws BadInputError `FILE: what is wrong`, one line
 */
export function readJsonFile(path: string, shown: string = path): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
    const encoding =
      code === 'ERR_ENCODING_INVALID_ENCODED_DATA' || error instanceof TypeError ? 'not UTF-8 text' : undefined;
    throw new BadInputError('', `${shown}: ${WORDS[String(code)] ?? encoding ?? `cannot be read (${String(code)})`}`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new BadInputError('', `${shown}: ${describeFault(text)}`);
  }
}

/** Runs a check on a file's content; a fault it finds is named with the file. A document nested beyond the stack is a fault too. */
export function checked<T>(shown: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof BadInputError) throw inFile(shown, error);
    if (error instanceof RangeError) throw new BadInputError('', `${shown}: nested too deeply`);
    throw error;
  }
}
