/** JSON values made shorter, what is longest first, with a word in the place of what is gone. Pure. */

import type { Json, JsonObject } from '../decision.ts';
import { isJsonObject } from '../json.ts';
import { printable } from '../printable.ts';

/** Members and entries are cut to no less than this each, bytes: rather fewer of them than none that can be read. */
const LEAST_BYTES = 1_000;

/** What stands in the place of what is gone takes about this much. */
const WORD_BYTES = 60;

/** UTF-8 bytes of a value as it is written: as JSON, and printable. */
export function bytesWritten(value: unknown): number {
  return Buffer.byteLength(printable(JSON.stringify(value) ?? 'null'));
}

/** The longest beginning of a text that is written in so many bytes, cut between two characters. */
function beginningOf(text: string, bytes: number): string {
  const characters = Array.from(text);
  let [fits, fails] = [0, characters.length + 1];
  while (fails - fits > 1) {
    const middle = Math.floor((fits + fails) / 2);
    if (bytesWritten(characters.slice(0, middle).join('')) <= bytes) fits = middle;
    else fails = middle;
  }
  return characters.slice(0, fits).join('');
}

/** A text that is written in about so many bytes at most: its beginning, and how much is gone. */
export function shortenedText(text: string, bytes: number): string {
  if (bytesWritten(text) <= bytes) return text;
  const beginning = beginningOf(text, bytes - WORD_BYTES);
  const lost = bytesWritten(text) - bytesWritten(beginning);
  return `${beginning}… (${lost} bytes more)`;
}

/** The most that each of these may have, if those that need less keep it all: what is over is taken from the longest. */
function shareOf(sizes: readonly number[], bytes: number): number {
  let left = bytes;
  for (const [index, size] of sizes.toSorted((one, other) => one - other).entries()) {
    const share = left / (sizes.length - index);
    if (size >= share) return share;
    left -= size;
  }
  return bytes;
}

/** Each of them shortened to its share, the first that fit; and what is said of the others, if any. */
function shortenedParts(
  parts: readonly Part[],
  bytes: number,
): { readonly kept: readonly Part[]; readonly more?: string } {
  const share = Math.max(LEAST_BYTES, shareOf(parts.map(sizeOf), bytes - WORD_BYTES));
  const kept: Part[] = [];
  let left = bytes - WORD_BYTES;
  for (const part of parts) {
    const short = { ...part, value: shortened(part.value, share - part.nameBytes) };
    left -= sizeOf(short);
    if (left < 0) break;
    kept.push(short);
  }
  if (kept.length === parts.length) return { kept };
  const rest = parts.slice(kept.length);
  return { kept, more: `${rest.length} more (${rest.reduce((sum, part) => sum + sizeOf(part), 0)} bytes)` };
}

/** A member of an object, or an entry of a list. */
interface Part {
  readonly name: string;
  /** What its name and what is around it takes. */
  readonly nameBytes: number;
  readonly value: Json;
}

const sizeOf = ({ nameBytes, value }: Part): number => nameBytes + bytesWritten(value);

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/**
 * The value in about so many bytes at most. Texts lose their ends, lists their last entries, objects their last members, the longest
 * first; what is gone is counted in its place.
 */
export function shortened(value: Json, bytes: number): Json {
  if (typeof value === 'string') return shortenedText(value, bytes);
  if (typeof value !== 'object' || value === null || bytesWritten(value) <= bytes) return value;
  if (isJsonObject(value)) return shortenedMembers(value, bytes);
  if (!isList(value)) return value;
  const { kept, more } = shortenedParts(
    value.map((entry) => ({ name: '', nameBytes: 1, value: entry })),
    bytes,
  );
  const entries = kept.map((part) => part.value);
  return more === undefined ? entries : [...entries, `… ${more}`];
}

/** As `shortened`, of an object. */
export function shortenedMembers(value: JsonObject, bytes: number): JsonObject {
  if (bytesWritten(value) <= bytes) return value;
  const parts = Object.entries(value).flatMap(([name, member]) =>
    member === undefined ? [] : [{ name, nameBytes: bytesWritten(name) + 2, value: member }],
  );
  const { kept, more } = shortenedParts(parts, bytes);
  const members = Object.fromEntries(kept.map((part) => [part.name, part.value]));
  return more === undefined ? members : { ...members, '…': more };
}
