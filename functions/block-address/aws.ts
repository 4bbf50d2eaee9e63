/**
 * Reads and writes for `block-address`. Behind it, in `aws/`: what a run is started with (`requests`), and what the account shows
 * that nobody may have blocked (`sources`), which only the schedule asks. A request reads the ledger and no more.
 */

import {
  ALLOW,
  allowRowOf,
  BLOCK,
  blockRowOf,
  blockRowsOf,
  NEVER_BLOCK,
  neverBlockRowOf,
  type BlockRow,
} from '../../shared/judgement/blocklist/rows.ts';
import type { JsonObject, PlannedCall } from '../../shared/kernel/decision.ts';
import type { Change, Io, Located, Verification } from '../../shared/kernel/definition.ts';
import { readConfig } from '../../shared/kernel/config.ts';
import { dataWrite } from '../../shared/kernel/ledger/data-write.ts';
import { DATA_WRITE, writeOf } from '../../shared/kernel/ledger/planned-write.ts';
import { openData } from '../../shared/kernel/ledger/data.ts';
import { openLedger } from '../../shared/kernel/ledger/access.ts';
import { readSources } from './aws/sources.ts';
import type { Request } from './aws/requests.ts';
import { targetOf, type Facts, type Guard, type NetworkAsk } from './decide.ts';

export { requestOf, type Request } from './aws/requests.ts';

/** Facts as they are seen here; the kernel adds what it knows. */
export type Seen = Omit<Facts, 'history'>;

const RUNBOOK = 'block-address';

/** One target: the network or the incident that is asked about, or what may never be blocked. */
export async function locate(request: Request, io: Io): Promise<readonly Located<Seen>[]> {
  const { ask } = request;
  const target = ask.action === 'read-never-block' ? NEVER_BLOCK : targetOf(ask);
  return [{ target, facts: await observe(target, request, io) }];
}

/** Reads what the ledger has about it. Throws what DynamoDB throws: a ledger that does not answer knows of no block. */
export async function observe(_target: string, { ask, by, why, delivery }: Request, io: Io): Promise<Seen> {
  const asker = { by, why, delivery, run: io.run };
  const nothing = { row: null, rows: [], allowed: null, sources: [] };
  if (ask.action !== 'read-never-block') return { ask, asker, ...nothing, ...(await readRows(ask)) };
  const [sources, guard] = await Promise.all([readSources(io), readNeverBlock()]);
  return { ask, asker, ...nothing, sources, guard };
}

async function readRows(ask: NetworkAsk): Promise<Pick<Seen, 'row' | 'rows' | 'allowed' | 'guard'>> {
  const data = openData();
  const { cidr, action } = ask;
  const needsAll = action === 'unblock' || action === 'extend' || cidr === null;
  const [row, rows, allow, guard] = await Promise.all([
    cidr === null ? null : readRow(cidr),
    needsAll ? data.list(BLOCK) : [],
    data.list(ALLOW),
    readNeverBlock(),
  ]);
  const allowed = allow.map(allowRowOf);
  return {
    row,
    rows: blockRowsOf(rows).rows,
    allowed: allowed.find((each) => each.cidr === cidr) ?? null,
    guard: { ...guard, allow: allowed },
  };
}

async function readRow(cidr: string): Promise<BlockRow> {
  const item = await openData().read(BLOCK, cidr);
  return item === undefined ? { cidr, reasons: [], version: 0 } : blockRowOf(item);
}

/** When the sources were read stands in the control ledger: a reading without news is to wake nobody. */
async function readNeverBlock(): Promise<Guard> {
  const [items, { memory }] = await Promise.all([
    openData().list(NEVER_BLOCK),
    openLedger(readConfig()).resource(NEVER_BLOCK),
  ]);
  return { neverBlock: items.map(neverBlockRowOf), allow: [], readAt: memory };
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
 * The request that takes a block back: the network for that incident, and no other reason. Whoever has unblocked, extended or
 * allowed is offered none: to unblock for an incident would not be the way back.
 */
export function undoRequest(target: string, plan: readonly PlannedCall[]): JsonObject | undefined {
  const [first] = plan;
  const incident = first?.input['blocksFor'];
  if (plan.length !== 1 || typeof incident !== 'string') return undefined;
  return { runbook: RUNBOOK, params: { action: 'unblock', cidr: target, incident } };
}
