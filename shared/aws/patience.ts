/** Short patience inside one invocation: looking again until AWS shows what was done. */

import type { Io, Verification } from '../kernel/definition.ts';

/** Between two looks: what AWS shows late it shows within seconds, and a poll is a request. */
const POLL_MS = 2_000;

/** Looks until `look` finds the effect, or until another look would come later than `patienceMs` after the first; the last finding. */
export async function lookUntil(io: Io, patienceMs: number, look: () => Promise<Verification>): Promise<Verification> {
  const until = Date.parse(io.now()) + patienceMs;
  for (;;) {
    const found = await look();
    if (found.ok || Date.parse(io.now()) + POLL_MS > until) return found;
    await io.sleep(POLL_MS);
  }
}
