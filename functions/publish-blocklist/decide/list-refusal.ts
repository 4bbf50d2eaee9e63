/** Why a line of a list is not taken, where it is not its address alone that is wrong. Pure. */

import type { Malformed } from '../../../shared/judgement/addresses/parse.ts';

/** Characters. Twice the longest row of the feeds that were read; what is longer is no row, and is not looked at. */
export const LINE_LIMIT = 1024;

/** WAF: at most 100 IP sets of 10,000 addresses in an account and Region; more could be published nowhere. */
export const NETWORK_LIMIT = 1_000_000;

const SAYS = {
  'line-too-long': `It is longer than ${LINE_LIMIT} characters: no row is.`,
  'no-address': 'No column is an address: give one, the others may be anything.',
  quote: 'A quote is not closed, or something stands behind it: one row is one line.',
  'mask-column': 'Its prefix may stand in another column: write both as one, or name the columns in a first row.',
  'range-order': 'The range ends before it begins: correct it.',
  'range-family': 'One end of the range is IPv4, the other IPv6: correct it.',
  json: 'It begins as JSON does, and is none: one row is one object on one line.',
  'json-keys': 'No key is one that an address stands under: `cidr`, `ip`, `address`, `network`, `prefix`.',
  'json-value': 'What stands under its key is no text: give one.',
  'json-mask': 'Its mask or end stands under another key: give the network as `cidr`.',
  'json-document': 'It is one JSON object around its rows: give these alone, as an array or one to a line.',
  breadth: 'The network is wider than this list may have: raise its limit, or give narrower ones.',
  'never-block': 'Nobody attacks from these over the internet, or our own side has them.',
  'too-many': `It names more than ${NETWORK_LIMIT} networks: no account has room for more.`,
} as const;

/** What is wrong with a row, for counters and tests. */
export type RowFault = keyof typeof SAYS;

/** A row that is not taken. */
export interface Refusal {
  readonly why: RowFault | Malformed['why'];
  /** A sentence for a person, with what to do. The text of the row is not in it. */
  readonly says: string;
}

/** @param about what in particular, where the sentence does not say it: the range, the limit. */
export function refusal(why: RowFault, about?: string): Refusal {
  return { why, says: about === undefined ? SAYS[why] : `${SAYS[why]} (${about})` };
}
