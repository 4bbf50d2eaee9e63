/** Words for a POSIX shell: every line that a person may paste is made here. */

import type { ApiCall } from './decision.ts';
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

/** `$(…)` drops the line feeds at the very end, so that they stand behind it. */
const LINE_FEEDS_AT_END = /\n*$/u;

/** Written by `printf`, whatever the text begins with: behind `--` there are no options. */
function spelt(format: string): string {
  const [feeds = ''] = LINE_FEEDS_AT_END.exec(format) ?? [];
  const rest = format.slice(0, format.length - feeds.length);
  const word = `"$(printf -- ${inQuotes(rest.replaceAll('\n', octal))})"`;
  return feeds === '' ? word : word + inQuotes(feeds);
}

/**
 * One word that the shell hands over as it is. A word with a control or an invisible character in it is spelt by `printf`: the
 * terminal that it is pasted into would obey the character before any shell sees it. (No shell can hand over U+0000.)
 */
export function shellWord(text: string): string {
  if (PLAIN.test(text)) return text;
  const format = text.replaceAll(/[\\%]/gu, (character) => character + character);
  const harmless = printable(format, octal);
  return harmless === format ? inQuotes(text) : spelt(harmless);
}

/** A command line of these words. */
export function shellLine(...words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

/** Services that the AWS command line knows by another name than IAM does. */
const CLI_NAMES: { readonly [service: string]: string } = { elasticloadbalancing: 'elbv2' };

/** The AWS command line of a call, ready to paste: `aws ec2 associate-address --cli-input-json '{…}'`. */
export function commandLine({ call, input }: ApiCall): string {
  const [service = '', operation = ''] = call.split(':');
  const verb = operation
    .replaceAll(/(?<=[a-z0-9])[A-Z]|(?<=[A-Z])[A-Z](?=[a-z])/gu, (letter) => `-${letter}`)
    .toLowerCase();
  return shellLine('aws', CLI_NAMES[service] ?? service, verb, '--cli-input-json', printable(JSON.stringify(input)));
}
