/** A line of a list that is columns: which of them is the address. Pure. */

import { isMalformed, malformed, parseNetwork } from '../../../shared/judgement/addresses/parse.ts';
import { cellOf, isNamed, soleCellOf, type Cell, type Named } from './list-cell.ts';
import { columnsOf } from './list-columns.ts';
import { refusal, type Refusal } from './list-refusal.ts';
import { spanOf } from './list-span.ts';

/** What the first row said of the columns. */
export interface Header {
  /** Columns in which a range begins and ends; `undefined`: none are called so. */
  readonly pair: readonly [start: number, end: number] | undefined;
  /** Column of the prefix that belongs to the address; `undefined`: none is called so. */
  readonly prefix: number | undefined;
}

/** What a row is found to be. */
export type Row = Named | Refusal | { readonly header: Header };

const ADDRESS_WORDS = new Set(
  'address addresses addr cidr cidrs host indicator ioc ip ips ipaddress ipv4 ipv6 iprange net network prefix range subnet'.split(
    ' ',
  ),
);
const START_WORDS = new Set(['start', 'first', 'from', 'begin', 'low']);
const END_WORDS = new Set(['end', 'last', 'to', 'high', 'stop']);

/** What else first and last may be said of. */
const TIME_WORDS = new Set('seen time date utc online valid reported updated'.split(' '));
const PREFIX_WORDS = new Set('prefixlen prefixlength masklen masklength netmask mask bits len length'.split(' '));

/** What has a dot is a host name rather than a heading. */
function wordsOf(column: string): readonly string[] {
  return column.includes('.') ? [] : column.toLowerCase().split(/[^a-z\d]+/u);
}

function indexWith(columns: readonly string[], words: ReadonlySet<string>): number {
  return columns.findIndex((column) => wordsOf(column).some((word) => words.has(word)));
}

function indexOfEnd(columns: readonly string[], words: ReadonlySet<string>): number {
  const isTime = (column: string): boolean => wordsOf(column).some((word) => TIME_WORDS.has(word));
  return indexWith(
    columns.map((column) => (isTime(column) ? '' : column)),
    words,
  );
}

function headerIn(columns: readonly string[]): Header | undefined {
  if (columns.some((column) => cellOf(column) !== undefined)) return undefined;
  const [start, end] = [indexOfEnd(columns, START_WORDS), indexOfEnd(columns, END_WORDS)];
  const isPair = start >= 0 && end >= 0;
  if (indexWith(columns, ADDRESS_WORDS) < 0 && !isPair) return undefined;
  const prefix = indexWith(columns, PREFIX_WORDS);
  return { pair: isPair ? [start, end] : undefined, prefix: prefix < 0 ? undefined : prefix };
}

/** The misspelling that a person would see first. */
function whyNone(columns: readonly string[]): Refusal {
  const suspect = columns.find((column) => /\p{Nd}/u.test(column) && /[.:]/u.test(column));
  const parsed = suspect === undefined ? undefined : parseNetwork(suspect);
  return parsed !== undefined && isMalformed(parsed) ? parsed : refusal('no-address');
}

function isAddress({ family, prefix, how }: Named): boolean {
  return how === 'ok' && prefix === (family === 'IPV4' ? 32 : 128);
}

function rangeOfColumns(start: Named, end: Named): Named | Refusal {
  const span = spanOf(start.networks[0] ?? '', end.networks[0] ?? '');
  return 'why' in span ? span : { ...span, how: 'range' };
}

interface Found {
  readonly at: number;
  readonly named: Named;
}

/**
 * Two addresses in a row are a range where the header calls their columns so, or where they stand side by side and the prefix of
 * exactly that range follows (`16.5.0.0 16.5.0.255 24`). Without either they might be two that were put into one line.
 */
function ofTwo(
  columns: readonly string[],
  [one, other]: readonly [Found, Found],
  header: Header | undefined,
): Named | Refusal {
  if (!isAddress(one.named) || !isAddress(other.named)) return malformed('several');
  const [start, end] = header?.pair ?? [];
  if (one.at === start && other.at === end) return rangeOfColumns(one.named, other.named);
  if (one.at === end && other.at === start) return rangeOfColumns(other.named, one.named);
  if (other.at !== one.at + 1) return malformed('several');
  const range = rangeOfColumns(one.named, other.named);
  const isConfirmed = isNamed(range) && range.networks.length === 1 && columns[other.at + 1] === String(range.prefix);
  return isConfirmed ? range : malformed('several');
}

