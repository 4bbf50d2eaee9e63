/** The watchdog: each schedule looks for runs that died holding a lease, and says that the schedule itself is alive. */

import { attempt } from '../hosts/attempt.ts';
import type { Host, HostKind } from '../hosts/host.ts';
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

/**
 * So long after its lease has run out a run is dead, seconds. A plain one at once: its lease outlasts every call. A durable one
 * holds it through its waits, and may be woken late (Lambda throttles, or repeats an invocation that died after a minute and more):
 * it goes on by itself.
 */
const GRACE_SECONDS: { readonly [kind in HostKind]: number } = { plain: 0, durable: 300 };

/** The resources of the runbook whose leases ran out by `then`. */
function expired(states: Iterable<ResourceState>, runbook: string, then: string): readonly ResourceState[] {
  return [...states].filter(
    (state) => state.runbook === runbook && state.owner !== undefined && (state.until ?? '') < then,
  );
}

/** Expires within this time: it is written to, so that what is in use never does. */
const REFRESH_SECONDS = 200 * 86_400;

/** What the ledger knows of the targets does not expire while there are runs on them. */
async function refresh({ ledger, runbook, located, resources }: Watch, now: string): Promise<void> {
  if (resources === undefined || resources === 'lost') return;
  for (const target of located) {
    const expiresAt = resources.get(target)?.expiresAt;
    if (expiresAt !== undefined && expiresAt < laterBy(now, REFRESH_SECONDS))
      await ledger.remember(target, runbook, {});
  }
}

/**
 * A resource that is no longer tagged has nobody to finish its run: its lease is taken over and handed back. What was announced about
 * it stays announced: a look of its own tells of that, and settles it.
 */
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
  const intent = state.history.pending === undefined ? 'settle' : 'keep';
  if (answer.granted) await ledger.release({ lease: answer.lease, intent });
}

/** Reports expired leases, hands back the orphaned ones, and beats the heart. */
export async function watch(how: Watch): Promise<void> {
  const { host, ledger, runbook, located, resources, dryRun } = how;
  await attempt(host, 'watchdog', async () => {
    const now = new Date().toISOString();
    const then = laterBy(now, -GRACE_SECONDS[host.kind]);
    const states = resources === undefined || resources === 'lost' ? [] : expired(resources.values(), runbook, then);
    emitMetrics({
      runbook,
      gauges: { Heartbeat: 1 },
      counters: { LeaseExpired: states.length, LedgerLost: Number(resources === 'lost') },
    });
    const named = new Set(located);
    for (const state of states) {
      const orphaned = !named.has(state.resource);
      log('WARN', 'lease expired', {
        runbook,
        target: state.resource,
        owner: state.owner ?? '',
        until: state.until ?? '',
        orphaned,
      });
      // A ledger that does not answer leaves it to the next tick.
      if (orphaned && !dryRun) await handBack(ledger, runbook, state, host.run, now).catch(() => undefined);
    }
    if (!dryRun) await refresh(how, now);
    return null;
  });
}
