/**
 * A tick at rest in one step: nearly all ticks find that nothing is to be done, and each step of an execution is billed. Everything is
 * read and judged inside it; where all of it is in order, that is told right there. Else nothing is told, and the run begins with steps
 * of its own, each of which can be repeated by itself.
 */

import type { JsonObject } from '../decision.ts';
import type { Limits } from '../definition.ts';
import { attempt, bytesOf, STEP_RESULT_LIMIT_BYTES } from '../hosts/attempt.ts';
import type { Host } from '../hosts/host.ts';
import { fitted } from '../report/fitted.ts';
import { tell } from '../report/report.ts';
import type { Phase, RunEnd, RunResult } from '../report/result.ts';
import { triggerOf } from '../report/trigger.ts';
import { watch } from '../report/watchdog.ts';
import { contextOf, targetRun, type Place, type TargetRun } from './context.ts';
import { close, noTarget } from './door.ts';
import { resultOf, type End } from './end.ts';
import { leftTargets } from './left-over.ts';
import { readAll } from './locate.ts';
import type { RunParts } from './run.ts';
import { endOnSight } from './rounds.ts';
import { once, placesOf } from './serve.ts';
import { isToldOf, suspicionOf } from './suspicion.ts';

/** Targets that one step looks at side by side, as in a round: more are looked at in rounds, each in a step of its own. */
const GLANCE_TARGETS = 20;

/** What the step keeps of each result, bytes; the line and the record have the whole of it. */
const RESULT_BYTES = 1_000;

/** What is around the results, bytes: ten times what it is. */
const ENVELOPE_BYTES = 1_000;

/** The end of a tick at which nothing is to be done, already told; `undefined`: something is, or it could not be seen. */
export async function glance<Request extends JsonObject, Seen extends object, L extends Limits>(
  parts: RunParts<Request, Seen, L>,
  request: Request,
  gate: Phase,
): Promise<RunEnd | undefined> {
  const still = await attempt(
    parts.host,
    'glance',
    async (signal) => (await lookAround(parts, request, gate, signal)) ?? null,
  );
  return still.ok && still.value !== null ? { results: still.value, failure: undefined } : undefined;
}

/** The host as it is inside a step: what would be steps simply run. Whoever wants to wait is no longer at rest. */
function withinStep(host: Host): Host {
  return {
    ...host,
    kind: 'plain',
    step: (_name, effect) => effect(),
    wait: () => Promise.reject(new Error('a glance does not wait')),
  };
}

/** The results, told, where all is in order; `undefined`: nothing was told. */
async function lookAround<Request extends JsonObject, Seen extends object, L extends Limits>(
  parts: RunParts<Request, Seen, L>,
  request: Request,
  gate: Phase,
  signal: AbortSignal,
): Promise<readonly RunResult[] | undefined> {
  const { definition, delivery, ledger, limits } = parts;
  const host = withinStep(parts.host);
  const { located, switches, mode, resources } = await readAll({ ...parts, host }, request);
  const dryRun = mode.mode === 'plan';
  if (!located.ok || resources === undefined || resources === 'lost') return undefined;

  const { name } = definition;
  const targets = located.value;
  const isUnusual = suspicionOf(definition, targets, limits) !== undefined || isToldOf(resources, name, dryRun);
  const isLeft = !dryRun && leftTargets(resources, name, targets, located.endedAt).length > 0;
  if (isUnusual || isLeft || targets.length > GLANCE_TARGETS) return undefined;

  const phases = [gate, { name: 'locate', startedAt: located.startedAt, endedAt: located.endedAt }];
  const trigger = triggerOf(delivery);
  const reading = { mode, isTick: true, isAsked: false, trigger, switches, locatedAt: located.startedAt, phases };
  const context = contextOf(parts, request, reading);
  const places = placesOf(context, once(targets), resources, located.endedAt);
  const looked = await Promise.all(places.map((place) => lookAt(targetRun(context, host, place), place, signal)));
  const seen = looked.flatMap((each) => each ?? []);
  if (seen.length < places.length) return undefined;
  const kept = seen.map(({ result }) => fitted({ ...result, evidence: {}, phases: [] }, RESULT_BYTES));
  if (bytesOf(kept) > STEP_RESULT_LIMIT_BYTES - ENVELOPE_BYTES) return undefined;

  // From here on it is told, and so there is no way back to the run with steps of its own.
  const named = targets.map(({ target }) => target);
  await watch({
    host: { ...host, kind: parts.host.kind },
    ledger,
    runbook: name,
    located: named,
    resources,
    dryRun,
  });
  if (seen.length === 0) return (await close({ ...parts, host }, noTarget(delivery), phases)).results;
  await Promise.all(seen.map(({ run, end, result }) => tell(run, end, result)));
  return kept;
}

/** What a look at a target came to, not told yet. */
interface Looked<Facts extends object> {
  readonly run: TargetRun<Facts>;
  readonly end: End;
  readonly result: RunResult;
}

/** `undefined`: there is more to it than one look. */
async function lookAt<Facts extends object>(
  run: TargetRun<Facts>,
  place: Place<Facts>,
  signal: AbortSignal,
): Promise<Looked<Facts> | undefined> {
  const end = await endOnSight(run, place, signal);
  return typeof end === 'number' ? undefined : { run, end, result: resultOf(run, end) };
}
