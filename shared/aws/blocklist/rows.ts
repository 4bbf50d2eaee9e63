/** The rows of the ledger as those read them who publish what it has blocked. */

import {
  ALLOW,
  allowRowsOf,
  BLOCK,
  blockRowsOf,
  NEVER_BLOCK,
  isAllowed,
  rangesRowsOf,
  SHARED_EGRESS,
  sharedRowsOf,
} from '../../judgement/blocklist/rows.ts';
import { isListed, LIST, listRowsOf, type ListRow } from '../../judgement/blocklist/list-rows.ts';
import { marksIn, PUBLISHED, type Published } from '../../judgement/blocklist/published.ts';
import type { Wishes } from '../../judgement/blocklist/wishes.ts';
import type { Io } from '../../kernel/definition.ts';
import { openData, type DataItem } from '../../kernel/ledger/data.ts';
import { textOf, textsOf } from '../planned-input.ts';

/** What the ledger wants, its lists by their rows alone. */
export interface LedgerRows {
  readonly wishes: Wishes;
  /** Lists that hold now. */
  readonly listRows: readonly ListRow[];
}

/** Reads it. Throws what DynamoDB throws. */
export async function readRows(io: Io): Promise<LedgerRows> {
  const data = openData();
  const asOf = io.now();
  const [blocks, allow, neverBlock, sharedEgress, listed] = await Promise.all([
    data.list(BLOCK),
    data.list(ALLOW),
    data.list(NEVER_BLOCK),
    data.list(SHARED_EGRESS),
    data.list(LIST),
  ]);
  const [rows, listRows] = [blockRowsOf(blocks), listRowsOf(listed)];
  const [allows, protects, shares] = [allowRowsOf(allow), rangesRowsOf(neverBlock), sharedRowsOf(sharedEgress)];
  const wishes = {
    asOf,
    blocks: rows.rows,
    lists: [],
    unreadable: [...rows.unreadable, ...listRows.unreadable],
    allow: allows.rows,
    neverBlock: protects.rows,
    sharedEgress: shares.rows.filter((row) => isAllowed(row, asOf)),
    guardFaults: [...allows.unreadable, ...protects.unreadable, ...shares.unreadable],
  };
  return { wishes, listRows: listRows.rows.filter((row) => isListed(row, asOf)) };
}

/** What is ours in an enforcement point. A note that cannot be read is not an empty one: what is ours would stay for ever. */
export function publishedIn(item: DataItem | undefined): Published {
  if (item === undefined) return { mine: [], form: 'entries', version: 0 };
  const { value, version } = item;
  if ('marks' in value) return { mine: marksIn(textOf(value, 'marks')), form: 'marks', version };
  return { mine: textsOf(value, 'mine'), form: 'entries', version };
}

/** The note about an enforcement point. */
export async function readNote(arn: string): Promise<Published> {
  return publishedIn(await openData().read(PUBLISHED, arn));
}
