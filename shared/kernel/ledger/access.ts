/** The ledger as a run uses it: every request a step, every failure classified, a lost ledger a fact and not an exception. */

import type { HistoryReading } from '../decision.ts';
import { surroundings } from '../../aws/clients.ts';
import type { Config } from '../config.ts';
import { attempt, type Attempt, type Host } from '../hosts/host.ts';
import type { KillSwitch, Lease, LeaseAnswer, LeaseRequest, Ledger, ResourceState } from './ledger.ts';
import { dynamoLedger } from './dynamodb.ts';
import { TerminalError } from '../errors.ts';

/** A reading of the kill switch is good for this long (the design's figure): one read serves a short run. */
export const SWITCH_READING_SECONDS = 60;

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

function relevant(switches: readonly KillSwitch[], runbook: string): KillSwitch | undefined {
  return switches.find(({ scope }) => scope === 'all' || scope === runbook);
}

/** Reads the kill switch as a step. */
export async function readSwitch(host: Host, ledger: Ledger, runbook: string): Promise<SwitchReading> {
  const reading = await attempt(host, 'kill-switch', async () => relevant(await ledger.switches(), runbook) ?? null);
  return { on: reading.ok ? (reading.value ?? undefined) : undefined, lost: !reading.ok, at: reading.endedAt };
}

/** Reads it again inside a step that is about to change something. Throws when the ledger does not answer. */
export async function rereadSwitch(ledger: Ledger, runbook: string): Promise<SwitchReading> {
  const on = relevant(await ledger.switches(), runbook);
  return { on, lost: false, at: new Date().toISOString() };
}

/** Reads as a step, and once more: a single throttled read must not look like an outage, which changes what is decided. */
async function readTwice<T>(host: Host, name: string, read: () => Promise<T>): Promise<Attempt<T>> {
  const first = await attempt(host, name, read);
  return first.ok ? first : attempt(host, `${name}:again`, read);
}

/** All resources' states by ARN, or that they cannot be had. */
export type Resources = ReadonlyMap<string, ResourceState> | 'lost';

/** Reads every resource's state as a step: for schedules and people, who may ask about any of them. */
export async function readResources(host: Host, ledger: Ledger): Promise<Resources> {
  const reading = await readTwice(host, 'resources', () => ledger.resources());
  return reading.ok ? new Map(reading.value.map((state) => [state.resource, state])) : 'lost';
}

/** Reads one resource's history as a step. */
export async function readHistory(host: Host, ledger: Ledger, name: string, resource: string): Promise<HistoryReading> {
  const reading = await readTwice(host, name, () => ledger.resource(resource));
  return reading.ok ? reading.value : 'lost';
}

/** Takes a lease as a step; one repeat for a lost reply (the owner finds its own lease, so nothing is booked twice). */
export async function takeLease(
  host: Host,
  ledger: Ledger,
  name: string,
  request: LeaseRequest,
): Promise<Attempt<LeaseAnswer>> {
  const first = await attempt(host, name, () => ledger.acquire(request));
  if (first.ok || first.fault.class === 'terminal') return first;
  return attempt(host, `${name}:again`, () => ledger.acquire(request));
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
