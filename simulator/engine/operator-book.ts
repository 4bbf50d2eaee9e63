/** The control ledger in memory as people read and write it: the same answers as the one on DynamoDB. */

import type { ModeRow, RunRecord } from '../../shared/kernel/ledger/ledger.ts';
import { recordItem, type Item } from '../../shared/kernel/ledger/items.ts';
import { prefixOfDay } from '../../shared/kernel/ledger/lines.ts';
import {
  newestFirst,
  operationItem,
  operationOf,
  recordBodyOf,
  recordLineOf,
  type Operation,
  type OperatorBook,
} from '../../shared/kernel/ledger/operations.ts';
import type { MemoryLedger } from './ledger.ts';
import { memoryRecordBook } from './record-book.ts';

/** What stands in the book beside leases and records, to be kept with them. */
export interface OperatorRows {
  readonly modes: readonly ModeRow[];
  readonly operations: readonly Operation[];
}

export interface MemoryOperatorBook extends OperatorBook {
  readonly dump: () => OperatorRows;
}

function keyOf(item: Item): string {
  return item['sk']?.S ?? '';
}

function inOrder(rows: ReadonlyMap<string, Item>): Item[] {
  return [...rows.values()].toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}

/**
 * The operator's book of a ledger in memory.
 * @param rows what stands in it from the start, beside the ledger
 */
export function memoryOperatorBook(ledger: MemoryLedger, rows?: OperatorRows): MemoryOperatorBook {
  const operations = new Map<string, Item>();
  const put = (table: Map<string, Item>, item: Item): void => void table.set(keyOf(item), item);
  for (const row of rows?.modes ?? []) void ledger.setMode(row);
  for (const operation of rows?.operations ?? []) put(operations, operationItem(operation));
  const records = (): readonly RunRecord[] => ledger.dump().records;
  // Made of those alone that are asked for: of thousands each is a body to be written.
  const itemsAt = (isAsked: (key: string) => boolean): ReadonlyMap<string, Item> =>
    new Map(
      records()
        .filter(({ runbook, run, target }) => isAsked(`${runbook}#${run}#${target}`))
        .map((record) => recordItem(record))
        .map((item) => [keyOf(item), item]),
    );
  return {
    ...memoryRecordBook(records),
    switches: () => Promise.resolve(ledger.dump().switches),
    modes: () => Promise.resolve(ledger.dump().modes),
    resources: () => Promise.resolve(ledger.dump().resources),
    beginning: (runbook, run) => {
      const found = inOrder(itemsAt((key) => key.startsWith(`${runbook}#${run}`)));
      return Promise.resolve(newestFirst(found.map(recordLineOf)));
    },
    read: async ({ runbook, run, target }) => {
      const asked = `${runbook}#${run}#${target}`;
      const item = itemsAt((key) => key === asked).get(asked);
      return Promise.resolve(item === undefined ? undefined : recordBodyOf(item));
    },
    operations: async (day) => {
      const prefix = prefixOfDay(day);
      const found = inOrder(operations).filter((item) => keyOf(item).startsWith(prefix));
      return Promise.resolve(newestFirst(found.map(operationOf)));
    },
    turnOff: ledger.setSwitch,
    turnOn: ledger.clearSwitch,
    setMode: ledger.setMode,
    approve: ledger.approve,
    clear: ledger.clear,
    note: async (operation) => Promise.resolve(put(operations, operationItem(operation))),
    dump: () => ({
      modes: ledger.dump().modes,
      operations: inOrder(operations).map(operationOf),
    }),
  };
}
