/** The watchdog: each schedule looks for runs that died holding a lease, and says that the schedule itself is alive. */

import { attempt, type Host } from '../hosts/host.ts';
import type { Ledger, ResourceState } from '../ledger/ledger.ts';
import { laterBy, LEASE_SECONDS, type Resources } from '../ledger/access.ts';
import { emitMetrics, log } from './telemetry.ts';

export interface Watch {
  readonly host: Host;
  readonly ledger: Ledger;
  readonly runbook: string;
  /** Targets of this run: what a dead run left undone on them, this run finishes. */
  readonly located: readonly string[];
  readonly resources: Resources | undefined;
  readonly dryRun: boolean;
}

function expired(states: Iterable<ResourceState>, runbook: string, now: string): readonly ResourceState[] {
  return [...states].filter(
    (state) => state.runbook === runbook && state.owner !== undefined && (state.until ?? '') < now,
  );
}

/** A resource that is no longer tagged has nobody to finish its run: its lease is taken over and handed back. */
async function handBack(
  ledger: Ledger,
  runbook: string,
  state: ResourceState,
  run: string,
  now: string,
): Promise<void> {
  const answer = await ledger.acquire({
    resource: state.resource,
    runbook,
    owner: `${run}|${state.resource}`,
    now,
    until: laterBy(now, LEASE_SECONDS),
  });
  if (answer.granted) await ledger.release({ lease: answer.lease, intent: 'settle' });
}

/** Reports expired leases, hands back the orphaned ones, and beats the heart. */
export async function watch({ host, ledger, runbook, located, resources, dryRun }: Watch): Promise<void> {
  await attempt(host, 'watchdog', async () => {
    const now = new Date().toISOString();
    const states = resources === undefined || resources === 'lost' ? [] : expired(resources.values(), runbook, now);
    for (const state of states) {
      const orphaned = !located.includes(state.resource);
      log('WARN', 'lease expired', {
        runbook,
        target: state.resource,
        owner: state.owner ?? '',
        until: state.until ?? '',
        orphaned,
      });
      if (orphaned && !dryRun) await handBack(ledger, runbook, state, host.run, now);
    }
    emitMetrics(runbook, { Heartbeat: 1, LeaseExpired: states.length, LedgerLost: Number(resources === 'lost') });
    return null;
  });
}
