/**
 * What stands in the data ledger about blocking, as `block-address` writes it and `publish-blocklist` reads it. Pure.
 *
 *   block        CIDR                 who asked for it to be blocked, until when
 *   allow        CIDR                 never blocked, until when; where a block is wider it is left out of that
 *   never-block  name of a source     ranges of the account's own and of AWS's that nobody may have blocked
 */

import { isMalformed, parseNetwork } from '../addresses/parse.ts';
import type { JsonObject } from '../../kernel/decision.ts';
import type { DataItem } from '../../kernel/ledger/data.ts';
import { TerminalError } from '../../kernel/errors.ts';

/** Partitions of the data ledger. */
export const BLOCK = 'block';
export const ALLOW = 'allow';
export const NEVER_BLOCK = 'never-block';

/** Why an address is blocked, and for how long: a reason ends without another's leave, and lifts nobody else's. */
export interface Reason {
  /** The incident, or what stands for it. Unique in its row. */
  readonly incident: string;
  /** Why, in a person's words. */
  readonly why: string;
  readonly by: string;
  /** When it was asked for, and when it ends. ISO 8601. */
  readonly from: string;
  readonly until: string;
  /** The delivery and the run that wrote it last: who comes with the same is answered with what was done. */
  readonly delivery: string;
  readonly run: string;
}

/** A network, and the reasons for which it is blocked, those that have ended among them for as long as the row is kept. */
export interface BlockRow {
  readonly cidr: string;
  /** Its key in the ledger, where an operator has spelt the network otherwise: it is this item that has to be written. */
  readonly key?: string;
  readonly reasons: readonly Reason[];
  readonly version: number;
}

/** A network that nobody may have blocked. */
export interface AllowRow {
  readonly cidr: string;
  /** As that of a row of `block`. */
  readonly key?: string;
  readonly why: string;
  readonly by: string;
  /** ISO 8601; `null`: until it is taken back. */
  readonly until: string | null;
  readonly run: string;
  readonly version: number;
}

/** Ranges of one source. */
export interface NeverBlockRow {
  /** E.g. `addresses`; an operator's own list has any name. */
  readonly source: string;
  readonly ranges: readonly string[];
  readonly version: number;
}

/** An item that cannot be understood: which, and what of it. */
function unreadable({ partition, key }: DataItem, what: string): TerminalError {
  return new TerminalError(`ledger ${partition}/${key}: ${what}`);
}

/** What stands in it. */
function valueOf(item: DataItem): JsonObject {
  if (item.fault === undefined) return item.value;
  throw unreadable(item, item.fault);
}

/** A text that may be left out. */
function textIn(item: DataItem, value: JsonObject, member: string): string {
  const text = value[member] ?? '';
  if (typeof text === 'string') return text;
  throw unreadable(item, `${member}: expected text`);
}

/** In the ledger's own spelling, by which times compare as text. */
function timeIn(item: DataItem, value: JsonObject, member: string): string {
  const milliseconds = Date.parse(textIn(item, value, member));
  if (Number.isNaN(milliseconds)) throw unreadable(item, `${member}: expected a time such as 2026-11-22T08:00:00Z`);
  return new Date(milliseconds).toISOString();
}

/** A network in its one spelling, whoever wrote it. */
function networkIn(item: DataItem, text: string): string {
  const parsed = parseNetwork(text);
  if (isMalformed(parsed)) throw unreadable(item, `${text}: ${parsed.says}`);
  return parsed.cidr;
}

function reasonIn(item: DataItem, value: unknown): Reason {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw unreadable(item, 'reasons: expected objects');
  const members = { ...value };
  const of = (member: string): string => textIn(item, members, member);
  return {
    incident: of('incident'),
    why: of('why'),
    by: of('by'),
    from: of('from'),
    until: timeIn(item, members, 'until'),
    delivery: of('delivery'),
    run: of('run'),
  };
}

/**
 * A row of `block`. Of a reason an operator may write no more than its end.
 * @throws TerminalError that names the item and the member
 */
export function blockRowOf(item: DataItem): BlockRow {
  const { reasons } = valueOf(item);
  if (!Array.isArray(reasons)) throw unreadable(item, 'reasons: expected a list');
  const { version, key } = item;
  const cidr = networkIn(item, key);
  const row = { cidr, version, reasons: reasons.map((each: unknown) => reasonIn(item, each)) };
  return key === cidr ? row : { ...row, key };
}

/** Rows of `block`, and what is wrong with those that cannot be understood: one never decides for another. */
export function blockRowsOf(items: readonly DataItem[]): {
  readonly rows: readonly BlockRow[];
  readonly unreadable: readonly string[];
} {
  const rows: BlockRow[] = [];
  const faults: string[] = [];
  for (const item of items) {
    try {
      rows.push(blockRowOf(item));
    } catch (error) {
      if (!(error instanceof TerminalError)) throw error;
      faults.push(error.message);
    }
  }
  return { rows, unreadable: faults };
}

/**
 * A row of `allow`. An operator may write no more than an empty object.
 * @throws TerminalError that names the item and the member: who guesses might block whom nobody may
 */
export function allowRowOf(item: DataItem): AllowRow {
  const { version, key } = item;
  const value = valueOf(item);
  const of = (member: string): string => textIn(item, value, member);
  const until = of('until') === '' ? null : timeIn(item, value, 'until');
  const cidr = networkIn(item, key);
  const row = { cidr, version, why: of('why'), by: of('by'), run: of('run'), until };
  return key === cidr ? row : { ...row, key };
}

/**
 * A row of `never-block`.
 * @throws TerminalError that names the item and the member: who guesses might block whom nobody may
 */
export function neverBlockRowOf(item: DataItem): NeverBlockRow {
  const { ranges } = valueOf(item);
  if (!Array.isArray(ranges) || !ranges.every((each) => typeof each === 'string'))
    throw unreadable(item, 'ranges: expected a list of CIDRs');
  return { source: item.key, version: item.version, ranges: ranges.map((each) => networkIn(item, each)) };
}

/** The value of a row of `block`. */
export function blockValue(reasons: readonly Reason[]): JsonObject {
  return { reasons: reasons.map((reason) => ({ ...reason })) };
}

/** Reasons that have not ended. */
export function standing({ reasons }: Pick<BlockRow, 'reasons'>, now: string): readonly Reason[] {
  return reasons.filter(({ until }) => until > now);
}

/** When the last of some reasons ends; empty: there is none. */
export function lastEnd(reasons: readonly Reason[]): string {
  return (
    reasons
      .map(({ until }) => until)
      .toSorted()
      .at(-1) ?? ''
  );
}

/** Whether an entry of the allow list holds. */
export function isAllowed({ until }: Pick<AllowRow, 'until'>, now: string): boolean {
  return until === null || until > now;
}
