/** One run: a delivery, gated, located, decided and carried out for each of its targets. */

import type { Config } from '../config.ts';
import type { HistoryReading, JsonObject, Outcome } from '../decision.ts';
import type { HostKind, Limits, Located, RunbookDefinition } from '../definition.ts';
import type { Fault } from '../errors.ts';
import { attempt, type Attempt, type Host } from '../hosts/host.ts';
import { makeIo } from './io.ts';
import { EMPTY_HISTORY, type Ledger } from '../ledger/ledger.ts';
import { readResources, readSwitch, type Resources, type SwitchReading } from '../ledger/access.ts';
import { report, type Desk } from '../report/report.ts';
import type { Phase, RunResult } from '../report/result.ts';
import type { End, RunContext } from './end.ts';
import { TargetRun, type Known } from './target-run.ts';
import { emitMetrics, logOutcome } from '../report/telemetry.ts';
import type { Delivery } from '../triggers/triggers.ts';
import { watch } from '../report/watchdog.ts';

/** An event dated later than this is not from our world: AWS's clocks agree to well within it. */
const MAX_FUTURE_SECONDS = 300;
/**
 * Waits before `locate` is tried again, seconds. On the plain host Lambda's own retry then has its turn; nobody repeats a
 * durable run, so it outlasts a minute of throttling by itself.
 */
const LOCATE_BACKOFF_SECONDS: { readonly [kind in HostKind]: readonly number[] } = {
  plain: [1, 2],
  durable: [1, 2, 4, 8, 16, 32],
};

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

/** Results, and the first failure: recorded, and still to be thrown. */
export interface RunEnd {
  readonly results: readonly RunResult[];
  readonly failure: Fault | undefined;
}

/** What closing a run at the door needs. */
interface Doors {
  readonly definition: { readonly name: string };
  readonly host: Host;
}

type Verdict = Pick<End, 'outcome' | 'code' | 'because'>;

function verdict(outcome: Outcome, code: string, because: string): Verdict {
  return { outcome, code, because };
}

/** Why a delivery goes no further than the door, if it does not. */
function gate<Request extends JsonObject, Seen extends object, L extends Limits>(
  parts: RunParts<Request, Seen, L>,
): Verdict | undefined {
  const { delivery, host, limits, startedAt } = parts;
  if (delivery.kind === 'test-notification')
    return verdict('nothing', 'test-notification', 'sent when a hook or a topic is set up; nothing happened');
  if (delivery.account !== undefined && delivery.account !== host.account)
    return verdict('not-mine', 'foreign-account', `the event is about account ${delivery.account}`);
  if (delivery.region !== undefined && delivery.region !== host.region)
    return verdict('not-mine', 'foreign-region', `the event is about region ${delivery.region}`);
  if (delivery.at === undefined) return undefined;
  const ageSeconds = Math.round((Date.parse(startedAt) - Date.parse(delivery.at)) / 1_000);
  if (ageSeconds > limits.maxAgeSeconds)
    return verdict(
      'refused',
      'stale',
      `the event is ${ageSeconds} s old, the limit is ${limits.maxAgeSeconds} s; the schedule looks at the present state`,
    );
  if (ageSeconds < -MAX_FUTURE_SECONDS)
    return verdict('refused', 'from-the-future', `the event is dated ${-ageSeconds} s from now`);
  return undefined;
}

function match<Request extends JsonObject, Seen extends object, L extends Limits>(
  definition: RunbookDefinition<Request, Seen, L>,
  delivery: Delivery,
): Request | undefined {
  for (const trigger of definition.triggers) {
    const request = trigger.request(delivery);
    if (request !== undefined) return request;
  }
  return undefined;
}

/** One result for a run without targets. */
async function close(parts: Doors, end: Verdict, phases: readonly Phase[], fault?: Fault): Promise<RunEnd> {
  const { outcome, code, because } = end;
  const result: RunResult = {
    runbook: parts.definition.name,
    run: parts.host.run,
    outcome,
    reason: `${code}: ${because}`,
    evidence: {},
    plan: [],
    phases,
  };
  await attempt(parts.host, 'report', () => {
    emitMetrics(parts.definition.name, {
      Refused: Number(outcome === 'refused'),
      Failed: Number(outcome === 'failed'),
      NotMine: Number(outcome === 'not-mine'),
    });
    logOutcome(outcome === 'failed' ? 'ERROR' : 'INFO', result);
    return Promise.resolve(null);
  });
  return { results: [result], failure: fault };
}

interface Readings<Seen extends object> {
  readonly located: Attempt<readonly Located<Seen>[]>;
  readonly switches: SwitchReading;
  /** Read for schedules and people only: an event's hot path learns the history with its lease. */
  readonly resources: Resources | undefined;
}

/** Everything that can be read before it is known what it is about, side by side. */
async function readAll<Request extends JsonObject, Seen extends object, L extends Limits>(
  parts: RunParts<Request, Seen, L>,
  request: Request,
): Promise<Readings<Seen>> {
  const { definition, host, ledger, delivery } = parts;
  const { run, account, region } = host;
  const locate = (name: string): Promise<Attempt<readonly Located<Seen>[]>> =>
    attempt(host, name, (signal) => definition.locate(request, makeIo({ run, account, region, signal, target: '' })));
  const patient = async (): Promise<Attempt<readonly Located<Seen>[]>> => {
    let reading = await locate('locate');
    for (const [index, seconds] of LOCATE_BACKOFF_SECONDS[host.kind].entries()) {
      if (reading.ok || reading.fault.class === 'terminal') return reading;
      await host.wait(`locate-backoff:${index}`, seconds);
      reading = await locate(`locate:${index + 1}`);
    }
    return reading;
  };
  const asksAboutAny = delivery.kind === 'schedule' || delivery.kind === 'request';
  const located = patient();
  // Each of these is several steps when something fails: side by side on the durable host their order would not replay.
  if (host.kind === 'durable') await located;
  const switches = readSwitch(host, ledger, definition.name);
  if (host.kind === 'durable') await switches;
  const resources = asksAboutAny ? readResources(host, ledger) : undefined;
  return { located: await located, switches: await switches, resources: await resources };
}

