/** The ledger as a run uses it: every request a step, every failure classified, a lost ledger a fact and not an exception. */

import type { HistoryReading } from '../decision.ts';
import { surroundings } from '../../aws/clients.ts';
import type { Config } from '../config.ts';
import { attempt, bytesOf, STEP_RESULT_LIMIT_BYTES, type Attempt } from '../hosts/attempt.ts';
import type { Host } from '../hosts/host.ts';
import type { KillSwitch, Lease, LeaseAnswer, LeaseRequest, Ledger, Mode, ModeRow, ResourceState } from './ledger.ts';
import { dynamoLedger } from './dynamodb.ts';
import { holds } from './rules.ts';
import { TerminalError } from '../errors.ts';

/**
 * A reading of the kill switch is good for this long, if the run has not waited since (the design's figure): whoever throws it
 * sees no call leave later than that. One read serves a short run.
 */
const SWITCH_READING_MS = 10_000;

/**
 * Length of a lease without a planned wait. Short, because the address of a dead run waits for it; a run that lives
 * longer renews before each mutating call.
 */
export const LEASE_SECONDS = 30;

/** Time left on a lease under which it is renewed before a mutating call: one slow AWS request (10 s) must fit. */
const LEASE_MARGIN_SECONDS = 12;

/** `at` plus so many seconds, ISO 8601. */
export function laterBy(at: string, seconds: number): string {
  return new Date(Date.parse(at) + seconds * 1_000).toISOString();
}

/** The ledger in force: the surroundings' own, or the deployed table. */
export function openLedger(config: Config): Ledger {
  const own = surroundings().ledger;
  if (own !== undefined) return own;
  if (config.controlTable === '')
    throw new TerminalError('configuration: LEDGER_CONTROL_TABLE: expected the name of the control table');
  return dynamoLedger(config.controlTable);
}

/** What the kill switch said, and when. `lost`: it could not be read. */
export interface SwitchReading {
  readonly on: KillSwitch | undefined;
  readonly lost: boolean;
  readonly at: string;
}

/** The reading as it is after a wait, older than any: it may have been thrown meanwhile, and the next call reads it again. */
export function outdated(reading: SwitchReading): SwitchReading {
  return { ...reading, at: '1970' };
}

/** Whether a call may rely on it. To be asked inside a step: it reads the clock. */
export function isFresh({ at }: SwitchReading): boolean {
  return Date.now() - Date.parse(at) <= SWITCH_READING_MS;
}

/** To be asked inside a step: it reads the clock. No runbook's name has a colon, so that none is taken for a run. */
function relevant(switches: readonly KillSwitch[], runbook: string, run: string): KillSwitch | undefined {
  const now = new Date().toISOString();
  return switches.find((each) => ['all', runbook, `run:${run}`].includes(each.scope) && holds(each, now));
}

/** Reads the kill switch as a step. */
export async function readSwitch(host: Host, ledger: Ledger, runbook: string): Promise<SwitchReading> {
  const reading = await attempt(
    host,
    'kill-switch',
    async () => relevant(await ledger.switches(), runbook, host.run) ?? null,
  );
  return { on: reading.ok ? (reading.value ?? undefined) : undefined, lost: !reading.ok, at: reading.endedAt };
}

/** The mode that a run is in, and where that is said: `row all`, `row NAME`, `parameter`, `records`, `unread`, `dryRun`, `request`. */
export type ModeReading = { readonly mode: Mode; readonly from: string };

/**
 * Without the ledger the parameter holds. Where there is none either, nothing is done: nobody who can be asked has said that anything may
 * be, and a stack that is to plan must not act because its ledger is gone. Who has to act without it is deployed with the parameter.
 */
function unreadMode(parameter: Config['mode']): ModeReading {
  return parameter === 'none' ? { mode: 'plan', from: 'unread' } : { mode: parameter, from: 'parameter' };
}

function rowFor(rows: readonly ModeRow[], runbook: string): ModeReading | undefined {
  const row = rows.find(({ scope }) => scope === runbook) ?? rows.find(({ scope }) => scope === 'all');
  return row && { mode: row.mode, from: `row ${row.scope}` };
}

/** The mode as the ledger has it; where it has none the one that is found is written down, so that no later deployment changes it. */
async function modeIn(ledger: Ledger, runbook: string, parameter: Config['mode']): Promise<ModeReading> {
  const row = rowFor(await ledger.modes(), runbook);
  if (row !== undefined) return row;
  const found: ModeReading =
    parameter === 'none'
      ? { mode: (await ledger.hasActed()) ? 'apply' : 'plan', from: 'records' }
      : unreadMode(parameter);
  const { mode, from } = found;
  const written = { scope: 'all', mode, reason: `first run, by ${from}`, by: runbook, at: new Date().toISOString() };
  // Where it cannot be written the next run finds the same.
  const isFirst = await ledger.createMode(written).catch(() => true);
  return isFirst ? found : (rowFor(await ledger.modes(), runbook) ?? found);
}

/** What the step of both keeps. */
interface Controls {
  readonly on: KillSwitch | null;
  /** The switches could not be read. An older version had the step fail then, and the mode with it. */
  readonly lost?: true;
  readonly mode: ModeReading;
}