/** Whether the column is one end of a range, by the header, whose other end is none. */
function lacksOtherEnd(at: number, cells: readonly Cell[], header: Header | undefined): boolean {
  const pair = header?.pair;
  return pair !== undefined && pair.includes(at) && pair.some((index) => !isNamed(cells[index]));
}

function areOne(found: readonly Found[]): boolean {
  const spelt = found.map(({ named }) => named.networks.join());
  return spelt.every((each) => each === spelt[0]);
}

function addressIn(columns: readonly string[], header: Header | undefined): Named | Refusal {
  const cells = columns.map(cellOf);
  const found: Found[] = [];
  for (const [at, cell] of cells.entries()) {
    if (cell === undefined) continue;
    if (!isNamed(cell)) return cell;
    found.push({ at, named: cell });
  }
  const [one, other, third] = found;
  if (one === undefined) return whyNone(columns);
  if (lacksOtherEnd(one.at, cells, header)) return malformed('span');
  if (other === undefined || areOne(found)) return withPrefix(columns, one, header);
  return third === undefined ? ofTwo(columns, [one, other], header) : malformed('several');
}

/** Whether a text behind a bare address may be its prefix: `/24`, or a number that leaves it no host bits, as a score seldom does. */
function mayBePrefix(text: string | undefined, address: string): boolean {
  if (text === undefined || !/^\/?\d{1,3}$/u.test(text)) return false;
  if (text.startsWith('/')) return true;
  const parsed = parseNetwork(`${address}/${text}`);
  const isHost = text === '32' || text === '128';
  return !isHost && !isMalformed(parsed) && !parsed.hadHostBits;
}

/** The address with the prefix that the header gives it a column for. Where no header does, what may be one is not dropped. */
function withPrefix(columns: readonly string[], { at, named }: Found, header: Header | undefined): Named | Refusal {
  if (!isAddress(named)) return named;
  const address = columns[at] ?? '';
  const own = header?.prefix === undefined ? undefined : columns[header.prefix];
  if (own !== undefined && own !== '' && header?.prefix !== at)
    return soleCellOf(`${address}/${own.replace(/^\//u, '')}`);
  return mayBePrefix(columns[at + 1], address) ? refusal('mask-column') : named;
}

/** Without the signs in front of it: `-1.2.3.17` is the end of a range, `(1.2.3.17)` a second address. */
function bareWord(word: string): string {
  return word.replace(/^[^\da-f:]+/iu, '');
}

/** One column: an address, a network or a range, or an address in front and anything but a second one behind blanks. */
function soleAddress(text: string): Named | Refusal {
  const whole = soleCellOf(text);
  if (isNamed(whole) || whole.why !== 'several') return whole;
  const [front = '', ...others] = text.split(/[ \t]+/u);
  const found = cellOf(front) ?? whole;
  if (!isNamed(found)) return found;
  if (isAddress(found) && mayBePrefix(others[0], front)) return refusal('mask-column');
  return others.every((word) => cellOf(bareWord(word)) === undefined) ? found : whole;
}

/**
 * A line that is no comment, not empty and no JSON.
 * @param line without blanks around it.
 * @param header what the first row said; `undefined`: nothing, or this is the first row.
 * @param isFirst whether it may be the header.
 */
export function rowOf(line: string, header: Header | undefined, isFirst: boolean): Row {
  const read = columnsOf(line);
  if (read === undefined) return refusal('quote');
  const { columns, remark } = read;
  if (remark !== undefined && isNamed(cellOf(remark))) return malformed('several');
  const found = isFirst ? headerIn(columns) : undefined;
  if (found !== undefined) return { header: found };
  const [sole = ''] = columns;
  return columns.length === 1 && header?.pair === undefined ? soleAddress(sole) : addressIn(columns, header);
}
