/**
 * Reads and writes for `block-address`. Behind it, in `aws/`: what a run is started with (`requests`), and what the account shows
 * that nobody may have blocked (`sources`), which only the schedule asks; whom a rule holds (`rate-based`), which only an alarm asks. A
 * request reads the ledger and no more.
 */

import {
  ALLOW,
  allowRowsOf,
  ANYCAST_READ,
  BLOCK,
  blockRowOf,
  blockRowsOf,
  NEVER_BLOCK,
  SHARED_EGRESS,
  rangesRowsOf,
  sharedRowsOf,
  type BlockRow,
} from '../../shared/judgement/blocklist/rows.ts';
import { rowsOf } from '../../shared/judgement/blocklist/items.ts';
import {
  isListed,
  LIST,
  LIST_SETTINGS,
  listName,
  listRowsOf,
  listSettingsOf,
} from '../../shared/judgement/blocklist/list-rows.ts';
import { LISTED, protectionsOf } from '../../shared/judgement/blocklist/listed-rows.ts';
import type { JsonObject, PlannedCall } from '../../shared/kernel/decision.ts';
import type { Change, Io, Located, Verification } from '../../shared/kernel/definition.ts';
import { readConfig } from '../../shared/kernel/config.ts';
import { classify, TerminalError } from '../../shared/kernel/errors.ts';
import { dataWrite } from '../../shared/kernel/ledger/data-write.ts';
import { DATA_WRITE, writeOf } from '../../shared/kernel/ledger/planned-write.ts';
import { openData } from '../../shared/kernel/ledger/data.ts';
import { openLedger } from '../../shared/kernel/ledger/access.ts';
import { heldBy } from './aws/rate-based.ts';
import { readSources } from './aws/sources.ts';
import type { Request } from './aws/requests.ts';
import {
  clientIn,
  incidentOfAlarm,
  isSharedRowOf,
  namedIn,
  oursBy,
  targetOf,
  type Ask,
  type Facts,
  type Guard,
  type HeldBy,
  type KeptRow,
  type ListsSeen,
  type NetworkAsk,
  type Wish,
} from './decide.ts';

export { requestOf, type Request } from './aws/requests.ts';

/** Facts as they are seen here; the kernel adds what it knows. */
export type Seen = Omit<Facts, 'history'>;

const RUNBOOK = 'block-address';

/** A target for each thing that is asked: the network or the incident, the finding, the alarm, or what may never be blocked. */
export async function locate(request: Request, io: Io): Promise<readonly Located<Seen>[]> {
  const reading = await readGuard(io);
  const isOurs = oursBy(reading.guard, io.now());
  return Promise.all(request.asks.map((wish) => lookAt(asked(wish, isOurs), reading, request, io)));
}

/** What is asked: of a header who its client is. */
function asked(wish: Wish, isOurs: (cidr: string) => boolean): Ask {
  if (!('forwardedFor' in wish)) return wish;
  const client = clientIn(wish.forwardedFor, isOurs);
  if ('refusal' in client) return { action: 'find-nobody', ...client };
  const { action, incident, ttlSeconds } = wish;
  return { action, cidr: client.cidr, hadHostBits: false, incident, ttlSeconds, forwarded: client.taken };
}

/** What cannot be read about one of several is its own fault. */
async function lookAt(ask: Ask, reading: Reading, request: Request, io: Io): Promise<Located<Seen>> {
  const target = targetOf(ask);
  try {
    return { target, facts: await factsAbout(ask, reading, request, io) };
  } catch (error) {
    return { target, fault: classify(error) };
  }
}

/**
 * Reads what the ledger has about it. Throws what DynamoDB throws: a ledger that does not answer knows of no block.
 * @throws TerminalError where the request asks nothing of that name
 */
export async function observe(target: string, request: Request, io: Io): Promise<Seen> {
  // Who the client is has been found: what has become ours since is for the guards to say.
  const asks = request.asks.map((wish) => asked(wish, (cidr) => cidr !== target));
  const ask = asks.find((each) => targetOf(each) === target);
  if (ask === undefined) throw new TerminalError(`${target} is not asked about`);
  return factsAbout(ask, await readGuard(io), request, io);
}

const NO_LISTS: ListsSeen = { rows: [], settings: {}, settingsFault: null };

async function factsAbout(ask: Ask, { guard, listed }: Reading, request: Request, io: Io): Promise<Seen> {
  const { by, why, delivery, sentAt } = request;
  const asker = { by, why, delivery, sentAt, run: io.run };
  const facts = { ask, asker, guard, lists: NO_LISTS, row: null, rows: [], kept: [], held: null, sources: [] };
  if (ask.action === 'find-nobody') return facts;
  if (ask.action === 'take-in') return { ...facts, lists: await listsOf(listed, listName(ask.object)) };
  if ('list' in ask) return { ...facts, lists: await listsOf(listed, null) };
  if (ask.action === 'read-never-block') return { ...facts, sources: await readSources(io) };
  if (ask.action === 'heed') return { ...facts, rows: await Promise.all(namedIn(ask.finding).map(readRow)) };
  if (ask.action === 'heed-alarm') {
    const held = await heldBy(ask.metrics, io);
    return { ...facts, held, rows: await rowsOfHeld(held, incidentOfAlarm(ask), io) };
  }
  return { ...facts, ...(await readRows(ask, guard, listed)) };
}

