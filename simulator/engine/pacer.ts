/** The token buckets in memory: the same places as those on DynamoDB, through the simulation's request queue and its faults. */

import { placeIn, type Booking, type Pacer } from '../../shared/kernel/ledger/pacer.ts';
import type { MemoryLedgerOptions } from './ledger.ts';

/** Buckets that nobody has drawn on yet. */
export function memoryPacer({ submit }: Pick<MemoryLedgerOptions, 'submit'> = {}): Pacer {
  const fullAtMs = new Map<string, number>();
  const book = (booking: Booking): number | null => {
    const place = placeIn(fullAtMs.get(booking.bucket), booking);
    if (place === null) return null;
    fullAtMs.set(booking.bucket, place.fullAtMs);
    return place.waitMs;
  };
  return {
    book: async (booking) => {
      const run = (): number | null => book(booking);
      return submit === undefined
        ? run()
        : submit({ call: 'ledger:book', kind: 'write', input: { ...booking }, run, conflict: run });
    },
  };
}
