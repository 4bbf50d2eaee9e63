/**
 * The control ledger in memory: the same answers as the one on DynamoDB (one contract test suite, and a random comparison of
 * the two), on the simulation's clock and, when `submit` is given, through the simulation's request queue and its faults.
 */

import type {
  ApprovalKey,
  ApprovalRow,
  KillSwitch,
  Lease,
  LeaseAnswer,
  LeaseRequest,
  Ledger,
  ModeRow,
  OperatorDesk,
  Release,
  ResourceState,
  RunRecord,
} from '../../shared/kernel/ledger/ledger.ts';
import { CONTENDED } from '../../shared/kernel/ledger/rules.ts';
import {
  acquireOn,
  blank,
  clearOn,
  entryOf,
  historyOf,
  releaseOn,
  rememberOn,
  renewOn,
  stateOf,
  type Entry,
} from './ledger-entry.ts';
import type { Shape } from './model.ts';

/** One request as the simulation's queue takes it (`requests.ts`). */
interface LedgerRequest<T> {
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
  /** Modes from the start; absent: all may act. */
  readonly modes?: readonly ModeRow[];
  /** What is known of resources from the start. */
  readonly resources?: readonly ResourceState[];
  /** Runs that were recorded before. */
  readonly records?: readonly RunRecord[];
  /** What people have said of plans before. */
  readonly approvals?: readonly GivenWord[];
}

/** A person's word as a world file keeps it. */
export type GivenWord = ApprovalKey & ApprovalRow;

/** The whole content of a ledger in memory, for assertions and `--world-out`. */
export interface LedgerDump {
  readonly switches: readonly KillSwitch[];
  readonly modes: readonly ModeRow[];
  readonly resources: readonly ResourceState[];
  readonly records: readonly RunRecord[];
}

export interface MemoryLedger extends Ledger, OperatorDesk {
  readonly dump: () => LedgerDump;
  /** What people have said of plans. */
  readonly words: () => readonly GivenWord[];
  /** Has a resource remembered from the start. */
  readonly know: (state: ResourceState) => void;
  /** What the operator's role writes. */
  readonly switchOn: (killSwitch: KillSwitch) => void;
  readonly switchOff: (scope: string) => void;
  /** Another run takes every lease that is held `now`, as if it had expired, and keeps it `until` then; how many. */
  readonly takeAway: (now: string, until: string) => number;
}

function wordKey({ person, run, target, planHash }: ApprovalKey): string {
  return JSON.stringify([person, run, planHash, target]);
}

function recordKey({ runbook, run, target }: RunRecord): string {
  return `${runbook}#${run}#${target}`;
}

/** The mode of a stack that has long since begun to act. */
const ACTING: readonly ModeRow[] = [{ scope: 'all', mode: 'apply', reason: '', by: '', at: '' }];

/** The modes of a world: where it says nothing of all, its stack has long since begun to act. */
export function modesIn(given: readonly ModeRow[]): readonly ModeRow[] {
  return given.some(({ scope }) => scope === 'all') ? given : [...ACTING, ...given];
}

/** Whether somebody has set it: what is taken for set where nobody has is no row. */
function isSet({ at }: ModeRow): boolean {
  return at !== '';
}

function byScope<T extends { readonly scope: string }>(rows: ReadonlyMap<string, T>): T[] {
  return [...rows.values()].toSorted((a, b) => (a.scope < b.scope ? -1 : 1));
}

/** What the control table would hold. */
class Table {
  readonly switches: Map<string, KillSwitch>;
  readonly modes: Map<string, ModeRow>;
  readonly records: Map<string, RunRecord>;
  readonly approvals: Map<string, GivenWord>;
  readonly #entries: Map<string, Entry>;

  constructor({ switches = [], modes = ACTING, resources = [], records = [], approvals = [] }: MemoryLedgerOptions) {
    this.switches = new Map(switches.map((one) => [one.scope, one]));
    this.modes = new Map(modes.map((one) => [one.scope, one]));
    this.approvals = new Map(approvals.map((one) => [wordKey(one), one]));
    this.records = new Map(records.map((one) => [recordKey(one), one]));
    this.#entries = new Map(resources.map((state) => [state.resource, entryOf(state)]));
  }

  /** The entry of a resource; a blank one, not kept, if there is none. */
  entry(resource: string): Entry {
    return this.#entries.get(resource) ?? blank();
  }

  /** An item exists once a write on it has succeeded; a refused one leaves no trace. */
  change<T>(resource: string, effect: (entry: Entry) => T, isDone: (answer: T) => boolean): T {
    const entry = this.entry(resource);
    const answer = effect(entry);
    if (isDone(answer)) this.#entries.set(resource, entry);
    return answer;
  }

  approval(key: ApprovalKey): ApprovalRow | undefined {
    const word = this.approvals.get(wordKey(key));
    if (word === undefined) return undefined;
    const { verdict, at, by, reason, until } = word;
    return { verdict, at, by, reason, until };
  }

