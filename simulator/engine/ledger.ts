/**
 * The control ledger in memory: the same answers as the one on DynamoDB (one contract test suite, and a random comparison of
 * the two), on the simulation's clock and, when `submit` is given, through the simulation's request queue and its faults.
 */

import type { History, JsonObject } from '../../shared/kernel/decision.ts';
import {
  ACTIONS_KEPT,
  type KillSwitch,
  type LeaseAnswer,
  type LeaseRequest,
  type Ledger,
  type Release,
  type ResourceState,
  type RunRecord,
} from '../../shared/kernel/ledger/ledger.ts';
import { CONTENDED, checkedRequest, instant, isHeldByAsker, refusalOf } from '../../shared/kernel/ledger/rules.ts';
import type { Shape } from './model.ts';

/** One request as the simulation's queue takes it (`requests.ts`). */
export interface LedgerRequest<T> {
  /** `ledger:acquire`, `ledger:release`, … */
  readonly call: string;
  readonly kind: 'read' | 'write';
  readonly input: Shape;
  /** The effect, synchronous and atomic. */
  readonly run: () => T;
  /** The answer, without the effect, when somebody else's write came first. */
  readonly conflict?: () => T;
}

export interface MemoryLedgerOptions {
  /** The simulation's request queue; absent: answered at once. */
  readonly submit?: <T>(request: LedgerRequest<T>) => Promise<T>;
  /** Every lease is granted to everybody and no epoch is ever stale; budgets still count. */
  readonly grantAll?: boolean;
  /** Kill switches that are on from the start. */
  readonly switches?: readonly KillSwitch[];
  /** What is known of resources from the start. */
  readonly resources?: readonly ResourceState[];
}

/** The whole content of a ledger in memory, for assertions and `--world-out`. */
export interface LedgerDump {
  readonly switches: readonly KillSwitch[];
  readonly resources: readonly ResourceState[];
  readonly records: readonly RunRecord[];
}

export interface MemoryLedger extends Ledger {
  readonly dump: () => LedgerDump;
  /** What the operator's role writes. */
  readonly switchOn: (killSwitch: KillSwitch) => void;
  readonly switchOff: (scope: string) => void;
}

interface Entry {
  runbook: string;
  owner: string | undefined;
  until: string | undefined;
  epoch: number;
  /** Newest first; one more than is shown, for the refund. */
  actions: string[];
  /** Epoch of the grant that booked the newest action. */
  booked: number | undefined;
  pending: History['pending'];
  memory: { [key: string]: string };
}

function historyOf(entry: Entry): History {
  return {
    epoch: entry.epoch,
    actions: entry.actions.slice(0, ACTIONS_KEPT),
    ...(entry.pending === undefined ? {} : { pending: entry.pending }),
    memory: { ...entry.memory },
  };
}

function standingOf(entry: Entry): { owner?: string; until?: string; actions: readonly string[] } {
  return {
    ...(entry.owner === undefined ? {} : { owner: entry.owner }),
    ...(entry.until === undefined ? {} : { until: entry.until }),
    actions: entry.actions.slice(0, ACTIONS_KEPT),
  };
}

function stateOf(resource: string, entry: Entry): ResourceState {
  return {
    resource,
    runbook: entry.runbook,
    ...(entry.owner === undefined ? {} : { owner: entry.owner }),
    ...(entry.until === undefined ? {} : { until: entry.until }),
    history: historyOf(entry),
  };
}

/** What the table would hold: a copy without the members that are undefined, so that nobody shares an object with it. */
function asStored(note: JsonObject): JsonObject {
  return structuredClone(note);
}

function blank(): Entry {
  return {
    runbook: '',
    owner: undefined,
    until: undefined,
    epoch: 0,
    actions: [],
    booked: undefined,
    pending: undefined,
    memory: {},
  };
}

function entryOf({ runbook, owner, until, history }: ResourceState): Entry {
  return {
    runbook,
    owner,
    until,
    epoch: history.epoch,
    actions: [...history.actions],
    booked: undefined,
    pending: history.pending,
    memory: { ...history.memory },
  };
}

function holdBy(entry: Entry, request: LeaseRequest, until: string): void {
  entry.owner = request.owner;
  entry.until = until;
  entry.runbook = request.runbook;
}

