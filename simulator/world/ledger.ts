/**
 * The ledger's part of a world file: what the control table holds when the run begins. It is ours, not an AWS resource, so
 * it has no collection and no operation; a script reaches its kill switches only.
 */

import { z } from 'zod';
import type { DataItem } from '../../shared/kernel/ledger/data.ts';
import type { KillSwitch, ModeRow, ResourceState, RunRecord } from '../../shared/kernel/ledger/ledger.ts';
import type { Operation } from '../../shared/kernel/ledger/operations.ts';
import type { MemoryData } from '../engine/data.ts';
import { copied } from '../engine/json.ts';
import type { GivenWord, MemoryLedger } from '../engine/ledger.ts';
import { callsOfRun, type RunCalls } from './run-calls.ts';

const time = z.iso.datetime({ offset: true });
const scope = z.string().regex(/^[a-z][a-z0-9-]*$/u, { error: "must be all or a runbook's name" });
const json = z.record(z.string(), z.json());

const freeze = {
  from: time.optional().describe('A freeze: it holds from then on, and not before.'),
  until: time.optional().describe('It holds until then.'),
};
/** Or of one run by its id, which may be the name of an execution with what Lambda made. */
const switchScope = z.string().regex(/^(?:[a-z][a-z0-9-]*|run:[\w./-]{1,150})$/u, {
  error: "must be all, a runbook's name, or run:ID",
});
const killSwitch = z.strictObject({ scope: switchScope, reason: z.string(), by: z.string(), at: time, ...freeze });

const mode = z.strictObject({
  scope,
  mode: z.enum(['plan', 'apply']),
  reason: z.string(),
  by: z.string(),
  at: time,
});

const runRecord = z.strictObject({
  runbook: z.string(),
  run: z.string().min(1),
  target: z.string().default('').describe('Its ARN; absent: the run found none.'),
  at: time,
  acted: z
    .literal(true)
    .optional()
    .describe(
      'A call has left that changes something: an attempt of the same run that sends none does not overwrite it.',
    ),
  body: json.describe('The result, as `--json` prints it but for its requests, and the lines that take it back.'),
});

const operation = z.strictObject({
  at: time,
  by: z.string(),
  what: z.string().min(1).describe('switch-off, switch-on, mode, run, approve or reject.'),
  scope,
  reason: z.string(),
  more: json.default({}),
});

const word = z.strictObject({
  person: z.string().describe('Their `aws:userid`; in a world the name of the user.'),
  run: z.string().min(1).describe('The run that has asked.'),
  target: z.string(),
  planHash: z.string(),
  verdict: z.enum(['approve', 'reject']),
  at: time,
  by: z.string(),
  reason: z.string(),
  until: time.describe('It counts until then.'),
});

const pending = z
  .strictObject({
    intent: z.string(),
    at: time.describe('When it was announced.'),
    note: z.record(z.string(), z.json()).default({}).describe('What the run wrote beside it, in its own words.'),
  })
  .describe('An action that a run announced and did not settle: it is under way, or its run has died.');

const resource = z
  .strictObject({
    resource: z.string().regex(/^(?:arn:|[a-z][a-z-]*\/.|never-block$)/u, {
      error: 'must be an ARN, runbook/NAME, blocklist/NAME, claim/… or never-block',
    }),
    runbook: z.string(),
    owner: z.string().optional().describe('The run that holds the lease; it holds it until `until`.'),
    until: time.optional(),
    history: z.strictObject({
      pending: pending.optional(),
      epoch: z.int().min(0).default(0),
      actions: z.array(time).default([]).describe('Times of the counted actions, newest first.'),
      memory: z.record(z.string(), z.string()).default({}),
    }),
  })
  .refine(({ owner, until }) => (owner === undefined) === (until === undefined), {
    error: 'a lease has an owner and an end: give both owner and until, or neither',
  });

const dataItem = z.strictObject({
  partition: z.string().regex(/^[a-z][a-z-]*$/u, { error: 'must be a partition of the data ledger such as block' }),
  key: z.string().min(1),
  version: z.int().min(1).default(1).describe('How often it has been written.'),
  value: z.record(z.string(), z.json()),
});