/** Reads the kill switch and the mode in one step. */
export async function readControls(
  host: Host,
  ledger: Ledger,
  runbook: string,
  parameter: Config['mode'],
): Promise<{ readonly switches: SwitchReading; readonly mode: ModeReading }> {
  const reading = await attempt(host, 'kill-switch', async (): Promise<Controls> => {
    const read = (): Promise<ModeReading> => modeIn(ledger, runbook, parameter);
    const unread = (): ModeReading => unreadMode(parameter);
    // Once more: a single throttled read must not keep a stack from acting.
    const reads = [ledger.switches().catch(() => null), read().catch(read).catch(unread)] as const;
    const [switches, mode] = await Promise.all(reads);
    return switches === null
      ? { on: null, lost: true, mode }
      : { on: relevant(switches, runbook, host.run) ?? null, mode };
  });
  const { on, lost, mode }: Controls = reading.ok
    ? reading.value
    : { on: null, lost: true, mode: unreadMode(parameter) };
  return { switches: { on: on ?? undefined, lost: lost === true, at: reading.endedAt }, mode };
}

/** Reads it again inside a step that is about to change something. Throws when the ledger does not answer. */
export async function rereadSwitch(ledger: Ledger, runbook: string, run: string): Promise<SwitchReading> {
  const on = relevant(await ledger.switches(), runbook, run);
  return { on, lost: false, at: new Date().toISOString() };
}

/** Reads as a step, and once more: a single throttled read must not look like an outage, which changes what is decided. */
async function readTwice<T>(host: Host, name: string, read: () => Promise<T>): Promise<Attempt<T>> {
  const first = await attempt(host, name, read);
  return first.ok ? first : attempt(host, `${name}:again`, read);
}

/** What the states of one step may take; the rest is for what is around them. */
const PAGE_BYTES = STEP_RESULT_LIMIT_BYTES - 1_000;

/** All resources' states by ARN, or that they cannot be had. */
export type Resources = ReadonlyMap<string, ResourceState> | 'lost';

/** States that one step keeps, and the resource that the next step goes on behind; `null`: that is all. */
interface Page {
  readonly states: readonly ResourceState[];
  readonly after: string | null;
}

/** As much of the states behind `after` as a step may keep, in the ledger's order. */
function pageOf(states: readonly ResourceState[], after: string): Page {
  const rest = states
    .filter(({ resource }) => resource > after)
    .toSorted((one, other) => (one.resource < other.resource ? -1 : 1));
  let bytes = 0;
  const fitting = rest.findIndex((state) => (bytes += bytesOf(state) + 1) > PAGE_BYTES);
  if (fitting === -1) return { states: rest, after: null };
  const page = rest.slice(0, Math.max(1, fitting));
  return { states: page, after: page.at(-1)?.resource ?? null };
}

/**
 * Reads the resources' states: for schedules and people, who may ask about any of them. The durable host, whose steps are
 * bounded, keeps those that are of interest, in as many steps as they need.
 */
export async function readResources(
  host: Host,
  ledger: Ledger,
  isOfInterest: (state: ResourceState) => boolean,
): Promise<Resources> {
  const known = new Map<string, ResourceState>();
  const all = async (): Promise<Page> => ({ states: await ledger.resources(), after: null });
  let after: string | null = '';
  for (let page = 0; after !== null; page += 1) {
    const behind: string = after;
    const part = async (): Promise<Page> => pageOf((await ledger.resources()).filter(isOfInterest), behind);
    const name = page === 0 ? 'resources' : `resources:${page}`;
    const reading: Attempt<Page | readonly ResourceState[]> = await readTwice(
      host,
      name,
      host.kind === 'plain' ? all : part,
    );
    if (!reading.ok) return 'lost';
    const { value } = reading;
    // A step of an older version kept the list itself.
    const read: Page = 'after' in value ? value : { states: value, after: null };
    for (const state of read.states) known.set(state.resource, state);
    after = read.after;
  }
  return known;
}

/** Reads one resource's history as a step. */
export async function readHistory(host: Host, ledger: Ledger, name: string, resource: string): Promise<HistoryReading> {
  const reading = await readTwice(host, name, () => ledger.resource(resource));
  return reading.ok ? reading.value : 'lost';
}

/** Takes a lease as a step; one repeat for a lost reply (the owner finds its own lease, so nothing is booked twice). */
export function takeLease(
  host: Host,
  ledger: Ledger,
  name: string,
  request: LeaseRequest,
): Promise<Attempt<LeaseAnswer>> {
  return attemptTwice(host, name, () => ledger.acquire(request));
}

/** Asks the ledger as a step, and once more where a repeat may help. */
export async function attemptTwice<T>(host: Host, name: string, ask: () => Promise<T>): Promise<Attempt<T>> {
  const first = await attempt(host, name, ask);
  return first.ok || first.fault.class === 'terminal' ? first : attempt(host, `${name}:again`, ask);
}

/**
 * Keeps a lease alive inside a step that is about to change something, or to wait for `seconds`; the lease as it now stands,
 * or `undefined` when it is lost.
 */
export async function keepLease(ledger: Ledger, lease: Lease, seconds = 0): Promise<Lease | undefined> {
  const now = new Date().toISOString();
  if (laterBy(now, seconds + LEASE_MARGIN_SECONDS) <= lease.until) return lease;
  const until = laterBy(now, seconds + LEASE_SECONDS);
  return (await ledger.renew(lease, until)) ? { ...lease, until } : undefined;
}
