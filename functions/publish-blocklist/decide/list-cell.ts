/** What one column of a row, or one text of a JSON document, is: a network, a range, one that is misspelt, or something else. Pure. */

import {
  isMalformed,
  malformed,
  parseNetwork,
  type Malformed,
  type Network,
} from '../../../shared/judgement/addresses/parse.ts';
import type { AddressFamily } from '../../../shared/judgement/addresses/ranges.ts';
import { refusal, type Refusal } from './list-refusal.ts';
import { spanOf } from './list-span.ts';

/** What a row names. */
export interface Named {
  readonly family: AddressFamily;
  /** In their one spelling, in order; of a range the fewest. */
  readonly networks: readonly string[];
  /** Bits of the narrowest network that has as many addresses. */
  readonly prefix: number;
  /** `host-bits`: there were some, and they were zeroed. */
  readonly how: 'ok' | 'range' | 'host-bits';
}

/** `undefined`: it was not meant for an address. */
export type Cell = Named | Refusal | undefined;

/** Whether it is a network or a range. */
export function isNamed(cell: object | undefined): cell is Named {
  return cell !== undefined && 'networks' in cell;
}

/** Four numbers, whatever follows; but `198.51.100.7.example.com` is a name, and `1.3.6.1.4.1` something else. */
const FOUR_NUMBERS = /^\d+(?:\.\d+){3}(?![\p{L}\d.-])/u;
const GROUPS = /^[\da-f:.]*/iu;
const LETTER = /^\p{L}/u;

/** A hardware address has five. */
const COLONS_OF_AN_ADDRESS = 6;

function isGroups(text: string): boolean {
  const groups = GROUPS.exec(text)?.[0] ?? '';
  const isAddress = groups.includes('::') || groups.split(':').length > COLONS_OF_AN_ADDRESS;
  return isAddress && !LETTER.test(text.slice(groups.length));
}

/** Beside an address stand times, scores, versions and names; every address is meant for one, and much that is misspelt. */
function isMeant(text: string): boolean {
  return text.includes(':') ? isGroups(text) || FOUR_NUMBERS.test(text) : FOUR_NUMBERS.test(text);
}

/** What a range begins or ends with. */
function endOf(text: string): Network | Malformed | undefined {
  return isMeant(text) && !text.includes('/') ? parseNetwork(text) : undefined;
}

/** `Some org:1.2.3.0`: the name ends at the last colon. With IPv6 that could not be told, and is refused. */
function startOf(text: string): Network | Malformed | undefined {
  return endOf(text) ?? endOf(text.slice(text.lastIndexOf(':') + 1));
}

/** `a - b` and `name:a-b`. Where only one end is an address the other may not be left out: it would block one instead of many. */
function rangeIn(text: string): Cell {
  const dash = text.lastIndexOf('-');
  const behind = text.slice(dash + 1).trimStart();
  const start = startOf(text.slice(0, dash).trimEnd());
  const end = endOf(behind);
  if (start === undefined) return undefined;
  if (end === undefined) return isMalformed(start) || LETTER.test(behind) ? undefined : malformed('span');
  if (isMalformed(start)) return start;
  if (isMalformed(end)) return end;
  const span = spanOf(start.cidr, end.cidr);
  return 'why' in span ? span : { ...span, how: 'range' };
}

function named(parsed: Network | Malformed): Named | Refusal {
  if (isMalformed(parsed)) return parsed;
  const { family, cidr, prefix, hadHostBits } = parsed;
  return { family, networks: [cidr], prefix, how: hadHostBits ? 'host-bits' : 'ok' };
}

/** @param text without blanks around it. */
export function cellOf(text: string): Cell {
  const range = text.includes('-') ? rangeIn(text) : undefined;
  return range !== undefined || !isMeant(text) ? range : named(parseNetwork(text));
}

/** A text that has to be an address, a network or a range, and nothing besides: what was not meant for one is refused. */
export function soleCellOf(text: string): Named | Refusal {
  if (text === '') return refusal('no-address');
  return cellOf(text) ?? named(parseNetwork(text));
}
