/** What is read before it is known what a run is about: its targets, the kill switch, and what the ledger knows. */

import type { Announced, HistoryReading, JsonObject } from '../decision.ts';
import type { Limits, Located, RunbookDefinition } from '../definition.ts';
import { attempt, bytesOf, STEP_RESULT_LIMIT_BYTES, type Attempt } from '../hosts/attempt.ts';
import type { Host, HostKind } from '../hosts/host.ts';
import type { Config } from '../config.ts';
import {
  readControls,
  readResources,
  readSwitch,
  type ModeReading,
  type Resources,
  type SwitchReading,
} from '../ledger/access.ts';
import { EMPTY_HISTORY, type Ledger, type ResourceState } from '../ledger/ledger.ts';
import type { Delivery } from '../triggers/triggers.ts';
import type { Known } from './context.ts';
import { makeIo } from './io.ts';

/**
 * Waits before `locate` is tried again, seconds. On the plain host Lambda's own retry then has its turn; nobody repeats a
 * durable run, so it outlasts a minute of throttling by itself.
 */
const LOCATE_BACKOFF_SECONDS: { readonly [kind in HostKind]: readonly number[] } = {
  plain: [1, 2],
  durable: [1, 2, 4, 8, 16, 32],
};

/** What a `facts` member takes besides its value: `,"facts":`. */
const FACTS_MEMBER_BYTES = 9;

/** What was read. */
export interface Readings<Seen extends object> {
  readonly located: Attempt<readonly Located<Seen>[]>;
  readonly switches: SwitchReading;
  readonly mode: ModeReading;
  /** Read for schedules and people only: an event's hot path learns the history with its lease. */
  readonly resources: Resources | undefined;
}

/** What reading needs. */
interface Reader<Request extends JsonObject, Seen extends object, L extends Limits> {
  readonly definition: RunbookDefinition<Request, Seen, L>;
  readonly host: Host;
  readonly ledger: Ledger;
  readonly delivery: Delivery;
  readonly startedAt: string;
  readonly config: Pick<Config, 'dryRun' | 'mode'>;
  readonly keepsPlans: boolean;
}

/** The mode that holds whatever the ledger says, so that it is not asked for it; `undefined`: the ledger is asked. */
function givenMode({
  config,
  delivery,
  keepsPlans,
}: Pick<Reader<JsonObject, object, Limits>, 'config' | 'delivery' | 'keepsPlans'>): ModeReading | undefined {
  if (config.dryRun) return { mode: 'plan', from: 'dryRun' };
  if (delivery.kind === 'request' && delivery.dryRun) return { mode: 'plan', from: 'request' };
  // An execution that an older version began, which asked for none.
  return keepsPlans ? undefined : { mode: 'apply', from: 'parameter' };
}

/** The targets as a step can keep them: facts that do not fit are read again, by the target's own run. */
function fit<Seen extends object>(located: readonly Located<Seen>[]): readonly Located<Seen>[] {
  let left = STEP_RESULT_LIMIT_BYTES - bytesOf(located.map(({ target, fault }) => ({ target, fault })));
  return located.map((each) => {
    const { facts, ...rest } = each;
    left -= facts === undefined ? 0 : bytesOf(facts) + FACTS_MEMBER_BYTES;
    return facts === undefined || left >= 0 ? each : rest;
  });
}

/** Asks the runbook for its targets, with patience. */
async function locate<Request extends JsonObject, Seen extends object, L extends Limits>(
  { definition, host, startedAt: begunAt }: Reader<Request, Seen, L>,
  request: Request,
): Promise<Attempt<readonly Located<Seen>[]>> {
  const { run, account, region } = host;
  const look = async (signal: AbortSignal): Promise<readonly Located<Seen>[]> => {
    const located = await definition.locate(request, makeIo({ run, begunAt, account, region, signal, target: '' }));
    return host.kind === 'durable' ? fit(located) : located;
  };
  const tryAs = (name: string): Promise<Attempt<readonly Located<Seen>[]>> => attempt(host, name, look);
  let reading = await tryAs('locate');
  for (const [index, seconds] of LOCATE_BACKOFF_SECONDS[host.kind].entries()) {
    if (reading.ok || reading.fault.class === 'terminal') return reading;
    await host.wait(`locate-backoff:${index}`, seconds);
    reading = await tryAs(`locate:${index + 1}`);
  }
  return reading;
}

/** Reads all of it, side by side where the host can replay that. */
export async function readAll<Request extends JsonObject, Seen extends object, L extends Limits>(
  reader: Reader<Request, Seen, L>,
  request: Request,
): Promise<Readings<Seen>> {
  const { definition, host, ledger, delivery } = reader;
  const asksAboutAny = !definition.safety && (delivery.kind === 'schedule' || delivery.kind === 'request');
  const located = locate(reader, request);
  // Each of these is several steps when something fails: side by side on the durable host their order would not replay.
  if (host.kind === 'durable') await located;
  const given = givenMode(reader);
  const controls = given
    ? readSwitch(host, ledger, definition.name).then((switches) => ({ switches, mode: given }))
    : readControls(host, ledger, definition.name, reader.config.mode);
  if (host.kind === 'durable') await controls;
  const reading = host.kind === 'durable' ? await located : undefined;
  const isOfInterest = interestOf(definition.name, reading?.ok === true ? reading.value : []);
  const resources = asksAboutAny ? readResources(host, ledger, isOfInterest) : undefined;
  return { located: await located, ...(await controls), resources: await resources };
}

/**
 * What of the ledger a run has to keep where each step is bounded: what is known of its targets and of the runbook itself, the
 * leases that its watchdog looks for, and what is announced.
 */
function interestOf(runbook: string, located: readonly Located<object>[]): (state: ResourceState) => boolean {
  const named = new Set([...located.map(({ target }) => target), selfOf(runbook)]);
  return ({ resource, owner, runbook: holder, history: { pending } }) =>
    named.has(resource) || (holder === runbook && (owner !== undefined || pending !== undefined));
}

/** What the ledger knows of a target's past. One whose item cannot be read is as good as lost, by itself. */
export function historyOf(resources: Resources | undefined, target: string): HistoryReading {
  if (resources === undefined) return 'unread';
  const state = resources === 'lost' ? 'lost' : resources.get(target);
  if (state === 'lost' || state?.isUnreadable === true) return 'lost';
  return state?.history ?? EMPTY_HISTORY;
}

/** The runbook itself as a resource of the ledger. */
export function selfOf(runbook: string): string {
  return `runbook/${runbook}`;
}

/** What a runbook has announced and not settled; `undefined`: the ledger was not read, or does not answer. */
export function announcedIn(resources: Resources | undefined, runbook: string): readonly Announced[] | undefined {
  if (resources === undefined || resources === 'lost') return undefined;
  return [...resources.values()].flatMap(({ resource: target, runbook: owner, history: { pending } }) =>
    owner === runbook && pending !== undefined ? [{ target, ...pending }] : [],
  );
}

/** What the ledger knows of a target before its run begins. `announced`: of all targets. */
export function known(
  resources: Resources | undefined,
  announced: readonly Announced[] | undefined,
  target: string,
  now: string,
): Known {
  const state = resources === undefined || resources === 'lost' ? undefined : resources.get(target);
  const history = historyOf(resources, target);
  const isHeld = state?.owner !== undefined && state.until !== undefined && state.until > now;
  return {
    history,
    ...(isHeld ? { heldUntil: state.until } : {}),
    ...(announced === undefined ? {} : { announced }),
  };
}
