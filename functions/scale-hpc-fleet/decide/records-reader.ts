/** Reads what the ledger keeps of gangs, of rungs, and of whoever works with a gang. Pure. */

import * as z from 'zod/mini';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { MOST_TIMES } from './rungs.ts';
import {
  GANG_STATES,
  type Attested,
  type Facts,
  type GangLease,
  type GangRecord,
  type RungMemory,
  type StageRecord,
} from './facts.ts';

/** An item of the data ledger. */
export interface LedgerItem {
  readonly partition: string;
  readonly key: string;
  readonly version: number;
  readonly value: JsonObject;
  /** Why it cannot be read. */
  readonly fault?: string;
}

/** ISO 8601: text of any other form is no time, whatever JavaScript makes of it. */
const WRITTEN = /^20\d\d-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\d(?:\.\d{1,9})?(?:Z|[+-][01]\d:[0-5]\d)$/u;

/** A time as a ledger's item has it. */
export const time = z.string().check(z.refine((text) => WRITTEN.test(text) && !Number.isNaN(Date.parse(text))));
const nullable = <T extends z.core.SomeType>(of: T): z.ZodMiniNullable<T> => z.nullable(of);

const rung = z.object({
  instanceType: z.string(),
  subnetId: z.string(),
  zone: z.string(),
  placementGroup: nullable(z.string()),
  market: z.enum(['on-demand', 'spot']),
  reservation: nullable(z.string()),
});

const spec = z.object({
  DeviceIndex: z.number(),
  NetworkCardIndex: z.number(),
  InterfaceType: z.string(),
  Groups: z.array(z.string()),
  DeleteOnTermination: z.boolean(),
  AssociatePublicIpAddress: nullable(z.boolean()),
});

const gang = z.object({
  state: z.enum(GANG_STATES),
  nodes: z.int().check(z.gte(1)),
  queue: z.string(),
  rung,
  launch: nullable(z.object({ templateVersion: z.string(), interfaces: z.array(spec), sentAt: time })),
  askedAt: time,
  upAt: nullable(time),
  why: nullable(z.string()),
  keptAt: nullable(time),
  thinSince: nullable(time),
  // Records of before there were these do not have them.
  failure: z.optional(nullable(z.object({ at: time, why: z.string(), templateVersion: z.string() }))),
  noticedAt: z.optional(nullable(time)),
  spareAt: z.optional(nullable(time)),
  run: z.string(),
});

const capacity = z.object({
  refusals: z.array(
    z.object({
      nodes: z.int().check(z.gte(1)),
      times: z.int().check(z.gte(1), z.lte(MOST_TIMES)),
      since: time,
      at: time,
      name: z.string(),
      of: z.optional(z.string()),
      message: z.optional(z.string()),
    }),
  ),
});

const lease = z.object({ state: z.enum(['free', 'busy', 'closed']), until: z.optional(nullable(time)) });

/** What is kept of a fleet. */
export type Kept = Pick<Facts, 'gangs' | 'memory' | 'leases' | 'unreadable' | 'oddLeases'>;

/** The items of a fleet's gangs, of all rungs, and of all leases. */
export function readRecords(
  items: readonly LedgerItem[],
  rungs: readonly LedgerItem[],
  taken: readonly LedgerItem[],
): Kept {
  const gangs = items.map((item) => ({ item, record: gangIn(item) }));
  const ids = new Set(gangs.map(({ item }) => idIn(item)));
  const leases = taken.filter(({ key }) => ids.has(key)).map((item) => ({ item, read: leaseIn(item) }));
  return {
    gangs: gangs.flatMap(({ record }) => record ?? []),
    memory: Object.fromEntries(rungs.map((item) => [item.key, memoryIn(item)])),
    leases: Object.fromEntries(leases.map(({ item, read }) => [item.key, read ?? unreadable(item)])),
    oddLeases: leases.flatMap(({ item, read }) => (read === undefined ? [item.key] : [])),
    unreadable: gangs
      .filter(({ record }) => record === undefined)
      .map(({ item }) => `data ledger, ${item.partition}/${item.key} cannot be read`),
  };
}