function acquireOn(entry: Entry, asked: LeaseRequest, grantAll: boolean): LeaseAnswer {
  const request = checkedRequest(asked);
  const { budget: _counted, ...uncounted } = request;
  const standing = grantAll ? { actions: entry.actions.slice(0, ACTIONS_KEPT) } : standingOf(entry);
  const resumed = request.intent !== undefined && entry.pending?.intent === request.intent.key;
  const refusal = refusalOf(standing, resumed ? uncounted : request);
  if (refusal !== undefined) return { granted: false, ...refusal, history: historyOf(entry) };
  const earlier = entry.pending;
  const held = isHeldByAsker(standingOf(entry), request);
  let until = request.until;
  if (resumed && held) {
    if (entry.until !== undefined && entry.until > until) until = entry.until;
  } else {
    entry.epoch += 1;
  }
  if (!resumed) {
    if (request.intent !== undefined)
      entry.pending = { intent: request.intent.key, at: request.now, note: asStored(request.intent.note) };
    if (request.budget !== undefined) {
      entry.actions = [request.now, ...entry.actions].slice(0, ACTIONS_KEPT + 1);
      entry.booked = entry.epoch;
    }
  }
  holdBy(entry, request, until);
  const { pending: _announced, ...history } = historyOf(entry);
  return {
    granted: true,
    lease: { resource: request.resource, owner: request.owner, epoch: entry.epoch, until },
    history: { ...history, ...(earlier === undefined ? {} : { pending: earlier }) },
    resumed,
  };
}

function releaseOn(entry: Entry, { lease, intent, refund }: Release): boolean {
  if (entry.epoch !== lease.epoch || (entry.owner !== undefined && entry.owner !== lease.owner)) return false;
  entry.owner = undefined;
  entry.until = undefined;
  if (intent === 'settle') entry.pending = undefined;
  if (refund === true && entry.booked === lease.epoch) {
    entry.actions = entry.actions.slice(1);
    entry.booked = undefined;
  }
  return true;
}

function rememberOn(entry: Entry, runbook: string, values: { readonly [key: string]: string | null }): void {
  if (entry.runbook === '') entry.runbook = runbook;
  for (const [key, value] of Object.entries(values)) {
    if (value === null) delete entry.memory[key];
    else entry.memory[key] = value;
  }
}

/** A ledger that lives as long as the process, or the simulation. */
export function memoryLedger(options: MemoryLedgerOptions = {}): MemoryLedger {
  const grantAll = options.grantAll === true;
  const entries = new Map<string, Entry>((options.resources ?? []).map((state) => [state.resource, entryOf(state)]));
  const records = new Map<string, RunRecord>();
  const switches = new Map<string, KillSwitch>((options.switches ?? []).map((one) => [one.scope, one]));
  const send = async <T>(
    call: string,
    kind: 'read' | 'write',
    input: object,
    run: () => T,
    conflict: () => T = run,
  ): Promise<T> =>
    // A read, or a write without a condition, has no conflict to lose.
    options.submit === undefined
      ? run()
      : options.submit({ call: `ledger:${call}`, kind, input: { ...input }, run, conflict });
  const known = (resource: string): Entry => entries.get(resource) ?? blank();
  // An item exists once a write on it has succeeded; a refused one leaves no trace.
  const change = <T>(resource: string, effect: (entry: Entry) => T, happened: (answer: T) => boolean): T => {
    const entry = known(resource);
    const answer = effect(entry);
    if (happened(answer)) entries.set(resource, entry);
    return answer;
  };
  const on = (): KillSwitch[] => [...switches.values()].toSorted((a, b) => (a.scope < b.scope ? -1 : 1));
  const states = (): ResourceState[] =>
    [...entries]
      .map(([resource, entry]) => stateOf(resource, entry))
      .toSorted((a, b) => (a.resource < b.resource ? -1 : 1));
  return {
    switches: () => send('switches', 'read', {}, on),
    resource: (resource) => send('resource', 'read', { resource }, () => historyOf(known(resource))),
    resources: () => send('resources', 'read', {}, states),
    acquire: (request) =>
      send<LeaseAnswer>(
        'acquire',
        'write',
        request,
        () =>
          change(
            request.resource,
            (entry) => acquireOn(entry, request, grantAll),
            (answer) => answer.granted,
          ),
        () => ({ granted: false, ...CONTENDED, history: historyOf(known(request.resource)) }),
      ),
    renew: (lease, until) =>
      send(
        'renew',
        'write',
        { lease, until },
        () => {
          const entry = known(lease.resource);
          if (entry.owner !== lease.owner || entry.epoch !== lease.epoch) return grantAll;
          entry.until = instant('until', until);
          return true;
        },
        () => false,
      ),
    release: (how) =>
      send(
        'release',
        'write',
        how,
        () => releaseOn(known(how.lease.resource), how) || grantAll,
        () => false,
      ),
    remember: async (resource, runbook, values) => {
      if (Object.keys(values).length === 0) return;
      await send('remember', 'write', { resource, runbook, values }, () =>
        change(
          resource,
          (entry) => rememberOn(entry, runbook, values),
          () => true,
        ),
      );
    },
    record: (record) =>
      send('record', 'write', record, () => {
        records.set(`${record.runbook}#${record.run}#${record.target}`, record);
      }),
    dump: () => ({ switches: on(), resources: states(), records: [...records.values()] }),
    switchOn: (killSwitch) => void switches.set(killSwitch.scope, killSwitch),
    switchOff: (scope) => void switches.delete(scope),
  };
}
