/** The data ledger in memory: the same answers as the one on DynamoDB, through the simulation's request queue and its faults. */

import { checkedWrite, type DataItem, type DataLedger, type DataWrite } from '../../shared/kernel/ledger/data.ts';
import type { MemoryLedgerOptions } from './ledger.ts';
import { copied } from './json.ts';

/** What it begins with, and who is told of its changes. */
export interface MemoryDataOptions extends Pick<MemoryLedgerOptions, 'submit'> {
  readonly items?: readonly DataItem[];
  /** Hears of every write, as the table's stream tells of it. */
  readonly onChange?: (item: DataItem) => void;
}

/** A data ledger that lives as long as the simulation. */
export interface MemoryData extends DataLedger {
  /** All items, by partition and key. */
  readonly dump: () => readonly DataItem[];
  /** Has it there from the start: no stream tells of it. */
  readonly know: (item: Omit<DataItem, 'version'>) => void;
  /** Puts an item there whatever stands there, as an operator's tool would. */
  readonly put: (item: Omit<DataItem, 'version'>) => void;
}

function nameOf({ partition, key }: Pick<DataItem, 'partition' | 'key'>): string {
  return `${partition}/${key}`;
}

/** Makes one. */
export function memoryData({ submit, items = [], onChange }: MemoryDataOptions = {}): MemoryData {
  const table = new Map(items.map((item) => [nameOf(item), item]));
  const sorted = (): readonly DataItem[] =>
    [...table.values()].toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
  const store = (item: DataItem): void => {
    table.set(nameOf(item), copied(item));
    onChange?.(item);
  };
  const write = (given: DataWrite): boolean => {
    const { partition, key, ifVersion, value } = checkedWrite(given);
    if ((table.get(nameOf(given))?.version ?? 0) !== ifVersion) return false;
    store({ partition, key, version: ifVersion + 1, value });
    return true;
  };
  const ask = async <T>(
    call: string,
    kind: 'read' | 'write',
    input: object,
    run: () => T,
    conflict: () => T = run,
  ): Promise<T> =>
    submit === undefined ? run() : submit({ call: `ledger:${call}`, kind, input: { ...input }, run, conflict });
  return {
    read: (partition, key) => ask('read', 'read', { partition, key }, () => table.get(nameOf({ partition, key }))),
    list: (partition, keyPrefix = '') =>
      ask('list', 'read', { partition, ...(keyPrefix === '' ? {} : { keyPrefix }) }, () =>
        sorted().filter((item) => item.partition === partition && item.key.startsWith(keyPrefix)),
      ),
    write: (given) =>
      ask(
        'write',
        'write',
        given,
        () => write(given),
        () => false,
      ),
    dump: sorted,
    know: (item) => void table.set(nameOf(item), { ...copied(item), version: 1 }),
    put: (item) => store({ ...item, version: (table.get(nameOf(item))?.version ?? 0) + 1 }),
  };
}
