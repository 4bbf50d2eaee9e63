/** Words for a POSIX shell: every line that a person may paste is made here. */

import { printable } from './printable.ts';

/** What no shell gives a meaning to, wherever it stands in a word. */
const PLAIN = /^[\w./-]+$/u;

function inQuotes(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** The bytes of a character as `printf` writes them: `\342\200\256`. */
function octal(character: string): string {
  return [...new TextEncoder().encode(character)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}

/**
 * One word that the shell hands over as it is. A word with a control or an invisible character in it is spelt by `printf`: the
 * terminal that it is pasted into would obey the character before any shell sees it. (`$(…)` drops line feeds at the very end.)
 */
export function shellWord(text: string): string {
  if (PLAIN.test(text)) return text;
  const format = text.replaceAll(/[\\%]/gu, (character) => character + character);
  const spelt = printable(format, octal).replaceAll('\n', octal);
  return spelt === format ? inQuotes(text) : `"$(printf ${inQuotes(spelt)})"`;
}

/** A command line of these words. */
export function shellLine(...words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}
