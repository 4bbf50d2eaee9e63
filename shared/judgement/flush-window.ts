/**
 * What is collected for `flush-caches`: changes of the objects of a bucket, a window of time together. Pure.
 *
 * The door writes what it is told, and then looks whether the window is open still; who flushes seals the window, and then reads. So what
 * is there when the window is seen open is read, and whatever comes too late goes into the next window as well.
 */

import type { JsonObject } from '../kernel/decision.ts';
import { TerminalError } from '../kernel/errors.ts';
import type { DataItem } from '../kernel/ledger/data.ts';

/** The partition of the data ledger that has an item for each window. */
export const FLUSH_WINDOW = 'flush-window';

/** The partition that has what was collected, under `WINDOW/…`. */
export const FLUSH_KEYS = 'flush-keys';

/** So long what is collected is kept: a person may look at it two days later. */
export const WINDOW_KEPT_MS = 3 * 86_400_000;

/** A window: what changed in a bucket from a time to another, both ISO 8601. */
export type FlushWindow = {
  readonly name: string;
  readonly bucket: string;
  readonly from: string;
  readonly to: string;
};

/** The item of a window. */
export type WindowRow = FlushWindow & {
  /** When it was sealed, ISO 8601; `null`: it is open. */
  readonly sealedAt: string | null;
  /** The run that has written down that nobody tries it again; `null`: none. */
  readonly givenUpBy: string | null;
  /** The run that has had it tried again last; `null`: none. */
  readonly triedBy: string | null;
  /** Counts the writes of the item. */
  readonly version: number;
};

/** An object's key, and when it changed last, ISO 8601. */
export type KeyChange = readonly [key: string, at: string];

function textIn(value: JsonObject, member: string): string | undefined {
  const text = value[member];
  return typeof text === 'string' ? text : undefined;
}

/** Two words that name the item. */
function placeOf({ partition, key }: DataItem): string {
  return `data ledger: ${partition}/${key}`;
}

/**
 * Reads the item of a window.
 * @throws TerminalError where it cannot be read
 */
export function windowRowOf(item: DataItem): WindowRow {
  const { key: name, value, version, fault } = item;
  const [bucket, from, to] = ['bucket', 'from', 'to'].map((member) => textIn(value, member));
  if (fault !== undefined || bucket === undefined || from === undefined || to === undefined)
    throw new TerminalError(`${placeOf(item)} cannot be read: ${fault ?? 'it lacks bucket, from or to'}`);
  const [sealedAt = null, givenUpBy = null, triedBy = null] = ['sealedAt', 'givenUpBy', 'triedBy'].map((member) =>
    textIn(value, member),
  );
  return { name, bucket, from, to, sealedAt, givenUpBy, triedBy, version };
}

/** The value of a window's item. */
export function windowValue(
  { bucket, from, to }: FlushWindow,
  { sealedAt, givenUpBy, triedBy }: Partial<Pick<WindowRow, 'sealedAt' | 'givenUpBy' | 'triedBy'>>,
): JsonObject {
  return {
    bucket,
    from,
    to,
    ...(sealedAt ? { sealedAt } : {}),
    ...(givenUpBy ? { givenUpBy } : {}),
    ...(triedBy ? { triedBy } : {}),
  };
}

function changeOf(change: unknown): KeyChange | undefined {
  const pair: readonly unknown[] = Array.isArray(change) ? change : [];
  const [key, at] = pair;
  return typeof key === 'string' && typeof at === 'string' ? [key, at] : undefined;
}

/**
 * Reads what one item has collected.
 * @throws TerminalError where it cannot be read: what changed would be lost in silence
 */
export function changesIn(item: DataItem): readonly KeyChange[] {
  const { value, fault } = item;
  const list: unknown = value['changes'];
  const changes = Array.isArray(list) ? list.map(changeOf) : [undefined];
  const sound = changes.filter((change) => change !== undefined);
  if (fault !== undefined || sound.length < changes.length)
    throw new TerminalError(`${placeOf(item)} cannot be read: ${fault ?? 'a change is no pair of key and time'}`);
  return sound;
}

/** Each key once, with the time of its last change, in order. */
export function merged(changes: readonly KeyChange[]): readonly KeyChange[] {
  const last = new Map<string, string>();
  for (const [key, at] of changes) {
    const known = last.get(key);
    if (known === undefined || known < at) last.set(key, at);
  }
  return [...last].toSorted(([one], [other]) => (one < other ? -1 : 1));
}

/** The value of an item that has collected them. */
export function changesValue(changes: readonly KeyChange[], run: string): JsonObject {
  return { changes, run };
}

/** The run that has written a value of `changesValue`. */
export function writerOf({ value }: DataItem): string {
  return textIn(value, 'run') ?? '';
}

/** The times of the window that a time lies in, of windows of so many seconds; `later`: or of one so many after it. */
export function windowTimes(at: string, seconds: number, later: number): Pick<FlushWindow, 'from' | 'to'> {
  const lengthMs = seconds * 1_000;
  const fromMs = (Math.floor(Date.parse(at) / lengthMs) + later) * lengthMs;
  return { from: new Date(fromMs).toISOString(), to: new Date(fromMs + lengthMs).toISOString() };
}
