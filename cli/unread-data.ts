/** The data ledger of `handle --aws` without `--ledger`: empty, which says nothing of the account. */

import type { DataLedger } from '../shared/kernel/ledger/data.ts';
import { memoryData } from '../simulator/engine/data.ts';

const WARNING =
  'warning: the ledger is not read (give --ledger PREFIX): what runbooks keep there, a gang that runs, is not known';

/** An empty data ledger; `say` hears, once, that a runbook has asked it. */
export function unreadData(say: (line: string) => void): DataLedger {
  const { read, list, write } = memoryData();
  let isSaid = false;
  const warn = (): void => {
    if (!isSaid) say(WARNING);
    isSaid = true;
  };
  return {
    read: (partition, key) => {
      warn();
      return read(partition, key);
    },
    list: (partition, keyPrefix) => {
      warn();
      return list(partition, keyPrefix);
    },
    write,
  };
}
