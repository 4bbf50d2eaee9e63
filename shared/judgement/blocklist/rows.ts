/**
 * What stands in the data ledger about blocking, as `block-address` writes it and `publish-blocklist` reads it. Pure.
 *
 *   block        CIDR                 who asked for it to be blocked, until when
 *   allow        CIDR                 never blocked, until when; where a block is wider it is left out of that
 *   never-block  name of a source     ranges of the account's own and of AWS's that nobody may have blocked
 *   shared-egress  network, or name of a list   ranges behind whose addresses many people sit: blocked for a short time, at web ACLs only
 */

import { isMalformed, parseNetwork } from '../addresses/parse.ts';
import type { JsonObject } from '../../kernel/decision.ts';
import type { DataItem } from '../../kernel/ledger/data.ts';
import { endedIn, rowsOf, textIn, timeIn, unreadable, valueOf, type Ended, type Members, type Rows } from './items.ts';

/** Partitions of the data ledger. */
export const BLOCK = 'block';
export const ALLOW = 'allow';
export const NEVER_BLOCK = 'never-block';
export const SHARED_EGRESS = 'shared-egress';

/** The source of `never-block` that `restrict-access` reads, which speaks with CloudFront anyway: its Anycast static IP lists. */
export const ANYCAST = 'anycast-ip-lists';

/** In the control table: by this name it is remembered when that source was read well. */
export const ANYCAST_READ = 'never-block/anycast-ip-lists';

/** The longest that is blocked behind which many people sit: a quarter of an hour stops a burst, and those who share the address hardly notice. */
export const SHARED_EGRESS_SECONDS = 900;

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
  /** How often the network had been blocked for findings by then, this time counted; 0: a person or a list has asked for it. */
  readonly strikes: number;
  /** Who ended it before its time, and in which run. Absent: nobody. */
  readonly ended?: Ended;
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

/** Ranges of one source, of `never-block` or of `shared-egress`. */
export interface RangesRow {
  /** E.g. `addresses`; an operator's own list has any name. */
  readonly source: string;
  readonly ranges: readonly string[];
  readonly version: number;
}

/** Ranges behind whose addresses many people sit. */
export interface SharedRow extends RangesRow {
  /** ISO 8601; `null` or absent: until it is taken back. */
  readonly until?: string | null;
  /** The run that wrote it; empty or absent: an operator has. */
  readonly run?: string;
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
    strikes: countIn(item, members, 'strikes'),
    ...endedIn(item, members),
  };
}

/** A count that may be left out. */
function countIn(item: DataItem, value: Members, member: string): number {
  const count = value[member] ?? 0;
  if (typeof count === 'number' && Number.isInteger(count) && count >= 0) return count;
  throw unreadable(item, `${member}: expected a whole number`);
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

/** Rows of `block`. */
export function blockRowsOf(items: readonly DataItem[]): Rows<BlockRow> {
  return rowsOf(items, blockRowOf);
}

/** Rows of `allow`. While one of them is unreadable, nobody knows whom it would keep from being blocked. */
export function allowRowsOf(items: readonly DataItem[]): Rows<AllowRow> {
  return rowsOf(items, allowRowOf);
}

/** Rows of `never-block`; of unreadable ones the same holds. */
export function rangesRowsOf(items: readonly DataItem[]): Rows<RangesRow> {
  return rowsOf(items, rangesRowOf);
}

/** Rows of `shared-egress`; of unreadable ones the same holds. */
export function sharedRowsOf(items: readonly DataItem[]): Rows<SharedRow> {
  return rowsOf(items, sharedRowOf);
}

/** An operator may write no more than an empty object. */
function allowRowOf(item: DataItem): AllowRow {
  const { version, key } = item;
  const value = valueOf(item);
  const of = (member: string): string => textIn(item, value, member);
  const cidr = networkIn(item, key);
  const row = { cidr, version, why: of('why'), by: of('by'), ...keptIn(item) };
  return key === cidr ? row : { ...row, key };
}

/** A row that is named as a network, and says no more, is that network. */
function rangesRowOf(item: DataItem): RangesRow {
  const { ranges = [item.key] } = valueOf(item);
  if (!Array.isArray(ranges) || !ranges.every((each) => typeof each === 'string'))
    throw unreadable(item, 'ranges: expected a list of CIDRs');
  return { source: item.key, version: item.version, ranges: ranges.map((each) => networkIn(item, each)) };
}

function sharedRowOf(item: DataItem): SharedRow {
  return { ...rangesRowOf(item), ...keptIn(item) };
}

/** Until when a row holds, and which run wrote it. */
function keptIn(item: DataItem): Pick<AllowRow, 'until' | 'run'> {
  const value = valueOf(item);
  const until = textIn(item, value, 'until') === '' ? null : timeIn(item, value, 'until');
  return { until, run: textIn(item, value, 'run') };
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

/** Whether a row of the allow list or of `shared-egress` holds. */
export function isAllowed({ until = null }: Pick<SharedRow, 'until'>, now: string): boolean {
  return until === null || until > now;
}
