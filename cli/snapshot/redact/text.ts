/** A text as the words that it is made of: addresses, ids, accounts, names, and what is between them. Pure. */

import { isCommon, isPlace, isType } from './words.ts';
import { PREFIXED, UUID } from './names.ts';

/** What is done with the parts of a text. */
export interface Hands {
  /** An address or a network; `undefined`: it is none. */
  readonly address: (text: string) => string | undefined;
  /** A word that identifies by its shape: an id, an account. */
  readonly id: (word: string) => string;
  /** Any other word. */
  readonly word: (word: string) => string;
}

/**
 * In this order: UUIDs, MAC addresses, IPv4 and IPv6 with or without a length, then words. A word is of letters, digits, `_` and `-`; what
 * is between words stays, so that ARNs, paths, hosts and expressions keep their form.
 */
const PARTS =
  /(?<tag>\brunbook:[a-z][a-z-]*)|(?<uuid>\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b)|(?<mac>\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b)|(?<v4>(?<![\w.-])\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2}\b)?(?![\w.]*\w))|(?<v6>(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?:\/\d{1,3}\b)?(?![\w:]))|(?<word>[A-Za-z0-9_][A-Za-z0-9_-]*)/gu;

/** `ip-10-0-0-5`, `ec2-203-0-113-5`: an address as a name has it. */
const DASHED = /^(ip|ec2)-(\d{1,3})-(\d{1,3})-(\d{1,3})-(\d{1,3})$/u;

/** Numbers and durations say nothing of who. */
const NUMBER =
  /^(?:-?\d{1,11}|\d{13,}|\d+[smhd]|P(?:\d+[DW])?(?:T(?:\d+[HMS])+)?|\d{4}-\d{2}-\d{2}T\d{2}|L-[0-9A-F]{8}|[a-z]+-az\d|v\d+)$/u;

/** Names that a stack gives by default: `runbook-deny-networks`. */
const OURS = /^runbook-[a-z-]+$/u;

function isId(word: string): boolean {
  return /^\d{12}$/u.test(word) || PREFIXED.test(word) || UUID.test(word);
}

function wordOf(word: string, hands: Hands): string {
  const [, kind, ...octets] = DASHED.exec(word) ?? [];
  if (kind !== undefined) {
    const moved = hands.address(octets.join('.'));
    if (moved !== undefined) return `${kind}-${moved.replaceAll('.', '-')}`;
  }
  if (isId(word)) return hands.id(word);
  if (NUMBER.test(word) || isPlace(word) || OURS.test(word)) return word;
  return hands.word(word);
}

/** The text with its parts as the hands have them. */
export function rewritten(text: string, hands: Hands): string {
  if (isType(text)) return text;
  return text.replaceAll(PARTS, (whole: string, ...rest: unknown[]) => {
    const groups: unknown = rest.at(-1);
    const isPart = (name: string): boolean =>
      typeof groups === 'object' && groups !== null && Reflect.get(groups, name) !== undefined;
    if (isPart('tag')) return whole;
    if (isPart('uuid') || isPart('mac')) return hands.id(whole);
    if (isPart('v4') || isPart('v6')) return hands.address(whole) ?? whole;
    return wordOf(whole, hands);
  });
}

/** Whether a word may be anybody's name. */
export function mayIdentify(word: string): boolean {
  return !isCommon(word) && word.length > 1 && !/^[-_]+$/u.test(word);
}
