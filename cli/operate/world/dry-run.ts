/** A dry run on a world: it sees the world as it stands, is kept, and leaves everything else as it was. Pure. */

import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { isJsonObject } from '../../../shared/kernel/json.ts';
import type { ResourceState } from '../../../shared/kernel/ledger/ledger.ts';
import type { SimulationEnd } from '../../../simulator/engine/simulation.ts';
import { parseDuration } from '../../../simulator/world/duration.ts';
import type { WorldLedger } from '../../../simulator/world/ledger.ts';
import { callsAfter, RUNS_WITH_CALLS } from '../../../simulator/world/run-calls.ts';

/** The world without what is still to happen in it: only what the script has happen at once is there. */
export function asItStands(file: JsonObject): JsonObject {
  const { script, ...rest } = file;
  if (!Array.isArray(script)) return file;
  const atOnce = script.filter((step) => {
    const after = isJsonObject(step) ? step['after'] : undefined;
    return typeof after !== 'string' || parseDuration(after) === 0;
  });
  return { ...rest, script: atOnce };
}

/** A run that is the dry one. */
type IsOwn = (runbook: string, run: string) => boolean;

/** A dry run holds nothing and acts on nothing: what it has remembered is all that is new of a resource. */
function remembered(before: readonly ResourceState[], after: readonly ResourceState[]): readonly ResourceState[] {
  const known = new Map(before.map((state) => [JSON.stringify([state.runbook, state.resource]), state]));
  for (const { resource, runbook, history } of after) {
    const key = JSON.stringify([runbook, resource]);
    const state = known.get(key) ?? { resource, runbook, history: { epoch: 0, actions: [], memory: {} } };
    known.set(key, { ...state, history: { ...state.history, memory: history.memory } });
  }
  return [...known.values()];
}

/** What the ledger knows after it: its record, what it has sent, what it remembers; nothing of what else was simulated. */
export function ledgerAfterDryRun(before: WorldLedger, end: SimulationEnd, runbook: string, isOwn: IsOwn): WorldLedger {
  const ofOwn = end.ledger.records.filter((record) => isOwn(record.runbook, record.run));
  const calls = callsAfter([], end).filter((one) => isOwn(one.runbook, one.run));
  return {
    ...before,
    runs: [...before.runs, ...ofOwn],
    calls: [...before.calls, ...calls].slice(-RUNS_WITH_CALLS),
    resources: remembered(
      before.resources,
      end.ledger.resources.filter((state) => state.runbook === runbook),
    ),
  };
}
