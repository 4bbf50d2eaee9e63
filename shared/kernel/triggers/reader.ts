/** Reading untrusted JSON: every fault becomes one `BadInputError` with the path in the event's own keys. */

import { createHash } from 'node:crypto';
import type { JsonObject } from '../decision.ts';
import { BadInputError } from '../errors.ts';
import { isBag, isJsonObject, type Bag } from '../json.ts';

/** Deepest event seen is about 12 levels (alarm metrics in a batch); the rest is room. Bounds the recursion of every walk. */
const MAX_DEPTH = 50;
/** `path: message` stays below 300 characters, so that it fits a terminal and a log line. */
const MAX_PATH_CHARS = 98;
const MAX_MESSAGE_CHARS = 198;
const MAX_QUOTED_CHARS = 48;
/** Longest name the AWS services here give out (alarm, group and hook names: 255). */
const MAX_NAME_CHARS = 255;

/** Instance ids are `i-` and 8 or 17 hexadecimal digits; shorter ones appear in examples and rehearsals. */
const INSTANCE_ID = /^i-[0-9a-f]{1,17}$/;
const TIME = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d:\d\d(?:\.\d{1,9})?)(?:Z|([+-]\d\d):?(\d\d))$/;

/** Control, separator and text-direction characters: they could break or disguise a log line. */
function isUnprintable(code: number): boolean {
  return (
    code < 0x20 ||
    (code >= 0x7f && code <= 0x9f) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069)
  );
}

function onOneLine(text: string): string {
  let line = '';
  for (const character of text.toWellFormed()) {
    const code = character.codePointAt(0) ?? 0;
    line += isUnprintable(code) ? `\\u${code.toString(16).padStart(4, '0')}` : character;
  }
  return line;
}

function shorten(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const tail = Math.floor(maxChars / 3);
  return onOneLine(`${text.slice(0, maxChars - tail - 1)}…${text.slice(text.length - tail)}`);
}

/** The value in quotes, on one line, shortened. */
export function quote(text: string): string {
  const start = text.length > MAX_QUOTED_CHARS ? `${text.slice(0, MAX_QUOTED_CHARS)}…` : text;
  return onOneLine(JSON.stringify(start.toWellFormed()));
}

