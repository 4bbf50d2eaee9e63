/** One run: a delivery, stopped at the door or located, and carried out for each of its targets. */

import type { Config } from '../config.ts';
import type { JsonObject } from '../decision.ts';
import type { Limits, RunbookDefinition } from '../definition.ts';
import type { Host } from '../hosts/host.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Phase, RunEnd } from '../report/result.ts';
import { triggerOf } from '../report/trigger.ts';
import { watch } from '../report/watchdog.ts';
import type { Delivery } from '../triggers/triggers.ts';
import { contextOf } from './context.ts';
import { close, match, noTarget, noTrigger, refuseAll, stopAtDoor, verdict } from './door.ts';
import { readAll } from './locate.ts';
import { leftTargets } from './left-over.ts';
import { serve } from './serve.ts';
import { forget, isToldOf, keepInMind, suspicionOf } from './suspicion.ts';

/** What a run is made of. */
export interface RunParts<Request extends JsonObject, Seen extends object, L extends Limits> {
  readonly definition: RunbookDefinition<Request, Seen, L>;
  readonly limits: L;
  readonly config: Config;
  readonly ledger: Ledger;
  readonly host: Host;
  readonly delivery: Delivery;
  readonly startedAt: string;
  /** Targets may be looked at in rounds; not in an execution that an older version began. */
  readonly inRounds: boolean;
  /** A tick may be over after one step; not in an execution that an older version began. */
  readonly atAGlance: boolean;
  /** A dry run is told, remembers and waits; not in an execution that an older version began. */
  readonly keepsPlans: boolean;
}

/** Runs one delivery to its end. Failures are recorded in the results and returned, not thrown. */
export async function runDelivery<Request extends JsonObject, Seen extends object, L extends Limits>(
  parts: RunParts<Request, Seen, L>,
): Promise<RunEnd> {
  const { definition, delivery, host, limits, config, ledger, startedAt } = parts;
  const gatePhase: Phase = { name: 'gate', startedAt, endedAt: startedAt };
  const request = match(definition.triggers, delivery);
  if (request === undefined) return close(parts, noTrigger(delivery, definition.name), [gatePhase]);
  const stopped = stopAtDoor(delivery, host, limits, startedAt);
  if (stopped?.outcome === 'refused') return refuseAll(parts, stopped, [gatePhase]);
  if (stopped !== undefined) return close(parts, stopped, [gatePhase]);

  const mayBeAtRest = delivery.kind === 'schedule' && parts.atAGlance && (parts.keepsPlans || !config.dryRun);
  const atRest = mayBeAtRest ? await definition.host.long?.glance(parts, request, gatePhase) : undefined;
  if (atRest !== undefined) return atRest;

  const { located, switches, mode, resources } = await readAll(parts, request);
  const dryRun = mode.mode === 'plan';
  const phases = [gatePhase, { name: 'locate', startedAt: located.startedAt, endedAt: located.endedAt }];
  if (!located.ok) {
    const because = `${located.fault.name}: ${located.fault.message}`;
    return close(parts, verdict('failed', 'cannot-look', because), phases, located.fault);
  }
  const targets = located.value;
  if (delivery.kind === 'schedule') {
    const names = targets.map(({ target }) => target);
    await watch({ host, ledger, runbook: definition.name, located: names, resources, dryRun });
  }
  const takesUp = delivery.kind === 'schedule' && parts.inRounds && !dryRun;
  const left = takesUp ? leftTargets(resources, definition.name, targets, located.endedAt) : [];
  if (targets.length + left.length === 0) return close(parts, noTarget(delivery), phases);

  const { name } = definition;
  const suspicion = suspicionOf(definition, targets, limits);
  const isTold = isToldOf(resources, name, dryRun);
  if (suspicion !== undefined) {
    const end = verdict('refused', 'suspicious', suspicion);
    return refuseAll(parts, end, phases, { isSilent: isTold, more: [keepInMind(ledger, name, dryRun)] });
  }
  if (isTold && (parts.keepsPlans || !dryRun)) await forget(host, ledger, name, dryRun);

  const isTick = delivery.kind === 'schedule' || !parts.keepsPlans;
  const isAsked = delivery.kind === 'request';
  const hint = isAsked ? delivery.approval : undefined;
  const trigger = triggerOf(delivery);
  const reading = { mode, isTick, isAsked, hint, trigger, switches, locatedAt: located.startedAt, phases };
  const context = contextOf(parts, request, reading);
  return serve(context, host, {
    located: [...targets, ...left],
    resources,
    now: located.endedAt,
    inRounds: parts.inRounds,
  });
}