  know(state: ResourceState): void {
    this.#entries.set(state.resource, entryOf(state));
  }

  takeAway(now: string, until: string): number {
    let taken = 0;
    for (const entry of this.#entries.values()) {
      if (entry.owner === undefined || (entry.until ?? '') <= now) continue;
      taken += 1;
      entry.owner = 'another-run';
      entry.until = until;
      entry.epoch += 1;
    }
    return taken;
  }

  states(): ResourceState[] {
    return [...this.#entries]
      .map(([resource, entry]) => stateOf(resource, entry))
      .toSorted((a, b) => (a.resource < b.resource ? -1 : 1));
  }
}

type Send = <T>(call: string, kind: 'read' | 'write', input: object, run: () => T, conflict?: () => T) => Promise<T>;

/** How requests reach the table: through the simulation's queue, or at once. */
function sender(submit: MemoryLedgerOptions['submit']): Send {
  // A read, or a write without a condition, has no conflict to lose.
  return async (call, kind, input, run, conflict = run) =>
    submit === undefined ? run() : submit({ call: `ledger:${call}`, kind, input: { ...input }, run, conflict });
}

/** What people write, at once. */
function deskOf(table: Table): OperatorDesk {
  return {
    setSwitch: async (killSwitch) => void table.switches.set(killSwitch.scope, killSwitch),
    clearSwitch: async (scope) => void table.switches.delete(scope),
    setMode: async (row) => void table.modes.set(row.scope, row),
    approve: async (key, row) => void table.approvals.set(wordKey(key), { ...key, ...row }),
    clear: async (read, intent) => clearOn(table.entry(read.resource), read, intent),
  };
}

/** A ledger that lives as long as the process, or the simulation. */
export function memoryLedger(options: MemoryLedgerOptions = {}): MemoryLedger {
  const grantAll = options.grantAll === true;
  const table = new Table(options);
  const send = sender(options.submit);
  const acquire = (request: LeaseRequest): LeaseAnswer =>
    table.change(
      request.resource,
      (entry) => acquireOn(entry, request, grantAll),
      ({ granted }) => granted,
    );
  const contended = ({ resource }: LeaseRequest): LeaseAnswer => ({
    granted: false,
    ...CONTENDED,
    history: historyOf(table.entry(resource)),
  });
  const renew = (lease: Lease, until: string): boolean =>
    renewOn(table.entry(lease.resource), lease, until) || grantAll;
  const release = (how: Release): boolean => releaseOn(table.entry(how.lease.resource), how) || grantAll;
  const refused = (): boolean => false;
  return {
    switches: () => send('switches', 'read', {}, () => byScope(table.switches)),
    // Read beside the switches, in the same request of the simulation: what becomes of that one becomes of both.
    modes: () => Promise.resolve(byScope(table.modes)),
    createMode: (row) =>
      send('createMode', 'write', row, () => {
        const isFirst = !table.modes.has(row.scope);
        if (isFirst) table.modes.set(row.scope, row);
        return isFirst;
      }),
    hasActed: () =>
      send('hasActed', 'read', {}, () => [...table.records.values()].some(({ body }) => body['outcome'] !== 'planned')),
    resource: (resource) => send('resource', 'read', { resource }, () => historyOf(table.entry(resource))),
    resources: () => send('resources', 'read', {}, () => table.states()),
    approval: (key) => send('approval', 'read', key, () => table.approval(key)),
    acquire: (request) =>
      send(
        'acquire',
        'write',
        request,
        () => acquire(request),
        () => contended(request),
      ),
    renew: (lease, until) => send('renew', 'write', { lease, until }, () => renew(lease, until), refused),
    release: (how) => send('release', 'write', how, () => release(how), refused),
    remember: async (resource, runbook, values) => {
      if (Object.keys(values).length === 0) return;
      const remember = (entry: Entry): void => rememberOn(entry, runbook, values);
      await send('remember', 'write', { resource, runbook, values }, () =>
        table.change(resource, remember, () => true),
      );
    },
    record: (record) =>
      send('record', 'write', record, () => {
        const isSettled = table.records.get(recordKey(record))?.acted === true && record.acted !== true;
        if (!isSettled) table.records.set(recordKey(record), record);
      }),
    dump: () => ({
      switches: byScope(table.switches),
      modes: byScope(table.modes).filter(isSet),
      resources: table.states(),
      records: [...table.records.values()],
    }),
    words: () => [...table.approvals.values()],
    know: (state) => table.know(state),
    switchOn: (killSwitch) => void table.switches.set(killSwitch.scope, killSwitch),
    ...deskOf(table),
    switchOff: (scope) => void table.switches.delete(scope),
    takeAway: (now, until) => table.takeAway(now, until),
  };
}
