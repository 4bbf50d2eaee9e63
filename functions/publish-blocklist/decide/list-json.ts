/** A list that is JSON: one object to a line, or one array. Pure. */

import { malformed } from '../../../shared/judgement/addresses/parse.ts';
import { soleCellOf, isNamed, type Named } from './list-cell.ts';
import { LINE_LIMIT, refusal, type Refusal } from './list-refusal.ts';

/** What an element is found to be; `undefined`: it says something of the list, and names nothing. */
export type Element = Named | Refusal | undefined;

/** Keys that an address stands under, in lower case and without what divides their words. */
const ADDRESS_KEYS = new Set(
  'cidr ip address ipaddress network prefix range ipprefix ipv4prefix ipv6prefix iprange'.split(' '),
);

/** Keys whose value would make another network of the address beside them. */
const MASK_KEYS = new Set(
  'netmask mask prefixlen prefixlength masklength cidrlength end endip ipend endaddress last lastip to toip'.split(' '),
);

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function keyOf(name: string): string {
  return name.toLowerCase().replaceAll(/[-_ ]/gu, '');
}

/** A member that would make another network of the address: by its key, or by its key and a value that is a prefix or a mask. */
function isMask([name, value]: readonly [string, unknown]): boolean {
  const key = keyOf(name);
  if (MASK_KEYS.has(key)) return true;
  const text = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
  return /mask|bits|wildcard|len(?:gth)?$/u.test(key) && /^\/?\d{1,3}$|^(?:\d{1,3}\.){3}\d{1,3}$/u.test(text);
}

function ofText(text: string): Named | Refusal {
  return text.length > LINE_LIMIT ? refusal('line-too-long') : soleCellOf(text.trim());
}

function ofObject(value: Readonly<Record<string, unknown>>): Element {
  const members = Object.entries(value).filter(([, member]) => member !== null);
  const addresses = members.filter(([name]) => ADDRESS_KEYS.has(keyOf(name))).map(([, member]) => member);
  if (addresses.length === 0) return value['type'] === 'metadata' ? undefined : refusal('json-keys');
  if (members.some(isMask)) return refusal('json-mask');
  if (!addresses.every((address) => typeof address === 'string')) return refusal('json-value');
  const read = addresses.map(ofText);
  const [first, ...others] = read;
  const misspelt = read.find((each) => !isNamed(each));
  if (first === undefined || misspelt !== undefined) return misspelt;
  const isOne = others.every(
    (each) => isNamed(each) && isNamed(first) && each.networks.join() === first.networks.join(),
  );
  return isOne ? first : malformed('several');
}

/** An element of an array, or the object of a line. */
export function elementOf(value: unknown): Element {
  if (typeof value === 'string') return ofText(value);
  return isRecord(value) ? ofObject(value) : refusal('json-value');
}

/** The value that a text is; `undefined`: it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A line that begins with `{`. */
export function jsonRow(line: string): Element {
  const value = parsed(line);
  return value === undefined ? refusal('json') : elementOf(value);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** An object on one line is a row, were it the only one, unless it names nothing itself and has rows in it. */
function isRow(text: string, value: Readonly<Record<string, unknown>>): boolean {
  const hasAddress = Object.keys(value).some((name) => ADDRESS_KEYS.has(keyOf(name)));
  return !text.trim().includes('\n') && (hasAddress || !Object.values(value).some(isList));
}

/** An array's elements; a refusal of an object that is spread over lines, or has its rows in it; `undefined`: the text is lines. */
export function documentOf(text: string): readonly unknown[] | Refusal | undefined {
  if (!/^\s*[[{]/u.test(text)) return undefined;
  const value = parsed(text);
  if (isList(value)) return value;
  return isRecord(value) && !isRow(text, value) ? refusal('json-document') : undefined;
}
