/** One run: a delivery, stopped at the door or located, and carried out for each of its targets. */

import type { Config } from '../config.ts';
import type { JsonObject } from '../decision.ts';
import type { Limits, Located, RunbookDefinition } from '../definition.ts';
import type { Host } from '../hosts/host.ts';
import type { Resources } from '../ledger/access.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Phase, RunEnd } from '../report/result.ts';
import { watch } from '../report/watchdog.ts';
import type { Delivery } from '../triggers/triggers.ts';
import { bind, type BoundRunbook, type RunContext } from './context.ts';
import { close, match, noTarget, stopAtDoor, verdict } from './door.ts';
import { announcedIn, historyOf, known, readAll } from './locate.ts';
import { runTarget } from './target-run.ts';

/** What a run is made of. */
export interface RunParts<Request extends JsonObject, Seen extends object, L extends Limits> {
  readonly definition: RunbookDefinition<Request, Seen, L>;
  readonly limits: L;
  readonly config: Config;
  readonly ledger: Ledger;
  readonly host: Host;
  readonly delivery: Delivery;
  readonly startedAt: string;
}

/** Targets whose first decision would act; one without facts yet counts, since it may. */
function actingTargets<Seen extends object>(
  runbook: BoundRunbook<Seen>,
  located: readonly Located<Seen>[],
  resources: Resources | undefined,
  now: string,
): number {
  return located.filter(({ target, facts }) => {
    if (facts === undefined) return true;
    const decision = runbook.decide({ ...facts, history: historyOf(resources, target) }, now);
    return decision.kind === 'act' && decision.budget === 'counted';
  }).length;
}

/** Runs one delivery to its end. Failures are recorded in the results and returned, not thrown. */
export async function runDelivery<Request extends JsonObject, Seen extends object, L extends Limits>(
  parts: RunParts<Request, Seen, L>,
): Promise<RunEnd> {
  const { definition, delivery, host, limits, config, ledger, startedAt } = parts;
  const gatePhase: Phase = { name: 'gate', startedAt, endedAt: startedAt };
  const request = match(definition.triggers, delivery);
  if (request === undefined)
    return close(parts, verdict('not-mine', 'no-trigger', `${definition.name} is not started by this`), [gatePhase]);
  const stopped = stopAtDoor(delivery, host, limits, startedAt);
  if (stopped !== undefined) return close(parts, stopped, [gatePhase]);

  const { located, switches, resources } = await readAll(parts, request);
  const phases = [gatePhase, { name: 'locate', startedAt: located.startedAt, endedAt: located.endedAt }];
  if (!located.ok) {
    const because = `${located.fault.name}: ${located.fault.message}`;
    return close(parts, verdict('failed', 'cannot-look', because), phases, located.fault);
  }
  const targets = located.value;
  const now = located.endedAt;
  const dryRun = config.dryRun || (delivery.kind === 'request' && delivery.dryRun);
  if (delivery.kind === 'schedule') {
    const names = targets.map(({ target }) => target);
    await watch({ host, ledger, runbook: definition.name, located: names, resources, dryRun });
  }
  if (targets.length === 0) return close(parts, noTarget(delivery), phases);

  const runbook = bind(definition, request, limits);
  const acting = actingTargets(runbook, targets, resources, now);
  if (acting > limits.maxTargets) {
    const because = `${acting} targets would be acted on, the limit is ${limits.maxTargets}`;
    return close(parts, verdict('refused', 'too-many-targets', because), phases);
  }
  const locatedAt = located.startedAt;
  const context: RunContext<Seen> = { runbook, limits, config, ledger, dryRun, switches, locatedAt, phases };
  const announced = announcedIn(resources, definition.name);
  const ends = await host.each('targets', targets, (target, _index, own) =>
    runTarget(context, own, target, known(resources, announced, target.target, now)),
  );
  return { results: ends.map(({ result }) => result), failure: ends.find(({ fault }) => fault !== undefined)?.fault };
}