/**
 * Rows of whom the rule holds, and those that this very run has written for the alarm: before it died it may have blocked somebody
 * whom the rule holds no longer.
 * @throws TerminalError where a row of a held address cannot be read
 */
async function rowsOfHeld(held: HeldBy, incident: string, { run }: Io): Promise<readonly BlockRow[]> {
  const items = await openData().list(BLOCK);
  const keys = new Set('addresses' in held ? held.addresses.map(({ address }) => address) : []);
  const others = blockRowsOf(items.filter(({ key }) => !keys.has(key))).rows;
  const isOwn = ({ reasons }: BlockRow): boolean =>
    reasons.some((reason) => reason.incident === incident && reason.run === run);
  return [...items.filter(({ key }) => keys.has(key)).map(blockRowOf), ...others.filter(isOwn)];
}

async function readRows(
  ask: NetworkAsk,
  guard: Guard,
  listed: Listed,
): Promise<Pick<Seen, 'row' | 'rows' | 'kept' | 'lists'>> {
  const { cidr, action } = ask;
  const needsAll = action === 'unblock' || action === 'extend' || cidr === null;
  const [row, rows, lists] = await Promise.all([
    cidr === null ? null : readRow(cidr),
    needsAll ? openData().list(BLOCK) : [],
    action === 'unblock' ? listsOf(listed, null) : NO_LISTS,
  ]);
  return { row, rows: blockRowsOf(rows).rows, lists, kept: cidr === null ? [] : keptOf(cidr, action, guard) };
}

/** Rows about the very network: operators may have spelt it in several ways. */
function keptOf(cidr: string, action: NetworkAsk['action'], { allow, sharedEgress }: Guard): readonly KeptRow[] {
  if (action === 'share')
    return sharedEgress
      .filter((row) => isSharedRowOf(row, cidr))
      .map(({ source, until = null, run = '', version }) => ({ key: source, until, run, version }));
  return allow
    .filter((row) => row.cidr === cidr)
    .map(({ key = cidr, until, run, version }) => ({ key, until, run, version }));
}

/** All lists, and what the operator wants of one that is offered. */
async function listsOf({ rows, unreadable }: Listed, offered: string | null): Promise<ListsSeen> {
  const settings = offered === null ? undefined : await openData().read(LIST_SETTINGS, offered);
  const read = rowsOf(settings === undefined ? [] : [settings], listSettingsOf);
  // Another list's row says nothing about this one.
  const own = unreadable.filter((fault) => fault.startsWith(`ledger ${LIST}/${offered ?? ''}: `));
  const [settingsFault = null] = [...read.unreadable, ...own];
  return { rows, settings: read.rows[0] ?? {}, settingsFault };
}

async function readRow(cidr: string): Promise<BlockRow> {
  const item = await openData().read(BLOCK, cidr);
  return item === undefined ? { cidr, reasons: [], version: 0 } : blockRowOf(item);
}

/** What every look reads of the ledger, whatever is asked. */
interface Reading {
  readonly guard: Guard;
  readonly listed: Listed;
}

type Listed = ReturnType<typeof listRowsOf>;

/** When the sources were read stands in the control ledger: a reading without news is to wake nobody. */
async function readGuard(io: Io): Promise<Reading> {
  const data = openData();
  const ledger = openLedger(readConfig());
  const [items, allow, shared, lists, listed, own, anycast] = await Promise.all([
    data.list(NEVER_BLOCK),
    data.list(ALLOW),
    data.list(SHARED_EGRESS),
    data.list(LIST),
    data.list(LISTED),
    ledger.resource(NEVER_BLOCK),
    ledger.resource(ANYCAST_READ),
  ]);
  const [protects, allows, shares] = [rangesRowsOf(items), allowRowsOf(allow), sharedRowsOf(shared)];
  const now = io.now();
  const rows = listRowsOf(lists);
  const holding = rows.rows.filter((row) => isListed(row, now));
  const guard = {
    neverBlock: protects.rows,
    allow: allows.rows,
    sharedEgress: shares.rows,
    listed: protectionsOf(holding, listed, now).lists,
    unreadable: [...protects.unreadable, ...allows.unreadable, ...shares.unreadable],
    readAt: { ...anycast.memory, ...own.memory },
  };
  return { guard, listed: rows };
}

/** The one changing call. */
export const apply: { readonly [call: string]: Change } = { [DATA_WRITE]: dataWrite };

/** Reads back what was written: this version, or one that somebody has written on top of it. */
export async function verify(_target: string, plan: readonly PlannedCall[]): Promise<Verification> {
  for (const { input } of plan) {
    const { partition, key, ifVersion } = writeOf(input);
    const item = await openData().read(partition, key);
    if ((item?.version ?? 0) <= ifVersion) return { ok: false, why: `${partition}/${key} is not there` };
  }
  return { ok: true };
}

/**
 * The request that takes a block back: what was blocked for that incident or finding, and no other reason. Whoever has unblocked,
 * extended or allowed is offered none: to unblock for an incident would not be the way back.
 */
export function undoRequest(target: string, plan: readonly PlannedCall[]): JsonObject | undefined {
  const incidents = new Set(plan.map(({ input }) => input['blocksFor']));
  const [incident] = incidents;
  if (incidents.size !== 1 || typeof incident !== 'string') return undefined;
  const cidr = plan.length === 1 && plan[0]?.input['key'] === target ? { cidr: target } : {};
  return { runbook: RUNBOOK, params: { action: 'unblock', ...cidr, incident } };
}
