/** Names the targets that a run has no room for. */

import type { Config } from '../config.ts';
import type { JsonObject } from '../decision.ts';
import { attempt } from '../hosts/attempt.ts';
import type { Host } from '../hosts/host.ts';
import { RECORD_BODY_MAX_BYTES, type Ledger } from '../ledger/ledger.ts';
import { doChores } from './chores.ts';
import { fitted } from './fitted.ts';
import { publishOutcome } from './outcome.ts';
import type { Phase, RunResult } from './result.ts';
import { emitMetrics, logOutcome } from './telemetry.ts';

/** Targets that the record and the event name; all are named in the log. */
const NAMED = 200;

interface Desk {
  readonly host: Host;
  readonly ledger: Ledger;
  readonly config: Config;
  readonly runbook: { readonly name: string };
  readonly phases: readonly Phase[];
  readonly trigger: JsonObject;
}

/**
 * Says of each target that it waits for the next run, and of the run that a person should know: once, in one record and one
 * event. Their results; `served`: how many targets the run has acted on, or looked after by themselves.
 */
export async function reportLeft(
  desk: Desk,
  targets: readonly string[],
  served: number,
): Promise<readonly RunResult[]> {
  const { host, ledger, config, runbook, phases } = desk;
  const because = `one run had room for ${served} targets that need one of their own, and ${targets.length} more wait for the next`;
  const whole: RunResult = {
    runbook: runbook.name,
    run: host.run,
    outcome: 'waiting',
    reason: `left-for-the-next-run: ${because}`,
    evidence: { left: targets.slice(0, NAMED), count: targets.length },
    plan: [],
    phases,
  };
  const results = targets.map((target) => ({ ...whole, target, evidence: {} }));
  await attempt(host, 'report', async () => {
    const at = new Date().toISOString();
    const body = fitted({ ...whole, trigger: desk.trigger }, RECORD_BODY_MAX_BYTES);
    await doChores(runbook.name, [
      ['record', () => ledger.record({ runbook: runbook.name, run: host.run, target: '', at, body })],
      ['publish', () => publishOutcome(config, whole)],
    ]);
    emitMetrics({ runbook: runbook.name, counters: { Attention: 1 } });
    for (const result of results) logOutcome('WARN', result);
    return null;
  });
  return results;
}