/** Schema of the section `ledger`. */
export const ledgerSchema = z
  .strictObject({
    lost: z.boolean().optional().describe('The ledger does not answer, from the beginning to the end.'),
    switches: z.array(killSwitch).optional().describe('Kill switches, also those whose time has not come or is over.'),
    modes: z
      .array(mode)
      .optional()
      .describe(
        'Whether the runbooks of the stack, or one, act or only say what they would do. Nothing about all: they act.',
      ),
    runs: z.array(runRecord).optional().describe('Records of runs, as the ledger keeps them.'),
    calls: z
      .array(callsOfRun)
      .optional()
      .describe('What the newest of these runs have sent, without the bodies of messages: for `runbook show -v`.'),
    asks: z
      .boolean()
      .optional()
      .describe('Every plan waits for a person, as in a stack that is deployed with `approval=always`.'),
    approvals: z.array(word).optional().describe('What people have said of plans that waited for them.'),
    operations: z.array(operation).optional().describe('What people did to the runbooks, with their reasons.'),
    resources: z.array(resource).optional().describe('What earlier runs left about a resource.'),
    data: z
      .array(dataItem)
      .optional()
      .describe('The data ledger: what runbooks and operators keep there, e.g. blocks and the allow list.'),
  })
  .describe(
    "The runbooks' own ledger as it is at the beginning; empty when left out. A script turns a switch off or on by ledger/switches/SCOPE, and writes an item of the data ledger by ledger/data/PARTITION/KEY.",
  );

/** The ledger a run begins with. */
export interface WorldLedger {
  readonly lost: boolean;
  /** Every plan waits for a person. */
  readonly asks: boolean;
  readonly approvals: readonly GivenWord[];
  readonly switches: readonly KillSwitch[];
  readonly modes: readonly ModeRow[];
  readonly resources: readonly ResourceState[];
  readonly runs: readonly RunRecord[];
  readonly calls: readonly RunCalls[];
  readonly operations: readonly Operation[];
  readonly data: readonly DataItem[];
}

/** A resource without the members that the file leaves out. */
function stateOf({ owner, until, history, ...rest }: z.infer<typeof resource>): ResourceState {
  const { pending: announced, ...known } = history;
  return {
    ...rest,
    ...(owner === undefined ? {} : { owner }),
    ...(until === undefined ? {} : { until }),
    history: { ...known, ...(announced === undefined ? {} : { pending: announced }) },
  };
}

/** A switch without the members that the file leaves out. */
function switchOf({ from, until, ...rest }: z.infer<typeof killSwitch>): KillSwitch {
  return { ...rest, ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }) };
}

/** The section as a run takes it. */
export function worldLedger(section: z.infer<typeof ledgerSchema> = {}): WorldLedger {
  const { lost = false, switches = [], modes = [], resources = [], runs = [] } = section;
  const { asks = false, approvals = [] } = section;
  const { calls = [], operations = [], data = [] } = section;
  return {
    lost,
    asks,
    approvals,
    switches: switches.map(switchOf),
    modes,
    resources: resources.map(stateOf),
    runs: runs.map(({ acted, ...record }) => ({ ...record, ...(acted === undefined ? {} : { acted }) })),
    calls,
    operations,
    data,
  };
}

/** The section as a world file has it: only what there is. `undefined`: there is nothing. */
export function ledgerSection({
  lost = false,
  asks = false,
  ...parts
}: Partial<WorldLedger>): Record<string, unknown> | undefined {
  const filled = Object.entries(parts).filter(([, rows]) => rows.length > 0);
  if (!lost && !asks && filled.length === 0) return undefined;
  return { ...(lost ? { lost } : {}), ...(asks ? { asks } : {}), ...Object.fromEntries(copied(filled)) };
}

const SWITCHES = 'ledger/switches/';
const DATA = /^ledger\/data\/([a-z][a-z-]*)\/(.+)$/u;
const turnedOn = z.strictObject({ reason: z.string(), by: z.string(), ...freeze });
const dataValue = z.record(z.string(), z.json());

/** What is wrong with a scripted change of the ledger; `undefined`: nothing. */
export function ledgerChangeFault(path: string, value: unknown): string | undefined {
  if (DATA.test(path)) return dataValue.safeParse(value).success ? undefined : 'must be a JSON object';
  if (!path.startsWith(SWITCHES) || !switchScope.safeParse(path.slice(SWITCHES.length)).success)
    return 'of the ledger a script can only set ledger/switches/all, ledger/switches/RUNBOOK, ledger/switches/run:ID or ledger/data/PARTITION/KEY';
  return value === null || turnedOn.safeParse(value).success
    ? undefined
    : 'must be { "reason", "by" }, or null to turn the switch off';
}

/** A scripted change; `at`: its time, ISO 8601. */
interface LedgerChange {
  readonly path: string;
  readonly value: unknown;
  readonly at: string;
}

/** Makes a scripted change of the ledger; false when the path is not about it. */
export function changeLedger(ledger: MemoryLedger, data: MemoryData, { path, value, at }: LedgerChange): boolean {
  const [, partition, key] = DATA.exec(path) ?? [];
  const written = dataValue.safeParse(value);
  if (partition !== undefined && key !== undefined && written.success) {
    data.put({ partition, key, value: written.data });
    return true;
  }
  if (!path.startsWith(SWITCHES)) return false;
  const name = path.slice(SWITCHES.length);
  const on = turnedOn.safeParse(value);
  if (on.success) ledger.switchOn(switchOf({ scope: name, at, ...on.data }));
  else ledger.switchOff(name);
  return true;
}