function idIn({ key }: LedgerItem): string {
  return key.split('/').at(-1) ?? '';
}

function valueOf({ value, fault }: LedgerItem): JsonObject | undefined {
  return fault === undefined ? value : undefined;
}

function gangIn(item: LedgerItem): GangRecord | undefined {
  const read = z.safeParse(gang, valueOf(item));
  const id = idIn(item);
  // Of no id would be whatever was launched without a token.
  if (!read.success || id === '') return undefined;
  const { failure = null, noticedAt = null, spareAt = null } = read.data;
  return { ...read.data, failure, noticedAt, spareAt, id, version: item.version };
}

/** What cannot be read of a rung holds nothing back: AWS says it again. */
function memoryIn(item: LedgerItem): RungMemory {
  const read = z.safeParse(capacity, valueOf(item));
  const refusals = read.success ? read.data.refusals : [];
  return {
    version: item.version,
    refusals: refusals.map(({ of, message, ...known }) => ({
      ...known,
      ...(of === undefined ? {} : { of }),
      ...(message === undefined ? {} : { message }),
    })),
  };
}

function leaseIn(item: LedgerItem): GangLease | undefined {
  const read = z.safeParse(lease, valueOf(item));
  return read.success ? { version: item.version, state: read.data.state, until: utc(read.data.until) } : undefined;
}

function utc(text: string | null | undefined): string | null {
  return text === undefined || text === null ? null : new Date(text).toISOString();
}

/** Somebody may be at work: nobody ends such a gang. */
function unreadable({ version }: LedgerItem): GangLease {
  return { version, state: 'busy', until: null };
}

const attest = z.union([
  z.object({ ok: z.literal(true), efa: z.optional(z.int().check(z.gte(0))) }),
  z.object({ ok: z.literal(false), why: z.optional(z.string()) }),
]);

/** Characters of what a node says that people are told. */
const MOST_SAID = 200;

/** What the nodes of a gang have said: items with the keys `GANG/INDEX`. What cannot be read was not said. */
export function attestedIn(items: readonly LedgerItem[]): Attested {
  const said = items.flatMap((item) => {
    const index = Number(item.key.split('/').at(-1));
    const read = z.safeParse(attest, valueOf(item));
    return read.success && Number.isInteger(index) ? [{ index, ...read.data }] : [];
  });
  const ready = said.flatMap((one) => (one.ok ? [one] : []));
  const faults = said.flatMap((one) => (one.ok ? [] : [`node ${one.index}: ${one.why ?? 'it cannot work'}`]));
  const efa = ready.flatMap((one) => one.efa ?? []);
  return {
    ready: ready.map(({ index }) => index),
    fewestEfa: efa.length === 0 ? null : Math.min(...efa),
    fault: faults[0]?.slice(0, MOST_SAID) ?? null,
  };
}

const stage = z.object({
  source: z.string(),
  asked: nullable(z.object({ covers: z.int().check(z.gte(1)), at: time, known: z.array(z.string()) })),
  staged: nullable(z.object({ covers: z.int().check(z.gte(1)), at: time })),
  failed: nullable(
    z.object({ times: z.int().check(z.gte(1), z.lte(1_000)), at: time, name: z.string(), message: z.string() }),
  ),
});

/** What is kept of a fleet's stage-in. What cannot be read, or is of another source, covers no job. */
export function readStageRecord(item: LedgerItem | undefined, source: string): StageRecord {
  const nothingKept = { version: item?.version ?? 0, asked: null, staged: null, failed: null };
  const read = z.safeParse(stage, item === undefined ? undefined : valueOf(item));
  if (!read.success || read.data.source !== source) return nothingKept;
  const { asked, staged, failed } = read.data;
  return { version: nothingKept.version, asked, staged, failed };
}
