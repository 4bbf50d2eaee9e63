/** The account as it was before the latest write, for reads that are stale: by Region, for the others know nothing of a write. */

import type { WorldData } from './model.ts';
import type { SimulatedWorld } from './world.ts';

/** A stale read is at most this old: EC2's documentation speaks of seconds, up to minutes. Assumed. */
const STALE_AT_MOST_MS = 60_000;

/** An older copy of what a Region holds, and when it was taken. */
interface OlderCopy {
  readonly data: WorldData;
  readonly atMs: number;
}

/** The older copies of one run. */
export class OlderCopies {
  readonly #copies = new Map<string, OlderCopy>();

  /** Takes one of a Region, right before a write there. */
  take({ region, data, clock }: SimulatedWorld): void {
    this.#copies.set(region, { data: structuredClone(data), atMs: clock.now() });
  }

  /** Runs a read on the older copy of its Region; `undefined`: there is none that it could still see. */
  read<T>(world: SimulatedWorld, run: () => T): { readonly answer: T } | undefined {
    const older = this.#copies.get(world.region);
    if (older === undefined || world.clock.now() - older.atMs > STALE_AT_MOST_MS) return undefined;
    const current = world.data;
    // A read must not be able to change the copy for the next one.
    world.data = structuredClone(older.data);
    try {
      return { answer: run() };
    } finally {
      world.data = current;
    }
  }
}
