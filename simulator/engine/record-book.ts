/** The record book of the ledger in memory. */

import { latestOf, prefixOfDay } from '../../shared/kernel/ledger/lines.ts';
import { runLineOf, signposts } from '../../shared/kernel/ledger/items.ts';
import type { RecordBook, RunRecord } from '../../shared/kernel/ledger/ledger.ts';

/** Finds among the records of a run's end. */
export function memoryRecordBook(records: () => readonly RunRecord[]): RecordBook {
  const lines = () => records().flatMap((record) => signposts(record).slice(0, 1).map(runLineOf));
  return {
    on: async (day) => {
      const prefix = prefixOfDay(day);
      return Promise.resolve(latestOf(lines().filter(({ at }) => at.startsWith(prefix))));
    },
    about: (of) => Promise.resolve(latestOf(lines().filter(({ target }) => target !== '' && target === of))),
  };
}
