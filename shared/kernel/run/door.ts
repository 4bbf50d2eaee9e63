/** The door of a run: which deliveries go no further, and how a run without targets is closed. */

import type { JsonObject, Outcome } from '../decision.ts';
import type { Limits, Trigger } from '../definition.ts';
import { BadInputError, classify, type Fault } from '../errors.ts';
import { attempt } from '../hosts/attempt.ts';
import type { Config } from '../config.ts';
import type { Host } from '../hosts/host.ts';
import { RECORD_BODY_MAX_BYTES, type Ledger } from '../ledger/ledger.ts';
import { doChores, type Chore } from '../report/chores.ts';
import { fitted } from '../report/fitted.ts';
import { commandsOf, publishOutcome } from '../report/outcome.ts';
import type { Phase, RunEnd, RunResult } from '../report/result.ts';
import { emitMetrics, logOutcome, type Counts } from '../report/telemetry.ts';
import { triggerOf } from '../report/trigger.ts';
import type { Delivery } from '../triggers/triggers.ts';

/** An event dated later than this is not from our world: AWS's clocks agree to well within it. */
const MAX_FUTURE_SECONDS = 300;

/** How a run without targets ends. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly code: string;
  readonly because: string;
}

/** Says how a run without targets ends. */
export function verdict(outcome: Outcome, code: string, because: string): Verdict {
  return { outcome, code, because };
}

/** The runbook's own request that the first trigger to know the delivery makes of it; `undefined`: none does. */
export function match<Request extends JsonObject>(
  triggers: readonly Trigger<Request>[],
  delivery: Delivery,
): Request | undefined {
  for (const trigger of triggers) {
    const request = trigger.request(delivery);
    if (request !== undefined) return request;
  }
  return undefined;
}

/** What it means that no trigger knows a delivery. */
export function noTrigger(delivery: Delivery, runbook: string): Verdict {
  if (delivery.kind === 'test-notification')
    return verdict('nothing', 'test-notification', 'sent when a hook or a topic is set up; nothing happened');
  return verdict('not-mine', 'no-trigger', `${runbook} is not started by this`);
}

/** Why a delivery goes no further than the door, if it does not. */
export function stopAtDoor(
  delivery: Delivery,
  host: Pick<Host, 'account' | 'region'>,
  { maxAgeSeconds }: Pick<Limits, 'maxAgeSeconds'>,
  startedAt: string,
): Verdict | undefined {
  if (delivery.account !== undefined && delivery.account !== host.account)
    return verdict('not-mine', 'foreign-account', `the event is about account ${delivery.account}`);
  if (delivery.region !== undefined && delivery.region !== host.region)
    return verdict('not-mine', 'foreign-region', `the event is about region ${delivery.region}`);
  if (delivery.at === undefined) return undefined;
  const ageSeconds = Math.round((Date.parse(startedAt) - Date.parse(delivery.at)) / 1_000);
  if (ageSeconds > maxAgeSeconds)
    return verdict(
      'refused',
      'stale',
      `the event is ${ageSeconds} s old, the limit is ${maxAgeSeconds} s; the schedule looks at the present state`,
    );
  if (ageSeconds < -MAX_FUTURE_SECONDS)
    return verdict('refused', 'from-the-future', `the event is dated ${-ageSeconds} s from now`);
  return undefined;
}

/** What it means that a delivery has no target. */
export function noTarget(delivery: Delivery): Verdict {
  if (delivery.kind === 'schedule')
    return verdict('nothing', 'no-target', 'nothing in this account is tagged for this runbook');
  if (delivery.kind === 'request')
    return verdict(
      'refused',
      'no-target',
      `${delivery.target === undefined ? 'nothing that the request is about' : `${delivery.target} names nothing that`} is tagged for this runbook`,
    );
  return verdict('not-mine', 'no-target', 'the event is about nothing that is tagged for this runbook');
}

/** Who closes a run at the door. */
interface Doorkeeper {
  readonly definition: { readonly name: string };
  readonly host: Host;
}

/** A doorkeeper who can write it down and tell people. */
interface Herald extends Doorkeeper {
  readonly ledger: Ledger;
  readonly config: Config;
  readonly delivery: Delivery;
}

/** Tells how a run without targets ended: its one result. `more`: what is to be done about it besides. */
async function tell(
  { definition, host }: Doorkeeper,
  { outcome, code, because }: Verdict,
  phases: readonly Phase[],
  counters: Counts,
  more: (result: RunResult) => readonly Chore[] = () => [],
): Promise<RunResult> {
  const result: RunResult = {
    runbook: definition.name,
    run: host.run,
    outcome,
    reason: `${code}: ${because}`,
    evidence: {},
    plan: [],
    phases,
  };
  await attempt(host, 'report', async () => {
    await doChores(definition.name, more(result));
    emitMetrics({ runbook: definition.name, counters });
    logOutcome(outcome === 'failed' ? 'ERROR' : 'INFO', result);
    return null;
  });
  return result;
}

/** What becomes the record of a run without targets. */
function recordOf({ host, definition: { name }, ledger, config, delivery }: Herald, result: RunResult): Chore {
  const at = new Date().toISOString();
  const told = { ...result, trigger: triggerOf(delivery), commands: commandsOf(result, config.controlTable) };
  const body = fitted(told, RECORD_BODY_MAX_BYTES);
  return ['record', () => ledger.record({ runbook: name, run: host.run, target: '', at, body })];
}

/** Closes a run without targets. `fault`: why it could not find out whether there are any. What a person has asked for is recorded. */
export async function close(herald: Herald, end: Verdict, phases: readonly Phase[], fault?: Fault): Promise<RunEnd> {
  const counters = {
    Refused: Number(end.outcome === 'refused'),
    Failed: Number(end.outcome === 'failed'),
    NotMine: Number(end.outcome === 'not-mine'),
  };
  const isAsked = herald.delivery.kind === 'request' && end.outcome !== 'not-mine';
  const result = await tell(herald, end, phases, counters, (told) => (isAsked ? [recordOf(herald, told)] : []));
  return { results: [result], failure: fault };
}

/**
 * Closes a run that is over a limit as a whole: that is news, so it is recorded, published and alarmed with. `isSilent`: people
 * have heard of it, or are not to, and only the metrics say it.
 */
export async function refuseAll(
  herald: Herald,
  end: Verdict,
  phases: readonly Phase[],
  { isSilent = false, more = [] }: { readonly isSilent?: boolean; readonly more?: readonly Chore[] } = {},
): Promise<RunEnd> {
  const { config } = herald;
  const telling = (result: RunResult): readonly Chore[] => [
    recordOf(herald, result),
    ['publish', () => publishOutcome(config, result)],
    ...more,
  ];
  const counters = { Refused: 1, Attention: 1 };
  const result = await tell(herald, end, phases, counters, isSilent ? () => [] : telling);
  return { results: [result], failure: undefined };
}

/** Closes a run that cannot even begin: bad input or bad configuration. Recorded, counted, and thrown by the caller. */
export async function reject(doorkeeper: Doorkeeper, error: unknown): Promise<RunEnd> {
  const fault = classify(error);
  const bad = error instanceof BadInputError;
  const at = new Date().toISOString();
  const phases = [{ name: 'gate', startedAt: at, endedAt: at }];
  const end = verdict('failed', bad ? 'bad-input' : 'cannot-start', fault.message);
  const result = await tell(doorkeeper, end, phases, { Failed: Number(!bad), BadInput: Number(bad) });
  return { results: [result], failure: fault };
}
