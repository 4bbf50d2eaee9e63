/** Reads items of the data ledger as an operator may have written them: what cannot be understood is named, never guessed. Pure. */

import type { JsonObject } from '../../kernel/decision.ts';
import type { DataItem } from '../../kernel/ledger/data.ts';
import { TerminalError } from '../../kernel/errors.ts';
import { isBag } from '../../kernel/json.ts';

/** An item that cannot be understood: which, and what of it. */
export function unreadable({ partition, key }: DataItem, what: string): TerminalError {
  return new TerminalError(`ledger ${partition}/${key}: ${what}`);
}

/** What stands in it. */
export function valueOf(item: DataItem): JsonObject {
  if (item.fault === undefined) return item.value;
  throw unreadable(item, item.fault);
}

/** What an item's value, or a part of it, holds. */
export type Members = { readonly [member: string]: unknown };

/** A text that may be left out. */
export function textIn(item: DataItem, value: Members, member: string): string {
  const text = value[member] ?? '';
  if (typeof text === 'string') return text;
  throw unreadable(item, `${member}: expected text`);
}

/** In the ledger's own spelling, by which times compare as text. */
export function timeIn(item: DataItem, value: Members, member: string): string {
  const milliseconds = Date.parse(textIn(item, value, member));
  if (Number.isNaN(milliseconds)) throw unreadable(item, `${member}: expected a time such as 2026-11-22T08:00:00Z`);
  return new Date(milliseconds).toISOString();
}

/** Who ended something before its time, and in which run. */
export type Ended = {
  readonly by: string;
  readonly run: string;
};

/** The member `ended`, which is absent where nobody has. */
export function endedIn(item: DataItem, value: Members): { readonly ended?: Ended } {
  const { ended } = value;
  if (ended === undefined || ended === null) return {};
  if (!isBag(ended)) throw unreadable(item, 'ended: expected an object');
  return { ended: { by: textIn(item, ended, 'by'), run: textIn(item, ended, 'run') } };
}

/** Rows, and what is wrong with those that cannot be understood. */
export interface Rows<Row> {
  readonly rows: readonly Row[];
  readonly unreadable: readonly string[];
}

/** Reads each item by itself: one never decides for another. */
export function rowsOf<Row>(items: readonly DataItem[], read: (item: DataItem) => Row): Rows<Row> {
  const rows: Row[] = [];
  const faults: string[] = [];
  for (const item of items) {
    try {
      rows.push(read(item));
    } catch (error) {
      if (!(error instanceof TerminalError)) throw error;
      faults.push(error.message);
    }
  }
  return { rows, unreadable: faults };
}
