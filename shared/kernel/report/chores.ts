/** What is left to do about a run that has ended: each by itself, repeated, and counted where it fails for good. */

import { emitMetrics, log } from './telemetry.ts';

/** A piece of work that may be done twice. */
export type Chore = readonly [name: string, work: () => Promise<unknown>];

/** Pauses before a chore is tried again, milliseconds: they outlast a single throttle and a lost reply, not an outage. */
const PAUSES_MS = [200, 1_000] as const;

async function persist(work: () => Promise<unknown>): Promise<boolean> {
  for (const pauseMs of [...PAUSES_MS, undefined]) {
    try {
      await work();
      return true;
    } catch {
      if (pauseMs !== undefined) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
  return false;
}

/** Does them side by side. One that fails does not change the outcome; it is counted, and the count alarms. Never throws. */
export async function doChores(runbook: string, chores: readonly Chore[]): Promise<void> {
  const done = await Promise.all(chores.map(async ([name, work]) => ({ name, isDone: await persist(work) })));
  for (const { name, isDone } of done) {
    if (isDone) continue;
    log('ERROR', 'chore failed', { runbook, chore: name });
    emitMetrics({ runbook, counters: name === 'publish' ? { OutcomeNotPublished: 1 } : { LedgerLost: 1 } });
  }
}