/** What a value is, for the second half of `expected …, found …`. */
export function found(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number' || typeof value === 'boolean') return `${typeof value} ${String(value)}`;
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** The path of a member: `a.b`, `a[0]`, or `a["odd key"]`. */
export function memberPath(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  if (!/^[\w$-]+$/.test(key)) return `${path}[${quote(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** A `BadInputError` of one line and at most about 300 characters. `Kind`: which one. */
export function badInput(path: string, message: string, Kind = BadInputError): BadInputError {
  return new Kind(shorten(path, MAX_PATH_CHARS), shorten(onOneLine(message), MAX_MESSAGE_CHARS));
}

/** What a document without an id of its own is told by: 32 hexadecimal digits, the same for the same text. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function trailPath(base: string, trail: readonly (string | number)[]): string {
  return trail.reduce<string>(memberPath, base);
}

function checkValue(value: unknown, base: string, trail: (string | number)[]): void {
  if (trail.length > MAX_DEPTH) throw badInput(trailPath(base, trail), `nested more than ${MAX_DEPTH} levels deep`);
  if (typeof value === 'number' && !Number.isFinite(value))
    throw badInput(trailPath(base, trail), `expected a JSON number, found ${value}`);
  if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol') {
    throw badInput(trailPath(base, trail), `expected a JSON value, found ${found(value)}`);
  }
  if (typeof value !== 'object' || value === null) return;
  const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  for (const [key, member] of entries) {
    trail.push(key);
    if (key === '__proto__' || (key === 'constructor' && isBag(member) && Object.hasOwn(member, 'prototype'))) {
      throw badInput(trailPath(base, trail), 'this key is not allowed: it could change others');
    }
    checkValue(member, base, trail);
    trail.pop();
  }
}

/**
 * Checks that `value` is plain JSON of bounded depth without keys that reach an object's prototype.
 * @throws BadInputError
 */
export function checkJson(value: unknown, path: string): void {
  checkValue(value, path, []);
}

/** ISO 8601 with milliseconds in UTC, from `…Z` and from the alarms' `….000+0000`; `undefined` for anything else. */
function utcTime(text: string): string | undefined {
  const [, day, time, hours, minutes] = TIME.exec(text) ?? [];
  if (day === undefined || time === undefined) return undefined;
  const milliseconds = Date.parse(`${day}${time}${hours === undefined ? 'Z' : `${hours}:${minutes ?? '00'}`}`);
  // Date.parse turns 30 February into 2 March; a wrong day must not pass for another one.
  const sameDay = new Date(Date.parse(`${day}T00:00:00Z`) || 0).toISOString().startsWith(day);
  return Number.isNaN(milliseconds) || !sameDay ? undefined : new Date(milliseconds).toISOString();
}

/** A value of the event together with its path. Every method throws `BadInputError` for a value of another form. */
export class Field {
  readonly value: unknown;
  readonly path: string;

  constructor(value: unknown, path: string) {
    this.value = value;
    this.path = path;
  }

  fail(expected: string): never {
    throw badInput(this.path, `expected ${expected}, found ${found(this.value)}`);
  }

  /** AWS writes a value it does not have as `null` or not at all. */
  get absent(): boolean {
    return this.value === undefined || this.value === null;
  }

  private bag(): Bag {
    return isBag(this.value) ? this.value : this.fail('an object');
  }

  has(key: string): boolean {
    return isBag(this.value) && Object.hasOwn(this.value, key);
  }

  /** The member as it is; `undefined` where there is none, or nothing that has members. */
  peek(key: string): unknown {
    return isBag(this.value) && Object.hasOwn(this.value, key) ? this.value[key] : undefined;
  }

  keys(): string[] {
    return Object.keys(this.bag());
  }

  get(key: string): Field {
    this.bag();
    return new Field(this.peek(key), memberPath(this.path, key));
  }

  list(): Field[] {
    if (!Array.isArray(this.value)) return this.fail('a list');
    return this.value.map((member: unknown, index) => new Field(member, memberPath(this.path, index)));
  }

  /** The members of a list; none where the value is absent. */
  optionalList(): Field[] {
    return this.absent ? [] : this.list();
  }

  /** Text of 1 to `maxChars` characters. */
  text(maxChars = MAX_NAME_CHARS): string {
    if (typeof this.value !== 'string' || this.value === '') return this.fail('text');
    if (this.value.length > maxChars) return this.fail(`at most ${maxChars} characters`);
    return this.value;
  }

  optionalText(maxChars = MAX_NAME_CHARS): string | undefined {
    return this.absent ? undefined : this.text(maxChars);
  }

  matching(pattern: RegExp, expected: string, maxChars = MAX_NAME_CHARS): string {
    if (typeof this.value !== 'string' || this.value.length > maxChars || !pattern.test(this.value))
      return this.fail(expected);
    return this.value;
  }

  oneOf<T extends string>(values: readonly T[]): T {
    const value = values.find((candidate) => candidate === this.value);
    return value ?? this.fail(values.length === 1 ? (values[0] ?? '') : `one of ${values.join(', ')}`);
  }

  /** ISO 8601 with milliseconds in UTC. */
  time(): string {
    const time = typeof this.value === 'string' ? utcTime(this.value) : undefined;
    return time ?? this.fail('a time such as 2026-01-01T00:00:00Z');
  }

  instanceId(): string {
    return this.matching(INSTANCE_ID, 'an instance id such as i-0123456789abcdef0');
  }

  account(): string {
    return this.matching(/^\d{12}$/, 'an account of 12 digits');
  }

  region(): string {
    return this.matching(/^[a-z]{2}(?:-[a-z]{2,12}){1,3}-\d{1,2}$/, 'a region such as eu-west-1');
  }

  /** A JSON object; `checkJson` has made sure that its members are JSON. */
  json(): JsonObject {
    return isJsonObject(this.value) ? this.value : this.fail('an object');
  }
}

export function isInstanceId(text: string): boolean {
  return INSTANCE_ID.test(text);
}