function historyOf(resources: Resources | undefined, target: string): HistoryReading {
  if (resources === undefined) return 'unread';
  return resources === 'lost' ? 'lost' : (resources.get(target)?.history ?? EMPTY_HISTORY);
}

/** What the ledger knows of a target before its run begins. */
function known(resources: Resources | undefined, target: string, now: string): Known {
  const state = resources === undefined || resources === 'lost' ? undefined : resources.get(target);
  const history = historyOf(resources, target);
  return state?.owner !== undefined && state.until !== undefined && state.until > now
    ? { history, heldUntil: state.until }
    : { history };
}

/** Targets whose first decision would act; one without facts yet counts, since it may. */
function actingTargets<Request extends JsonObject, Seen extends object, L extends Limits>(
  parts: RunParts<Request, Seen, L>,
  readings: Readings<Seen>,
  located: readonly Located<Seen>[],
  now: string,
): number {
  return located.filter(({ target, facts }) => {
    if (facts === undefined) return true;
    const decision = parts.definition.decide(
      { ...facts, history: historyOf(readings.resources, target) },
      parts.limits,
      now,
    );
    return decision.kind === 'act' && decision.budget === 'counted';
  }).length;
}

/** Runs one delivery to its end. Failures are recorded in the results and returned, not thrown. */
export async function runDelivery<Request extends JsonObject, Seen extends object, L extends Limits>(
  parts: RunParts<Request, Seen, L>,
): Promise<RunEnd> {
  const { definition, delivery, host, limits, config, ledger } = parts;
  const gatePhase: Phase = { name: 'gate', startedAt: parts.startedAt, endedAt: parts.startedAt };
  const request = match(definition, delivery);
  if (request === undefined)
    return close(parts, verdict('not-mine', 'no-trigger', `${definition.name} is not started by this`), [gatePhase]);
  const stopped = gate(parts);
  if (stopped !== undefined) return close(parts, stopped, [gatePhase]);
  const readings = await readAll(parts, request);
  const { located, switches } = readings;
  const phases: readonly Phase[] = [
    gatePhase,
    { name: 'locate', startedAt: located.startedAt, endedAt: located.endedAt },
  ];
  if (!located.ok)
    return close(
      parts,
      verdict('failed', 'cannot-look', `${located.fault.name}: ${located.fault.message}`),
      phases,
      located.fault,
    );
  const dryRun = config.dryRun || (delivery.kind === 'request' && delivery.dryRun);
  if (delivery.kind === 'schedule')
    await watch({
      host,
      ledger,
      runbook: definition.name,
      located: located.value.map(({ target }) => target),
      resources: readings.resources,
      dryRun,
    });
  if (located.value.length === 0) return close(parts, noTarget(delivery), phases);
  const acting = actingTargets(parts, readings, located.value, located.endedAt);
  if (acting > limits.maxTargets) {
    return close(
      parts,
      verdict('refused', 'too-many-targets', `${acting} targets would be acted on, the limit is ${limits.maxTargets}`),
      phases,
    );
  }
  const context: RunContext<Request, Seen, L> = {
    definition,
    limits,
    config,
    ledger,
    request,
    dryRun,
    switches,
    locatedAt: located.startedAt,
    phases,
  };
  const ends = await host.each('targets', located.value, (target, _index, own) =>
    runTarget(context, own, target, known(readings.resources, target.target, located.endedAt)),
  );
  return { results: ends.map(({ result }) => result), failure: ends.find(({ fault }) => fault !== undefined)?.fault };
}

function noTarget(delivery: Delivery): Verdict {
  if (delivery.kind === 'schedule')
    return verdict('nothing', 'no-target', 'nothing in this account is tagged for this runbook');
  if (delivery.kind === 'request')
    return verdict(
      'refused',
      'no-target',
      `${delivery.target ?? 'the request'} names nothing that is tagged for this runbook`,
    );
  return NOBODY;
}

const NOBODY: Verdict = verdict('not-mine', 'no-target', 'the event is about nothing that is tagged for this runbook');

interface TargetEnd {
  readonly result: RunResult;
  readonly fault?: Fault;
}

async function runTarget<Request extends JsonObject, Seen extends object, L extends Limits>(
  context: RunContext<Request, Seen, L>,
  host: Host,
  located: Located<Seen>,
  before: Known,
): Promise<TargetEnd> {
  const run = new TargetRun(context, host, located, before);
  const end = await run.run();
  const result = run.resultOf(end);
  const desk: Desk = {
    host,
    ledger: context.ledger,
    config: context.config,
    runbook: context.definition.name,
    dryRun: context.dryRun,
    undoRequest: context.definition.undoRequest,
  };
  await report(desk, end, result);
  return end.fault === undefined ? { result } : { result, fault: end.fault };
}
